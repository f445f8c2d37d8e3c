"""How long people stayed, from counts of a few lengths."""

import random
from statistics import median

import pytest

from social.links import seconds
from social.links.models import ClickApp, SecondsDay


def _counts(lengths: list[int]) -> list[int]:
    found = [seconds.column(each) for each in lengths]
    return [found.count(each) for each in seconds.COLUMNS]


def test_the_columns_are_those_of_the_tables() -> None:
    for table in (ClickApp, SecondsDay):
        assert tuple(table.model_fields)[-len(seconds.COLUMNS) :] == seconds.COLUMNS


@pytest.mark.parametrize(
    ("length", "name"), [(0, "under_1"), (1, "under_3"), (9, "under_10"), (10, "under_15"), (599, "under_600"),
    (600, "longer"), (1800, "longer")],
)  # fmt: skip
def test_a_length_lies_below_its_bound(length: int, name: str) -> None:
    assert seconds.column(length) == name


@pytest.mark.parametrize("share", [0.5, 0.75])
@pytest.mark.parametrize("seed", range(20))
def test_a_quantile_lies_within_its_interval(seed: int, share: float) -> None:
    draw = random.Random(seed)
    lengths = sorted(min(seconds.LONGEST, int(draw.expovariate(1 / 25))) for _ in range(draw.randint(5, 400)))
    found = seconds.quantile(_counts(lengths), share)
    true = lengths[max(0, -(-int(share * len(lengths) * 4) // 4) - 1)] if share != 0.5 else median(lengths)
    assert found is not None
    place = seconds.COLUMNS.index(seconds.column(int(true)))
    edges = (0, *seconds.BOUNDS, seconds.LONGEST)
    assert edges[max(0, place - 1)] <= found <= edges[min(len(edges) - 1, place + 2)]


def test_a_few_tell_nothing() -> None:
    assert seconds.quantile(_counts([9] * (seconds.FEWEST - 1)), 0.5) is None
    assert seconds.quantile(_counts([9] * seconds.FEWEST), 0.5) == 7.5
    assert seconds.quantile(_counts([1800] * 9), 1.0) == 1800
