"""From the spool into the database: each hit once, and only what is new into the rollups.

A hit's key is the id in its token, so that writing it again changes nothing. Rows, rollups and the spool's
checkpoint change in the caller's one transaction.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlmodel import col, select

from core.db import AsyncSession, insert_rows
from core.logs import logger
from social.links import landings, tallies
from social.links.duplicates import Taps
from social.links.models import Click, Link, OrphanHit
from social.links.salts import day_of
from social.links.spool import Hit
from social.links.tallies import Source, Tally

UNKNOWN = "unknown"
ORPHANS_PER_DAY = 1000
_REMEMBERED = 50_000
_log = logger("links")


class Memory:
    """What a process that folds need not ask the database again."""

    def __init__(self) -> None:
        self._sources: dict[int, Source] = {}
        self.taps = Taps()

    def keep(self) -> None:
        """The transaction of the last `store` is committed."""
        self.taps.keep()

    async def sources(self, session: AsyncSession, numbers: Collection[int]) -> Mapping[int, Source]:
        """What links say, by their numbers, for those that are there: it never changes."""
        if len(self._sources) > _REMEMBERED:
            self._sources = {}
        missing = set(numbers) - self._sources.keys()
        if missing:
            chosen = select(Link.number, Link.shop_id, Link.network, Link.post_id).where(col(Link.number).in_(missing))
            for number, shop_id, network, post_id in await session.exec(chosen):
                self._sources[number] = Source(shop_id, network or UNKNOWN, post_id)
        return self._sources


async def store(session: AsyncSession, hits: Iterable[Hit], memory: Memory | None = None) -> int:
    """Write hits that are not there yet and count them, and the landing views among them; how many hits were new.

    A hit that got there in between by another way is refused by the primary key, and the transaction with it.
    """
    memory = memory or Memory()
    given = list(hits)
    sources = await memory.sources(session, {each.link_number for each in given})
    by_id = {each.click_id: each for each in given if each.landed_at_ms is None and each.link_number in sources}
    views = [each for each in given if each.landed_at_ms is not None and each.link_number in sources]
    if lost := sum(each.link_number not in sources for each in given):
        _log.error("hits of links that are not in the database were dropped", hits=lost)
    new: Sequence[Hit] = []
    tally = Tally(sources)
    if by_id or views:
        await memory.taps.begin(session, [*by_id.values(), *views])
    if by_id:
        known = await landings.sooner(session, [by_id[click_id] for click_id in sorted(by_id)], tally)
        new, duplicates = await memory.taps.sift(session, known)
        await insert_rows(session, Click, [_row(each, sources, duplicates) for each in new])
        for each in new:
            name = tallies.column(each.kind, duplicate=each.click_id in duplicates)
            tally.count(each.link_number, each.at_ms, name, each.in_app)
        second = [each for each in new if each.click_id in duplicates]
        views = [*await landings.taken_back(session, second, tally), *views]
    if views:
        await landings.fold(session, sources, views, tally)
    await tally.add(session)
    return len(new)


def _row(hit: Hit, sources: Mapping[int, Source], duplicates: Collection[bytes]) -> tuple[object, ...]:
    """The columns of `Click`, in their order."""
    return (
        hit.click_id,
        sources[hit.link_number].shop_id,
        hit.link_number,
        hit.at_ms,
        hit.variant,
        hit.kind,
        hit.click_id in duplicates,
        hit.visitor_day,
        hit.referrer_host,
        hit.in_app,
        hit.device,
        hit.family,
    )


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
        counts: tallies.Rollup = defaultdict(Counter)
        for (day, slug), hits in stored.items():
            kept = slug if (day, slug) in known or len(known) < ORPHANS_PER_DAY else ""
            known.add((day, kept))
            counts[day, kept]["hits"] += hits
        await tallies.add(session, OrphanHit, ("hits",), counts)
        return stored

    def forget(self, stored: Counter[tuple[int, str]]) -> None:
        """Take away what is in the database."""
        self._counts -= stored
