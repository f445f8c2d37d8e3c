"""Orders that were begun and paid, for the ways into the shop that brought them."""

from collections import defaultdict
from collections.abc import Collection
from functools import cache
from itertools import chain
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import col

from checkout.models import Order
from core.db import AsyncSession
from insights import ways
from insights.ways import Asked, By, Names


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


async def read(session: AsyncSession, asked: Asked) -> dict[str | None, list[Orders]]:
    """What was begun on these days and what was paid on them, by all keys of a report."""
    found: dict[str | None, list[Orders]] = defaultdict(list)
    for key, currency, *numbers in await session.rows(_by_key(asked.by, asked.given, False), asked.values):
        found[key].append(Orders(currency, *map(int, numbers)))
    return found


async def of_some(
    session: AsyncSession, asked: Asked, keys: Collection[str | None]
) -> tuple[dict[str | None, list[Orders]], list[Orders]]:
    """The same of these keys alone, a hundred at most, or of that many and None; and of all keys together."""
    found: dict[str | None, list[Orders]] = defaultdict(list)
    values = {**asked.values, **ways.told(keys)}
    for key, currency, *numbers in await session.rows(_by_key(asked.by, asked.given, True), values):
        found[key].append(Orders(currency, *map(int, numbers)))
    every = []
    for keyless, currency, *numbers in await session.rows(_together(asked.by, asked.given), asked.values):
        every.append(Orders(currency, *map(int, numbers)))
        if keyless:
            found[None].append(every[-1])
    return found, every


@cache
def _by_key(by: By, given: Names, some: bool) -> sa.Select[tuple[str | None, str, int]]:
    key = ways.OF_ORDER[by]
    rows = sa.select(key, col(Order.currency), *_numbers(given)).where(*ways.of_orders(given, few=some))
    rows = rows.group_by(key, col(Order.currency))
    return rows.where(ways.among(key)) if some else rows


@cache
def _together(by: By, given: Names) -> sa.Select[tuple[bool, str, int]]:
    """Those without a key apart."""
    keyless = ways.OF_ORDER[by].is_(None)
    rows = sa.select(keyless, col(Order.currency), *_numbers(given)).where(*ways.of_orders(given))
    return rows.group_by(keyless, col(Order.currency))


def _numbers(given: Names) -> list[sa.ColumnElement[int]]:
    """The numbers of `Orders`, in their order."""
    counts = (ways.begun(given), ways.paid(given), sa.and_(ways.paid(given), col(Order.link_id).is_not(None)))
    amounts = (col(Order.amount_paid), col(Order.amount_refunded), col(Order.amount_lost))
    sums = (sa.func.sum(sa.case((ways.paid(given), each), else_=0)) for each in amounts)
    return [*chain((sa.func.count(sa.case((each, 1))) for each in counts), sums)]
