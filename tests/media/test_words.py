"""Texts of strangers are tamed, and characters are what readers take for one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.typesetting import words

ENGLAND = "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"


@pytest.mark.parametrize(
    ("text", "characters"),
    [
        ("été", ["é", "t", "é"]),
        ("e\u0301x", ["e\u0301", "x"]),
        ("👩‍👩‍👧‍👦!", ["👩‍👩‍👧‍👦", "!"]),
        ("👩🏽‍👩🏽‍👧🏽‍👦🏽", ["👩🏽‍👩🏽‍👧🏽‍👦🏽"]),
        ("🇫🇷🇩🇪🇮", ["🇫🇷", "🇩🇪", "🇮"]),
        ("👍🏽👍", ["👍🏽", "👍"]),
        ("1️⃣2", ["1️⃣", "2"]),
        (ENGLAND, [ENGLAND]),
        ("❤️‍🔥🎉", ["❤️‍🔥", "🎉"]),
        ("क्षत्रिय", ["क्ष", "त्रि", "य"]),
        ("ที่น้ำ", ["ที่", "น้ำ"]),
        ("שָׁלוֹם", ["שָׁ", "ל", "וֹ", "ם"]),
        ("한국\u1112\u1161\u11ab", ["한", "국", "\u1112\u1161\u11ab"]),
        ("ガ", ["ガ"]),
        ("a\u200d👦🏽", ["a\u200d", "👦🏽"]),
    ],
)  # fmt: skip
def test_a_character_is_what_a_reader_takes_for_one(text: str, characters: list[str]) -> None:
    assert list(words.characters(text)) == characters


@given(st.text(max_size=60))
def test_taking_apart_loses_nothing(text: str) -> None:
    assert "".join(words.characters(text)) == text


@pytest.mark.parametrize(
    ("given_", "cleaned"),
    [
        ("Robe\u202e 99,00 €\u202c", "Robe 99,00 €"),
        ("\u2067a\u2069b\u202ac", "abc"),
        ("a\tb\r\nc\u2028d", "a b  c d"),
        ("a\x00\x07b", "a  b"),
        ("co\u00adton", "coton"),
        ("a" + "\u200d" * 90 + "b", "a\u200db"),
        ("a\u200f\u200e\u200fb", "a\u200fb"),
        ("❤\ufe0f\u200d🔥" + "\u200d\ufe0f" * 50, "❤\ufe0f\u200d🔥\u200d"),
        ("x\ud800y", "xy"),
        ("e\u0301", "é"),
        ("a\U000e0061\U000e0062", "a"),
        ("\ufeffRobe", "Robe"),
    ],
)
def test_what_only_does_harm_is_gone(given_: str, cleaned: str) -> None:
    assert words.clean(given_) == (cleaned, 0, False)


def test_a_letter_keeps_four_marks_and_the_rest_are_counted() -> None:
    cleaned, dropped, cut = words.clean("x" + "\u0323" * 20)
    assert (cleaned, dropped, cut) == ("x" + "\u0323" * 4, 16, False)


def test_what_is_too_long_is_cut_between_two_characters() -> None:
    family = "👩‍👩‍👧"
    cleaned, _, cut = words.clean(family * 100)
    assert cut
    assert cleaned == family * (199 // len(family)) + "…"


@settings(max_examples=300)
@given(st.text(max_size=400))
def test_cleaning_twice_is_cleaning_once_and_keeps_the_length(text: str) -> None:
    once, _, _ = words.clean(text)
    assert len(once) <= 200
    assert words.clean(once)[0] == once


@pytest.mark.parametrize(
    ("character", "emoji"),
    [("🎉", True), ("❤️", True), ("❤", False), ("1️⃣", True), ("1", False), ("☎︎", False), ("⭐", True), ("©", False)],
)
def test_an_emoji_is_told_from_a_sign(character: str, emoji: bool) -> None:
    assert words.is_emoji(character) is emoji


@pytest.mark.parametrize(
    ("char", "script"),
    [("a", "LATIN"), ("щ", "CYRILLIC"), ("م", "ARABIC"), ("の", "HIRAGANA"), ("新", "CJK"), ("1", "")],
)
def test_a_letter_knows_its_script(char: str, script: str) -> None:
    assert words.script(char) == script


@pytest.mark.parametrize(
    ("text", "language", "capitals"),
    [
        ("Atelier Lumière", "fr", "ATELIER LUMIÈRE"),
        ("Işık dikiş", "tr", "IŞIK DİKİŞ"),
        ("dikiş", "de", "DIKIŞ"),
        ("Straße", "de", "STRASSE"),
        ("Εργαστήριο Χαΐνης", "el", "ΕΡΓΑΣΤΗΡΙΟ ΧΑΪΝΗΣ"),
        ("სახელოსნო", "ka", "სახელოსნო"),
        ("متجر चाँद", "ar", "متجر चाँद"),
    ],
)
def test_capitals_are_those_of_the_language(text: str, language: str, capitals: str) -> None:
    assert words.capitals(text, language) == capitals
