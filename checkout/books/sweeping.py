"""The sweep: Stripe is asked, sparingly, for what its webhooks did not bring.

Every quarter of an hour while webhooks flow; every two minutes while a buyer is at the payment page and none came for
ten; less often once much of the ration of reads is spent (`checkout.stripe.ration`). What is found goes the way of a
webhook, so that overlaps do no harm. The newest is read first, a few pages at once: what is left unread then is read
on by a job, so that nothing is read twice however much there is. What cannot be taken in is set apart
(`checkout.books.failures`), and the next sweep comes whatever happens to this one (`checkout.books.turns`).
"""

from datetime import datetime, timedelta
from typing import Literal

import msgspec
import sqlalchemy as sa
from sqlmodel import col, select

from checkout import news
from checkout.books import allowance, failures, ledger, overdue, retrying, turns
from checkout.books.models import Reading
from checkout.books.turns import Tools
from checkout.errors import PaymentProviderRefused
from checkout.models import Checkout, StripeEvent
from checkout.stripe import events, records
from checkout.stripe.client import Gateway
from checkout.stripe.records import Pages
from core import failpoints, jobs, shops
from core.db import AsyncSession, Database, insert_new
from core.jobs import Resources
from core.logs import logger
from core.secrets import Vault
from core.shops import Shop

CALM = timedelta(minutes=15)
WORRIED = timedelta(minutes=2)
SILENCE = timedelta(minutes=10)
_BALANCE_EVERY = _AGAIN = timedelta(hours=1)
_SOON = timedelta(seconds=1)
_OVERLAP = timedelta(minutes=10)
# As many as a job surely manages, which has less than a minute.
_PAGES_AT_ONCE = 5
# docs.stripe.com/api/events: events are kept for 30 days.
_KEPT = timedelta(days=29)
_log = logger("books")


class Sweep(msgspec.Struct):
    """The payload of `sweep`."""

    shop_id: str


Stream = Literal["events", "movements"]


class ReadOn(msgspec.Struct):
    """The payload of `read_on`: a list since some time, of which nothing `after` this object of Stripe's was read."""

    shop_id: str
    stream: Stream
    since: datetime
    after: str


async def catch_up(gateway: Gateway, db: Database, vault: Vault, shop: Shop, now: datetime) -> int:
    """Take in the events that no webhook brought, book what moved, and look for what hangs; how many events were new.

    Refuses what `call` refuses: then what was not read is not marked as read.
    """
    async with db.transaction() as session:
        reading = await _reading(session, shop, now)
        most = min((await allowance.of(session, shop, now)).pages, _PAGES_AT_ONCE)
    since = max(reading.events_until - _OVERLAP, now - _KEPT)
    recovered = await _recover(gateway, db, vault, shop, since, Pages(most), now)
    failpoints.reach("sweep.recovered")
    await _mark(db, shop, events_until=now)
    if now - reading.balance_until >= _BALANCE_EVERY:
        await _book(gateway, db, shop, reading.balance_until - _OVERLAP, Pages(most), now)
        failpoints.reach("sweep.booked")
        await _mark(db, shop, balance_until=now)
    await retrying.retry(gateway, db, vault, shop, now)
    await overdue.look_up(gateway, db, shop, now)
    await _mark(db, shop, swept_at=now)
    return recovered


async def _mark(db: Database, shop: Shop, **values: datetime | sa.ColumnElement[int]) -> None:
    """Write down how far we have come, or what was found: whatever breaks next, this is not read again."""
    async with db.transaction() as session:
        await session.execute(sa.update(Reading).where(col(Reading.shop_id) == shop.id).values(**values))


async def _recover(
    gateway: Gateway, db: Database, vault: Vault, shop: Shop, since: datetime, pages: Pages, now: datetime
) -> int:
    """Take in the undelivered events since then, as far as the pages go; how many were new."""
    recovered = 0
    missed = [each async for each in records.undelivered(gateway, shop, sorted(news.FOLLOWED), since, pages)]
    failpoints.reach("sweep.fetched")
    for event in reversed(missed):  # Oldest first: an order is then known before its refund.
        async with failures.apart(db, shop, "event", str(event.get("id")), now):
            recovered += await events.recover(db, vault, shop, msgspec.json.encode(event), now) == "applied"
    if recovered:
        await _mark(db, shop, recovered=col(Reading.recovered) + recovered)
        _log.warning("events recovered", shop=shop.id, count=recovered)
    await _leave(db, shop, "events", since, pages, now)
    return recovered


async def _book(gateway: Gateway, db: Database, shop: Shop, since: datetime, pages: Pages, now: datetime) -> None:
    """Book what moved since then, as far as the pages go."""
    await ledger.book(db, shop, records.movements(gateway, shop, since, pages), now)
    await failures.write(db, shop, "movement", pages.unreadable, failures.UNREADABLE, now)
    await _leave(db, shop, "movements", since, pages, now)


