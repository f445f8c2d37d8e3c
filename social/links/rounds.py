"""Work that comes round again and again behind the requests, and gives way to them."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from sqlalchemy.exc import SQLAlchemyError

from core import clock
from core.logs import logger

Work = Callable[[], Awaitable[object]]

# What the drivers raise while the database is away or busy.
AWAY = (SQLAlchemyError, OSError, TimeoutError)
_LONGEST_REST_SECONDS = 1.0
_FAREWELL_SECONDS = 5.0
_log = logger("links")


class Rounds:
    """Runs each piece of work in a task of its own, from `start` to `stop`."""

    def __init__(self, *works: tuple[Work, float]) -> None:
        """Pieces of work, each with the seconds between two rounds."""
        self._works = works
        self._stopping = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin; the first round comes after the first pause."""
        self._stopping.clear()
        self._tasks = [asyncio.create_task(self._go_round(work, seconds)) for work, seconds in self._works]

    async def stop(self) -> None:
        """Let the rounds that are under way end, and start no more."""
        self._stopping.set()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=_FAREWELL_SECONDS)
            for task in late:
                task.cancel()
            self._tasks = []

    async def _go_round(self, work: Work, seconds: float) -> None:
        """Works a tenth of the time at most, so that requests come first; rests a second after a failure."""
        pause = seconds
        while not self._stopping.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)
            began = clock.monotonic()
            went_well = await attempt(work)
            rest = min(9 * (clock.monotonic() - began), _LONGEST_REST_SECONDS)
            pause = max(seconds, rest if went_well else _LONGEST_REST_SECONDS)


async def attempt(work: Work) -> bool:
    """Do it once; False where the database or the disk would not."""
    try:
        await work()
    except AWAY as error:
        _log.warning("work behind the links waits", work=work.__qualname__, reason=type(error).__name__)
        return False
    return True
