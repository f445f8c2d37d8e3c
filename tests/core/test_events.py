"""Events: written with what they tell of, heard by every subscriber at least once."""

from typing import ClassVar

import pytest
from sqlmodel import select

from core import clock, events, jobs
from core.db import Database
from core.errors import Conflict
from core.events import Event, EventRecord
from core.jobs import Job, Resources
from core.money import Money
from core.shops import Shop


class Painted(Event, frozen=True, kw_only=True):
    """A fence was painted."""

    kind: ClassVar[str] = "tests.painted"
    fence: str
    cost: Money


class Ignored(Event, frozen=True, kw_only=True):
    """Nobody listens."""

    kind: ClassVar[str] = "tests.ignored"


class Ears:
    """What the subscribers heard."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str, Painted]] = []
        self.deaf = 0


@events.subscriber(Painted, "first")
async def first(resources: Resources, shop_id: str, event: Painted) -> None:
    """Listen."""
    resources.get(Ears).heard.append(("first", shop_id, event))


@events.subscriber(Painted, "second")
async def second(resources: Resources, shop_id: str, event: Painted) -> None:
    """Listen, when not deaf."""
    ears = resources.get(Ears)
    if ears.deaf:
        ears.deaf -= 1
        raise Conflict("Say that again.")
    ears.heard.append(("second", shop_id, event))


PAINTED = Painted(fence="Éclair", cost=Money(1999, "EUR"))


async def test_every_subscriber_hears_the_event_as_it_was(db: Database, shop: Shop) -> None:
    ears = Ears()
    async with db.transaction() as session:
        await events.record(session, shop.id, PAINTED)
    assert await jobs.run_due(Resources(db, ears), clock.now()) == 2
    assert sorted(ears.heard, key=lambda each: each[0]) == [
        ("first", shop.id, PAINTED),
        ("second", shop.id, PAINTED),
    ]


async def test_one_subscriber_that_fails_is_asked_again_alone(db: Database, shop: Shop) -> None:
    ears = Ears()
    ears.deaf = 1
    async with db.transaction() as session:
        await events.record(session, shop.id, PAINTED)
    now = clock.now()
    await jobs.run_due(Resources(db, ears), now)
    assert [name for name, _, _ in ears.heard] == ["first"]
    await jobs.run_due(Resources(db, ears), now + jobs.LEASE)
    assert [name for name, _, _ in ears.heard] == ["first", "second"]


async def test_news_of_what_was_rolled_back_is_never_told(db: Database, shop: Shop) -> None:
    async def fail() -> None:
        async with db.transaction() as session:
            await events.record(session, shop.id, PAINTED)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    ears = Ears()
    assert await jobs.run_due(Resources(db, ears), clock.now()) == 0
    async with db.read() as session:
        assert (await session.exec(select(EventRecord.id))).all() == []
    assert ears.heard == []


async def test_nobody_hears_news_before_the_commit(db: Database, shop: Shop) -> None:
    async with db.transaction() as session:
        await events.record(session, shop.id, PAINTED)
        async with db.read() as other:
            assert (await other.exec(select(Job.id))).all() == []
            assert (await other.exec(select(EventRecord.id))).all() == []


async def test_news_that_nobody_waits_for_is_kept_all_the_same(db: Database, shop: Shop) -> None:
    async with db.transaction() as session:
        await events.record(session, shop.id, Ignored())
    async with db.read() as session:
        (row,) = (await session.exec(select(EventRecord))).all()
        assert (row.kind, row.payload, row.shop_id) == ("tests.ignored", {}, shop.id)
        assert (await session.exec(select(Job.id))).all() == []


def test_two_subscribers_cannot_share_a_name() -> None:
    with pytest.raises(ValueError, match=r"on tests\.painted: first"):
        events.subscriber(Painted, "first")(first)
