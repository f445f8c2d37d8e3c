"""Products with all that belongs to them, read by columns in a handful of statements however many they are."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec
import sqlalchemy as sa
from sqlmodel import col

from catalog import rows
from catalog.errors import ProductNotFound, VariantNotFound
from catalog.facts import PictureFacts, PriceFacts, ProductSheet, VariantFacts
from catalog.models import Price, Product, ProductOption, ProductPicture, ProductTag, Variant
from core.db import AsyncSession
from core.shops import Shop


async def of_product(session: AsyncSession, shop: Shop, product_id: str, *, on_sale: bool = False) -> ProductSheet:
    """The sheet of one product; refuses ProductNotFound, with `on_sale` also when it is not active."""
    product = await rows.product(session, shop, product_id)
    if on_sale and product.status != "active":
        raise ProductNotFound
    return (await of_products(session, [product]))[0]


async def of_products(session: AsyncSession, rows: Sequence[Product]) -> list[ProductSheet]:
    """The sheets of these products, in their order."""
    wanted = [product.id for product in rows]
    tags, options, pictures = (
        await _tags(session, wanted),
        await _options(session, wanted),
        await _pictures(session, wanted),
    )
    living: dict[str, list[VariantFacts]] = defaultdict(list)
    for variant in await _variants(session, col(Variant.product_id).in_(wanted) & col(Variant.archived_at).is_(None)):
        living[variant.product_id].append(variant)
    return [
        ProductSheet(product, tags[product.id], options[product.id], pictures[product.id], living[product.id])
        for product in rows
    ]


async def of_variant(session: AsyncSession, shop: Shop, variant_id: str, *, on_sale: bool = False) -> VariantFacts:
    """One variant, archived ones too; refuses VariantNotFound, with `on_sale` also when nobody can buy it."""
    variant = await rows.variant(session, shop, variant_id)
    if on_sale and not await rows.on_sale(session, shop, variant):
        raise VariantNotFound
    return (await of_variants(session, [variant]))[0]


async def of_variants(session: AsyncSession, rows: Sequence[Variant]) -> list[VariantFacts]:
    """These variants, in their order."""
    found = {each.id: each for each in await _variants(session, col(Variant.id).in_([row.id for row in rows]))}
    return [found[row.id] for row in rows]


async def _variants(session: AsyncSession, which: sa.ColumnElement[bool]) -> list[VariantFacts]:
    names = [name for name in VariantFacts.__struct_fields__ if name not in ("option_names", "prices")]
    chosen = sa.select(*(getattr(Variant, name) for name in names)).where(which)
    rows = [
        VariantFacts(*row)
        for row in await (await session.connection()).execute(
            chosen.order_by(col(Variant.product_id), col(Variant.position))
        )
    ]
    options = await _options(session, {row.product_id for row in rows})
    prices = await _prices(session, [row.id for row in rows])
    return [msgspec.structs.replace(row, option_names=options[row.product_id], prices=prices[row.id]) for row in rows]


async def _options(session: AsyncSession, product_ids: Iterable[str]) -> dict[str, list[str]]:
    chosen = (
        sa.select(col(ProductOption.product_id), col(ProductOption.name))
        .where(col(ProductOption.product_id).in_(list(product_ids)))
        .order_by(col(ProductOption.position))
    )
    found: dict[str, list[str]] = defaultdict(list)
    for product_id, name in await (await session.connection()).execute(chosen):
        found[product_id].append(name)
    return found


async def _tags(session: AsyncSession, product_ids: list[str]) -> dict[str, list[str]]:
    chosen = (
        sa.select(col(ProductTag.product_id), col(ProductTag.tag))
        .where(col(ProductTag.product_id).in_(product_ids))
        .order_by(col(ProductTag.position))
    )
    found: dict[str, list[str]] = defaultdict(list)
    for product_id, tag in await (await session.connection()).execute(chosen):
        found[product_id].append(tag)
    return found


async def _pictures(session: AsyncSession, product_ids: list[str]) -> dict[str, list[PictureFacts]]:
    chosen = (
        sa.select(col(ProductPicture.product_id), col(ProductPicture.asset_id), col(ProductPicture.alt_text))
        .where(col(ProductPicture.product_id).in_(product_ids), col(ProductPicture.asset_id).is_not(None))
        .order_by(col(ProductPicture.position), col(ProductPicture.id))
    )
    found: dict[str, list[PictureFacts]] = defaultdict(list)
    for product_id, asset_id, alt_text in await (await session.connection()).execute(chosen):
        found[product_id].append(PictureFacts(asset_id, alt_text))
    return found


async def _prices(session: AsyncSession, variant_ids: list[str]) -> dict[str, list[PriceFacts]]:
    chosen = (
        sa.select(col(Price.variant_id), col(Price.amount), col(Price.currency), col(Price.compare_at))
        .where(col(Price.variant_id).in_(variant_ids))
        .order_by(col(Price.currency))
    )
    found: dict[str, list[PriceFacts]] = defaultdict(list)
    for variant_id, *facts in await (await session.connection()).execute(chosen):
        found[variant_id].append(PriceFacts(*facts))
    return found
