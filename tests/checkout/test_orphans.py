"""Events that came before anybody knew whom they are about: brought again until they are, or given up, and told."""

import asyncio
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import select

from checkout import checkouts, orders
from checkout.books import reporting, rounds
from checkout.books.schemas import OrphanOut, ReconciliationOut
from checkout.errors import CheckoutClosed
from checkout.models import StripeEvent
from checkout.stripe import orphans
from core import clock, jobs
from core.jobs import Job
from tests.checkout.conftest import Till
from tests.checkout.test_news import Story, begin


async def report(till: Till) -> ReconciliationOut:
    async with till.db.read() as session:
        return await reporting.report(session, till.shop, clock.now())


async def waits_until(till: Till) -> datetime | None:
    async with till.db.read() as session:
        named = select(Job.run_at).where(Job.name == "stripe.retry_orphans")
        return (await session.exec(named)).one_or_none()


async def work_until_given_up(till: Till) -> list[timedelta]:
    """Let time pass from one try to the next; how long each waited for the one before."""
    began = clock.now()
    gaps, last = [], began
    while (at := await waits_until(till)) is not None:
        gaps.append(at - last)
        last = at
        await jobs.run_due(till.resources, at)
        assert len(gaps) < 30, "This never ends."
    return gaps


async def forgotten_intent(story: Story) -> None:
    """A refund that names its payment came first, and who was paid got known by another way than an event."""
    assert await story.tell([story.refund("created", "succeeded", 1000)]) == ["orphan"]
    bare = story.session("completed", "paid", payment_intent=None)
    assert await story.tell([bare]) == ["applied"]
    async with story.till.db.transaction() as session:
        await session.execute(sa.text("UPDATE payment SET payment_intent = 'pi_own'"))


async def test_a_dispute_that_comes_while_its_payment_is_written_down_waits_for_it(till: Till) -> None:
    story = await begin(till)
    bodies = [story.session("completed", "paid"), story.dispute("created", "needs_response", 1000)]
    told: list[asyncio.Task[list[str]]] = []
    async with till.db.transaction() as session:  # So that nobody gets on with the order.
        await orders.lock(session, till.shop.id, story.checkout.order_id)
        for body in bodies:
            told.append(asyncio.create_task(story.tell([body])))
            assert (await asyncio.wait(told, timeout=0.3))[0] == set()
    assert await asyncio.gather(*told) == [["applied"], ["applied"]]
    assert (await story.order()).status == "disputed"


async def test_an_orphan_finds_its_order_without_any_further_event(till: Till) -> None:
    story = await begin(till)
    await forgotten_intent(story)
    (kept,) = (await report(till)).orphans
    assert (kept.type, kept.object_id, kept.given_up_for) == ("refund.created", "re_1", None)
    assert kept.retry_at == await waits_until(till)
    await till.work(timedelta(minutes=2))
    assert (await story.order()).amount_refunded == 1000
    found = await report(till)
    assert (found.events.orphan, found.events.applied, found.orphans) == (0, 2, [])
    async with till.db.read() as session:
        assert (await session.exec(select(StripeEvent.body_sealed).distinct())).all() == [None]


async def test_an_orphan_is_tried_with_growing_gaps_and_given_up_after_a_week(till: Till) -> None:
    story = await begin(till)
    told = story.refund("created", "succeeded", 1000, intent="pi_elsewhere", order=story.checkout.order_id)
    assert await story.tell([told]) == ["orphan"]
    gaps = await work_until_given_up(till)
    assert 10 < len(gaps) < 25
    assert gaps == sorted(gaps)
    assert gaps[0] <= orphans.FIRST_GAP
    assert gaps[-1] == orphans.LONGEST_GAP
    found = await report(till)
    assert (found.events.orphan, found.events.given_up) == (0, 1)
    assert [(each.retry_at, each.given_up_for) for each in found.orphans] == [(None, "unknown-payment")]


async def test_an_orphan_does_not_wait_for_an_older_one(till: Till) -> None:
    story = await begin(till)
    await story.tell([story.refund("created", "succeeded", 10, "re_old", intent="pi_elsewhere")])
    old = clock.now() + orphans.LONGEST_GAP
    async with till.db.transaction() as session:
        await session.execute(sa.update(StripeEvent).values(retry_at=old))
        await session.execute(sa.update(Job).where(Job.name == "stripe.retry_orphans").values(run_at=old))  # type: ignore[arg-type]  # SQLModel types columns as values.
    await forgotten_intent(story)
    await till.work(timedelta(minutes=2))
    assert (await story.order()).amount_refunded == 1000
    assert await waits_until(till) == old


