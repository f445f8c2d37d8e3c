"""Money that goes back by itself: for pieces that are no longer there, and for what was paid twice."""

from collections.abc import Sequence

import msgspec

from checkout import charged, holds, orders, refunds, shares
from checkout.books import allowance
from checkout.errors import PaymentProviderUnavailable, PaymentsNotConnected
from checkout.events import OrderPaid, PaymentDuplicated
from checkout.models import Order, OrderLine, Payment
from checkout.refunds import Wish
from checkout.stripe.client import Gateway
from core import events, jobs, money, shops
from core.db import AsyncSession, Database
from core.jobs import Resources


class Missing(msgspec.Struct):
    """The payload of `give_back_missing`."""

    order_id: str
    shop_id: str


@events.subscriber(OrderPaid, "checkout.return_missing")
async def return_missing(resources: Resources, shop_id: str, paid: OrderPaid) -> None:
    """Money came for pieces that are no longer there."""
    if paid.oversold:
        await give_back_missing.run(resources, Missing(order_id=paid.order_id, shop_id=shop_id))


@jobs.job("checkout.return_missing", Missing)
async def give_back_missing(resources: Resources, payload: Missing) -> None:
    """Give back what was paid for pieces that are not there, where the shop has chosen so.

    What they were charged for is read at Stripe first where that is still to be done, however long Stripe is away.
    """
    db, gateway, now = resources.get(Database), resources.get(Gateway), resources.now()
    async with db.read() as session:
        shop = await shops.get(session, payload.shop_id)
    if shop.oversold_policy != "refund":
        return
    try:
        await charged.read(gateway, db, shop, payload.order_id)
    except (PaymentProviderUnavailable, PaymentsNotConnected) as away:
        async with db.transaction() as session:
            later = now + await allowance.retry_after(session, shop, away, now)
            await jobs.enqueue(session, give_back_missing, payload, shop_id=shop.id, run_at=later)
        return
    async with db.transaction() as session:
        order = await orders.lock(session, shop.id, payload.order_id)
        key = f"oversold:{payload.order_id}"
        if order is None or await refunds.by_key(session, shop, key):
            return
        lines = (await orders.lines(session, [order]))[order.id]
        payment = await refunds.own_payment(session, order)
        wish = await _of_missing(session, order, payment, lines)
        if wish is not None:
            await refunds.reserve(session, shop, order, payment, wish, key, "", now)


async def _of_missing(session: AsyncSession, order: Order, payment: Payment, lines: Sequence[OrderLine]) -> Wish | None:
    """What is to be given back for the pieces that are missing; None where a person was faster."""
    given = refunds.given_back(await refunds.of_order(session, order))
    left, pieces = await refunds.left_of(session, order, payment), refunds.rest(lines, given)
    absent = await holds.missing(session, order)
    missing = {line.id: pieces[line.id] for line in lines if line.variant_id in absent and line.id in pieces}
    worth = shares.of_pieces(lines, given, missing, money.step(order.currency))
    if missing == pieces:  # Nothing is sent at all: shipping goes back as well.
        share = left
    else:
        cost = shares.total(worth.values())
        share = shares.within(left, cost) if cost.amount <= left.amount else left
    return Wish(share=share, lines=missing, worth=worth) if missing else None


@events.subscriber(PaymentDuplicated, "checkout.return_duplicate")
async def return_duplicate(resources: Resources, shop_id: str, again: PaymentDuplicated) -> None:
    """An order that was paid twice keeps one payment; the other goes back whole."""
    db, now = resources.get(Database), resources.now()
    async with db.transaction() as session:
        shop = await shops.get(session, shop_id)
        order = await orders.lock(session, shop_id, again.order_id)
        key = f"duplicate:{again.session_id}"
        if order is None or await refunds.by_key(session, shop, key):
            return
        payment = await session.get(Payment, (shop_id, again.session_id))
        if payment is None or not payment.payment_intent:
            return
        # It may have passed for the order's own payment, and have been given back in part.
        left = await refunds.left_of(session, order, payment)
        if left.amount:
            wish = Wish(share=left, reason="duplicate")
            await refunds.reserve(session, shop, order, payment, wish, key, "", now)
