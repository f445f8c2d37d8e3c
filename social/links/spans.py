"""Long ranges of days from few rows: hits are also summed over spans of 8 and of 64 days in a row.

A range is covered by whole spans, and by days at its edges; where a span goes beyond an edge by less than it is short
of it, its days outside are taken off again. So 90 days of a link are some ten rows, wherever they begin.

One statement adds up any range: which blocks of which length are added or taken off are its parameters (`stretches`),
so that it is compiled once.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import col

from core.db import AsyncSession, Table, table_of
from social.links import seconds
from social.links.models import ClickDay, ClickPost, ClickPostSpan, ClickSpan, SecondsDay, SecondsSpan

_STEP = 8
SPANS = (_STEP, _STEP**2)
"""How many days a span holds; longer ones hold a whole number of the shorter."""
# The lengths of a range's stretches: one of days and one of short spans at each edge, one of long ones between.
_PLACES = (1, 1, _STEP, _STEP, _STEP**2)
Where = Callable[[sa.Subquery], Iterable[sa.ColumnElement[bool]]]
_SHOP = sa.bindparam("shop", type_=sa.String())


class Sums(NamedTuple):
    """What is summed by link or post: the tables of days and of spans, and those of their counters that both have.

    `in_a_row` where their keys begin with the link, so that its days lie together.
    """

    day: type[Table]
    span: type[Table]
    counters: Sequence[str]
    in_a_row: bool = False


TAPS = Sums(ClickDay, ClickSpan, ("clicks", "landings"))
STAYS = Sums(SecondsDay, SecondsSpan, seconds.COLUMNS, in_a_row=True)
POSTS = Sums(ClickPost, ClickPostSpan, (*TAPS.counters, *STAYS.counters))
EVERY = (TAPS, STAYS, POSTS)


class Stretch(NamedTuple):
    """Spans of so many `days`, numbered from 1970 on: from `first` on, before `end`, to be added `times`: 1 or -1."""

    days: int
    first: int
    end: int
    times: int


def cover(first: int, end: int) -> list[Stretch]:
    """What adds up to the days from `first` on and before `end`."""
    return [each for each in _cover(first, end, 1) if each.first < each.end]


def _cover(first: int, end: int, days: int) -> Iterator[Stretch]:
    if end - first <= _STEP or days == SPANS[-1]:
        yield Stretch(days, first, end, 1)
        return
    low, high = (each // _STEP * _STEP for each in (first + _STEP // 2 - 1, end + _STEP // 2))
    yield Stretch(days, min(first, low), max(first, low), 1 if first < low else -1)
    yield Stretch(days, min(high, end), max(high, end), 1 if high < end else -1)
    yield from _cover(low // _STEP, high // _STEP, days * _STEP)


_KNOWN = sa.select(
    *(
        sa.select(which(col(ClickDay.day))).where(col(ClickDay.shop_id) == _SHOP).scalar_subquery()
        for which in (sa.func.min, sa.func.max)
    )
)


async def stretches(session: AsyncSession, shop_id: str, first: int | None, end: int | None) -> Mapping[str, int]:
    """The parameters, besides `shop`, by which the statements below add up the days from `first` on and before `end`.

    An end that is None is open; no sum has a day that `ClickDay` has not.
    """
    ((begin, last),) = await session.rows(_KNOWN, {"shop": shop_id})
    left = [] if begin is None else _cheapest(first, end, begin, last + 1)
    found: dict[str, int] = {}
    for place, days in enumerate(_PLACES):
        mine = next((each for each in left if each.days == days), Stretch(days, 0, 0, 1))
        left = [each for each in left if each is not mine]
        found |= {f"first{place}": mine.first, f"end{place}": mine.end, f"times{place}": mine.times}
    return found


def _cheapest(first: int | None, end: int | None, begin: int, over: int) -> list[Stretch]:
    """The fewest spans; where nothing lies beyond an edge, from `begin` on and before `over`, it may be moved out."""
    firsts = [first] if first is not None and first > begin else [begin // days * days for days in (1, *SPANS)]
    ends = [end] if end is not None and end < over else [-(-over // days) * days for days in (1, *SPANS)]
    ways = [cover(each, other) for each, other in product(firsts, ends)]
    return min(ways, key=lambda found: sum(each.end - each.first for each in found))


def by_link(where: Where) -> sa.Subquery:
    """Taps by `link_number`, of all links of the shop that have any; `where` says which, of rows with that number."""
    every = sa.union_all(*_of_shop(TAPS, ("link_number",), TAPS.counters)).subquery()
    return _summed(every, every.c.link_number, TAPS.counters).where(*where(every)).subquery()


def by_post(counters: Sequence[str], where: Where) -> sa.Select[tuple[str | None, int]]:
    """Sums of the shop's posts by their ids, null for links without a post.

    `where` says which, of rows with `post_id`, empty for none, and `network`.
    """
    every = sa.union_all(*_of_shop(POSTS, ("post_id", "network"), counters)).subquery()
    return _summed(every, sa.func.nullif(every.c.post_id, ""), counters).where(*where(every))


def _of_shop(of: Sums, keys: Sequence[str], counters: Sequence[str]) -> Iterator[sa.Select[tuple[str | int]]]:
    """What adds up to the range, of all links or posts of the shop."""
    for place, days in enumerate(_PLACES):
        table, block = _spans(of, days)
        first, end, times = _stretch(place)
        chosen = sa.select(*(table.c[each] for each in keys), *_counters(counters, table, times))
        mine = first < end, table.c.shop_id == _SHOP, *_of_length(table, days)
        yield chosen.where(*mine, block >= first, block < end)


def by_key(of: Sums, links: sa.Select[tuple[str | None, int, str]]) -> sa.Select[tuple[str | None, int]]:
    """Sums of a few links by a key: `links` finds `key`, `number` and `shop_id` of each.

    The shop's sums are asked for by what is found there: of a shop that is named, SQLite believes that it has few, and
    begins with all of them.
    """
    few = links.cte("few")
    every = sa.union_all(*(_in_a_row(of, few) if of.in_a_row else _one_by_one(of, few))).subquery()
    return _summed(every, every.c.key, of.counters)


def _in_a_row(of: Sums, few: sa.CTE) -> Iterator[sa.Select[tuple[str | None, int]]]:
    """Where the spans of one link lie together."""
    for place, days in enumerate(_PLACES):
        table, block = _spans(of, days)
        first, end, times = _stretch(place)
        mine = table.c.shop_id == few.c.shop_id, table.c.link_number == few.c.number, *_of_length(table, days)
        # A stretch that is not needed is not looked for link by link.
        yield sa.select(few.c.key, *_counters(of.counters, table, times)).where(
            first < end, *mine, block >= first, block < end
        )


def _one_by_one(of: Sums, few: sa.CTE) -> Iterator[sa.Select[tuple[str | None, int]]]:
    """Where all links of one span lie together: which of them are wanted is asked span by span."""
    begun = []
    for place, days in enumerate(_PLACES):
        first, end, times = _stretch(place)
        length = sa.literal_column(str(days), sa.Integer).label("days")
        row = sa.select(length, first.label("block"), end.label("over"), times.label("times"))
        begun.append(row.where(first < end))
    part = sa.select(sa.union_all(*begun).subquery()).cte("part", recursive=True)
    following = part.c.block + 1
    later = sa.select(part.c.days, following, part.c.over, part.c.times).where(following < part.c.over)
    part = part.union_all(later)
    each = sa.select(few, part).select_from(few.join(part, sa.true())).cte("each")
    for days in (1, SPANS[0]):
        table, block = _spans(of, days)
        mine = table.c.shop_id == each.c.shop_id, table.c.link_number == each.c.number, block == each.c.block
        chosen = sa.select(each.c.key, *_counters(of.counters, table, each.c.times)).where(*mine)
        yield chosen.where(each.c.days == 1 if days == 1 else each.c.days == table.c.days)


def _spans(of: Sums, days: int) -> tuple[sa.Table, sa.Column[int]]:
    """The table of spans of so many days, and what numbers them."""
    table = table_of(of.day if days == 1 else of.span)
    return table, table.c.day if days == 1 else table.c.block


def _of_length(table: sa.Table, days: int) -> list[sa.ColumnElement[bool]]:
    return [] if days == 1 else [table.c.days == days]


def _stretch(place: int) -> Sequence[sa.BindParameter[int]]:
    """The parameters of a stretch: its first span, the one after its last, and how often they are added."""
    return [sa.bindparam(f"{name}{place}", type_=sa.Integer()) for name in ("first", "end", "times")]


def _counters(names: Iterable[str], table: sa.Table, times: sa.ColumnElement[int]) -> list[sa.Label[int]]:
    return [(times * table.c[name]).label(name) for name in names]


def _summed(
    rows: sa.Subquery, key: sa.ColumnElement[str | None], counters: Iterable[str]
) -> sa.Select[tuple[str | None, int]]:
    """The rows of each key as one, which is its first column; none where nothing is left."""
    totals = [sa.func.sum(rows.c[name]).label(name) for name in counters]
    return sa.select(key, *totals).group_by(key).having(sa.or_(*(total != 0 for total in totals)))
