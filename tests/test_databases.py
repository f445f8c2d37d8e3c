"""The databases under the tests: fresh for each test, and gone with the run however it dies."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlmodel import select

from core import shops
from core.db import AsyncSession, Database
from core.shops import Shop
from tests import linux
from tests.api.cli.processes import await_end, children

# Whoever starts this run in the background has its children ignore Ctrl-C.
RUN = """
import signal, sys, tests.postgres as p
signal.signal(signal.SIGINT, signal.default_int_handler)
with p.running() as address:
    print(address, flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("turn", [1, 2])
async def test_each_test_starts_with_an_empty_database(db: Database, turn: int) -> None:
    async with db.transaction() as session:
        assert (await session.exec(select(Shop.id))).all() == []
        await shops.create(session, "Atelier", "EUR")


async def test_a_verb_sees_the_shop_inside_the_session(session: AsyncSession, shop: Shop) -> None:
    assert (await shops.get(session, shop.id)).currency == "EUR"


@linux.only("a folder for each process in /proc")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_postgresql_ends_with_a_test_run_that_is_killed(how: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", RUN], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as run:
        assert run.stdout is not None
        folder = Path(run.stdout.readline().strip().rpartition("host=")[2])
        data = (folder / "data").resolve()
        server = int((data / "postmaster.pid").read_text().split()[0])
        assert Path(f"/proc/{server}").exists()
        (guard,) = children(run.pid)
        run.send_signal(how)
        run.wait()
    # On a busy machine that may last: the guard waits 10 s for the server before it stops asking.
    assert await_end([guard], 50) == []
    assert [folder.exists(), data.exists(), Path(f"/proc/{server}").exists()] == [False, False, False]
