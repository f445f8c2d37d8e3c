"""Places: no more than there are, and half of them for one shop."""

from contextlib import ExitStack

import pytest

from media.places import Places


@pytest.mark.parametrize(("most", "of_one"), [(1, 1), (2, 1), (5, 3), (32, 16)])
def test_one_shop_takes_half_and_leaves_the_rest_to_others(most: int, of_one: int) -> None:
    places = Places(most)
    with ExitStack() as taken:
        found = [taken.enter_context(places.one("a")) for _ in range(most)]
        assert found == [True] * of_one + [False] * (most - of_one)
        others = [taken.enter_context(places.one(f"b{number}")) for number in range(most)]
        assert others.count(True) == most - of_one
    with places.one("a") as found_again:
        assert found_again


def test_a_place_is_given_back_whatever_happens() -> None:
    places = Places(1)
    with pytest.raises(ZeroDivisionError), places.one("a"):
        raise ZeroDivisionError
    with places.one("b") as found:
        assert found
