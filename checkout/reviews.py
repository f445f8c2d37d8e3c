"""Reasons why a person should look at an order: opened once for each matter, told once, resolved by a person.

Whatever opens a review is heard again and again, like everything that Stripe says. So each review names the matter that
it is about: one that was resolved stays so, and the same reason opens anew for another matter only.

While a reason of `HOLDING` is open, nothing of the order is shipped.
"""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col, select

from checkout import fulfilment_holds, orders
from checkout.errors import OrderNotFound, ReviewNotFound
from checkout.events import OrderNeedsReview
from checkout.facts import Review
from checkout.models import Order, OrderReview
from core import clock, events, ids
from core.db import AsyncSession, insert_new
from core.shops import Shop

HOLDING: frozenset[Review] = frozenset(
    ("amount-mismatch", "currency-mismatch", "fraud-warning", "radar-review", "unknown-session")
)
"""What says that the money may not be what the goods cost, or not the buyer's."""


async def need(session: AsyncSession, order: Order, reason: Review, about: str) -> None:
    """A person should look at this order, because of this matter; once said, it is not said again.

    The caller holds the order's row. The shop hears of it by `tell`, once the order is as it will be.
    """
    now = clock.now()
    row = {
        "id": ids.new("rev"),
        "shop_id": order.shop_id,
        "order_id": order.id,
        "reason": reason,
        "about": about,
        "told": False,
        "opened_at": now,
    }
    if await insert_new(session, OrderReview, row):
        order.reviews = sorted({*order.reviews, reason})
        if reason in HOLDING:
            await fulfilment_holds.put(session, order, "review", now)


async def tell(session: AsyncSession, order: Order) -> None:
    """Let the shop hear of what was not told yet. The caller holds the order's row, and has settled it."""
    if not order.reviews:
        return
    untold = sa.update(OrderReview).where(col(OrderReview.order_id) == order.id, sa.not_(col(OrderReview.told)))
    news = untold.values(told=True).returning(col(OrderReview.id)).execution_options(synchronize_session=False)
    if (await session.execute(news)).all():
        await events.record(session, order.shop_id, OrderNeedsReview(order_id=order.id, reviews=order.reviews))


async def of_order(session: AsyncSession, order: Order) -> list[OrderReview]:
    """The order's reviews, resolved ones too, the oldest first."""
    rows = select(OrderReview).where(OrderReview.shop_id == order.shop_id, OrderReview.order_id == order.id)
    return list((await session.exec(rows.order_by(col(OrderReview.id)))).all())


async def resolve(
    session: AsyncSession, shop: Shop, order_id: str, review_id: str, note: str | None, now: datetime
) -> OrderReview:
    """A person has looked; where it was the last reason to hold the order back, it is let go. What was resolved before
    stays as it was.

    Refuses OrderNotFound, ReviewNotFound.
    """
    order = await orders.lock(session, shop.id, order_id)
    if order is None:
        raise OrderNotFound
    known = await of_order(session, order)
    review = next((each for each in known if each.id == review_id), None)
    if review is None:
        raise ReviewNotFound
    await _resolve(session, order, known, review, note, now)
    return review


async def answer(session: AsyncSession, order: Order, reason: Review, about: str, note: str, now: datetime) -> None:
    """Somebody has looked at this matter elsewhere. The caller holds the order's row."""
    known = await of_order(session, order)
    for each in known:
        if (each.reason, each.about) == (reason, about):
            await _resolve(session, order, known, each, note, now)


async def _resolve(
    session: AsyncSession,
    order: Order,
    known: Sequence[OrderReview],
    review: OrderReview,
    note: str | None,
    now: datetime,
) -> None:
    if review.resolved_at is not None:
        return
    review.resolved_at, review.note = now, note
    order.reviews = sorted({each.reason for each in known if each.resolved_at is None})
    session.add_all([order, review])
    await session.flush()
    if not HOLDING.intersection(order.reviews):
        await fulfilment_holds.lift(session, order, "review", now)
