"""Every hit is in the database once, and the rollups say what the rows say."""

import os
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel, col, select

from core import shops
from core.db import Database
from social.links import clicks
from social.links.clicks import Orphans
from social.links.folder import Folder
from social.links.models import Click, ClickDay, ClickHour, Link, OrphanHit, SpoolCheckpoint, VisitorSalt
from social.links.salts import Salts, day_of
from social.links.spool import Hit, Spool
from tests.social.links.conftest import NOON, NOW, MakeLink, hit

T = TypeVar("T", bound=SQLModel)
HOUR, DAY = NOON // 3_600_000, day_of(NOON)


async def _all(db: Database, table: type[T]) -> list[T]:
    async with db.read() as session:
        return list((await session.exec(select(table))).all())


async def test_a_hit_becomes_a_row_that_knows_nobody(db: Database, folder: Folder, spool: Spool, link: Link) -> None:
    one = Hit(NOON.to_bytes(6) + b"i" * 10, link.number, 3, "human", "tablet", b"v" * 8, "l.instagram.com", "instagram")
    spool.append(one)
    assert await folder.fold_now() == 1
    (row,) = await _all(db, Click)
    assert row.model_dump() == {
        "id": one.click_id, "shop_id": link.shop_id, "link_number": link.number, "at_ms": NOON, "variant": 3,
        "kind": "human", "duplicate": False, "visitor_day": b"v" * 8, "referrer_host": "l.instagram.com",
        "in_app": "instagram", "device": "tablet", "family": None,
    }  # fmt: skip


async def test_only_people_are_clicks(db: Database, folder: Folder, spool: Spool, link: Link) -> None:
    for kind, times in {"human": 3, "prefetch": 2, "preview": 1, "bot": 3, "monitor": 1, "head": 5}.items():
        for _ in range(times):
            spool.append(hit(link, kind=kind))
    await folder.fold_now()
    (hour,) = await _all(db, ClickHour)
    assert hour.model_dump() == {
        "shop_id": link.shop_id, "hour": HOUR, "network": "instagram", "clicks": 3, "duplicates": 0, "prefetches": 2,
        "previews": 1, "bots": 4, "heads": 5, "landings": 0,
    }  # fmt: skip
    (day,) = await _all(db, ClickDay)
    assert (day.day, day.link_number, day.clicks, day.bots) == (DAY, link.number, 3, 4)


async def test_a_link_without_network_counts_as_unknown(
    db: Database, folder: Folder, spool: Spool, make_link: MakeLink
) -> None:
    spool.append(hit(await make_link(network=None)))
    await folder.fold_now()
    assert [each.network for each in await _all(db, ClickHour)] == ["unknown"]


async def test_each_shop_has_its_own_counts(
    db: Database, folder: Folder, spool: Spool, link: Link, make_link: MakeLink
) -> None:
    async with db.transaction() as session:
        other = await shops.create(session, "Another", "EUR")
    for each in (link, link, await make_link(other)):
        spool.append(hit(each))
    await folder.fold_now()
    assert {each.shop_id: each.clicks for each in await _all(db, ClickHour)} == {link.shop_id: 2, other.id: 1}


async def test_a_second_tap_within_half_a_minute_is_the_same_one(
    db: Database, folder: Folder, spool: Spool, link: Link, make_link: MakeLink
) -> None:
    anna, ben = b"anna----", b"ben-----"
    spool.append(hit(link, NOON, visitor=anna))
    await folder.fold_now()
    other = await make_link()
    for at, visitor, tapped in (
        (NOON + 29_999, anna, link),  # a duplicate
        (NOON + 30_000, anna, link),
        (NOON + 59_999, anna, link),  # a duplicate of the one before
        (NOON + 1, ben, link),
        (NOON + 2, anna, other),
        (NOON + 3, None, link),
        (NOON + 3, None, link),
    ):
        spool.append(hit(tapped, at, visitor=visitor))
    await folder.fold_now()
    rows = await _all(db, Click)
    assert {each.at_ms - NOON for each in rows if each.duplicate} == {29_999, 59_999}
    assert [(each.clicks, each.duplicates) for each in await _all(db, ClickHour)] == [(6, 2)]


