"""Lines are put in order as the Unicode Bidirectional Algorithm says."""

import ctypes
import unicodedata
from ctypes.util import find_library

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.typesetting import bidi

# Capitals stand for Hebrew letters, as in the examples of UAX #9.
HEBREW = {chr(ord("A") + number): chr(0x5D0 + number) for number in range(26)}
FRIBIDI = ctypes.CDLL(find_library("fribidi") or "libfribidi.so.0")
ALPHABET = "abאבגسل12٥٩ ()[]{}.,:/+-€$₪%!\u200f\u200e\u061c،«»🎉"


def hebrew(text: str) -> str:
    return "".join(HEBREW.get(char, char) for char in text)


def seen(text: str, *, rtl: bool) -> str:
    """The line as it looks, mirrored brackets turned, Hebrew shown as capitals."""
    real = hebrew(text)
    levels = bidi.levels(real, rtl=rtl)
    mirrored = {"(": ")", ")": "(", "[": "]", "]": "["}
    return "".join(
        mirrored.get(text[number], text[number]) if levels[number] % 2 else text[number]
        for number in bidi.visual(levels)
    )


@pytest.mark.parametrize(
    ("text", "rtl", "looks"),
    [
        ("robe", False, "robe"),
        ("WXYZ", True, "ZYXW"),
        ("WXYZ 12 ABC", True, "CBA 12 ZYXW"),
        ("WXY chanel ABC", True, "CBA chanel YXW"),
        ("robe WXYZ ABC", False, "robe CBA ZYXW"),
        ("WXYZ (ABC)", True, "(CBA) ZYXW"),
        ("robe (WXYZ)", False, "robe (ZYXW)"),
        ("WXYZ (robe) ABC", True, "CBA (robe) ZYXW"),
        ("WX: ₪ 129.90!", True, "!129.90 ₪ :XW"),
        ("WX ₪129.90", True, "₪129.90 XW"),
        ("WX 129.90₪", True, "129.90₪ XW"),
        ("WX 1,299.00 - 50%", True, "50% - 1,299.00 XW"),
        ("₪ 129.90", False, "₪ 129.90"),
        ("WX 10-20", True, "10-20 XW"),
        ("a WX, YZ b", False, "a ZY ,XW b"),
        ("WXYZ!", False, "ZYXW!"),
        ("WXYZ!", True, "!ZYXW"),
        ("", True, ""),
    ],
)
def test_hebrew_prices_brands_and_brackets_are_read_as_they_should(text: str, rtl: bool, looks: str) -> None:
    assert seen(text, rtl=rtl) == looks


def test_arabic_turns_the_order_of_two_numbers_around_a_hyphen() -> None:
    order = bidi.visual(bidi.levels("سعر 10-20", rtl=True))
    assert "".join("سعر 10-20"[number] for number in order) == "20-10 رعس"


def test_a_number_after_an_arabic_word_of_the_line_before_is_one_of_arabic() -> None:
    paragraph = "تخفیف ۲۰٪ تابستان"
    whole = bidi.levels(paragraph, rtl=True)
    assert bidi.in_line(paragraph[6:], paragraph[:6], "", rtl=True) == whole[6:]
    assert bidi.levels(paragraph[6:], rtl=True) != whole[6:]


@given(st.text(ALPHABET, max_size=12), st.text(ALPHABET, max_size=12), st.booleans())
def test_a_line_is_ordered_as_its_paragraph_is_but_for_the_blanks_at_its_end(text: str, rest: str, rtl: bool) -> None:
    line = text.rstrip() + "a"
    assert bidi.in_line(line, rest, "", rtl=rtl) == bidi.levels(rest + line, rtl=rtl)[len(rest) :]


def reference(text: str, *, rtl: bool) -> list[int]:
    """The levels that FriBiDi finds, which the system brings for HarfBuzz' sake."""
    count = len(text)
    points, kinds, brackets = ((ctypes.c_uint32 * count)() for _ in range(3))
    levels, base = (ctypes.c_int8 * count)(), ctypes.c_uint32(0x111 if rtl else 0x110)
    points[:] = [ord(char) for char in text]
    FRIBIDI.fribidi_get_bidi_types(points, count, kinds)
    FRIBIDI.fribidi_get_bracket_types(points, count, kinds, brackets)
    FRIBIDI.fribidi_get_par_embedding_levels_ex(kinds, brackets, count, ctypes.byref(base), levels)
    found = list(levels)
    for number in range(count - 1, -1, -1):
        if unicodedata.bidirectional(text[number]) not in ("WS", "S", "B"):
            break
        found[number] = int(rtl)
    return found


@settings(max_examples=2000, deadline=None)
@given(st.text(ALPHABET, min_size=1, max_size=16), st.booleans())
def test_any_line_stands_in_the_order_that_fribidi_gives_it(text: str, rtl: bool) -> None:
    ours, theirs = bidi.levels(text, rtl=rtl), reference(text, rtl=rtl)
    assert [level % 2 for level in ours] == [level % 2 for level in theirs]
    assert bidi.visual(ours) == bidi.visual(theirs)


def test_marks_and_joiners_stay_with_their_letter() -> None:
    text = "שָׁל\u200dום a"
    levels = bidi.levels(text, rtl=False)
    assert levels == [1] * (len(text) - 2) + [0, 0]


def test_brackets_that_nest_deeper_than_the_standard_goes_end_at_once() -> None:
    assert len(bidi.levels("א" + "(" * 5000 + ")" * 5000, rtl=True)) == 10001
