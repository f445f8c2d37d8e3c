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

from checkout import charged, facts, holds, orders, payments, reviews, settling, shares
from checkout.books import allowance
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
from checkout.events import OrderRefunded, OrderRefundFailed
from checkout.models import Order, OrderLine, Payment, Refund
from checkout.schemas import RefundCreate
from checkout.shares import Given, Share
from checkout.stripe import refunds as stripe_refunds
from checkout.stripe.client import Gateway, waits_once
from checkout.stripe.refunds import RefundNews
from core import events, failpoints, ids, jobs, money, shops
from core.db import AsyncSession, Database
from core.idempotency import IdempotencyKeyReused
from core.jobs import Resources
from core.money import Money
from core.shops import Shop
from core.wire import UNSET

FIRST_LOOK = timedelta(seconds=60)
# docs.stripe.com/api/idempotent_requests: a key may be forgotten after 24 hours; clocks may differ by some minutes.
_KEY_LIVES = timedelta(hours=23)


class Push(msgspec.Struct):
    """The payload of `push`."""

    refund_id: str
    shop_id: str


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What to give back, and pieces by order line with what they had cost, where it is for pieces."""

    share: Share
    lines: Mapping[str, int] = {}
    worth: Mapping[str, Share] = {}
    restock: bool = False
    reason: str | None = None


@waits_once
async def create(
    gateway: Gateway, db: Database, shop: Shop, order_id: str, data: RefundCreate, key: str, now: datetime
) -> Refund:
    """Give money back. The same `key` is the same refund, however often it is asked for.

    Refuses OrderNotFound, NothingToRefund, RefundTooLarge, BadAmount; IdempotencyKeyReused for another wish behind the
    same key; PaymentProviderRefused where Stripe says no, and PaymentProviderUnavailable where nobody knows yet: the
    refund is kept and sent again. What lines cost is read at Stripe first where that is still to be done; where it does
    not answer, nothing is kept.
    """
    _check(data)
    if data.lines is not UNSET:
        await charged.read(gateway, db, shop, order_id)
    digest = hashlib.sha256(msgspec.json.encode([order_id, msgspec.to_builtins(data)])).hexdigest()
    async with db.transaction() as session:
        order = await orders.lock(session, shop.id, order_id)
        if order is None:
            raise OrderNotFound
        known = await by_key(session, shop, key)
        if known is not None and known.digest != digest:
            raise IdempotencyKeyReused("Use a new key for a new request.")
        refund = known or await _begin(session, shop, order, data, key, digest, now)
    failpoints.reach("refund.reserved")
    return await send(gateway, db, shop, refund, now)


def _check(data: RefundCreate) -> None:
    """Refuses LineNamedTwice; AmbiguousRefund for an amount beside pieces, and for neither money nor pieces."""
    pieces = data.lines is not UNSET or data.restock
    if data.amount and pieces:
        raise AmbiguousRefund("Name an amount, or lines, or nothing for all that is left.")
    if data.amount == 0 and not pieces:
        raise AmbiguousRefund("Name the pieces that come back without money.")
    if data.lines is not UNSET and len({each.line_id for each in data.lines}) < len(data.lines):
        raise LineNamedTwice("Name each line once.")


async def by_key(session: AsyncSession, shop: Shop, key: str) -> Refund | None:
    """The refund that was asked for by this key."""
    return (await session.exec(select(Refund).where(Refund.shop_id == shop.id, Refund.key == key))).first()


async def _begin(
    session: AsyncSession, shop: Shop, order: Order, data: RefundCreate, key: str, digest: str, now: datetime
) -> Refund:
    payment = await own_payment(session, order)
    wish = await _wish(session, order, await left_of(session, order, payment), data)
    return await reserve(session, shop, order, payment, wish, key, digest, now)


async def _wish(session: AsyncSession, order: Order, left: Share, data: RefundCreate) -> Wish:
    """The refund in numbers: of this amount, of these pieces, or of all that is left; refuses BadAmount."""
    reason = data.reason or None
    if data.amount:
        money.check(Money(data.amount, order.currency))
        return Wish(share=shares.of_amount(left, data.amount), reason=reason)
    lines = (await orders.lines(session, [order]))[order.id]
    given = given_back(await of_order(session, order))
    if data.lines is UNSET:
        pieces = rest(lines, given) if left.amount or data.restock else {}
    elif order.lines_session is None:
        pieces = {each.line_id: each.quantity for each in data.lines}
    else:  # It was paid a moment ago, after we looked.
        raise PaymentProviderUnavailable("What was charged for these lines is being read.", retry_after=1)
    worth = shares.of_pieces(lines, given, pieces, money.step(order.currency))
    share = left if data.lines is UNSET else shares.within(left, shares.total(worth.values()))
    if data.amount == 0:
        share = Share()
    return Wish(share=share, lines=pieces, worth=worth, restock=data.restock, reason=reason)


def given_back(made: Sequence[Refund]) -> dict[str, Given]:
    """Pieces by line that these refunds are for; one that failed is for none."""
    given: dict[str, Given] = {}
    for refund in made:
        if facts.is_going_back(refund.status):
            for line_id, quantity in refund.lines.items():
                before, worth = given.get(line_id, Given()), Share(*refund.worth.get(line_id, ()))
                given[line_id] = Given(before.pieces + quantity, shares.total([before.worth, worth]))
    return given


def rest(lines: Sequence[OrderLine], given: Mapping[str, Given]) -> dict[str, int]:
    """The pieces that were not given back yet, by line."""
    found = {line.id: line.quantity - given.get(line.id, Given()).pieces for line in lines}
    return {line_id: quantity for line_id, quantity in found.items() if quantity}


async def left_of(session: AsyncSession, order: Order, payment: Payment, *, but: str = "") -> Share:
    """What is left of a payment of this order, and of the tax in it; refunds in the state `but` are not counted."""
    gone = shares.total(
        Share(each.amount, each.amount_tax)
        for each in await of_order(session, order)
        if facts.is_going_back(each.status) and each.status != but and each.session_id in (None, payment.session_id)
    )
    return Share(max(0, payment.amount_total - gone.amount), max(0, payment.amount_tax - gone.tax))


async def reserve(
    session: AsyncSession, shop: Shop, order: Order, payment: Payment, wish: Wish, key: str, digest: str, now: datetime
) -> Refund:
    """Write down what is to be given back, and that it is gone from what is left. The caller holds the order's row.

    Pieces alone, without money, are back at once: there is nothing to ask Stripe for. Refuses NothingToRefund and
    RefundTooLarge.
    """
    left = await left_of(session, order, payment)
    amount, tax = wish.share
    possible = left.amount and payment.payment_intent if amount else wish.lines
    if not possible:
        raise NothingToRefund("Nothing is left of what was paid.", status=order.status)
    if amount > left.amount:
        raise RefundTooLarge("More than is left of what was paid.", left=left.amount)
    refund = Refund(
        id=ids.new("refd"),
        shop_id=shop.id,
        order_id=order.id,
        session_id=payment.session_id,
        key=key,
        digest=digest,
        amount=amount,
        amount_tax=tax,
        status="requested",
        reason=wish.reason,
        lines=dict(wish.lines),
        worth={line_id: list(worth) for line_id, worth in wish.worth.items()},
        restock=wish.restock,
        created_at=now,
    )
    if not amount:
        await _move(session, shop, order, refund, "succeeded", now)
        return refund
    refund.parameters = {
        "payment_intent": payment.payment_intent,
        "amount": amount,
        "metadata": {"refund": refund.id, "order": order.id, "shop": shop.id},
    }
    if wish.reason:
        refund.parameters["reason"] = wish.reason
    session.add(refund)
    await settling.settle(session, shop, order, now)
    payload = Push(refund_id=refund.id, shop_id=shop.id)
    await jobs.enqueue(session, push, payload, shop_id=shop.id, run_at=now + FIRST_LOOK)
    return refund


async def own_payment(session: AsyncSession, order: Order) -> Payment:
    """The session that paid the order, one that took money before any other; refuses NothingToRefund."""
    checkout, known = await payments.sessions_of(session, order)
    counting = [each for each in known if payments.counts(each, checkout)]
    paid = [each for each in counting if each.payment_status == "paid" and each.payment_intent and each.amount_total]
    paid = paid or [each for each in counting if each.payment_status in facts.SETTLED]
    if not paid or order.paid_at is None:
        raise NothingToRefund("No money was taken for this order.", status=order.status)
    return next((each for each in paid if each.session_id == checkout.stripe_session_id), paid[0])


async def send(gateway: Gateway, db: Database, shop: Shop, refund: Refund, now: datetime) -> Refund:
    """Send a refund that Stripe has not answered yet, and write the answer down.

    Where Stripe has stored a failure for its idempotency key, the next try looks first, and has another key. It looks
    first as well once Stripe may have forgotten the key, and would make the refund again.
    """
    if refund.status != "requested":
        return refund
    looks = refund.attempt > 1 or now - refund.created_at >= _KEY_LIVES
    try:
        made = await stripe_refunds.find(gateway, shop, refund) if looks else None
        news = made or await stripe_refunds.create(gateway, shop, refund)
    except PaymentProviderUnavailable as away:
        if away.is_stored:
            await _begin_again(db, shop, refund)
        raise
    except PaymentProviderRefused as refusal:
        await _write(db, shop, refund, None, str(refusal.facts.get("stripe_code") or "refused"), now)
        raise
    failpoints.reach("refund.answered")
    return await _write(db, shop, refund, news, None, now)


async def _begin_again(db: Database, shop: Shop, known: Refund) -> None:
    async with db.transaction() as session:
        await orders.lock(session, shop.id, known.order_id)
        refund = await _fresh(session, known.id)
        if refund.attempt == known.attempt:  # Nobody else was told so, and was faster.
            refund.attempt += 1
            session.add(refund)


async def _write(
    db: Database, shop: Shop, known: Refund, news: RefundNews | None, failure: str | None, now: datetime
) -> Refund:
    async with db.transaction() as session:
        order = await orders.lock(session, shop.id, known.order_id)
        assert order is not None, "A refund and its order are written together."
        refund = await _fresh(session, known.id)
        if news is not None and refund.stripe_refund_id in (None, news.id):
            await _merge(session, shop, order, refund, news, now)
        elif news is not None:  # Another refund that names ours was heard of first: then this is a second one.
            payment = await session.get_one(Payment, (shop.id, known.session_id))
            await learn(session, shop, order, payment, news, now)
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
        async with db.transaction() as session:
            later = now + await allowance.retry_after(session, shop, away, now)
            await jobs.enqueue(session, push, payload, shop_id=shop.id, run_at=later)


async def learn(
    session: AsyncSession, shop: Shop, order: Order, payment: Payment | None, news: RefundNews, now: datetime
) -> None:
    """Take in what Stripe says of a refund of this order, ours or made in Stripe's dashboard; settles the order.

    The caller holds the order's row.
    """
    known = await of_order(session, order)
    refund = next((each for each in known if each.stripe_refund_id == news.id), None)
    if refund is None:  # Metadata can be copied: it names one refund, the first that is the one that was asked for.
        unanswered = (each for each in known if each.stripe_refund_id is None and each.status == "requested")
        refund = next((each for each in unanswered if stripe_refunds.is_of(news, each)), None)
    if refund is None:
        refund = Refund(
            id=ids.new("refd"),
            shop_id=shop.id,
            order_id=order.id,
            session_id=payment.session_id if payment else None,
            amount=news.amount,
            amount_tax=await _tax_in(session, order, payment, news.amount),
            status="requested",
            reason=news.reason,
            created_at=now,
        )
        session.add(refund)
    await _merge(session, shop, order, refund, news, now)


async def _tax_in(session: AsyncSession, order: Order, payment: Payment | None, amount: int) -> int:
    """The tax in a refund that somebody has made at Stripe."""
    if payment is None:
        return 0
    left = await left_of(session, order, payment)
    if amount > left.amount:  # Of those that Stripe has not answered yet, one will be refused.
        left = await left_of(session, order, payment, but="requested")
    return shares.of_amount(left, min(amount, left.amount)).tax


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
    elif not back and refund.restocked_at is not None and facts.is_going_back(before):
        await _take_again(session, shop, order, refund)
    await settling.settle(session, shop, order, now)
    if has_begun and refund.amount:
        news = OrderRefunded(order_id=order.id, refund_id=refund.id, amount=refund.amount, currency=order.currency)
        await events.record(session, shop.id, news)
    elif not back and facts.is_going_back(before):
        failed = OrderRefundFailed(
            order_id=order.id, refund_id=refund.id, amount=refund.amount, currency=order.currency
        )
        await events.record(session, shop.id, failed)


async def _take_again(session: AsyncSession, shop: Shop, order: Order, refund: Refund) -> None:
    """The buyer did not get the money after all: the pieces are the order's again, or somebody else has them."""
    gone = await holds.take_again(session, shop, order, await _by_variant(session, order, refund))
    if gone:
        order.oversold = True
        await reviews.need(session, order, "refund-failed", refund.id)
    else:
        refund.restocked_at = None


async def _by_variant(session: AsyncSession, order: Order, refund: Refund) -> dict[str, int]:
    lines = (await orders.lines(session, [order]))[order.id]
    return {line.variant_id: refund.lines[line.id] for line in lines if line.id in refund.lines}


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
