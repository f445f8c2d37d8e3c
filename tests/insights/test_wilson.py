"""Wilson's interval: true to its definition, inside of 0..1, and the narrower the more is known."""

from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights import wilson

Z = 1.959963984540054
COUNTS = st.integers(1, 10**9).flatmap(lambda trials: st.tuples(st.integers(0, trials), st.just(trials)))


@given(COUNTS)
def test_the_share_lies_between_bounds_that_are_shares(counts: tuple[int, int]) -> None:
    successes, trials = counts
    low, high = wilson.interval(successes, trials)
    assert 0 <= low <= successes / trials <= high <= 1
    assert low < high, "nothing is ever known for sure"
    assert (low == 0) == (successes == 0)
    assert (high == 1) == (successes == trials)


@given(COUNTS)
def test_the_bounds_are_the_shares_that_what_was_seen_just_does_not_refute(counts: tuple[int, int]) -> None:
    successes, trials = counts
    for bound in wilson.interval(successes, trials):
        if 0 < bound < 1:
            distance = abs(successes / trials - bound)
            assert distance == pytest.approx(Z * sqrt(bound * (1 - bound) / trials), rel=1e-6, abs=1e-12)


@given(COUNTS)
def test_success_and_failure_mirror_each_other(counts: tuple[int, int]) -> None:
    successes, trials = counts
    low, high = wilson.interval(successes, trials)
    assert wilson.interval(trials - successes, trials) == pytest.approx((1 - high, 1 - low), abs=1e-12)


@given(st.integers(1, 10**6).flatmap(lambda trials: st.tuples(st.integers(0, trials), st.just(trials))))
def test_seeing_the_same_share_ten_times_as_often_says_more(counts: tuple[int, int]) -> None:
    successes, trials = counts
    low, high = wilson.interval(successes, trials)
    closer_low, closer_high = wilson.interval(10 * successes, 10 * trials)
    assert closer_high - closer_low < high - low


def test_known_values() -> None:
    # Newcombe, Statistics in Medicine 17 (1998), table I: the score method without continuity correction.
    for counts, bounds in {
        (81, 263): (0.2553, 0.3662), (15, 148): (0.0624, 0.1605), (0, 20): (0.0, 0.1611), (1, 29): (0.0061, 0.1718),
    }.items():  # fmt: skip
        assert wilson.interval(*counts) == pytest.approx(bounds, abs=5e-5)
    assert wilson.interval(0, 0) == (0, 1)
    for wrong in ((-1, 5), (6, 5), (1, 0)):
        with pytest.raises(ValueError, match="is no share"):
            wilson.interval(*wrong)
