"""Long ranges of days from few rows: hits are also summed over spans of 8 and of 64 days in a row.

A range is covered by whole spans, and by days at its edges; where a span goes beyond an edge by less than it is short
of it, its days outside are taken off again. So 90 days of a link are some fifteen rows, wherever they begin.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby, product
from typing import NamedTuple, TypeAlias

import sqlalchemy as sa
from sqlmodel import col

from core.db import AsyncSession, Table, table_of
from social.links import seconds
from social.links.models import ClickDay, ClickSpan, SecondsDay, SecondsSpan

Links: TypeAlias = sa.Select[tuple[str]]

_STEP = 8
SPANS = (_STEP, _STEP**2)
"""How many days a span holds; longer ones hold a whole number of the shorter."""


class Sums(NamedTuple):
    """What is summed by link: the tables of days and of spans, and those of their counters that both have.

    `by_link` where their keys begin with the link, so that its days in a row lie together.
    """

    day: type[Table]
    span: type[Table]
    counters: Sequence[str]
    by_link: bool


TAPS = Sums(ClickDay, ClickSpan, ("clicks", "landings"), by_link=False)
STAYS = Sums(SecondsDay, SecondsSpan, seconds.COLUMNS, by_link=True)


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
    session: AsyncSession,
    shop_id: str,
    first: int | None,
    end: int | None,
    links: Links | None = None,
    of: Sums = TAPS,
    *,
    by_day: bool = False,
) -> sa.Subquery | None:
    """A table of `link_id` and the counters of each link that has any from day `first` on and before `end`.

    Only of `links`, a statement that finds their ids, if that is given; `by_day` adds up single days, which is less to
    ask for where there are few links. None where the shop has no hits at all.
    """
    known = sa.select(sa.func.min(col(ClickDay.day))), sa.select(sa.func.max(col(ClickDay.day)))
    mine = col(ClickDay.shop_id) == shop_id
    chosen = sa.select(*(each.where(mine).scalar_subquery() for each in known))
    begin, last = (await session.core(chosen)).one()
    if begin is None:
        return None
    if by_day:
        low, high = begin if first is None else max(first, begin), last + 1 if end is None else min(end, last + 1)
        parts = [Part(1, False, tuple(range(low, high)))]
    else:
        parts = _cheapest(first, end, begin, last + 1)
    if of.by_link:
        parts = [each._replace(blocks=row) for each in parts for row in _in_a_row(each.blocks)]
    parts = parts or [Part(1, False, ())]
    # Found once for all parts.
    few = None if links is None else sa.select(links.cte().c.id)
    every = sa.union_all(*(_rows(each, shop_id, few, of) for each in parts)).subquery()
    totals = [sa.func.sum(every.c[name]) for name in of.counters]
    named = (total.label(name) for total, name in zip(totals, of.counters, strict=True))
    summed = sa.select(every.c.link_id, *named).group_by(every.c.link_id)
    return summed.having(sa.or_(*(total != 0 for total in totals))).subquery()


def _cheapest(first: int | None, end: int | None, begin: int, over: int) -> list[Part]:
    """The fewest spans; where nothing lies beyond an edge, from `begin` on and before `over`, it may be moved out."""
    firsts = [first] if first is not None and first > begin else [begin // days * days for days in (1, *SPANS)]
    ends = [end] if end is not None and end < over else [-(-over // days) * days for days in (1, *SPANS)]
    ways = [cover(each, other) for each, other in product(firsts, ends)]
    return min(ways, key=lambda parts: sum(len(each.blocks) for each in parts))


def _in_a_row(blocks: Sequence[int]) -> Iterator[tuple[int, ...]]:
    for _, row in groupby(enumerate(sorted(blocks)), lambda each: each[1] - each[0]):
        yield tuple(block for _, block in row)


def _rows(part: Part, shop_id: str, links: Links | None, of: Sums) -> sa.Select[tuple[str, int]]:
    columns = table_of(of.day if part.days == 1 else of.span).c
    block = columns.day if part.days == 1 else columns.block
    conditions = [columns.shop_id == shop_id, *([] if part.days == 1 else [columns.days == part.days])]
    if of.by_link and part.blocks:
        conditions.append(block.between(part.blocks[0], part.blocks[-1]))
    else:  # Named one by one: so the key also finds those of a single link.
        conditions.append(block.in_(part.blocks))
    if links is not None:
        conditions.append(columns.link_id.in_(links))
    counters = ((-columns[name] if part.taken_off else columns[name]).label(name) for name in of.counters)
    return sa.select(columns.link_id, *counters).where(*conditions)
