"""What waits waits in a thread of its own; what does not runs where it stands, and nobody notices which."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.db import AsyncSession, Database

_SLOW = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000) SELECT max(i) FROM n"


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    """A file with one table of one row."""
    database = Database(f"sqlite:///{tmp_path / 'a.db'}")
    async with database.transaction() as session:
        await session.execute(sa.text("CREATE TABLE thing (name TEXT PRIMARY KEY)"))
        await session.execute(sa.text("INSERT INTO thing VALUES ('one')"))
    yield database
    await database.close()


async def ticks_during(work: asyncio.Task[object]) -> int:
    """How often the loop came round while `work` was under way."""
    count = 0
    while not work.done():
        await asyncio.wait({work}, timeout=0.001)
        count += 1
    await work
    return count


async def threads_of(opened: AbstractAsyncContextManager[AsyncSession]) -> set[int]:
    """Where a session's statements ran."""
    seen: set[int] = set()
    async with opened as session:
        connection = await session.connection()
        await session.execute(sa.text("SELECT 1"))
        raw = await connection.get_raw_connection()
        driver = raw.driver_connection
        assert driver is not None
        await driver.create_function("here", 0, threading.get_ident)
        seen.add((await session.execute(sa.text("SELECT here()"))).scalar_one())
    return seen


async def test_a_reader_never_stops_the_loop(db: Database) -> None:
    async def read() -> object:
        async with db.read() as session:
            return (await session.execute(sa.text(_SLOW))).scalar_one()

    assert await ticks_during(asyncio.create_task(read())) > 20


async def test_waiting_for_another_process_never_stops_the_loop(db: Database, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    async def write() -> object:
        async with db.transaction() as session:
            return await session.execute(sa.text("INSERT INTO thing VALUES ('two')"))

    waiting = asyncio.create_task(write())
    assert (await asyncio.wait({waiting}, timeout=0.1))[0] == set()
    other.execute("COMMIT")
    other.close()
    await waiting


async def test_the_writer_stays_and_readers_leave(db: Database) -> None:
    for _ in range(2):  # Whoever had the connection before.
        assert await threads_of(db.transaction()) == {threading.get_ident()}
        assert await threads_of(db.read()) != {threading.get_ident()}
        assert await threads_of(db.glance()) == {threading.get_ident()}
        assert await threads_of(db.read()) != {threading.get_ident()}


async def test_a_glance_waits_for_no_writer_and_sees_what_was_committed(db: Database, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    for name in ("two", "three"):
        other.execute("BEGIN IMMEDIATE")
        other.execute("INSERT INTO thing VALUES (?)", (name,))
        async with db.glance() as session:
            before = (await session.execute(sa.text("SELECT count(*) FROM thing"))).scalar_one()
            other.execute("COMMIT")
            assert (await session.execute(sa.text("SELECT count(*) FROM thing"))).scalar_one() == before
        async with db.glance() as session:
            assert (await session.execute(sa.text("SELECT count(*) FROM thing"))).scalar_one() == before + 1
    other.close()


async def test_a_refused_statement_says_so_and_the_transaction_goes_on(db: Database) -> None:
    async with db.transaction() as session:
        with pytest.raises(sa.exc.IntegrityError):
            async with session.begin_nested():
                await session.execute(sa.text("INSERT INTO thing VALUES ('one')"))
        await session.execute(sa.text("INSERT INTO thing VALUES ('two')"))
    async with db.read() as session:
        assert (await session.execute(sa.text("SELECT count(*) FROM thing"))).scalar_one() == 2


async def test_who_is_refused_the_pen_is_no_writer_afterwards(tmp_path: Path, db: Database) -> None:
    impatient = Database(f"sqlite:///{tmp_path / 'a.db'}", pool_size=1)
    async with impatient.read() as session:
        await session.execute(sa.text("PRAGMA busy_timeout=1"))
    other = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(sa.exc.OperationalError, match="locked"):
        async with impatient.transaction() as session:
            await session.execute(sa.text("SELECT 1"))
    other.execute("ROLLBACK")
    other.close()
    assert await threads_of(impatient.read()) != {threading.get_ident()}
    await impatient.close()


async def test_a_row_says_how_many_it_changed_and_which_it_made(db: Database) -> None:
    async with db.transaction() as session:
        changed = await session.execute(sa.text("UPDATE thing SET name = 'two' WHERE name = 'one'"))
        assert changed.rowcount == 1  # type: ignore[attr-defined]  # Declared for statements that SQLAlchemy has built.
        made = await session.execute(sa.text("INSERT INTO thing VALUES ('three') RETURNING name"))
        assert made.scalars().all() == ["three"]


async def test_cancelled_work_leaves_a_connection_that_works(db: Database) -> None:
    async def read() -> None:
        async with db.read() as session:
            await session.execute(sa.text(_SLOW))

    reading = asyncio.create_task(read())
    await asyncio.wait({reading}, timeout=0.02)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    async with db.transaction() as session:
        await session.execute(sa.text("INSERT INTO thing VALUES ('two')"))
    async with db.read() as session:
        assert (await session.execute(sa.text("SELECT count(*) FROM thing"))).scalar_one() == 2
