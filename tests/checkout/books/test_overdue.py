"""What hangs is found in the table: delayed payments that nobody told of, and pages whose watch has died."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import select

from checkout import orders
from checkout.books import comparing, overdue, rounds, sweeping
from checkout.books.models import Reading
from checkout.models import Checkout, OrderLine
from checkout.schemas import CheckoutItemIn
from core import clock
from core.jobs import Job
from tests.checkout.books.test_books import order_of, sold, sweep
from tests.checkout.books.test_breaker import requests
from tests.checkout.books.test_ration import spend
from tests.checkout.books.test_turns import told
from tests.checkout.conftest import Till, make_variant, offer

SUCCEEDS, FAILS = "AT321904300235473204", "AT861904300235473202"
DAY = timedelta(days=1, minutes=1)


async def unsubscribed(till: Till, iban: str) -> Checkout:
    """A checkout paid by bank debit, at an endpoint that has not subscribed to its outcome, which Stripe knows."""
    checkout = await sold(till, card=iban)
    assert (await order_of(till, checkout)).status == "processing"
    await till.control("webhooks", hold=True)
    await till.control("clock", advance=60)
    async with till.db.transaction() as session:  # Nothing that the sweep asks Stripe's events for is left.
        await session.execute(sa.delete(Job))
    return checkout


async def age(till: Till, checkout: Checkout, by: timedelta) -> None:
    """The order is as old as that."""
    async with till.db.transaction() as session:
        order = await orders.lock(session, till.shop.id, checkout.order_id)
        assert order is not None
        order.created_at -= by
        session.add(order)


async def look_up(till: Till, later: timedelta = timedelta(0)) -> None:
    """What every sweep does once the events are read; those are lost here."""
    await overdue.look_up(till.gateway, till.db, till.shop, clock.now() + later)


@pytest.mark.parametrize(("iban", "status", "left"), [(SUCCEEDS, "paid", 9), (FAILS, "payment_failed", 10)])
async def test_a_delayed_payment_whose_outcome_nobody_tells_is_asked_for(
    till: Till, iban: str, status: str, left: int
) -> None:
    checkout = await unsubscribed(till, iban)
    await look_up(till)
    assert (await order_of(till, checkout)).status == "processing"
    await look_up(till, DAY)
    assert (await order_of(till, checkout)).status == status
    async with till.db.read() as session:
        assert (await session.get_one(Checkout, checkout.id)).looked_at is not None
        item = (await session.exec(select(OrderLine.variant_id))).one()
    assert (await offer(till.db, till.shop, item)).available == left


async def test_a_payment_under_way_is_asked_for_once_a_day_and_later_once_a_week(till: Till) -> None:
    checkout = await sold(till, card=SUCCEEDS)
    await till.control("webhooks", hold=True)
    before = await requests(till)

    async def asked(later: timedelta) -> int:
        await look_up(till, later)
        return await requests(till) - before

    assert await asked(timedelta(hours=23)) == 0
    assert await asked(DAY) == 2
    assert await asked(DAY + timedelta(hours=23)) == 2
    assert await asked(2 * DAY) == 4
    assert await asked(40 * DAY) == 6
    assert await asked(46 * DAY) == 6
    assert await asked(48 * DAY) == 8
    assert (await order_of(till, checkout)).status == "processing"
    await spend(till, 9000, timedelta(days=-60))
    assert await asked(60 * DAY) == 8


async def test_a_page_whose_watch_has_died_ends_all_the_same(till: Till) -> None:
    variant = await make_variant(till.db, till.shop)
    checkout = await till.start(CheckoutItemIn(variant_id=variant))
    await till.control("webhooks", hold=True)
    await till.control(f"sessions/{checkout.stripe_session_id}/expire")
    async with till.db.transaction() as session:
        await session.execute(sa.delete(Job))
    over = checkout.expires_at - clock.now()
    await look_up(till, over + timedelta(minutes=29))
    assert (await order_of(till, checkout)).status == "awaiting_payment"
    await look_up(till, over + timedelta(minutes=31))
    assert (await order_of(till, checkout)).status == "expired"
    assert (await offer(till.db, till.shop, variant)).available == 10


async def test_one_that_hangs_keeps_no_other_waiting_and_is_told(till: Till) -> None:
    found = [await till.start(CheckoutItemIn(variant_id=await make_variant(till.db, till.shop))) for _ in range(2)]
    await till.control("webhooks", hold=True)
    for each in found:
        await till.control(f"sessions/{each.stripe_session_id}/expire")
    fault = {"status": 500, "times": 9, "path": f"/v1/checkout/sessions/{found[0].stripe_session_id}"}
    await till.person.post("/_local/faults", json=fault)
    later = found[1].expires_at - clock.now() + timedelta(minutes=31)
    await look_up(till, later)
    assert [(await order_of(till, each)).status for each in found] == ["awaiting_payment", "expired"]
    (apart,) = (await told(till)).set_apart.newest
    assert (apart.kind, apart.object_id) == ("checkout", found[0].id)
    await till.person.delete("/_local/faults")
    await sweep(till, later + timedelta(minutes=20))
    assert (await order_of(till, found[0])).status == "expired"
    assert (await told(till)).set_apart.count == 0


async def test_the_sweep_looks_for_them(till: Till) -> None:
    checkout = await unsubscribed(till, FAILS)
    await sweeping.sweep.run(till.resources.at(clock.now() + DAY), sweeping.Sweep(till.shop.id))
    assert (await order_of(till, checkout)).status == "payment_failed"


async def test_a_server_asks_for_payments_under_way_before_it_is_ready(till: Till) -> None:
    checkout = await unsubscribed(till, SUCCEEDS)
    await age(till, checkout, DAY)
    first = rounds.FirstRound(till.gateway, till.db, till.vault)
    first.open()
    await first.finished()
    assert (await order_of(till, checkout)).status == "paid"


async def test_the_comparison_names_sales_of_an_order_that_is_not_paid_unless_stripe_says_it_is(till: Till) -> None:
    checkout = await sold(till, card=SUCCEEDS)
    await till.control("webhooks", hold=True)
    await till.control("clock", advance=2 * 86_400)
    now = clock.now() + timedelta(days=2, hours=1)
    async with till.db.transaction() as session:  # Neither the sweep nor the list of the day's sessions shows it.
        session.add(Reading(shop_id=till.shop.id, events_until=now + DAY, balance_until=now + DAY, recovered=0))
        await session.execute(sa.update(Checkout).values(looked_at=now))
    fault = {"status": 500, "times": 9, "path": f"/v1/checkout/sessions/{checkout.stripe_session_id}"}
    await till.person.post("/_local/faults", json=fault)
    day = (now - timedelta(hours=1)).date()
    found = await comparing.compare(till.gateway, till.db, till.vault, till.shop, day, now)
    named = {"order_id": checkout.order_id, "ours": 0, "stripes": 4900, "currency": "EUR"}
    assert (found.differences, (await order_of(till, checkout)).status) == ([named], "processing")
    await till.person.delete("/_local/faults")
    found = await comparing.compare(till.gateway, till.db, till.vault, till.shop, day, now)
    assert (found.differences, (await order_of(till, checkout)).status) == ([], "paid")
