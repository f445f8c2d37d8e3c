"""Product facts become what captions tell and templates show: words, and prices written out for the reader."""

from collections.abc import Sequence

import msgspec

from catalog import products, sheets
from catalog.errors import UnknownProduct
from catalog.facts import PriceFacts, ProductSheet
from catalog.models import Product
from core import money
from core.db import AsyncSession
from core.errors import NotFound
from core.money import Money
from core.shops import Shop
from media import asking
from media.looks.scene import Scene
from social import phrases
from social.captions import Shown


class ProductRef(msgspec.Struct, frozen=True):
    """A product, or one variant of it."""

    product_id: str
    variant_id: str | None = None


async def shown(session: AsyncSession, shop: Shop, refs: Sequence[ProductRef]) -> list[Shown]:
    """What there is to say about these products, in their order; variants that are gone leave the price empty.

    Refuses UnknownProduct.
    """
    rows = [await _product(session, shop, product_id) for product_id in dict.fromkeys(ref.product_id for ref in refs)]
    found = {sheet.product.id: sheet for sheet in await sheets.of_products(session, rows)}
    return [_shown(shop, found[ref.product_id], ref.variant_id) for ref in refs]


def check_for_sale(refs: Sequence[ProductRef], found: Sequence[Shown]) -> None:
    """Refuses UnknownProduct for an archived product, or a variant that its product does not have."""
    for ref, each in zip(refs, found, strict=True):
        if not each.living:
            what = "no such variant" if ref.variant_id else "no product on sale"
            raise UnknownProduct(
                f"There is {what}: {ref.variant_id or ref.product_id}.",
                product_id=ref.product_id,
                variant_id=ref.variant_id,
            )


def scene(shop: Shop, found: Sequence[Shown], title: str) -> Scene:
    """What the picture says: the title, the price (the lowest of several), and the shop's name and colours.

    A price before the reduction shows only where the merchant has given one, and only for a single product.
    """
    price, compare_at = found[0].price, found[0].compare_at
    if len(found) > 1:
        amounts = [each.amount for each in found if each.amount is not None]
        price = phrases.starting_at(_display(shop, min(amounts)), shop.locale) if amounts else ""
        compare_at = ""
    return Scene(
        title=phrases.spaced(title, shop.locale),
        price=price,
        compare_at=compare_at,
        shop_name=shop.name,
        brand=asking.brand(shop),
        language=shop.locale.replace("_", "-"),
    )


async def _product(session: AsyncSession, shop: Shop, product_id: str) -> Product:
    try:
        return await products.get(session, shop, product_id)
    except NotFound:
        raise UnknownProduct(f"There is no product {product_id}.", product_id=product_id) from None


def _shown(shop: Shop, sheet: ProductSheet, variant_id: str | None) -> Shown:
    chosen = [each for each in sheet.variants if variant_id in (None, each.id)]
    prices = [price for each in chosen for price in each.prices if price.currency == shop.currency]
    price, compare_at = _prices(shop, prices)
    title = sheet.product.title
    if variant_id is not None and chosen and chosen[0].title:
        title = f"{title} ({chosen[0].title})"
    return Shown(
        title=title,
        price=price,
        compare_at=compare_at,
        description=sheet.product.description,
        keywords=tuple(sheet.tags),
        item=variant_id or (chosen[0].id if chosen else sheet.product.id),
        amount=min((each.amount for each in prices), default=None),
        living=sheet.product.status != "archived" and (variant_id is None or bool(chosen)),
        on_sale=sheet.product.status == "active",
        in_stock=any(not each.tracked or each.available > 0 for each in chosen),
    )


def _prices(shop: Shop, prices: Sequence[PriceFacts]) -> tuple[str, str]:
    """The price and what it was before: `dès …` where variants cost differently, and then no former price."""
    if not prices:
        return "", ""
    lowest = min(each.amount for each in prices)
    if any(each.amount != lowest for each in prices):
        return phrases.starting_at(_display(shop, lowest), shop.locale), ""
    former = {each.compare_at for each in prices}
    before = former.pop() if len(former) == 1 else None
    return _display(shop, lowest), _display(shop, before) if before is not None else ""


def _display(shop: Shop, amount: int) -> str:
    return money.display(Money(amount, shop.currency), shop.locale)
