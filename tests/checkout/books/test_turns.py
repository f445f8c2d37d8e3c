"""The books are never left alone: whatever goes wrong is set apart and told, and the next turn comes."""

import json
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from typing import Any

import httpx2
import pytest
import sqlalchemy as sa
from sqlmodel import col, select
from stripe.params.checkout import SessionCreateParams

from checkout.books import comparing, failures, ledger, reporting, rounds, sweeping
from checkout.books.models import LedgerEntry, Reading
from checkout.books.schemas import ReconciliationOut
from checkout.errors import PaymentProviderUnavailable
from checkout.stripe import breaker, sessions
from checkout.stripe.client import Gateway
from checkout.stripe.records import Movement, Source
from core import clock, jobs
from core.jobs import MAX_ATTEMPTS, Job, Resources
from tests.checkout.books.test_books import balances, order_of, sold, stripes_balance, sweep
from tests.checkout.conftest import Till

Tampering = Callable[[str, dict[str, Any]], None]


class Tampered(httpx2.AsyncBaseTransport):
    """Stripe whose objects are not all as documented: `tamper` changes each answer's body, by path."""

    def __init__(self, inner: httpx2.AsyncBaseTransport, tamper: Tampering) -> None:
        self._inner, self._tamper = inner, tamper

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        answer = await self._inner.handle_async_request(request)
        body = json.loads(await answer.aread())
        self._tamper(request.url.path, body)
        return httpx2.Response(answer.status_code, content=json.dumps(body).encode())


@pytest.fixture
async def tampered(till: Till) -> AsyncIterator[Callable[[Tampering], Gateway]]:
    """Makes doors to a Stripe that is tampered with."""
    made: list[Gateway] = []

    def make(tamper: Tampering) -> Gateway:
        made.append(Gateway(till.settings, till.vault, till.db, Tampered(till.transport, tamper)))
        return made[-1]

    yield make
    for each in made:
        await each.close()


async def told(till: Till) -> ReconciliationOut:
    async with till.db.read() as session:
        return await reporting.report(session, till.shop, clock.now())


async def waiting(till: Till, name: str) -> list[datetime]:
    async with till.db.read() as session:
        return list((await session.exec(select(Job.run_at).where(Job.name == name))).all())


def moved(number: int, amount: int, category: str = "charge") -> Movement:
    return Movement(
        id=f"txn_{number}", amount=amount, fee=0, net=amount, currency="eur", type=category, created=number,
        source=Source(f"ch_{number}"), reporting_category=category,
    )  # fmt: skip


async def book(till: Till, *movements: Movement) -> None:
    async def listed() -> AsyncIterator[Movement]:
        for each in movements:
            yield each

    await ledger.book(till.db, till.shop, listed(), clock.now())


async def test_a_movement_of_billions_is_booked_like_any_other(till: Till) -> None:
    for number in range(3):
        await book(till, moved(number, -3_000_000_000, "payout"))
    assert await balances(till) == {"stripe": -9_000_000_000, "payouts": 9_000_000_000}


async def test_a_day_of_billions_is_compared_like_any_other(till: Till) -> None:
    checkout = await sold(till)
    await sweep(till)
    async with till.db.transaction() as session:
        sales = sa.update(LedgerEntry).where(col(LedgerEntry.order_id) == checkout.order_id)
        await session.execute(sales.where(col(LedgerEntry.account) == "sales").values(amount=-3_000_000_000))
    day = await comparing.compare(till.gateway, till.db, till.vault, till.shop, clock.now().date(), clock.now())
    assert day.amount_stripe == 3_000_000_000


@pytest.mark.parametrize(
    ("category", "account"), [("payout", "payouts"), ("payout_reversal", "payouts"), ("advance", "other")]
)
def test_what_goes_to_the_bank_has_an_account_of_its_own(category: str, account: str) -> None:
    assert ledger.sides(moved(1, -500, category)) == {"stripe": -500, account: 500}


