"""Taps of whole networks or apps, and for how long people stayed, from the sums by network, day and app."""

from collections.abc import Collection, Sequence

import msgspec
import sqlalchemy as sa
from sqlmodel import col

from core.db import AsyncSession
from core.shops import Shop
from insights import ways
from insights.figures import Days
from insights.ways import Wanted, between
from social.links import seconds
from social.links.models import ClickApp


class Tapped(msgspec.Struct, frozen=True):
    """Clicks, those of them that landed, and for how long (`social.links.seconds`)."""

    clicks: int = 0
    landings: int = 0
    stays: Sequence[int] = ()


async def read(session: AsyncSession, shop: Shop, by: str, wanted: Wanted, days: Days) -> dict[str | None, Tapped]:
    """Of all networks or apps that were tapped; of those of the wanted network, if one is."""
    key = ways.OF_APP[by]
    sums = (sa.func.sum(getattr(ClickApp, name)) for name in ("clicks", "landings", *seconds.COLUMNS))
    conditions = [col(ClickApp.shop_id) == shop.id, *between(col(ClickApp.day), days.numbers)]
    if wanted.network is not None:
        conditions.append(col(ClickApp.network) == wanted.network)
    found = {}
    for name, clicks, landings, *stays in await session.core(sa.select(key, *sums).where(*conditions).group_by(key)):
        found[name] = Tapped(int(clicks), int(landings), list(map(int, stays)))
    return found


def together(taps: Collection[Tapped]) -> Tapped:
    """All of them as one."""
    stays = [sum(each) for each in zip(*(each.stays for each in taps if each.stays), strict=True)]
    return Tapped(sum(each.clicks for each in taps), sum(each.landings for each in taps), stays)
