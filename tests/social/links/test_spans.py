"""Sums over long ranges are the sums of their days, from few rows."""

import random
from collections.abc import Mapping

import msgspec
import pytest
import sqlalchemy as sa
from sqlmodel import select

from core.db import AsyncSession, Database, insert_rows, table_of
from core.shops import Shop
from social.links import seconds, spans
from social.links.folder import Folder
from social.links.models import ClickDay, ClickPost, ClickPostSpan, ClickSpan, Link, SecondsDay, SecondsSpan
from social.links.spans import SPANS, cover
from social.links.spool import Spool
from tests.social.links.conftest import NOON, MakeLink, hit
from tests.social.making import bare

DAY_MS = 86_400_000
TODAY = NOON // DAY_MS


@pytest.mark.parametrize("days", [0, 1, 7, 8, 9, 16, 30, 31, 63, 64, 65, 90, 128, 365, 400])
def test_a_range_is_each_of_its_days_once(days: int) -> None:
    for first in range(TODAY, TODAY + 64):
        counted: dict[int, int] = {}
        parts = cover(first, first + days)
        for part in parts:
            for block in range(part.first, part.end):
                for day in range(block * part.days, (block + 1) * part.days):
                    counted[day] = counted.get(day, 0) + part.times
        assert {day: times for day, times in counted.items() if times} == dict.fromkeys(range(first, first + days), 1)
        assert sum(part.end - part.first for part in parts) <= 20


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


