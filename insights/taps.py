"""Clicks and landings of each network, post, link or app, from the sums that have the fewest rows for the question."""

from typing import TypeAlias, cast

import sqlalchemy as sa
from sqlmodel import col

from core.db import AsyncSession
from core.shops import Shop
from insights import packed, ways
from insights.figures import Days
from insights.ways import By, Wanted, between
from social.links import spans
from social.links.models import ClickApp, ClickHour, Link

Chosen: TypeAlias = sa.Select[tuple[str | None, int, int]]
Taps: TypeAlias = dict[str | None, tuple[int, int]]
_Key: TypeAlias = sa.SQLColumnExpression[str | None]


async def read(session: AsyncSession, shop: Shop, by: By, wanted: Wanted, days: Days) -> Taps:
    """Clicks and landings by key, of all that have any."""
    if by == "in_app":
        chosen = _of_apps(shop, wanted, days)
    elif by == "network" and wanted.whole:
        chosen = _of_networks(shop, wanted, days)
    else:
        summed = await spans.sums(session, shop.id, *days.numbers, wanted.link_id)
        if summed is None:
            return {}
        chosen = _of_links(summed, by, wanted)
    found = await packed.rows(session, chosen.subquery())
    return {key or None: (int(clicks), int(landings)) for key, clicks, landings in found}


def _of_links(summed: sa.Subquery, by: By, wanted: Wanted) -> Chosen:
    """Key, clicks and landings; links are asked what they belong to only where that matters."""
    clicks, landings = summed.c.clicks, summed.c.landings
    if by == "link" and wanted == Wanted(link_id=wanted.link_id):
        return sa.select(summed.c.link_id, clicks, landings)
    key, ours, conditions = ways.OF_LINK[by], col(Link.id) == summed.c.link_id, ways.of_links(wanted)
    if by == "link":  # There is one line of each already.
        return sa.select(key, clicks, landings).join_from(summed, Link, ours).where(*conditions)
    sums = sa.func.sum(clicks), sa.func.sum(landings)
    return sa.select(key, *sums).join_from(summed, Link, ours).where(*conditions).group_by(key)


def _of_networks(shop: Shop, wanted: Wanted, days: Days) -> Chosen:
    """The same of whole networks, from the rollup that is made for that."""
    first, end = days.numbers
    hours = (None if first is None else first * 24, None if end is None else end * 24)
    conditions = [col(ClickHour.shop_id) == shop.id, *between(col(ClickHour.hour), hours)]
    if wanted.network is not None:
        conditions.append(col(ClickHour.network) == wanted.network)
    sums = sa.func.sum(col(ClickHour.clicks)), sa.func.sum(col(ClickHour.landings))
    return sa.select(cast("_Key", col(ClickHour.network)), *sums).where(*conditions).group_by(col(ClickHour.network))


def _of_apps(shop: Shop, wanted: Wanted, days: Days) -> Chosen:
    """The same by the app whose browser it was."""
    conditions = [col(ClickApp.shop_id) == shop.id, *between(col(ClickApp.day), days.numbers)]
    if wanted.network is not None:
        conditions.append(col(ClickApp.network) == wanted.network)
    sums = sa.func.sum(col(ClickApp.clicks)), sa.func.sum(col(ClickApp.landings))
    return sa.select(ways.OF_APP["in_app"], *sums).where(*conditions).group_by(col(ClickApp.in_app))
