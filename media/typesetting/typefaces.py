"""Fonts that shops bring: looked at from outside, then tried in a picture child before anything is drawn with them.

What comes is sniffed, never believed by its name. A file that passes has whole tables, letters that can be drawn and
metrics of a font; one that makes FreeType or HarfBuzz fail, crash or run on ends with its child, as a refusal.
"""

import re
import struct
from typing import Final

import msgspec
from PIL import ImageFont

from media.errors import FontRefused, FontTooLarge, FontTypeUnsupported, FontUnreadable
from media.typesetting import fonts, sfnt, words
from media.typesetting.fonts import Family
from media.typesetting.sfnt import Damaged

MAX_BYTES: Final = 20 * 2**20  # Noto Sans of Japanese or Chinese has 5 to 18 MB.
ACCEPTED: Final = ("TrueType", "OpenType", "WOFF", "WOFF2")
_MAX_UNPACKED = MAX_BYTES
_NEEDED = (b"cmap", b"head", b"hhea", b"hmtx", b"maxp")
_OUTLINES = (b"glyf", b"CFF ", b"CFF2")
_MAGIC = 0x5F0F3CF5
_TRIED = 400  # Characters that are drawn, spread over all that the font has.
_FEWEST = 10
_WIDEST = 8.0  # Of a letter, in sizes; no typeface of this world comes near.
_SIZES = (16, 68, 160)
_RESTRICTED = 0x0002  # OS/2 fsType: may not be embedded without leave of its owner.
_LETTERS = {
    "Latin": "aeghn",
    "Cyrillic": "аежщ",
    "Greek": "αδσω",
    "Arabic": "ابسم",
    "Hebrew": "אבשם",
    "Devanagari": "कमस",
    "Thai": "กทส",
    "Japanese": "あアの",
    "Chinese": "的中国",
    "Korean": "가한국",
}


class Typeface(msgspec.Struct, frozen=True):
    """A font that can be drawn with: its own name, the range of its weights (both the same where it has one), the
    scripts of which it has the common letters, whether its maker forbids embedding, and the family's name here.
    """

    family: Family
    name: str
    lightest: int
    boldest: int
    scripts: tuple[str, ...]
    restricted: bool


def sift(data: bytes) -> None:
    """What can be told of a file by its first bytes. Refuses FontTooLarge and FontTypeUnsupported."""
    if len(data) > MAX_BYTES:
        raise FontTooLarge(
            f"The font has {len(data)} bytes, {MAX_BYTES} are allowed.", bytes=len(data), maximum=MAX_BYTES
        )
    found = sfnt.kind(data)
    if found in ("", "collection"):
        words_ = "This is a collection of fonts: send one of them." if found else "This is no font."
        raise FontTypeUnsupported(words_, found=found or None, accepted=list(ACCEPTED))
    if found in ("woff", "woff2") and int.from_bytes(data[16:20], "big") > _MAX_UNPACKED:
        raise FontTooLarge("The font is too large when unpacked.", maximum=_MAX_UNPACKED)


def check(data: bytes) -> Typeface:
    """What the font of these bytes is. For picture children only: the bytes may be hostile.

    Refuses FontTooLarge, FontTypeUnsupported and FontUnreadable.
    """
    sift(data)
    restricted = _sound(data) if sfnt.kind(data) == "sfnt" else False
    family = fonts.register(data)
    try:
        return _tried(family, restricted)
    except FontRefused:
        raise
    except Exception as error:  # A damaged font makes Pillow raise nearly anything, a KeyError of an axis among it.
        raise FontUnreadable("Nothing can be drawn with this font.", reason=type(error).__name__) from error


