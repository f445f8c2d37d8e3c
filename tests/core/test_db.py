"""Transactions, times and pages, alike on both databases."""

import asyncio
import itertools
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from core import ids, shops
from core.db import (
    AsyncSession,
    Database,
    DatabaseAway,
    Patience,
    cursor_after,
    insert_new,
    page,
    place_of,
)
from core.errors import BadRequest
from core.jobs import Job
from core.shops import Shop

AT = datetime(2026, 11, 21, 12, 0, 0, 123456, tzinfo=UTC)


def make_job(
    shop: Shop,
    *,
    name: str = "x",
    payload: dict[str, object] | None = None,
    run_at: datetime = AT,
    shop_id: str | None = None,
) -> Job:
    """A row to write."""
    return Job(
        id=ids.new("job"),
        shop_id=shop_id or shop.id,
        name=name,
        payload=payload or {},
        run_at=run_at,
        created_at=AT,
    )


async def names(db: Database) -> list[str]:
    """The names of the jobs that are committed."""
    async with db.read() as session:
        return list((await session.exec(select(Job.name).order_by(Job.name))).all())


async def add_one(session: AsyncSession, job_id: str) -> None:
    """Read, think, write: the pattern that loses updates where writers do not queue."""
    row = (await session.exec(select(Job).where(Job.id == job_id).with_for_update())).one()
    row.attempts += 1
    session.add(row)


async def test_a_block_that_ends_well_is_committed(db: Database, shop: Shop) -> None:
    async with db.transaction() as session:
        session.add(make_job(shop, name="kept"))
    assert await names(db) == ["kept"]


async def test_a_block_that_raises_leaves_nothing(db: Database, shop: Shop) -> None:
    async def fail() -> None:
        async with db.transaction() as session:
            session.add(make_job(shop))
            await session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await names(db) == []


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_a_refused_commit_leaves_no_connection_with_an_open_transaction(db: Database, shop: Shop) -> None:
    async with db.transaction() as session:
        reference = "REFERENCES shop(id) DEFERRABLE INITIALLY DEFERRED"
        await session.execute(sa.text(f"CREATE TABLE late (shop_id TEXT {reference})"))

    async def refuse() -> None:
        async with db.transaction() as session:
            await session.execute(sa.text("INSERT INTO late VALUES ('nobody')"))

    for _ in range(3):
        with pytest.raises(sa.exc.IntegrityError):
            await refuse()
    async with db.transaction() as session:
        session.add(make_job(shop, name="next"))
        assert (await session.execute(sa.text("SELECT count(*) FROM late"))).scalar_one() == 0
    assert await names(db) == ["next"]


async def test_a_cancelled_block_leaves_nothing_and_frees_its_place(db: Database, shop: Shop) -> None:
    inside = asyncio.Event()

    async def stuck() -> None:
        async with db.transaction() as session:
            session.add(make_job(shop))
            await session.flush()
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(stuck())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with db.transaction() as session:
        session.add(make_job(shop, name="next"))
    assert await names(db) == ["next"]


async def test_a_transaction_inside_of_another_is_refused_at_once(db: Database, shop: Shop) -> None:
    async with db.transaction() as session:
        session.add(make_job(shop, name="outer"))
        with pytest.raises(RuntimeError, match="already open"):
            async with db.transaction():
                pytest.fail("it opened")
    async with db.transaction():
        assert await names(db) == ["outer"]


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_a_transaction_that_waits_for_itself_gives_up(database_url: str) -> None:
    db = Database(database_url, patience=Patience(queue=0.05))

    async def inner() -> None:
        async with db.transaction():
            pytest.fail("it opened")

    async with db.transaction():
        # A task of its own cannot know whose child it is: only time tells.
        with pytest.raises(sa.exc.TimeoutError, match="does not end"):
            await asyncio.create_task(inner())
    async with db.transaction() as session:
        assert (await session.execute(sa.text("SELECT 1"))).scalar_one() == 1
    await db.close()


async def test_writers_of_one_process_queue_and_lose_nothing(db: Database, shop: Shop) -> None:
    row = make_job(shop)
    async with db.transaction() as session:
        session.add(row)

    async def write() -> None:
        async with db.transaction() as session:
            await add_one(session, row.id)

    await asyncio.gather(*(write() for _ in range(40)))
    async with db.read() as session:
        assert (await session.exec(select(Job.attempts))).one() == 40


