"""Places that many want at once: so many in all, and half of them for one shop, so that none keeps the others out."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager


class Places:
    """`most` places; of one shop at most half of them, rounded up, are taken."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._taken: Counter[str] = Counter()

    @contextmanager
    def one(self, shop_id: str) -> Iterator[bool]:
        """Whether there was a place, which is taken meanwhile."""
        found = self._taken.total() < self.most and self._taken[shop_id] < -(-self.most // 2)
        if found:
            self._taken[shop_id] += 1
        try:
            yield found
        finally:
            if found:
                self._taken[shop_id] -= 1
                self._taken += Counter()  # Forgets who has none.
