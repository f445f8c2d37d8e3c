"""Events about an order or payment that is not known, or not yet: kept, and brought again until somebody owns them.

Their order may come to be known at any time: by the event that was slower, by the watch, the sweep or the daily
comparison. So each is tried again after a minute, and then whenever it has become twice as old, at least once a day;
after a week it is given up, for a reason that a person can see. Whoever hears of their payment adopts them at once,
also those that were given up.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

import msgspec
import sqlalchemy as sa
from sqlmodel import col, select

from checkout import news
from checkout.errors import BadEvent
from checkout.models import Order, Payment, StripeEvent
from checkout.stripe import messages
from checkout.stripe.messages import Subject
from core import jobs, shops
from core.db import AsyncSession, Database, UtcDateTime, table_of
from core.jobs import Resources
from core.logs import logger
from core.secrets import Vault
from core.shops import Shop

Reason = Literal["unknown-order", "unknown-payment", "names-no-order", "unreadable"]

FIRST_GAP, LONGEST_GAP = timedelta(minutes=1), timedelta(days=1)
# Stripe delivers for three days and the daily comparison looks at each day once: whatever is to come has come by then.
GIVEN_UP_AFTER = timedelta(days=7)
_BATCH = 100
_log = logger("stripe.orphans")

_MINE = sa.update(table_of(StripeEvent)).where(
    col(StripeEvent.shop_id) == sa.bindparam("shop"), col(StripeEvent.id) == sa.bindparam("event")
)
_KEEP = _MINE.values(
    outcome="orphan",
    body_sealed=sa.bindparam("body", type_=sa.LargeBinary),
    retry_at=sa.bindparam("at", type_=UtcDateTime),
)
_ADOPT = _MINE.values(
    outcome="applied", order_id=sa.bindparam("order"), body_sealed=None, retry_at=None, given_up_for=None
)
_MOVE = _MINE.where(col(StripeEvent.outcome) == "orphan").values(
    outcome=sa.bindparam("outcome"), given_up_for=sa.bindparam("reason"), retry_at=sa.bindparam("at", type_=UtcDateTime)
)
_OF_ORDER = sa.select(col(StripeEvent.id), col(StripeEvent.body_sealed)).where(
    col(StripeEvent.shop_id) == sa.bindparam("shop"),
    sa.or_(col(StripeEvent.outcome) == "orphan", col(StripeEvent.outcome) == "given_up"),
    col(StripeEvent.body_sealed).is_not(None),
    col(StripeEvent.payment_intent).in_(
        sa.select(col(Payment.payment_intent)).where(
            col(Payment.shop_id) == sa.bindparam("shop"), col(Payment.order_id) == sa.bindparam("order")
        )
    ),
)


class Retry(msgspec.Struct):
    """The payload of `retry`."""

    shop_id: str


async def keep(session: AsyncSession, shop: Shop, event_id: str, sealed: bytes, now: datetime) -> None:
    """Keep an event until its order is known."""
    at = now + FIRST_GAP
    await session.core(_KEEP, {"shop": shop.id, "event": event_id, "body": sealed, "at": at})
    await schedule(session, shop, at)


async def schedule(session: AsyncSession, shop: Shop, at: datetime) -> None:
    """Let the shop's orphans be tried again then, where no earlier try waits already."""
    key = f"stripe.retry_orphans {shop.id}"
    await jobs.enqueue(session, retry, Retry(shop.id), shop_id=shop.id, run_at=at, key=key, brings_forward=True)


async def adopt(session: AsyncSession, vault: Vault, shop: Shop, order: Order, now: datetime) -> None:
    """Bring in what came before its order was known: refunds and disputes of this order's payments.

    The caller holds the order's row.
    """
    await session.flush()
    for event_id, sealed in await session.rows(_OF_ORDER, {"shop": shop.id, "order": order.id}):
        try:
            await _apply(session, vault, shop, event_id, sealed, now)
        except (BadEvent, ValueError):
            _log.error("orphan is unreadable", shop=shop.id)  # Its next try gives it up.


async def _apply(
    session: AsyncSession, vault: Vault, shop: Shop, event_id: str, sealed: bytes, now: datetime
) -> tuple[bool, Subject]:
    """Whether an orphan has found its order now, and whom it is about.

    Refuses BadEvent, and raises ValueError where no key of ours opens it any more.
    """
    message, subject = messages.read(vault.unseal(sealed))
    order = await news.apply(session, shop, message.type, message.data.object, now)
    if order is not None:
        await session.core(_ADOPT, {"shop": shop.id, "event": event_id, "order": order.id})
    return order is not None, subject


@jobs.job("stripe.retry_orphans", Retry)
async def retry(resources: Resources, payload: Retry) -> None:
    """Try every orphan again that is due, each in a transaction of its own, and come back for the others."""
    db, vault, now = resources.get(Database), resources.get(Vault), resources.now()
    mine = (StripeEvent.shop_id == payload.shop_id, StripeEvent.outcome == "orphan")
    due = select(StripeEvent).where(*mine, col(StripeEvent.retry_at) <= now).order_by(col(StripeEvent.retry_at))
    async with db.read() as session:
        shop = await shops.get(session, payload.shop_id)
        found = (await session.exec(due.limit(_BATCH))).all()
    for event in found:
        try:
            async with db.transaction() as session:
                await _try(session, vault, shop, event, now)
        except Exception as error:  # noqa: BLE001  # One that breaks its reader must not keep the others waiting.
            _log.error("orphan failed", shop=shop.id, exc_info=error)
            async with db.transaction() as session:
                await _move(session, event, None, now)
    async with db.transaction() as session:
        following = (await session.exec(select(sa.func.min(col(StripeEvent.retry_at))).where(*mine))).one()
        if following is not None:
            await schedule(session, shop, following)


async def _try(session: AsyncSession, vault: Vault, shop: Shop, event: StripeEvent, now: datetime) -> None:
    reason: Reason | None = None
    try:
        is_adopted, subject = await _apply(session, vault, shop, event.id, event.body_sealed or b"", now)
    except (BadEvent, ValueError):
        reason = "unreadable"
    else:
        if is_adopted:
            return
        if now - event.received_at >= GIVEN_UP_AFTER:
            reason = _reason(event.type, subject)
    await _move(session, event, reason, now)


async def _move(session: AsyncSession, event: StripeEvent, reason: Reason | None, now: datetime) -> None:
    """Give an orphan up for a reason, or try it later: the older it is, the longer it can wait.

    Who adopted it meanwhile is right.
    """
    if reason is not None:
        _log.error("orphan given up", shop=event.shop_id, type=event.type, reason=reason)
    gap = min(max(now - event.received_at, FIRST_GAP), LONGEST_GAP)
    values = {"outcome": "given_up" if reason else "orphan", "reason": reason, "at": None if reason else now + gap}
    await session.core(_MOVE, {"shop": event.shop_id, "event": event.id, **values})


def _reason(kind: str, subject: Subject) -> Reason:
    if (subject.metadata or {}).get("order") and not kind.startswith("refund."):
        return "unknown-order"
    return "unknown-payment" if messages.intent(subject) else "names-no-order"


async def newest(session: AsyncSession, shop: Shop, limit: int) -> Sequence[StripeEvent]:
    """The orphans that wait and those that were given up, newest first."""
    kept = select(StripeEvent).where(
        StripeEvent.shop_id == shop.id, col(StripeEvent.outcome).in_(("orphan", "given_up"))
    )
    ordered = kept.order_by(col(StripeEvent.received_at).desc(), col(StripeEvent.id))
    return (await session.exec(ordered.limit(limit))).all()