WRITER = """
import asyncio, sys
from tests.core.test_db import add_one
from core.db import Database

async def main():
    db = Database(sys.argv[1])
    for _ in range(int(sys.argv[3])):
        async with db.transaction() as session:
            await add_one(session, sys.argv[2])
    await db.close()

asyncio.run(main())
"""


async def test_writers_of_three_processes_queue_and_lose_nothing(db: Database, shop: Shop, database_url: str) -> None:
    row = make_job(shop)
    async with db.transaction() as session:
        session.add(row)
    command = [sys.executable, "-c", WRITER, database_url, row.id, "15"]
    others = [
        await asyncio.create_subprocess_exec(*command, cwd=Path(__file__).parents[2], stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    for _ in range(15):
        async with db.transaction() as session:
            await add_one(session, row.id)
    for other in others:
        _, complaint = await other.communicate()
        assert other.returncode == 0, complaint.decode()
    async with db.read() as session:
        assert (await session.exec(select(Job.attempts))).one() == 45


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_a_reader_on_sqlite_does_not_wait_for_the_writer(db: Database, shop: Shop) -> None:
    async with db.transaction() as session:
        session.add(make_job(shop))
        await session.flush()
        assert await asyncio.wait_for(names(db), 1) == []


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_a_commit_on_sqlite_is_on_the_disk(db: Database) -> None:
    async with db.read() as session:
        pragmas = {
            name: (await session.execute(sa.text(f"PRAGMA {name}"))).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


@pytest.mark.parametrize("engine", ["postgresql"])
async def test_a_reading_session_on_postgresql_cannot_write(db: Database, shop: Shop) -> None:
    async with db.read() as session:
        session.add(make_job(shop))
        with pytest.raises(sa.exc.DBAPIError, match="read-only"):
            await session.flush()
    async with db.transaction() as session:
        session.add(make_job(shop, name="written"))
    assert await names(db) == ["written"]


async def test_a_reading_session_keeps_nothing(db: Database, shop: Shop) -> None:
    async with db.read() as session:
        session.add(make_job(shop))
    assert await names(db) == []


async def test_times_come_back_aware_in_utc_to_the_microsecond(db: Database, shop: Shop) -> None:
    elsewhere = AT.astimezone(timezone(timedelta(hours=5, minutes=30)))
    async with db.transaction() as session:
        session.add(make_job(shop, run_at=elsewhere))
    async with db.read() as session:
        row = (await session.exec(select(Job))).one()
        assert row.run_at == AT
        assert row.run_at.utcoffset() == timedelta(0)
        assert row.lease_until is None
        assert (await session.exec(select(Job.id).where(Job.run_at == AT))).one() == row.id
        assert (await session.exec(select(Job.id).where(col(Job.run_at) < AT))).all() == []


async def test_a_time_without_a_zone_is_refused(db: Database, shop: Shop) -> None:
    with pytest.raises(sa.exc.StatementError, match="without a zone"):
        async with db.transaction() as session:
            session.add(make_job(shop, run_at=AT.replace(tzinfo=None)))
    assert await names(db) == []


async def test_json_comes_back_as_it_went_in(db: Database, shop: Shop) -> None:
    payload = {"text": "é\N{SNOWMAN}", "number": 2**53, "list": [1, None, True, 0.25], "empty": {}}
    async with db.transaction() as session:
        session.add(make_job(shop, payload=payload))
    async with db.read() as session:
        assert (await session.exec(select(Job.payload))).one() == payload


async def test_a_row_that_is_there_already_is_passed_over(db: Database, shop: Shop) -> None:
    values = make_job(shop).model_dump()
    async with db.transaction() as session:
        assert [await insert_new(session, Job, values) for _ in range(2)] == [True, False]


async def test_rows_cannot_name_a_shop_that_does_not_exist(db: Database, shop: Shop) -> None:
    with pytest.raises(sa.exc.IntegrityError) as refused:
        async with db.transaction() as session:
            session.add(make_job(shop, shop_id="shop_00000000000000000000000000", name="a-private-value"))
    assert "a-private-value" not in str(refused.value), "what errors say goes into logs"


@pytest.fixture
async def shelf(db: Database, shop: Shop) -> list[str]:
    """The ids of 25 rows, newest first."""
    rows = [make_job(shop, name=f"{number:02}") for number in range(25)]
    expected = [row.id for row in reversed(rows)]
    async with db.transaction() as session:
        session.add_all(rows)
    return expected


async def turn(db: Database, limit: int, cursor: str | None) -> tuple[list[str], str | None]:
    """The ids of one page, and the next cursor."""
    async with db.read() as session:
        rows, following = await page(session, select(Job), col(Job.id), limit, cursor)
        return [row.id for row in rows], following


@pytest.mark.parametrize("limit", [1, 5, 7, 25, 100])
async def test_pages_give_every_row_once_newest_first(db: Database, shelf: list[str], limit: int) -> None:
    found, cursor = await turn(db, limit, None)
    while cursor is not None:
        part, cursor = await turn(db, limit, cursor)
        assert 0 < len(part) <= limit
        found += part
    assert found == shelf


async def test_rows_that_come_or_go_meanwhile_move_no_other(db: Database, shop: Shop, shelf: list[str]) -> None:
    first, cursor = await turn(db, 10, None)
    async with db.transaction() as session:
        session.add(make_job(shop))
        await session.execute(sa.delete(Job).where(col(Job.id) == first[-1]))
    second, _ = await turn(db, 10, cursor)
    assert (first, second) == (shelf[:10], shelf[10:20])


@pytest.mark.parametrize(
    "cursor",
    ["x", "_", "job_", "job_x", "prod_01k00000000000000000000000", "zzz_01k00000000000000000000000", "job_" + "z" * 26,
     "job_01k00000000000000000000000", "job_01k00000000000000000000000_00000000",
     "job_01k00000000000000000000000'--", "JOB_01K00000000000000000000000", "a" * 5000],
)  # fmt: skip
async def test_a_cursor_of_another_list_is_refused(db: Database, shelf: list[str], cursor: str) -> None:
    with pytest.raises(BadRequest, match="not given out"):
        await turn(db, 10, cursor)


async def test_a_cursor_with_one_bit_turned_is_refused(db: Database, shelf: list[str]) -> None:
    _, cursor = await turn(db, 10, None)
    assert cursor is not None
    for place, bit in itertools.product(range(len(cursor)), range(7)):
        turned = cursor[:place] + chr(ord(cursor[place]) ^ 1 << bit) + cursor[place + 1 :]
        with pytest.raises(BadRequest, match="not given out"):
            place_of(col(Job.id), turned)
    assert place_of(col(Job.id), cursor) == shelf[9]


async def test_an_empty_list_is_one_empty_page(db: Database) -> None:
    assert await turn(db, 10, None) == ([], None)
    assert await turn(db, 10, cursor_after(col(Job.id), ids.new("job"))) == ([], None)


async def test_a_database_that_is_away_says_so_at_once(tmp_path: Path) -> None:
    db = Database(f"postgresql://nobody@/nothing?host={tmp_path}")
    with pytest.raises(DatabaseAway):
        await asyncio.wait_for(db.ping(), 5)
    with pytest.raises(DatabaseAway):
        async with db.transaction() as session:
            await session.execute(sa.text("SELECT 1"))
    await db.close()


async def test_a_database_that_never_answers_is_given_up_on() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        db = Database(f"postgresql://nobody@127.0.0.1:{silent.getsockname()[1]}/nothing")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(db.ping(), 4.5)
        await db.close()


async def test_a_database_without_tables_is_not_ready(empty_database_url: str) -> None:
    db = Database(empty_database_url)
    with pytest.raises(sa.exc.DBAPIError):
        await db.ping()
    await db.close()


@pytest.mark.parametrize("engine", ["postgresql"])
async def test_a_pool_outlives_the_servers_restart(db: Database) -> None:
    async with db.read() as session:
        await session.execute(sa.text("SELECT 1"))
    other = Database(db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False))
    async with other.transaction() as session:
        await session.execute(
            sa.text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    await other.close()
    async with db.transaction() as session:
        made = await shops.create(session, "After the restart", "EUR")
    assert made.slug == "after-the-restart"
