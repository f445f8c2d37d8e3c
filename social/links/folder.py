"""What runs behind the redirects of a server: syncing the spool to disk, keeping the salts, and folding.

Where a worker on the same machine folds (`VITRINE_CLICK_FOLDING`), the server hands its segments over instead.
"""

import asyncio
import os

from core import clock
from core.db import Database
from social.links.clicks import Orphans
from social.links.folding import Folding
from social.links.rounds import Rounds, attempt
from social.links.salts import Salts
from social.links.spool import SEGMENT_SECONDS, Spool

# Of the second that a figure may be late; the fewer rounds, the less they cost.
FOLD_SECONDS = 0.5
FAREWELL_SECONDS = 5.0
_CHORES_SECONDS = 30.0


class Folder:
    """Owns the spool of this process. `open` before the first hit, `close` after the last."""

    def __init__(
        self, db: Database, spool: Spool, salts: Salts, orphans: Orphans, *, sync_ms: int = 200, folds: bool = True
    ) -> None:
        """Without `folds` another process does that (`Gleaner`)."""
        self._db = db
        self._spool = spool
        self._salts = salts
        self._orphans = orphans
        self._folds = folds
        self._folding = Folding(db, spool)
        self._turn = asyncio.Lock()
        self._rounds = Rounds(
            (self._folding.fold if folds else self._hand_over, FOLD_SECONDS),
            (self._chores, _CHORES_SECONDS),
            *([(self._sync, sync_ms / 1000)] if sync_ms else []),
        )

    async def open(self) -> None:
        """Take over what dead processes left, and start. A database that is away is waited for in the background."""
        if self._folds:
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
        new = await self._folding.fold()
        await self._store_orphans()
        return new

    async def _store_orphans(self) -> None:
        async with self._turn:
            if self._orphans:
                async with self._db.transaction() as session:
                    stored = await self._orphans.store(session)
                self._orphans.forget(stored)

    async def _hand_over(self) -> None:
        self._spool.hand_over()

    async def _chores(self) -> None:
        self._spool.seal(SEGMENT_SECONDS)
        if self._folds:
            self._spool.adopt()
        await self._refresh_salts()
        await self._store_orphans()

    async def _refresh_salts(self) -> None:
        await self._salts.refresh(self._db, clock.now())

    async def _farewell(self) -> None:
        async with asyncio.timeout(FAREWELL_SECONDS):
            await (self.fold_now() if self._folds else self._store_orphans())

    async def _sync(self) -> None:
        descriptors = self._spool.unsynced()
        if descriptors:
            await asyncio.to_thread(_sync, descriptors)


def _sync(descriptors: list[int]) -> None:
    for each in descriptors:
        try:
            os.fdatasync(each)
        finally:
            os.close(each)
