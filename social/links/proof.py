"""The proof that sums are what the raw hits add up to: everything of a UTC day counted again, and held against them.

Sums over spans of days are held against the sums of their days, which were proved while their raw hits were kept.

Every night the worker proves the last days; `vitrine links verify` proves any day whose raw hits are all kept. A
difference is an error of ours: it is told with its day, its link, post or network, and both numbers; nobody mends it.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa
from msgspec import Struct, structs
from sqlmodel import col

from core import jobs
from core.db import AsyncSession, Database, Table, table_of
from core.jobs import Resources, job
from core.logs import logger
from social.links import spans, tallies
from social.links.clicks import UNKNOWN
from social.links.duplicates import first_id
from social.links.models import Click, ClickApp, ClickHour, ClickPost, ClickPostSpan, Landing, Link
from social.links.spans import Sums
from social.links.tallies import HOUR_MS, Key, Rollup, Source, Tally

DAY = timedelta(days=1)
# Hits may come late, of a server that was away; older days change no more.
NIGHTLY = 7
_TOLD = 20
_PAGE = 5000
_NIGHT = timedelta(hours=2)
_SOON = timedelta(seconds=1)
_EPOCH = date(1970, 1, 1)
_KEY = "links.prove"
_FOR = " for "
_SPANS = {each.span for each in spans.EVERY}
_BY_POST = (ClickPost, ClickPostSpan)
_log = logger("links")


class Proof(Struct):
    """The payload of `prove_daily`: so many days back."""

    back: int = 1


class Difference(Struct, frozen=True, kw_only=True):
    """A sum that is not what the raw hits add up to. `key` names the row of `table` within shop and day."""

    shop_id: str
    day: date
    table: str
    key: str
    counter: str
    raw: int
    kept: int

    @property
    def words(self) -> str:
        """As a person reads it."""
        of = "its days" if self.table in (str(each.__tablename__) for each in _SPANS) else "the raw hits"
        return f"{self.day} {self.key}: {self.counter} {self.kept} in {self.table}, {self.raw} by {of}"


async def prove(db: Database, day: date, shop_id: str | None = None) -> list[Difference]:
    """What differs on that day, of one shop or of all.

    What was folded while we counted differs only once: we look again.
    """
    async with db.read() as session:
        found = await differences(session, day, shop_id)
    if not found:
        return found
    async with db.read() as session:
        again = await differences(session, day, shop_id)
    return [each for each in found if each in again]


async def differences(session: AsyncSession, day: date, shop_id: str | None = None) -> list[Difference]:
    """What differs as this session sees it."""
    number = (day - _EPOCH).days
    first, end = (first_id(each * 24 * HOUR_MS) for each in (number, number + 1))
    tally = await _recount(session, first, end, shop_id)
    found = []
    for table, (counters, raw) in tally.sums().items():
        kept = await _kept(session, table, counters, number, shop_id)
        found += await _compared(session, day, table, counters, raw, kept)
    return found


async def prove_spans(
    db: Database, days: Collection[date], shop_id: str | None = None, known: Collection[Difference] = ()
) -> list[Difference]:
    """Which sums over spans that hold one of these days are not what the days in them add up to.

    Left out is what follows from `known` differences of days. What was folded while we counted: as in `prove`.
    """
    numbers = {(each - _EPOCH).days for each in days}
    blocks = sorted({(span, number // span) for span in spans.SPANS for number in numbers})
    explained = {(each.shop_id, each.key, each.counter) for each in known}
    found: list[Difference] = []
    for of in spans.EVERY:
        for span, block in blocks:
            async with db.read() as session:
                wrong = await _of_block(session, of, span, block, shop_id)
            if wrong:
                async with db.read() as session:
                    again = await _of_block(session, of, span, block, shop_id)
                wrong = [each for each in wrong if each in again]
            found += [
                each for each in wrong if (each.shop_id, each.key.rpartition(_FOR)[0], each.counter) not in explained
            ]
    return found


async def _of_block(session: AsyncSession, of: Sums, days: int, block: int, shop_id: str | None) -> list[Difference]:
    raw = await _of_days(session, of, days, block, shop_id)
    kept = await _of_span(session, of, days, block, shop_id)
    return await _compared(session, _EPOCH + DAY * days * block, of.span, of.counters, raw, kept)


async def _compared(
    session: AsyncSession, day: date, table: type[Table], counters: Sequence[str], raw: Rollup, kept: Rollup
) -> list[Difference]:
    nothing: Counter[str] = Counter()
    wrong = [
        (key, name)
        for key in sorted(raw.keys() | kept.keys())
        for name in counters
        if raw.get(key, nothing)[name] != kept.get(key, nothing)[name]
    ]
    said = await _said(session, table, {key for key, _ in wrong})
    return [
        Difference(
            shop_id=str(key[0]), day=day, table=str(table.__tablename__), key=said[key], counter=name,
            raw=raw.get(key, nothing)[name], kept=kept.get(key, nothing)[name],
        )
        for key, name in wrong
    ]  # fmt: skip


async def _recount(session: AsyncSession, first: bytes, end: bytes, shop_id: str | None) -> Tally:
    """What the raw rows between two ids add up to."""
    tally = Tally(await _sources(session, first, end, shop_id))
    keys = (
        col(Click.link_number),
        col(Click.at_ms) // HOUR_MS,
        col(Click.kind),
        col(Click.duplicate),
        col(Click.in_app),
    )
    hits = sa.select(*keys, sa.func.count()).where(*_within(Click, first, end, shop_id)).group_by(*keys)
    for number, hour, kind, duplicate, in_app, times in await session.execute(hits):
        tally.count(number, int(hour) * HOUR_MS, tallies.column(kind, duplicate=duplicate), in_app, times)
    columns = (col(Landing.id), col(Landing.link_number), col(Landing.in_app), col(Landing.seconds))
    while True:
        views = sa.select(*columns).where(*_within(Landing, first, end, shop_id)).order_by(col(Landing.id))
        page = (await session.execute(views.limit(_PAGE))).all()
        for click_id, number, in_app, stayed in page:
            at_ms = int.from_bytes(click_id[:6])  # A view counts in the hour of its tap.
            tally.count(number, at_ms, "landings", in_app)
            tally.stay(number, at_ms, stayed, in_app)
        if len(page) < _PAGE:
            return tally
        first = page[-1][0] + bytes(1)


async def _sources(session: AsyncSession, first: bytes, end: bytes, shop_id: str | None) -> dict[int, Source]:
    """What the links say that anything points to, be they there or not."""
    found: dict[int, Source] = {}
    for table in (Click, Landing):
        rows = sa.select(col(table.link_number), col(table.shop_id), col(Link.network), col(Link.post_id)).distinct()
        rows = rows.join_from(table, Link, col(Link.number) == col(table.link_number), isouter=True)
        for number, owner, network, post_id in await session.execute(rows.where(*_within(table, first, end, shop_id))):
            found[number] = Source(owner, network or UNKNOWN, post_id)
    return found


def _within(
    table: type[Click | Landing], first: bytes, end: bytes, shop_id: str | None
) -> list[sa.ColumnElement[bool]]:
    of_shop = [] if shop_id is None else [col(table.shop_id) == shop_id]
    return [col(table.id) >= first, col(table.id) < end, *of_shop]


async def _kept(
    session: AsyncSession, table: type[Table], counters: Sequence[str], day: int, shop_id: str | None
) -> Rollup:
    """The sums of a table on that day, by their keys."""
    columns = table_of(table).c
    when = columns.hour.between(day * 24, day * 24 + 23) if table is ClickHour else columns.day == day
    keys = list(table_of(table).primary_key.columns)
    chosen = sa.select(*keys, *(columns[each] for each in counters)).where(when)
    chosen = chosen if shop_id is None else chosen.where(columns.shop_id == shop_id)
    return _rollup(await session.execute(chosen), len(keys), counters)


async def _of_days(session: AsyncSession, of: Sums, days: int, block: int, shop_id: str | None) -> Rollup:
    """What the sums of days add up to over a span: raw hits are not kept for as long."""
    columns = table_of(of.day).c
    keys = _owners(of)
    totals = (sa.func.sum(columns[each]) for each in of.counters)
    chosen = sa.select(*keys, sa.literal(days), *totals).group_by(*keys)
    chosen = chosen.where(columns.day.between(block * days, (block + 1) * days - 1))
    chosen = chosen if shop_id is None else chosen.where(columns.shop_id == shop_id)
    return _rollup(await session.execute(chosen), len(keys) + 1, of.counters)


async def _of_span(session: AsyncSession, of: Sums, days: int, block: int, shop_id: str | None) -> Rollup:
    """The same as it is kept, by shop, link or post, and length."""
    columns = table_of(of.span).c
    keys = [*(columns[each.name] for each in _owners(of)), columns.days]
    chosen = sa.select(*keys, *(columns[each] for each in of.counters))
    chosen = chosen.where(columns.days == days, columns.block == block)
    chosen = chosen if shop_id is None else chosen.where(columns.shop_id == shop_id)
    return _rollup(await session.execute(chosen), len(keys), of.counters)


def _owners(of: Sums) -> list[sa.Column[str | int]]:
    """Whose sums they are: what their keys hold besides the day."""
    return [each for each in table_of(of.day).primary_key.columns if each.name != "day"]


def _rollup(rows: Iterable[Sequence[str | int]], wide: int, counters: Sequence[str]) -> Rollup:
    """Rows that begin with so many columns of a key, and end with the counters."""
    return {tuple(row[:wide]): Counter(dict(zip(counters, map(int, row[wide:]), strict=True))) for row in rows}


async def _said(session: AsyncSession, table: type[Table], keys: Collection[Key]) -> dict[Key, str]:
    """Which rows these are, within their shop and day; a link that is not there is named by its number."""
    if table is ClickHour:
        return {key: f"{key[2]} at {int(key[1]) % 24} h" for key in keys}
    if table is ClickApp:
        return {key: " in ".join(str(each) for each in key[2:] if each) for key in keys}
    days = len(next(iter(keys), ())) - 1 if table in _SPANS else None
    if table in _BY_POST:
        first = 1 if days is not None else 2
        names = {key: f"{key[first] or 'no post'} on {key[first + 1]}" for key in keys}
    else:
        place = 1 if days is not None else list(table_of(table).primary_key.columns.keys()).index("link_number")
        ids = await _ids(session, {int(key[place]) for key in keys})
        names = {key: ids.get(int(key[place]), f"link number {key[place]}") for key in keys}
    return names if days is None else {key: f"{name}{_FOR}{key[days]} days" for key, name in names.items()}


async def _ids(session: AsyncSession, numbers: Collection[int]) -> dict[int, str]:
    """The ids of links by their numbers."""
    found: dict[int, str] = {}
    every = sorted(numbers)
    for start in range(0, len(every), _PAGE):
        mine = col(Link.number).in_(every[start : start + _PAGE])
        rows = await session.execute(sa.select(col(Link.number), col(Link.id)).where(mine))
        found.update((int(number), str(link_id)) for number, link_id in rows)
    return found


def days(now: datetime, retention: int) -> list[date]:
    """The days that are over and whose raw hits are all kept, the last first."""
    today = now.astimezone(UTC).date()
    return [today - DAY * back for back in range(1, retention + 1)]


async def begin(session: AsyncSession) -> None:
    """Prove from now on, unless that waits already."""
    await jobs.enqueue(session, prove_daily, Proof(), key=_KEY)


@job("links.prove", Proof, lasting=True)
async def prove_daily(resources: Resources, payload: Proof) -> None:
    """Prove one of the last days, and come back: in a moment for the day before it, or tomorrow for the next night."""
    db, now = resources.get(Database), resources.now()
    day = days(now, payload.back)[-1]
    found = await prove(db, day)
    if payload.back == 1:
        found += await prove_spans(db, [day], known=found)
    report(found)
    done = payload.back >= NIGHTLY
    then, at = (Proof(), _next(now)) if done else (Proof(back=payload.back + 1), now + _SOON)
    async with db.transaction() as session:
        await jobs.enqueue(session, prove_daily, then, key=_KEY, run_at=at)


def report(found: Sequence[Difference]) -> None:
    """Each difference is an error in the log, as far as a person would read."""
    for each in found[:_TOLD]:
        _log.error("sums of links differ from their raw hits", **structs.asdict(each) | {"day": str(each.day)})
    if len(found) > _TOLD:
        _log.error("more sums of links differ", differences=len(found) - _TOLD)


def _next(now: datetime) -> datetime:
    """The next night, when little is going on and yesterday's last hits have come."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return min(each for each in (midnight + _NIGHT, midnight + DAY + _NIGHT) if each > now)
