"""Master pictures and fonts without a row: what a crash between the storage and the database leaves behind.

A 256th of all keys is looked at every five minutes, so that each is seen within a day, and no sweep is long.
"""

from datetime import timedelta

from msgspec import Struct
from sqlmodel import col, select

from core import jobs
from core.db import AsyncSession, Database
from core.jobs import Resources, job
from media.models import Asset, ShopFont
from media.uploads import Sweeper

YOUNG = timedelta(hours=1)
_PARTS = 256
_EVERY = timedelta(minutes=5)
_AT_ONCE = 500
_KEY = "media.sweep_orphans"


class Part(Struct):
    """Which keys to look at: those whose hash begins with this byte."""

    number: int = 0


async def begin(session: AsyncSession) -> None:
    """Sweep from now on, unless a sweep waits already."""
    await jobs.enqueue(session, sweep, Part(), key=_KEY)


@job("media.sweep_orphans", Part)
async def sweep(resources: Resources, payload: Part) -> None:
    """Remove what has lain for an hour in one part and that no asset and no font names; then want the next part.

    An upload of the very bytes of an orphan, in the moment between the last look and its removal, would lose its
    picture: `vitrine doctor` would name it, and sending it again brings it back.
    """
    db, storage = resources.get(Database), resources.get(Sweeper).storage
    async with db.transaction() as session:
        following = Part((payload.number + 1) % _PARTS)
        await jobs.enqueue(session, sweep, following, key=_KEY, run_at=resources.now() + _EVERY)
    for kind, table in (("m", Asset), ("f", ShopFont)):
        keys = await storage.aged(f"{kind}-{payload.number:02x}", resources.now() - YOUNG)
        for start in range(0, len(keys), _AT_ONCE):
            some = keys[start : start + _AT_ONCE]
            async with db.read() as session:
                chosen = select(table.storage_key).where(col(table.storage_key).in_(some))
                named = set((await session.exec(chosen)).all())
            for each in some:
                if each not in named:
                    await storage.delete(each)
