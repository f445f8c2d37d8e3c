"""What an event of Stripe's says, taken into the order that it is about.

Sessions name their order; what else happens to a payment is found by its payment intent, and a refund by itself where
it is known already. News may come before the session that they are about: whoever keeps them brings them again
(`checkout.stripe.orphans`).
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

import msgspec
from sqlmodel import select

from checkout import disputes, fraud, orders, payments, refunds, settling
from checkout.disputes import DisputeNews
from checkout.errors import BadEvent
from checkout.models import Order, Payment, Refund
from checkout.stripe.refunds import RefundNews, is_of
from checkout.stripe.sessions import SessionFacts
from core import ids
from core.db import AsyncSession
from core.shops import Shop

# What an asynchronous outcome means, whatever the session in it says about itself.
_OUTCOMES = {
    "checkout.session.async_payment_succeeded": "paid",
    "checkout.session.async_payment_failed": "failed",
}
T = TypeVar("T")
S = TypeVar("S", fraud.Warning, fraud.RadarReview)


async def apply(session: AsyncSession, shop: Shop, kind: str, body: msgspec.Raw, now: datetime) -> Order | None:
    """Take one object of an event of this `kind` in; the order that it was about, or None where that is not known.

    Refuses BadEvent for an object that has not the documented shape.
    """
    return await FOLLOWED[kind](session, shop, kind, body, now)


async def take(session: AsyncSession, shop: Shop, news: SessionFacts, now: datetime) -> Order | None:
    """Take in what a session says of itself; the order that it names, or None where that is not known."""
    order = await _named(session, shop, (news.metadata or {}).get("order"), news.client_reference_id)
    if order is not None:
        known = await payments.learn(session, shop, order, news)
        await settling.settle(session, shop, order, now, known)
    return order


async def _of_session(session: AsyncSession, shop: Shop, kind: str, body: msgspec.Raw, now: datetime) -> Order | None:
    news = _decode(_session, body)
    outcome = _OUTCOMES.get(kind, news.payment_status)
    return await take(session, shop, msgspec.structs.replace(news, payment_status=outcome), now)


async def _of_refund(session: AsyncSession, shop: Shop, _: str, body: msgspec.Raw, now: datetime) -> Order | None:
    news = _decode(_refund, body)
    payment = await _paid_by(session, shop, news.payment_intent)
    order_id = await _refunded(session, shop, payment, news)
    order = await orders.lock(session, shop.id, order_id) if order_id else None
    if order is not None:
        await refunds.learn(session, shop, order, payment, news, now)
    return order


async def _refunded(session: AsyncSession, shop: Shop, payment: Payment | None, news: RefundNews) -> str | None:
    """The order that a refund was taken into before, or whose payment it gives back; else that of ours that it is.

    An order that it names says nothing: metadata can be copied.
    """
    rows = select(Refund).where(Refund.shop_id == shop.id)
    if (known := (await session.exec(rows.where(Refund.stripe_refund_id == news.id))).first()) is not None:
        return known.order_id
    if payment is not None:
        return payment.order_id
    name = (news.metadata or {}).get("refund", "")
    ours = (await session.exec(rows.where(Refund.id == name))).first() if ids.is_id(name, "refd") else None
    if ours is None or not is_of(news, ours):
        return None
    return ours.order_id if news.payment_intent in (None, (ours.parameters or {}).get("payment_intent")) else None


async def _of_dispute(session: AsyncSession, shop: Shop, _: str, body: msgspec.Raw, now: datetime) -> Order | None:
    news = _decode(_dispute, body)
    payment = await _paid_by(session, shop, news.payment_intent)
    order = await orders.lock(session, shop.id, payment.order_id) if payment else None
    if payment is not None and order is not None:
        await disputes.learn(session, shop, order, payment, news, now)
    return order


def _of_suspicion(decoder: msgspec.json.Decoder[S], take_in: "Suspecting[S]") -> "Reader":
    """The reader of what is suspected of a payment: found by its payment intent, and taken in there."""

    async def read(session: AsyncSession, shop: Shop, _: str, body: msgspec.Raw, now: datetime) -> Order | None:
        news = _decode(decoder, body)
        payment = await _paid_by(session, shop, news.payment_intent)
        order = await orders.lock(session, shop.id, payment.order_id) if payment else None
        if order is not None:
            await take_in(session, shop, order, news, now)
        return order

    return read


_session = msgspec.json.Decoder(SessionFacts)
_refund = msgspec.json.Decoder(RefundNews)
_dispute = msgspec.json.Decoder(DisputeNews)


def _decode(decoder: msgspec.json.Decoder[T], body: msgspec.Raw) -> T:
    try:
        return decoder.decode(body)
    except msgspec.DecodeError:
        raise BadEvent("The object in it has not the documented shape.") from None


async def _paid_by(session: AsyncSession, shop: Shop, payment_intent: str | None) -> Payment | None:
    return await payments.by_intent(session, shop.id, payment_intent) if payment_intent else None


async def _named(session: AsyncSession, shop: Shop, *names: str | None) -> Order | None:
    """The order that an object names, which it did before Stripe was ever called; whether it is the order's own is for
    `payments` to say."""
    for name in names:
        if name and ids.is_id(name, "ord") and (order := await orders.lock(session, shop.id, name)):
            return order
    return None


Suspecting = Callable[[AsyncSession, Shop, Order, S, datetime], Awaitable[None]]
Reader = Callable[[AsyncSession, Shop, str, msgspec.Raw, datetime], Awaitable[Order | None]]
_warning = _of_suspicion(msgspec.json.Decoder(fraud.Warning), fraud.warn)
_review = _of_suspicion(msgspec.json.Decoder(fraud.RadarReview), fraud.review)
FOLLOWED: dict[str, Reader] = {
    "checkout.session.completed": _of_session,
    "checkout.session.expired": _of_session,
    "checkout.session.async_payment_succeeded": _of_session,
    "checkout.session.async_payment_failed": _of_session,
    "refund.created": _of_refund,
    "refund.updated": _of_refund,
    "refund.failed": _of_refund,
    "charge.dispute.created": _of_dispute,
    "charge.dispute.updated": _of_dispute,
    "charge.dispute.closed": _of_dispute,
    "charge.dispute.funds_withdrawn": _of_dispute,
    "charge.dispute.funds_reinstated": _of_dispute,
    "radar.early_fraud_warning.created": _warning,
    "review.opened": _review,
    "review.closed": _review,
}
"""The events that we follow (docs.stripe.com/api/events/types), and who reads their object."""
