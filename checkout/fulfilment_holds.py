"""What holds an order back from being shipped: a dispute, an open review, or a reason that a person has given.

A hold that was released stays known, and the same reason may hold the order back again later.
"""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col, select

from checkout import orders
from checkout.errors import OrderNotFound
from checkout.models import Order
from checkout.shipping.errors import FulfilmentHoldNotFound, HeldByDispute, HeldByReview
from checkout.shipping.models import FulfilmentHold
from checkout.shipping.schemas import FulfilmentHoldCreate, HoldReason
from core import ids
from core.db import AsyncSession, insert_new
from core.shops import Shop


async def put(session: AsyncSession, order: Order, reason: HoldReason, now: datetime, note: str | None = None) -> None:
    """Let nothing of the order be shipped until this reason is gone. Twice is once, with the first note.

    The caller holds the order's row.
    """
    row = {
        "id": ids.new("fhold"),
        "shop_id": order.shop_id,
        "order_id": order.id,
        "reason": reason,
        "note": note,
        "created_at": now,
    }
    await insert_new(session, FulfilmentHold, row)


async def lift(session: AsyncSession, order: Order, reason: HoldReason, now: datetime) -> None:
    """This reason holds the order back no more. The caller holds the order's row."""
    mine = sa.update(FulfilmentHold).where(col(FulfilmentHold.order_id) == order.id)
    gone = mine.where(col(FulfilmentHold.reason) == reason, col(FulfilmentHold.released_at).is_(None))
    await session.execute(gone.values(released_at=now).execution_options(synchronize_session=False))


async def create(
    session: AsyncSession, shop: Shop, order_id: str, data: FulfilmentHoldCreate, now: datetime
) -> FulfilmentHold:
    """A person lets nothing of this order be shipped; for the same reason twice is once. Refuses OrderNotFound."""
    order = await _lock(session, shop, order_id)
    await put(session, order, data.reason, now, data.note or None)
    return next(each for each in await of_order(session, order) if each.reason == data.reason and not each.released_at)


async def release(session: AsyncSession, shop: Shop, order_id: str, hold_id: str, now: datetime) -> None:
    """A person lets the order go again; doing it twice is doing it once.

    Refuses OrderNotFound, FulfilmentHoldNotFound; HeldByDispute: what a bank has stopped, no person lets go; and
    HeldByReview: it goes with the review that somebody resolves.
    """
    order = await _lock(session, shop, order_id)
    held = next((each for each in await of_order(session, order) if each.id == hold_id), None)
    if held is None:
        raise FulfilmentHoldNotFound
    if held.released_at is not None:
        return
    if held.reason == "dispute":
        raise HeldByDispute("It ends with the dispute.")
    if held.reason == "review":
        raise HeldByReview("Resolve the order's reviews: it ends with the last one that holds.", reviews=order.reviews)
    held.released_at = now
    session.add(held)
    await session.flush()


async def of_order(session: AsyncSession, order: Order) -> list[FulfilmentHold]:
    """All that has ever held the order back, the oldest first."""
    rows = select(FulfilmentHold).where(FulfilmentHold.shop_id == order.shop_id, FulfilmentHold.order_id == order.id)
    fresh = rows.order_by(col(FulfilmentHold.id)).execution_options(populate_existing=True)
    return list((await session.exec(fresh)).all())


async def reasons(session: AsyncSession, order_ids: Sequence[str]) -> dict[str, list[str]]:
    """Why these orders are held back now, sorted, by order id."""
    found: dict[str, list[str]] = {order_id: [] for order_id in order_ids}
    rows = select(FulfilmentHold.order_id, FulfilmentHold.reason).where(col(FulfilmentHold.order_id).in_(order_ids))
    now = rows.where(col(FulfilmentHold.released_at).is_(None)).order_by(col(FulfilmentHold.reason))
    for order_id, reason in (await session.exec(now)).all():
        found[order_id].append(reason)
    return found


async def _lock(session: AsyncSession, shop: Shop, order_id: str) -> Order:
    order = await orders.lock(session, shop.id, order_id)
    if order is None:
        raise OrderNotFound
    return order
