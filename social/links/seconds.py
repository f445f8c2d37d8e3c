"""Engaged time: for how long the page of a tap was in sight, kept as counts of a few lengths, so that it can be summed.

A length is known as the interval that it lies in; quantiles are drawn within it in a straight line, and so are off by
its width at most.
"""

from bisect import bisect_right
from collections.abc import Sequence

# Nobody looks at one page for longer: what is more is a screen that was left on.
LONGEST = 1800
# Fewer tell nothing, and half of them would be one person.
FEWEST = 5
BOUNDS = (1, 3, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600)
COLUMNS = (*(f"under_{each}" for each in BOUNDS), "longer")


def column(seconds: int) -> str:
    """The column that counts this length."""
    return COLUMNS[bisect_right(BOUNDS, seconds)]


def quantile(counts: Sequence[int], share: float) -> float | None:
    """The seconds that this share of people stayed for at most; None where fewer than `FEWEST` have told."""
    total = sum(counts)
    if total < FEWEST:
        return None
    wanted, below = share * total, 0
    low = 0
    for count, high in zip(counts, (*BOUNDS, LONGEST), strict=True):
        if count and below + count >= wanted:
            return round(low + (high - low) * (wanted - below) / count, 1)
        below, low = below + count, high
    return float(LONGEST)
