"""Variants: what of a product lies in the cart."""

from collections.abc import Mapping, Sequence

from sqlmodel import col, func, select

from catalog import prices, rows, search, stock
from catalog.errors import OptionsMismatch, ProductNotFound, SkuTaken, TooManyVariants, VariantTaken
from catalog.facts import variant_title
from catalog.models import Product, Variant
from catalog.schemas import MAX_VARIANTS, VariantChange, VariantCreate
from core import clock, db, ids
from core.db import AsyncSession
from core.errors import Gone, expect
from core.shops import Shop
from core.wire import UNSET

Values = tuple[str, str, str]


async def add(session: AsyncSession, shop: Shop, product_id: str, data: VariantCreate) -> Variant:
    """Add one variant to a product, last in order.

    Refuses ProductNotFound, TooManyVariants, OptionsMismatch, VariantTaken, SkuTaken, CompareAtTooLow, UnknownCurrency
    and BadAmount.
    """
    product = await rows.lock_product(session, shop, product_id)
    names = await rows.option_names(session, product_id)
    (variant,) = await add_all(session, shop, product, names, [data])
    await rows.touch_product(session, shop, product, ["variants"])
    await search.index(session, shop.id, [product.id])
    return variant


async def add_all(
    session: AsyncSession, shop: Shop, product: Product, names: Sequence[str], wanted: Sequence[VariantCreate]
) -> list[Variant]:
    """Add variants to a product that is new or locked; `names` are its options. Refuses what `add` refuses."""
    living = await rows.living_variants(session, product.id)
    if len(living) + len(wanted) > MAX_VARIANTS:
        raise TooManyVariants(f"A product has at most {MAX_VARIANTS} variants.", limit=MAX_VARIANTS)
    last = await session.scalar(select(func.max(Variant.position)).where(Variant.product_id == product.id)) or 0
    chosen = [values(names, data.options) for data in wanted]
    _check_combinations([*map(_values, living), *chosen])
    await _check_skus(session, shop, [data.sku for data in wanted if data.sku is not None])
    added = [
        _new(product, position, of, data)
        for position, (of, data) in enumerate(zip(chosen, wanted, strict=True), last + 1)
    ]
    await rows.keep_variants(session, added)
    for variant, data in zip(added, wanted, strict=True):
        await prices.put_all(session, shop, variant, data.prices)
        stock.begin(session, variant)
    await session.flush()
    return added


async def get(session: AsyncSession, shop: Shop, variant_id: str) -> Variant:
    """The variant with this id, archived ones too; refuses VariantNotFound, in the same words for another shop's."""
    return await rows.variant(session, shop, variant_id)


async def list_page(
    session: AsyncSession, shop: Shop, product_id: str, limit: int, cursor: str | None, *, on_sale: bool = False
) -> tuple[list[Variant], str | None]:
    """One page of a product's living variants, newest first.

    Refuses ProductNotFound, with `on_sale` also for one that is not active.
    """
    product = await rows.product(session, shop, product_id)
    if on_sale and product.status != "active":
        raise ProductNotFound
    chosen = select(Variant).where(
        Variant.shop_id == shop.id, Variant.product_id == product_id, col(Variant.archived_at).is_(None)
    )
    return await db.page(session, chosen, Variant.id, limit, cursor)


async def change(
    session: AsyncSession, shop: Shop, variant_id: str, data: VariantChange, version: int | None
) -> Variant:
    """Change what `data` names; a version of None is any.

    Refuses VariantNotFound, Gone, PreconditionFailed, OptionsMismatch, VariantTaken, SkuTaken.
    """
    variant = await rows.lock_variant(session, shop, variant_id)
    expect(variant.version, version)
    if isinstance(data.sku, str) and data.sku != variant.sku:
        await _check_skus(session, shop, [data.sku])
    if data.options is not UNSET:
        names = await rows.option_names(session, variant.product_id)
        chosen = values(names, data.options)
        others = [row for row in await rows.living_variants(session, variant.product_id) if row.id != variant.id]
        _check_combinations([*map(_values, others), chosen])
        variant.option1, variant.option2, variant.option3 = chosen
    for name in ("sku", "barcode", "weight_grams", "requires_shipping"):
        if (value := getattr(data, name)) is not UNSET:
            setattr(variant, name, value)
    await rows.touch_variant(session, shop, variant)
    await search.index(session, shop.id, [variant.product_id])
    return variant


async def archive(session: AsyncSession, shop: Shop, variant_id: str) -> None:
    """Take the variant off sale and free its SKU; doing it twice is doing it once. Refuses VariantNotFound."""
    try:
        variant = await rows.lock_variant(session, shop, variant_id)
    except Gone:
        return
    variant.archived_at = clock.now()
    await rows.touch_variant(session, shop, variant)
    await search.index(session, shop.id, [variant.product_id])


def values(names: Sequence[str], options: Mapping[str, str]) -> Values:
    """Option values in the order of the product's options; refuses OptionsMismatch unless each has one."""
    if set(names) != set(options):
        raise OptionsMismatch(
            f"This product's options are: {', '.join(names) or 'none'}.", expected=list(names), given=sorted(options)
        )
    first, second, third = ([options[name] for name in names] + ["", "", ""])[:3]
    return first, second, third


def _new(product: Product, position: int, chosen: Values, data: VariantCreate) -> Variant:
    now = clock.now()
    return Variant(
        id=ids.new("var"), shop_id=product.shop_id, product_id=product.id, position=position,
        option1=chosen[0], option2=chosen[1], option3=chosen[2], sku=data.sku, barcode=data.barcode,
        weight_grams=data.weight_grams, requires_shipping=data.requires_shipping, tracked=data.tracked,
        available=data.available, created_at=now, updated_at=now,
    )  # fmt: skip


def _values(row: Variant) -> Values:
    return row.option1, row.option2, row.option3


def _check_combinations(all_of_product: Sequence[Values]) -> None:
    seen: set[Values] = set()
    for chosen in all_of_product:
        if chosen in seen:
            title = variant_title(*chosen)
            raise VariantTaken(
                f"There is a variant {title!r} already." if title else "A product without options has one variant.",
                variant=title,
            )
        seen.add(chosen)


async def _check_skus(session: AsyncSession, shop: Shop, wanted: Sequence[str]) -> None:
    standing = select(Variant.sku).where(
        Variant.shop_id == shop.id, col(Variant.sku).in_(wanted), col(Variant.archived_at).is_(None)
    )
    sku = (await session.exec(standing)).first() or next((sku for sku in wanted if wanted.count(sku) > 1), None)
    if sku is not None:
        raise SkuTaken(f"Another variant has the SKU {sku!r}.", sku=sku)
