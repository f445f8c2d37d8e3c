"""From tap to money, for each network, post or link."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

import msgspec
import sqlalchemy as sa
from sqlmodel import col

from checkout.models import Order
from core.db import AsyncSession
from core.shops import Shop
from core.wire import Out
from insights import engaged, figures, ways
from insights.figures import DEFINITIONS, Days, Figures, FiguresOut
from insights.ways import By, Wanted, between
from social.links.models import ClickApp, ClickDay, ClickHour, Link

MOST = 100
_OF_ORDER = {**ways.OF_ORDER, "in_app": col(Order.in_app)}


class FunnelItemOut(FiguresOut, kw_only=True, frozen=True):
    """One way into the shop. `key` is the network's slug, or the id of the post or link; null where there is none.

    By `in_app` it is the network whose app's browser it was, null for every other browser.
    """

    key: str | None


class FunnelOut(Out, kw_only=True, frozen=True):
    """The report: all together, and each by itself, the most revenue first, then the most clicks.

    At most a hundred are told; `left_out` says how many more there are, whose figures are in the total.
    """

    first_day: date | None
    last_day: date | None
    by: By
    total: FiguresOut
    items: list[FunnelItemOut]
    left_out: int
    definitions: dict[str, str]


async def report(session: AsyncSession, shop: Shop, by: By, wanted: Wanted, days: Days) -> FunnelOut:
    """The shop's funnel by network, post, link or in-app browser; refuses BadRequest (`ways.check`)."""
    ways.check(by, wanted)
    found = await read(session, shop, by, wanted, days)
    ranked = sorted(found.items(), key=lambda each: (each[1].rank, each[0] or ""))
    whole = figures.total(list(found.values()))
    stays = await engaged.read(session, shop, by, [key for key, _ in ranked[:MOST]], wanted, days)
    for key, each in ranked[:MOST]:
        each.stays = stays.get(key, each.stays)
    whole.stays = await engaged.total(session, shop, wanted, days)
    items = [FunnelItemOut(key=key, **msgspec.structs.asdict(each.told())) for key, each in ranked[:MOST]]
    return FunnelOut(
        first_day=days.first,
        last_day=days.last,
        by=by,
        total=whole.told(),
        items=items,
        left_out=max(0, len(ranked) - MOST),
        definitions=dict(DEFINITIONS),
    )


async def read(session: AsyncSession, shop: Shop, by: By, wanted: Wanted, days: Days) -> dict[str | None, Figures]:
    """The figures of each network, post, link or app that has any, but for how long people stayed."""
    found: dict[str | None, Figures] = defaultdict(Figures)
    for key, clicks, landings in await _taps(session, shop, by, wanted, days):
        found[key].clicks, found[key].landings = int(clicks), int(landings)
    for key, checkouts in await _begun(session, shop, by, wanted, days):
        found[key].checkouts = int(checkouts)
    for key, currency, *amounts in await _paid(session, shop, by, wanted, days):
        found[key].pay(currency, *(int(each) for each in amounts))
    return found


async def _taps(
    session: AsyncSession, shop: Shop, by: By, wanted: Wanted, days: Days
) -> Sequence[tuple[str | None, int, int]]:
    """Key, clicks and landings."""
    if by == "in_app":
        return await _taps_of_apps(session, shop, wanted, days)
    if by == "network" and wanted.whole:
        return await _taps_of_networks(session, shop, wanted, days)
    # First by the link, which is in the rollup itself: to join hundreds of thousands of days would take a second.
    within = [col(ClickDay.shop_id) == shop.id, *between(col(ClickDay.day), days.numbers)]
    if wanted.link_id is not None:
        within.append(col(ClickDay.link_id) == wanted.link_id)
    sums = sa.func.sum(col(ClickDay.clicks)).label("clicks"), sa.func.sum(col(ClickDay.landings)).label("landings")
    summed = sa.select(col(ClickDay.link_id), *sums).where(*within).group_by(col(ClickDay.link_id)).subquery()
    key = ways.OF_LINK[by]
    rows = sa.select(key, sa.func.sum(summed.c.clicks), sa.func.sum(summed.c.landings))
    rows = rows.join_from(summed, Link, col(Link.id) == summed.c.link_id)
    found = await session.execute(rows.where(*ways.of_links(wanted)).group_by(key))
    return [(row[0], row[1], row[2]) for row in found]


async def _taps_of_networks(
    session: AsyncSession, shop: Shop, wanted: Wanted, days: Days
) -> Sequence[tuple[str | None, int, int]]:
    """The same of whole networks, from the rollup that is made for that."""
    first, end = days.numbers
    hours = (None if first is None else first * 24, None if end is None else end * 24)
    conditions = [col(ClickHour.shop_id) == shop.id, *between(col(ClickHour.hour), hours)]
    if wanted.network is not None:
        conditions.append(col(ClickHour.network) == wanted.network)
    sums = sa.func.sum(col(ClickHour.clicks)), sa.func.sum(col(ClickHour.landings))
    rows = sa.select(col(ClickHour.network), *sums).where(*conditions).group_by(col(ClickHour.network))
    return [(row[0], row[1], row[2]) for row in await session.execute(rows)]


async def _taps_of_apps(
    session: AsyncSession, shop: Shop, wanted: Wanted, days: Days
) -> Sequence[tuple[str | None, int, int]]:
    """The same by the app whose browser it was."""
    key = ways.OF_APP["in_app"]
    conditions = [col(ClickApp.shop_id) == shop.id, *between(col(ClickApp.day), days.numbers)]
    if wanted.network is not None:
        conditions.append(col(ClickApp.network) == wanted.network)
    sums = sa.func.sum(col(ClickApp.clicks)), sa.func.sum(col(ClickApp.landings))
    rows = sa.select(key, *sums).where(*conditions).group_by(col(ClickApp.in_app))
    return [(row[0], row[1], row[2]) for row in await session.execute(rows)]


async def _begun(
    session: AsyncSession, shop: Shop, by: By, wanted: Wanted, days: Days
) -> Sequence[tuple[str | None, int]]:
    """Key, and how many orders were begun."""
    key = _OF_ORDER[by]
    conditions = [*ways.of_orders(shop.id, wanted), *between(col(Order.created_at), days.moments)]
    rows = sa.select(key, sa.func.count()).where(*conditions).group_by(key)
    return [(row[0], row[1]) for row in await session.execute(rows)]


async def _paid(
    session: AsyncSession, shop: Shop, by: By, wanted: Wanted, days: Days
) -> Sequence[tuple[str | None, str, int, int, int, int, int]]:
    """Key, currency, paid orders, those that a link has brought, and what was paid, went back and was lost."""
    key = _OF_ORDER[by]
    amounts = (col(Order.amount_paid), col(Order.amount_refunded), col(Order.amount_lost))
    counts = (sa.func.count(), sa.func.count(col(Order.link_id)), *(sa.func.sum(each) for each in amounts))
    conditions = [*ways.of_orders(shop.id, wanted), *between(col(Order.paid_at), days.moments)]
    rows = sa.select(key, col(Order.currency), *counts).where(col(Order.paid_at).is_not(None), *conditions)
    found = await session.execute(rows.group_by(key, col(Order.currency)))
    return [(row[0], row[1], row[2], row[3], row[4], row[5], row[6]) for row in found]
