"""Refunds: asked for here or made at Stripe, at most what is left, and known to fail later.

What is asked for is written down under the order's lock before Stripe is called, so that two at once never give back
more than was paid; a crash leaves a row that `push` sends again under the same idempotency key.
"""

import contextlib
import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec
from sqlmodel import col, select

from checkout import facts, holds, orders, payments, settling
from checkout.errors import (
    AmbiguousRefund,
    LineNamedTwice,
    NothingToRefund,
    OrderNotFound,
    PaymentProviderRefused,
    PaymentProviderUnavailable,
    PaymentsNotConnected,
    RefundNotFound,
    RefundTooLarge,
)
from checkout.events import OrderPaid, OrderRefunded, OrderRefundFailed, PaymentDuplicated
from checkout.models import Order, OrderLine, Payment, Refund
from checkout.schemas import RefundCreate
from checkout.stripe import refunds as stripe_refunds
from checkout.stripe.client import Gateway
from checkout.stripe.refunds import RefundNews
from core import events, failpoints, ids, jobs, shops
from core.db import AsyncSession, Database
from core.idempotency import IdempotencyKeyReused
from core.jobs import Resources
from core.shops import Shop
from core.wire import UNSET

FIRST_LOOK = timedelta(seconds=60)
_NOT_CONNECTED = timedelta(hours=1)


