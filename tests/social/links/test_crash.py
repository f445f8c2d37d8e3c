"""kill -9 at any moment: every answered hit is in the database afterwards, once."""

import asyncio
import random
import signal
import sys
from pathlib import Path

import pytest
from sqlmodel import select

from core.db import Database
from social.links.clicks import Orphans
from social.links.folder import Folder
from social.links.models import Click, ClickDay, ClickHour, Link
from social.links.salts import Salts
from social.links.spool import Spool

ROOT = Path(__file__).resolve().parents[3]


async def _tap_until_killed(url: str, folder: Path, link: Link, hits: int, failpoint: str = "") -> list[str]:
    """The ids that a tapper answered before it was killed: after about so many, or by itself at a failpoint."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, str(Path(__file__).with_name("tapper.py")), url, str(folder), str(link.number), failpoint,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, cwd=ROOT, env={"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert child.stdout is not None
    answered = []
    while line := await child.stdout.readline():
        answered.append(line.decode().strip())
        if not failpoint and len(answered) == hits:
            child.kill()
    assert await child.wait() == -signal.SIGKILL
    return [each for each in answered if len(each) == 32]


async def _fold_the_rest(db: Database, folder: Path) -> None:
    heir = Folder(db, Spool(folder), Salts(), Orphans())
    await heir.open()
    await heir.close()


async def _check(db: Database, link: Link, answered: list[str], deaths: int = 1) -> None:
    async with db.read() as session:
        stored = [each.hex() for each in (await session.exec(select(Click.id))).all()]
        by_hour = (await session.exec(select(ClickHour.clicks))).all()
        by_day = (await session.exec(select(ClickDay.clicks).where(ClickDay.link_number == link.number))).all()
    assert set(answered) <= set(stored), f"{len(set(answered) - set(stored))} answered hits are lost"
    assert len(stored) == len(set(stored)) == sum(by_hour) == sum(by_day)
    assert len(stored) - len(answered) <= deaths, "killed between the write and the answer: one each time at most"


@pytest.mark.parametrize("failpoint", ["clicks.before_commit", "clicks.after_commit"])
async def test_a_death_beside_the_commit_neither_loses_nor_doubles(
    db: Database, database_url: str, link: Link, tmp_path: Path, failpoint: str
) -> None:
    answered = await _tap_until_killed(database_url, tmp_path / "spool", link, 0, failpoint)
    await _fold_the_rest(db, tmp_path / "spool")
    assert len(answered) == 100
    await _check(db, link, answered)
    assert list((tmp_path / "spool").iterdir()) == []


async def test_a_death_in_full_flight_neither_loses_nor_doubles(
    db: Database, database_url: str, link: Link, tmp_path: Path
) -> None:
    answered = await _tap_until_killed(database_url, tmp_path / "spool", link, 500)
    await _fold_the_rest(db, tmp_path / "spool")
    assert len(answered) >= 500
    await _check(db, link, answered)


@pytest.mark.chaos
@pytest.mark.timeout(300)
async def test_many_deaths_neither_lose_nor_double(db: Database, database_url: str, link: Link, tmp_path: Path) -> None:
    moments = random.Random(7)
    answered: list[str] = []
    deaths = 0
    while len(answered) < 12_000:
        answered += await _tap_until_killed(database_url, tmp_path / "spool", link, moments.randint(300, 3_000))
        deaths += 1
    await _fold_the_rest(db, tmp_path / "spool")
    await _check(db, link, answered, deaths)
