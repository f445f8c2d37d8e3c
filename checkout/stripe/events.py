"""Webhooks from Stripe: verified on the raw bytes, stored once, merged, answered.

The whole work is one short transaction; an event may come twice, early, late or in any order.
"""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import sqlalchemy as sa
from sqlmodel import col
from stripe import SignatureVerificationError, WebhookSignature

from checkout import contacts, news, payments
from checkout.errors import BadEvent, BadSignature
from checkout.models import Order, StripeEvent
from checkout.stripe import delivery, messages, orphans
from checkout.stripe.client import API_VERSION
from checkout.stripe.messages import StripeMessage, Subject
from core import failpoints, ids, shops
from core.db import AsyncSession, Database, insert_new, lock_name, table_of
from core.logs import logger
from core.secrets import Vault
from core.shops import Shop, Signer

TOLERANCE_SECONDS = 300
_KEPT = timedelta(days=90)
_TIME = re.compile(r"t=([0-9]{1,12})")
_SIGNED = re.compile(r"v1=[0-9a-f]{64}")
_log = logger("stripe.events")


_MARK = (
    sa.update(table_of(StripeEvent))
    .where(col(StripeEvent.shop_id) == sa.bindparam("shop"), col(StripeEvent.id) == sa.bindparam("event"))
    .values(outcome=sa.bindparam("outcome"), order_id=sa.bindparam("order"))
)


async def receive(
    db: Database, vault: Vault, body: bytes, signature: str, now: datetime, *, search: bool = True
) -> str:
    """Take one delivery in; the outcome is applied, ignored, foreign, orphan, unreadable or duplicate.

    Refuses BadSignature for anything that no shop's secret signed within five minutes of `now`, whatever the bytes, and
    BadEvent for what is signed and no event, which Stripe does not send. An event that cannot be read is kept and not
    refused: Stripe would send the same bytes for days. Without `search`, the shop that the body names is the only one
    that is asked. No body at all is nobody's.
    """
    if not body:
        raise BadSignature("There is nothing that anybody could have signed.")
    try:
        message, subject = messages.read(body)
        hint, account = (subject.metadata or {}).get("shop", ""), message.account
    except BadEvent:
        envelope = messages.envelope(body)
        hint, account = "", messages.text(envelope and envelope.account) or None
    if not ids.is_id(hint, "shop"):  # Nobody has signed it yet: only what can be an id may reach the database.
        hint = ""
    shop = await _signer(db, vault, account, body, signature, hint, now, search)
    outcome = await _take_in(db, vault, shop, body, now)
    failpoints.reach("event.committed")
    return outcome


async def recover(db: Database, vault: Vault, shop: Shop, body: bytes, now: datetime) -> str:
    """Take in an event that we fetched from Stripe ourselves, as if it had been delivered; the outcome.

    What is none is unreadable, and hinders none of those that were fetched with it.
    """
    try:
        return await _take_in(db, vault, shop, body, now, shop.stripe_account)
    except BadEvent:
        _log.error("fetched event is none", shop=shop.id)
        return "unreadable"


async def _take_in(
    db: Database, vault: Vault, shop: Shop, body: bytes, now: datetime, asked_for: str | None = None
) -> str:
    """Take a genuine event in, or keep it where it cannot be read; `asked_for` is the account it was fetched from."""
    try:
        message, subject = messages.read(body)
        message.account = message.account or asked_for
        async with db.transaction() as session:
            return await _take(session, vault, shop, message, subject, body, now)
    except BadEvent:
        async with db.transaction() as session:
            return await _keep_unreadable(session, vault, shop, body, now)


async def _keep_unreadable(session: AsyncSession, vault: Vault, shop: Shop, body: bytes, now: datetime) -> str:
    """Keep an event that nobody here understands for a person to look at; once, however often it comes.

    Refuses BadEvent for what is none.
    """
    envelope = messages.envelope(body)
    if envelope is None:
        raise BadEvent("This is no event.")
    row = {
        "shop_id": shop.id,
        "id": envelope.id,
        "type": envelope.type,
        "object_id": "",
        "outcome": "unreadable",
        "body_sealed": vault.seal(body),
        "created_at": now,
        "received_at": now,
    }
    if not await insert_new(session, StripeEvent, row):
        return "duplicate"
    _log.error("signed event is unreadable", shop=shop.id, type=row["type"])
    return "unreadable"


