"""The databases under the tests: fresh for each test, and gone with the run however it dies."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlmodel import select

from core import clock, shops
from core.db import AsyncSession, Database
from core.shops import Shop

RUN = "import sys, tests.postgres as p\nwith p.running() as address:\n  print(address, flush=True)\n  sys.stdin.read()"


@pytest.mark.parametrize("turn", [1, 2])
async def test_each_test_starts_with_an_empty_database(db: Database, turn: int) -> None:
    async with db.transaction() as session:
        assert (await session.exec(select(Shop.id))).all() == []
        await shops.create(session, "Atelier", "EUR")


async def test_a_verb_sees_the_shop_inside_the_session(session: AsyncSession, shop: Shop) -> None:
    assert (await shops.get(session, shop.id)).currency == "EUR"


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_postgresql_ends_with_a_test_run_that_is_killed(how: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", RUN], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as run:
        assert run.stdout is not None
        folder = Path(run.stdout.readline().strip().rpartition("host=")[2])
        server = int((folder / "data" / "postmaster.pid").read_text().split()[0])
        assert Path(f"/proc/{server}").exists()
        run.send_signal(how)
        run.wait()
    assert within(10, lambda: not folder.exists() and not _alive(server))


def within(seconds: float, condition: Callable[[], bool]) -> bool:
    """Whether the condition comes true in time; asks again without rest, for a few milliseconds as a rule."""
    end = clock.monotonic() + seconds
    while not condition():
        if clock.monotonic() > end:
            return False
        os.sched_yield()
    return True


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
