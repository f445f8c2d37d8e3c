"""What followed from rows that have not changed: they are asked for again, and nothing is made anew.

Who asks in the same words gets what was made for whoever asked before, once the database has given the very same rows
to the very same statements (`core.traces`): nobody has to be told when a price, a stock or a text changes.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from datetime import datetime
from typing import Any, TypeVar, cast

from core.db import AsyncSession, Database
from core.traces import Trace

MOST_ROWS = 16_000
"""All answers together. With what was made of it, a row of a page takes 0.5 to 0.7 KB: about 10 MB in each process."""
LARGEST = 500
"""What reads more rows than this is made anew each time."""
T = TypeVar("T")


class Memory:
    """What was asked for last, in each process."""

    def __init__(self, db: Database, most_rows: int = MOST_ROWS) -> None:
        self._db = db
        self._most_rows, self._rows = most_rows, 0
        self._kept: OrderedDict[Hashable, tuple[Trace, Any]] = OrderedDict()

    async def get(self, words: Hashable, now: datetime, make: Callable[[AsyncSession], Awaitable[T]]) -> T:
        """What `make` makes for these words of a session that reads; it is asked where nothing is known.

        It has to follow from the words and from what it reads, and from the clock where it says so
        (`AsyncSession.ends`); what follows from anything else is spoilt (`AsyncSession.spoil`), and not kept.
        """
        known = self._kept.get(words)
        if known is not None and await self._db.repeats(known[0], now):
            if words in self._kept:  # Others have come meanwhile.
                self._kept.move_to_end(words)
            return cast(T, known[1])
        async with self._db.glance() as session:
            trace = session.record(now)
            made = await make(session)
        self._forget(words)
        if trace.is_whole and trace.rows <= LARGEST:
            self._kept[words] = trace, made
            self._rows += trace.rows
            while self._rows > self._most_rows:
                self._forget(next(iter(self._kept)))
        return made

    def _forget(self, words: Hashable) -> None:
        known = self._kept.pop(words, None)
        self._rows -= known[0].rows if known is not None else 0
