"""Two times: the one on the wall, and Stripe's, which a test may move forward."""

import time
from collections.abc import Callable

from checkout.sandbox.state import State

OFFSET = "clock_offset"


class Clock:
    """Stripe's time is the wall's plus an offset that the state file remembers.

    Signatures and retries follow the wall, because the receiver compares them with its own; sessions follow Stripe's.
    """

    def __init__(self, state: State, wall: Callable[[], float] = time.time) -> None:
        self.wall = wall
        self._state = state
        self.recall()

    def recall(self) -> None:
        """Take the offset from the state file, which somebody has exchanged."""
        self._offset = int(self._state.remembered(OFFSET) or 0)

    def now(self) -> int:
        """Stripe's time in whole seconds."""
        return int(self.wall()) + self._offset

    def advance(self, seconds: int) -> int:
        """Move Stripe's time forward, for good; gives the new time."""
        self._offset += seconds
        self._state.remember(OFFSET, str(self._offset))
        return self.now()
