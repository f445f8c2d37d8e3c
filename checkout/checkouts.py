"""From intent to a page to pay at: the order, its stock and the exact request are written before Stripe is called.

The call itself happens between two transactions. A crash in between loses nothing: the stored request is sent
again under the same idempotency key, by the buyer's next tap or by `watch`, and Stripe answers with the same session.
"""

from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Protocol

import msgspec
from sqlmodel import select

from checkout import claims, contacts, orders, payments, placing, settling
from checkout.books import allowance
from checkout.errors import (
    CheckoutClosed,
    CheckoutNotFound,
    PaymentProviderRefused,
    PaymentProviderUnavailable,
    PaymentsNotConnected,
)
from checkout.models import LIVING_STATUSES, Checkout, Order
from checkout.payments import Sessions
from checkout.placing import Intent
from checkout.stripe import breaker, coupons, orphans, records, sessions
from checkout.stripe.client import Gateway, waits_once
from checkout.stripe.sessions import SessionFacts
from core import failpoints, jobs, shops
from core.db import AsyncSession, Database
from core.jobs import Resources
from core.settings import Settings
from core.shops import Shop

# How often a tap that finds the page in use by others looks again; each time, one of them has got on.
_ROUNDS = 40
_SKEW = timedelta(minutes=2)
# docs.stripe.com/api/checkout/sessions/create (expires_at): 30 minutes to 24 hours from then, by Stripe's clock.
_LONGEST = timedelta(hours=24)
_SLACK = timedelta(minutes=15)
_FIRST_LOOK = timedelta(seconds=60)
_GRACE = timedelta(minutes=2)
_LOOK_AGAIN = timedelta(minutes=5)
# How long a shop that is not connected to Stripe any more has time to come back, before what it holds is let go.
_PATIENCE = timedelta(hours=24)


class Watch(msgspec.Struct):
    """The payload of `watch`."""

    checkout_id: str
    shop_id: str


class Unit(Protocol):
    """The unit of work that `start` is a part of: what it adds to the first and the last of its transactions."""

    async def claim(self, session: AsyncSession) -> None:
        """Claim its key in the first; refuses IdempotencyKeyReused, and IdempotencyKeyInUse for what runs already or
        was answered."""

    def last(self) -> AbstractAsyncContextManager[AsyncSession]:
        """The last, which the unit commits together with its answer."""


@waits_once
async def start(
    gateway: Gateway,
    db: Database,
    settings: Settings,
    shop: Shop,
    intent: Intent,
    now: datetime,
    unit: Unit | None = None,
) -> Checkout:
    """Place the order, hold its stock and open a page to pay at. `now` is when it was asked for.

    Refuses what `placing.place` refuses; IdempotencyKeyReused when the intent's key came with other items, and what
    `unit` refuses; PaymentsNotConnected and PaymentProviderRefused when Stripe says no for good, and
    PaymentProviderUnavailable when it does not answer, to all calls together, within ten seconds (the same request may
    simply be repeated).
    """
    gateway.client(shop)
    digest = placing.digest_of(intent)
    until = now + timedelta(minutes=settings.hold_minutes)
    for tries in range(_ROUNDS):
        async with db.transaction() as session:
            if unit is not None and not tries:
                await unit.claim(session)
            checkout, is_new = await claims.claim(session, shop, intent.page, intent.key, digest, until, now)
            if is_new:
                await placing.place(session, settings, shop, checkout, intent, now)
                payload = Watch(checkout_id=checkout.id, shop_id=shop.id)
                await jobs.enqueue(session, watch, payload, shop_id=shop.id, run_at=now + _FIRST_LOOK)
        if checkout.digest != digest:
            await _supersede(gateway, db, shop, checkout, now)
            continue
        if checkout.status != "creating":
            return checkout
        failpoints.reach("checkout.placed")
        try:
            return await _open(gateway, db, shop, checkout, now, unit)
        except PaymentProviderRefused:
            # What an earlier try left unsent is too old to be sent (Stripe wants half an hour to pay in): begin anew.
            if is_new:
                raise
    raise PaymentProviderUnavailable("Other requests of the same page are being answered.", retry_after=1)


async def _supersede(gateway: Gateway, db: Database, shop: Shop, previous: Checkout, now: datetime) -> None:
    """End what the same page opened for something else; refuses PaymentProviderRefused where it cannot be ended."""
    try:
        await expire(gateway, db, shop, previous.id, now)
    except CheckoutClosed:
        pass  # Paid or ended in the meantime: then there is nothing to end.
    except PaymentProviderRefused:
        async with db.read() as session:
            if (await get(session, shop, previous.id)).status in LIVING_STATUSES:
                raise


async def _open(
    gateway: Gateway, db: Database, shop: Shop, checkout: Checkout, now: datetime, unit: Unit | None = None
) -> Checkout:
    """Send the stored request and write down the answer."""
    try:
        facts = await _ask(gateway, db, shop, checkout, now)
    except (PaymentProviderRefused, PaymentsNotConnected):
        # A definite no: nobody was ever given a page to pay at, so the stock goes back at once.
        await _give_up(db, shop, checkout, now)
        raise
    failpoints.reach("checkout.answered")
    return await _learn(gateway, db, shop, checkout, facts, now, unit)


