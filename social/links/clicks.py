"""From the spool into the database: each hit once, and only what is new into the rollups.

A hit's key is the id in its token, so that writing it again changes nothing. Rows, rollups and the spool's
checkpoint change in the caller's one transaction.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec
from sqlmodel import col, select

from core.db import AsyncSession, Table, insert_rows
from core.logs import logger
from social.links import landings
from social.links.duplicates import Taps
from social.links.models import Click, ClickDay, ClickHour, Landing, Link, OrphanHit
from social.links.salts import day_of
from social.links.spool import Hit

UNKNOWN = "unknown"
ORPHANS_PER_DAY = 1000
_REMEMBERED = 50_000
_HOUR_MS = 3_600_000
_COLUMN = {"human": "clicks", "prefetch": "prefetches", "preview": "previews", "bot": "bots", "head": "heads"}
_COUNTERS = ("clicks", "duplicates", "prefetches", "previews", "bots", "heads", "landings")
_log = logger("links")

Rollup = dict[tuple[str | int, ...], Counter[str]]


class _Origin:
    """What a hit's link says: columns, not a hydrated row."""

    __slots__ = ("link_id", "network", "shop_id")

    def __init__(self, shop_id: str, link_id: str, network: str | None) -> None:
        self.shop_id = shop_id
        self.link_id = link_id
        self.network = network or UNKNOWN


class Memory:
    """What a process that folds need not ask the database again."""

    def __init__(self) -> None:
        self._origins: dict[int, _Origin] = {}
        self.taps = Taps()

    def keep(self) -> None:
        """The transaction of the last `store` is committed."""
        self.taps.keep()

    async def origins(self, session: AsyncSession, numbers: Collection[int]) -> Mapping[int, _Origin]:
        """What links say, by their numbers, for those that are there: it never changes."""
        if len(self._origins) > _REMEMBERED:
            self._origins = {}
        missing = set(numbers) - self._origins.keys()
        if missing:
            chosen = select(Link.number, Link.shop_id, Link.id, Link.network).where(col(Link.number).in_(missing))
            for number, shop_id, link_id, network in await session.exec(chosen):
                self._origins[number] = _Origin(shop_id, link_id, network)
        return self._origins


async def store(session: AsyncSession, hits: Iterable[Hit], memory: Memory | None = None) -> int:
    """Write hits that are not there yet and count them, and the landing views among them; how many hits were new.

    A hit that got there in between by another way is refused by the primary key, and the transaction with it.
    """
    memory = memory or Memory()
    given = list(hits)
    origins = await memory.origins(session, {each.link_number for each in given})
    by_id = {each.click_id: each for each in given if each.landed_at_ms is None and each.link_number in origins}
    views = [each for each in given if each.landed_at_ms is not None and each.link_number in origins]
    if lost := sum(each.link_number not in origins for each in given):
        _log.error("hits of links that are not in the database were dropped", hits=lost)
    new: Sequence[Hit] = []
    if by_id:
        new, duplicates = await memory.taps.sift(session, [by_id[click_id] for click_id in sorted(by_id)])
        await insert_rows(session, Click, [_row(each, origins, duplicates) for each in new])
        await _count(session, origins, ((each, _column(each, duplicates)) for each in new))
    if views:
        await _store_views(session, origins, views)
    return len(new)


async def _store_views(session: AsyncSession, origins: Mapping[int, _Origin], views: Sequence[Hit]) -> None:
    """Landing views, each in the hour of the tap that it belongs to."""
    fresh = await landings.of_taps(session, views)
    rows = [
        (click_id, origins[each.link_number].shop_id, each.link_number, each.landed_at_ms)
        for click_id, each in fresh.items()
    ]
    await insert_rows(session, Landing, rows)
    taps = ((msgspec.structs.replace(each, click_id=click_id), "landings") for click_id, each in fresh.items())
    await _count(session, origins, taps)


def _column(hit: Hit, duplicates: Collection[bytes]) -> str:
    return "duplicates" if hit.click_id in duplicates else _COLUMN[hit.kind]


def _row(hit: Hit, origins: Mapping[int, _Origin], duplicates: Collection[bytes]) -> tuple[object, ...]:
    """The columns of `Click`, in their order."""
    return (
        hit.click_id,
        origins[hit.link_number].shop_id,
        hit.link_number,
        hit.at_ms,
        hit.variant,
        hit.kind,
        hit.click_id in duplicates,
        hit.visitor_day,
        hit.referrer_host,
        hit.in_app,
        hit.device,
    )


async def _count(session: AsyncSession, origins: Mapping[int, _Origin], hits: Iterable[tuple[Hit, str]]) -> None:
    """Count hits, each in the column that comes with it."""
    counts = Counter((each.link_number, each.at_ms // _HOUR_MS, column) for each, column in hits)
    hours: Rollup = defaultdict(Counter)
    days: Rollup = defaultdict(Counter)
    for (number, hour, column), times in counts.items():
        origin = origins[number]
        hours[origin.shop_id, hour, origin.network][column] += times
        days[origin.shop_id, day_of(hour * _HOUR_MS), origin.link_id][column] += times
    await _add(session, ClickHour, _COUNTERS, hours)
    await _add(session, ClickDay, _COUNTERS, days)


async def _add(session: AsyncSession, table: type[Table], counters: Sequence[str], counts: Rollup) -> None:
    """Add to counters, making the rows that are missing. In the order of the keys, so that nobody waits in a circle."""
    rows = [(*key, *(count[name] for name in counters)) for key, count in sorted(counts.items())]
    await insert_rows(session, table, rows, adding_up=True)


class Orphans:
    """Hits on links that do not exist, counted in memory within bounds until somebody stores them."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[int, str]] = Counter()

    def note(self, at_ms: int, slug: str) -> None:
        """One hit; beyond a thousand different slugs, and for what cannot be one, only the sum is kept."""
        plain = slug if len(slug) <= 32 and slug.isascii() and slug.isalnum() else ""
        key = (day_of(at_ms), plain)
        if key not in self._counts and len(self._counts) >= ORPHANS_PER_DAY:
            key = (key[0], "")
        self._counts[key] += 1

    def __bool__(self) -> bool:
        return bool(self._counts)

    async def store(self, session: AsyncSession) -> Counter[tuple[int, str]]:
        """Add what was counted to the database. Give the answer to `forget` once the transaction is committed."""
        stored = self._counts.copy()
        days = {day for day, _ in stored}
        rows = await session.exec(select(OrphanHit.day, OrphanHit.slug).where(col(OrphanHit.day).in_(days)))
        known = set(rows.all())
        counts: Rollup = defaultdict(Counter)
        for (day, slug), hits in stored.items():
            kept = slug if (day, slug) in known or len(known) < ORPHANS_PER_DAY else ""
            known.add((day, kept))
            counts[day, kept]["hits"] += hits
        await _add(session, OrphanHit, ("hits",), counts)
        return stored

    def forget(self, stored: Counter[tuple[int, str]]) -> None:
        """Take away what is in the database."""
        self._counts -= stored
