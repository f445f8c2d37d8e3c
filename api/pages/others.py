"""Other products of the shop, where what somebody came for cannot be had."""

from collections.abc import Collection

from api.pages import shelf, showcase
from api.pages.places import Way
from api.pages.views import Other
from api.services import Services
from catalog import offers, windows
from catalog.offers import Offer, ProductOffers
from core.db import AsyncSession

_MOST = 4


async def of_shop(
    session: AsyncSession, services: Services, way: Way, without: Collection[str], *, like: str | None = None
) -> tuple[Other, ...]:
    """What can be bought now, reached in the same way: the post keeps its credit. Nothing of `without`.

    First what shares most tags with the product `like`, then the newest.
    """
    shop = way.shop
    alike = await windows.resembling(session, shop, like, 3 * _MOST) if like is not None else []
    newest, _ = await windows.newest(session, shop, 3 * _MOST + len(without))
    candidates = [each for each in dict.fromkeys((*alike, *newest)) if each not in without]
    known = await offers.of_products(session, shop, candidates, shop.currency)
    sold: list[tuple[ProductOffers, Offer]] = []
    for product_id in candidates:
        offer = shelf.cheapest([each for each in shelf.sellable(known[product_id]) if each.in_stock])
        if offer is not None and len(sold) < _MOST:
            sold.append((known[product_id], offer))
    pictures = await showcase.of_products(session, services.storage, shop, [product for product, _ in sold])
    found: list[Other] = []
    for (product, offer), picture in zip(sold, pictures, strict=True):
        price, _ = shelf.prices(offer, way.frame.messages.locale)
        is_links_own = way.link is not None and way.link.product_id == product.product_id
        url = way.address() if is_links_own else way.of_product(product.product_id, product.slug)
        found.append(Other(title=product.title, price=price, url=url, picture=picture))
    return tuple(found)