async def _ask(gateway: Gateway, db: Database, shop: Shop, checkout: Checkout, now: datetime) -> SessionFacts:
    """Stripe's answer to the stored request.

    A failure that Stripe has stored is the answer to this key for a day. Then the session that was made all the same is
    looked for, and where there is none, the request is sent under the key of a next attempt.

    A time to pay in that has just been chosen and that Stripe refuses is told by clocks that differ: then it is asked
    once more, for a time that a quarter of an hour of difference leaves possible.
    """
    try:
        await coupons.ensure(gateway, shop, checkout)
        return await sessions.create(gateway, shop, checkout)
    except PaymentProviderRefused as refusal:
        if refusal.facts.get("parameter") != "expires_at" or now - checkout.created_at > _SKEW:
            raise
        checkout = await _next_attempt(db, shop, checkout, move=True)
        return await sessions.create(gateway, shop, checkout)
    except PaymentProviderUnavailable as failure:
        if not failure.is_stored:
            raise
    began = checkout.created_at - _SLACK
    async for made in records.sessions(gateway, shop, began, now + _SLACK):
        if made.client_reference_id == checkout.order_id:
            return made
    checkout = await _next_attempt(db, shop, checkout)
    await coupons.ensure(gateway, shop, checkout)
    return await sessions.create(gateway, shop, checkout)


async def _next_attempt(db: Database, shop: Shop, known: Checkout, *, move: bool = False) -> Checkout:
    """The checkout with the key of the attempt that follows the known one; two who ask at once begin one attempt.

    With `move`, its end is another: later, or earlier where it is near to the longest that Stripe allows.
    """
    async with db.transaction() as session:
        checkout = (await _locked(session, shop, known))[1].checkout
        if checkout.stripe_key == known.stripe_key:
            name, _, number = checkout.stripe_key.rpartition(":")
            checkout.stripe_key = f"{name}:{int(number) + 1}"
            if move:
                is_long = checkout.expires_at - checkout.created_at > _LONGEST / 2
                checkout.expires_at += -_SLACK if is_long else _SLACK
                moved = {"expires_at": int(checkout.expires_at.timestamp())}
                checkout.parameters = checkout.parameters | moved
            session.add(checkout)
    return checkout


async def _learn(
    gateway: Gateway,
    db: Database,
    shop: Shop,
    known: Checkout,
    facts: SessionFacts,
    now: datetime,
    unit: Unit | None = None,
) -> Checkout:
    """Write down what a session said about itself."""
    async with db.transaction() if unit is None else unit.last() as session:
        order, sessions = await _locked(session, shop, known)
        checkout = sessions.checkout
        checkout.stripe_session_id = checkout.stripe_session_id or facts.id
        checkout.url = facts.url or checkout.url
        await payments.learn(session, shop, order, facts, sessions)
        await settling.settle(session, shop, order, now, sessions)
        await contacts.keep(session, gateway.vault, shop, order, facts, now)
        if facts.payment_intent is not None:  # Of a page that has just been opened, nobody can have said anything yet.
            await orphans.adopt(session, gateway.vault, shop, order, now)
    failpoints.reach("checkout.learned")
    return checkout


async def _locked(session: AsyncSession, shop: Shop, known: Checkout) -> tuple[Order, Sessions]:
    """Order and sessions as they are once the order's row is ours: a webhook may have ended both a moment ago."""
    order = await orders.lock(session, shop.id, known.order_id)
    assert order is not None, "A checkout and its order are written together."
    return order, await payments.sessions_of(session, order)


async def _give_up(db: Database, shop: Shop, known: Checkout, now: datetime) -> None:
    """Give up a checkout that nobody can pay any more, or ever could; its stock goes back.

    Money that comes all the same finds its order.
    """
    async with db.transaction() as session:
        order, sessions = await _locked(session, shop, known)
        if sessions.checkout.status != known.status:
            return  # A webhook was faster, and knows better.
        if sessions.checkout.status == "creating":
            sessions.checkout.status = "refused"
        order.given_up = True
        await settling.settle(session, shop, order, now, sessions)


async def get(session: AsyncSession, shop: Shop, checkout_id: str) -> Checkout:
    """One checkout of this shop; refuses CheckoutNotFound."""
    rows = select(Checkout).where(Checkout.id == checkout_id, Checkout.shop_id == shop.id)
    found = (await session.exec(rows)).first()
    if found is None:
        raise CheckoutNotFound
    return found


