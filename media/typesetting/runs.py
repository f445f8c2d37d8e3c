"""One line of text: taken apart into runs of one font and one direction, put in order from left to right, measured.

HarfBuzz shapes one run at a time, so the order of the runs is ours to find (`media/typesetting/bidi.py`).
"""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from math import ceil, floor
from typing import Literal, TypedDict

import msgspec
from PIL import ImageDraw

from media.palette import Rgb
from media.typesetting import bidi, fonts, words
from media.typesetting.fonts import Family

# Scripts whose letters stand apart; others join or stack them, and are not set letter by letter.
_APART = frozenset("LATIN CYRILLIC GREEK ARMENIAN GEORGIAN CJK HIRAGANA KATAKANA HANGUL".split()) | {""}

_EDGE = 0.5  # A glyph that begins between two pixels may touch one more than it does on its own.


class Cut(msgspec.Struct, frozen=True):
    """How letters are cut: the wished family, weight 100..900, size in pixels, language (BCP 47 or empty).

    `tracking` is the space between letters in sizes; scripts that join their letters go without.
    """

    family: Family
    weight: int
    size: int
    language: str = ""
    tracking: float = 0.0


class Run(msgspec.Struct, frozen=True):
    """Text of one font and one direction; `tracked` where its characters are set apart."""

    text: str
    family: Family
    rtl: bool
    tracked: bool


class Line(msgspec.Struct, frozen=True):
    """A line as it is drawn, all in pixels: runs from left to right, where each begins, the box of ink and advances.

    The box counts from the line's own left end and baseline; `top` is negative above it. `missing` are characters
    that no font has: they are left out.
    """

    runs: tuple[Run, ...]
    starts: tuple[float, ...]
    left: int
    top: int
    right: int
    bottom: int
    missing: int

    @property
    def width(self) -> int:
        """Pixels from the leftmost to the rightmost."""
        return self.right - self.left


@lru_cache(maxsize=2048)
def lay(text: str, cut: Cut, *, rtl: bool, before: str = "", after: str = "") -> Line:
    """Set one line; `rtl` is the direction that its paragraph runs in, `before` and `after` the rest of that."""
    pieces, missing = _itemised(text, cut)
    own = "".join(character[0] for character, _ in pieces)
    levels = bidi.in_line(own, _leading(before), _leading(after), rtl=rtl)
    grouped: list[tuple[str, Family, int]] = []
    for (character, family), level in zip(pieces, levels, strict=True):
        if grouped and grouped[-1][1:] == (family, level):
            grouped[-1] = (grouped[-1][0] + character, family, level)
        else:
            grouped.append((character, family, level))
    runs: list[Run] = []
    starts: list[float] = []
    x, left, top, right, bottom = 0.0, 0, 0, 0, 0
    for number in bidi.visual([level for _, _, level in grouped]):
        piece, family, level = grouped[number]
        run = _run(piece, family, cut, rtl=bool(level % 2))
        box = _box(run, cut)
        left, top = min(left, floor(x + box[0])), min(top, box[1])
        right, bottom = max(right, ceil(x + box[2] + _EDGE)), max(bottom, box[3])
        runs.append(run)
        starts.append(x)
        x += _advance(run, cut)
    if cut.tracking and runs and runs[-1].tracked:
        x -= cut.tracking * cut.size
    return Line(tuple(runs), tuple(starts), left, top, max(right, round(x)), bottom, missing)


def lay_all(lines: Sequence[str], cut: Cut, *, rtl: bool, around: tuple[str, str] = ("", "")) -> list[Line]:
    """Set the lines of one paragraph, or of a part of one that has text around it."""
    if not bidi.has_right_to_left("".join((*lines, *around))):
        return [lay(line, cut, rtl=rtl) for line in lines]
    before, after = around
    return [
        lay(
            line,
            cut,
            rtl=rtl,
            before=before + "".join(f"{each} " for each in lines[:number]),
            after="".join(f" {each}" for each in lines[number + 1 :]) + after,
        )
        for number, line in enumerate(lines)
    ]


def draw(pen: ImageDraw.ImageDraw, line: Line, cut: Cut, place: tuple[float, int], colour: Rgb) -> None:
    """Draw a line with its left end and baseline at a place."""
    for run, start in zip(line.runs, line.starts, strict=True):
        font = fonts.load(run.family, cut.weight, cut.size)
        baseline = place[1] - _lift(run, cut)
        x = place[0] + start
        for part in _parts(run):
            pen.text((x, baseline), part, font=font, fill=colour, anchor="ls", **_shaping(run, cut))
            x += _length(part, run, cut) + cut.tracking * cut.size


