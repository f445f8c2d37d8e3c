"""Which destination a tap gets: the clock, the first rule that fits, the arm that a point lies in."""

import random
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from social.links.choices import NEVER, Address, Arms, Choices, Rule, Span, point

COUNTRIES = ("FR", "DE", "US")
DEVICES = ("phone", "tablet", "computer", "other")
RULES = st.lists(
    st.tuples(st.frozensets(st.sampled_from(COUNTRIES)), st.frozensets(st.sampled_from(DEVICES))), max_size=6
)
WEIGHTS = st.lists(st.integers(0, 40), min_size=1, max_size=10).filter(any)


def address(name: str) -> Address:
    """An address that can be told from the others."""
    return Address(before=name.encode(), after=b"", bare=name.encode())


USUAL, CLOSED, OTHER = address("usual"), address("closed"), address("other")


@given(rules=RULES, country=st.sampled_from((*COUNTRIES, "")), device=st.sampled_from(DEVICES), chance=st.integers(0))
def test_the_first_rule_that_fits_decides_and_without_one_chance_does(
    rules: list[tuple[frozenset[str], frozenset[str]]], country: str, device: str, chance: int
) -> None:
    made = [Rule(countries=where, devices=on, to=address(str(place))) for place, (where, on) in enumerate(rules)]
    choices = Choices(usual=USUAL, closed=CLOSED, rules=made, arms=Arms([(1, OTHER)]))
    fitting = [
        place for place, (where, on) in enumerate(rules) if (not where or country in where) and (not on or device in on)
    ]
    expected = (0, made[fitting[0]].to) if fitting else (1, OTHER)
    assert choices.of(5, country, device, chance) == expected


@given(weights=WEIGHTS)
def test_of_all_points_each_arm_has_as_many_as_its_weight(weights: list[int]) -> None:
    addresses = [address(str(place)) for place in range(len(weights))]
    arms = Arms(zip(weights, addresses, strict=True))
    assert arms.total == sum(weights)
    found = [arms.at(point) for point in range(arms.total)]
    assert Counter(arm for arm, _ in found) == {place: weight for place, weight in enumerate(weights, 1) if weight}
    assert all(to is addresses[arm - 1] for arm, to in found)


@given(chance=st.integers(0, 2**64 - 1), weights=WEIGHTS)
def test_chance_is_a_point_and_arms_of_no_weight_are_never_drawn(chance: int, weights: list[int]) -> None:
    arms = Arms([(weight, address(str(place))) for place, weight in enumerate(weights)])
    arm, to = Choices(usual=USUAL, closed=CLOSED, arms=arms).of(0, "", "phone", chance)
    assert weights[arm - 1] > 0
    assert to.bare == str(arm - 1).encode()


@given(opens=st.integers(0, 100), length=st.integers(1, 100), at=st.integers(0, 250))
def test_outside_of_its_time_no_rule_and_no_chance_decides(opens: int, length: int, at: int) -> None:
    span = Span(opens_ms=opens, closes_ms=opens + length)
    made = [Rule(devices=frozenset(("phone",)), to=OTHER)]
    choices = Choices(usual=USUAL, closed=CLOSED, span=span, rules=made)
    inside = opens <= at < opens + length
    assert choices.of(at, "", "phone", 0) == (0, OTHER if inside else CLOSED)


@given(at=st.integers(0, 400))
def test_a_link_that_has_ended_leads_where_another_does_as_long_as_that_one_is_open(at: int) -> None:
    span, theirs = Span(opens_ms=100, closes_ms=200), Span(opens_ms=150, closes_ms=300)
    choices = Choices(usual=USUAL, closed=CLOSED, span=span, instead=(theirs, OTHER))
    expected = USUAL if 100 <= at < 200 else OTHER if 200 <= at < 300 else CLOSED
    assert choices.of(at, "", "phone", 0)[1] is expected
    assert Span().holds(NEVER - 1)


def test_visitors_are_spread_over_the_arms_and_independently_over_links() -> None:
    visitors = [random.Random(number).randbytes(8) for number in range(4000)]
    drawn = [(point(each, 1) % 2, point(each, 2) % 2) for each in visitors]
    assert drawn == [(point(each, 1) % 2, point(each, 2) % 2) for each in visitors]
    # Five standard deviations of a fair draw are 0.137.
    assert all(0.20 < times / len(visitors) < 0.30 for times in Counter(drawn).values())