@waits_once
async def expire(gateway: Gateway, db: Database, shop: Shop, checkout_id: str, now: datetime) -> Checkout:
    """End an open checkout now: stock goes back once Stripe says that nobody can pay any more.

    Refuses CheckoutNotFound, CheckoutClosed where it was paid or had ended before, PaymentsNotConnected,
    PaymentProviderRefused where Stripe does not end it, and PaymentProviderUnavailable.
    """
    async with db.read() as session:
        checkout = await get(session, shop, checkout_id)
    if checkout.status == "creating":
        checkout = await _open(gateway, db, shop, checkout, now)
    if checkout.status != "open" or checkout.stripe_session_id is None:
        raise CheckoutClosed("This checkout has ended.", status=checkout.status)
    await _write_cancelled(db, shop, checkout)
    failpoints.reach("checkout.cancelling")
    facts = await sessions.expire(gateway, shop, checkout.stripe_session_id)
    failpoints.reach("checkout.cancelled")
    checkout = await _learn(gateway, db, shop, checkout, facts, now)
    if checkout.status == "complete":
        raise CheckoutClosed("This checkout was paid in the meantime.", status=checkout.status)
    return checkout


async def _write_cancelled(db: Database, shop: Shop, known: Checkout) -> None:
    """Whoever hears first that the session has expired is to know that it was us."""
    async with db.transaction() as session:
        order, _ = await _locked(session, shop, known)
        order.cancelled = True
        session.add(order)


@jobs.job("checkout.watch", Watch, lasting=True)
async def watch(resources: Resources, payload: Watch) -> None:
    """See a checkout to its end: send again what a crash left unsent, and ask Stripe when nothing was heard in time."""
    db, gateway, now = resources.get(Database), resources.get(Gateway), resources.now()
    async with db.read() as session:
        shop = await shops.get(session, payload.shop_id)
        checkout = await get(session, shop, payload.checkout_id)
    if checkout.status not in LIVING_STATUSES:
        return
    again = await _look_after(gateway, db, shop, checkout, now)
    if again is not None:
        async with db.transaction() as session:
            await jobs.enqueue(session, watch, payload, shop_id=shop.id, run_at=again)


async def _ask_after(gateway: Gateway, db: Database, shop: Shop, checkout: Checkout, now: datetime) -> Checkout:
    """Send what was never answered, or ask how a session has ended."""
    if checkout.status == "creating" or checkout.stripe_session_id is None:
        return await _open(gateway, db, shop, checkout, now)
    facts = await sessions.retrieve(gateway, shop, checkout.stripe_session_id)
    failpoints.reach("checkout.looked_up")
    return await _learn(gateway, db, shop, checkout, facts, now)


async def look_up(gateway: Gateway, db: Database, shop: Shop, checkout: Checkout, now: datetime) -> None:
    """Ask Stripe about a checkout whose time is over, or whose delayed payment should be known by now.

    One that may still be paid is given up where Stripe knows nothing of it. Refuses what `call` refuses.
    """
    if checkout.status in ("expired", "refused"):
        return
    try:
        if checkout.status != "complete" or checkout.stripe_session_id is None:
            await _ask_after(gateway, db, shop, checkout, now)
            return
        facts = await sessions.retrieve(gateway, shop, checkout.stripe_session_id)
        await _learn(gateway, db, shop, checkout, await sessions.outcome(gateway, shop, facts), now)
    except PaymentProviderUnavailable:
        if checkout.status == "creating":
            await _give_up(db, shop, checkout, now)
        raise
    except PaymentProviderRefused:
        if checkout.status == "complete":
            raise
        if checkout.status == "open":  # `_open` has given up what was never answered.
            await _give_up(db, shop, checkout, now)


async def _look_after(gateway: Gateway, db: Database, shop: Shop, checkout: Checkout, now: datetime) -> datetime | None:
    """Do what is to be done about a living checkout now, and say when to look again; None where it has ended.

    Stock is given back when Stripe says that the session has expired. Where Stripe cannot say so, because it knows no
    such session or the shop is not connected any more, a session that is over is taken for expired: money that comes
    all the same finds its order. While reads have to last, the sweep may bring that many at once, and is waited for.
    """
    over = checkout.expires_at + _GRACE
    slowed = timedelta(0)
    if checkout.status == "open" and now >= over:
        slowed = (await allowance.look_up(db, shop, now)).patience
        over += slowed
    if checkout.status == "open" and now < over:
        return over
    try:
        async with breaker.guard(db, shop, now):
            checkout = await _ask_after(gateway, db, shop, checkout, now)
    except PaymentProviderUnavailable as away:
        if checkout.status == "creating" and now >= over:
            await _give_up(db, shop, checkout, now)
            return None
        return now + max(_FIRST_LOOK, timedelta(seconds=away.retry_after))
    except (PaymentProviderRefused, PaymentsNotConnected) as refusal:
        if checkout.status == "creating":  # `_open` has given it up.
            return None
        if isinstance(refusal, PaymentsNotConnected) and now < over + _PATIENCE:
            return now + _LOOK_AGAIN
        await _give_up(db, shop, checkout, now)
        return None
    if checkout.status != "open":
        return None
    return over if now < over else now + max(_LOOK_AGAIN, slowed)
