"""Other products of the shop, where what somebody came for cannot be had."""

from collections.abc import Collection

from api.pages import shelf, showcase
from api.pages.places import Way
from api.pages.views import Other
from api.services import Services
from catalog import offers, products
from catalog.products import Filters
from core.db import AsyncSession

_MOST = 4


async def of_shop(
    session: AsyncSession, services: Services, way: Way, without: Collection[str], *, like: str | None = None
) -> tuple[Other, ...]:
    """What can be bought now, reached in the same way: the post keeps its credit. Nothing of `without`.

    First what shares most tags with the product `like`, then the newest.
    """
    shop = way.shop
    rows = await products.resembling(session, shop, like, 3 * _MOST) if like is not None else []
    newest, _ = await products.list_page(session, shop, Filters(status="active"), 3 * _MOST + len(without), None)
    candidates = {each.id: each for each in (*rows, *newest) if each.id not in without}
    known = await offers.of_products(session, shop, candidates, shop.currency)
    found: list[Other] = []
    for row in candidates.values():
        if len(found) == _MOST:
            break
        product = known[row.id]
        offer = shelf.cheapest([each for each in shelf.sellable(product) if each.in_stock])
        if offer is None:
            continue
        pictures = await showcase.of_product(session, services.storage, shop, product.pictures, product.title, most=1)
        price, _ = shelf.prices(offer, way.frame.messages.locale)
        is_links_own = way.link is not None and way.link.product_id == row.id
        url = way.address() if is_links_own else way.of_product(row.id, row.slug)
        found.append(Other(title=row.title, price=price, url=url, picture=pictures[0] if pictures else None))
    return tuple(found)
