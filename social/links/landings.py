"""Landing views: pages that people were shown by the token of their tap, each tap once, and for how long.

A view goes the way of a hit: into the spool before the page leaves, and from there into the database in batches. It is
counted in the hour of its tap, so that taps and views of one hour can be compared. A page whose script tells how long
it was in sight was shown, too, whoever had fetched it.

An app may fetch a page before anybody taps. Where a person is shown it after all, that hit was their tap: it counts
from then on.
"""

from collections.abc import Collection, Mapping, Sequence

import msgspec
import sqlalchemy as sa
from sqlmodel import col, select

from core.db import AsyncSession, insert_rows, table_of
from social.links import seconds
from social.links.duplicates import DUPLICATE_MS, first_id, take_turns
from social.links.models import Click, Landing
from social.links.salts import day_of
from social.links.spool import Hit, Spool
from social.links.tallies import Source, Tally
from social.links.token import Click as Token
from social.links.visitors import Visit

LONGEST_SECONDS = seconds.LONGEST


class Landings:
    """Where this process writes down who has landed."""

    def __init__(self) -> None:
        self._spool: Spool | None = None

    def use(self, spool: Spool) -> None:
        """Write into this spool from now on; before, views are not counted."""
        self._spool = spool

    @property
    def dropped(self) -> int:
        """How many hits and views the spool could not take."""
        return self._spool.dropped if self._spool is not None else 0

    def note(self, tap: Token, visit: Visit, at_ms: int, visitor: bytes | None = None) -> bool:
        """A page was shown by the token of this tap; whether that counts: people do, and programs do not.

        `visitor` is the hash of who was shown it, by the salt of the tap's day, where one may be kept.
        """
        return self._append(tap, visit, at_ms, None, visitor)

    def engage(self, tap: Token, visit: Visit, at_ms: int, stayed: int, visitor: bytes | None = None) -> bool:
        """The page of this tap was in sight for so many seconds by now; whether that counts. `visitor` as in `note`."""
        return self._append(tap, visit, at_ms, min(stayed, LONGEST_SECONDS), visitor)

    def _append(self, tap: Token, visit: Visit, at_ms: int, stayed: int | None, visitor: bytes | None) -> bool:
        if self._spool is None or visit.kind != "human":
            return False
        view = Hit(
            tap.click_id, tap.link_number, tap.variant, "human", visit.device, visitor, in_app=visit.in_app,
            landed_at_ms=at_ms, seconds=stayed,
        )  # fmt: skip
        return self._spool.append(view)


class _Tap(msgspec.Struct, frozen=True):
    """As much of a stored hit as tells what its view counts for."""

    id: bytes
    link_number: int
    at_ms: int
    kind: str
    duplicate: bool
    visitor_day: bytes | None
    in_app: str | None


_TAP = tuple(getattr(Click, each) for each in _Tap.__struct_fields__)


async def fold(session: AsyncSession, sources: Mapping[int, Source], views: Sequence[Hit], tally: Tally) -> None:
    """Write down what these views tell that is new, and count it.

    The view of an impatient second tap belongs to the first one, so that there are never more views than taps. A tap
    that is not in the database is on its way, or was lost: its view counts.
    """
    taps = await _taps(session, {each.click_id for each in views})
    told: dict[bytes, Hit] = {}
    for view in views:
        tap = taps.get(view.click_id)
        if tap is not None and tap.kind == "prefetch":
            tap = taps[tap.id] = await _promote(session, tap, view, tally)
        counted = await _counted(session, tap) if tap is not None else None
        if tap is None or counted is not None:
            known = view if counted is None else _under(view, counted)
            told[known.click_id] = _both(told.get(known.click_id), known)
    await _write(session, sources, told, tally)


async def sooner(session: AsyncSession, hits: Sequence[Hit], tally: Tally) -> list[Hit]:
    """The same hits, of which some were landed by already: an app's that a person was shown is that person's tap.

    A robot's view, counted as long as nobody knew whose it was, is taken back.
    """
    strange = [each.click_id for each in hits if each.kind != "human"]
    landed = await _landed(session, strange)
    if not landed:
        return list(hits)
    found = []
    for each in hits:
        row = landed.get(each.click_id)
        if row is None or each.kind == "prefetch":
            found.append(each if row is None else msgspec.structs.replace(each, kind="human", in_app=row.in_app))
            continue
        found.append(each)
        await _forget(session, row, each.at_ms, tally)
    return found


async def taken_back(session: AsyncSession, hits: Sequence[Hit], tally: Tally) -> list[Hit]:
    """The views of these second taps that were counted before anybody knew them for such: taken back, to be folded."""
    landed = await _landed(session, [each.click_id for each in hits])
    found = []
    for each in hits:
        if (row := landed.get(each.click_id)) is not None:
            await _forget(session, row, each.at_ms, tally)
            found.append(msgspec.structs.replace(each, in_app=row.in_app, landed_at_ms=row.at_ms, seconds=row.seconds))
    return found


