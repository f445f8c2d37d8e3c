"""Lengths as networks count them, and cuts that leave whole words and whole characters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from social import graphemes
from social.graphemes import Unit

FAMILY = "👩‍👩‍👧‍👦"
FLAG = "🇫🇷"


@pytest.mark.parametrize(
    "cluster",
    [FAMILY, FLAG, "👍🏽", "❤️", "1️⃣", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "e\u0301", "क्षि", "กำ", "\r\n", "한", "각"],
    ids=[
        "family",
        "flag",
        "skin",
        "heart",
        "keycap",
        "scotland",
        "accent",
        "conjunct",
        "thai",
        "crlf",
        "hangul",
        "jamo",
    ],
)
def test_what_a_person_sees_as_one_character_is_one(cluster: str) -> None:
    assert graphemes.clusters(f"a{cluster}b") == ["a", cluster, "b"]


def test_flags_in_a_row_are_told_apart() -> None:
    assert graphemes.clusters("🇫🇷🇩🇪🇮🇹") == ["🇫🇷", "🇩🇪", "🇮🇹"]


@pytest.mark.parametrize(
    ("text", "unit", "length"),
    [
        ("été 👍", "characters", 5),
        ("été 👍", "utf16", 6),
        ("été 👍", "bytes", 10),
        ("hello", "weighted", 5),
        ("日本", "weighted", 4),
        (FAMILY, "weighted", 2),
        ("see https://example.com/a/very/long/address?with=parameters", "weighted", 27),
    ],
)
def test_each_network_counts_in_its_own_unit(text: str, unit: Unit, length: int) -> None:
    assert graphemes.length(text, unit) == length


def test_a_text_that_fits_is_left_alone() -> None:
    assert graphemes.cut("Bougie Ambre", 12) == "Bougie Ambre"


def test_a_cut_ends_at_a_word() -> None:
    assert graphemes.cut("Une bougie coulée à la main", 18) == "Une bougie coulée…"
    assert graphemes.cut("Une bougie, coulée à la main", 13) == "Une bougie…"


def test_a_price_is_not_cut_from_its_sign() -> None:
    assert graphemes.cut("Bougie 19,90\u00a0€ en stock", 14) == "Bougie…"


def test_one_long_word_is_cut_between_characters() -> None:
    assert graphemes.cut(FAMILY * 5, 20) == FAMILY * 2 + "…"
    assert graphemes.cut(FAMILY, 3) == ""


@given(st.text(max_size=80), st.integers(0, 60), st.sampled_from(["characters", "utf16", "bytes", "weighted"]))
def test_a_cut_always_fits_and_keeps_whole_characters(text: str, most: int, unit: Unit) -> None:
    found = graphemes.cut(text.encode("utf-8", "ignore").decode(), most, unit)
    assert graphemes.length(found, unit) <= most
    whole = graphemes.clusters(text.encode("utf-8", "ignore").decode().strip())
    kept = graphemes.clusters(found.removesuffix("…"))
    assert kept == whole[: len(kept)]
