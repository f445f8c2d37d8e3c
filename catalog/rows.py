"""Finding a product or a variant of a shop, locking it, and giving it a new version.

Another shop's id is refused in the same words as an unknown one.
"""

from collections.abc import Sequence

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from catalog.errors import ProductNotFound, SkuTaken, SlugTaken, VariantNotFound
from catalog.events import ProductChanged
from catalog.models import Product, ProductOption, Variant
from core import clock, events
from core.db import AsyncSession
from core.errors import Gone
from core.shops import Shop


async def product(session: AsyncSession, shop: Shop, product_id: str) -> Product:
    """The product with this id; refuses ProductNotFound."""
    chosen = select(Product).where(Product.shop_id == shop.id, Product.id == product_id)
    return _known_product((await session.exec(chosen)).first())


async def lock_product(session: AsyncSession, shop: Shop, product_id: str) -> Product:
    """The product, fresh, and locked until the transaction ends; refuses ProductNotFound."""
    chosen = select(Product).where(Product.shop_id == shop.id, Product.id == product_id).with_for_update()
    return _known_product((await session.exec(chosen.execution_options(populate_existing=True))).first())


async def option_names(session: AsyncSession, product_id: str) -> list[str]:
    """What the product's variants differ in, in order."""
    named = select(ProductOption.name).where(ProductOption.product_id == product_id)
    return list((await session.exec(named.order_by(col(ProductOption.position)))).all())


async def keep_product(session: AsyncSession, row: Product) -> None:
    """Flush in a savepoint: on PostgreSQL another request may have taken the slug since we looked."""
    slug = row.slug
    try:
        async with session.begin_nested():
            session.add(row)
            await session.flush()
    except IntegrityError:
        raise SlugTaken(f"Another product has the slug {slug!r}.", taken=slug) from None


async def touch_product(session: AsyncSession, shop: Shop, row: Product, fields: Sequence[str]) -> None:
    """A new version of a locked product, and the news of it."""
    row.version, row.updated_at = row.version + 1, clock.now()
    await keep_product(session, row)
    await events.record(session, shop.id, ProductChanged(product_id=row.id, fields=list(fields)))


async def variant(session: AsyncSession, shop: Shop, variant_id: str) -> Variant:
    """The variant with this id, archived ones too; refuses VariantNotFound."""
    chosen = select(Variant).where(Variant.shop_id == shop.id, Variant.id == variant_id)
    return _known_variant((await session.exec(chosen)).first())


async def lock_variant(session: AsyncSession, shop: Shop, variant_id: str) -> Variant:
    """The variant, fresh, and locked until the transaction ends; refuses VariantNotFound, and Gone when archived."""
    chosen = select(Variant).where(Variant.shop_id == shop.id, Variant.id == variant_id).with_for_update()
    row = _known_variant((await session.exec(chosen.execution_options(populate_existing=True))).first())
    if row.archived_at is not None:
        raise Gone("This variant is archived.")
    return row


async def on_sale(session: AsyncSession, shop: Shop, row: Variant) -> bool:
    """Whether a front end may see this variant: it lives and its product is active."""
    return row.archived_at is None and (await product(session, shop, row.product_id)).status == "active"


async def living_variants(session: AsyncSession, product_id: str) -> list[Variant]:
    """The variants of a product that are not archived, in order."""
    chosen = select(Variant).where(Variant.product_id == product_id, col(Variant.archived_at).is_(None))
    return list((await session.exec(chosen.order_by(col(Variant.position)))).all())


async def keep_variants(session: AsyncSession, rows: Sequence[Variant]) -> None:
    """Flush in a savepoint: on PostgreSQL another request may have taken the SKU since we looked."""
    try:
        async with session.begin_nested():
            session.add_all(rows)
            await session.flush()
    except IntegrityError:
        raise SkuTaken("Another variant has this SKU.") from None


async def touch_variant(session: AsyncSession, shop: Shop, row: Variant) -> None:
    """A new version of a locked variant and of its product, and the news of it."""
    row.version, row.updated_at = row.version + 1, clock.now()
    await keep_variants(session, [row])
    await touch_product(session, shop, await lock_product(session, shop, row.product_id), ["variants"])


def _known_product(row: Product | None) -> Product:
    if row is None:
        raise ProductNotFound
    return row


def _known_variant(row: Variant | None) -> Variant:
    if row is None:
        raise VariantNotFound
    return row
