"""What of Stripe's could not be taken in: set apart, so that it stops nothing that follows, told, and tried again.

Each is tried again after a quarter of an hour, and then after twice as long each time, at least once a day: a new
version of ours may understand what this one does not.
"""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Literal

import sqlalchemy as sa
from sqlmodel import col, select

from checkout.books.models import ReadingFailure
from core.db import AsyncSession, Database, insert_new, table_of
from core.logs import logger
from core.shops import Shop

Kind = Literal["event", "movement", "session", "checkout"]

FIRST_GAP, LONGEST_GAP = timedelta(minutes=15), timedelta(days=1)
UNREADABLE = "unreadable"
_UNFIT = re.compile("[^!-~]")
_log = logger("books")


@asynccontextmanager
async def apart(db: Database, shop: Shop, kind: Kind, object_id: str, now: datetime) -> AsyncIterator[None]:
    """Take one object in inside: whatever goes wrong is written down, and whoever follows gets their turn.

    No transaction is open around it. Raises what the database raises where it cannot even be written down.
    """
    try:
        yield
    except Exception as error:  # noqa: BLE001  # Nobody knows what a poison object will do.
        _log.error("set apart", shop=shop.id, kind=kind, object=object_id, exc_info=error)
        await write(db, shop, kind, [object_id], type(error).__name__, now)


async def write(db: Database, shop: Shop, kind: Kind, object_ids: Sequence[str], reason: str, now: datetime) -> None:
    """Write down that these failed, once more where they have before."""
    for given in object_ids:
        object_id = _UNFIT.sub("?", given)[:255]
        mine = _mine(shop, kind, object_id)
        async with db.transaction() as session:
            row = {
                "shop_id": shop.id, "kind": kind, "object_id": object_id, "reason": reason, "times": 0,
                "failed_at": now, "retry_at": now,
            }  # fmt: skip
            await insert_new(session, ReadingFailure, row)
            (times,) = (await session.core(sa.select(col(ReadingFailure.times)).where(*mine))).one()
            gap = min(FIRST_GAP * 2 ** min(times, 10), LONGEST_GAP)
            changed = {"reason": reason, "times": times + 1, "retry_at": now + gap}
            await session.core(sa.update(table_of(ReadingFailure)).where(*mine).values(changed))


async def clear(session: AsyncSession, shop: Shop, failure: ReadingFailure) -> None:
    """It was taken in after all."""
    mine = _mine(shop, failure.kind, failure.object_id)
    await session.core(sa.delete(table_of(ReadingFailure)).where(*mine))


def _mine(shop: Shop, kind: str, object_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        col(ReadingFailure.shop_id) == shop.id,
        col(ReadingFailure.kind) == kind,
        col(ReadingFailure.object_id) == object_id,
    )


async def due(session: AsyncSession, shop: Shop, now: datetime, limit: int) -> Sequence[ReadingFailure]:
    """Those that are to be tried again, the longest due first."""
    rows = select(ReadingFailure).where(ReadingFailure.shop_id == shop.id, col(ReadingFailure.retry_at) <= now)
    return (await session.exec(rows.order_by(col(ReadingFailure.retry_at)).limit(limit))).all()


async def newest(session: AsyncSession, shop: Shop, limit: int) -> tuple[int, Sequence[ReadingFailure]]:
    """How many are set apart, and the newest of them."""
    mine = ReadingFailure.shop_id == shop.id
    rows = select(ReadingFailure).where(mine).order_by(col(ReadingFailure.failed_at).desc())
    counted = (await session.exec(select(sa.func.count()).select_from(ReadingFailure).where(mine))).one()
    return counted, (await session.exec(rows.limit(limit))).all()
