"""From the spool into the database: each hit once, and only what is new into the rollups.

A hit's key is the id in its token, so that writing it again changes nothing. Rows, rollups and the spool's
checkpoint change in the caller's one transaction.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select

from core.db import AsyncSession, Table, insert_ignoring
from core.logs import logger
from social.links.models import Click, ClickDay, ClickHour, Link, OrphanHit, VisitorSalt
from social.links.salts import day_of
from social.links.spool import Hit

UNKNOWN = "unknown"
# Facts: a second tap within half a minute is the same person's impatience, not a second visit (links.md 3.1).
DUPLICATE_MS = 30_000
ORPHANS_PER_DAY = 1000
_HOUR_MS = 3_600_000
_COLUMN = {"human": "clicks", "prefetch": "prefetches", "preview": "previews", "bot": "bots", "head": "heads"}
_COUNTERS = ("clicks", "duplicates", "prefetches", "previews", "bots", "heads")
_log = logger("links")

Rollup = dict[tuple[str | int, ...], Counter[str]]


class _Origin:
    """What a hit's link says: columns, not a hydrated row."""

    __slots__ = ("link_id", "network", "shop_id")

    def __init__(self, shop_id: str, link_id: str, network: str | None) -> None:
        self.shop_id = shop_id
        self.link_id = link_id
        self.network = network or UNKNOWN


async def store(session: AsyncSession, hits: Sequence[Hit]) -> int:
    """Write hits that are not there yet and count them; how many were new.

    Two processes that fold hits of the same day wait for each other, because whether a tap is a duplicate
    depends on what the other has seen.
    """
    hits = sorted({each.click_id: each for each in hits}.values(), key=lambda each: each.click_id)
    origins = await _origins(session, {each.link_number for each in hits})
    lost = [each for each in hits if each.link_number not in origins]
    if lost:
        _log.error("hits of links that are not in the database were dropped", hits=len(lost))
        hits = [each for each in hits if each.link_number in origins]
    if not hits:
        return 0
    await _take_turns(session, {day_of(each.at_ms) for each in hits})
    duplicates = await _duplicates(session, hits)
    rows = [_row(each, origins[each.link_number].shop_id, each.click_id in duplicates) for each in hits]
    # On the connection, not the session: nothing here is an object, and the unit of work would cost as much again.
    connection = await session.connection()
    written = await connection.execute(insert_ignoring(session, Click).returning(col(Click.id)), rows)
    new = set(written.scalars())
    await _count([each for each in hits if each.click_id in new], origins, duplicates, session)
    return len(new)


def _row(hit: Hit, shop_id: str, duplicate: bool) -> dict[str, object]:
    return {
        "id": hit.click_id,
        "shop_id": shop_id,
        "link_number": hit.link_number,
        "at_ms": hit.at_ms,
        "variant": hit.variant,
        "kind": hit.kind,
        "duplicate": duplicate,
        "visitor_day": hit.visitor_day,
        "referrer_host": hit.referrer_host,
        "in_app": hit.in_app,
        "device": hit.device,
    }


async def _origins(session: AsyncSession, numbers: Collection[int]) -> Mapping[int, _Origin]:
    rows = await session.exec(
        select(Link.number, Link.shop_id, Link.id, Link.network).where(col(Link.number).in_(numbers))
    )
    return {number: _Origin(shop_id, link_id, network) for number, shop_id, link_id, network in rows}


async def _take_turns(session: AsyncSession, days: Iterable[int]) -> None:
    await session.exec(
        select(VisitorSalt.day).where(col(VisitorSalt.day).in_(days)).order_by(col(VisitorSalt.day)).with_for_update()
    )


async def _duplicates(session: AsyncSession, hits: Sequence[Hit]) -> set[bytes]:
    """Taps of people within 30 seconds of a counted tap of the same visitor on the same link."""
    taps = [each for each in hits if each.kind == "human" and each.visitor_day is not None]
    if not taps:
        return set()
    first, last = taps[0].at_ms - DUPLICATE_MS, taps[-1].at_ms + DUPLICATE_MS + 1
    # The click's id is its time, so the primary key is the index that this question needs.
    rows = await session.exec(
        select(Click.id, Click.visitor_day, Click.link_number).where(
            col(Click.id) >= first.to_bytes(6) + bytes(10),
            col(Click.id) < last.to_bytes(6) + bytes(10),
            col(Click.kind) == "human",
            col(Click.duplicate).is_(False),
            sa.tuple_(col(Click.visitor_day), col(Click.link_number)).in_(
                {(each.visitor_day, each.link_number) for each in taps}
            ),
        )
    )
    counted: dict[tuple[bytes | None, int], list[int]] = defaultdict(list)
    stored = set()
    for click_id, visitor_day, link_number in rows:
        stored.add(click_id)
        counted[visitor_day, link_number].append(int.from_bytes(click_id[:6]))
    for times in counted.values():
        times.sort()
    found = set()
    for tap in taps:
        times = counted[tap.visitor_day, tap.link_number]
        if tap.click_id in stored:
            continue
        place = bisect_left(times, tap.at_ms)
        if any(abs(tap.at_ms - each) < DUPLICATE_MS for each in times[max(0, place - 1) : place + 1]):
            found.add(tap.click_id)
        else:
            times.insert(place, tap.at_ms)
    return found


async def _count(
    hits: Sequence[Hit], origins: Mapping[int, _Origin], duplicates: Collection[bytes], session: AsyncSession
) -> None:
    hours: Rollup = defaultdict(Counter)
    days: Rollup = defaultdict(Counter)
    for hit in hits:
        origin = origins[hit.link_number]
        column = "duplicates" if hit.click_id in duplicates else _COLUMN[hit.kind]
        hours[origin.shop_id, hit.at_ms // _HOUR_MS, origin.network][column] += 1
        days[origin.shop_id, day_of(hit.at_ms), origin.link_id][column] += 1
    await _add(session, ClickHour, ("shop_id", "hour", "network"), _COUNTERS, hours)
    await _add(session, ClickDay, ("shop_id", "day", "link_id"), _COUNTERS, days)


async def _add(
    session: AsyncSession, table: type[Table], key: Sequence[str], counters: Sequence[str], counts: Rollup
) -> None:
    """Add to counters, making the rows that are missing. In the order of the keys, so that nobody waits in a circle."""
    if not counts:
        return
    rows = [
        dict(zip(key, place, strict=True)) | {name: count[name] for name in counters}
        for place, count in sorted(counts.items())
    ]
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    statement = sqlite.insert(table) if on_sqlite else postgresql.insert(table)
    columns = table.__table__.c  # type: ignore[attr-defined]  # SQLModel declares it on tables only.
    connection = await session.connection()
    await connection.execute(
        statement.on_conflict_do_update(
            index_elements=list(key), set_={name: columns[name] + statement.excluded[name] for name in counters}
        ),
        rows,
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
        counts: Rollup = defaultdict(Counter)
        for (day, slug), hits in stored.items():
            kept = slug if (day, slug) in known or len(known) < ORPHANS_PER_DAY else ""
            known.add((day, kept))
            counts[day, kept]["hits"] += hits
        await _add(session, OrphanHit, ("day", "slug"), ("hits",), counts)
        return stored

    def forget(self, stored: Counter[tuple[int, str]]) -> None:
        """Take away what is in the database."""
        self._counts -= stored
