"""Folding: hits from segments into the database, in batches, each with its checkpoint in one transaction."""

import asyncio
from collections.abc import Iterable
from typing import Protocol

import sqlalchemy as sa
from sqlmodel import col, select

from core import clock, failpoints
from core.db import AsyncSession, Database
from social.links import clicks
from social.links.clicks import Memory
from social.links.models import SpoolCheckpoint
from social.links.spool import Segment

BATCH = 2000


class Source(Protocol):
    """Segments that this process folds: its own spool, or those of all servers on the machine."""

    def segments(self) -> Iterable[Segment]:
        """Oldest first."""

    def finished(self) -> list[Segment]:
        """Those that get no more hits and are in the database whole."""

    def discard(self, segment: Segment) -> None:
        """Delete a finished one."""


class Folding:
    """Brings what a source holds into the database. Calls wait for each other."""

    def __init__(self, db: Database, source: Source) -> None:
        self._db = db
        self._source = source
        self._memory = Memory()
        self._turn = asyncio.Lock()

    async def fold(self) -> int:
        """Every hit there is; how many were new. Raises what the database raises."""
        async with self._turn:
            new = 0
            while (batch := await self._fold_batch()) is not None:
                new += batch
            await self._discard_finished()
            return new

    async def _fold_batch(self) -> int | None:
        """One transaction: hits, rollups and checkpoint; None where nothing waits."""
        for segment in self._source.segments():
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

    async def _discard_finished(self) -> None:
        """First the file, then its checkpoint: without the file nothing can be folded twice."""
        finished = self._source.finished()
        if finished:
            for segment in finished:
                self._source.discard(segment)
            async with self._db.transaction() as session:
                names = [segment.name for segment in finished]
                await session.exec(sa.delete(SpoolCheckpoint).where(col(SpoolCheckpoint.segment).in_(names)))


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
