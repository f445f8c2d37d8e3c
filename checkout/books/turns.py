"""A turn of a round: whatever happens in it, it ends, is told, and another one comes."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import col, select

from checkout.books.models import BookRound
from checkout.errors import PaymentProviderRefused, PaymentProviderUnavailable, PaymentsNotConnected
from checkout.stripe import breaker
from checkout.stripe.client import Gateway
from core.db import AsyncSession, Database, insert_new, table_of
from core.jobs import Resources
from core.logs import logger
from core.secrets import Vault
from core.shops import Shop

# A job has less than a minute: what is not done by then goes on in the next turn, from where this one has come to.
_LIMIT = 45.0
_DISCONNECTED = timedelta(hours=1)
_UNEXPECTED = timedelta(minutes=15)
NOT_CONNECTED = PaymentsNotConnected.slug
_log = logger("books")


class Tools(NamedTuple):
    """What a job of the books works with, and when it runs."""

    gateway: Gateway
    db: Database
    vault: Vault
    now: datetime

    @classmethod
    def of(cls, resources: Resources) -> "Tools":
        """Those of a worker."""
        return cls(resources.get(Gateway), resources.get(Database), resources.get(Vault), resources.now())


async def take(
    db: Database, shop: Shop, name: str, now: datetime, work: Callable[[], Awaitable[object]]
) -> timedelta | None:
    """Do the work of one turn, inside the breaker; None where all went well, else how long to wait at least.

    Raises what the database raises where it cannot be written down how it went.
    """
    await _begin(db, shop, name, now)
    problem: str | None = None
    wait = None
    try:
        async with asyncio.timeout(_LIMIT), breaker.guard(db, shop, now):
            await work()
    except PaymentsNotConnected as refusal:
        problem, wait = refusal.slug, _DISCONNECTED
    except PaymentProviderUnavailable as away:
        problem, wait = away.slug, timedelta(seconds=away.retry_after)
    except PaymentProviderRefused as refusal:
        problem, wait = refusal.slug, timedelta(0)
    except TimeoutError:
        problem, wait = "out-of-time", timedelta(0)
    except Exception as error:  # noqa: BLE001  # Nobody would look for news any more, and nobody would know.
        _log.error("round broken off", shop=shop.id, round=name, exc_info=error)
        problem, wait = "unexpected", _UNEXPECTED
    if problem is not None:
        _log.warning("round failed", shop=shop.id, round=name, reason=problem)
    await _end(db, shop, name, problem, now)
    return wait


async def _begin(db: Database, shop: Shop, name: str, now: datetime) -> None:
    async with db.transaction() as session:
        row = {"shop_id": shop.id, "name": name, "begun_at": now, "failures": 0}
        if not await insert_new(session, BookRound, row):
            await session.core(_mine(shop, name).values(begun_at=now, ended_at=None))


async def _end(db: Database, shop: Shop, name: str, problem: str | None, now: datetime) -> None:
    failures = col(BookRound.failures) + 1 if problem else 0
    async with db.transaction() as session:
        await session.core(_mine(shop, name).values(ended_at=now, problem=problem, failures=failures))


def _mine(shop: Shop, name: str) -> sa.Update:
    return sa.update(table_of(BookRound)).where(col(BookRound.shop_id) == shop.id, col(BookRound.name) == name)


async def all_of(session: AsyncSession, shop: Shop) -> Sequence[BookRound]:
    """How the last turn of each round went."""
    rows = select(BookRound).where(BookRound.shop_id == shop.id).order_by(col(BookRound.name))
    return (await session.exec(rows)).all()
