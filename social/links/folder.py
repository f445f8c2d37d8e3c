"""What runs behind the redirects: folding the spool into the database, syncing it to disk, keeping the salts."""

import asyncio
import os

import sqlalchemy as sa
from sqlmodel import col, select

from core import clock, failpoints
from core.db import AsyncSession, Database
from social.links import clicks
from social.links.clicks import Memory, Orphans
from social.links.models import SpoolCheckpoint
from social.links.rounds import Rounds, attempt
from social.links.salts import Salts
from social.links.spool import SEGMENT_SECONDS, Segment, Spool

BATCH = 2000
# Of the second that a figure may be late; the fewer rounds, the less they cost.
_FOLD_SECONDS = 0.5
_CHORES_SECONDS = 30.0
_FAREWELL_SECONDS = 5.0


class Folder:
    """Owns the spool of this process. `open` before the first hit, `close` after the last."""

    def __init__(self, db: Database, spool: Spool, salts: Salts, orphans: Orphans, *, sync_ms: int = 200) -> None:
        self._db = db
        self._spool = spool
        self._salts = salts
        self._orphans = orphans
        self._memory = Memory()
        self._turn = asyncio.Lock()
        self._rounds = Rounds(
            (self._fold_waiting, _FOLD_SECONDS),
            (self._chores, _CHORES_SECONDS),
            *([(self._sync, sync_ms / 1000)] if sync_ms else []),
        )

    async def open(self) -> None:
        """Take over what dead processes left, and start. A database that is away is waited for in the background."""
        self._spool.adopt()
        await attempt(self._refresh_salts)
        self._rounds.start()

    async def close(self) -> None:
        """Fold what is left if the database takes it soon; else the next process does."""
        await self._rounds.stop()
        self._spool.seal()
        await attempt(self._farewell)
        self._spool.close()

    async def fold_now(self) -> int:
        """Bring every hit in the spool into the database; how many were new. Raises what the database raises."""
        async with self._turn:
            new = 0
            while (batch := await self._fold_batch()) is not None:
                new += batch
            await self._store_orphans()
            await self._discard_finished()
            return new

    async def _fold_batch(self) -> int | None:
        """One transaction: hits, rollups and checkpoint; None where nothing waits."""
        for segment in self._spool.segments():
            if segment.folded is None:
                segment.folded = await self._checkpoint(segment)
            hits, offset = segment.read(BATCH)
            if offset == segment.folded:
                continue
            async with self._db.transaction() as session:
                new = await clicks.store(session, hits, self._memory)
                await _advance(session, segment, offset)
                failpoints.reach("clicks.before_commit")
            failpoints.reach("clicks.after_commit")
            self._memory.keep()
            segment.folded = offset
            return new
        return None

    async def _checkpoint(self, segment: Segment) -> int:
        async with self._db.read() as session:
            statement = select(SpoolCheckpoint.folded_bytes).where(SpoolCheckpoint.segment == segment.name)
            return (await session.exec(statement)).first() or 0

    async def _store_orphans(self) -> None:
        if self._orphans:
            async with self._db.transaction() as session:
                stored = await self._orphans.store(session)
            self._orphans.forget(stored)

    async def _discard_finished(self) -> None:
        """First the file, then its checkpoint: without the file nothing can be folded twice."""
        finished = self._spool.finished()
        if finished:
            for segment in finished:
                self._spool.discard(segment)
            async with self._db.transaction() as session:
                names = [segment.name for segment in finished]
                await session.exec(sa.delete(SpoolCheckpoint).where(col(SpoolCheckpoint.segment).in_(names)))

    async def _fold_waiting(self) -> None:
        async with self._turn:
            while await self._fold_batch() is not None:
                pass
            await self._discard_finished()

    async def _chores(self) -> None:
        self._spool.seal(SEGMENT_SECONDS)
        self._spool.adopt()
        await self._refresh_salts()
        async with self._turn:
            await self._store_orphans()

    async def _refresh_salts(self) -> None:
        await self._salts.refresh(self._db, clock.now())

    async def _farewell(self) -> None:
        async with asyncio.timeout(_FAREWELL_SECONDS):
            await self.fold_now()

    async def _sync(self) -> None:
        descriptors = self._spool.unsynced()
        if descriptors:
            await asyncio.to_thread(_sync, descriptors)


async def folded(session: AsyncSession) -> dict[str, int]:
    """How many bytes of each segment are in the database, by the segment's name."""
    return dict((await session.exec(select(SpoolCheckpoint.segment, SpoolCheckpoint.folded_bytes))).all())


async def _advance(session: AsyncSession, segment: Segment, offset: int) -> None:
    place = {"folded_bytes": offset, "updated_at": clock.now()}
    connection = await session.connection()
    moved = await connection.execute(
        sa.update(SpoolCheckpoint).where(col(SpoolCheckpoint.segment) == segment.name).values(place)
    )
    if not moved.rowcount:
        await connection.execute(sa.insert(SpoolCheckpoint).values(segment=segment.name, **place))


def _sync(descriptors: list[int]) -> None:
    for each in descriptors:
        try:
            os.fdatasync(each)
        finally:
            os.close(each)