async def _signer(
    db: Database, vault: Vault, account: str | None, body: bytes, signature: str, hint: str, now: datetime, search: bool
) -> Shop:
    """The shop whose secret signed the body. The shop that the body itself names is tried first, and only tried.

    Shops behind one platform share its secret (Stripe Connect): then the one with this connected account. What carries
    no time near `now` asks nobody.
    """
    refusal = BadSignature("No secret of ours made this signature.")
    if _timely(signature, now) is None:
        raise refusal
    named = []
    if hint:
        async with db.glance() as session:
            named = await shops.connected(session, hint)
        for shop in named:
            if shop.stripe_account == account and _signed_by(shop, vault, body, signature, now):
                return shop
    async with db.read() as session:
        found = None
        for each in [*named, *(await shops.signers(session) if search else ())]:
            if _signed_by(each, vault, body, signature, now):
                found = each if found is None or each.stripe_account == account else found
                if found.stripe_account == account:
                    break
        if found is None:
            raise refusal
        return await shops.get(session, found.id)


def _signed_by(shop: Shop | Signer, vault: Vault, body: bytes, signature: str, now: datetime) -> bool:
    return any(verify(body, signature, secret, now) for secret in shops.stripe_webhook_secrets(shop, vault))


def verify(body: bytes, signature: str, secret: str, now: datetime) -> bool:
    """Whether `secret` signed these raw bytes within five minutes of `now`, before or after.

    The SDK compares the signature and lets future times and odd bytes through (16.1: UnicodeDecodeError, TypeError). It
    gets a header with one time, the one that was looked at: of several it takes the first, however that is spelt.
    """
    plain = _timely(signature, now)
    try:
        return bool(plain and WebhookSignature.verify_header(body.decode(), plain, secret, tolerance=None))
    except (SignatureVerificationError, ValueError, TypeError, AttributeError):
        return False


def _timely(signature: str, now: datetime) -> str | None:
    """The header with its one time, near `now`, and what can be a signature; None where there is no such time."""
    parts = signature.split(",")
    times = [_TIME.fullmatch(part) for part in parts if part.split("=", 1)[0].strip() == "t"]
    sent = times[0] if len(times) == 1 else None
    if sent is None or abs(now.timestamp() - int(sent[1])) > TOLERANCE_SECONDS:
        return None
    return ",".join([sent[0], *(part for part in parts if _SIGNED.fullmatch(part))])


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
        "payment_intent": messages.intent(subject),
        "outcome": "ignored",
        "other_version": _other_version(message),
        "created_at": created_at,
        "received_at": now,
    }
    if not await insert_new(session, StripeEvent, row):
        return "duplicate"
    if row["other_version"]:
        _tell_of(str(row["other_version"]))
    if message.type not in news.FOLLOWED:
        return "ignored"
    if message.account != shop.stripe_account or message.livemode != shops.is_live(shop, vault):
        _log.warning("event of another account or mode", type=message.type)
        await _mark(session, shop, message.id, "foreign")
        return "foreign"
    failpoints.reach("event.stored")
    intent = messages.intent(subject)
    if intent is not None:
        # A dispute beside the payment that it is about: whoever is second finds what the first has brought.
        await lock_name(session, f"payment {shop.id} {intent}")
    order = await news.apply(session, shop, message.type, message.data.object, now)
    failpoints.reach("event.applied")
    if order is None:
        # Signed with our secret and not in our books, or not yet: kept until its order is known, or a person looks.
        _log.warning("event without order", type=message.type)
        await orphans.keep(session, shop, message.id, vault.seal(body), now)
        return "orphan"
    if message.type == "checkout.session.completed" and await payments.is_own(
        session, order, subject.id, subject.metadata
    ):
        await contacts.keep(session, vault, shop, order, delivery.read(message.data.object), created_at)
    await _mark(session, shop, message.id, "applied", order=order)
    await orphans.adopt(session, vault, shop, order, now)
    return "applied"


def _other_version(message: StripeMessage) -> str | None:
    """The API version that an event is written in, where it is not the one that we read."""
    if message.api_version in (None, API_VERSION):
        return None
    return messages.text(message.api_version) or "unknown"


@lru_cache(maxsize=64)
def _tell_of(version: str) -> None:
    """Once for each version: the webhook endpoint at Stripe should have ours, and keeps the one it was made with."""
    _log.warning("event of another API version", version=version, ours=API_VERSION)


async def _mark(session: AsyncSession, shop: Shop, event_id: str, outcome: str, *, order: Order | None = None) -> None:
    values = {"outcome": outcome, "order": order.id if order else None}
    await session.rows(_MARK, {"shop": shop.id, "event": event_id, **values})


async def purge(session: AsyncSession, shop: Shop, now: datetime) -> None:
    """Forget events of long ago that nobody will come back to, with what they said of buyers.

    Stripe sends none again after 30 days, and keeps none longer.
    """
    done = sa.delete(table_of(StripeEvent)).where(
        col(StripeEvent.shop_id) == shop.id,
        col(StripeEvent.outcome).in_(("applied", "ignored", "foreign", "given_up")),
        col(StripeEvent.received_at) < now - _KEPT,
    )
    await session.core(done)
