"""Jobs: rows that are worked off at least once, in spite of failures, deaths and rivals."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from sqlmodel import select

from core import clock, ids, jobs
from core.db import Database
from core.jobs import LEASE, MAX_ATTEMPTS, Job, Resources
from core.shops import Shop

# Jobs of the tests are due by this time.
LATE = datetime(2100, 1, 1, tzinfo=UTC)


class Task(msgspec.Struct):
    """What to do."""

    number: int


class Bench:
    """Where handlers leave marks; `does` is what they do meanwhile."""

    def __init__(self, does: Callable[[int], Awaitable[None]] | None = None) -> None:
        self.done: list[int] = []
        self.times: list[datetime] = []
        self.does = does


@jobs.job("tests.work", Task)
async def work(resources: Resources, task: Task) -> None:
    """Do it, and say so."""
    bench = resources.get(Bench)
    bench.times.append(resources.now())
    if bench.does is not None:
        await bench.does(task.number)
    bench.done.append(task.number)


async def fail(_: int) -> None:
    """Never succeeds."""
    raise ZeroDivisionError("with a private value in its message")


async def add(db: Database, *numbers: int, **more: object) -> None:
    """One job per number."""
    async with db.transaction() as session:
        for number in numbers:
            await jobs.enqueue(session, work, Task(number), **more)  # type: ignore[arg-type]  # Passed through.


async def rows(db: Database) -> list[Job]:
    """All jobs."""
    async with db.read() as session:
        return list((await session.exec(select(Job).order_by(Job.id))).all())


async def test_a_job_that_is_done_is_gone(db: Database) -> None:
    bench = Bench()
    await add(db, 1, 2, 3)
    assert await jobs.run_due(Resources(db, bench), clock.now()) == 3
    assert (sorted(bench.done), await rows(db)) == ([1, 2, 3], [])


async def test_a_job_waits_for_its_time(db: Database) -> None:
    bench, due = Bench(), clock.now() + timedelta(hours=1)
    await add(db, 1, run_at=due)
    assert await jobs.run_due(Resources(db, bench), due - timedelta(seconds=1)) == 0
    assert await jobs.run_due(Resources(db, bench), due) == 1
    assert bench.done == [1]


async def test_handlers_are_told_the_time_of_the_run(db: Database) -> None:
    bench = Bench()
    await add(db, 1)
    await jobs.run_due(Resources(db, bench), LATE)
    assert bench.times == [LATE]


async def test_a_job_that_fails_comes_back_with_growing_gaps_and_then_lies_dead(db: Database, shop: Shop) -> None:
    await add(db, 1, shop_id=shop.id)
    now = clock.now()
    gaps = []
    for attempt in range(1, MAX_ATTEMPTS + 1):
        assert await jobs.run_due(Resources(db, Bench(fail)), now) == 1
        (row,) = await rows(db)
        assert (row.attempts, row.last_error, row.lease_until) == (attempt, "ZeroDivisionError", None)
        gaps.append((row.run_at - now).total_seconds())
        assert await jobs.run_due(Resources(db, Bench(fail)), row.run_at - timedelta(milliseconds=1)) == 0
        now = row.run_at
    assert gaps == [2, 4, 8, 16, 32, 64, 128, 256]
    assert await jobs.run_due(Resources(db, Bench()), LATE) == 0
    async with db.read() as session:
        (corpse,) = await jobs.dead(session, shop.id)
    assert (corpse.name, corpse.attempts, corpse.last_error) == ("tests.work", MAX_ATTEMPTS, "ZeroDivisionError")


async def test_a_poison_job_stops_no_other(db: Database) -> None:
    async def spoil(number: int) -> None:
        if number % 2:
            raise RecursionError

    bench = Bench(spoil)
    await add(db, *range(25))
    now = clock.now()
    while await jobs.run_due(Resources(db, bench), now):
        pass
    assert sorted(bench.done) == [number for number in range(25) if number % 2 == 0]
    assert {row.last_error for row in await rows(db)} == {"RecursionError"}


@pytest.mark.parametrize("payload", [{}, {"number": "one"}, {"number": None}])
async def test_a_job_that_nobody_understands_dies_like_any_other(db: Database, payload: dict[str, object]) -> None:
    bench, now = Bench(), clock.now()
    async with db.transaction() as session:
        for name in ("tests.work", "tests.unknown"):
            session.add(Job(id=ids.new("job"), name=name, payload=payload, run_at=now, created_at=now))
    await add(db, 7)
    for _ in range(MAX_ATTEMPTS):
        await jobs.run_due(Resources(db, bench), now)
        now += timedelta(minutes=10)
    assert bench.done == [7]
    assert sorted(row.last_error or "" for row in await rows(db)) == ["LookupError", "ValidationError"]
    assert all(row.died_at for row in await rows(db))


async def test_a_job_that_takes_its_worker_down_every_time_dies_too(db: Database) -> None:
    await add(db, 1)
    now = clock.now()
    for _ in range(MAX_ATTEMPTS):
        begun = asyncio.Event()

        async def hang(_: int, begun: asyncio.Event = begun) -> None:
            begun.set()
            await asyncio.Event().wait()

        worker = asyncio.create_task(jobs.run_due(Resources(db, Bench(hang)), now))
        await begun.wait()
        worker.cancel()
        with pytest.raises(asyncio.CancelledError):
            await worker
        now += LEASE
    assert await jobs.run_due(Resources(db, Bench()), now) == 0
    (row,) = await rows(db)
    assert (row.last_error, row.died_at, row.lease_until) == ("WorkerDied", now, None)


async def test_two_workers_never_take_the_same_job(db: Database, database_url: str) -> None:
    others = [db, Database(database_url), Database(database_url)]
    bench = Bench()
    await add(db, *range(60))

    async def labor(mine: Database) -> None:
        while await jobs.run_due(Resources(mine, bench), clock.now()):
            pass

    await asyncio.gather(*(labor(each) for each in others))
    assert sorted(bench.done) == list(range(60))
    for other in others[1:]:
        await other.close()


async def test_a_lease_that_ran_out_gives_the_job_to_another_worker_and_the_first_cannot_take_it_back(
    db: Database, database_url: str
) -> None:
    await add(db, 1)
    now, rival = clock.now(), Database(database_url)
    second = Bench()
    counts: list[int] = []

    async def fail_late(_: int) -> None:
        counts.append(await jobs.run_due(Resources(rival, second), now + LEASE - timedelta(seconds=1)))
        counts.append(await jobs.run_due(Resources(rival, second), now + LEASE))
        raise ZeroDivisionError

    await jobs.run_due(Resources(db, Bench(fail_late)), now)
    assert (counts, second.done) == ([0, 1], [1])
    assert await rows(db) == [], "what the second worker did stays done"
    await rival.close()


async def test_a_key_keeps_a_job_that_still_waits_from_being_added_twice(db: Database) -> None:
    await add(db, 1, 2, 3, key="one")
    await add(db, 4, key="one")
    await add(db, 5, key="two")
    bench = Bench()
    await jobs.run_due(Resources(db, bench), clock.now())
    assert sorted(bench.done) == [1, 5]


@pytest.mark.parametrize(("brings_forward", "hours"), [(True, 1), (False, 3)])
async def test_a_job_that_waits_is_brought_forward_where_that_is_wanted_and_never_put_off(
    db: Database, brings_forward: bool, hours: int
) -> None:
    now = clock.now()
    for each in (3, 1, 2):
        await add(db, each, key="one", run_at=now + timedelta(hours=each), brings_forward=brings_forward)
    assert [row.run_at - now for row in await rows(db)] == [timedelta(hours=hours)]


async def test_what_is_wanted_while_the_job_runs_is_done_again(db: Database) -> None:
    async def want_again(number: int) -> None:
        if number == 1:
            await add(db, 2, key="one")

    bench = Bench(want_again)
    await add(db, 1, key="one")
    while await jobs.run_due(Resources(db, bench), clock.now()):
        pass
    assert bench.done == [1, 2]


async def test_a_dead_job_does_not_keep_its_key(db: Database) -> None:
    await add(db, 1, key="one")
    now = clock.now()
    for _ in range(MAX_ATTEMPTS):
        await jobs.run_due(Resources(db, Bench(fail)), now)
        now += timedelta(minutes=10)
    bench = Bench()
    await add(db, 2, key="one")
    await jobs.run_due(Resources(db, bench), now)
    assert bench.done == [2]


async def test_the_same_key_from_many_transactions_at_once_is_one_job(db: Database) -> None:
    await asyncio.gather(*(add(db, number, key="one") for number in range(12)))
    assert len(await rows(db)) == 1


@pytest.mark.parametrize("engine", ["postgresql"])
async def test_a_job_that_waits_does_not_run_past_a_change_that_counts_on_it(db: Database, database_url: str) -> None:
    await add(db, 1, key="one")
    bench, rival = Bench(), Database(database_url)
    async with db.transaction() as session:
        await jobs.enqueue(session, work, Task(2), key="one")
        assert await asyncio.create_task(jobs.run_due(Resources(rival, bench), clock.now())) == 0
    assert await jobs.run_due(Resources(rival, bench), clock.now()) == 1
    assert bench.done == [1]
    await rival.close()


async def test_a_job_goes_down_with_the_transaction_that_wanted_it(db: Database) -> None:
    async def want_and_fail() -> None:
        async with db.transaction() as session:
            await jobs.enqueue(session, work, Task(1), key="one")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await want_and_fail()
    assert await rows(db) == []


async def test_a_worker_finishes_what_it_has_in_hand_before_it_stops(db: Database) -> None:
    stop = asyncio.Event()

    async def stop_meanwhile(_: int) -> None:
        stop.set()
        await add(db, 2, run_at=LATE)

    bench = Bench(stop_meanwhile)
    await add(db, 1)
    await asyncio.wait_for(jobs.work(Resources(db, bench), stop), 10)
    assert bench.done == [1]
    assert [row.run_at for row in await rows(db)] == [LATE]


async def test_a_worker_waits_for_a_database_that_is_away(tmp_path: Path) -> None:
    away, stop = Database(f"postgresql://nobody@/nothing?host={tmp_path}"), asyncio.Event()
    asyncio.get_running_loop().call_later(0.2, stop.set)
    await asyncio.wait_for(jobs.work(Resources(away), stop, idle_seconds=0.01), 10)
    assert stop.is_set()
    await away.close()


def test_two_jobs_cannot_share_a_name() -> None:
    with pytest.raises(ValueError, match=r"tests\.work"):
        jobs.job("tests.work", Task)(work.run)


def test_a_resource_that_this_process_has_not_is_named() -> None:
    with pytest.raises(LookupError, match="Bench"):
        Resources().get(Bench)
