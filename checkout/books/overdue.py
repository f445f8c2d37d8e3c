"""Checkouts that should have ended, and payments whose outcome should have come: looked for in the table itself.

The watch of a checkout (`checkout.checkouts`) is a chain of jobs and ends where the page is done with. What hangs all
the same is found here, a few in each sweep: checkouts whose time was over half an hour ago, whatever became of their
watch; and orders whose payment is under way, once a day, once a week after a month. Webhooks may never bring the
outcome of those: nobody has subscribed to it, or the endpoint was away and its events are delivered to nobody.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import col, select

from checkout import checkouts
from checkout.books import allowance, failures
from checkout.errors import PaymentProviderUnavailable, PaymentsNotConnected
from checkout.models import LIVING, Checkout, Order
from checkout.stripe.client import RETRY_AFTER, Gateway
from core.db import AsyncSession, Database, table_of
from core.shops import Shop

AT_ONCE = 10
_LATE, _HOUR, _DAY, _WEEK, _MONTH = (
    timedelta(minutes=30), timedelta(hours=1), timedelta(days=1), timedelta(weeks=1), timedelta(days=30),
)  # fmt: skip
_UNDER_WAY = sa.text("\"order\".status = 'processing'")  # Spelt as its index is.


async def look_up(gateway: Gateway, db: Database, shop: Shop, now: datetime) -> None:
    """Ask Stripe about the oldest of them.

    Refuses PaymentsNotConnected, and PaymentProviderUnavailable where two of them get no answer: one alone may be the
    matter itself.
    """
    async with db.read() as session:
        allowed = await allowance.of(session, shop, now)
        found = [*await _living(session, shop, allowed.patience, now)]
        if allowed.left:
            found += await _under_way(session, shop, now)
    unanswered = 0
    for checkout in found:
        unanswered += not await ask_after(gateway, db, shop, checkout, now)
        if unanswered == 2:
            raise PaymentProviderUnavailable("Stripe does not answer at the moment.", retry_after=RETRY_AFTER)


async def ask_after(gateway: Gateway, db: Database, shop: Shop, checkout: Checkout, now: datetime) -> bool:
    """Ask Stripe about one of them, set it apart where that fails; whether Stripe answered.

    That it was asked for is written first: one that hangs keeps no other waiting. Refuses PaymentsNotConnected.
    """
    asked = sa.update(table_of(Checkout)).where(col(Checkout.id) == checkout.id)
    async with db.transaction() as session:
        await session.core(asked.values(looked_at=now))
    refusal: PaymentProviderUnavailable | PaymentsNotConnected | None = None
    async with failures.apart(db, shop, "checkout", checkout.id, now):
        try:
            await checkouts.look_up(gateway, db, shop, checkout, now)
        except PaymentsNotConnected as error:
            refusal = error
        except PaymentProviderUnavailable as error:
            refusal = error
            raise
    if isinstance(refusal, PaymentsNotConnected):
        raise refusal
    return refusal is None


async def _living(session: AsyncSession, shop: Shop, patience: timedelta, now: datetime) -> Sequence[Checkout]:
    late = select(Checkout).where(
        Checkout.shop_id == shop.id, LIVING, col(Checkout.expires_at) < now - _LATE - patience, _not_since(now - _HOUR)
    )
    return (await session.exec(late.order_by(col(Checkout.expires_at)).limit(AT_ONCE))).all()


async def _under_way(session: AsyncSession, shop: Shop, now: datetime) -> Sequence[Checkout]:
    waiting = (
        select(Checkout)
        .join(Order, col(Order.checkout_id) == col(Checkout.id))
        .where(Order.shop_id == shop.id, _UNDER_WAY, col(Order.created_at) < now - _DAY)
        .where(_not_since(now - _DAY))
        .where(sa.or_(col(Order.created_at) > now - _MONTH, _not_since(now - _WEEK)))
    )
    return (await session.exec(waiting.order_by(col(Order.created_at)).limit(AT_ONCE))).all()


def _not_since(moment: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(col(Checkout.looked_at).is_(None), col(Checkout.looked_at) < moment)
