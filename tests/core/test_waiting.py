"""Who waits for whom in the database, and for how long."""

import asyncio
import os
import signal
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from core.db import HURRIED, Database, Overloaded, Patience, lock_name
from core.jobs import Job
from core.shops import Shop
from tests.core.test_db import make_job, names


async def test_who_locks_a_name_waits_for_the_others_and_sees_what_they_wrote(db: Database, shop: Shop) -> None:
    async def add(name: str) -> None:
        async with db.transaction() as session:
            await lock_name(session, name)
            known = (await session.exec(select(sa.func.count()).where(col(Job.name).startswith(name)))).one()
            session.add(make_job(shop, name=f"{name} {known}"))

    await asyncio.gather(*(add(name) for name in ("a", "b") * 5))
    assert await names(db) == [f"{name} {number}" for name in ("a", "b") for number in range(5)]


def test_who_asks_by_http_waits_five_seconds_at_most() -> None:
    assert HURRIED.queue + HURRIED.busy <= 5
    assert HURRIED.answer + HURRIED.goodbye <= 5


@pytest.mark.parametrize("engine", ["postgresql"])
async def test_a_server_that_hangs_is_given_up_and_comes_back(database_url: str) -> None:
    db = Database(database_url, patience=Patience(answer=0.5, goodbye=0.1))
    try:
        async with db.read() as session:
            pid = int((await session.execute(sa.text("SELECT pg_backend_pid()"))).scalar_one())
        os.kill(pid, signal.SIGSTOP)
        try:
            with pytest.raises(TimeoutError):
                async with db.transaction() as session:
                    await session.execute(sa.text("SELECT 1"))
        finally:
            os.kill(pid, signal.SIGCONT)
        await db.ping()
    finally:
        await db.close()


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_another_process_that_goes_on_writing_is_waited_for_so_long(database_url: str) -> None:
    db, other = (
        Database(database_url, patience=Patience(busy=0.1)),
        sqlite3.connect(str(sa.make_url(database_url).database)),
    )
    other.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(sa.exc.OperationalError, match="locked"):
            async with db.transaction() as session:
                await session.execute(sa.text("UPDATE alembic_version SET version_num = version_num"))
    finally:
        other.close()
        await db.close()


async def test_newcomers_are_refused_where_too_many_write_and_those_inside_finish(tmp_path: Path) -> None:
    busy = Database(f"sqlite:///{tmp_path / 'busy.db'}", writers=2)
    inside, go_on, done = asyncio.Event(), asyncio.Event(), list[str]()

    async def buyer(name: str) -> None:
        async with busy.transaction():
            inside.set()
            await go_on.wait()
        async with busy.transaction():
            done.append(name)

    first = asyncio.create_task(buyer("first"))
    await inside.wait()
    second = asyncio.create_task(buyer("second"))
    await asyncio.wait({second}, timeout=0.01)
    with pytest.raises(Overloaded):
        await asyncio.create_task(buyer("third"))
    go_on.set()
    await asyncio.gather(first, second)
    assert sorted(done) == ["first", "second"], "who was let in is not refused half-way"
    await asyncio.create_task(buyer("fourth"))
    assert done[-1] == "fourth"
    await busy.close()
