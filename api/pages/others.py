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
    found: list[Other] = []
    for row in {each.id: each for each in (*rows, *newest)}.values():
        if row.id in without or len(found) == _MOST:
            continue
        product = await offers.of_product(session, shop, row.id, shop.currency)
        offer = shelf.cheapest([each for each in shelf.sellable(product) if each.in_stock])
        if offer is None:
            continue
        pictures = await showcase.of_product(session, services.storage, shop, product.pictures, product.title, most=1)
        price, _ = shelf.prices(offer, way.frame.messages.locale)
        is_links_own = way.link is not None and way.link.product_id == row.id
        url = way.address() if is_links_own else way.beside(product=row.id)
        found.append(Other(title=row.title, price=price, url=url, picture=pictures[0] if pictures else None))
    return tuple(found)