async def test_a_tap_that_comes_late_from_another_process_is_known_as_a_duplicate(
    db: Database, folder: Folder, spool: Spool, link: Link
) -> None:
    spool.append(hit(link, NOON, visitor=b"anna----"))
    await folder.fold_now()
    spool.append(hit(link, NOON - 10_000, visitor=b"anna----"))
    await folder.fold_now()
    assert sorted((each.at_ms, each.duplicate) for each in await _all(db, Click)) == [
        (NOON - 10_000, True),
        (NOON, False),
    ]


async def test_what_a_folder_remembers_is_as_good_as_the_database(
    db: Database, folder: Folder, spool: Spool, link: Link
) -> None:
    await Salts().refresh(db, NOW)
    for at in (0, 29_999, 30_000, 59_999, 200_000, 229_999, 230_000):
        spool.append(hit(link, NOON + at, visitor=b"anna----"))
        assert await folder.fold_now() == 1
    rows = await _all(db, Click)
    assert sorted(each.at_ms - NOON for each in rows if each.duplicate) == [29_999, 59_999, 229_999]
    assert [(each.clicks, each.duplicates) for each in await _all(db, ClickDay)] == [(4, 3)]


async def test_a_folder_sees_what_another_has_counted_in_between(
    db: Database, folder: Folder, spool: Spool, link: Link, tmp_path: Path
) -> None:
    await Salts().refresh(db, NOW)
    beside = Spool(tmp_path / "beside")
    other = Folder(db, beside, Salts(), Orphans())
    for at, where, by in (
        (0, spool, folder),
        (40_000, beside, other),
        (50_000, spool, folder),
        (60_000, beside, other),
    ):
        where.append(hit(link, NOON + at, visitor=b"anna----"))
        assert await by.fold_now() == 1
    await other.close()
    rows = await _all(db, Click)
    assert sorted(each.at_ms - NOON for each in rows if each.duplicate) == [50_000, 60_000]


async def test_what_was_rolled_back_is_not_remembered(db: Database, link: Link) -> None:
    await Salts().refresh(db, NOW)
    memory = clicks.Memory()
    async with db.transaction() as session:
        await clicks.store(session, [hit(link, NOON, visitor=b"anna----")], memory)
        memory.keep()
    async with db.transaction() as session:
        await clicks.store(session, [hit(link, NOON + 40_000, visitor=b"anna----")], memory)
        await session.rollback()
    async with db.transaction() as session:
        await clicks.store(session, [hit(link, NOON + 50_000, visitor=b"anna----")], memory)
    assert [each.duplicate for each in await _all(db, Click)] == [False, False]


async def test_a_hit_that_comes_twice_to_a_folder_that_remembers_is_counted_once(
    db: Database, folder: Folder, spool: Spool, link: Link
) -> None:
    await Salts().refresh(db, NOW)
    twice = hit(link)
    spool.append(twice)
    assert await folder.fold_now() == 1
    spool.append(twice)
    with pytest.raises(IntegrityError):
        await folder.fold_now()
    assert await folder.fold_now() == 0
    assert [each.clicks for each in await _all(db, ClickHour)] == [1]


async def test_replaying_changes_nothing(db: Database, folder: Folder, spool: Spool, link: Link) -> None:
    hits = [hit(link, NOON + number, visitor=b"anna----") for number in range(5)]
    for each in hits:
        spool.append(each)
    assert await folder.fold_now() == 5
    before = await _all(db, ClickHour)
    for each in [*hits, hits[0]]:
        spool.append(each)
    assert await folder.fold_now() == 0
    async with db.transaction() as session:
        assert await clicks.store(session, [*hits, hit(link)]) == 1
    (hour,) = await _all(db, ClickHour)
    assert (hour.clicks, hour.duplicates) == (before[0].clicks + 1, 4)


async def test_a_rolled_back_batch_leaves_nothing_and_is_folded_later(
    db: Database, folder: Folder, spool: Spool, link: Link
) -> None:
    spool.append(hit(link))
    (segment,) = spool.segments()
    hits, _ = segment.read(10)
    async with db.transaction() as session:
        await clicks.store(session, hits)
        await session.rollback()
    assert await _all(db, Click) == []
    assert await _all(db, ClickHour) == []
    assert await folder.fold_now() == 1