def _sound(data: bytes) -> bool:
    """Whether the maker forbids embedding. Refuses FontUnreadable where tables are missing or contradict each other."""
    try:
        tables = sfnt.directory(data)
        missing = [tag.decode() for tag in _NEEDED if tag not in tables]
        if missing:
            raise Damaged(f"it has no table {missing[0]}")
        if not any(tag in tables for tag in _OUTLINES):
            raise FontTypeUnsupported("This font has no outlines, only pictures of letters.", found="bitmaps")
        head, maxp = sfnt.table(data, b"head"), sfnt.table(data, b"maxp")
        (magic,), (per_em,) = struct.unpack_from(">I", head, 12), struct.unpack_from(">H", head, 18)
        (glyphs,) = struct.unpack_from(">H", maxp, 4)
        (metrics,) = struct.unpack_from(">H", sfnt.table(data, b"hhea"), 34)
        if magic != _MAGIC or not 16 <= per_em <= 16384 or not 0 < metrics <= glyphs:
            raise Damaged("its head contradicts itself")
        if len(sfnt.table(data, b"hmtx")) < 2 * glyphs + 2 * metrics:
            raise Damaged("it has fewer widths than glyphs")
        sfnt.coverage(sfnt.table(data, b"cmap"))
        (kind,) = struct.unpack_from(">H", sfnt.table(data, b"OS/2").ljust(10, b"\0"), 8)
    except (Damaged, struct.error) as error:
        raise FontUnreadable(f"The font is damaged: {error}.", reason="damaged") from error
    return bool(kind & _RESTRICTED)


def _tried(family: Family, restricted: bool) -> Typeface:
    """Draw with it: some letters of everything it has, in the sizes and weights of templates."""
    letters = _some(family)
    if len(letters) < _FEWEST:
        raise FontUnreadable(f"The font has {len(letters)} characters only.", reason="empty")
    lightest, boldest = _weights(family)
    for size in _SIZES:
        for weight in {lightest, boldest}:
            font = fonts.load(family, weight, size)
            for letter in letters:
                _measured(font, letter, size)
            _measured(font, "".join(letters[:40]), size)
    scripts = tuple(name for name, some in _LETTERS.items() if all(fonts.covers(family, char) for char in some))
    name = fonts.load(family, 400, _SIZES[0]).getname()[0] or ""
    return Typeface(family, _plain(name) or "Font", lightest, boldest, scripts, restricted)


def _measured(font: ImageFont.FreeTypeFont, text: str, size: int) -> None:
    """Draw and measure; a glyph that is far larger than any letter is a trap."""
    left, top, right, bottom = font.getbbox(text, anchor="ls")
    most = _WIDEST * size * len(text)
    if max(-left, right, -top, bottom, font.getlength(text)) > most:
        raise FontUnreadable("The font has letters of absurd sizes.", reason="metrics")
    font.getmask(text)


def _some(family: Family) -> list[str]:
    """Characters to try: the commonest of each script, and others spread over all that the font has."""
    common = [char for some in _LETTERS.values() for char in some] + list("0123456789€.,-HÉÅjgQ")
    covered = fonts.coverage(family)
    spread: list[str] = []
    if isinstance(covered, sfnt.Coverage):
        step = max(1, len(covered) // _TRIED)
        codes = (
            code for start, end in zip(covered.starts, covered.ends, strict=True) for code in range(start, end + 1)
        )
        spread = [chr(code) for number, code in enumerate(codes) if number % step == 0 and not 0xD800 <= code < 0xE000]
    wanted = dict.fromkeys((*common, *spread[:_TRIED]))
    return [char for char in wanted if words.clean(char)[0] == char and fonts.covers(family, char)]


def _weights(family: Family) -> tuple[int, int]:
    for axis in fonts.axes(fonts.load(family, 400, _SIZES[0])):
        if (axis["name"] or b"").decode("ascii", "replace").lower() == "weight":
            low, high = (min(max(int(axis[end] or 400), 1), 1000) for end in ("minimum", "maximum"))
            return min(low, high), max(low, high)
    return 400, 400


def _plain(name: str) -> str:
    """A name without anything that could do harm where it is shown."""
    return re.sub(r"[^\w .,&'()+-]", "", words.clean(name)[0])[:80].strip()
