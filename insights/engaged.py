"""For how long people looked at the pages that taps led to, for the ways into the shop that a report tells."""

from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa
from sqlmodel import col

from core.db import AsyncSession
from core.shops import Shop
from insights import taps, ways
from insights.figures import Days
from insights.ways import By, Wanted
from social.links import seconds, spans
from social.links.models import Link

Counts = Sequence[int]


async def read(
    session: AsyncSession, shop: Shop, by: By, keys: Collection[str | None], wanted: Wanted, days: Days
) -> Mapping[str | None, Counts]:
    """How many stayed for which length (`social.links.seconds`), by these keys of a report."""
    key = ways.OF_LINK[by]
    links = sa.select(col(Link.id)).where(col(Link.shop_id) == shop.id, *ways.of_links(wanted), ways.among(key, keys))
    summed = await spans.sums(session, shop.id, *days.numbers, links, spans.STAYS, by_day=not wanted.whole)
    if summed is None:
        return {}
    sums = (sa.func.sum(summed.c[name]) for name in seconds.COLUMNS)
    rows = sa.select(key, *sums).join_from(summed, Link, col(Link.id) == summed.c.link_id).group_by(key)
    return {name: list(map(int, counts)) for name, *counts in await session.core(rows)}


async def total(session: AsyncSession, shop: Shop, wanted: Wanted, days: Days) -> Counts:
    """The same of all that is wanted together."""
    if wanted.whole:
        found = await taps.read(session, shop, "network", wanted, days)
        return taps.together(found.values()).stays
    summed = await spans.sums(session, shop.id, *days.numbers, ways.links(shop.id, wanted), spans.STAYS, by_day=True)
    if summed is None:
        return ()
    row = (await session.core(sa.select(*(sa.func.sum(summed.c[name]) for name in seconds.COLUMNS)))).one()
    return [int(each or 0) for each in row]
