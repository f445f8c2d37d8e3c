"""Clicks, orders and revenue by the network that brought them."""

from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlmodel import col, select

from checkout.models import Order
from core.db import AsyncSession
from core.errors import Invalid
from core.money import Money
from core.shops import Shop
from core.wire import Out
from social.links.models import ClickHour

MAX_DAYS = 400
_EPOCH = date(1970, 1, 1)


class BadRange(Invalid):
    """This range of days cannot be reported."""

    slug = "bad-range"


class NetworkInsightOut(Out, kw_only=True, frozen=True):
    """One network's line. `revenue` has one amount per currency that was paid in."""

    network: str
    clicks: int
    orders: int
    revenue: list[Money]


class NetworkInsightsOut(Out, kw_only=True, frozen=True):
    """The report, most revenue first, then most clicks; `definitions` says how each figure is counted."""

    first_day: date | None
    last_day: date | None
    items: list[NetworkInsightOut]
    definitions: dict[str, str]


DEFINITIONS = {
    "clicks": "Taps by people on the shop's links: no bots, previews, prefetches or HEAD requests; the same visitor on "
    "the same link within 30 seconds counts once. By the UTC day of the tap.",
    "orders": "Paid orders, by the UTC day of payment and the network that the order was placed from.",
    "revenue": "What Stripe took for those orders, in the currency's minor unit; refunds are not taken off.",
    "network": "As the order or link says itself; `unknown` where nothing tells, never spread over the others.",
}


async def report(
    session: AsyncSession, shop: Shop, first_day: date | None, last_day: date | None
) -> NetworkInsightsOut:
    """The shop's networks from `first_day` to `last_day`, both included, in UTC; open ends where None.

    Refuses BadRange for a range that ends before it begins or spans more than 400 days.
    """
    if first_day and last_day and not timedelta(0) <= last_day - first_day < timedelta(days=MAX_DAYS):
        raise BadRange(f"Between 1 and {MAX_DAYS} days, please.", maximum_days=MAX_DAYS)
    until = None if last_day == date.max else last_day  # There is no day after the last one of the calendar.
    clicks = await _clicks(session, shop, first_day, until)
    sales = await _sales(session, shop, first_day, until)
    rows = [
        NetworkInsightOut(
            network=network,
            clicks=clicks.get(network, 0),
            orders=sum(count for count, _ in sales.get(network, [])),
            revenue=[money for _, money in sales.get(network, [])],
        )
        for network in sorted(clicks.keys() | sales.keys())
    ]
    rows.sort(key=lambda row: (-sum(money.amount for money in row.revenue), -row.clicks, row.network))
    return NetworkInsightsOut(first_day=first_day, last_day=last_day, items=rows, definitions=DEFINITIONS)


def _hour(day: date) -> int:
    return (day - _EPOCH).days * 24


async def _clicks(session: AsyncSession, shop: Shop, first_day: date | None, last_day: date | None) -> dict[str, int]:
    rows = (
        select(ClickHour.network, sa.func.sum(col(ClickHour.clicks)))
        .where(ClickHour.shop_id == shop.id)
        .group_by(col(ClickHour.network))
    )
    if first_day is not None:
        rows = rows.where(ClickHour.hour >= _hour(first_day))
    if last_day is not None:
        rows = rows.where(ClickHour.hour < _hour(last_day + timedelta(days=1)))
    return {network: int(count) for network, count in (await session.exec(rows)).all()}


def _midnight(day: date) -> datetime:
    return datetime.fromisoformat(f"{day.isoformat()}T00:00:00+00:00")


async def _sales(
    session: AsyncSession, shop: Shop, first_day: date | None, last_day: date | None
) -> dict[str, list[tuple[int, Money]]]:
    """Number of paid orders and what they brought, by network and currency."""
    rows = (
        select(Order.network, Order.currency, sa.func.count(), sa.func.sum(col(Order.amount_paid)))
        .where(Order.shop_id == shop.id, col(Order.paid_at).is_not(None))
        .group_by(col(Order.network), col(Order.currency))
        .order_by(col(Order.currency))
    )
    if first_day is not None:
        rows = rows.where(col(Order.paid_at) >= _midnight(first_day))
    if last_day is not None:
        rows = rows.where(col(Order.paid_at) < _midnight(last_day + timedelta(days=1)))
    found: dict[str, list[tuple[int, Money]]] = {}
    for network, currency, count, amount in (await session.exec(rows)).all():
        found.setdefault(network, []).append((int(count), Money(int(amount), currency)))
    return found