async def test_what_is_folded_is_summed_by_post_and_network(
    db: Database, shop: Shop, folder: Folder, spool: Spool, make_link: MakeLink
) -> None:
    post = await bare(db, shop)
    ways = [("instagram", post), ("instagram", post), ("pinterest", post), ("pinterest", None)]
    taps = [hit(await make_link(network=network, post_id=post_id)) for network, post_id in ways]
    robot = hit(await make_link(network="pinterest", post_id=post), kind="bot")
    stays = [msgspec.structs.replace(each, landed_at_ms=NOON + 1, seconds=2) for each in taps[1:]]
    for each in (*taps, robot, *stays):
        spool.append(each)
    await folder.fold_now()
    wanted = {(post, "instagram"): (2, 1, 1), (post, "pinterest"): (1, 1, 1), ("", "pinterest"): (1, 1, 1)}
    async with db.read() as session:
        days = (await session.exec(select(ClickPost))).all()
        spanned = (await session.exec(select(ClickPostSpan))).all()
    assert {(each.post_id, each.network): (each.clicks, each.landings, each.under_3) for each in days} == wanted
    for span in SPANS:
        rows = [each for each in spanned if (each.days, each.block) == (span, TODAY // span)]
        assert {(each.post_id, each.network): (each.clicks, each.landings, each.under_3) for each in rows} == wanted
    assert len(spanned) == len(SPANS) * len(wanted)


async def test_sums_of_spans_are_the_sums_of_days(db: Database, make_link: MakeLink) -> None:
    draw = random.Random(8)
    links = [await make_link() for _ in range(3)]
    shop_id, only = links[0].shop_id, links[1].number
    taps = [
        (link.number, day, draw.randrange(4), draw.randrange(2))
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
        wanted: dict[int, list[int]] = {}
        for link, day, *counts in taps:
            if (first is None or first <= day) and (end is None or day < end):
                wanted[link] = [sum(each) for each in zip(wanted.get(link, [0, 0]), counts, strict=True)]
        wanted = {link: counts for link, counts in wanted.items() if any(counts)}
        async with db.read() as session:
            stretches = {"shop": shop_id, **await spans.stretches(session, shop_id, first, end)}
            assert await _found(session, sa.select(spans.by_link(lambda rows: [])), stretches) == wanted, (first, end)
            for key, mine in (("one", [only]), ("two", [links[0].number, only])):
                found = await _found(session, spans.by_key(spans.TAPS, _few(key, mine)), stretches)
                every = [counts for link, counts in wanted.items() if link in mine]
                assert found == ({key: [sum(each) for each in zip(*every, strict=True)]} if every else {}), (first, end)


def _few(key: str, numbers: list[int]) -> sa.Select[tuple[str | None, int, str]]:
    link, named = table_of(Link).c, sa.literal_column(f"'{key}'", sa.String).label("key")
    return sa.select(named, link.number, link.shop_id).where(link.number.in_(numbers))


async def _found(
    session: AsyncSession, sums: sa.Select[tuple[str | None, int]], stretches: Mapping[str, object]
) -> dict[object, list[int]]:
    return {row[0]: [int(row[1]), int(row[2])] for row in await session.core(sums, stretches)}


async def test_stays_of_a_few_links_are_the_sums_of_their_days(db: Database, make_link: MakeLink) -> None:
    draw = random.Random(15)
    links = [await make_link() for _ in range(3)]
    shop_id, mine = links[0].shop_id, [each.number for each in links[:2]]
    days = draw.sample(range(TODAY, TODAY + 200), 90)
    stays = [(each.number, day, [draw.randrange(3) for _ in seconds.COLUMNS]) for each in links for day in days]
    async with db.transaction() as session:
        await insert_rows(session, SecondsDay, [(shop_id, link, day, *counts) for link, day, counts in stays])
        await insert_rows(session, ClickDay, [(shop_id, day, mine[0], 1, *[0] * 6) for day in days])
        for span in SPANS:
            rows = [(shop_id, link, span, day // span, *counts) for link, day, counts in stays]
            await insert_rows(session, SecondsSpan, rows, adding_up=True)
    for first, end in ((None, None), (TODAY + 33, None), (TODAY - 9, TODAY + 50), (TODAY + 5, TODAY + 155)):
        within = [
            counts
            for link, day, counts in stays
            if link in mine and (first is None or first <= day) and (end is None or day < end)
        ]
        async with db.read() as session:
            stretches = {"shop": shop_id, **await spans.stretches(session, shop_id, first, end)}
            (row,) = await session.core(spans.by_key(spans.STAYS, _few("two", mine)), stretches)
        assert [int(each) for each in row[1:]] == [sum(each) for each in zip(*within, strict=True)]


async def test_sums_of_posts_are_the_sums_of_their_days(db: Database, shop: Shop) -> None:
    draw = random.Random(31)
    ways = [("post_a", "instagram"), ("post_a", "x"), ("post_b", "x"), ("", "unknown")]
    taps = [
        (draw.choice(ways), day, [draw.randrange(4) for _ in spans.POSTS.counters])
        for day in draw.choices(range(TODAY, TODAY + 200), k=250)
    ]
    async with db.transaction() as session:
        days = [(shop.id, day, *way, *counts) for way, day, counts in taps]
        await insert_rows(session, ClickPost, days, adding_up=True)
        await insert_rows(session, ClickDay, [(shop.id, day, 1, *[0] * 7) for day in {each[1] for each in taps}])
        for span in SPANS:
            rows = [(shop.id, span, day // span, *way, *counts) for way, day, counts in taps]
            await insert_rows(session, ClickPostSpan, rows, adding_up=True)
    every = spans.by_post(spans.POSTS.counters, lambda rows: [])
    only = spans.by_post(spans.TAPS.counters, lambda rows: [rows.c.network == "x"])
    for first, end in ((None, None), (TODAY + 33, None), (TODAY - 9, TODAY + 50), (TODAY + 5, TODAY + 155)):
        within = [
            (way, counts) for way, day, counts in taps if (first is None or first <= day) and (end is None or day < end)
        ]
        async with db.read() as session:
            stretches = {"shop": shop.id, **await spans.stretches(session, shop.id, first, end)}
            all_found, x_found = [await session.rows(each, stretches) for each in (every, only)]
        for found, chosen, of in ((all_found, ways, spans.POSTS), (x_found, ways[1:3], spans.TAPS)):
            wanted = {
                post: [
                    sum(each)
                    for each in zip(*(n for way, n in within if way in chosen and way[0] == post), strict=True)
                ]
                for post in {way[0] for way in chosen}
            }
            told = {(key or ""): list(map(int, numbers)) for key, *numbers in found}
            assert told == {post: counts[: len(of.counters)] for post, counts in wanted.items()}


async def test_a_shop_without_hits_has_no_sums(db: Database, link: Link) -> None:
    async with db.read() as session:
        stretches = {"shop": link.shop_id, **await spans.stretches(session, link.shop_id, None, None)}
        assert await _found(session, sa.select(spans.by_link(lambda rows: [])), stretches) == {}
