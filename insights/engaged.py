"""For how long people looked at the pages that taps led to, for the ways into the shop that a report tells."""

from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa
from sqlmodel import col

from core.db import AsyncSession
from core.shops import Shop
from insights import ways
from insights.figures import Days
from insights.ways import By, Wanted, between
from social.links import seconds
from social.links.models import ClickApp, Link, SecondsDay

Counts = list[int]


async def read(
    session: AsyncSession, shop: Shop, by: By, keys: Collection[str | None], wanted: Wanted, days: Days
) -> Mapping[str | None, Counts]:
    """How many stayed for which length (`social.links.seconds`), by the keys of a report."""
    if by in ways.OF_APP and wanted.whole:
        key = ways.OF_APP[by]
        rows = sa.select(key, *_sums(ClickApp)).where(*_of_apps(shop, wanted, days)).group_by(key)
    else:
        key = ways.OF_LINK[by]
        rows = sa.select(key, *_sums(SecondsDay)).join_from(Link, SecondsDay, _ON).where(*_of_links(shop, wanted, days))
        if None not in keys:
            rows = rows.where(key.in_(keys))
        rows = rows.group_by(key)
    return {row[0]: _counts(row[1:]) for row in await session.execute(rows)}


async def total(session: AsyncSession, shop: Shop, wanted: Wanted, days: Days) -> Counts:
    """The same of all that is wanted together."""
    if wanted.whole:
        rows = sa.select(*_sums(ClickApp)).where(*_of_apps(shop, wanted, days))
    else:
        rows = sa.select(*_sums(SecondsDay)).join_from(Link, SecondsDay, _ON).where(*_of_links(shop, wanted, days))
    return _counts((await session.execute(rows)).one())


# Both columns lead the key of the sums: of some links, only theirs are read.
_ON = sa.and_(col(SecondsDay.shop_id) == col(Link.shop_id), col(SecondsDay.link_id) == col(Link.id))


def _sums(table: type[ClickApp | SecondsDay]) -> Sequence[sa.ColumnElement[int]]:
    return [sa.func.sum(getattr(table, name)) for name in seconds.COLUMNS]


def _of_apps(shop: Shop, wanted: Wanted, days: Days) -> list[sa.ColumnElement[bool]]:
    of_network = [] if wanted.network is None else [col(ClickApp.network) == wanted.network]
    return [col(ClickApp.shop_id) == shop.id, *between(col(ClickApp.day), days.numbers), *of_network]


def _of_links(shop: Shop, wanted: Wanted, days: Days) -> list[sa.ColumnElement[bool]]:
    return [
        col(Link.shop_id) == shop.id,
        col(SecondsDay.shop_id) == shop.id,
        *between(col(SecondsDay.day), days.numbers),
        *ways.of_links(wanted),
    ]


def _counts(sums: Sequence[int | None]) -> Counts:
    return [int(each or 0) for each in sums]
