"""Stripe tells several things of one order at the same moment, to several processes."""

import asyncio
import random
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from sqlmodel import select

from checkout import disputes, refunds
from checkout.books import ledger, sweeping
from checkout.models import Hold, Payment, StripeEvent
from checkout.stripe import events
from core import clock
from core.db import Database, Patience
from tests.checkout.conftest import KEY, Till
from tests.checkout.test_news import begin, signed


async def at_stripe(till: Till, path: str) -> list[dict[str, Any]]:
    """A list as Stripe has it."""
    answer = await till.person.get(path, headers={"authorization": f"Bearer {KEY}"})
    found: list[dict[str, Any]] = answer.json()["data"]
    return found


@pytest.mark.parametrize("seed", range(2))
async def test_what_is_told_at_once_of_one_order_to_two_processes_happens_once(till: Till, seed: int) -> None:
    story = await begin(till)
    await till.control("webhooks", hold=True)
    await till.pay(story.checkout)
    (charge,) = await at_stripe(till, "/v1/charges")
    for path, more in (("refunds", {"amount": 900}), ("disputes", {"amount": 1000, "kind": "chargeback"})):
        assert (await till.control(path, charge=charge["id"], **more)).status_code == 200
    told = await at_stripe(till, "/v1/events?limit=100")
    # One occurrence may be told by several events (docs.stripe.com/webhooks).
    twins = [
        each | {"id": f"evt_twin_{number}"}
        for each in told if each["type"] == "checkout.session.completed"
        for number in range(6)
    ]  # fmt: skip
    bodies = [msgspec.json.encode(each) for each in told + twins]
    random.Random(seed).shuffle(bodies)
    other = Database(till.settings.database_url, patience=Patience(queue=60))
    try:
        heard = await asyncio.gather(
            *(
                events.receive((till.db, other)[number % 2], till.vault, body, signed(body), clock.now())
                for number, body in enumerate(bodies)
            )
        )
    finally:
        await other.close()
    assert heard.count("applied") >= 7
    await till.work(timedelta(hours=1))
    await sweeping.catch_up(till.gateway, till.db, till.vault, till.shop, clock.now() + timedelta(hours=1))
    order = await story.order()
    assert (order.status, order.number, order.amount_paid, order.amount_refunded) == ("disputed", 1, 4900, 900)
    news = await story.news()
    assert [news.count(each) for each in ("order.paid", "order.refunded", "order.disputed")] == [1, 1, 1]
    async with till.db.read() as session:
        assert len((await session.exec(select(Payment))).all()) == 1
        assert len(await refunds.of_order(session, order)) == len(await disputes.of_order(session, order)) == 1
        assert [each.status for each in (await session.exec(select(Hold))).all()] == ["sold"]
        assert (await session.exec(select(StripeEvent.id).where(StripeEvent.outcome == "orphan"))).all() == []
        found = await ledger.balances(session, till.shop)
    assert sum(found.values()) == 0
    assert found["EUR", "stripe"] == sum(each["net"] for each in await at_stripe(till, "/v1/balance_transactions"))


async def test_an_order_for_nothing_is_paid_once_however_many_say_so_at_once(till: Till) -> None:
    """There is no payment here for whose sake its events would wait for each other."""
    story = await begin(till, amount=0)
    bodies = [story.session("completed", "no_payment_required", payment_intent=None) for _ in range(8)]
    other = Database(till.settings.database_url, patience=Patience(queue=60))
    try:
        heard = await asyncio.gather(
            *(
                events.receive((till.db, other)[number % 2], till.vault, body, signed(body), clock.now())
                for number, body in enumerate(bodies)
            )
        )
    finally:
        await other.close()
    assert heard == ["applied"] * 8
    assert ((order := await story.order()).status, order.number) == ("paid", 1)
    assert (await story.news()).count("order.paid") == 1
