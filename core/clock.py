"""The only place that reads the clock, so that time is an argument everywhere else."""

import time
from datetime import UTC, datetime


def now() -> datetime:
    """The present instant as an aware UTC time with microseconds."""
    return datetime.now(UTC)


def milliseconds() -> int:
    """The present instant in milliseconds since 1970 in UTC, for where every microsecond counts."""
    return time.time_ns() // 1_000_000


def monotonic() -> float:
    """Seconds on a clock that never goes back; only differences mean something."""
    return time.monotonic()