async def test_the_ledger_is_stripes_balance_after_a_payout_and_one_that_fails(till: Till) -> None:
    await sold(till, 4900, card="4000000000000077")
    client = till.gateway.client(till.shop)
    await client.v1.payouts.create_async({"amount": 1000, "currency": "eur"})
    failing = await client.v1.payouts.create_async({"amount": 500, "currency": "eur"})
    await client.v1.payouts.cancel_async(failing.id)
    await sweep(till)
    found = await balances(till)
    assert (found["payouts"], sum(found.values())) == (1000, 0)
    assert found["stripe"] == await stripes_balance(till)


async def test_a_movement_that_cannot_be_read_is_set_apart_and_told_until_it_can_be(
    till: Till, tampered: Callable[[Tampering], Gateway]
) -> None:
    await sold(till, 4900), await sold(till, 2500)

    def tamper(path: str, body: dict[str, Any]) -> None:
        if path == "/v1/balance_transactions":
            body["data"][0]["amount"] = 2**70

    now = clock.now()
    poisoned = tampered(tamper)
    await sweeping.catch_up(poisoned, till.db, till.vault, till.shop, now)
    assert (await balances(till))["sales"] == -4900
    apart = (await told(till)).set_apart
    assert (apart.count, apart.newest[0].kind, apart.newest[0].reason) == (1, "movement", "unreadable")
    await sweeping.catch_up(till.gateway, till.db, till.vault, till.shop, now + failures.FIRST_GAP)
    assert (await balances(till))["sales"] == -7400
    assert (await told(till)).set_apart.count == 0


async def sold_elsewhere(till: Till) -> str:
    """A session that other software of the shop's has opened, with a reference of its own; its id."""
    params: SessionCreateParams = {
        "mode": "payment",
        "client_reference_id": "Order 12",
        "line_items": [
            {"quantity": 1, "price_data": {"currency": "eur", "unit_amount": 100, "product_data": {"name": "Tip"}}}
        ],
        "success_url": "https://shop.example/thanks",
    }
    return (await till.gateway.client(till.shop).v1.checkout.sessions.create_async(params)).id


async def test_a_session_with_a_reference_of_somebody_elses_is_nobodys_and_hinders_nobody(till: Till) -> None:
    await sold_elsewhere(till)
    now = clock.now()
    day = await comparing.compare(till.gateway, till.db, till.vault, till.shop, now.date(), now)
    assert (day.complete, day.differences, (await told(till)).set_apart.count) == (True, [], 0)


async def test_a_stripe_that_says_what_nobody_understands_is_not_away(
    till: Till, tampered: Callable[[Tampering], Gateway]
) -> None:
    session_id, now = await sold_elsewhere(till), clock.now()

    def tamper(path: str, body: dict[str, Any]) -> None:
        if path.startswith("/v1/checkout/sessions"):
            for each in body.get("data", [body]):
                each["amount_total"] = 2**31

    odd = tampered(tamper)
    for _ in range(breaker.TRIP):
        with pytest.raises(PaymentProviderUnavailable):
            async with breaker.guard(till.db, till.shop, now):
                await sessions.retrieve(odd, till.shop, session_id)
    await comparing.compare(odd, till.db, till.vault, till.shop, now.date(), now)
    found = await told(till)
    assert (found.breaker.state, found.breaker.failures) == ("closed", 0)
    assert [(each.kind, each.object_id) for each in found.set_apart.newest] == [("session", session_id)]


async def test_an_event_that_breaks_its_reader_keeps_no_other_from_being_taken_in(
    till: Till, tampered: Callable[[Tampering], Gateway]
) -> None:
    first, second = await sold(till, heard=False), await sold(till, heard=False)

    def tamper(path: str, body: dict[str, Any]) -> None:
        for event in body["data"] if path == "/v1/events" else ():
            if event["data"]["object"]["client_reference_id"] == first.order_id:
                event["data"]["object"]["metadata"] = {"order": first.order_id, "shop": "\ud800"}
                event["id"] = "evt_\x00"

    now = clock.now()
    resources = Resources(till.db, till.settings, till.vault, tampered(tamper)).at(now)
    await sweeping.sweep.run(resources, sweeping.Sweep(till.shop.id))
    assert (await order_of(till, second)).status == "paid"
    found = await told(till)
    assert [(each.name, each.problem) for each in found.rounds] == [("sweep", None)]
    assert {each.kind for each in found.set_apart.newest} == {"event"}
    assert len(await waiting(till, "books.sweep")) == 1


