"""Landing views: one for each counted tap that has led to the page, whatever comes twice."""

import asyncio
import os
from pathlib import Path

import msgspec
import pytest
from sqlmodel import col, select

from core.db import Database
from social.links import clicks, proof, seconds
from social.links.clicks import Orphans
from social.links.folder import Folder
from social.links.landings import Landings
from social.links.models import Click, ClickApp, ClickDay, ClickHour, Landing, Link, SecondsDay
from social.links.salts import Salts
from social.links.spool import Hit, Spool
from social.links.token import Click as Token
from social.links.visitors import Visit
from tests.social.links.conftest import NOON, NOW, hit

SECOND, HOUR = 1000, 3_600_000


def view(tap: Hit, after: int = SECOND) -> Hit:
    """That tap's landing page is shown."""
    return msgspec.structs.replace(tap, landed_at_ms=tap.at_ms + after)


def seen(tap: Hit, seconds: int, in_app: str | None = None) -> Hit:
    """A person has looked at that tap's landing page for so long."""
    return msgspec.structs.replace(view(tap), kind="human", seconds=seconds, in_app=in_app)


async def _sums(db: Database) -> tuple[int, int, int, int]:
    """Clicks and landings of the hours, the same of the days; the rows must agree."""
    async with db.read() as session:
        hours, days = (await session.exec(select(ClickHour))).all(), (await session.exec(select(ClickDay))).all()
        rows = (await session.exec(select(Landing))).all()
        taps = {each.id: each for each in (await session.exec(select(Click))).all()}
    assert len(rows) == sum(each.landings for each in hours) == sum(each.landings for each in days)
    assert all(taps[each.id].kind == "human" and not taps[each.id].duplicate for each in rows if each.id in taps)
    assert await proof.prove(db, NOW.date()) == []
    return (
        sum(each.clicks for each in hours), sum(each.landings for each in hours),
        sum(each.clicks for each in days), sum(each.landings for each in days),
    )  # fmt: skip


