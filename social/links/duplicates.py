"""Taps that are the same person's impatience: within half a minute of a counted tap of theirs on the same link.

A process that folds hits remembers the taps it counted. That is all there are as long as nobody else folds, which the
turns that are taken in the database tell; else, and when hits come late, the database is asked.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlmodel import col, select

from core.db import AsyncSession
from social.links.models import Click, VisitorSalt
from social.links.salts import day_of
from social.links.spool import Hit

# Facts: a second tap within half a minute is the same person's impatience, not a second visit (links.md 3.1).
DUPLICATE_MS = 30_000
_REMEMBERED = 100_000
_FORGET_MS = 4 * DUPLICATE_MS


class Taps:
    """The taps that were counted lately. What a transaction taught is good once it is committed: then `keep` it."""

    def __init__(self) -> None:
        # Our last turn of each day that was committed, and those of the transaction that is under way.
        self._turns: dict[int, int] = {}
        self._taken: Mapping[int, int] = {}
        # When each visitor's taps on each link were counted, in order; complete from `_since` on, if that is known.
        self._counted: dict[tuple[bytes | None, int], list[int]] = {}
        self._since: int | None = None
        self._kept = self._sifted = False

    def keep(self) -> None:
        """The transaction of the last `begin` is committed."""
        self._turns |= self._taken
        if self._sifted:
            self._kept = len(self._counted) <= _REMEMBERED

    async def begin(self, session: AsyncSession, hits: Sequence[Hit]) -> None:
        """Wait until nobody else folds hits of these days, or views of their taps: before anything else is asked.

        Whether a tap is a duplicate, and whose a view is, depends on what the other has seen.
        """
        moments = [each.at_ms for each in hits]
        self._taken = await take_turns(session, day_of(min(moments)), day_of(max(moments)))
        self._kept &= all(self._turns.get(day) == turn - 1 for day, turn in self._taken.items())
        self._sifted = False

    async def sift(self, session: AsyncSession, hits: Sequence[Hit]) -> tuple[Sequence[Hit], set[bytes]]:
        """Those of the hits, sorted by id, that are not in the database yet, and the ids of duplicates among them.

        After `begin` of the same transaction.
        """
        first, last = hits[0].at_ms, hits[-1].at_ms
        ours = self._taken.keys() >= set(range(day_of(first), day_of(last) + 1))
        trusted = self._kept and ours and self._since is not None and self._since <= first - DUPLICATE_MS
        self._kept, self._sifted = False, True
        if not trusted:
            stored = await _stored(session, hits)
            hits = [each for each in hits if each.click_id not in stored]
            await self._learn(session, first - DUPLICATE_MS, last + DUPLICATE_MS)
        elif self._since is not None and first - self._since > _FORGET_MS:
            self._since = first - DUPLICATE_MS
            self._counted = {pair: times for pair, times in self._counted.items() if times[-1] >= self._since}
        return hits, self._duplicates(hits)

    async def _learn(self, session: AsyncSession, since: int, until: int) -> None:
        """Ask the database what was counted between two times."""
        # The click's id is its time, so the primary key is the index that this question needs.
        chosen = select(Click.visitor_day, Click.link_number, Click.at_ms).where(
            col(Click.id) >= first_id(since),
            col(Click.id) < first_id(until + 1),
            col(Click.kind) == "human",
            col(Click.duplicate).is_(False),
            col(Click.visitor_day).is_not(None),
        )
        chosen = chosen.order_by(col(Click.id))
        self._counted = {}
        for visitor_day, link_number, at_ms in await session.exec(chosen):
            self._counted.setdefault((visitor_day, link_number), []).append(at_ms)
        latest = (await session.exec(select(Click.id).order_by(col(Click.id).desc()).limit(1))).first()
        self._since = since if latest is None or latest < first_id(until + 1) else None

    def _duplicates(self, hits: Sequence[Hit]) -> set[bytes]:
        """Hits of people within 30 seconds of a counted tap; the others of people are counted."""
        found = set()
        counted = self._counted
        for hit in hits:
            if hit.kind != "human" or hit.visitor_day is None:
                continue
            at_ms = hit.at_ms
            times = counted.setdefault((hit.visitor_day, hit.link_number), [])
            place = bisect_left(times, at_ms)
            if (place and at_ms - times[place - 1] < DUPLICATE_MS) or (
                place < len(times) and times[place] - at_ms < DUPLICATE_MS
            ):
                found.add(hit.click_id)
            else:
                times.insert(place, at_ms)
        return found


def first_id(at_ms: int) -> bytes:
    """Before the ids of all clicks of this moment and later."""
    return max(at_ms, 0).to_bytes(6) + bytes(10)


async def take_turns(session: AsyncSession, first: int, last: int) -> dict[int, int]:
    """Wait until nobody else folds hits of these days; the number of our turn on each."""
    # In the order of the days, so that nobody waits in a circle.
    days = select(VisitorSalt.day).where(col(VisitorSalt.day).between(first, last)).order_by(col(VisitorSalt.day))
    connection = await session.connection()
    taken = await connection.execute(
        sa.update(VisitorSalt)
        .where(col(VisitorSalt.day).in_(days.with_for_update()))
        .values(turns=VisitorSalt.turns + 1)
        .returning(col(VisitorSalt.day), col(VisitorSalt.turns))
    )
    return {row.day: row.turns for row in taken}


async def _stored(session: AsyncSession, hits: Sequence[Hit]) -> set[bytes]:
    ids = [each.click_id for each in hits]
    return set(await session.exec(select(Click.id).where(col(Click.id).in_(ids))))
