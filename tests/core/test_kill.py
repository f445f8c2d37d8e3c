"""SIGKILL: what was committed is done at least once, what was not is never done."""

import random
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import select

from core import clock, jobs
from core.db import Database
from core.events import EventRecord
from core.jobs import Job, Resources
from core.shops import Shop
from tests.core.laborer import Ledger

ROOT = Path(__file__).parents[2]


def start(database_url: str, shop: Shop, ledger: Ledger, *failpoint: str) -> "subprocess.Popen[str]":
    """A laborer."""
    command = [sys.executable, "-m", "tests.core.laborer", database_url, shop.id, str(ledger.path), *failpoint]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def end(laborer: "subprocess.Popen[str]") -> list[int]:
    """The numbers that it said were committed, once it is dead."""
    said, _ = laborer.communicate(timeout=30)
    assert laborer.returncode == -signal.SIGKILL
    return [int(line) for line in said.split("\n")[:-1]]


async def until_alone(db: Database) -> None:
    """PostgreSQL goes on for a moment with what the dead process had sent, and holds its locks meanwhile."""
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    while not db.is_sqlite:
        async with db.read() as session:
            if (await session.execute(sa.text(others))).scalar_one() == 0:
                return


async def settle(db: Database, ledger: Ledger) -> None:
    """Work everything off, as the next worker would when the dead one's leases have run out."""
    later = clock.now() + jobs.LEASE + timedelta(seconds=1)
    while await jobs.run_due(Resources(db, ledger), later):
        pass
    async with db.read() as session:
        assert (await session.exec(select(Job.id))).all() == []


async def expect_nothing_lost(db: Database, ledger: Ledger, said: list[int]) -> None:
    """What the dead process promised is in the books, and exactly what is in the books was done."""
    await until_alone(db)
    await settle(db, ledger)
    async with db.read() as session:
        recorded = {int(str(each["number"])) for each in (await session.exec(select(EventRecord.payload))).all()}
    assert set(said) <= recorded
    assert set(ledger.numbers()) == recorded
    assert [number for number in recorded if number % 3 == 0] == []


@pytest.mark.parametrize("failpoint", ["db.committing", "db.committed", "jobs.taken", "jobs.ran"])
async def test_a_process_that_dies_at_the_worst_moment_loses_nothing(
    db: Database, shop: Shop, database_url: str, tmp_path: Path, failpoint: str
) -> None:
    ledger = Ledger(tmp_path / "ledger")
    said = end(start(database_url, shop, ledger, failpoint, "8"))
    assert len(said) >= 4
    await expect_nothing_lost(db, ledger, said)


@pytest.mark.chaos
@pytest.mark.timeout(180)
async def test_processes_that_die_at_any_moment_lose_nothing(
    db: Database, shop: Shop, database_url: str, tmp_path: Path
) -> None:
    ledger = Ledger(tmp_path / "ledger")
    chance = random.Random(20261121)
    said: list[int] = []
    for _ in range(12):
        two = [start(database_url, shop, ledger) for _ in range(2)]
        for each in two:
            assert each.stdout is not None
            said += [int(each.stdout.readline()) for _ in range(chance.randrange(1, 40))]
            each.kill()
            said += end(each)
    assert len(said) > 100
    await expect_nothing_lost(db, ledger, said)