async def test_a_page_that_is_shown_again_is_one_view_in_the_hour_of_its_tap(
    db: Database, folder: Folder, spool: Spool, link: Link
) -> None:
    tap, other = hit(link), hit(link, NOON + HOUR)
    for each in (tap, other, view(tap), view(tap, 2 * HOUR)):
        spool.append(each)
    assert await folder.fold_now() == 2
    spool.append(view(tap, 3 * HOUR))
    assert await folder.fold_now() == 0
    assert await _sums(db) == (2, 1, 2, 1)
    async with db.read() as session:
        (hour,) = (await session.exec(select(ClickHour).where(ClickHour.landings == 1))).all()
        (row,) = (await session.exec(select(Landing))).all()
    assert (hour.hour, hour.clicks) == (NOON // HOUR, 1)
    assert row.model_dump() == {
        "id": tap.click_id, "shop_id": link.shop_id, "link_number": link.number, "at_ms": NOON + SECOND, "in_app": None,
        "seconds": None,
    }  # fmt: skip


async def test_the_view_of_an_impatient_second_tap_is_that_of_the_first(
    db: Database, folder: Folder, spool: Spool, link: Link
) -> None:
    first, second = hit(link, NOON, visitor=b"v" * 8), hit(link, NOON + 5 * SECOND, visitor=b"v" * 8)
    for each in (first, second, view(second)):
        spool.append(each)
    await folder.fold_now()
    assert await _sums(db) == (1, 1, 1, 1)
    spool.append(view(first))
    await folder.fold_now()
    assert await _sums(db) == (1, 1, 1, 1)
    async with db.read() as session:
        assert (await session.exec(select(Landing.id))).all() == [first.click_id]


@pytest.mark.parametrize("kind", ["human", "prefetch"])
async def test_a_second_tap_that_comes_after_its_view_brings_it_to_the_first(
    db: Database, folder: Folder, spool: Spool, link: Link, kind: str
) -> None:
    first = hit(link, NOON, visitor=b"v" * 8)
    second = hit(link, NOON + 5 * SECOND, kind, visitor=b"v" * 8)
    for each in (first, seen(first, 4), seen(second, 50)):
        spool.append(each)
    await folder.fold_now()
    assert await _sums(db) == (1, 2, 1, 2), "nobody can know yet"
    spool.append(second)
    await folder.fold_now()
    assert await _sums(db) == (1, 1, 1, 1)
    async with db.read() as session:
        (row,) = (await session.exec(select(Landing))).all()
        (day,) = (await session.exec(select(SecondsDay))).all()
    assert (row.id, row.seconds) == (first.click_id, 50)
    assert (day.under_5, day.under_60) == (0, 1)


async def test_what_a_second_tap_tells_is_the_firsts_also_where_a_third_one_counts(
    db: Database, folder: Folder, spool: Spool, link: Link
) -> None:
    first, second, third = (hit(link, NOON + after * SECOND, visitor=b"v" * 8) for after in (0, 20, 40))
    for each in (first, second, view(second), third):
        spool.append(each)
        await folder.fold_now()
    spool.append(seen(second, 25))
    await folder.fold_now()
    assert await _sums(db) == (2, 1, 2, 1)
    async with db.read() as session:
        assert (await session.exec(select(Landing.id, Landing.seconds))).all() == [(first.click_id, 25)]


@pytest.mark.parametrize("engine", ["postgresql"])
async def test_views_wait_for_the_taps_that_another_process_folds(
    db: Database, folder: Folder, spool: Spool, link: Link, tmp_path: Path
) -> None:
    await Salts().refresh(db, NOW)
    first, second = hit(link, NOON, visitor=b"v" * 8), hit(link, NOON + 5 * SECOND, visitor=b"v" * 8)
    spool.append(first)
    await folder.fold_now()
    other = Spool(tmp_path / "other")
    other.append(view(second))
    elsewhere = Folder(db, other, Salts(), Orphans())
    async with db.transaction() as session:
        await clicks.store(session, [second])
        folding = asyncio.create_task(elsewhere.fold_now())
        done, _ = await asyncio.wait([folding], timeout=0.5)
        assert not done, "it would take the second tap for one that is on its way"
    await folding
    await elsewhere.close()
    assert await _sums(db) == (1, 1, 1, 1)


@pytest.mark.parametrize("kind", ["preview", "bot", "monitor", "head"])
async def test_whose_tap_was_no_click_is_no_view(
    db: Database, folder: Folder, spool: Spool, link: Link, kind: str
) -> None:
    tap = hit(link, kind=kind)
    for each in (tap, msgspec.structs.replace(view(tap), kind="human")):
        spool.append(each)
    await folder.fold_now()
    assert await _sums(db) == (0, 0, 0, 0)


async def test_views_are_counted_once_whatever_is_folded_again(
    db: Database, spool: Spool, tmp_path: Path, link: Link
) -> None:
    taps = [hit(link, NOON + number) for number in range(3)]
    for folder_name in ("one", "two"):
        copy = Spool(tmp_path / folder_name)
        for each in [*taps, *(view(tap) for tap in taps[:2])]:
            copy.append(each)
        folder = Folder(db, copy, Salts(), Orphans())
        await folder.fold_now()
        await folder.close()
    assert await _sums(db) == (3, 2, 3, 2)


async def test_a_view_whose_tap_is_on_its_way_counts_and_one_of_a_strange_link_does_not(
    db: Database, folder: Folder, spool: Spool, link: Link
) -> None:
    tap, strange = hit(link), hit(link)
    spool.append(view(tap))
    spool.append(msgspec.structs.replace(view(strange), link_number=link.number ^ 1))
    await folder.fold_now()
    assert await _sums(db) == (0, 1, 0, 1)
    spool.append(tap)
    await folder.fold_now()
    assert await _sums(db) == (1, 1, 1, 1)


async def test_a_lot_of_programs_leaves_no_trace_in_the_spool(spool: Spool, link: Link) -> None:
    landings, tap = Landings(), Token(os.urandom(16), NOW, link.number, 0)
    person = Visit("human", "instagram", "phone")
    assert not landings.note(tap, person, NOON), "there is no spool yet"
    landings.use(spool)
    for kind in ("prefetch", "preview", "bot", "head"):
        assert not landings.note(tap, msgspec.convert((kind, None, "phone"), Visit), NOON)
    assert spool.segments() == []
    assert landings.note(tap, person, NOON)
    ((segment,),) = (spool.segments(),)
    segment.folded = 0
    ((read,), _) = segment.read(10)
    assert (read.landed_at_ms, read.click_id, read.in_app) == (NOON, tap.click_id, "instagram")


async def _kinds(db: Database) -> list[tuple[str, bool]]:
    """What is stored of the hits, the oldest first."""
    async with db.read() as session:
        rows = await session.exec(select(Click).order_by(col(Click.id)))
        return [(each.kind, each.duplicate) for each in rows]


@pytest.mark.parametrize("length", [None, 0, 40])
async def test_what_an_app_fetched_ahead_is_the_tap_of_the_person_who_is_shown_it(
    db: Database, folder: Folder, spool: Spool, link: Link, length: int | None
) -> None:
    ahead, other = hit(link, kind="prefetch"), hit(link, NOON + SECOND, "prefetch")
    for each in (ahead, other):
        spool.append(each)
    await folder.fold_now()
    assert await _sums(db) == (0, 0, 0, 0)
    shown = msgspec.structs.replace(seen(ahead, 0, "instagram"), seconds=length)
    for _ in range(3):
        spool.append(shown)
        await folder.fold_now()
        assert await _sums(db) == (1, 1, 1, 1)
    assert await _kinds(db) == [("human", False), ("prefetch", False)]
    async with db.read() as session:
        (day,) = (await session.exec(select(ClickDay))).all()
        (app,) = (await session.exec(select(ClickApp))).all()
    assert (day.clicks, day.prefetches, day.landings) == (1, 1, 1)
    assert (app.in_app, app.clicks, app.landings) == ("instagram", 1, 1), "the browser is the person's"


async def test_a_page_fetched_ahead_and_tapped_again_is_one_tap(
    db: Database, folder: Folder, spool: Spool, link: Link
) -> None:
    ahead = hit(link, kind="prefetch", visitor=b"v" * 8)
    tap, later = hit(link, NOON + 5 * SECOND, visitor=b"v" * 8), hit(link, NOON + 9 * SECOND, visitor=b"v" * 8)
    for each in (ahead, tap, seen(ahead, 3)):
        spool.append(each)
    await folder.fold_now()
    assert await _sums(db) == (1, 1, 1, 1)
    spool.append(later)
    await folder.fold_now()
    assert await _sums(db) == (1, 1, 1, 1)
    assert await _kinds(db) == [("human", True), ("human", False), ("human", True)]


@pytest.mark.parametrize("is_split", [False, True])
async def test_an_apps_network_layer_and_its_browser_are_one_visitor_once_the_page_is_shown(
    db: Database, folder: Folder, spool: Spool, link: Link, is_split: bool
) -> None:
    ahead, tap = hit(link, kind="prefetch", visitor=b"n" * 8), hit(link, NOON + SECOND, visitor=b"v" * 8)
    shown = msgspec.structs.replace(seen(ahead, 3, "instagram"), visitor_day=b"v" * 8)
    later = hit(link, NOON + 9 * SECOND, visitor=b"v" * 8)
    for each in (ahead, tap, shown, view(tap), later):
        spool.append(each)
        if is_split:
            await folder.fold_now()
    await folder.fold_now()
    assert await _sums(db) == (1, 1, 1, 1)
    assert await _kinds(db) == [("human", True), ("human", False), ("human", True)]
    async with db.read() as session:
        assert set(await session.exec(select(Click.visitor_day))) == {b"v" * 8}


async def test_a_tap_after_one_that_was_found_out_is_the_same_persons_impatience(
    db: Database, folder: Folder, spool: Spool, link: Link
) -> None:
    ahead, tap = hit(link, kind="prefetch", visitor=b"v" * 8), hit(link, NOON + 9 * SECOND, visitor=b"v" * 8)
    for each in (hit(link, NOON - SECOND), ahead, view(ahead)):
        spool.append(msgspec.structs.replace(each, kind="human") if each.landed_at_ms else each)
        await folder.fold_now()
    spool.append(tap)
    await folder.fold_now()
    assert await _kinds(db) == [("human", False), ("human", False), ("human", True)]
    assert await _sums(db) == (2, 1, 2, 1)


@pytest.mark.parametrize(("kind", "sums"), [("prefetch", (1, 1, 1, 1)), ("bot", (0, 0, 0, 0)), ("head", (0, 0, 0, 0))])
async def test_a_view_that_came_before_its_hit_counts_as_that_hit_says(
    db: Database, folder: Folder, spool: Spool, link: Link, kind: str, sums: tuple[int, int, int, int]
) -> None:
    tap = hit(link, kind=kind)
    spool.append(seen(tap, 20, "tiktok"))
    await folder.fold_now()
    assert await _sums(db) == (0, 1, 0, 1)
    for _ in range(2):
        spool.append(tap)
        await folder.fold_now()
        assert await _sums(db) == sums


async def test_the_longest_time_counts_once_however_often_and_in_whatever_order_it_is_told(
    db: Database, folder: Folder, spool: Spool, link: Link, tmp_path: Path
) -> None:
    tap, other = hit(link), hit(link, NOON + HOUR)
    told = [
        tap,
        other,
        view(tap),
        seen(tap, 12),
        seen(tap, 4),
        seen(other, 700),
        seen(tap, 47),
        seen(tap, 30),
        view(tap),
    ]
    for each in told:
        spool.append(each)
        await folder.fold_now()
        assert await proof.prove(db, NOW.date()) == []
    again = Spool(tmp_path / "again")
    for each in reversed(told):
        again.append(each)
    second = Folder(db, again, Salts(), Orphans())
    await second.fold_now()
    await second.close()
    assert await _sums(db) == (2, 2, 2, 2)
    async with db.read() as session:
        (day,) = (await session.exec(select(SecondsDay))).all()
        (app,) = (await session.exec(select(ClickApp))).all()
        lengths = dict((await session.exec(select(Landing.id, Landing.seconds))).all())
    assert lengths == {tap.click_id: 47, other.click_id: 700}
    for row in (day, app):
        counts = {name: getattr(row, name) for name in seconds.COLUMNS}
        assert {name: count for name, count in counts.items() if count} == {"under_60": 1, "longer": 1}


async def test_nobody_stays_for_longer_than_half_an_hour(spool: Spool, link: Link) -> None:
    landings, tap = Landings(), Token(os.urandom(16), NOW, link.number, 0)
    landings.use(spool)
    assert landings.engage(tap, Visit("human", None, "phone"), NOON, 5000)
    assert not landings.engage(tap, Visit("bot", None, "phone"), NOON, 5)
    (segment,) = spool.segments()
    segment.folded = 0
    ((read,), _) = segment.read(10)
    assert read.seconds == seconds.LONGEST
