"""From tap to money, for each network, post or link."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import chain
from typing import NamedTuple

import msgspec
import sqlalchemy as sa
from sqlmodel import col

from checkout.models import Order
from core.db import AsyncSession
from core.shops import Shop
from core.wire import Out
from insights import engaged, ranks, taps, ways
from insights.figures import DEFINITIONS, Days, Figures, FiguresOut
from insights.taps import Tapped
from insights.ways import By, Wanted

MOST = 100
_OF_ORDER = {**ways.OF_ORDER, "in_app": col(Order.in_app)}


class Orders(NamedTuple):
    """Orders in one currency: begun, paid, and paid ones that were brought by a link; money is of the paid ones."""

    currency: str
    begun: int
    paid: int
    credited: int
    gross: int
    refunded: int
    lost: int

    @property
    def revenue(self) -> int:
        """What is left."""
        return self.gross - self.refunded - self.lost


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
    """The shop's funnel by network, post, link or in-app browser; refuses AppsByNetworkOnly."""
    ways.check(by, wanted)
    found = await read(session, shop, by, wanted, days)
    told = found.keys[:MOST]
    return FunnelOut(
        first_day=days.first,
        last_day=days.last,
        by=by,
        total=found.total.told(),
        items=[FunnelItemOut(key=key, **msgspec.structs.asdict(found.of(key).told())) for key in told],
        left_out=found.count - len(told),
        definitions=dict(DEFINITIONS),
    )


class Found(msgspec.Struct, frozen=True):
    """What was counted of each network, post or link that has anything, before it is put together.

    `keys` are those to be told, in their order; `count` says how many there are with the others, whose figures are in
    `total` alone.
    """

    keys: Sequence[str | None]
    count: int
    taps: Mapping[str | None, Tapped]
    orders: Mapping[str | None, Sequence[Orders]]
    total: Figures

    def of(self, key: str | None) -> Figures:
        """All figures of one."""
        return _figures(self.taps.get(key, Tapped()), self.orders.get(key, ()))


def _figures(tapped: Tapped, orders: Iterable[Orders]) -> Figures:
    figures = Figures(clicks=tapped.clicks, landings=tapped.landings, stays=list(tapped.stays))
    for each in orders:
        figures.checkouts += each.begun
        if each.paid:
            figures.pay(each.currency, each.paid, each.credited, each.gross, each.refunded, each.lost)
    return figures


async def read(session: AsyncSession, shop: Shop, by: By, wanted: Wanted, days: Days) -> Found:
    """What was counted of each network or app, or of the first hundred posts or links."""
    if by in ways.OF_APP and wanted.whole:
        return await _whole(session, shop, by, wanted, days)
    lines = await ranks.read(session, shop, by, wanted, days, MOST)
    keys = [each.key for each in lines]
    stays = await engaged.read(session, shop, by, keys, wanted, days)
    tapped = {each.key: Tapped(each.clicks, each.landings, stays.get(each.key, ())) for each in lines}
    if not lines or lines[0].ways == len(keys):
        orders = await _orders(session, shop, _OF_ORDER[by], wanted, days)
        total = _figures(taps.together(tapped.values()), chain.from_iterable(orders.values()))
        return Found(keys, len(keys), tapped, orders, total)
    orders = await _orders(session, shop, _OF_ORDER[by], wanted, days, keys)
    every = await _orders(session, shop, None, wanted, days)
    stayed = await engaged.total(session, shop, wanted, days)
    whole = Tapped(lines[0].all_clicks, lines[0].all_landings, stayed)
    return Found(keys, lines[0].ways, tapped, orders, _figures(whole, chain.from_iterable(every.values())))


async def _whole(session: AsyncSession, shop: Shop, by: By, wanted: Wanted, days: Days) -> Found:
    """Of whole networks or apps: there are few of them."""
    tapped = await taps.read(session, shop, by, wanted, days)
    orders = await _orders(session, shop, _OF_ORDER[by], wanted, days)

    def rank(key: str | None) -> tuple[int, int, str]:
        return -sum(each.revenue for each in orders.get(key, ())), -tapped.get(key, Tapped()).clicks, key or ""

    keys = sorted(tapped.keys() | orders.keys(), key=rank)
    total = _figures(taps.together(tapped.values()), chain.from_iterable(orders.values()))
    return Found(keys, len(keys), tapped, orders, total)


async def _orders(
    session: AsyncSession,
    shop: Shop,
    key: sa.SQLColumnExpression[str | None] | None,
    wanted: Wanted,
    days: Days,
    keys: Sequence[str | None] | None = None,
) -> dict[str | None, list[Orders]]:
    """What was begun on these days and what was paid on them, of all `keys`, or of those; under None without a key."""
    begun, paid = ways.begun(days), ways.paid(days)
    counts = (begun, paid, sa.and_(paid, col(Order.link_id).is_not(None)))
    amounts = (col(Order.amount_paid), col(Order.amount_refunded), col(Order.amount_lost))
    sums = (sa.func.sum(sa.case((paid, each), else_=0)) for each in amounts)
    by = (col(Order.currency),) if key is None else (col(Order.currency), key)
    rows = sa.select(
        col(Order.currency), *(sa.func.count(sa.case((each, 1))) for each in counts), *sums,
        sa.null() if key is None else key,
    )  # fmt: skip
    rows = rows.where(*ways.of_orders(shop.id, wanted), sa.or_(begun, paid)).group_by(*by)
    if key is not None and keys is not None:
        rows = rows.where(ways.among(key, keys))
    found: dict[str | None, list[Orders]] = defaultdict(list)
    for currency, *numbers, name in await session.core(rows):
        found[name].append(Orders(currency, *map(int, numbers)))
    return found