async def _leave(db: Database, shop: Shop, stream: Stream, since: datetime, pages: Pages, now: datetime) -> None:
    """Let the pages that were not read be read later."""
    if not pages.is_cut or pages.after is None:
        return
    rest = ReadOn(shop.id, stream, since, pages.after)
    async with db.transaction() as session:
        later = now + (await allowance.of(session, shop, now)).pause(_SOON, pages.read)
        await jobs.enqueue(session, read_on, rest, shop_id=shop.id, run_at=later)
    _log.warning("left unread for now", shop=shop.id, stream=stream, pages=pages.read)


@jobs.job("books.read_on", ReadOn, lasting=True)
async def read_on(resources: Resources, payload: ReadOn) -> None:
    """Read what a sweep has left unread, as the ration allows it.

    Where Stripe has forgotten the place by then, which it does after a month, the rest is gone.
    """
    gateway, db, vault, now = Tools.of(resources)
    async with db.read() as session:
        shop = await shops.get(session, payload.shop_id)
        allowed = await allowance.of(session, shop, now)
    pages = Pages(min(allowed.pages, _PAGES_AT_ONCE), payload.after)
    failed: timedelta | None = _AGAIN
    if allowed.left:
        failed = await turns.take(
            db, shop, "reading-on", now, lambda: _read_on(gateway, db, vault, shop, payload, pages, now)
        )
    if failed is not None:
        async with db.transaction() as session:
            again = now + allowed.pause(_AGAIN)
            await jobs.enqueue(session, read_on, payload, shop_id=shop.id, run_at=again)


async def _read_on(
    gateway: Gateway, db: Database, vault: Vault, shop: Shop, payload: ReadOn, pages: Pages, now: datetime
) -> None:
    try:
        if payload.stream == "events":
            await _recover(gateway, db, vault, shop, max(payload.since, now - _KEPT), pages, now)
        else:
            await _book(gateway, db, shop, payload.since, pages, now)
    except PaymentProviderRefused:
        _log.error("left unread for good", shop=shop.id, stream=payload.stream)


async def _reading(session: AsyncSession, shop: Shop, now: datetime) -> Reading:
    """How far we have read; a shop begins with what Stripe remembers."""
    start = now - _KEPT
    values = {"shop_id": shop.id, "events_until": start, "balance_until": start, "recovered": 0}
    await insert_new(session, Reading, values)
    return await session.get_one(Reading, shop.id)


async def interval(session: AsyncSession, shop: Shop, now: datetime) -> timedelta:
    """How long to wait for the next sweep: not long while somebody is paying and Stripe is silent."""
    at_stripe = select(Checkout.id).where(Checkout.shop_id == shop.id, Checkout.status == "open").limit(1)
    if (await session.exec(at_stripe)).first() is None:
        return CALM
    heard = select(sa.func.max(col(StripeEvent.received_at))).where(StripeEvent.shop_id == shop.id)
    last = (await session.exec(heard)).first()
    return CALM if last is not None and now - last < SILENCE else WORRIED


async def may_begin(session: AsyncSession, shop: Shop, now: datetime) -> bool:
    """Whether a server that starts may sweep: not again and again, where the ration has to last."""
    allowed = await allowance.of(session, shop, now)
    if not allowed.is_slowed:
        return True
    reading = await session.get(Reading, shop.id)
    last = reading.swept_at if reading else None
    return allowed.left > 0 and (last is None or last + allowed.pause(WORRIED) <= now)


@jobs.job("books.sweep", Sweep, lasting=True)
async def sweep(resources: Resources, payload: Sweep) -> None:
    """Catch up with Stripe, and come back, whatever was the matter."""
    gateway, db, vault, now = Tools.of(resources)
    async with db.read() as session:
        shop = await shops.get(session, payload.shop_id)
        wanted = await interval(session, shop, now)
        before = await allowance.of(session, shop, now)
    failed = await turns.take(db, shop, "sweep", now, lambda: catch_up(gateway, db, vault, shop, now))
    wanted = max(wanted, failed or wanted)
    async with db.transaction() as session:
        after = await allowance.of(session, shop, now)
        await schedule(session, shop, now + after.pause(wanted, after.spent - before.spent))


def key_of(shop: Shop) -> str:
    """The key of the shop's next sweep."""
    return f"books.sweep {shop.id}"


async def schedule(session: AsyncSession, shop: Shop, at: datetime) -> None:
    """Let the shop's next sweep run then, where none waits already."""
    await jobs.enqueue(session, sweep, Sweep(shop.id), shop_id=shop.id, run_at=at, key=key_of(shop))
