"""Folds what the servers on this machine spool, in a process of its own: a tap then costs the server nothing more.

A segment is read while a server writes it. Once its lock can be had, its server has sealed it or died: then it is
ours, to be finished and deleted.
"""

import asyncio
import fcntl
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from core.db import Database
from core.settings import Settings
from social.links.folder import FAREWELL_SECONDS, FOLD_SECONDS
from social.links.folding import Folding
from social.links.rounds import Rounds, attempt
from social.links.spool import SUFFIX, Segment

_LOCK = "folding.lock"


class Gleanings:
    """The segments in some folders that nobody else gleans. Call `look` before each round of folding."""

    def __init__(self, places: Callable[[], Iterable[Path]]) -> None:
        """`places` says which folders there are by now."""
        self._places = places
        self._locks: dict[Path, int] = {}
        self._segments: dict[Path, Segment] = {}

    def look(self) -> None:
        """Find out what there is by now, and who died."""
        for folder in self._places():
            if self._holds(folder):
                for path in sorted(folder.glob(f"*{SUFFIX}")):
                    self._take_up(path)
        for each in list(self._segments.values()):
            self._look_at(each)

    def _holds(self, folder: Path) -> bool:
        """Whether this process gleans the folder; two at once would only be in each other's way."""
        if folder not in self._locks:
            descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
            if not _lock(descriptor):
                os.close(descriptor)
                return False
            self._locks[folder] = descriptor
        return True

    def _take_up(self, path: Path) -> None:
        if path not in self._segments:
            with suppress(FileNotFoundError):  # Finished by a server that folds for itself.
                segment = Segment(path, os.open(path, os.O_RDWR | os.O_APPEND), None)
                segment.is_live = True
                self._segments[path] = segment

    def _look_at(self, segment: Segment) -> None:
        if segment.is_live:
            # The lock before the size: behind it nobody writes any more.
            segment.is_live = not _lock(segment.descriptor)
            state = os.fstat(segment.descriptor)
            segment.size = state.st_size
            if not state.st_nlink:
                del self._segments[segment.path]
                os.close(segment.descriptor)

    def segments(self) -> list[Segment]:
        """Oldest first."""
        return sorted(self._segments.values(), key=lambda each: each.name)

    def finished(self) -> list[Segment]:
        """Segments that get no more hits and are in the database whole."""
        return [
            each
            for each in self._segments.values()
            if not each.is_live and each.folded is not None and each.folded >= each.size
        ]

    def discard(self, segment: Segment) -> None:
        """Delete a finished segment."""
        del self._segments[segment.path]
        segment.remove()

    def close(self) -> None:
        """Let go of everything; what is not in the database stays for the next process."""
        for descriptor in [*(each.descriptor for each in self._segments.values()), *self._locks.values()]:
            os.close(descriptor)
        self._segments, self._locks = {}, {}


class Gleaner:
    """Folds round after round, from `open` to `close`."""

    def __init__(self, db: Database, places: Callable[[], Iterable[Path]]) -> None:
        self._gleanings = Gleanings(places)
        self._folding = Folding(db, self._gleanings)
        self._rounds = Rounds((self.fold_now, FOLD_SECONDS))

    def open(self) -> None:
        """Start; a database that is away is waited for."""
        self._rounds.start()

    async def close(self) -> None:
        """Fold what is left if the database takes it soon."""
        await self._rounds.stop()
        await attempt(self._farewell)
        self._gleanings.close()

    async def fold_now(self) -> int:
        """Bring every hit that is there into the database; how many were new. Raises what the database raises."""
        self._gleanings.look()
        return await self._folding.fold()

    async def _farewell(self) -> None:
        async with asyncio.timeout(FAREWELL_SECONDS):
            await self.fold_now()


def spools(settings: Settings) -> list[Path]:
    """The spool folders of the servers on this machine, as far as they lie in its data folder or are the set one.

    Several servers beside each other have `spool-a`, `spool-b` and so on, those that joined theirs in `instances`.
    """
    data = settings.data_dir
    found = {settings.spool_dir, *data.glob("spool*"), *data.glob("instances/*/spool")}
    return sorted(each for each in {each.absolute() for each in found} if each.is_dir())


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
