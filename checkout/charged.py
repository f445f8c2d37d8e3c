"""What the lines of a paid order cost in the end, read from Stripe where its page has changed an amount."""

from collections.abc import Sequence

import msgspec
from sqlmodel import col, select

from checkout import asked, facts, orders, reviews
from checkout.asked import Amounts
from checkout.books import allowance
from checkout.errors import PaymentProviderUnavailable, PaymentsNotConnected
from checkout.models import Checkout, Order, Payment
from checkout.stripe import sessions
from checkout.stripe.client import Gateway
from checkout.stripe.sessions import LineFacts
from core import jobs, shops
from core.db import AsyncSession, Database
from core.jobs import Resources
from core.money import Money
from core.shops import Shop


async def otherwise(session: AsyncSession, order: Order) -> Money | None:
    """What Stripe took for a paid order where that is not its total, in the currency in which it was taken."""
    total = Money(order.amount_total, order.currency)
    if order.paid_at is None or (order.amount_paid == total.amount and "currency-mismatch" not in order.reviews):
        return None
    own = col(Payment.order_id) == order.id, col(Payment.shop_id) == order.shop_id
    settled = col(Payment.payment_status).in_(facts.SETTLED), col(Payment.amount_total) == order.amount_paid
    payment = (await session.exec(select(Payment).where(*own, *settled).order_by(col(Payment.created_at)))).first()
    taken = Money(payment.amount_total, payment.currency) if payment else total
    return None if taken == total else taken


class Reread(msgspec.Struct):
    """The payload of `reread`."""

    order_id: str
    shop_id: str


async def reread_where_changed(
    session: AsyncSession, shop: Shop, order: Order, payment: Payment, *, again: bool
) -> None:
    """Read the lines anew, after this transaction, where the payment's amounts say that our own are not the last word,
    or `again` where another payment's may have been read.

    Without tax or a discount of Stripe's they are, and no request is spent on them (docs.stripe.com/rate-limits:
    reads are rationed).
    """
    if again or payment.amount_tax or payment.amount_discount not in (0, order.amount_discount):
        order.lines_session = payment.session_id
        await jobs.enqueue(session, reread, Reread(order_id=order.id, shop_id=shop.id), shop_id=shop.id)


@jobs.job("order.reread-lines", Reread)
async def reread(resources: Resources, payload: Reread) -> None:
    """See to it that the lines are read, however long Stripe is away."""
    db, gateway, now = resources.get(Database), resources.get(Gateway), resources.now()
    async with db.read() as session:
        shop = await shops.get(session, payload.shop_id)
    try:
        await read(gateway, db, shop, payload.order_id)
    except (PaymentProviderUnavailable, PaymentsNotConnected) as away:
        async with db.transaction() as session:
            again = now + await allowance.retry_after(session, shop, away, now)
            await jobs.enqueue(session, reread, payload, shop_id=shop.id, run_at=again)


async def read(gateway: Gateway, db: Database, shop: Shop, order_id: str) -> None:
    """Ask Stripe what each line cost, where that is still to be done, and write it down; twice is once.

    Whoever gives back what a line cost calls this first. Refuses OrderNotFound and what `call` refuses.
    """
    async with db.read() as session:
        known = await orders.get(session, shop, order_id)
    if known.lines_session is None:
        return
    charged = await sessions.lines(gateway, shop, known.lines_session)
    async with db.transaction() as session:
        order = await orders.lock(session, shop.id, order_id)
        if order is not None and order.lines_session == known.lines_session:
            await _write(session, order, known.lines_session, charged)


async def _write(session: AsyncSession, order: Order, session_id: str, charged: Sequence[LineFacts]) -> None:
    """Stripe's lines are ours, in the same order, and add up; where they are not or do not, a person looks."""
    lines = (await orders.lines(session, [order]))[order.id]
    order.lines_session = None
    session.add(order)
    theirs = [((each.metadata or {}).get("variant"), each.quantity) for each in charged]
    if theirs == [(line.variant_id, line.quantity) for line in lines]:
        for line, each in zip(lines, charged, strict=True):
            line.amount_charged, line.amount_tax = each.amount_total, each.amount_tax
            session.add(line)
    payment = await session.get_one(Payment, (order.shop_id, session_id))
    checkout = await session.get_one(Checkout, order.checkout_id)
    if not asked.lines_agree(asked.of(order, checkout), Amounts.of(payment), lines, charged):
        await reviews.need(session, order, "amount-mismatch", session_id)
        await reviews.tell(session, order)
    await session.flush()