async def test_whoever_asks_stripe_about_a_payment_brings_in_what_was_said_of_it_before(till: Till) -> None:
    story = await begin(till)
    own = story.checkout.stripe_session_id
    assert own is not None
    await till.control(f"sessions/{own}/pay")
    paid = await till.gateway.client(till.shop).v1.checkout.sessions.retrieve_async(own)
    assert await story.tell([story.refund("created", "succeeded", 1000, intent=str(paid.payment_intent))]) == ["orphan"]
    with pytest.raises(CheckoutClosed):
        await checkouts.expire(till.gateway, till.db, till.shop, story.checkout.id, clock.now())
    order = await story.order()
    assert (order.status, order.amount_refunded) == ("partially_refunded", 1000)
    assert (await report(till)).orphans == []


async def test_what_was_given_up_is_adopted_all_the_same_when_its_payment_becomes_known(till: Till) -> None:
    story = await begin(till)
    assert await story.tell([story.refund("created", "succeeded", 1000)]) == ["orphan"]
    await work_until_given_up(till)
    assert await story.tell([story.session("completed", "paid")]) == ["applied"]
    assert (await story.order()).amount_refunded == 1000
    found = await report(till)
    assert (found.events.given_up, found.events.applied, found.orphans) == (0, 2, [])


@pytest.mark.parametrize(
    ("metadata", "intent", "reason"),
    [
        ({"order": "ord_01k2h62d5hf3v6a0x3z1b4q8rd"}, None, "unknown-order"),
        ({"order": "ord_01k2h62d5hf3v6a0x3z1b4q8rd"}, "pi_elsewhere", "unknown-order"),
        ({}, "pi_elsewhere", "unknown-payment"),
        (None, None, "names-no-order"),
    ],
)
async def test_whoever_is_given_up_says_why(
    till: Till, metadata: dict[str, str] | None, intent: str | None, reason: str
) -> None:
    story = await begin(till)
    told = story.session("completed", "paid", id="cs_elsewhere", metadata=metadata, payment_intent=intent)
    told = told.replace(story.checkout.order_id.encode(), b"basket-7")
    assert await story.tell([told]) == ["orphan"]
    await work_until_given_up(till)
    assert [each.given_up_for for each in (await report(till)).orphans] == [reason]


async def test_an_orphan_that_no_key_opens_hinders_nobody(till: Till) -> None:
    story = await begin(till)
    refund = [story.refund("created", "succeeded", 1000), story.refund("created", "succeeded", 500, "re_2")]
    assert await story.tell(refund) == ["orphan", "orphan"]
    async with till.db.transaction() as session:
        await session.execute(sa.update(StripeEvent).where(StripeEvent.id == "evt_1").values(body_sealed=b"rust"))  # type: ignore[arg-type]  # SQLModel types columns as values.
    assert await story.tell([story.session("completed", "paid")]) == ["applied"]
    assert (await story.order()).amount_refunded == 500
    await till.work(timedelta(minutes=2))
    assert [_plainly(each) for each in (await report(till)).orphans] == [("evt_1", "unreadable")]


def _plainly(each: OrphanOut) -> tuple[str, str | None]:
    return each.event_id, each.given_up_for


async def test_many_orphans_are_all_tried(till: Till) -> None:
    story = await begin(till)
    many = [story.refund("created", "succeeded", 10, f"re_{number}", intent="pi_x") for number in range(105)]
    assert set(await story.tell(many)) == {"orphan"}
    later = clock.now() + timedelta(minutes=2)
    while await jobs.run_due(till.resources, later):
        pass
    at = await waits_until(till)
    assert at is not None
    assert at > later
    assert len((await report(till)).orphans) == 20


async def test_a_worker_that_starts_looks_for_orphans_whose_job_was_lost(till: Till) -> None:
    story = await begin(till)
    await forgotten_intent(story)
    async with till.db.transaction() as session:
        await session.execute(sa.delete(Job))
        await rounds.begin_for(session, till.shop, clock.now())
    await till.work(timedelta(minutes=2))
    assert (await story.order()).amount_refunded == 1000
