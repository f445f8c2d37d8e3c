"""Long ranges of days from few rows: hits are also summed over spans of 8 and of 64 days in a row.

A range is covered by whole spans, and by days at its edges; where a span goes beyond an edge by less than it is short
of it, its days outside are taken off again. So 90 days of a link are some fifteen rows, wherever they begin.
"""

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import col

from core.db import AsyncSession
from social.links.models import ClickDay, ClickSpan

_STEP = 8
SPANS = (_STEP, _STEP**2)
"""How many days a span holds; longer ones hold a whole number of the shorter."""


class Part(NamedTuple):
    """Spans of so many `days`, numbered from 1970 on, to be added or, where `taken_off`, subtracted."""

    days: int
    taken_off: bool
    blocks: tuple[int, ...]


def cover(first: int, end: int) -> list[Part]:
    """What adds up to the days from `first` on and before `end`."""
    return [each for each in _cover(first, end, 1) if each.blocks]


def _cover(first: int, end: int, days: int) -> Iterator[Part]:
    if end - first <= _STEP or days == SPANS[-1]:
        yield Part(days, False, tuple(range(first, end)))
        return
    low, high = (each // _STEP * _STEP for each in (first + _STEP // 2 - 1, end + _STEP // 2))
    yield Part(days, False, (*range(first, low), *range(high, end)))
    yield Part(days, True, (*range(low, first), *range(end, high)))
    yield from _cover(low // _STEP, high // _STEP, days * _STEP)


async def sums(
    session: AsyncSession, shop_id: str, first: int | None, end: int | None, link_id: str | None = None
) -> sa.Subquery | None:
    """A table of `link_id`, `clicks` and `landings` of each link that has any from day `first` on and before `end`.

    None where the shop has no hits at all.
    """
    known = sa.select(sa.func.min(col(ClickDay.day))), sa.select(sa.func.max(col(ClickDay.day)))
    mine = col(ClickDay.shop_id) == shop_id
    chosen = sa.select(*(each.where(mine).scalar_subquery() for each in known))
    begin, last = (await session.core(chosen)).one()
    if begin is None:
        return None
    parts = _cheapest(first, end, begin, last + 1)
    rows = [_rows(each, shop_id, link_id) for each in parts] or [_rows(Part(1, False, ()), shop_id, link_id)]
    every = sa.union_all(*rows).subquery()
    clicks, landings = sa.func.sum(every.c.clicks), sa.func.sum(every.c.landings)
    summed = sa.select(every.c.link_id, clicks.label("clicks"), landings.label("landings")).group_by(every.c.link_id)
    return summed.having(sa.or_(clicks != 0, landings != 0)).subquery()


def _cheapest(first: int | None, end: int | None, begin: int, over: int) -> list[Part]:
    """The fewest spans; where nothing lies beyond an edge, from `begin` on and before `over`, it may be moved out."""
    firsts = [first] if first is not None and first > begin else [begin // days * days for days in (1, *SPANS)]
    ends = [end] if end is not None and end < over else [-(-over // days) * days for days in (1, *SPANS)]
    ways = [cover(each, other) for each, other in product(firsts, ends)]
    return min(ways, key=lambda parts: sum(len(each.blocks) for each in parts))


def _rows(part: Part, shop_id: str, link_id: str | None) -> sa.Select[tuple[str, int, int]]:
    # Blocks are named one by one, not as a range: so the key also finds those of a single link.
    if part.days == 1:
        table: type[ClickDay | ClickSpan] = ClickDay
        conditions = [col(ClickDay.shop_id) == shop_id, col(ClickDay.day).in_(part.blocks)]
    else:
        table = ClickSpan
        within = col(ClickSpan.days) == part.days, col(ClickSpan.block).in_(part.blocks)
        conditions = [col(ClickSpan.shop_id) == shop_id, *within]
    if link_id is not None:
        conditions.append(col(table.link_id) == link_id)
    clicks, landings = col(table.clicks), col(table.landings)
    signed = (-clicks, -landings) if part.taken_off else (clicks, landings)
    return sa.select(col(table.link_id), signed[0].label("clicks"), signed[1].label("landings")).where(*conditions)
