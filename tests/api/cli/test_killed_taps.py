"""A server and its worker are killed while people tap: what was answered is in the database, once, and in every sum."""

import asyncio
import contextlib
import random
import re
import socket
import subprocess
import sys
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel, col, select

from catalog import products
from catalog.schemas import ProductCreate
from core.db import Database
from core.shops import Shop
from social.links import links
from social.links.models import Click, ClickDay, ClickHour, ClickSpan, Link
from social.links.schemas import LinkCreate
from social.links.spans import SPANS
from tests.api.cli.processes import environment, has_ended

CONNECTIONS = 8
PATIENCE = 60
AGENT = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 Mobile/{} Instagram 406.0.0"
TOKEN = re.compile(rb"\r\nlocation: \S+[?&]sl=([\w-]{51})", re.IGNORECASE)


class Taps:
    """People who tap on a link, each once, and the ids of the clicks that they were answered."""

    def __init__(self, slug: str) -> None:
        self.answered: list[bytes] = []
        self._slug = slug
        self._people = count(1)

    async def until_killed(self, port: int, processes: list["subprocess.Popen[bytes]"], wanted: int) -> None:
        """Tap on all connections; kill these processes once so many were answered in all."""
        reached = asyncio.Event()
        tapping = [asyncio.create_task(self._tap(port, wanted, reached)) for _ in range(CONNECTIONS)]
        await asyncio.wait_for(reached.wait(), PATIENCE)
        for each in processes:
            each.kill()
        await asyncio.gather(*tapping)

    async def _tap(self, port: int, wanted: int, reached: asyncio.Event) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            with contextlib.closing(writer):
                while True:
                    agent = AGENT.format(next(self._people))
                    writer.write(f"GET /l/{self._slug} HTTP/1.1\r\nHost: x\r\nUser-Agent: {agent}\r\n\r\n".encode())
                    head = await reader.readuntil(b"\r\n\r\n")
                    found = TOKEN.search(head)
                    assert found is not None, head
                    self.answered.append(urlsafe_b64decode(found[1] + b"=")[:16])
                    if len(self.answered) >= wanted:
                        reached.set()


@contextlib.contextmanager
def running(database_url: str, folder: Path) -> Iterator[tuple[int, list["subprocess.Popen[bytes]"]]]:
    """`vitrine serve` and `vitrine worker`; the server's port, and both, killed at the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    env = environment(VITRINE_DATABASE_URL=database_url, VITRINE_DATA_DIR=str(folder), VITRINE_CLICK_FOLDING="worker")
    commands = [["serve", "--port", str(port)], ["worker"]]
    started = [subprocess.Popen([sys.executable, "-m", "api.cli", *each], env=env) for each in commands]
    try:
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert not has_ended(started[0], within=0.05)
        yield port, started
    finally:
        for each in started:
            each.kill()
            each.wait()


async def tap_and_kill(db: Database, database_url: str, shop: Shop, folder: Path, clicks: int, deaths: int) -> None:
    async with db.transaction() as session:
        product = await products.create(session, shop, ProductCreate(title="Vase Lune"))
        link = await links.create(session, shop, LinkCreate(product_id=product.id, network="instagram"))
    taps, moments = Taps(link.slug), random.Random(clicks)
    for wanted in [*sorted(moments.sample(range(clicks // 10, clicks), deaths - 1)), clicks]:
        with running(database_url, folder) as (port, processes):
            await taps.until_killed(port, processes, wanted)
    with running(database_url, folder) as (_, processes):
        for _ in range(PATIENCE * 10):
            if not list(folder.glob("spool*/*.hits")):
                break
            assert not has_ended(processes[1], within=0.1)
    await _check(db, link, taps.answered, deaths)


async def _ids(db: Database) -> list[bytes]:
    async with db.read() as session:
        return list((await session.exec(select(Click.id))).all())


async def _sum(db: Database, table: type[SQLModel], *conditions: sa.ColumnElement[bool]) -> int:
    async with db.read() as session:
        clicks: sa.ColumnElement[int] = sa.func.coalesce(sa.func.sum(sa.column("clicks", sa.Integer)), 0)
        return int((await session.core(sa.select(clicks).select_from(table).where(*conditions))).scalar_one())


async def _check(db: Database, link: Link, answered: list[bytes], deaths: int) -> None:
    stored = await _ids(db)
    assert len(set(answered)) == len(answered)
    lost = set(answered) - set(stored)
    assert not lost, f"{len(lost)} of {len(answered)} answered taps are lost"
    assert len(stored) - len(answered) <= deaths * CONNECTIONS, "killed between writing and answering: one a connection"
    assert len(set(stored)) == len(stored) == await _sum(db, ClickHour)
    assert len(stored) == await _sum(db, ClickDay, col(ClickDay.link_number) == link.number)
    for days in SPANS:
        assert len(stored) == await _sum(db, ClickSpan, col(ClickSpan.days) == days)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("engine", ["sqlite"])
async def test_a_killed_server_loses_no_tap_that_it_answered(
    db: Database, database_url: str, shop: Shop, tmp_path: Path
) -> None:
    await tap_and_kill(db, database_url, shop, tmp_path, 600, 1)


@pytest.mark.chaos
@pytest.mark.timeout(300)
async def test_five_thousand_taps_survive_three_deaths(
    db: Database, database_url: str, shop: Shop, tmp_path: Path
) -> None:
    await tap_and_kill(db, database_url, shop, tmp_path, 6_000, 3)
