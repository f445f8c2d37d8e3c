"""Webhooks from Stripe: verified on the raw bytes, stored once, merged, answered.

The whole work is one short transaction; an event may come twice, early, late or in any order.
"""

import re
from datetime import UTC, datetime

import msgspec
import sqlalchemy as sa
from sqlmodel import col
from stripe import SignatureVerificationError, WebhookSignature

from checkout import checkouts, orders
from checkout.errors import BadEvent, BadSignature
from checkout.models import Order, StripeEvent
from checkout.orders import Facts
from checkout.stripe.sessions import Name, SessionFacts
from core import ids, shops
from core.db import AsyncSession, Database, insert_ignoring
from core.logs import logger
from core.secrets import Vault
from core.shops import Shop

TOLERANCE_SECONDS = 300
# What an asynchronous outcome means, whatever the session in it says about itself.
_OUTCOMES = {
    "checkout.session.completed": "",
    "checkout.session.expired": "",
    "checkout.session.async_payment_succeeded": "paid",
    "checkout.session.async_payment_failed": "failed",
}
_TIME = re.compile(r"(?:^|,)t=(\d{1,12})(?:,|$)")
_log = logger("stripe.events")


class Subject(msgspec.Struct):
    """The few things that every object has, and that say whose it is."""

    id: Name = ""
    metadata: dict[str, str] | None = None


class EventData(msgspec.Struct):
    """The object as it was when the event was made."""

    object: msgspec.Raw


class StripeMessage(msgspec.Struct):
    """A snapshot event (v1)."""

    id: Name
    type: Name
    created: int
    data: EventData
    livemode: bool = False
    api_version: str | None = None


_decode_message = msgspec.json.Decoder(StripeMessage).decode
_decode_subject = msgspec.json.Decoder(Subject).decode
_decode_session = msgspec.json.Decoder(SessionFacts).decode


async def receive(db: Database, vault: Vault, body: bytes, signature: str, now: datetime) -> str:
    """Take one delivery in; the outcome is applied, ignored, orphan or duplicate.

    Refuses BadSignature for anything that no shop's secret signed within five minutes of `now`, whatever the bytes, and
    BadEvent for a signed session that is none: nothing is stored then.
    """
    try:
        message = _decode_message(body)
        subject = _decode_subject(message.data.object)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadSignature("This is no event.") from None
    hint = (subject.metadata or {}).get("shop", "")
    if not ids.is_id(hint, "shop"):  # Nobody has signed it yet: only what can be an id may reach the database.
        hint = ""
    async with db.read() as session:
        shop = await _signer(session, vault, body, signature, hint, now)
    async with db.transaction() as session:
        return await _take(session, vault, shop, message, subject, body, now)


async def _signer(session: AsyncSession, vault: Vault, body: bytes, signature: str, hint: str, now: datetime) -> Shop:
    """The shop whose secret signed the body. The shop that the body itself names is tried first, and only tried."""
    for shop in await shops.connected(session, first=hint):
        if _signed_by(shop, vault, body, signature, now):
            return shop
    raise BadSignature("No secret of ours made this signature.")


def _signed_by(shop: Shop, vault: Vault, body: bytes, signature: str, now: datetime) -> bool:
    return any(verify(body, signature, secret, now) for secret in shops.stripe_webhook_secrets(shop, vault))


def verify(body: bytes, signature: str, secret: str, now: datetime) -> bool:
    """Whether `secret` signed these raw bytes within five minutes of `now`, before or after.

    The SDK compares the signature and lets future times and odd bytes through (16.1: UnicodeDecodeError, TypeError).
    """
    sent = _TIME.search(signature)
    if sent is None or abs(now.timestamp() - int(sent[1])) > TOLERANCE_SECONDS:
        return False
    try:
        return bool(WebhookSignature.verify_header(body.decode(), signature, secret, tolerance=None))
    except (SignatureVerificationError, ValueError, TypeError, AttributeError):
        return False


async def _take(
    session: AsyncSession,
    vault: Vault,
    shop: Shop,
    message: StripeMessage,
    subject: Subject,
    body: bytes,
    now: datetime,
) -> str:
    row = {
        "shop_id": shop.id,
        "id": message.id,
        "type": message.type,
        "object_id": subject.id,
        "outcome": "ignored",
        "created_at": datetime.fromtimestamp(min(max(message.created, 0), 2**33), UTC),
        "received_at": now,
    }
    made = await session.execute(insert_ignoring(session, StripeEvent).values(row).returning(col(StripeEvent.id)))
    if made.first() is None:
        return "duplicate"
    if message.type not in _OUTCOMES:
        return "ignored"
    try:
        facts = _decode_session(message.data.object)
    except msgspec.DecodeError:
        raise BadEvent("The session in it has not the documented shape.") from None
    order = await _order(session, shop, facts)
    change: dict[str, object]
    if order is None:
        # Signed with our secret and not in our books: kept, so that it can be settled by hand or later.
        _log.warning("event without order", type=message.type)
        change = {"outcome": "orphan", "body_sealed": vault.seal(body)}
    else:
        await orders.merge(session, shop, order, _facts(message.type, facts), now)
        change = {"outcome": "applied", "order_id": order.id}
    await session.execute(
        sa.update(StripeEvent)
        .where(col(StripeEvent.shop_id) == shop.id, col(StripeEvent.id) == row["id"])
        .values(change)
    )
    return str(change["outcome"])


async def _order(session: AsyncSession, shop: Shop, facts: SessionFacts) -> Order | None:
    """The order that the session was opened for; named in it before Stripe was ever called."""
    for order_id in (facts.client_reference_id, (facts.metadata or {}).get("order")):
        if order_id and ids.is_id(order_id, "ord") and (order := await orders.lock(session, shop.id, order_id)):
            return order
    return None


def _facts(kind: str, session: SessionFacts) -> Facts:
    facts = checkouts.facts_of(session)
    outcome = _OUTCOMES[kind]
    return msgspec.structs.replace(facts, payment_status=outcome) if outcome else facts