class Push(msgspec.Struct):
    """The payload of `push`."""

    refund_id: str
    shop_id: str


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What to give back: `amount` in the minor unit, and pieces by order line where it is for pieces."""

    amount: int
    amount_tax: int = 0
    lines: Mapping[str, int] = {}
    restock: bool = False
    reason: str | None = None


async def create(
    gateway: Gateway, db: Database, shop: Shop, order_id: str, data: RefundCreate, key: str, now: datetime
) -> Refund:
    """Give money back. The same `key` is the same refund, however often it is asked for.

    Refuses OrderNotFound, NothingToRefund, RefundTooLarge; IdempotencyKeyReused for another wish behind the same key;
    PaymentProviderRefused where Stripe says no, and PaymentProviderUnavailable where nobody knows yet: the refund is
    kept and sent again.
    """
    _check(data)
    digest = hashlib.sha256(msgspec.json.encode([order_id, msgspec.to_builtins(data)])).hexdigest()
    async with db.transaction() as session:
        order = await orders.lock(session, shop.id, order_id)
        if order is None:
            raise OrderNotFound
        known = await _by_key(session, shop, key)
        if known is not None and known.digest != digest:
            raise IdempotencyKeyReused("Use a new key for a new request.")
        refund = known or await _reserve(session, shop, order, await _wish(session, order, data), key, digest, now)
    failpoints.reach("refund.reserved")
    return await send(gateway, db, shop, refund, now)


def _check(data: RefundCreate) -> None:
    """Refuses AmbiguousRefund for an amount beside pieces, which it is for none of, and LineNamedTwice."""
    if data.amount is not UNSET and (data.lines is not UNSET or data.restock):
        raise AmbiguousRefund("Name an amount, or lines, or nothing for all that is left.")
    if data.lines is not UNSET and len({each.line_id for each in data.lines}) < len(data.lines):
        raise LineNamedTwice("Name each line once.")


async def _by_key(session: AsyncSession, shop: Shop, key: str) -> Refund | None:
    return (await session.exec(select(Refund).where(Refund.shop_id == shop.id, Refund.key == key))).first()


async def _wish(session: AsyncSession, order: Order, data: RefundCreate) -> Wish:
    """The refund in numbers: of these pieces, of this amount, or of all that is left."""
    lines = (await orders.lines(session, [order]))[order.id]
    gone = await _pieces_gone(session, order)
    reason = data.reason or None
    if data.lines is not UNSET:
        pieces = {each.line_id: each.quantity for each in data.lines}
        amount, tax = share(lines, gone, pieces)
        return Wish(amount=amount, amount_tax=tax, lines=pieces, restock=data.restock, reason=reason)
    left = order.amount_paid - order.amount_refunded
    if data.amount is not UNSET:
        return Wish(
            amount=data.amount, amount_tax=_part(order.amount_tax, data.amount, order.amount_paid), reason=reason
        )
    rest = {line.id: line.quantity - gone.get(line.id, 0) for line in lines}
    return Wish(
        amount=left,
        amount_tax=_part(order.amount_tax, left, order.amount_paid),
        lines={line_id: quantity for line_id, quantity in rest.items() if quantity},
        restock=data.restock,
        reason=reason,
    )


async def _pieces_gone(session: AsyncSession, order: Order) -> dict[str, int]:
    """Pieces by line that earlier refunds were for."""
    gone: dict[str, int] = {}
    for refund in await of_order(session, order):
        if facts.is_going_back(refund.status):
            for line_id, quantity in refund.lines.items():
                gone[line_id] = gone.get(line_id, 0) + quantity
    return gone


def share(lines: Sequence[OrderLine], gone: Mapping[str, int], pieces: Mapping[str, int]) -> tuple[int, int]:
    """What `pieces` of these lines cost, and the tax in it, when `gone` of them were given back before.

    All the pieces of a line, given back one by one, are the line's total to the cent. Refuses RefundTooLarge for more
    pieces than are left, and for a line of another order.
    """
    amount = tax = 0
    known = {line.id: line for line in lines}
    for line_id, quantity in pieces.items():
        line = known.get(line_id)
        before = gone.get(line_id, 0)
        if line is None or before + quantity > line.quantity:
            left = line.quantity - before if line else 0
            raise RefundTooLarge("More pieces than are left of this line.", line_id=line_id, left=left)
        amount += _part(line.amount_total, before + quantity, line.quantity) - _part(
            line.amount_total, before, line.quantity
        )
        tax += _part(line.amount_tax, before + quantity, line.quantity) - _part(line.amount_tax, before, line.quantity)
    return amount, tax


def _part(amount: int, numerator: int, denominator: int) -> int:
    return amount * numerator // denominator if denominator else 0


async def _reserve(
    session: AsyncSession,
    shop: Shop,
    order: Order,
    wish: Wish,
    key: str,
    digest: str,
    now: datetime,
    *,
    of: Payment | None = None,
) -> Refund:
    """Write down what is to be given back, and that it is gone from what is left."""
    payment = of or await _own_payment(session, order)
    left = payment.amount_total if of else order.amount_paid - order.amount_refunded
    if left <= 0 or wish.amount <= 0:
        raise NothingToRefund("Nothing is left of what was paid.", status=order.status)
    if wish.amount > left:
        raise RefundTooLarge("More than is left of what was paid.", left=left)
    refund = Refund(
        id=ids.new("refd"),
        shop_id=shop.id,
        order_id=order.id,
        session_id=payment.session_id,
        key=key,
        digest=digest,
        amount=wish.amount,
        amount_tax=wish.amount_tax,
        status="requested",
        reason=wish.reason,
        lines=dict(wish.lines),
        restock=wish.restock,
        created_at=now,
    )
    refund.parameters = {
        "payment_intent": payment.payment_intent,
        "amount": wish.amount,
        "metadata": {"refund": refund.id, "order": order.id, "shop": shop.id},
    }
    if wish.reason:
        refund.parameters["reason"] = wish.reason
    session.add(refund)
    await settling.settle(session, shop, order, now)
    payload = Push(refund_id=refund.id, shop_id=shop.id)
    await jobs.enqueue(session, push, payload, shop_id=shop.id, run_at=now + FIRST_LOOK)
    return refund


async def _own_payment(session: AsyncSession, order: Order) -> Payment:
    """The session that paid the order, where money was taken for it; refuses NothingToRefund."""
    checkout, known = await payments.sessions_of(session, order)
    taken = [each for each in known if each.payment_status == "paid" and each.payment_intent and each.amount_total]
    paid = [each for each in taken if payments.counts(each, checkout)]
    if not paid or order.paid_at is None:
        raise NothingToRefund("No money was taken for this order.", status=order.status)
    return next((each for each in paid if each.session_id == checkout.stripe_session_id), paid[0])


async def send(gateway: Gateway, db: Database, shop: Shop, refund: Refund, now: datetime) -> Refund:
    """Send a refund that Stripe has not answered yet, and write the answer down."""
    if refund.status != "requested":
        return refund
    try:
        news = await stripe_refunds.create(gateway, shop, refund)
    except PaymentProviderRefused as refusal:
        await _write(db, shop, refund, None, str(refusal.facts.get("stripe_code") or "refused"), now)
        raise
    failpoints.reach("refund.answered")
    return await _write(db, shop, refund, news, None, now)


async def _write(
    db: Database, shop: Shop, known: Refund, news: RefundNews | None, failure: str | None, now: datetime
) -> Refund:
    async with db.transaction() as session:
        order = await orders.lock(session, shop.id, known.order_id)
        assert order is not None, "A refund and its order are written together."
        refund = await _fresh(session, known.id)
        if news is not None:
            await _merge(session, shop, order, refund, news, now)
        elif refund.status == "requested":
            refund.failure = failure
            await _move(session, shop, order, refund, "failed", now)
    failpoints.reach("refund.learned")
    return refund


async def _fresh(session: AsyncSession, refund_id: str) -> Refund:
    rows = select(Refund).where(Refund.id == refund_id).execution_options(populate_existing=True)
    return (await session.exec(rows)).one()


@jobs.job("checkout.push_refund", Push)
async def push(resources: Resources, payload: Push) -> None:
    """See to it that a refund that was asked for is made: look whether Stripe made it, or else send it again.

    However long Stripe is away: nobody else would send it.
    """
    db, gateway, now = resources.get(Database), resources.get(Gateway), resources.now()
    async with db.read() as session:
        shop = await shops.get(session, payload.shop_id)
        refund = await _fresh(session, payload.refund_id)
    if refund.status != "requested":
        return
    try:
        made = await stripe_refunds.find(gateway, shop, refund)
        if made is not None:
            await _write(db, shop, refund, made, None, now)
        else:
            with contextlib.suppress(PaymentProviderRefused):  # Written down as failed; the merchant hears of it.
                await send(gateway, db, shop, refund, now)
    except (PaymentProviderUnavailable, PaymentsNotConnected) as away:
        pause = FIRST_LOOK if isinstance(away, PaymentProviderUnavailable) else _NOT_CONNECTED
        async with db.transaction() as session:
            await jobs.enqueue(session, push, payload, shop_id=shop.id, run_at=now + pause)


async def learn(
    session: AsyncSession, shop: Shop, order: Order, payment: Payment | None, news: RefundNews, now: datetime
) -> None:
    """Take in what Stripe says of a refund of this order, ours or made in Stripe's dashboard; settles the order.

    The caller holds the order's row.
    """
    rows = select(Refund).where(Refund.shop_id == shop.id, Refund.order_id == order.id)
    ours = (news.metadata or {}).get("refund")
    refund = next(
        (each for each in (await session.exec(rows)).all() if news.id == each.stripe_refund_id or each.id == ours), None
    )
    if refund is None:
        refund = Refund(
            id=ids.new("refd"),
            shop_id=shop.id,
            order_id=order.id,
            session_id=payment.session_id if payment else None,
            amount=news.amount,
            amount_tax=_part(order.amount_tax, news.amount, order.amount_paid),
            status="requested",
            reason=news.reason,
            created_at=now,
        )
        session.add(refund)
    await _merge(session, shop, order, refund, news, now)


async def _merge(
    session: AsyncSession, shop: Shop, order: Order, refund: Refund, news: RefundNews, now: datetime
) -> None:
    refund.stripe_refund_id = refund.stripe_refund_id or news.id
    refund.failure = refund.failure or news.failure_reason
    await _move(session, shop, order, refund, news.status or "pending", now)


async def _move(session: AsyncSession, shop: Shop, order: Order, refund: Refund, status: str, now: datetime) -> None:
    """Let the refund move up its chain, bring the order in line, and tell what is new once."""
    before = refund.status
    refund.status = facts.higher(facts.REFUND, before, status)
    session.add(refund)
    back = facts.is_going_back(refund.status)
    has_begun = back and before == "requested" and refund.status != "requested"
    if has_begun and refund.restock and refund.restocked_at is None:
        refund.restocked_at = now
        await holds.restock(session, shop, order, await _by_variant(session, order, refund))
    await settling.settle(session, shop, order, now)
    if has_begun:
        news = OrderRefunded(order_id=order.id, refund_id=refund.id, amount=refund.amount, currency=order.currency)
        await events.record(session, shop.id, news)
    elif not back and facts.is_going_back(before):
        failed = OrderRefundFailed(
            order_id=order.id, refund_id=refund.id, amount=refund.amount, currency=order.currency
        )
        await events.record(session, shop.id, failed)


async def _by_variant(session: AsyncSession, order: Order, refund: Refund) -> dict[str, int]:
    lines = (await orders.lines(session, [order]))[order.id]
    return {line.variant_id: refund.lines[line.id] for line in lines if line.id in refund.lines}


@events.subscriber(OrderPaid, "checkout.return_missing")
async def return_missing(resources: Resources, shop_id: str, paid: OrderPaid) -> None:
    """Give back what was paid for pieces that are no longer there, where the shop has chosen so."""
    if not paid.oversold:
        return
    db, now = resources.get(Database), resources.now()
    async with db.transaction() as session:
        shop = await shops.get(session, shop_id)
        order = await orders.lock(session, shop_id, paid.order_id)
        key = f"oversold:{paid.order_id}"
        if order is None or shop.oversold_policy != "refund" or await _by_key(session, shop, key):
            return
        lines = (await orders.lines(session, [order]))[order.id]
        missing = await holds.missing(session, order)
        pieces = {line.id: line.quantity for line in lines if line.variant_id in missing}
        amount, tax = share(lines, await _pieces_gone(session, order), pieces)
        if len(pieces) == len(lines):  # Nothing is sent at all: shipping goes back as well.
            amount, tax = order.amount_paid - order.amount_refunded, order.amount_tax
        if amount:
            wish = Wish(amount=amount, amount_tax=tax, lines=pieces)
            await _reserve(session, shop, order, wish, key, "", now)


@events.subscriber(PaymentDuplicated, "checkout.return_duplicate")
async def return_duplicate(resources: Resources, shop_id: str, again: PaymentDuplicated) -> None:
    """An order that was paid twice keeps one payment; the other goes back whole."""
    db, now = resources.get(Database), resources.now()
    async with db.transaction() as session:
        shop = await shops.get(session, shop_id)
        order = await orders.lock(session, shop_id, again.order_id)
        key = f"duplicate:{again.session_id}"
        if order is None or await _by_key(session, shop, key):
            return
        payment = await session.get(Payment, (shop_id, again.session_id))
        if payment is None or not payment.payment_intent:
            return
        # It may have passed for the order's own payment, and have been given back in part.
        back = [each for each in await of_order(session, order) if each.session_id == payment.session_id]
        left = payment.amount_total - sum(each.amount for each in back if facts.is_going_back(each.status))
        if left > 0:
            wish = Wish(amount=left, reason="duplicate")
            await _reserve(session, shop, order, wish, key, "", now, of=payment)


async def of_order(session: AsyncSession, order: Order) -> list[Refund]:
    """The order's refunds, the oldest first."""
    rows = select(Refund).where(Refund.shop_id == order.shop_id, Refund.order_id == order.id).order_by(col(Refund.id))
    return list((await session.exec(rows)).all())


async def get(session: AsyncSession, shop: Shop, order_id: str, refund_id: str) -> Refund:
    """One refund of this order; refuses RefundNotFound."""
    rows = select(Refund).where(Refund.shop_id == shop.id, Refund.order_id == order_id, Refund.id == refund_id)
    found = (await session.exec(rows)).first()
    if found is None:
        raise RefundNotFound
    return found
