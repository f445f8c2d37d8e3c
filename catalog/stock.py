"""What is left of each variant, and every piece that came or went.

Taking is one conditional UPDATE per variant: of fifty buyers on five pieces, five get one, on any number of
machines. Untracked variants are never counted. Whoever takes the piece by which a variant falls to its threshold tells
so in the same transaction.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

import sqlalchemy as sa
from sqlmodel import col, select

from catalog import rows
from catalog.errors import OutOfStock
from catalog.events import StockLow
from catalog.models import StockMovement, Variant
from catalog.schemas import StockChange
from core import clock, db, events, ids
from core.db import AsyncSession
from core.shops import Shop
from core.wire import UNSET

Reason = Literal["created", "sold", "returned", "corrected", "imported"]


class Left(NamedTuple):
    """What is left of a variant, and what else there is to say of it."""

    available: int
    tracked: bool
    low_stock_at: int | None
    product_id: str
    variant_id: str
    sku: str | None


_PUT = (
    sa.update(db.table_of(Variant))
    .where(col(Variant.id) == sa.bindparam("variant"), col(Variant.shop_id) == sa.bindparam("shop"))
    .values(available=col(Variant.available) + sa.bindparam("delta", type_=sa.Integer))
    .returning(
        col(Variant.available),
        col(Variant.tracked),
        col(Variant.low_stock_at),
        col(Variant.product_id),
        col(Variant.id),
        col(Variant.sku),
    )
)
_TAKE = _PUT.where(col(Variant.tracked).is_(True), col(Variant.available) >= -sa.bindparam("delta", type_=sa.Integer))


async def take(session: AsyncSession, shop: Shop, demand: Mapping[str, int], *, reference: str = "") -> frozenset[str]:
    """Take pieces (variant id → how many, each at least 1) all or, by the caller's rollback, none.

    The answer is the variants that were counted down, and whose pieces may be given back: tracking may be switched
    on or off in between. Rows are taken in the order of their ids, so that two carts never wait for each other.
    Refuses OutOfStock (`sku`, `left`), and VariantNotFound for a variant that is unknown or another shop's.
    """
    counted = set()
    for variant_id, quantity in sorted(demand.items()):
        if quantity < 1:
            raise ValueError("Nothing to take.")
        left = await _move(session, shop, variant_id, -quantity)
        if left is None:
            variant = await _fresh(session, shop, variant_id)
            if variant.tracked:
                raise OutOfStock(
                    f"{variant.available} left of {variant.sku or variant.id}.",
                    variant_id=variant.id, sku=variant.sku, left=variant.available, wanted=quantity,
                )  # fmt: skip
        else:
            counted.add(variant_id)
            await _log(session, movement(shop.id, variant_id, -quantity, left.available, "sold", reference))
            await _warn(session, shop, left, -quantity)
    return frozenset(counted)


async def give_back(session: AsyncSession, shop: Shop, demand: Mapping[str, int], *, reference: str = "") -> None:
    """Put pieces back that `take` has counted down, once for each taking; archived variants too.

    A variant that is not tracked any more gets them as well: its number is right if it is tracked again.

    Refuses VariantNotFound.
    """
    for variant_id, quantity in sorted(demand.items()):
        if quantity < 1:
            raise ValueError("Nothing to give back.")
        left = await _move(session, shop, variant_id, quantity)
        if left is None:
            await rows.variant(session, shop, variant_id)  # Unknown, and refused.
        else:
            await _log(session, movement(shop.id, variant_id, quantity, left.available, "returned", reference))


async def adjust(session: AsyncSession, shop: Shop, variant_id: str, delta: int, reference: str = "") -> StockMovement:
    """Pieces came or went elsewhere: add `delta` to what is there, tracked or not.

    Refuses VariantNotFound, Gone, and OutOfStock when more would go than there is.
    """
    variant = await rows.lock_variant(session, shop, variant_id)
    if variant.available + delta < 0:
        raise OutOfStock(
            f"{variant.available} left of {variant.sku or variant.id}.",
            variant_id=variant.id, sku=variant.sku, left=variant.available, wanted=-delta,
        )  # fmt: skip
    return await _set(session, shop, variant, variant.available + delta, "corrected", reference)


async def set_available(
    session: AsyncSession, shop: Shop, variant_id: str, data: StockChange, reference: str = ""
) -> Variant:
    """What a count found: how many there are, whether they are counted at all, and how many are few.

    Refuses VariantNotFound and Gone.
    """
    variant = await rows.lock_variant(session, shop, variant_id)
    if data.tracked is not UNSET:
        variant.tracked = data.tracked
    if data.low_stock_at is not UNSET:
        variant.low_stock_at = data.low_stock_at
    if data.available is not UNSET and data.available != variant.available:
        await _set(session, shop, variant, data.available, "corrected", reference)
    session.add(variant)
    await session.flush()
    return variant


def begin(session: AsyncSession, variant: Variant) -> None:
    """The first movement of a new variant, where it starts with pieces."""
    if variant.available:
        session.add(movement(variant.shop_id, variant.id, variant.available, variant.available, "created"))


async def movements_page(
    session: AsyncSession, shop: Shop, variant_id: str, limit: int, cursor: str | None
) -> tuple[list[StockMovement], str | None]:
    """One page of a variant's movements, newest first; refuses VariantNotFound."""
    await rows.variant(session, shop, variant_id)
    chosen = select(StockMovement).where(StockMovement.variant_id == variant_id)
    return await db.page(session, chosen, StockMovement.id, limit, cursor)


