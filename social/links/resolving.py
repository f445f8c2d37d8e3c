"""From what an address asks for to a cart of one shop: the one place where all permalinks end."""

from collections import defaultdict
from collections.abc import Sequence

from catalog import identifiers
from catalog.identifiers import Named
from core import shops
from core.db import AsyncSession
from core.shops import Shop
from social.links import carts
from social.links.carts import Cart
from social.links.errors import UnknownShopOfLink
from social.links.wanted import Wanted


async def resolve(session: AsyncSession, wanted: Wanted, shop: Shop | None) -> tuple[Shop, Cart]:
    """The shop and the cart that an address means; `shop` is the one that it names, if it names one.

    What is not known in that shop is counted, never refused: the page says so. Without a name the shop is the only one
    there is, or the one that ids of variants belong to, or the only one that has all SKUs; refuses UnknownShopOfLink.
    """
    shop = shop or await shops.only(session)
    names = {item.name for item in wanted.items}
    found = await identifiers.find(session, names, shop)
    if shop is None:
        shop = await shops.get(session, _shop_of(found, len(names)))
    known = {each.name: each.variant_id for each in found if each.shop_id == shop.id}
    lines = [(known[item.name], item.quantity) for item in wanted.items if item.name in known]
    return shop, Cart(
        shop.id,
        carts.add_up(lines),
        wanted.code,
        wanted.country,
        missing=len(wanted.items) - len(lines) + wanted.unreadable,
        partial=wanted.partial,
    )


def _shop_of(found: Sequence[Named], names: int) -> str:
    """Whose variants these are; refuses UnknownShopOfLink where that is nobody's, or several shops'."""
    owners = {each.shop_id for each in found if each.by_id}
    if not owners:
        known = defaultdict(set)
        for each in found:
            known[each.shop_id].add(each.name)
        owners = {shop_id for shop_id, its in known.items() if len(its) == names}
    if len(owners) != 1:
        raise UnknownShopOfLink("Name the shop: /s/its-slug/buy/… or /s/its-slug/checkout.")
    return owners.pop()
