"""How sure a share is: Wilson's score interval.

At few clicks and small shares the usual interval (Wald's) is far too sure of itself: said to hold 95 % of the time, it
holds 64 % of the time at a share of 2 % of 50.
"""

from math import sqrt
from statistics import NormalDist

_Z = NormalDist().inv_cdf(0.975)


def interval(successes: int, trials: int) -> tuple[float, float]:
    """Between which bounds, 0..1, a share lies with 95 % confidence that was seen as so many of so many trials.

    Nothing is known without trials. Raises ValueError where there are more successes than trials, or fewer than none.
    """
    if not 0 <= successes <= trials:
        raise ValueError(f"{successes} of {trials} is no share.")
    if not trials:
        return 0.0, 1.0
    share, square = successes / trials, _Z**2
    middle = (share + square / (2 * trials)) / (1 + square / trials)
    half = _Z * sqrt(share * (1 - share) / trials + square / (4 * trials**2)) / (1 + square / trials)
    # The bounds of none and of all are exact, and would miss 0 and 1 by a rounding.
    low = 0.0 if successes == 0 else max(0.0, middle - half)
    high = 1.0 if successes == trials else min(1.0, middle + half)
    return low, high