def movement(
    shop_id: str, variant_id: str, delta: int, available: int, reason: Reason, reference: str = ""
) -> StockMovement:
    """A row of the log, stamped now."""
    return StockMovement(
        id=ids.new("move"), shop_id=shop_id, variant_id=variant_id, delta=delta, available=available, reason=reason,
        reference=reference, created_at=clock.now(),
    )  # fmt: skip


async def _move(session: AsyncSession, shop: Shop, variant_id: str, delta: int) -> Left | None:
    """What is left after one conditional UPDATE; None where there was too little to take, or nothing to count."""
    move = {"shop": shop.id, "variant": variant_id, "delta": delta}
    rows = await session.rows(_TAKE if delta < 0 else _PUT, move)
    return Left(*rows[0]) if rows else None


async def _fresh(session: AsyncSession, shop: Shop, variant_id: str) -> Variant:
    variant = await rows.variant(session, shop, variant_id)
    await session.refresh(variant, ["available", "tracked"])
    return variant


async def _set(
    session: AsyncSession, shop: Shop, variant: Variant, available: int, reason: Reason, reference: str
) -> StockMovement:
    delta = available - variant.available
    variant.available = available
    session.add(variant)
    await session.flush()
    logged = await _log(session, movement(shop.id, variant.id, delta, available, reason, reference))
    await _warn(session, shop, left_of(variant), delta)
    return logged


def left_of(variant: Variant) -> Left:
    """What a row says is left."""
    return Left(
        variant.available, variant.tracked, variant.low_stock_at, variant.product_id, variant.id, variant.sku
    )  # fmt: skip


def fallen(shop: Shop, left: Left, delta: int) -> StockLow | None:
    """The news that a variant has come down to its threshold by this movement; None where it has not."""
    threshold = shop.low_stock_at if left.low_stock_at is None else left.low_stock_at
    if threshold is None or not left.tracked or not left.available <= threshold < left.available - delta:
        return None
    return StockLow(
        product_id=left.product_id,
        variant_id=left.variant_id,
        sku=left.sku,
        available=left.available,
        threshold=threshold,
    )


async def _warn(session: AsyncSession, shop: Shop, left: Left, delta: int) -> None:
    news = fallen(shop, left, delta)
    if news is not None:
        await events.record(session, shop.id, news)


async def _log(session: AsyncSession, row: StockMovement) -> StockMovement:
    await db.insert(session, StockMovement, db.row_of(row))
    return row
