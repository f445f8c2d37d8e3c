"""While Stripe is away, the work behind the scenes asks ever less often; buyers are never kept from asking."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from sqlmodel import select

from checkout import checkouts
from checkout.books import reporting, sweeping
from checkout.books.schemas import BreakerOut
from checkout.errors import PaymentProviderRefused, PaymentProviderUnavailable
from checkout.schemas import CheckoutItemIn
from checkout.stripe import breaker
from checkout.stripe.models import Circuit
from core import clock
from core.jobs import Job
from tests.checkout.books.test_books import order_of, sold
from tests.checkout.conftest import Till, make_variant


@pytest.fixture
async def away(till: Till) -> AsyncIterator[Till]:
    """A till whose Stripe is away until a test lets it come back."""
    await till.control("faults", status=503, times=1000, headers={"stripe-should-retry": "false"})
    yield till
    await back(till)


async def back(till: Till) -> None:
    await till.person.delete("/_local/faults")


async def requests(till: Till) -> int:
    return len((await till.person.get("/_local/requests")).json()["data"])


async def fail(till: Till, now: datetime, times: int) -> list[int]:
    """Ask in the background so many times; when to try again each time, in seconds."""
    waits = []
    for _ in range(times):
        with pytest.raises(PaymentProviderUnavailable) as refusal:
            async with breaker.guard(till.db, till.shop, now):
                raise PaymentProviderUnavailable("Away.", retry_after=10)
        waits.append(refusal.value.retry_after)
    return waits


async def told(till: Till) -> BreakerOut:
    async with till.db.read() as session:
        return (await reporting.report(session, till.shop, clock.now())).breaker


async def circuit(till: Till) -> Circuit:
    async with till.db.read() as session:
        return (await session.exec(select(Circuit))).one()


def test_the_gaps_grow_and_end() -> None:
    gaps = [breaker.gap(failures).total_seconds() for failures in range(12)]
    assert gaps == [0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900, 900]
    assert breaker.gap(10**6) == breaker.LONGEST_GAP


async def test_two_failures_are_nothing_yet(till: Till) -> None:
    now = clock.now()
    assert await fail(till, now, 2) == [10, 10]
    assert (await told(till)).state == "closed"
    async with breaker.guard(till.db, till.shop, now):
        pass
    known = await told(till)
    assert (known.state, known.failures, known.retry_at) == ("closed", 0, None)


async def test_after_three_failures_nobody_asks_and_then_one_tries(till: Till) -> None:
    now = clock.now()
    await fail(till, now, 3)
    first = await circuit(till)
    assert first.retry_at is not None
    assert breaker.FIRST_GAP / 2 <= first.retry_at - now <= breaker.FIRST_GAP
    assert (breaker.state(first, now), breaker.state(first, first.retry_at)) == ("open", "half_open")
    asked = 0

    async def ask(at: datetime) -> None:
        nonlocal asked
        async with breaker.guard(till.db, till.shop, at):
            asked += 1

    with pytest.raises(PaymentProviderUnavailable) as refusal:
        await ask(now)
    assert refusal.value.retry_after >= 30
    ends = await asyncio.gather(*(ask(first.retry_at) for _ in range(5)), return_exceptions=True)
    assert asked >= 1
    assert [each for each in ends if each is not None and not isinstance(each, PaymentProviderUnavailable)] == []
    known = await told(till)
    assert (known.state, known.failures) == ("closed", 0)


async def test_only_one_of_many_tries_while_the_outcome_is_open(till: Till) -> None:
    await fail(till, clock.now(), 3)
    at = clock.now() + timedelta(minutes=1)
    async with breaker.guard(till.db, till.shop, at):
        for _ in range(3):
            with pytest.raises(PaymentProviderUnavailable):
                async with breaker.guard(till.db, till.shop, at):
                    raise AssertionError
        async with breaker.guard(till.db, till.shop, at + breaker.PROBE):
            pass  # Whoever tried before is not waited for any longer.


async def test_each_failed_try_doubles_the_gap(till: Till) -> None:
    now = clock.now()
    await fail(till, now, 3)
    for failures in range(4, 12):
        known = await circuit(till)
        assert known.retry_at is not None
        now = known.retry_at
        await fail(till, now, 1)
        known = await circuit(till)
        assert known.retry_at is not None
        assert known.failures == failures
        assert breaker.gap(failures) / 2 <= known.retry_at - now <= breaker.gap(failures)


async def test_those_who_fail_at_once_are_one_failure(till: Till) -> None:
    now = clock.now()
    all_inside = asyncio.Barrier(5)

    async def one() -> None:
        async with breaker.guard(till.db, till.shop, now):
            await all_inside.wait()
            raise PaymentProviderUnavailable("Away.")

    await asyncio.gather(*(one() for _ in range(5)), return_exceptions=True)
    assert (await circuit(till)).failures == 1


async def test_a_no_is_an_answer(till: Till) -> None:
    await fail(till, clock.now(), 3)
    with pytest.raises(PaymentProviderRefused):
        async with breaker.guard(till.db, till.shop, clock.now() + timedelta(minutes=1)):
            raise PaymentProviderRefused("No.")
    assert (await told(till)).state == "closed"


async def test_sweeps_and_watches_leave_stripe_in_peace_and_find_what_happened(away: Till) -> None:
    await back(away)
    checkout = await sold(away, heard=False)
    await away.control("faults", status=503, times=1000, headers={"stripe-should-retry": "false"})
    now = clock.now()
    for _ in range(3):
        await sweeping.sweep.run(away.resources.at(now), sweeping.Sweep(away.shop.id))
    before = await requests(away)
    over = checkout.expires_at + timedelta(minutes=2)
    payload = checkouts.Watch(checkout_id=checkout.id, shop_id=away.shop.id)
    await sweeping.sweep.run(away.resources.at(now), sweeping.Sweep(away.shop.id))
    await fail(away, over, 6)  # As long as nobody could ask until the session's time was over.
    await checkouts.watch.run(away.resources.at(over), payload)
    assert await requests(away) == before
    assert (await order_of(away, checkout)).status == "awaiting_payment"
    async with away.db.read() as session:
        found = (await session.exec(select(Job.run_at).where(Job.name == "checkout.watch"))).all()
    assert max(found) >= over + timedelta(minutes=1)
    await back(away)
    await checkouts.watch.run(away.resources.at(over + timedelta(hours=1)), payload)
    assert (await order_of(away, checkout)).status == "paid"
    assert (await told(away)).state == "closed"


async def test_buyers_are_not_refused_by_the_breaker(till: Till) -> None:
    await fail(till, clock.now(), 5)
    assert (await told(till)).state == "open"
    checkout = await till.start(CheckoutItemIn(variant_id=await make_variant(till.db, till.shop)))
    assert checkout.status == "open"
