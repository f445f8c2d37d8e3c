"""A circuit breaker: who works in the background does not hammer a Stripe that is away.

After three failures in a row nobody asks for a while, then one does as a probe, and each failure doubles the gap, with
jitter, up to a quarter of an hour; the first answer, readable or not, lets everybody ask again. It is a row for each
shop and not a variable, so that all processes heed it and `GET /v1/reconciliation` can tell it. What a buyer or
merchant waits for is never refused here: it is asked, and fails by itself.
"""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from math import ceil
from typing import Literal

import sqlalchemy as sa
from sqlmodel import col

from checkout.errors import PaymentProviderRefused, PaymentProviderUnavailable, PaymentsNotConnected
from checkout.stripe.models import Circuit
from core.db import AsyncSession, Database, insert_new, table_of
from core.logs import logger
from core.shops import Shop

State = Literal["closed", "open", "half_open"]

TRIP = 3
FIRST_GAP, LONGEST_GAP = timedelta(seconds=30), timedelta(minutes=15)
# A probe that died with its process is not waited for any longer: a job has less.
PROBE = timedelta(minutes=1)
_log = logger("stripe.breaker")


def gap(failures: int) -> timedelta:
    """How long nobody asks after so many failures in a row, before jitter; zero below three."""
    return min(FIRST_GAP * 2 ** min(failures - TRIP, 10), LONGEST_GAP) if failures >= TRIP else timedelta(0)


def state(circuit: Circuit | None, now: datetime) -> State:
    """Whether everybody asks, nobody, or one who tries."""
    if circuit is None or circuit.retry_at is None:
        return "closed"
    return "open" if now < circuit.retry_at else "half_open"


async def of(session: AsyncSession, shop: Shop) -> Circuit | None:
    """The shop's circuit; None where nothing has ever failed."""
    return await session.get(Circuit, shop.id)


@asynccontextmanager
async def guard(db: Database, shop: Shop, now: datetime) -> AsyncIterator[None]:
    """Ask Stripe inside, in the background; refuses PaymentProviderUnavailable, which says when to try again."""
    before = await _enter(db, shop, now)
    try:
        yield
    except PaymentProviderUnavailable as away:
        if away.is_answer:
            await _mend(db, shop, before)
            raise
        retry_at = await _fail(db, shop, before, now)
        if retry_at is not None:
            away.retry_after = max(away.retry_after, _seconds(retry_at - now))
        raise
    except (PaymentProviderRefused, PaymentsNotConnected):
        await _mend(db, shop, before)  # A no is an answer.
        raise
    await _mend(db, shop, before)


async def _enter(db: Database, shop: Shop, now: datetime) -> int:
    """How many failures there were in a row; refuses PaymentProviderUnavailable to all but one who tries again."""
    async with db.read() as session:
        known = await of(session, shop)
    if known is None or known.retry_at is None:
        return known.failures if known else 0
    if now >= known.retry_at:
        probing = sa.update(table_of(Circuit)).where(
            col(Circuit.shop_id) == shop.id, col(Circuit.retry_at) == known.retry_at
        )
        async with db.transaction() as session:
            if (await session.core(probing.values(retry_at=now + PROBE))).rowcount:
                return known.failures
    wait = max(known.retry_at - now, FIRST_GAP)
    raise PaymentProviderUnavailable("Stripe has not answered for a while.", retry_after=_seconds(_jitter(wait) + wait))


async def _fail(db: Database, shop: Shop, before: int, now: datetime) -> datetime | None:
    """One failure more, also where several fail at once; until when nobody asks then."""
    failures = before + 1
    retry_at = now + _jitter(gap(failures)) if failures >= TRIP else None
    mine = sa.update(table_of(Circuit)).where(col(Circuit.shop_id) == shop.id, col(Circuit.failures) == before)
    async with db.transaction() as session:
        await insert_new(session, Circuit, {"shop_id": shop.id, "failures": 0, "retry_at": None})
        await session.core(mine.values(failures=failures, retry_at=retry_at))
    if failures >= TRIP:
        _log.warning("stripe is away", shop=shop.id, failures=failures, retry_at=str(retry_at))
    return retry_at


async def _mend(db: Database, shop: Shop, before: int) -> None:
    if before:
        mine = sa.update(table_of(Circuit)).where(col(Circuit.shop_id) == shop.id)
        async with db.transaction() as session:
            await session.core(mine.values(failures=0, retry_at=None))


def _jitter(wait: timedelta) -> timedelta:
    """Half of it to all of it, so that those who wait do not all come at once."""
    return wait * random.uniform(0.5, 1)  # noqa: S311  # It spreads requests and guards nothing.


def _seconds(wait: timedelta) -> int:
    return ceil(wait.total_seconds())
