"""The posts or links that brought most, picked by the database: thousands of them are not handed over to be sorted."""

from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import col

from checkout.models import Order
from core.db import AsyncSession
from core.shops import Shop
from insights import ways
from insights.figures import Days
from insights.ways import By, Wanted
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


async def read(session: AsyncSession, shop: Shop, by: By, wanted: Wanted, days: Days, most: int) -> list[Line]:
    """Those that have taps or orders, the most revenue first, then the most clicks; so many at most."""
    sources = [_earned(shop, by, wanted, days)]
    summed = await spans.sums(session, shop.id, *days.numbers, ways.links(shop.id, wanted))
    if summed is not None:
        sources.append(_tapped(summed, by, wanted))
    every = sa.union_all(*sources).subquery()
    key, *counters = every.c
    lines = sa.select(key.label("key"), *(sa.func.sum(each).label(each.name) for each in counters)).group_by(key).cte()
    clicks, landings = lines.c.clicks, lines.c.landings
    whole = (sa.func.count(), sa.func.sum(clicks), sa.func.sum(landings))
    sums = (sa.select(each).select_from(lines).scalar_subquery() for each in whole)
    chosen = sa.select(lines.c.key, clicks, landings, *sums)
    chosen = chosen.order_by(lines.c.revenue.desc(), clicks.desc(), sa.func.coalesce(lines.c.key, "")).limit(most)
    return [Line(name, *map(int, numbers)) for name, *numbers in await session.core(chosen)]


def _tapped(summed: sa.Subquery, by: By, wanted: Wanted) -> sa.Select[tuple[str | None, int, int, int]]:
    """Key, clicks, landings and no revenue; links are asked what they belong to only where that matters."""
    numbers = summed.c.clicks, summed.c.landings, _NONE
    if by == "link" and wanted.network is None:
        return sa.select(summed.c.link_id, *numbers)
    ours = col(Link.id) == summed.c.link_id
    return sa.select(ways.OF_LINK[by], *numbers).join_from(summed, Link, ours).where(*ways.of_links(wanted))


def _earned(shop: Shop, by: By, wanted: Wanted, days: Days) -> sa.Select[tuple[str | None, int, int, int]]:
    """Key, no taps, and revenue, which is none of those that were only begun."""
    begun, paid = ways.begun(days), ways.paid(days)
    left = col(Order.amount_paid) - col(Order.amount_refunded) - col(Order.amount_lost)
    key, revenue = ways.OF_ORDER[by], sa.func.sum(sa.case((paid, left), else_=0))
    mine = (*ways.of_orders(shop.id, wanted), sa.or_(begun, paid))
    return (
        sa.select(key, _NONE.label("clicks"), _NONE.label("landings"), revenue.label("revenue"))
        .where(*mine)
        .group_by(key)
    )
