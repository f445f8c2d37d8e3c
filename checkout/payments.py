"""The Checkout Sessions of an order: what Stripe says of them is kept, and only ever moves on.

Anybody can name an order to Stripe: `client_reference_id` is the buyer's to write on a Payment Link
(docs.stripe.com/payment-links/url-parameters). So an order is paid by the session that its checkout opened, and by one
whose metadata names it and that took what was asked for. Every other payment is a stranger's: kept, and shown to a
person.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import col, select

from checkout import asked, facts, orders, reviews
from checkout.asked import Amounts
from checkout.models import Checkout, Order, Payment
from checkout.stripe.sessions import SessionFacts, TotalDetails
from core.db import AsyncSession, insert, row_of, table_of
from core.shops import Shop


class Sessions(NamedTuple):
    """The checkout that an order belongs to, and its sessions at Stripe by their time."""

    checkout: Checkout
    payments: list[Payment]


_CHECKOUT = sa.select(table_of(Checkout)).where(col(Checkout.id) == sa.bindparam("checkout"))
_PAYMENTS = (
    sa.select(table_of(Payment))
    .where(col(Payment.shop_id) == sa.bindparam("shop"), col(Payment.order_id) == sa.bindparam("order"))
    .order_by(col(Payment.created_at), col(Payment.session_id))
)


async def sessions_of(session: AsyncSession, order: Order) -> Sessions:
    """What is known of an order's sessions. Whoever changes them holds the order's row."""
    (checkout,) = await session.fresh(Checkout, _CHECKOUT, {"checkout": order.checkout_id})
    return Sessions(checkout, await session.fresh(Payment, _PAYMENTS, {"shop": order.shop_id, "order": order.id}))


async def learn(
    session: AsyncSession, shop: Shop, order: Order, news: SessionFacts, known: Sessions | None = None
) -> Sessions:
    """Take in what Stripe says of a session of this order; what is known of all of them then.

    The caller holds the order's row, has perhaps read its sessions since, and settles the order then.
    """
    known = known or await sessions_of(session, order)
    named = names(news.metadata, order)
    payment = next((each for each in known.payments if each.session_id == news.id), None)
    if payment is None and not (named and news.client_reference_id == order.id):
        # Metadata can be edited at Stripe: it may be known under another order.
        payment = await session.get(Payment, (shop.id, news.id))
    is_new = payment is None
    if payment is None:
        if not (named or news.id == known.checkout.stripe_session_id or news.payment_status in facts.SETTLED):
            return known  # Whoever has paid nothing has said nothing.
        payment = Payment(
            shop_id=shop.id,
            session_id=news.id,
            order_id=order.id,
            session_status="open",
            payment_status="unpaid",
            currency=order.currency,
            created_at=datetime.fromtimestamp(news.created, UTC),
        )
        known.payments.append(payment)
        known.payments.sort(key=lambda each: (each.created_at, each.session_id))
    if payment.order_id == order.id:
        payment.named = payment.named or named
        await _own_up(session, order, known.checkout, payment)
    payment.session_status = facts.higher(facts.SESSION, payment.session_status, news.status or "open")
    payment.payment_status = facts.higher(facts.PAYMENT, payment.payment_status, news.payment_status)
    payment.payment_intent = payment.payment_intent or news.payment_intent
    if news.status == "complete" and news.amount_total is not None:
        for reason in _take_amounts(payment, order, known.checkout, news, news.amount_total):
            await reviews.need(session, order, reason, news.id)
    if is_new:
        await insert(session, Payment, row_of(payment))
    return known


async def _own_up(session: AsyncSession, order: Order, checkout: Checkout, payment: Payment) -> None:
    """The session that the order's checkout opened is its own; any other one is for a person to look at.

    Stripe may tell of it before its answer has reached us: then it is known by its metadata.
    """
    if checkout.stripe_session_id is None and payment.named:
        checkout.stripe_session_id = payment.session_id
    elif checkout.stripe_session_id != payment.session_id:
        await reviews.need(session, order, "unknown-session", payment.session_id)


def names(metadata: Mapping[str, str] | None, order: Order) -> bool:
    """Whether the shop says that this is about the order: buyers cannot write metadata."""
    return (metadata or {}).get("order") == order.id


async def is_own(session: AsyncSession, order: Order, session_id: str, metadata: Mapping[str, str] | None) -> bool:
    """Whether a session is the order's, and not one on which somebody else wrote the order's name and their address."""
    return names(metadata, order) or await orders.own_session(session, order) == session_id


def counts(payment: Payment, checkout: Checkout) -> bool:
    """Whether the order goes by what this session says: its own, or one of the shop's that took what was asked."""
    return payment.session_id == checkout.stripe_session_id or (payment.named and payment.agrees)


def _take_amounts(
    payment: Payment, order: Order, checkout: Checkout, news: SessionFacts, total: int
) -> list[facts.Review]:
    """Take in what a completed session says it took; what a person should look at in that.

    Such a session says the same every time. Where it does not, the larger amounts stand, whichever came first: money
    that was said to be there is not forgotten, and a person looks.
    """
    took, known = _amounts(order, news, total), Amounts.of(payment)
    doubts = asked.doubts(asked.of(order, checkout), took, asked.chosen(news))
    if (took, not doubts) > (known, payment.agrees):
        payment.agrees = not doubts
        payment.currency = took.currency
        payment.amount_total = took.amount_total
        payment.amount_subtotal = took.amount_subtotal
        payment.amount_discount = took.amount_discount
        payment.amount_shipping = took.amount_shipping
        payment.amount_tax = took.amount_tax
    contradicts = any(known.figures) and any(took.figures) and took.figures != known.figures
    if contradicts and "amount-mismatch" not in doubts:
        doubts.append("amount-mismatch")
    return doubts


def _amounts(order: Order, news: SessionFacts, total: int) -> Amounts:
    details = news.total_details or TotalDetails()
    return Amounts(
        amount_total=total,
        amount_subtotal=order.amount_subtotal if news.amount_subtotal is None else news.amount_subtotal,
        amount_discount=details.amount_discount,
        amount_shipping=details.amount_shipping or 0,
        amount_tax=details.amount_tax,
        currency=(news.currency or order.currency).upper(),
    )


async def by_intent(session: AsyncSession, shop_id: str, payment_intent: str) -> Payment | None:
    """The session that this payment intent belongs to."""
    rows = select(Payment).where(Payment.shop_id == shop_id, Payment.payment_intent == payment_intent)
    return (await session.exec(rows)).first()
