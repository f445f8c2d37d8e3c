"""Ids: prefixed, ordered by time, of one shape."""

import re

import pytest

from core import ids


def test_ids_sort_by_the_time_of_their_making() -> None:
    made = [ids.new("prod") for _ in range(2000)]
    assert len(set(made)) == 2000
    assert made == sorted(made)


def test_networks_feeds_take_them() -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,50}", ids.new("oline"))


def test_a_fresh_id_has_the_shape_of_its_prefix_and_of_no_other() -> None:
    made = ids.new("prod")
    assert ids.is_id(made, "prod")
    assert not ids.is_id(made, "pro")
    assert not ids.is_id(made, "var")


@pytest.mark.parametrize(
    "text",
    ["", "prod", "prod_", "prod_01", "prod_" + "0" * 25, "prod_" + "0" * 27, "prod_" + "i" * 26, "PROD_" + "0" * 26,
     "prod_" + "0" * 26 + "\n", "prod_8" + "0" * 25, "prod_" + "０" * 26, "prod_" + "0" * 25 + "A"],
)  # fmt: skip
def test_what_was_never_an_id_has_not_its_shape(text: str) -> None:
    assert not ids.is_id(text, "prod")
