"""From tap to money, for each network, post or link."""

import heapq
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
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
from insights import engaged, packed, taps, ways
from insights.figures import DEFINITIONS, Days, Figures, FiguresOut
from insights.ways import By, Wanted, between

MOST = 100
NO_TAPS = (0, 0)
_OF_ORDER = {**ways.OF_ORDER, "in_app": col(Order.in_app)}


class Payments(NamedTuple):
    """Paid orders in one currency; `credited` of them were brought by a link."""

    currency: str
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
    """The shop's funnel by network, post, link or in-app browser; refuses BadRequest (`ways.check`)."""
    ways.check(by, wanted)
    found = await read(session, shop, by, wanted, days)
    first, whole = found.first(MOST), found.total()
    stays = await engaged.read(session, shop, by, first, wanted, days)
    whole.stays = await engaged.total(session, shop, wanted, days)
    items = [FunnelItemOut(key=key, **msgspec.structs.asdict(found.of(key, stays.get(key)).told())) for key in first]
    return FunnelOut(
        first_day=days.first,
        last_day=days.last,
        by=by,
        total=whole.told(),
        items=items,
        left_out=len(found) - len(items),
        definitions=dict(DEFINITIONS),
    )


class Found(msgspec.Struct, frozen=True):
    """What was counted of each network, post or link that has anything, before it is put together.

    Most of them are not told one by one, and thousands of reports would take longer to make than to count.
    """

    taps: Mapping[str | None, tuple[int, int]]
    begun: Mapping[str | None, int]
    paid: Mapping[str | None, Sequence[Payments]]
    keys: Collection[str | None]

    def __len__(self) -> int:
        return len(self.keys)

    def rank(self, key: str | None) -> tuple[int, int, str]:
        """The most revenue first, then the most clicks."""
        paid = self.paid.get(key)
        revenue = sum(each.revenue for each in paid) if paid else 0
        return -revenue, -self.taps.get(key, NO_TAPS)[0], key or ""

    def first(self, most: int) -> list[str | None]:
        """So many of them in their order; where as many have revenue, nobody else is looked at."""
        earning = [key for key, paid in self.paid.items() if any(each.revenue for each in paid)]
        return heapq.nsmallest(most, earning if len(earning) >= most else self.keys, key=self.rank)

    def of(self, key: str | None, stays: Sequence[int] | None = None) -> Figures:
        """All figures of one; `stays` are for how long its pages were looked at."""
        figures = _figures([self.taps.get(key, NO_TAPS)], self.begun.get(key, 0), self.paid.get(key, ()))
        figures.stays = list(stays or ())
        return figures

    def total(self) -> Figures:
        """All of them together."""
        return _figures(self.taps.values(), sum(self.begun.values()), chain.from_iterable(self.paid.values()))


def _figures(tapped: Iterable[tuple[int, int]], begun: int, paid: Iterable[Payments]) -> Figures:
    clicks, landings = (sum(each) for each in zip(NO_TAPS, *tapped, strict=True))
    figures = Figures(clicks=clicks, landings=landings, checkouts=begun)
    for each in paid:
        figures.pay(*each)
    return figures


async def read(session: AsyncSession, shop: Shop, by: By, wanted: Wanted, days: Days) -> Found:
    """What was counted of each network, post or link."""
    tapped = await taps.read(session, shop, by, wanted, days)
    begun, paid = await _orders(session, shop, by, wanted, days)
    return Found(tapped, begun, paid, tapped.keys() | begun.keys() | paid.keys())


async def _orders(
    session: AsyncSession, shop: Shop, by: By, wanted: Wanted, days: Days
) -> tuple[dict[str | None, int], dict[str | None, list[Payments]]]:
    """How many orders were begun on these days, and what was paid on them; both in one go through the orders."""
    key, currency = _OF_ORDER[by], col(Order.currency)
    begun = sa.and_(sa.true(), *between(col(Order.created_at), days.moments))
    paid = sa.and_(col(Order.paid_at).is_not(None), *between(col(Order.paid_at), days.moments))
    counts = (_count(begun), _count(paid), _count(sa.and_(paid, col(Order.link_id).is_not(None))))
    amounts = (col(Order.amount_paid), col(Order.amount_refunded), col(Order.amount_lost))
    sums = (sa.func.sum(sa.case((paid, each), else_=0)) for each in amounts)
    rows = sa.select(key, currency, *(each.label(None) for each in (*counts, *sums)))
    rows = rows.where(*ways.of_orders(shop.id, wanted), sa.or_(begun, paid)).group_by(key, currency)
    checkouts: dict[str | None, int] = defaultdict(int)
    payments: dict[str | None, list[Payments]] = defaultdict(list)
    for name, money, *numbers in await packed.rows(session, rows.subquery()):
        started, *rest = map(int, numbers)
        checkouts[name or None] += started
        if rest[0]:
            payments[name or None].append(Payments(money, *rest))
    return checkouts, payments


def _count(what: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.count(sa.case((what, 1)))
