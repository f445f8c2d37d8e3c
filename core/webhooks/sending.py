"""Carries deliveries to their endpoints: one job sends for an endpoint at a time, and no endpoint waits for another.

A round takes what may go, closes the transaction, sends, and writes down how it went. Whoever dies in between has
written nothing: the round comes again, with the same ids. Failures of a delivery come back with growing gaps over a
day; an endpoint that nothing got through to for that long is disabled, and the merchant hears of it.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import ClassVar

import msgspec

from core import clock, events, failpoints, ids, jobs
from core.db import AsyncSession, Database
from core.events import Event
from core.jobs import Resources
from core.logs import logger
from core.outbound import Outbound, Unreachable
from core.secrets import Vault
from core.webhooks import published, queue, signing
from core.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from core.wire import Out

KEPT_BYTES = 1024
_LEASE = timedelta(seconds=30)
_LONGEST_WAIT = timedelta(hours=1)
_DAY = timedelta(days=1)
_GONE = 410
_log = logger("webhooks")


class EndpointDisabled(Event, frozen=True, kw_only=True):
    """An endpoint is disabled: nothing got through for a day (`failing`), or it answered 410 (`gone`)."""

    kind: ClassVar[str] = "webhook_endpoint.disabled"
    endpoint_id: str
    url: str
    reason: str


class EndpointDisabledData(Out, kw_only=True, frozen=True):
    """The endpoint, and why it is disabled: `failing` or `gone`. Its deliveries wait."""

    webhook_endpoint_id: str
    url: str
    reason: str


@published.publish(EndpointDisabled, subject=lambda event: event.endpoint_id)
async def endpoint_disabled(_: AsyncSession, __: str, event: EndpointDisabled) -> EndpointDisabledData:
    """For the shop's other endpoints."""
    return EndpointDisabledData(webhook_endpoint_id=event.endpoint_id, url=event.url, reason=event.reason)


class Round(msgspec.Struct):
    """Whom to send to."""

    endpoint_id: str


class Letter(msgspec.Struct, frozen=True):
    """One delivery ready to be sent."""

    delivery_id: str
    url: str
    content: bytes
    headers: dict[str, str]


class Outcome(msgspec.Struct, frozen=True):
    """How a try went: `word` is delivered, status, or why there was no answer."""

    delivery_id: str
    word: str
    milliseconds: int
    status: int | None = None
    answer: str = ""
    retry_after: int | None = None


@jobs.job("webhooks: send", Round, patient=True)
async def send(resources: Resources, task: Round) -> None:
    """One round for one endpoint; where another job is at it, a look whether it came to its end."""
    db, outbound, now = resources.get(Database), resources.get(Outbound), resources.now()
    holder = ids.new("lease")
    async with db.transaction() as session:
        letters = await _begin(session, resources.get(Vault), task, holder, now)
    if letters is None:
        return
    outcomes = await asyncio.gather(*(_deliver(outbound, each) for each in letters))
    failpoints.reach("webhooks.sent")
    async with db.transaction() as session:
        await _end(session, task, holder, outcomes, now)


async def _begin(session: AsyncSession, vault: Vault, task: Round, holder: str, now: datetime) -> list[Letter] | None:
    """What to send, with the endpoint leased to `holder`; None where there is nothing to do for us."""
    endpoint = await queue.lock(session, task.endpoint_id)
    if endpoint is None:
        return None
    if endpoint.lease_until is not None and endpoint.lease_until > now:
        await enqueue(session, endpoint, endpoint.lease_until)
        return None
    await queue.purge(session, endpoint, now)
    if endpoint.archived_at is not None:
        return None
    found = await queue.due(session, endpoint, now)
    endpoint.lease_until, endpoint.lease_holder = now + _LEASE, holder
    session.add(endpoint)
    secrets = signing.current_secrets(endpoint, vault, now)
    return [Letter(each.id, endpoint.url, each.body.encode(), signing.headers(each, secrets, now)) for each in found]


async def _deliver(outbound: Outbound, letter: Letter) -> Outcome:
    """One try; whatever happens out there is an outcome."""
    began = clock.monotonic()

    def passed() -> int:
        return round((clock.monotonic() - began) * 1000)

    try:
        reply = await outbound.post(letter.url, letter.content, letter.headers, keep=KEPT_BYTES)
    except Unreachable as error:
        return Outcome(letter.delivery_id, error.reason, passed())
    return Outcome(
        letter.delivery_id,
        "delivered" if reply.status // 100 == 2 else "status",
        passed(),
        reply.status,
        _printable(reply.body),
        reply.retry_after,
    )


