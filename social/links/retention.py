"""Raw hits and landing views are kept for so many days; what they added up to stays, and names nobody.

Purged are whole UTC days, so that what is left of a day can be held against its sums. Once a day, by the worker.
"""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from msgspec import Struct
from sqlmodel import col

from core import jobs
from core.db import AsyncSession, Database, table_of
from core.jobs import Resources, job
from core.settings import Settings
from social.links.duplicates import first_id
from social.links.models import Click, Landing
from social.links.token import milliseconds

_EVERY = timedelta(days=1)
_SOON = timedelta(seconds=2)
# Small enough that folding never waits long for the writer's place, and that a job ends within its lease.
BATCH = 5_000
_BATCHES = 20
_KEY = "links.purge"


class Purge(Struct):
    """The payload of `purge_daily`."""


def cut(now: datetime, days: int) -> datetime:
    """The midnight before which nothing is kept: `days` whole UTC days before today are."""
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=days)


async def purge(db: Database, before: datetime, batches: int | None = None) -> tuple[int, bool]:
    """Delete what is older; how many rows, and whether that was all. In transactions of `BATCH` rows."""
    purged, left = 0, batches
    for table in (Click, Landing):
        while left is None or left:
            async with db.transaction() as session:
                gone = await _purge_batch(session, table, before)
            purged += gone
            left = None if left is None else left - 1
            if gone < BATCH:
                break
        else:
            return purged, False
    return purged, True


async def _purge_batch(session: AsyncSession, table: type[Click | Landing], before: datetime) -> int:
    # The id begins with its time: the primary key is the index, and the oldest rows lie together.
    oldest = sa.select(col(table.id)).where(col(table.id) < first_id(milliseconds(before)))
    oldest = oldest.order_by(col(table.id)).limit(BATCH)
    gone = await session.core(sa.delete(table_of(table)).where(col(table.id).in_(oldest.scalar_subquery())))
    return gone.rowcount


async def begin(session: AsyncSession) -> None:
    """Purge from now on, unless that waits already."""
    await jobs.enqueue(session, purge_daily, Purge(), key=_KEY)


@job("links.purge", Purge)
async def purge_daily(resources: Resources, payload: Purge) -> None:
    """Purge what is too old, and come back: in a moment where that was not all of it, else tomorrow."""
    db, now = resources.get(Database), resources.now()
    _, whole = await purge(db, cut(now, resources.get(Settings).click_retention_days), _BATCHES)
    async with db.transaction() as session:
        await jobs.enqueue(session, purge_daily, payload, key=_KEY, run_at=now + (_EVERY if whole else _SOON))
