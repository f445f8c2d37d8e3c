"""Taps, and for how long people stayed: of whole networks or apps, from the sums by network, day and app; or of a few
links.
"""

from collections.abc import Collection, Sequence
from functools import cache

import msgspec
import sqlalchemy as sa
from sqlmodel import col

from core.db import AsyncSession
from insights import engaged, ways
from insights.ways import Asked, By, Names
from social.links import seconds, spans
from social.links.models import ClickApp
from social.links.tallies import OF_PEOPLE


class Tapped(msgspec.Struct, frozen=True):
    """Clicks, those of them that landed, and for how long (`social.links.seconds`)."""

    clicks: int = 0
    landings: int = 0
    stays: Sequence[int] = ()


async def of_networks(session: AsyncSession, asked: Asked) -> dict[str | None, Tapped]:
    """Of all networks or apps that were tapped; of those of one network, if one is asked for."""
    found = await session.rows(_of_networks(asked.by, asked.given), asked.values)
    return {key: Tapped(int(clicks), int(landings), list(map(int, stays))) for key, clicks, landings, *stays in found}


async def of_links(session: AsyncSession, asked: Asked) -> dict[str | None, Tapped]:
    """Of the links of one post, or of one link, by what is asked for."""
    stays = await engaged.read(session, asked)
    found = await session.rows(_of_links(asked.by, asked.given), asked.values)
    return {key: Tapped(int(clicks), int(landings), stays.get(key, ())) for key, clicks, landings in found}


async def stays(session: AsyncSession, asked: Asked) -> Sequence[int]:
    """For how long people stayed, of all networks together or of the one that is asked for."""
    (counts,) = await session.rows(_stays(asked.given), asked.values)
    return [int(each or 0) for each in counts]


@cache
def _of_networks(by: By, given: Names) -> sa.Select[tuple[str | None, int]]:
    key = ways.OF_APP[by]
    return sa.select(key, *_sums(OF_PEOPLE)).where(*_conditions(given)).group_by(key)


@cache
def _of_links(by: By, given: Names) -> sa.Select[tuple[str | None, int]]:
    return spans.by_key(spans.TAPS, ways.links(by, given))


@cache
def _stays(given: Names) -> sa.Select[tuple[int]]:
    return sa.select(*_sums(seconds.COLUMNS)).where(*_conditions(given))


def _sums(names: Collection[str]) -> list[sa.ColumnElement[int]]:
    return [sa.func.sum(getattr(ClickApp, name)) for name in names]


def _conditions(given: Names) -> list[sa.ColumnElement[bool]]:
    day = col(ClickApp.day)
    mine = col(ClickApp.shop_id) == ways.SHOP, day >= ways.FIRST_DAY, day < ways.END_DAY
    return [*mine, *ways.conditions(ways.OF_APP, given)]


def together(taps: Collection[Tapped]) -> Tapped:
    """All of them as one."""
    stays = [sum(each) for each in zip(*(each.stays for each in taps if each.stays), strict=True)]
    return Tapped(sum(each.clicks for each in taps), sum(each.landings for each in taps), stays)
