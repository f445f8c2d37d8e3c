"""Products with all that belongs to them, read by columns in a handful of statements however many they are."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec
import sqlalchemy as sa
from sqlmodel import col

from catalog import collections, columns, products, rows
from catalog.errors import ProductNotFound, VariantNotFound
from catalog.facts import PriceFacts, ProductSheet, VariantFacts
from catalog.models import Collection, Price, Product, ProductOption, Variant
from catalog.products import Filters
from core import db
from core.db import AsyncSession
from core.shops import Shop


async def of_product(session: AsyncSession, shop: Shop, product_id: str, *, on_sale: bool = False) -> ProductSheet:
    """The sheet of one product; refuses ProductNotFound, with `on_sale` also when it is not active."""
    found = await columns.sheets(session, [col(Product.shop_id) == shop.id, col(Product.id) == product_id])
    if not found or (on_sale and found[0].product.status != "active"):
        raise ProductNotFound
    return found[0]


async def of_products(session: AsyncSession, rows: Sequence[Product]) -> list[ProductSheet]:
    """The sheets of these products, in their order."""
    wanted = [product.id for product in rows]
    found = await columns.sheets(session, [col(Product.id).in_(wanted)])
    by_id = {sheet.product.id: sheet for sheet in found}
    return [by_id[product_id] for product_id in wanted]


async def page(
    session: AsyncSession,
    shop: Shop,
    filters: Filters,
    limit: int,
    cursor: str | None,
    collection: Collection | None = None,
) -> tuple[list[ProductSheet], str | None]:
    """One page of the shop's products as sheets, in one statement.

    Newest first like `products.list_page`; those of a manual collection in the merchant's order.
    """
    last = None if cursor is None else db.place_of(Product.id, cursor)
    where = products.conditions(shop, filters)
    place = collections.place(collection) if collection is not None else None
    if collection is not None:
        where.append(collections.holding(shop, collection))
    if last is not None:
        after = col(Product.id) < last
        where.append(collections.after(collection, last) if collection and place is not None else after)
    found = await columns.sheets(session, where, col(Product.id).desc() if place is None else place, limit + 1)
    following = db.cursor_after(Product.id, found[limit - 1].product.id) if len(found) > limit else None
    return found[:limit], following


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
        for row in await session.core(chosen.order_by(col(Variant.product_id), col(Variant.position)))
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
    for product_id, name in await session.core(chosen):
        found[product_id].append(name)
    return found


async def _prices(session: AsyncSession, variant_ids: list[str]) -> dict[str, list[PriceFacts]]:
    chosen = (
        sa.select(col(Price.variant_id), col(Price.amount), col(Price.currency), col(Price.compare_at))
        .where(col(Price.variant_id).in_(variant_ids))
        .order_by(col(Price.currency))
    )
    found: dict[str, list[PriceFacts]] = defaultdict(list)
    for variant_id, *facts in await session.core(chosen):
        found[variant_id].append(PriceFacts(*facts))
    return found
