"""An order is brought in line with its facts, and what follows from them happens once.

`settle` reads everything that is known of an order, computes its status and lets stock, numbers and news follow. It may
be called as often as one likes: what has happened is written down, and does not happen again.
"""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col

from checkout import charged, facts, holds, payments, reviews
from checkout.discounts import redemptions
from checkout.events import OrderExpired, OrderPaid, OrderPaymentFailed, OrderProcessing, PaymentDuplicated
from checkout.facts import DisputeFacts, OrderFacts, PaymentFacts, RefundFacts
from checkout.models import Checkout, Dispute, Order, OrderNumber, Payment, Refund
from checkout.payments import Sessions
from core import events
from core.db import AsyncSession, insert_new, table_of
from core.shops import Shop

_ENDED = frozenset(("expired", "cancelled", "payment_failed"))
_REVERSALS = (
    sa.select(col(Refund.session_id), col(Refund.status), col(Refund.amount), sa.null())
    .where(col(Refund.order_id) == sa.bindparam("order"))
    .union_all(
        sa.select(col(Dispute.session_id), col(Dispute.status), col(Dispute.amount), col(Dispute.currency)).where(
            col(Dispute.shop_id) == sa.bindparam("shop"), col(Dispute.order_id) == sa.bindparam("order")
        )
    )
)
_NEXT_NUMBER = (
    sa.update(table_of(OrderNumber))
    .where(col(OrderNumber.shop_id) == sa.bindparam("shop"))
    .values(last=col(OrderNumber.last) + 1)
    .returning(col(OrderNumber.last))
)


async def settle(
    session: AsyncSession, shop: Shop, order: Order, now: datetime, sessions: Sessions | None = None
) -> None:
    """Bring the order in line with its facts. The caller holds the order's row (`orders.lock`).

    `sessions`, where the caller has read them since it locked the order.
    """
    checkout, paying = sessions or await payments.sessions_of(session, order)
    known = await _facts(session, order, checkout, paying)
    before, settled = order.status, facts.settled(known)
    if settled and order.number is None:
        order.number = await _next_number(session, shop)
    order.status = facts.status(known)
    order.amount_paid, order.amount_refunded = facts.paid(known), facts.refunded(known)
    order.amount_lost = facts.lost(known)
    own = next((each for each in paying if settled and each.session_id == settled[0].session_id), None)
    if own is not None:
        await _charge(session, shop, order, own)
    if own is not None and order.paid_at is None:
        await _pay(session, shop, order, own, now)
    elif order.status in _ENDED and before not in _ENDED:
        await _end(session, shop, order)
    elif order.status == "processing" and before != "processing":
        await events.record(session, shop.id, OrderProcessing(order_id=order.id))
    for again in settled[1:]:
        await reviews.need(session, order, "duplicate-payment", again.session_id)
        if facts.returned(known, again.session_id) < again.amount:
            await events.record(session, shop.id, PaymentDuplicated(order_id=order.id, session_id=again.session_id))
    if order.paid_at is not None or order.status in _ENDED:
        order.buyer = None
    _close(checkout, facts.session_status(known))
    await session.save(order, checkout, *paying)
    await reviews.tell(session, order)


async def _facts(session: AsyncSession, order: Order, checkout: Checkout, sessions: Sequence[Payment]) -> OrderFacts:
    refunds, disputes = await _reversals(session, order)
    return OrderFacts(
        given_up=order.given_up,
        cancelled=order.cancelled,
        own_session=checkout.stripe_session_id,
        payments=[
            PaymentFacts(
                session_id=each.session_id,
                session_status=each.session_status,
                payment_status=each.payment_status,
                amount=each.amount_total,
                opened_at=int(each.created_at.timestamp()),
            )
            for each in sessions
            if payments.counts(each, checkout)
        ],
        refunds=refunds,
        disputes=disputes,
    )


async def _reversals(session: AsyncSession, order: Order) -> tuple[list[RefundFacts], list[DisputeFacts]]:
    """Refunds and disputes, by one statement: every word of Stripe's asks for them, and most orders have none."""
    if any(isinstance(each, Refund | Dispute) for each in (*session.new, *session.dirty)):
        await session.flush()
    rows = await session.rows(_REVERSALS, {"shop": order.shop_id, "order": order.id})
    refunds = [RefundFacts(session_id=row[0], status=row[1], amount=row[2]) for row in rows if row[3] is None]
    disputes = [
        DisputeFacts(session_id=row[0], status=row[1], amount=row[2] if row[3] == order.currency else None)
        for row in rows
        if row[3] is not None
    ]
    return refunds, disputes


async def _charge(session: AsyncSession, shop: Shop, order: Order, payment: Payment) -> None:
    """The order costs what the payment that pays it took: the buyer chose how to ship, Stripe reckoned the tax.

    A second payment may turn out to be the order's own, and the first to be the one too many.
    """
    amounts = (payment.amount_shipping, payment.amount_tax, payment.amount_total)
    is_new = payment.agrees and amounts != (order.amount_shipping, order.amount_tax, order.amount_total)
    if is_new:
        order.amount_shipping, order.amount_tax, order.amount_total = amounts
    if is_new or order.paid_at is None:
        # Lines that were read of another payment say what that one took.
        again = order.paid_at is not None or order.lines_session is not None
        await charged.reread_where_changed(session, shop, order, payment, again=again)


async def _pay(session: AsyncSession, shop: Shop, order: Order, payment: Payment, now: datetime) -> None:
    """The money is certain: the stock is sold, the order gets its number, and everybody hears of it."""
    order.paid_at = now
    await redemptions.redeem(session, order, now)
    sale = await holds.sell(session, shop, order)
    order.oversold = bool(sale.missing)
    if sale.retaken or sale.missing:
        await reviews.need(session, order, "late-payment", payment.session_id)
    paid = OrderPaid(
        order_id=order.id,
        amount=order.amount_paid,
        currency=order.currency,
        network=order.network,
        oversold=order.oversold,
    )
    await events.record(session, shop.id, paid)


async def _next_number(session: AsyncSession, shop: Shop) -> int:
    """The next number of a paid order: given in the transaction that needs it, so that a rollback leaves no gap."""
    mine = {"shop": shop.id}
    given = await session.rows(_NEXT_NUMBER, mine)
    if not given:  # The shop's first.
        await insert_new(session, OrderNumber, {"shop_id": shop.id, "last": 0})
        given = await session.rows(_NEXT_NUMBER, mine)
    number: int = given[0][0]
    return number


async def _end(session: AsyncSession, shop: Shop, order: Order) -> None:
    # Discounts are locked before the shelf, as they are when an order is placed.
    await redemptions.release(session, order)
    await holds.release(session, shop, order)
    if order.status == "payment_failed":
        await events.record(session, shop.id, OrderPaymentFailed(order_id=order.id))
    else:
        await events.record(session, shop.id, OrderExpired(order_id=order.id, cancelled=order.status == "cancelled"))


def _close(checkout: Checkout, session_status: str) -> None:
    if checkout.status != "refused" and session_status in ("open", "expired", "complete"):
        checkout.status = session_status
