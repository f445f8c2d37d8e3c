"""The fonts that ship with the house, and which of them can draw a text."""

import re
import unicodedata
from functools import cache, lru_cache
from typing import Literal

import fontpkg_inter  # type: ignore[import-untyped]  # The font packages ship no types.
import fontpkg_noto_sans  # type: ignore[import-untyped]  # The font packages ship no types.
import fontpkg_playfair_display  # type: ignore[import-untyped]  # The font packages ship no types.
from PIL import ImageFont

Family = Literal["display", "text", "world"]

_FILES = {
    "display": fontpkg_playfair_display.ROOT / "files" / "PlayfairDisplay[wght].ttf",
    "text": fontpkg_inter.ROOT / "files" / "Inter[opsz,wght].ttf",
    "world": fontpkg_noto_sans.ROOT / "files" / "NotoSans[wdth,wght].ttf",
}
_FALLBACKS: dict[Family, tuple[Family, ...]] = {
    "display": ("display", "world"),
    "text": ("text", "world"),
    "world": ("world",),
}
_PROBE = 32
_MISSING = "\U0010fffe"
# Joiners, direction marks and variation selectors draw nothing themselves but steer the shaping.
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufe00-\ufe0f]")
SMALLEST, LARGEST = 8, 400


@lru_cache(maxsize=256)
def load(family: Family, weight: int, size: int) -> ImageFont.FreeTypeFont:
    """A font at a weight of 100..900 and a size in pixels, which is held within 8..400."""
    font = ImageFont.truetype(_FILES[family], min(max(size, SMALLEST), LARGEST))
    values: list[float] = []
    for axis in font.get_variation_axes():
        label = (axis["name"] or b"").decode("ascii", "replace").lower()
        wanted = {"weight": float(weight), "optical size": float(size)}.get(label, float(axis["default"] or 0))
        values.append(min(max(wanted, float(axis["minimum"] or 0)), float(axis["maximum"] or wanted)))
    font.set_variation_by_axes(values)
    return font


def pick(family: Family, text: str) -> tuple[Family, str, int]:
    """The font that can draw the text, the text without what no font has, and how many characters that were.

    The wished family if it has every character, else the first fallback that has, else the one that has most.
    """
    best: tuple[Family, str, int] = (family, "", len(text) + 1)
    for each in _FALLBACKS[family]:
        drawable = "".join(char for char in text if covers(each, char))
        missing = len(text) - len(drawable)
        if missing < best[2]:
            best = (each, " ".join(drawable.split(" ")).strip(), missing)
    return best


@lru_cache(maxsize=8192)
def covers(family: Family, char: str) -> bool:
    """Whether the family has a glyph for this character: what is missing draws the same box as a noncharacter."""
    if char.isspace() or _INVISIBLE.match(char) or unicodedata.combining(char):
        return True
    font = load(family, 400, _PROBE)
    mask = font.getmask(char)
    return (mask.size, bytes(mask)) != _notdef(family)


@cache
def _notdef(family: Family) -> tuple[tuple[int, int], bytes]:
    mask = load(family, 400, _PROBE).getmask(_MISSING)
    return mask.size, bytes(mask)
