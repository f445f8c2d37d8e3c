"""The posts or links that brought most, picked by the database: thousands of them are not handed over to be sorted."""

from functools import cache
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import col

from checkout.models import Order
from core.db import AsyncSession
from insights import ways
from insights.ways import Asked, By, Names
from social.links import spans
from social.links.models import Link

_NONE: sa.ColumnElement[int] = sa.literal_column("0", sa.BigInteger)


class Line(NamedTuple):
    """Clicks and landings of one of them; how many there are, and what all of them have."""

    key: str | None
    clicks: int
    landings: int
    ways: int
    all_clicks: int
    all_landings: int


async def read(session: AsyncSession, asked: Asked) -> list[Line]:
    """Those that have taps or orders, the most revenue first, then the most clicks; a hundred at most."""
    found = await session.rows(_statement(asked.by, asked.given), asked.values)
    return [Line(key, *map(int, numbers)) for key, *numbers in found]


@cache
def _statement(by: By, given: Names) -> sa.Select[tuple[str | None, int]]:
    every = sa.union_all(_earned(by, given), _tapped(by, given)).subquery()
    key, *counters = every.c
    lines = sa.select(key.label("key"), *(sa.func.sum(each).label(each.name) for each in counters)).group_by(key).cte()
    clicks, landings = lines.c.clicks, lines.c.landings
    whole = sa.select(sa.func.count(), sa.func.sum(clicks), sa.func.sum(landings)).select_from(lines).subquery()
    order = (lines.c.revenue.desc(), clicks.desc(), sa.func.coalesce(lines.c.key, ""))
    rows = sa.select(lines.c.key, clicks, landings, *whole.c).select_from(lines.join(whole, sa.true()))
    return rows.order_by(*order).limit(ways.MOST)


def _earned(by: By, given: Names) -> sa.Select[tuple[str | None, int, int, int]]:
    """Key, no taps, and revenue, which is none of those that were only begun."""
    left = col(Order.amount_paid) - col(Order.amount_refunded) - col(Order.amount_lost)
    key, revenue = ways.OF_ORDER[by], sa.func.sum(sa.case((ways.paid(given), left), else_=0))
    rows = sa.select(key, _NONE.label("clicks"), _NONE.label("landings"), revenue.label("revenue"))
    return rows.where(*ways.of_orders(given)).group_by(key)


def _tapped(by: By, given: Names) -> sa.Select[tuple[str | None, int]]:
    """Key, clicks, landings and no revenue."""
    if by == "post":
        taps = spans.by_post(spans.TAPS.counters, lambda rows: ways.of_posts(rows, given)).subquery()
        return sa.select(taps, _NONE)
    taps = spans.by_link(lambda rows: ways.of_links(rows, given))
    rows = sa.select(ways.OF_LINK[by], *(taps.c[each] for each in spans.TAPS.counters), _NONE)
    return rows.join_from(taps, Link, col(Link.number) == taps.c.link_number)
