"""Webhooks from Stripe: verified on the raw bytes, stored once, merged, answered.

The whole work is one short transaction; an event may come twice, early, late or in any order.
"""

import re
from datetime import UTC, datetime

import msgspec
import sqlalchemy as sa
from sqlmodel import col, select
from stripe import SignatureVerificationError, WebhookSignature

from checkout import contacts, news
from checkout.errors import BadEvent, BadSignature
from checkout.models import Order, Payment, StripeEvent
from checkout.stripe import delivery
from checkout.stripe.sessions import Name
from core import failpoints, ids, shops
from core.db import AsyncSession, Database, insert_ignoring
from core.logs import logger
from core.secrets import Vault
from core.shops import Shop

TOLERANCE_SECONDS = 300
_NAME = re.compile(r"[!-~]{1,255}")
_TIME = re.compile(r"(?:^|,)t=(\d{1,12})(?:,|$)")
_log = logger("stripe.events")


class Subject(msgspec.Struct):
    """The few things that every object has, and that say whose it is."""

    id: Name = ""
    payment_intent: object = None
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
    account: Name | None = None
    livemode: bool = False
    api_version: str | None = None


_decode_message = msgspec.json.Decoder(StripeMessage).decode
_decode_subject = msgspec.json.Decoder(Subject).decode


async def receive(db: Database, vault: Vault, body: bytes, signature: str, now: datetime) -> str:
    """Take one delivery in; the outcome is applied, ignored, foreign, orphan or duplicate.

    Refuses BadSignature for anything that no shop's secret signed within five minutes of `now`, whatever the bytes, and
    BadEvent for a signed object that is none: nothing is stored then.
    """
    message, subject = read(body)
    hint = (subject.metadata or {}).get("shop", "")
    if not ids.is_id(hint, "shop"):  # Nobody has signed it yet: only what can be an id may reach the database.
        hint = ""
    async with db.read() as session:
        shop = await _signer(session, vault, message.account, body, signature, hint, now)
    async with db.transaction() as session:
        outcome = await _take(session, vault, shop, message, subject, body, now)
    failpoints.reach("event.committed")
    return outcome


async def recover(db: Database, vault: Vault, shop: Shop, body: bytes, now: datetime) -> str:
    """Take in an event that we fetched from Stripe ourselves, as if it had been delivered; the outcome.

    An event that cannot be read is passed over: nobody would send a better one.
    """
    try:
        message, subject = read(body)
        message.account = message.account or shop.stripe_account  # It was asked for in this account's name.
        async with db.transaction() as session:
            return await _take(session, vault, shop, message, subject, body, now)
    except (BadSignature, BadEvent):
        _log.error("fetched event is unreadable", shop=shop.id)
        return "ignored"


def read(body: bytes) -> tuple[StripeMessage, Subject]:
    """An event and whom it is about; refuses BadSignature for bytes that are none: nobody has signed those."""
    try:
        message = _decode_message(body)
        return message, _decode_subject(message.data.object)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadSignature("This is no event.") from None


async def _signer(
    session: AsyncSession, vault: Vault, account: str | None, body: bytes, signature: str, hint: str, now: datetime
) -> Shop:
    """The shop whose secret signed the body. The shop that the body itself names is tried first, and only tried.

    Shops behind one platform share its secret (Stripe Connect): then the one with this connected account.
    """
    platform = None
    for shop in await shops.connected(session, first=hint):
        if _signed_by(shop, vault, body, signature, now):
            if shop.stripe_account == account:
                return shop
            platform = platform or shop
    if platform is None:
        raise BadSignature("No secret of ours made this signature.")
    return platform


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
    created_at = datetime.fromtimestamp(min(max(message.created, 0), 2**33), UTC)
    row = {
        "shop_id": shop.id,
        "id": message.id,
        "type": message.type,
        "object_id": subject.id,
        "payment_intent": _intent(subject),
        "outcome": "ignored",
        "created_at": created_at,
        "received_at": now,
    }
    made = await session.execute(insert_ignoring(session, StripeEvent).values(row).returning(col(StripeEvent.id)))
    if made.first() is None:
        return "duplicate"
    if message.type not in news.FOLLOWED:
        return "ignored"
    if message.account != shop.stripe_account or message.livemode != shops.is_live(shop, vault):
        _log.warning("event of another account or mode", type=message.type)
        await _write(session, shop, message.id, {"outcome": "foreign"})
        return "foreign"
    failpoints.reach("event.stored")
    order = await news.apply(session, shop, message.type, message.data.object, now)
    failpoints.reach("event.applied")
    if order is None:
        # Signed with our secret and not in our books, or not yet: kept until its order is known, or a person looks.
        _log.warning("event without order", type=message.type)
        await _write(session, shop, message.id, {"outcome": "orphan", "body_sealed": vault.seal(body)})
        return "orphan"
    if message.type == "checkout.session.completed":
        await contacts.keep(session, vault, shop, order, delivery.read(message.data.object), created_at)
    await _write(session, shop, message.id, {"outcome": "applied", "order_id": order.id})
    await adopt(session, vault, shop, order, now)
    return "applied"


def _intent(subject: Subject) -> str | None:
    intent = subject.payment_intent
    return intent if isinstance(intent, str) and _NAME.fullmatch(intent) else None


async def _write(session: AsyncSession, shop: Shop, event_id: str, values: dict[str, object]) -> None:
    row = sa.update(StripeEvent).where(col(StripeEvent.shop_id) == shop.id, col(StripeEvent.id) == event_id)
    await session.execute(row.values(values))


async def adopt(session: AsyncSession, vault: Vault, shop: Shop, order: Order, now: datetime) -> int:
    """Bring in what came before its order was known: refunds and disputes of this order's payments; how many.

    The caller holds the order's row.
    """
    intents = select(Payment.payment_intent).where(Payment.shop_id == shop.id, Payment.order_id == order.id)
    waiting = select(StripeEvent).where(
        StripeEvent.shop_id == shop.id, StripeEvent.outcome == "orphan", col(StripeEvent.payment_intent).in_(intents)
    )
    adopted = 0
    for orphan in (await session.exec(waiting)).all():
        if orphan.body_sealed is None:
            continue
        message, _ = read(vault.unseal(orphan.body_sealed))
        if await news.apply(session, shop, message.type, message.data.object, now) is not None:
            await _write(session, shop, orphan.id, {"outcome": "applied", "order_id": order.id, "body_sealed": None})
            adopted += 1
    return adopted