def _printable(answer: bytes) -> str:
    """Text that both databases take, of no more than 1 KB."""
    text = answer.decode("utf-8", "replace")
    clean = "".join(sign if sign.isprintable() or sign in "\n\t" else "�" for sign in text)
    return clean.encode()[:KEPT_BYTES].decode("utf-8", "ignore")


async def _end(session: AsyncSession, task: Round, holder: str, outcomes: Sequence[Outcome], now: datetime) -> None:
    """Write down how it went, let the endpoint go, and see to it that somebody comes when the next one is due."""
    endpoint = await queue.lock(session, task.endpoint_id)
    if endpoint is None:
        return
    for outcome in outcomes:
        await _note(session, endpoint, outcome, now)
    if endpoint.lease_holder == holder:
        endpoint.lease_until = endpoint.lease_holder = None
    session.add(endpoint)
    await session.flush()
    following = await queue.next_due(session, endpoint)
    if following is not None:
        await enqueue(session, endpoint, following)
    # Once a day, so that what is old is forgotten where nothing new happens any more.
    await enqueue(session, endpoint, now.replace(hour=0, minute=0, second=0, microsecond=0) + queue.KEPT + _DAY)


async def enqueue(session: AsyncSession, endpoint: WebhookEndpoint, at: datetime) -> None:
    """A round at this time; wanted twice it is one."""
    key = f"webhooks {endpoint.id} {at.isoformat()}"
    await jobs.enqueue(session, send, Round(endpoint.id), shop_id=endpoint.shop_id, run_at=at, key=key)


async def _note(session: AsyncSession, endpoint: WebhookEndpoint, outcome: Outcome, now: datetime) -> None:
    """One try in the log, and what follows from it."""
    delivery = await session.get(WebhookDelivery, outcome.delivery_id, populate_existing=True, with_for_update=True)
    if delivery is None:
        return
    session.add(
        WebhookAttempt(
            id=ids.new("try"), shop_id=endpoint.shop_id, delivery_id=delivery.id, outcome=outcome.word,
            status=outcome.status, answer=outcome.answer, milliseconds=outcome.milliseconds, created_at=now,
        )
    )  # fmt: skip
    if outcome.word == "delivered":
        delivery.status, delivery.delivered_at = "delivered", now
        endpoint.failures, endpoint.failing_since, endpoint.paused_until = 0, None, None
        endpoint.last_delivered_at = now
    else:
        _fail(endpoint, delivery, outcome, now)
        await _despair(session, endpoint, delivery, outcome, now)
    session.add(delivery)


def _fail(endpoint: WebhookEndpoint, delivery: WebhookDelivery, outcome: Outcome, now: datetime) -> None:
    endpoint.failures += 1
    endpoint.failing_since = endpoint.failing_since or now
    if endpoint.failures >= queue.PATIENCE:
        pause = timedelta(seconds=2 ** min(endpoint.failures - queue.PATIENCE, 10))
        endpoint.paused_until = now + min(pause, queue.LONGEST_PAUSE)
    if delivery.status != "pending":
        return  # The merchant skipped it meanwhile.
    delivery.attempts_left -= 1
    if delivery.attempts_left <= 0:
        # What was sent again by hand has been delivered before, and holds nothing back.
        delivery.status = "delivered" if delivery.delivered_at else "dead"
        return
    asked = min(timedelta(seconds=outcome.retry_after or 0), _LONGEST_WAIT)
    delivery.due_at = now + max(queue.GAPS[-delivery.attempts_left], asked)


async def _despair(
    session: AsyncSession, endpoint: WebhookEndpoint, delivery: WebhookDelivery, outcome: Outcome, now: datetime
) -> None:
    """Disable an endpoint that is gone, or that nothing got through to for as long as we try; with notice."""
    gone = outcome.status == _GONE
    failing = delivery.status == "dead" and now - (endpoint.failing_since or now) >= queue.LONG
    if not (gone or failing) or endpoint.disabled_at is not None:
        return
    endpoint.disabled_at, endpoint.disabled_reason = now, "gone" if gone else "failing"
    endpoint.version += 1
    endpoint.updated_at = now
    session.add(endpoint)
    _log.warning("endpoint disabled", endpoint=endpoint.id, reason=endpoint.disabled_reason)
    news = EndpointDisabled(endpoint_id=endpoint.id, url=endpoint.url, reason=endpoint.disabled_reason)
    await events.record(session, endpoint.shop_id, news)
