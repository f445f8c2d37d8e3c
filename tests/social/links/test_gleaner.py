"""Another process folds what servers spool, while they write and after they died: every hit once."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest
from sqlmodel import select

from core.db import Database
from core.settings import Settings
from social.links import gleaner
from social.links.clicks import Orphans
from social.links.folder import Folder
from social.links.gleaner import Gleaner
from social.links.models import Click, ClickHour, Link, SpoolCheckpoint
from social.links.salts import Salts
from social.links.spool import Spool
from tests.social.links.conftest import hit

ROOT = Path(__file__).resolve().parents[3]


async def _count(db: Database) -> tuple[int, int]:
    """How many clicks there are, and how many the rollups say."""
    async with db.read() as session:
        rows = (await session.exec(select(Click.variant))).all()
        return len(rows), sum((await session.exec(select(ClickHour.clicks))).all())


async def test_hits_are_folded_while_they_are_written(db: Database, link: Link, tmp_path: Path) -> None:
    spool, gleaning = Spool(tmp_path), Gleaner(db, lambda: [tmp_path])
    assert await gleaning.fold_now() == 0
    for number in range(1, 4):
        spool.append(hit(link))
        assert await gleaning.fold_now() == 1
        assert await _count(db) == (number, number)
    assert len(list(tmp_path.glob("*.hits"))) == 1, "what is written still is nobody's to delete"
    spool.close()
    await gleaning.close()
    assert list(tmp_path.glob("*.hits")) == []
    async with db.read() as session:
        assert (await session.exec(select(SpoolCheckpoint))).all() == []


async def test_half_a_frame_of_a_living_server_is_left_until_it_is_whole(
    db: Database, link: Link, tmp_path: Path
) -> None:
    spool, gleaning = Spool(tmp_path), Gleaner(db, lambda: [tmp_path])
    for _ in range(2):
        spool.append(hit(link))
    (path,) = tmp_path.glob("*.hits")
    whole = path.read_bytes()
    os.truncate(path, len(whole) - 5)
    assert await gleaning.fold_now() == 1
    assert path.stat().st_size == len(whole) - 5
    with path.open("ab") as file:
        file.write(whole[-5:])
    assert await gleaning.fold_now() == 1
    assert await _count(db) == (2, 2)
    await gleaning.close()


async def test_two_that_fold_the_same_spools_count_each_hit_once(db: Database, link: Link, tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    one, other = (Gleaner(db, lambda: [tmp_path]) for _ in range(2))
    for _ in range(20):
        for _ in range(10):
            spool.append(hit(link))
        spool.seal()
        spool.hand_over()
        await asyncio.gather(one.fold_now(), other.fold_now())
    assert await _count(db) == (200, 200)
    await one.close()
    spool.append(hit(link))
    assert await other.fold_now() == 1, "the other one goes on where the first left off"
    await other.close()


async def test_a_server_that_folds_itself_beside_it_does_no_harm(
    db: Database, link: Link, spool: Spool, folder: Folder, tmp_path: Path
) -> None:
    gleaning = Gleaner(db, lambda: [tmp_path / "spool"])
    new = 0
    for turn in range(6):
        spool.append(hit(link))
        new += await (folder if turn % 2 else gleaning).fold_now()
    spool.seal()
    new += await folder.fold_now()
    await gleaning.fold_now()
    assert new == 6
    assert await _count(db) == (6, 6)
    await gleaning.close()


async def test_a_server_hands_over_what_it_sealed_and_stops_at_the_cap(
    db: Database, link: Link, tmp_path: Path
) -> None:
    spool = Spool(tmp_path, segment_bytes=300, cap_bytes=600)
    server = Folder(db, spool, Salts(), Orphans(), sync_ms=0, folds=False)
    answers = [spool.append(hit(link)) for _ in range(20)]
    await server.close()
    spool = Spool(tmp_path, segment_bytes=300, cap_bytes=600)
    spool.hand_over()
    assert not spool.append(hit(link)), "what waits for the other process counts"
    gleaning = Gleaner(db, lambda: [tmp_path])
    assert await gleaning.fold_now() == answers.count(True)
    spool.hand_over()
    assert spool.append(hit(link))
    await gleaning.close()


@pytest.mark.parametrize("dying", ["server", "folder"])
async def test_whoever_is_killed_nothing_is_lost_or_counted_twice(
    db: Database, database_url: str, link: Link, tmp_path: Path, dying: str
) -> None:
    server, folding = [await _start(database_url, tmp_path / "spool", link, role) for role in ("taps", "gleans")]
    assert server.stdout is not None
    answered = [(await server.stdout.readline()).strip() for _ in range(700)]
    first, second = (server, folding) if dying == "server" else (folding, server)
    first.kill()
    assert await first.wait() == -signal.SIGKILL
    if dying == "folder":
        answered += [(await server.stdout.readline()).strip() for _ in range(300)]
    second.kill()
    await second.wait()
    answered += [each.strip() async for each in server.stdout]
    heir = Gleaner(db, lambda: [tmp_path / "spool"])
    await heir.fold_now()
    async with db.read() as session:
        stored = {each.hex().encode() for each in (await session.exec(select(Click.id))).all()}
    assert {each for each in answered if len(each) == 32} <= stored
    assert await _count(db) == (len(stored), len(stored))
    await heir.close()
    assert list((tmp_path / "spool").glob("*.hits")) == []


@pytest.mark.parametrize("failpoint", ["clicks.before_commit", "clicks.after_commit"])
async def test_a_death_beside_the_commit_neither_loses_nor_doubles(
    db: Database, database_url: str, link: Link, tmp_path: Path, failpoint: str
) -> None:
    spool = Spool(tmp_path / "spool")
    for _ in range(50):
        spool.append(hit(link))
    folding = await _start(database_url, tmp_path / "spool", link, "gleans", failpoint)
    assert await folding.wait() == -signal.SIGKILL
    heir = Gleaner(db, lambda: [tmp_path / "spool"])
    await heir.fold_now()
    assert await _count(db) == (50, 50)
    await heir.close()


async def _start(url: str, spool: Path, link: Link, role: str, failpoint: str = "") -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, str(Path(__file__).with_name("tapper.py")), url, str(spool), str(link.number), failpoint, role,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, cwd=ROOT, env={"PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def test_the_spools_of_all_servers_on_the_machine_are_found(tmp_path: Path) -> None:
    names = ["spool", "spool-8001", "instances/2/spool"]
    for name in [*names, "media"]:
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    settings = Settings(data_dir=tmp_path, click_spool_dir=tmp_path / "elsewhere")
    assert set(gleaner.spools(settings)) == {tmp_path / name for name in [*names, "elsewhere"]}
