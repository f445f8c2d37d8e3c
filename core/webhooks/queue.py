"""The queue of one endpoint: which deliveries may go now, when the next one may, and how long all of them are kept."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from core.db import AsyncSession
from core.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint

# After the first try: eight more, over 24 hours and a bit.
GAPS = (
    timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=1),
    timedelta(hours=3), timedelta(hours=7), timedelta(hours=13),
)  # fmt: skip
ATTEMPTS = 1 + len(GAPS)
LONG = timedelta(hours=24)
KEPT = timedelta(days=30)
AT_ONCE = 4
# After so many failures in a row, whatever they were about, the endpoint itself is left alone for a while.
PATIENCE = 3
LONGEST_PAUSE = timedelta(minutes=1)


async def lock(session: AsyncSession, endpoint_id: str) -> WebhookEndpoint | None:
    """The endpoint, fresh, and locked until the transaction ends; new deliveries may be written meanwhile."""
    chosen = select(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id)
    locked = chosen.with_for_update(key_share=True).execution_options(populate_existing=True)
    return (await session.exec(locked)).first()


def _first_in_line(endpoint: WebhookEndpoint) -> sa.ColumnElement[bool]:
    """Whether a delivery waits for no other one about the same subject."""
    before = aliased(WebhookDelivery)
    earlier = sa.or_(
        col(before.sequence) < col(WebhookDelivery.sequence),
        sa.and_(col(before.sequence) == col(WebhookDelivery.sequence), col(before.id) < col(WebhookDelivery.id)),
    )
    unfinished = (
        sa.select(sa.literal(1))
        .where(col(before.endpoint_id) == endpoint.id, col(before.subject) == col(WebhookDelivery.subject))
        .where(col(before.status).in_(("pending", "dead")), earlier)
    )
    mine = sa.and_(col(WebhookDelivery.endpoint_id) == endpoint.id, col(WebhookDelivery.status) == "pending")
    return sa.and_(mine, ~unfinished.exists())


async def due(session: AsyncSession, endpoint: WebhookEndpoint, now: datetime) -> Sequence[WebhookDelivery]:
    """What may be tried now: four at once, one where the endpoint fails, none while it rests or is disabled."""
    if endpoint.disabled_at is not None or (endpoint.paused_until is not None and endpoint.paused_until > now):
        return []
    chosen = (
        select(WebhookDelivery)
        .where(_first_in_line(endpoint), col(WebhookDelivery.due_at) <= now)
        .order_by(col(WebhookDelivery.due_at), col(WebhookDelivery.id))
        .limit(1 if endpoint.failures >= PATIENCE else AT_ONCE)
    )
    return (await session.exec(chosen)).all()


async def next_due(session: AsyncSession, endpoint: WebhookEndpoint) -> datetime | None:
    """When the next delivery may be tried; None where nothing waits that could be."""
    if endpoint.disabled_at is not None or endpoint.archived_at is not None:
        return None
    earliest = select(WebhookDelivery.due_at).where(_first_in_line(endpoint)).order_by(col(WebhookDelivery.due_at))
    found = (await session.exec(earliest.limit(1))).first()
    return found if found is None or endpoint.paused_until is None else max(found, endpoint.paused_until)


async def purge(session: AsyncSession, endpoint: WebhookEndpoint, now: datetime) -> None:
    """Forget deliveries that are older than 30 days, whatever became of them."""
    old = (col(WebhookDelivery.endpoint_id) == endpoint.id, col(WebhookDelivery.created_at) <= now - KEPT)
    chosen = sa.select(col(WebhookDelivery.id)).where(*old)
    await session.execute(sa.delete(WebhookAttempt).where(col(WebhookAttempt.delivery_id).in_(chosen)))
    await session.execute(sa.delete(WebhookDelivery).where(*old))
