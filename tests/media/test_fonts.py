"""Which font draws what is read from the fonts themselves."""

import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.typesetting import fonts, sfnt
from media.typesetting.sfnt import Damaged


def drawn(font: str, char: str) -> tuple[tuple[int, int], bytes]:
    mask = fonts.load(font, 400, 32).getmask(char)
    return mask.size, bytes(mask)


@pytest.mark.parametrize("font", ["display", "text", "world", "hebrew", "arabic", "thai", "devanagari"])
def test_the_map_of_a_font_says_what_its_glyphs_say(font: str) -> None:
    covered = fonts.coverage(font)
    for char in "aéßжσאعกक漢₪€ﬁ½\u1e9e":
        assert (char in covered) is (drawn(font, char) != drawn(font, "\U0010fffe")), char


@pytest.mark.parametrize(
    ("wished", "character", "language", "font"),
    [
        ("display", "R", "", "display"),
        ("display", "щ", "", "display"),
        ("display", "א", "", "hebrew-display"),
        ("text", "א", "", "hebrew"),
        ("display", "₪", "", "hebrew-display"),
        ("text", "₪", "", "text"),
        ("display", "م", "", "arabic"),
        ("text", "ที่", "", "thai"),
        ("display", "क्ष", "", "devanagari"),
        ("text", "🎉", "", "emoji"),
        ("text", "⭐", "", "emoji"),
        ("text", "❤️", "", "emoji"),
        ("text", "★", "", "text"),
        ("display", "直", "ja", "cjk-jp"),
        ("display", "直", "ko", "cjk-kr"),
        ("display", "直", "zh", "cjk-sc"),
        ("display", "直", "zh-Hant", "cjk-tc"),
        ("display", "直", "zh_TW", "cjk-tc"),
        ("display", "直", "zh-Hant-HK", "cjk-hk"),
        ("display", "直", "", "cjk-sc"),
        ("display", "𒀀", "", None),
    ],
)
def test_the_right_font_steps_in(wished: str, character: str, language: str, font: str | None) -> None:
    assert fonts.drawing(wished, character, language) == font


def test_a_word_is_set_in_one_font() -> None:
    assert fonts.drawing("display", "π", "") == "display"
    assert fonts.spelling("display", "Χειροπίητ", "") == "world"


def test_texts_can_be_shaped_here() -> None:
    assert fonts.shapes()


def test_no_font_is_loaded_at_an_absurd_size() -> None:
    assert fonts.load("text", 400, 10**9).size == fonts.LARGEST


def cmap(*tables: tuple[int, int, bytes]) -> bytes:
    head, body, at = struct.pack(">HH", 0, len(tables)), b"", 4 + 8 * len(tables)
    for platform, encoding, table in tables:
        head += struct.pack(">HHI", platform, encoding, at + len(body))
        body += table
    return head + body


def groups(*each: tuple[int, int, int]) -> bytes:
    return struct.pack(">HHIII", 12, 0, 16 + 12 * len(each), 0, len(each)) + b"".join(
        struct.pack(">III", *g) for g in each
    )


def test_groups_are_read_and_glyph_nought_is_none() -> None:
    covered = sfnt.coverage(cmap((3, 10, groups((97, 99, 5), (100, 102, 0), (0x1F600, 0x1F601, 9)))))
    assert [char for char in "`abcdefg😀😁😂" if char in covered] == list("abcef😀😁")
    assert len(covered) == 7


def test_the_larger_map_is_taken() -> None:
    small = struct.pack(">HHHHHHH", 4, 32, 0, 4, 0, 0, 0) + struct.pack(
        ">HHHHHHHHH", 97, 0xFFFF, 0, 97, 0xFFFF, 1, 1, 0, 0
    )
    assert "a" in sfnt.coverage(cmap((3, 1, small)))
    assert "a" not in sfnt.coverage(cmap((3, 1, small), (3, 10, groups((98, 98, 1)))))


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"\0\0\0\1",
        cmap(),
        cmap((1, 0, groups((97, 97, 1)))),
        cmap((3, 10, b"\0\x0c\0\0")),
        cmap((3, 10, struct.pack(">HHIII", 12, 0, 16, 0, 2**32 - 1))),
        cmap((3, 1, struct.pack(">HHHHHHH", 4, 32, 0, 65535, 0, 0, 0))),
        cmap((3, 1, struct.pack(">HHHH", 4, 0, 0, 80) + b"\xff" * 6 + b"\xff\xff" * 40 + b"\0\0" + b"\0\0" * 120)),
    ],
)
def test_a_damaged_map_is_refused(damaged: bytes) -> None:
    with pytest.raises(Damaged):
        sfnt.coverage(damaged)


def outcome(read: Callable[[], object]) -> str:
    """Whether a font was read or refused; anything else is raised."""
    try:
        read()
    except Damaged:
        return "refused"
    return "read"


@given(st.binary(max_size=200))
def test_garbage_is_read_or_refused_but_nothing_else(data: bytes) -> None:
    assert outcome(lambda: sfnt.coverage(data)) in ("read", "refused")
    assert outcome(lambda: sfnt.directory(b"\0\1\0\0" + data)) in ("read", "refused")
    assert outcome(lambda: sfnt.directory(b"ttcf" + data)) in ("read", "refused")


def test_sizes_of_a_large_font_leave_room_for_pictures() -> None:
    assert "cjk-jp" in fonts.faces()
    lies_at = str(fonts.face("cjk-jp").source)
    for size in range(20, 90):
        fonts.load("cjk-jp", 400, size).getbbox("の")
    mapped = [line for line in Path("/proc/self/maps").read_text().splitlines() if line.endswith(lies_at)]
    assert 0 < len(mapped) <= 12
    assert fonts.load("cjk-jp", 400, 89) is fonts.load("cjk-jp", 400, 89)