async def test_the_checkpoint_moves_with_the_rows_and_goes_with_its_segment(
    db: Database, folder: Folder, spool: Spool, link: Link
) -> None:
    spool.append(hit(link))
    await folder.fold_now()
    (checkpoint,) = await _all(db, SpoolCheckpoint)
    (segment,) = spool.segments()
    assert (checkpoint.segment, checkpoint.folded_bytes) == (segment.name, segment.size)
    spool.seal()
    await folder.fold_now()
    assert await _all(db, SpoolCheckpoint) == []
    assert not segment.path.exists()


async def test_the_next_process_goes_on_at_the_checkpoint(
    db: Database, folder: Folder, spool: Spool, link: Link, tmp_path: Path
) -> None:
    spool.append(hit(link))
    await folder.fold_now()
    spool.append(hit(link))
    (segment,) = spool.segments()
    spool.close()
    heir = Spool(tmp_path / "spool")
    heir.adopt()
    later = Folder(db, heir, Salts(), Orphans())
    assert await later.fold_now() == 1
    assert len(await _all(db, Click)) == 2
    assert not segment.path.exists()


async def test_more_hits_than_one_batch_are_all_folded(db: Database, folder: Folder, spool: Spool, link: Link) -> None:
    for number in range(4_500):
        spool.append(hit(link, NOON + number, visitor=number.to_bytes(8)))
    assert await folder.fold_now() == 4_500
    assert [each.clicks for each in await _all(db, ClickHour)] == [4_500]


async def test_a_hit_on_a_link_that_is_not_there_holds_nobody_up(
    db: Database, folder: Folder, spool: Spool, link: Link
) -> None:
    spool.append(Hit(NOON.to_bytes(6) + os.urandom(10), 999, 0, "human", "phone"))
    spool.append(hit(link))
    assert await folder.fold_now() == 1
    assert len(await _all(db, Click)) == 1


async def test_the_running_folder_folds_by_itself_and_at_the_end(
    db: Database, spool: Spool, link: Link, tmp_path: Path
) -> None:
    folder = Folder(db, spool, Salts(), Orphans(), sync_ms=1)
    await folder.open()
    spool.append(hit(link))
    await folder.close()
    assert len(await _all(db, Click)) == 1
    assert list((tmp_path / "spool").iterdir()) == []


async def test_a_database_that_is_away_costs_no_hit(db: Database, link: Link, spool: Spool, tmp_path: Path) -> None:
    away = Database("postgresql://nobody@127.0.0.1:1/nothing")
    folder = Folder(away, spool, Salts(), Orphans())
    await folder.open()
    spool.append(hit(link))
    await folder.close()
    await away.close()
    heir = Spool(tmp_path / "spool")
    again = Folder(db, heir, Salts(), Orphans())
    await again.open()
    await again.close()
    assert len(await _all(db, Click)) == 1


async def test_orphans_are_counted_within_bounds(db: Database, spool: Spool) -> None:
    orphans = Orphans()
    folder = Folder(db, spool, Salts(), orphans)
    for number in range(1_500):
        orphans.note(NOON, f"slug{number}")
    for slug in ("slug7", "<script>", "x" * 500, "é"):
        orphans.note(NOON, slug)
    await folder.fold_now()
    orphans.note(NOON, "slug7")
    orphans.note(NOON, "new")
    await folder.fold_now()
    rows = {each.slug: each.hits for each in await _all(db, OrphanHit)}
    assert sum(rows.values()) == 1_506
    assert len(rows) == 1_001
    assert rows["slug7"] == 3
    assert all(each.isalnum() or not each for each in rows)


async def test_a_salt_is_shared_by_processes_and_destroyed_after_two_days(db: Database) -> None:
    mine, other = Salts(), Salts()
    await mine.refresh(db, NOW)
    await other.refresh(db, NOW)
    assert mine.of(DAY) == other.of(DAY) is not None
    assert mine.of(DAY + 1) is None
    await mine.refresh(db, NOW + timedelta(hours=11, minutes=30))
    assert mine.of(DAY + 1) not in (None, mine.of(DAY))
    await mine.refresh(db, NOW + timedelta(hours=35, minutes=59))
    assert mine.of(DAY) is not None
    await mine.refresh(db, NOW + timedelta(hours=36))
    assert mine.of(DAY) is None
    async with db.read() as session:
        days = (await session.exec(select(VisitorSalt.day).order_by(col(VisitorSalt.day)))).all()
    assert Counter(days) == Counter([DAY + 1, DAY + 2])