async def test_whatever_breaks_a_round_is_told_and_the_next_one_comes(
    till: Till, tampered: Callable[[Tampering], Gateway]
) -> None:
    def tamper(_: str, body: dict[str, Any]) -> None:
        body["data"] = [{"no": "id"}]
        body["has_more"] = True

    now = clock.now()
    resources = Resources(till.db, till.settings, till.vault, tampered(tamper)).at(now)
    for failed in (1, 2):
        await sweeping.sweep.run(resources, sweeping.Sweep(till.shop.id))
        await comparing.compare_yesterday.run(resources, comparing.Compare(till.shop.id))
        states = {each.name: each for each in (await told(till)).rounds}
        for name in ("sweep", "comparison"):
            assert (states[name].problem, states[name].failures) == ("unexpected", failed)
            assert states[name].ended_at is not None
    assert await waiting(till, "books.sweep") == [now + sweeping.CALM]
    assert await waiting(till, "books.compare") == [now + timedelta(hours=1)]
    await sweeping.sweep.run(till.resources, sweeping.Sweep(till.shop.id))
    (mended,) = [each for each in (await told(till)).rounds if each.name == "sweep"]
    assert (mended.problem, mended.failures) == (None, 0)


@pytest.mark.parametrize("status", [401, 403])
async def test_a_key_that_stripe_refuses_once_ends_no_round_and_is_told(till: Till, status: int) -> None:
    checkout = await sold(till, heard=False)
    await till.control("faults", status=status, times=2)
    now = clock.now()
    await sweeping.sweep.run(till.resources.at(now), sweeping.Sweep(till.shop.id))
    await comparing.compare_yesterday.run(till.resources.at(now), comparing.Compare(till.shop.id))
    assert {each.name: each.problem for each in (await told(till)).rounds} == {
        "sweep": "payments-not-connected", "comparison": "payments-not-connected",
    }  # fmt: skip
    for name in ("books.sweep", "books.compare"):
        assert await waiting(till, name) == [now + timedelta(hours=1)]
    async with till.db.transaction() as session:  # Whoever connects the shop anew does not wait for that.
        await rounds.begin_for(session, till.shop, now)
    assert await waiting(till, "books.sweep") == [now]
    await jobs.run_due(till.resources, now + timedelta(hours=1))
    assert (await order_of(till, checkout)).status == "paid"


async def test_what_a_sweep_has_read_it_does_not_read_again_where_the_rest_fails(till: Till) -> None:
    checkout = await sold(till, heard=False)
    fault = {"status": 503, "times": 9, "path": "/v1/balance_transactions"}
    await till.person.post("/_local/faults", json=fault)
    now = clock.now()
    await sweeping.sweep.run(till.resources.at(now), sweeping.Sweep(till.shop.id))
    assert (await order_of(till, checkout)).status == "paid"
    async with till.db.read() as session:
        reading = (await session.exec(select(Reading))).one()
    assert (reading.events_until, reading.balance_until < now - timedelta(days=28)) == (now, True)


async def test_a_round_whose_process_dies_again_and_again_still_comes_back(till: Till) -> None:
    now = clock.now()
    async with till.db.transaction() as session:
        await sweeping.schedule(session, till.shop, now)
        await session.execute(sa.update(Job).values(attempts=MAX_ATTEMPTS, key=None))
    await jobs.run_due(till.resources, now)
    async with till.db.read() as session:
        assert await jobs.dead(session, till.shop.id) == []
        assert (await session.exec(select(Reading.swept_at))).one() == now
    assert len(await waiting(till, "books.sweep")) == 1
