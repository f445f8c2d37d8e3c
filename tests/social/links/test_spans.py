"""Sums over long ranges are the sums of their days, from few rows."""

import random

import msgspec
import pytest
import sqlalchemy as sa
from sqlmodel import select

from core.db import AsyncSession, Database, insert_rows
from social.links import spans
from social.links.folder import Folder
from social.links.models import ClickDay, ClickSpan, Link
from social.links.spans import SPANS, cover
from social.links.spool import Spool
from tests.social.links.conftest import NOON, MakeLink, hit

DAY_MS = 86_400_000
TODAY = NOON // DAY_MS


@pytest.mark.parametrize("days", [0, 1, 7, 8, 9, 16, 30, 31, 63, 64, 65, 90, 128, 365, 400])
def test_a_range_is_each_of_its_days_once(days: int) -> None:
    for first in range(TODAY, TODAY + 64):
        counted: dict[int, int] = {}
        parts = cover(first, first + days)
        for part in parts:
            for block in part.blocks:
                for day in range(block * part.days, (block + 1) * part.days):
                    counted[day] = counted.get(day, 0) + (-1 if part.taken_off else 1)
        assert {day: times for day, times in counted.items() if times} == dict.fromkeys(range(first, first + days), 1)
        assert sum(len(part.blocks) for part in parts) <= 20


async def test_what_is_folded_is_in_the_spans_of_its_day(
    db: Database, folder: Folder, spool: Spool, link: Link
) -> None:
    taps = [hit(link, NOON + day * DAY_MS) for day in (0, 0, 1, 9, 70)]
    robot = hit(link, NOON + 200 * DAY_MS, kind="bot")
    for each in (*taps, robot, msgspec.structs.replace(taps[3], landed_at_ms=NOON + 300 * DAY_MS)):
        spool.append(each)
    await folder.fold_now()
    async with db.read() as session:
        found = {(each.days, each.block): each for each in (await session.exec(select(ClickSpan))).all()}
    for span in SPANS:
        rows = [each for (days, _), each in found.items() if days == span]
        assert (sum(each.clicks for each in rows), sum(each.landings for each in rows)) == (5, 1)
        assert found[span, (TODAY + 9) // span].landings == 1
        assert (span, (TODAY + 200) // span) not in found, "only people are asked for over long ranges"


async def test_sums_of_spans_are_the_sums_of_days(db: Database, make_link: MakeLink) -> None:
    draw = random.Random(8)
    links = [await make_link() for _ in range(3)]
    shop_id, only = links[0].shop_id, links[1].id
    taps = [
        (link.id, day, draw.randrange(4), draw.randrange(2))
        for link in links
        for day in draw.sample(range(TODAY, TODAY + 200), 60)
    ]
    async with db.transaction() as session:
        await insert_rows(
            session, ClickDay, [(shop_id, day, link, taken, 0, 0, 0, 0, 0, landed) for link, day, taken, landed in taps]
        )
        for span in SPANS:
            rows = [(shop_id, span, day // span, link, *counts) for link, day, *counts in taps]
            await insert_rows(session, ClickSpan, rows, adding_up=True)
    ranges = [(TODAY + draw.randrange(-20, 200), draw.randrange(1, 230)) for _ in range(25)]
    ends = [(None, None), (TODAY + 33, None), (None, TODAY + 50), *((first, first + days) for first, days in ranges)]
    for first, end in ends:
        wanted: dict[str, list[int]] = {}
        for link, day, *counts in taps:
            if (first is None or first <= day) and (end is None or day < end):
                wanted[link] = [sum(each) for each in zip(wanted.get(link, [0, 0]), counts, strict=True)]
        wanted = {link: counts for link, counts in wanted.items() if any(counts)}
        async with db.read() as session:
            summed = await spans.sums(session, shop_id, first, end)
            alone = await spans.sums(session, shop_id, first, end, select(Link.id).where(Link.id == only))
            assert summed is not None
            assert alone is not None
            assert await _found(session, summed) == wanted, (first, end)
            assert await _found(session, alone) == {link: each for link, each in wanted.items() if link == only}


async def _found(session: AsyncSession, summed: sa.Subquery) -> dict[str, list[int]]:
    return {row[0]: [int(row[1]), int(row[2])] for row in await session.core(sa.select(summed))}


async def test_a_shop_without_hits_has_no_sums(db: Database, link: Link) -> None:
    async with db.read() as session:
        assert await spans.sums(session, link.shop_id, None, None) is None
