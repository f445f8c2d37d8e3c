"""The sweep: Stripe is asked, sparingly, for what its webhooks did not bring.

Every quarter of an hour while webhooks flow; every two minutes while a buyer is at the payment page and none came for
ten. What is found goes the way of a webhook, so that overlaps do no harm.
"""

from datetime import datetime, timedelta

import msgspec
import sqlalchemy as sa
from sqlmodel import col, select

from checkout import news
from checkout.books import ledger
from checkout.books.models import Reading
from checkout.errors import PaymentProviderRefused, PaymentProviderUnavailable, PaymentsNotConnected
from checkout.models import Checkout, StripeEvent
from checkout.stripe import events, records
from checkout.stripe.client import Gateway
from core import failpoints, jobs, shops
from core.db import AsyncSession, Database, insert_new
from core.jobs import Resources
from core.logs import logger
from core.secrets import Vault
from core.shops import Shop

CALM = timedelta(minutes=15)
WORRIED = timedelta(minutes=2)
SILENCE = timedelta(minutes=10)
_BALANCE_EVERY = timedelta(hours=1)
_OVERLAP = timedelta(minutes=10)
# docs.stripe.com/api/events: events are kept for 30 days.
_KEPT = timedelta(days=29)
_log = logger("books")


class Sweep(msgspec.Struct):
    """The payload of `sweep`."""

    shop_id: str


async def catch_up(gateway: Gateway, db: Database, vault: Vault, shop: Shop, now: datetime) -> int:
    """Take in the events that no webhook brought, and book what moved; how many events were new.

    Refuses what `call` refuses: then nothing is marked as read.
    """
    async with db.transaction() as session:
        reading = await _reading(session, shop, now)
    recovered = 0
    since = max(reading.events_until - _OVERLAP, now - _KEPT)
    missed = [each async for each in records.undelivered(gateway, shop, sorted(news.FOLLOWED), since)]
    failpoints.reach("sweep.fetched")
    for event in reversed(missed):  # Oldest first: an order is then known before its refund.
        recovered += await events.recover(db, vault, shop, msgspec.json.encode(event), now) == "applied"
    failpoints.reach("sweep.recovered")
    balance_until = reading.balance_until
    if now - reading.balance_until >= _BALANCE_EVERY:
        await ledger.book(db, shop, records.movements(gateway, shop, reading.balance_until - _OVERLAP))
        balance_until = now
    failpoints.reach("sweep.booked")
    async with db.transaction() as session:
        mine = sa.update(Reading).where(col(Reading.shop_id) == shop.id)
        values = {"events_until": now, "balance_until": balance_until, "swept_at": now}
        await session.execute(mine.values(recovered=col(Reading.recovered) + recovered, **values))
    if recovered:
        _log.warning("events recovered", shop=shop.id, count=recovered)
    return recovered


async def _reading(session: AsyncSession, shop: Shop, now: datetime) -> Reading:
    """How far we have read; a shop begins with what Stripe remembers."""
    start = now - _KEPT
    values = {"shop_id": shop.id, "events_until": start, "balance_until": start, "recovered": 0}
    await insert_new(session, Reading, values)
    return (await session.exec(select(Reading).where(Reading.shop_id == shop.id))).one()


async def pause(session: AsyncSession, shop: Shop, now: datetime) -> timedelta:
    """How long to wait for the next sweep: not long while somebody is paying and Stripe is silent."""
    at_stripe = select(Checkout.id).where(Checkout.shop_id == shop.id, Checkout.status == "open").limit(1)
    if (await session.exec(at_stripe)).first() is None:
        return CALM
    heard = select(sa.func.max(col(StripeEvent.received_at))).where(StripeEvent.shop_id == shop.id)
    last = (await session.exec(heard)).first()
    return CALM if last is not None and now - last < SILENCE else WORRIED


@jobs.job("books.sweep", Sweep)
async def sweep(resources: Resources, payload: Sweep) -> None:
    """Catch up with Stripe, and come back."""
    db, gateway, vault, now = (
        resources.get(Database), resources.get(Gateway), resources.get(Vault), resources.now(),
    )  # fmt: skip
    async with db.read() as session:
        shop = await shops.get(session, payload.shop_id)
        after = await pause(session, shop, now)
    try:
        await catch_up(gateway, db, vault, shop, now)
    except PaymentsNotConnected:
        return  # Whoever connects the shop again begins anew.
    except (PaymentProviderUnavailable, PaymentProviderRefused) as refusal:
        _log.warning("sweep failed", shop=shop.id, reason=refusal.slug)
    async with db.transaction() as session:
        await schedule(session, shop, now + after)


async def schedule(session: AsyncSession, shop: Shop, at: datetime) -> None:
    """Let the shop's next sweep run then, where none waits already."""
    await jobs.enqueue(session, sweep, Sweep(shop.id), shop_id=shop.id, run_at=at, key=f"books.sweep {shop.id}")
