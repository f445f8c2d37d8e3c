"""What each endpoint gets: one row for each event and endpoint, written in the transaction of the event."""

from datetime import datetime

import msgspec
import sqlalchemy as sa
from sqlmodel import col, select

from core import clock, db, events, ids, jobs
from core.db import AsyncSession
from core.events import Event, Recorded
from core.shops import Shop
from core.webhooks import published, queue, sending
from core.webhooks.errors import WebhookDeliveryNotFound, WebhookDeliverySettled, WebhookEndpointDisabled
from core.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from core.webhooks.schemas import EVERYTHING, Status
from core.wire import Out

TEST = "webhook_endpoint.test"
_LIVING = sa.select(col(WebhookEndpoint.id), col(WebhookEndpoint.event_types)).where(
    col(WebhookEndpoint.shop_id) == sa.bindparam("shop"), col(WebhookEndpoint.archived_at).is_(None)
)


class TestData(Out, kw_only=True, frozen=True):
    """The endpoint that a test event was asked for."""

    __test__ = False  # Not for pytest.

    webhook_endpoint_id: str


class Filters(msgspec.Struct, frozen=True):
    """What a list is narrowed to; None leaves nothing out."""

    status: Status | None = None
    event_type: str | None = None


@events.witness
async def fan_out(session: AsyncSession, recorded: Recorded, event: Event) -> None:
    """One delivery for each of the shop's endpoints that wants to hear of this."""
    kind = published.of(event.kind)
    if kind is None:
        return
    living = await session.rows(_LIVING, {"shop": recorded.shop_id})
    wanted = [endpoint for endpoint, types in living if EVERYTHING in types or kind.name in types]
    if not wanted:
        return
    data = await kind.show(session, recorded.shop_id, event)
    body = published.body(kind.name, recorded.created_at, data)
    for endpoint_id in wanted:
        where = (recorded.shop_id, endpoint_id)
        await _add(session, where, recorded.id, kind.name, kind.subject(event), body, recorded.created_at)


async def _add(
    session: AsyncSession, to: tuple[str, str], event_id: str, kind: str, subject: str, body: str, now: datetime
) -> str:
    """A delivery to an endpoint (shop id, id) after all others about its subject, and a job that sends it; its id.

    The job has no key: a key would make the transactions of all buyers wait for each other.
    """
    shop_id, endpoint_id = to
    about = (col(WebhookDelivery.endpoint_id) == endpoint_id, col(WebhookDelivery.subject) == subject)
    last = sa.select(sa.func.coalesce(sa.func.max(WebhookDelivery.sequence), 0) + 1).where(*about)
    delivery_id = ids.new("dlv")
    await session.execute(
        sa.insert(WebhookDelivery).values(
            id=delivery_id, shop_id=shop_id, endpoint_id=endpoint_id, event_id=event_id, event_type=kind,
            subject=subject, sequence=last.scalar_subquery(), body=body, status="pending",
            attempts_left=1 if kind == TEST else queue.ATTEMPTS, due_at=now, created_at=now,
        )
    )  # fmt: skip
    await jobs.enqueue(session, sending.send, sending.Round(endpoint_id), shop_id=shop_id)
    return delivery_id


async def test(session: AsyncSession, endpoint: WebhookEndpoint) -> WebhookDelivery:
    """A test event for a locked endpoint, tried once and at once. Refuses WebhookEndpointDisabled."""
    _check_enabled(endpoint)
    now, event_id = clock.now(), ids.new("evt")
    body = published.body(TEST, now, TestData(webhook_endpoint_id=endpoint.id))
    _wake(session, endpoint)
    delivery_id = await _add(session, (endpoint.shop_id, endpoint.id), event_id, TEST, event_id, body, now)
    return (await session.exec(select(WebhookDelivery).where(WebhookDelivery.id == delivery_id))).one()


test.__test__ = False  # type: ignore[attr-defined]  # Not for pytest.


def _check_enabled(endpoint: WebhookEndpoint) -> None:
    if endpoint.disabled_at is not None:
        raise WebhookEndpointDisabled("Enable it first.", reason=endpoint.disabled_reason)


def _wake(session: AsyncSession, endpoint: WebhookEndpoint) -> None:
    endpoint.paused_until = None
    session.add(endpoint)


async def get(session: AsyncSession, shop: Shop, delivery_id: str) -> WebhookDelivery:
    """One delivery; refuses WebhookDeliveryNotFound."""
    delivery = await session.get(WebhookDelivery, delivery_id)
    if delivery is None or delivery.shop_id != shop.id:
        raise WebhookDeliveryNotFound
    return delivery