def measure(text: str, cut: Cut) -> float:
    """About how many pixels a text is wide: right for what is set in one font, near enough for the rest."""
    pieces, _ = _itemised(text, cut)
    total, start = 0.0, 0
    for end in range(1, len(pieces) + 1):
        if end == len(pieces) or pieces[end][1] != pieces[start][1]:
            joined, family = "".join(each for each, _ in pieces[start:end]), pieces[start][1]
            total += _advance(_run(joined, family, cut, rtl=False), cut)
            start = end
    return total


def _leading(text: str) -> str:
    """The code points that tell the direction of each character."""
    return "".join(character[0] for character in words.characters(text))


def _run(piece: str, family: Family, cut: Cut, *, rtl: bool) -> Run:
    return Run(piece, family, rtl, bool(cut.tracking) and not rtl and _stands_apart(piece))


def _stands_apart(piece: str) -> bool:
    return all(words.script(char) in _APART or unicodedata.combining(char) for char in piece)


@lru_cache(maxsize=512)
def _itemised(text: str, cut: Cut) -> tuple[list[tuple[str, Family]], int]:
    """Each character with the font that draws it, and how many no font has."""
    found: list[tuple[str, Family | None]] = []
    missing = 0
    for character, letters in words.spelled(text):
        family = fonts.spelling(cut.family, letters, cut.language) if letters else None
        family = family or fonts.drawing(cut.family, character, cut.language)
        if family is None:
            missing += 1
            continue
        found.append((character, None if _follows(character) else family))
    return _settled(found, cut), missing


def _settled(found: list[tuple[str, Family | None]], cut: Cut) -> list[tuple[str, Family]]:
    """Blanks and punctuation take the font of the letters they stand by: a bracket that of what it opens."""
    settled: list[tuple[str, Family]] = []
    for number, (character, family) in enumerate(found):
        chosen = family
        if chosen is None:
            ahead = settled[-1][1] if settled else None
            behind = next((each for _, each in found[number + 1 :] if each is not None), None)
            sides = (behind, ahead) if words.opens(character) else (ahead, behind)
            near = (side for side in sides if side not in (None, "emoji") and fonts.covers(side, character))
            chosen = next(near, None) or fonts.drawing(cut.family, character, cut.language) or cut.family
        settled.append((character, chosen))
    return settled


def _follows(character: str) -> bool:
    return words.is_punctuation(character) and not words.is_emoji(character)


class _Shaping(TypedDict, total=False):
    direction: Literal["ltr", "rtl"]
    language: str
    features: list[str]


def _shaping(run: Run, cut: Cut) -> _Shaping:
    """What HarfBuzz is told; nothing where it is not there to be told."""
    if not fonts.shapes():
        return {}
    told: _Shaping = {"direction": "rtl" if run.rtl else "ltr", "features": list(fonts.face(run.family).features)}
    return {**told, "language": cut.language} if cut.language else told


@lru_cache(maxsize=8192)
def _length(text: str, run: Run, cut: Cut) -> float:
    font = fonts.load(run.family, cut.weight, cut.size)
    return float(font.getlength(text, **_shaping(run, cut)))


@lru_cache(maxsize=8192)
def _advance(run: Run, cut: Cut) -> float:
    if not run.tracked:
        return _length(run.text, run, cut)
    return sum(_length(each, run, cut) + cut.tracking * cut.size for each in words.characters(run.text))


@lru_cache(maxsize=8192)
def _box(run: Run, cut: Cut) -> tuple[float, int, float, int]:
    """The box of a run's ink and advance, from its left end and the baseline of the line."""
    font, lift = fonts.load(run.family, cut.weight, cut.size), _lift(run, cut)
    boxes, x = [], 0.0
    for part in _parts(run):
        left, top, right, bottom = font.getbbox(part, anchor="ls", **_shaping(run, cut))
        boxes.append((x + left, int(top) - lift, x + right, int(bottom) - lift))
        x += _length(part, run, cut) + cut.tracking * cut.size
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def _parts(run: Run) -> tuple[str, ...]:
    """What of a run is drawn at once: each character where they stand apart."""
    return words.characters(run.text) if run.tracked else (run.text,)


def _lift(run: Run, cut: Cut) -> int:
    return round(fonts.face(run.family).lift * cut.size)
