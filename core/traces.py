"""What a page was made of: every statement that was asked for it, and what the database said.

A page that follows from those rows alone follows from them again: where the same statements give the same rows, it
need not be made anew. So a page in memory is proven before it is shown, and nobody who changes something has to say so.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from core.statements import Statement

NOW = "now"
"""The parameter that is the present time: where a statement is asked again, it is the time of asking."""


class Read(NamedTuple):
    """A constant statement, its values by name, and its rows as the driver gave them."""

    statement: Statement
    parameters: Mapping[str, object]
    rows: Sequence[Sequence[Any]]

    def at(self, now: datetime) -> Mapping[str, object]:
        """The values with which it is asked at this time."""
        return {**self.parameters, NOW: now} if NOW in self.parameters else self.parameters


class Trace:
    """What a session has read since it began, and until when it holds by the clock; `is_whole` while that is all."""

    def __init__(self, now: datetime) -> None:
        self.reads: list[Read] = []
        self.is_whole = True
        self._now = now
        self._until: datetime | None = None

    @property
    def rows(self) -> int:
        """How many rows were read; a statement that found none counts like one of them, and so does no statement."""
        return sum(max(1, len(each.rows)) for each in self.reads) or 1

    def add(self, statement: Statement, parameters: Mapping[str, object], rows: Sequence[Sequence[Any]]) -> None:
        """One more statement was asked."""
        self.reads.append(Read(statement, dict(parameters), rows))

    def spoil(self, *_: object) -> None:
        """Something else was asked, or another look at the same rows has another end: this proves nothing."""
        self.is_whole = False

    def end(self, *moments: datetime | None) -> None:
        """At each of these moments that is still to come, something else follows from the same rows."""
        coming = [each for each in (self._until, *moments) if each is not None and each > self._now]
        self._until = min(coming, default=None)

    def lasts(self, now: datetime) -> bool:
        """Whether no such moment has passed; nor has the clock been set back before the beginning."""
        return self._now <= now and (self._until is None or now < self._until)