async def attempts(session: AsyncSession, delivery: WebhookDelivery) -> list[WebhookAttempt]:
    """Every try of a delivery, the oldest first."""
    chosen = select(WebhookAttempt).where(WebhookAttempt.delivery_id == delivery.id)
    return list((await session.exec(chosen.order_by(col(WebhookAttempt.id)))).all())


async def list_page(
    session: AsyncSession, endpoint: WebhookEndpoint, filters: Filters, limit: int, cursor: str | None
) -> tuple[list[WebhookDelivery], str | None]:
    """One page of an endpoint's deliveries, newest first, and the next page's cursor."""
    chosen = select(WebhookDelivery).where(WebhookDelivery.endpoint_id == endpoint.id)
    if filters.status is not None:
        chosen = chosen.where(WebhookDelivery.status == filters.status)
    if filters.event_type is not None:
        chosen = chosen.where(WebhookDelivery.event_type == filters.event_type)
    return await db.page(session, chosen, WebhookDelivery.id, limit, cursor)


async def _lock(session: AsyncSession, shop: Shop, delivery_id: str) -> tuple[WebhookEndpoint, WebhookDelivery]:
    """A delivery and its endpoint, fresh and locked, in the order in which whoever sends locks them."""
    known = await get(session, shop, delivery_id)
    endpoint = await queue.lock(session, known.endpoint_id)
    chosen = select(WebhookDelivery).where(WebhookDelivery.id == delivery_id).with_for_update()
    delivery = (await session.exec(chosen.execution_options(populate_existing=True))).first()
    if endpoint is None or delivery is None:
        raise WebhookDeliveryNotFound
    return endpoint, delivery


async def resend(session: AsyncSession, shop: Shop, delivery_id: str) -> WebhookDelivery:
    """Send this once more, now, with the same id and body.

    What was never delivered gets all its tries again, what was delivered gets one. Refuses WebhookDeliveryNotFound and
    WebhookEndpointDisabled.
    """
    endpoint, delivery = await _lock(session, shop, delivery_id)
    _check_enabled(endpoint)
    _again(delivery, clock.now())
    _wake(session, endpoint)
    session.add(delivery)
    await session.flush()
    await jobs.enqueue(session, sending.send, sending.Round(endpoint.id), shop_id=shop.id)
    return delivery


def _again(delivery: WebhookDelivery, now: datetime) -> None:
    once = delivery.delivered_at is not None or delivery.event_type == TEST
    delivery.status, delivery.due_at = "pending", now
    delivery.attempts_left = 1 if once else queue.ATTEMPTS


async def skip(session: AsyncSession, shop: Shop, delivery_id: str) -> WebhookDelivery:
    """Give this one up: what waits behind it goes out.

    Refuses WebhookDeliveryNotFound, and WebhookDeliverySettled where it is neither pending nor dead.
    """
    endpoint, delivery = await _lock(session, shop, delivery_id)
    if delivery.status not in ("pending", "dead"):
        raise WebhookDeliverySettled(status=delivery.status)
    delivery.status = "skipped"
    session.add(delivery)
    await session.flush()
    await jobs.enqueue(session, sending.send, sending.Round(endpoint.id), shop_id=shop.id)
    return delivery


async def revive(session: AsyncSession, endpoint: WebhookEndpoint, now: datetime) -> None:
    """All that waits or was given up is tried from the beginning; for an endpoint that is enabled again."""
    again = (
        sa.update(WebhookDelivery)
        .where(col(WebhookDelivery.endpoint_id) == endpoint.id, col(WebhookDelivery.event_type) != TEST)
        .where(col(WebhookDelivery.status).in_(("pending", "dead")))
        .values(status="pending", due_at=now, attempts_left=queue.ATTEMPTS)
    )
    await session.execute(again.execution_options(synchronize_session=False))
    await jobs.enqueue(session, sending.send, sending.Round(endpoint.id), shop_id=endpoint.shop_id)


async def give_up(session: AsyncSession, endpoint: WebhookEndpoint, now: datetime) -> None:
    """Skip all that waits, and forget it when its time is over; for an endpoint that is archived."""
    waiting = sa.update(WebhookDelivery).where(
        col(WebhookDelivery.endpoint_id) == endpoint.id, col(WebhookDelivery.status) == "pending"
    )
    await session.execute(waiting.values(status="skipped").execution_options(synchronize_session=False))
    await sending.enqueue(session, endpoint, now + queue.KEPT)
