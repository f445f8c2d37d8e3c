"""Raw hits go when their days are over, and the sums stay; by a clock that the test moves."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from core import jobs
from core.db import Database
from core.jobs import Job, Resources
from core.settings import Settings
from social.links import retention
from social.links.clicks import Orphans
from social.links.folder import Folder
from social.links.models import Click, ClickDay, ClickHour, Landing, Link
from social.links.salts import Salts
from social.links.spool import Spool
from social.links.token import milliseconds
from tests.social.links.conftest import hit
from tests.social.links.test_landings import view

NOW = datetime(2026, 11, 21, 15, 30, tzinfo=UTC)
LAST_KEPT = datetime(2026, 8, 23, tzinfo=UTC)


@pytest.fixture
async def kept(db: Database, tmp_path: Path, link: Link) -> list[int]:
    """Taps that landed, on both sides of the cut, in milliseconds."""
    times = [NOW - timedelta(days=400), LAST_KEPT - timedelta(milliseconds=1), LAST_KEPT, NOW - timedelta(hours=1)]
    folder = Folder(db, spool := Spool(tmp_path / "spool"), Salts(), Orphans())
    for at in times:
        tap = hit(link, milliseconds(at))
        spool.append(tap)
        spool.append(view(tap))
    await folder.fold_now()
    await folder.close()
    return [milliseconds(each) for each in times]


async def _left(db: Database) -> tuple[list[int], int]:
    """The times of the clicks that are left, which must be those of the landings; what the sums say."""
    async with db.read() as session:
        clicks = {each.id: each.at_ms for each in (await session.exec(select(Click))).all()}
        landed = set((await session.exec(select(Landing.id))).all())
        hours = sum((await session.exec(select(ClickHour.clicks))).all())
        days = (await session.exec(select(ClickDay))).all()
    assert landed == set(clicks)
    assert sum(each.clicks for each in days) == sum(each.landings for each in days) == hours
    return sorted(clicks.values()), hours


async def test_whole_days_go_and_what_they_added_up_to_stays(db: Database, kept: list[int]) -> None:
    assert retention.cut(NOW, 90) == LAST_KEPT
    assert await retention.purge(db, retention.cut(NOW, 90)) == (4, True)
    assert await _left(db) == (kept[2:], 4)
    assert await retention.purge(db, retention.cut(NOW, 90)) == (0, True)
    assert await retention.purge(db, retention.cut(NOW + timedelta(days=91), 90)) == (4, True)
    assert await _left(db) == ([], 4)


async def test_the_worker_purges_once_a_day(db: Database, settings: Settings, kept: list[int]) -> None:
    resources = Resources(db, settings)
    for _ in range(2):
        async with db.transaction() as session:
            await retention.begin(session)
    async with db.transaction() as session:
        await session.exec(sa.delete(Job).where(col(Job.name) != "links.purge"))
        (first,) = (await session.exec(select(Job))).all()
        first.run_at = NOW
    assert await jobs.run_due(resources, NOW) == 1
    assert await _left(db) == (kept[2:], 4)
    assert await jobs.run_due(resources, NOW + timedelta(hours=23)) == 0
    assert await jobs.run_due(resources, NOW + timedelta(days=1)) == 1
    assert await _left(db) == (kept[3:], 4)
    assert await jobs.run_due(resources, NOW + timedelta(days=120)) == 1
    assert await _left(db) == ([], 4)


async def test_a_purge_that_is_not_done_says_so(db: Database, kept: list[int]) -> None:
    assert await retention.purge(db, NOW, batches=1) == (4, False)
    assert await retention.purge(db, NOW, batches=2) == (4, True)
