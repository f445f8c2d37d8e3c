"""Sums are what raw hits add up to; where they are not, it is found, named and logged, and nothing else."""

import random
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from core import jobs, shops
from core.db import Database, Table, table_of
from core.jobs import Job, Resources
from core.shops import Shop
from social.links import proof
from social.links.folder import Folder
from social.links.models import (
    ClickApp,
    ClickDay,
    ClickHour,
    ClickPost,
    ClickPostSpan,
    ClickSpan,
    Link,
    SecondsDay,
    SecondsSpan,
)  # fmt: skip
from social.links.proof import Difference
from social.links.spool import Hit, Spool
from tests.social.links.conftest import NOON, NOW, MakeLink, hit
from tests.social.links.test_landings import HOUR, seen, view
from tests.social.making import bare

DAY_MS = 24 * HOUR


async def _fold(folder: Folder, spool: Spool, hits: list[Hit]) -> None:
    for each in hits:
        spool.append(each)
    await folder.fold_now()


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_comes_the_sums_are_those_of_the_raw_hits(
    db: Database, shop: Shop, folder: Folder, spool: Spool, make_link: MakeLink, seed: int
) -> None:
    draw = random.Random(seed)
    post = await bare(db, shop)
    links = [
        await make_link(network=network, post_id=post_id)
        for network, post_id in (("instagram", post), ("pinterest", post), ("instagram", None), (None, None))
    ]
    kinds = ["human"] * 5 + ["prefetch"] * 3 + ["preview", "bot", "head"]
    taps = [
        hit(
            draw.choice(links), NOON + draw.randrange(-DAY_MS, DAY_MS), draw.choice(kinds),
            draw.choice([None, b"a" * 8, b"b" * 8]),
        )
        for _ in range(120)
    ]  # fmt: skip
    near = [hit(links[0], NOON + 1000 * n, draw.choice(kinds), draw.choice([b"a" * 8, b"b" * 8])) for n in range(60)]
    views = [draw.choice([view(each), seen(each, draw.randrange(1900))]) for each in draw.choices(taps + near, k=200)]
    everything = taps + near + [each for each in views if each.kind == "human"]
    draw.shuffle(everything)
    while everything:
        some, everything = everything[:23], everything[23:]
        await _fold(folder, spool, some)
        for back in (-1, 0, 1):
            assert await proof.prove(db, NOW.date() + timedelta(days=back)) == []
        assert await proof.prove_spans(db, [NOW.date() + timedelta(days=back) for back in (-1, 0, 1)]) == []


@pytest.mark.parametrize(
    ("table", "counter", "key"),
    [
        (ClickHour, "clicks", "instagram at 12 h"), (ClickDay, "landings", "{link}"),
        (ClickApp, "landings", "instagram"), (SecondsDay, "under_30", "{link}"),
        (ClickPost, "clicks", "no post on instagram"),
    ],
)  # fmt: skip
async def test_a_sum_that_is_wrong_is_named_with_both_numbers(
    db: Database, folder: Folder, spool: Spool, link: Link, shop: Shop, table: type[Table], counter: str, key: str,
) -> None:  # fmt: skip
    tap = hit(link)
    await _fold(folder, spool, [tap, seen(tap, 25)])
    async with db.transaction() as session:
        await session.execute(sa.update(table).values({counter: 3}))
        other = await shops.create(session, "Autre", "EUR")
    wrong = Difference(
        shop_id=shop.id, day=NOW.date(), table=str(table.__tablename__), key=key.format(link=link.id), counter=counter,
        raw=1, kept=3,
    )  # fmt: skip
    assert await proof.prove(db, NOW.date()) == [wrong]
    assert await proof.prove(db, NOW.date(), shop.id) == [wrong]
    assert await proof.prove(db, NOW.date(), other.id) == []
    assert await proof.prove(db, NOW.date() - proof.DAY) == []
    assert await proof.prove_spans(db, [NOW.date()], known=[wrong]) == []
    assert wrong.words == f"2026-11-21 {wrong.key}: {counter} 3 in {wrong.table}, 1 by the raw hits"


async def test_a_sum_without_hits_and_hits_without_a_sum_are_found(
    db: Database, folder: Folder, spool: Spool, link: Link
) -> None:
    await _fold(folder, spool, [hit(link)])
    async with db.transaction() as session:
        await session.execute(sa.delete(ClickDay))
        session.add(ClickDay(shop_id=link.shop_id, day=(NOW.date() - date(1970, 1, 1)).days, link_number=1, bots=2))
    found = await proof.prove(db, NOW.date())
    assert {(each.key, each.counter, each.raw, each.kept) for each in found} == {
        (link.id, "clicks", 1, 0), ("link number 1", "bots", 0, 2),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("table", "counter", "key"),
    [
        (ClickSpan, "clicks", "{link}"), (SecondsSpan, "under_30", "{link}"),
        (ClickPostSpan, "landings", "no post on instagram"),
    ],
)  # fmt: skip
async def test_a_span_that_is_not_the_sum_of_its_days_is_found(
    db: Database, folder: Folder, spool: Spool, link: Link, table: type[Table], counter: str, key: str
) -> None:
    taps = [hit(link, NOON - back * DAY_MS) for back in range(2)]
    await _fold(folder, spool, [*taps, *(seen(each, 25) for each in taps)])
    columns = table_of(table).c
    async with db.transaction() as session:
        await session.execute(sa.update(table).where(columns.days == 64).values({counter: 7}))
    first = NOW.date() - timedelta(days=(NOW.date() - date(1970, 1, 1)).days % 64)
    found = await proof.prove_spans(db, [NOW.date(), NOW.date() - proof.DAY])
    assert [each.words for each in found] == [
        f"{first} {key.format(link=link.id)} for 64 days: {counter} 7 in {table.__tablename__}, 2 by its days"
    ]
    async with db.transaction() as session:
        await session.execute(sa.delete(table).where(columns.days == 64))
    missing = await proof.prove_spans(db, [NOW.date()], link.shop_id)
    assert (counter, 2, 0) in [(each.counter, each.raw, each.kept) for each in missing]
    assert await proof.prove(db, NOW.date()) == [], "the days are right"


async def test_the_last_days_are_proved_every_night(
    db: Database, folder: Folder, spool: Spool, link: Link, capsys: pytest.CaptureFixture[str]
) -> None:
    await _fold(folder, spool, [hit(link, NOON - back * DAY_MS) for back in range(9)])
    async with db.transaction() as session:
        await session.execute(sa.update(ClickDay).values(clicks=9))
        await proof.begin(session)
        await proof.begin(session)
        await session.execute(sa.delete(Job).where(col(Job.name) != "links.prove"))
        await session.execute(sa.update(Job).values(run_at=NOW))
    now = NOW
    for _ in range(proof.NIGHTLY):
        assert await jobs.run_due(Resources(db), now) == 1
        now += timedelta(seconds=1)
    assert await jobs.run_due(Resources(db), now + timedelta(hours=13)) == 0
    async with db.read() as session:
        (waiting,) = (await session.exec(select(Job).where(col(Job.name) == "links.prove"))).all()
    assert waiting.run_at.isoformat() == "2026-11-22T02:00:00+00:00"
    logged = capsys.readouterr()
    lines = [each for each in (logged.out + logged.err).splitlines() if "sums of links differ" in each]
    assert len(lines) == proof.NIGHTLY
    assert all(link.id in each for each in lines)
