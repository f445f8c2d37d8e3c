"""The only place that reads the clock, so that time is an argument everywhere else."""

import time
from datetime import UTC, datetime


def now() -> datetime:
    """The present instant as an aware UTC time with microseconds."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds on a clock that never goes back; only differences mean something."""
    return time.monotonic()
