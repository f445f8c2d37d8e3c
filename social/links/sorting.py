"""The list of robots run again over raw hits: what counted as a person, and is known for a program by now, is one.

Only as far as can be told: from the unusual names that were kept of the user agent (`social.links.families`). Nothing
is sorted the other way: of a robot no visitor hash is kept, and a person's second tap would count as another's.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import date

import msgspec
import sqlalchemy as sa
from sqlmodel import col

from core.db import AsyncSession, Database, table_of
from social.links import families, tallies
from social.links.clicks import Memory
from social.links.duplicates import first_id, take_turns
from social.links.models import Click, Landing
from social.links.tallies import HOUR_MS, Tally

BATCH = 2000
_EPOCH = date(1970, 1, 1)
_SORTED = ("human", "prefetch")


class _Hit(msgspec.Struct, frozen=True):
    id: bytes
    link_number: int
    at_ms: int
    kind: str
    duplicate: bool
    in_app: str | None
    family: str


_HIT = tuple(getattr(Click, each) for each in _Hit.__struct_fields__)


async def sort_again(db: Database, day: date, shop_id: str | None = None, *, only_look: bool = False) -> Counter[str]:
    """Hits of that UTC day that are robots' by today's list, by their names; made so, unless we `only_look`.

    Rows and sums change together, so many hits at a time; a run that is cut short goes on where it was with the next.
    """
    number = (day - _EPOCH).days
    within = [
        col(Click.id) >= first_id(number * 24 * HOUR_MS),
        col(Click.id) < first_id((number + 1) * 24 * HOUR_MS),
        col(Click.kind).in_(_SORTED),
        *([] if shop_id is None else [col(Click.shop_id) == shop_id]),
    ]
    async with db.read() as session:
        counted = sa.select(col(Click.family), sa.func.count()).where(*within, col(Click.family).is_not(None))
        rows = (await session.execute(counted.group_by(col(Click.family)))).all()
    hits = {str(row[0]): int(row[1]) for row in rows}
    robots = {names: kind for names in hits if (kind := families.kind(names)) in ("bot", "monitor", "preview")}
    if robots and not only_look:
        while True:
            async with db.transaction() as session:
                if not await _sort(session, number, within, robots):
                    break
    return Counter({names: hits[names] for names in robots})


async def _sort(
    session: AsyncSession, day: int, within: list[sa.ColumnElement[bool]], robots: Mapping[str, str]
) -> int:
    """One batch of hits; how many."""
    # Who folds hits of that day elsewhere has to ask the database again what was counted.
    await take_turns(session, day, day)
    chosen = sa.select(*_HIT).where(*within, col(Click.family).in_(robots)).order_by(col(Click.id)).limit(BATCH)
    hits = [_Hit(*row) for row in await session.execute(chosen.with_for_update())]
    tally = Tally(await Memory().sources(session, {each.link_number for each in hits}))
    for each in hits:
        tally.count(each.link_number, each.at_ms, tallies.column(each.kind, duplicate=each.duplicate), each.in_app, -1)
        tally.count(each.link_number, each.at_ms, tallies.column(robots[each.family], duplicate=False), None)
    for kind in set(robots.values()):
        ids = [each.id for each in hits if robots[each.family] == kind]
        changed = sa.update(table_of(Click)).where(col(Click.id).in_(ids))
        await session.core(changed.values(kind=kind, duplicate=False, visitor_day=None))
    await _take_back(session, {each.id: each for each in hits}, tally)
    await tally.add(session)
    return len(hits)


async def _take_back(session: AsyncSession, hits: Mapping[bytes, _Hit], tally: Tally) -> None:
    """Robots have landed nowhere."""
    mine = col(Landing.id).in_(hits)
    views = sa.select(col(Landing.id), col(Landing.in_app), col(Landing.seconds)).where(mine).with_for_update()
    for click_id, in_app, stayed in await session.execute(views):
        hit = hits[click_id]
        tally.count(hit.link_number, hit.at_ms, "landings", in_app, -1)
        tally.stay(hit.link_number, hit.at_ms, stayed, in_app, -1)
    await session.core(sa.delete(table_of(Landing)).where(mine))