async def _forget(session: AsyncSession, row: Landing, at_ms: int, tally: Tally) -> None:
    """Delete this view of a tap of that moment, and take it from the sums: it was none, or is another's."""
    tally.count(row.link_number, at_ms, "landings", row.in_app, -1)
    tally.stay(row.link_number, at_ms, row.seconds, row.in_app, -1)
    await session.core(sa.delete(table_of(Landing)).where(col(Landing.id) == row.id))


def _under(view: Hit, tap: _Tap) -> Hit:
    """The view as that of the tap that it is counted with."""
    return msgspec.structs.replace(view, click_id=tap.id, in_app=tap.in_app)


def _both(first: Hit | None, view: Hit) -> Hit:
    """What two views of one tap tell: the first of them, and the longest time."""
    if first is None:
        return view
    lengths = [each.seconds for each in (first, view) if each.seconds is not None]
    return msgspec.structs.replace(first, seconds=max(lengths, default=None))


async def _taps(session: AsyncSession, ids: Collection[bytes]) -> dict[bytes, _Tap]:
    found = await session.execute(sa.select(*_TAP).where(col(Click.id).in_(ids)))
    return {row[0]: _Tap(*row) for row in found}


async def _landed(session: AsyncSession, ids: Collection[bytes]) -> dict[bytes, Landing]:
    """The views that are there, locked: two processes that hear of one tap's time add it up one after the other."""
    if not ids:
        return {}
    chosen = select(Landing).where(col(Landing.id).in_(ids)).order_by(col(Landing.id)).with_for_update()
    rows = await session.exec(chosen.execution_options(populate_existing=True))
    return {each.id: each for each in rows}


async def _write(session: AsyncSession, sources: Mapping[int, Source], told: Mapping[bytes, Hit], tally: Tally) -> None:
    landed = await _landed(session, list(told))
    rows = []
    for click_id, view in sorted(told.items()):
        row = landed.get(click_id)
        if row is None:
            number = view.link_number
            shop_id = sources[number].shop_id
            rows.append((click_id, shop_id, number, view.landed_at_ms, view.in_app, view.seconds))
            tally.count(number, view.at_ms, "landings", view.in_app)
            tally.stay(number, view.at_ms, view.seconds, view.in_app)
        elif view.seconds is not None and (row.seconds is None or view.seconds > row.seconds):
            tally.stay(row.link_number, view.at_ms, row.seconds, row.in_app, -1)
            tally.stay(row.link_number, view.at_ms, view.seconds, row.in_app)
            longer = sa.update(table_of(Landing)).where(col(Landing.id) == click_id)
            await session.core(longer.values(seconds=view.seconds))
    await insert_rows(session, Landing, rows)


async def _promote(session: AsyncSession, tap: _Tap, view: Hit, tally: Tally) -> _Tap:
    """The hit of an app that looked ahead, as the tap of the person who was shown the page: in their browser."""
    # Who folds hits of that day elsewhere has to ask the database again what was counted.
    await take_turns(session, day_of(tap.at_ms), day_of(tap.at_ms))
    # An app's network layer has a user agent of its own: the hash of who was shown the page is that of their taps.
    visitor = view.visitor_day or tap.visitor_day
    person = msgspec.structs.replace(tap, kind="human", in_app=view.in_app, visitor_day=visitor)
    duplicate = visitor is not None and await _counted_near(session, person) is not None
    table = table_of(Click)
    changed = await session.core(
        sa.update(table)
        .where(table.c.id == tap.id, table.c.kind == "prefetch")
        .values(kind="human", in_app=view.in_app, device=view.device, duplicate=duplicate, visitor_day=visitor)
    )
    if changed.rowcount:
        tally.count(tap.link_number, tap.at_ms, "prefetches", tap.in_app, -1)
        tally.count(tap.link_number, tap.at_ms, "duplicates" if duplicate else "clicks", view.in_app)
        return msgspec.structs.replace(person, duplicate=duplicate)
    return (await _taps(session, [tap.id])).get(tap.id, person)  # Somebody else was faster.


async def _counted(session: AsyncSession, tap: _Tap) -> _Tap | None:
    """The tap as it is counted: itself, or the one before which made it a duplicate; None where it is no person's."""
    if not tap.duplicate:
        return tap if tap.kind == "human" else None
    return await _counted_near(session, tap)


async def _counted_near(session: AsyncSession, tap: _Tap) -> _Tap | None:
    """The tap of the same visitor on the same link that was counted within half a minute: the one before it, if any."""
    chosen = sa.select(*_TAP).where(
        col(Click.id) >= first_id(tap.at_ms - DUPLICATE_MS),
        col(Click.id) < first_id(tap.at_ms + DUPLICATE_MS),
        col(Click.visitor_day) == tap.visitor_day,
        col(Click.link_number) == tap.link_number,
        col(Click.kind) == "human",
        col(Click.duplicate).is_(False),
    )
    counted = [_Tap(*row) for row in await session.execute(chosen.order_by(col(Click.id)))]
    before = [each for each in counted if each.id < tap.id]
    return before[-1] if before else next(iter(counted), None)
