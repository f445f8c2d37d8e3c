"""Stripe's ration of reads: counted, never used up by looking for news, and told."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import cast

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import col, select
from stripe.params.checkout import SessionCreateParams

from checkout import checkouts
from checkout.books import allowance, comparing, reporting, rounds, sweeping
from checkout.books.models import LedgerEntry, Reading
from checkout.errors import PaymentProviderUnavailable
from checkout.schemas import CheckoutItemIn
from checkout.stripe.models import StripeReads
from checkout.stripe.ration import LEAST, LONGEST, WINDOW, Ration
from core import clock, ids, jobs
from core.jobs import Job
from tests.checkout.books.test_books import order_of, sold, sweep
from tests.checkout.conftest import Till, make_variant

START = datetime(2026, 1, 1, tzinfo=UTC)


def spent_by(days: Counter[date], now: datetime) -> int:
    return sum(reads for day, reads in days.items() if day >= (now - WINDOW).date())


def worried_season(costs: Sequence[int], attempts: int) -> tuple[int, list[timedelta]]:
    """Ninety days of a shop that always worries, whose lists want so many pages in turn, and where every read takes so
    many attempts; the most that was read in any thirty days, and the pauses in order."""
    days: Counter[date] = Counter()
    pauses: list[timedelta] = []
    now, most = START, 0
    while now < START + 3 * WINDOW:
        before = Ration(spent_by(days, now), LEAST)
        asked = [costs[(len(pauses) + number) % len(costs)] for number in range(2)]
        cost = attempts * sum(min(pages, before.pages) for pages in asked)
        days[now.date()] += cost
        most = max(most, spent_by(days, now))
        pauses.append(Ration(spent_by(days, now), LEAST).pause(sweeping.WORRIED, cost))
        now += pauses[-1]
    return most, pauses


@settings(max_examples=25, deadline=None)
@given(costs=st.lists(st.integers(1, 3000), min_size=1, max_size=5), attempts=st.sampled_from((1, 1, 1, 3)))
def test_a_shop_that_worries_for_months_stays_inside_its_ration(costs: list[int], attempts: int) -> None:
    most, pauses = worried_season(costs, attempts)
    assert most <= LEAST * 9 // 10
    assert max(pauses) <= LONGEST


def test_a_shop_that_worries_now_and_then_is_never_slowed() -> None:
    for spent in range(0, LEAST * 2 // 5, 100):
        assert Ration(spent, LEAST).pause(sweeping.WORRIED, 3) == sweeping.WORRIED


@settings(max_examples=200)
@given(spent=st.integers(0, 30_000), more=st.integers(0, 5000), cost=st.integers(0, 500))
def test_who_has_spent_more_waits_no_shorter(spent: int, more: int, cost: int) -> None:
    first, second = Ration(spent, LEAST), Ration(spent + more, LEAST)
    assert first.pause(sweeping.WORRIED, cost) <= second.pause(sweeping.WORRIED, cost)
    assert first.patience <= second.patience <= timedelta(hours=1)
    assert first.pages >= second.pages >= 1


async def spend(till: Till, reads: int, ago: timedelta = timedelta(0)) -> None:
    async with till.db.transaction() as session:
        day = (clock.now() - ago).date()
        await session.execute(sa.delete(StripeReads).where(col(StripeReads.day) == day))
        session.add(StripeReads(shop_id=till.shop.id, day=day, reads=reads))


async def spent(till: Till) -> int:
    return (await allowance.look_up(till.db, till.shop, clock.now())).spent


@pytest.mark.parametrize(
    ("reads", "sales", "expected"),
    [
        ({}, {}, Ration(0, 10_000)),
        ({0: 7, 29: 5}, {}, Ration(12, 10_000)),
        ({30: 5, 31: 100}, {}, Ration(5, 10_000)),
        ({1: 5}, {1: 19}, Ration(5, 10_000)),
        ({1: 5}, {1: 21, 29: 2}, Ration(5, 11_500)),
        ({1: 5}, {1: 21, 31: 20}, Ration(5, 10_500)),
    ],
)
async def test_what_is_spent_and_what_is_granted_is_of_thirty_days(
    till: Till, reads: dict[int, int], sales: dict[int, int], expected: Ration
) -> None:
    now = clock.now()
    for ago, count in reads.items():
        await spend(till, count, timedelta(days=ago))
    async with till.db.transaction() as session:
        for ago, count in sales.items():
            for account, amount in (("sales", -4900), ("stripe", 4900), ("refunds", 100)):
                session.add_all(
                    LedgerEntry(
                        id=ids.new("lent"), shop_id=till.shop.id, transaction_id=f"txn_{ago}_{number}",
                        account=account, amount=amount, currency="EUR", occurred_at=now - timedelta(days=ago),
                    )
                    for number in range(count)
                )  # fmt: skip
    assert await allowance.look_up(till.db, till.shop, now) == expected


async def test_every_attempt_of_a_read_counts_and_no_write_does(till: Till) -> None:
    checkout = await sold(till)
    assert await spent(till) == 0
    client = till.gateway.client(till.shop)
    await client.v1.checkout.sessions.retrieve_async(checkout.stripe_session_id or "")
    assert await spent(till) == 1
    await till.control("faults", status=503, times=1, method="GET")
    await client.v1.checkout.sessions.retrieve_async(checkout.stripe_session_id or "")
    assert await spent(till) == 3
    async with till.db.read() as session:
        told = (await reporting.report(session, till.shop, clock.now())).reads
    assert (told.spent, told.entitled, told.slowed) == (3, 10_000, False)


async def test_a_sweep_that_must_be_sparing_comes_back_late(till: Till) -> None:
    checkout = await sold(till, heard=False)
    await spend(till, 7000)
    now = clock.now()
    await sweeping.sweep.run(till.resources.at(now), sweeping.Sweep(till.shop.id))
    assert (await order_of(till, checkout)).status == "paid"
    async with till.db.read() as session:
        (again,) = (await session.exec(select(Job.run_at).where(Job.name == "books.sweep"))).all()
        assert (await reporting.report(session, till.shop, clock.now())).reads.slowed
    assert timedelta(hours=1) < again - now < timedelta(hours=2)


async def test_the_newest_is_read_first_and_the_rest_later(till: Till) -> None:
    first = await sold(till, heard=False)
    client = till.gateway.client(till.shop)
    for number in range(101):
        sent = cast(SessionCreateParams, first.parameters | {"metadata": {}, "client_reference_id": "basket"})
        made = await client.v1.checkout.sessions.create_async(sent, {"idempotency_key": f"other {number}"})
        await till.control(f"sessions/{made.id}/expire")
    await spend(till, 7995)
    assert await sweep(till) == 0
    async with till.db.read() as session:
        told = await reporting.report(session, till.shop, clock.now())
    assert (told.events.orphan, (await order_of(till, first)).status) == (100, "awaiting_payment")
    await jobs.run_due(till.resources, clock.now() + LONGEST)
    assert (await order_of(till, first)).status == "paid"
    async with till.db.read() as session:
        assert (await reporting.report(session, till.shop, clock.now())).recovered == 1
        assert "books.read_on" not in (await session.exec(select(Job.name))).all()


async def test_what_is_left_unread_waits_until_something_may_be_read_again(till: Till) -> None:
    await spend(till, 9000)
    rest = sweeping.ReadOn(till.shop.id, "movements", clock.now(), "txn_1")
    await sweeping.read_on.run(till.resources, rest)
    assert await spent(till) == 9000
    async with till.db.read() as session:
        (waiting,) = (await session.exec(select(Job).where(Job.name == "books.read_on"))).all()
    assert (waiting.payload["after"], waiting.run_at > clock.now() + timedelta(hours=5)) == ("txn_1", True)


async def test_a_place_that_stripe_has_forgotten_is_not_asked_for_again(till: Till) -> None:
    rest = sweeping.ReadOn(till.shop.id, "events", clock.now(), "evt_forgotten")
    await sweeping.read_on.run(till.resources, rest)
    async with till.db.read() as session:
        assert (await session.exec(select(Job).where(Job.name == "books.read_on"))).all() == []


async def test_a_day_that_could_not_be_looked_at_whole_says_so(till: Till) -> None:
    first = await sold(till)
    client = till.gateway.client(till.shop)
    for number in range(100):
        sent = cast(SessionCreateParams, first.parameters)
        await client.v1.checkout.sessions.create_async(sent, {"idempotency_key": f"other {number}"})
    now = clock.now()
    for reads, complete in ((9000, False), (0, True)):
        await spend(till, reads)
        day = await comparing.compare(till.gateway, till.db, till.vault, till.shop, now.date(), now)
        assert day.complete is complete


async def test_a_session_whose_time_is_over_is_asked_for_however_much_is_spent(till: Till) -> None:
    checkout = await till.start(CheckoutItemIn(variant_id=await make_variant(till.db, till.shop)))
    await till.control("webhooks", hold=True)
    await till.control(f"sessions/{checkout.stripe_session_id}/expire")
    await spend(till, 20_000)
    over = checkout.expires_at + timedelta(minutes=2)
    payload = checkouts.Watch(checkout_id=checkout.id, shop_id=till.shop.id)
    for minutes, status in ((0, "awaiting_payment"), (59, "awaiting_payment"), (60, "expired")):
        await checkouts.watch.run(till.resources.at(over + timedelta(minutes=minutes)), payload)
        assert (await order_of(till, checkout)).status == status
    assert await spent(till) == 20_001


async def test_a_server_that_starts_again_and_again_spends_nothing_more(till: Till) -> None:
    await till.start(CheckoutItemIn(variant_id=await make_variant(till.db, till.shop)))

    async def start() -> int:
        before = await spent(till)
        first = rounds.FirstRound(till.gateway, till.db, till.vault)
        first.open()
        await first.finished()
        return await spent(till) - before

    assert await start() > 0
    assert await start() > 0
    await spend(till, 7000)
    assert await start() == 0
    async with till.db.transaction() as session:
        await session.execute(sa.update(Reading).values(swept_at=clock.now() - LONGEST))
    assert await start() > 0
    await spend(till, 9000)
    async with till.db.transaction() as session:
        await session.execute(sa.update(Reading).values(swept_at=None))
    assert await start() == 0


async def test_counts_are_forgotten_when_they_count_no_more(till: Till) -> None:
    await spend(till, 5, timedelta(days=61))
    await spend(till, 5, timedelta(days=30))
    await comparing.compare_yesterday.run(till.resources, comparing.Compare(till.shop.id))
    async with till.db.read() as session:
        days = [each.day for each in (await session.exec(select(StripeReads).order_by(col(StripeReads.day)))).all()]
    assert days == [(clock.now() - timedelta(days=30)).date(), clock.now().date()]


async def test_a_comparison_that_fails_comes_back_later_where_reads_must_last(till: Till) -> None:
    await till.control("faults", status=503, times=50)
    for reads, shortest in ((0, timedelta(hours=1)), (9000, LONGEST)):
        await spend(till, reads)
        now = clock.now()
        with pytest.raises(PaymentProviderUnavailable):
            await comparing.compare(till.gateway, till.db, till.vault, till.shop, now.date(), now)
        await comparing.compare_yesterday.run(till.resources.at(now), comparing.Compare(till.shop.id))
        async with till.db.transaction() as session:
            (again,) = (await session.exec(select(Job.run_at).where(Job.name == "books.compare"))).all()
            await session.execute(sa.delete(Job))
        assert again - now == shortest
