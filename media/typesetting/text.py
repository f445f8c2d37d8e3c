"""Words that fit: wrapped where their script lets them, shrunk to a stated minimum, cut with an ellipsis at the end."""

from itertools import pairwise
from typing import Literal

import msgspec
from PIL import ImageDraw

from media.palette import Rgb
from media.typesetting import bidi, breaking, fonts, runs, words
from media.typesetting.breaking import Piece
from media.typesetting.fonts import Family
from media.typesetting.runs import Cut, Line

_SHRINK = 0.93
_RIGHT_TO_LEFT = frozenset("ar arc ckb dv fa he iw ks ps sd syr ug ur yi".split())
_WORDS_WHOLE = 0.85  # Type of this share of its size may divide Chinese and Japanese words, rather than shrink more.
_BEARINGS = 0.05  # By which a line's pieces may be longer than its ink, in sizes.
_AIR = 0.05  # Between the lowest mark of a line and the highest of the next, in sizes.

Align = Literal["start", "left", "centre", "right"]


class Style(msgspec.Struct, frozen=True):
    """How a text is set. Sizes are pixels of the type; `leading` is the distance of two baselines in sizes."""

    family: Family
    weight: int
    size: int
    smallest: int
    lines: int
    leading: float = 1.16
    tracking: float = 0.0


class Fitted(msgspec.Struct, frozen=True):
    """A text that fits its room: lines, how they are cut, its extent in pixels, ink and all.

    `missing` counts the characters that no font has; `cut` says that an ellipsis stands for the rest. `above` is from
    the top of the block to the first baseline, `pitch` between two baselines, `below` from the last one to the bottom;
    0 is what suits capitals. `flow` is the direction of the whole text, of which lines may show a part; `around`
    is what stands before and after the lines in their paragraph, where `split` has parted them.
    """

    lines: tuple[str, ...]
    family: Family
    weight: int
    size: int
    leading: float
    tracking: float
    width: int
    missing: int
    cut: bool
    language: str = ""
    above: int = 0
    pitch: int = 0
    below: int = 0
    flow: Literal["", "ltr", "rtl"] = ""
    around: tuple[str, str] = ("", "")

    @property
    def rtl(self) -> bool:
        """Whether the text runs from right to left: its first letter with a direction says so (UAX #9, P2 and P3).

        In a language that runs from right to left any of its letters does, wherever it stands: a title that begins
        with a brand in Latin letters is still one of that language. So does a text without letters, such as a price.
        """
        return self.flow == "rtl" if self.flow else direction(" ".join(self.lines), self.language)

    @property
    def line_height(self) -> int:
        """Pixels from one baseline to the next."""
        return self.pitch or round(self.size * self.leading)

    @property
    def ascent(self) -> int:
        """Pixels from the top of the block to the first baseline: capitals and a little air, or more for high marks."""
        return self.above or round(self.size * 0.78)

    @property
    def descent(self) -> int:
        """Pixels from the last baseline to the bottom of the block."""
        return self.below or round(self.size * 0.24)

    @property
    def height(self) -> int:
        """Pixels from above the first line's capitals and marks to below the last line's descenders."""
        if not self.lines:
            return 0
        return self.ascent + self.line_height * (len(self.lines) - 1) + self.descent

    def split(self) -> list["Fitted"]:
        """Each line as a text of its own, as wide as it is, ordered and drawn as among the others."""
        found = []
        for number, line in enumerate(self._laid()):
            before = "".join(f"{each} " for each in self.lines[:number])
            after = "".join(f" {each}" for each in self.lines[number + 1 :])
            around = self.around[0] + before, after + self.around[1]
            alone = (self.lines[number],)
            found.append(msgspec.structs.replace(self, lines=alone, width=line.width, around=around))
        return found

    def left_in(self, left: int, width: int, align: Align = "start") -> int:
        """Where the block lies in a room from `left`, `width` pixels wide; `start` is where its reader begins."""
        spare = width - self.width
        return left + {"left": 0, "centre": spare // 2, "right": spare}[self._side(align)]

    def draw(self, pen: ImageDraw.ImageDraw, left: int, top: int, colour: Rgb, *, align: Align = "start") -> None:
        """Draw with the block's upper left corner at `left`, `top`; its lines lie in its width as `align` says."""
        cut, side = self._cut(), self._side(align)
        for number, line in enumerate(self._laid()):
            spare = self.width - line.width
            x = left - line.left + {"left": 0, "centre": spare // 2, "right": spare}[side]
            runs.draw(pen, line, cut, (x, top + self.ascent + number * self.line_height), colour)

    def _laid(self) -> list[Line]:
        return runs.lay_all(self.lines, self._cut(), rtl=self.rtl, around=self.around)

    def _cut(self) -> Cut:
        return Cut(self.family, self.weight, self.size, self.language, self.tracking)

    def _side(self, align: Align) -> Literal["left", "centre", "right"]:
        if align != "start":
            return align
        return "right" if self.rtl else "left"


def direction(text: str, language: str = "") -> bool:
    """Whether a text runs from right to left; see `Fitted.rtl`."""
    strong = bidi.first_strong(text)
    if language.lower().replace("_", "-").split("-")[0] in _RIGHT_TO_LEFT:
        return not strong or bidi.has_right_to_left(text)
    return strong == "R"


def fit(text: str, style: Style, width: int, height: int, *, language: str = "") -> Fitted:
    """Set a text in a room of `width` x `height` pixels, as large as it fits, in lines of about equal length.

    `language` (BCP 47) chooses between the forms that a font has of one character, and where lines may end.

    The type shrinks from `style.size` to `style.smallest`; what does not fit then is broken inside words and, at the
    end, cut. No ink is ever outside the room; a room too small for one line gives no lines.
    """
    cleaned, dropped, shortened = words.clean(text)
    drawable, missing = _drawable(cleaned, style.family, language)
    parts, fine = (breaking.pieces(drawable, language, fine=each) for each in (False, True))
    rtl = direction(drawable, language)
    size, whole = float(style.size), 0.0
    while True:
        setting = _Setting(style, max(round(size), style.smallest), language, rtl)
        whole = whole or sum(setting.length(part.text) for part in parts) / setting.size
        # Far too much for the room at this size: not worth a try.
        if whole * setting.size <= width * style.lines * 1.1 + 1:
            fitted = setting.try_in(parts, width, height)
            if fitted is None and fine != parts and size < style.size * _WORDS_WHOLE:
                fitted = setting.try_in(fine, width, height)
            if fitted is not None:
                return setting.told(fitted, missing + dropped, shortened)
        if size <= style.smallest:
            break
        size *= _SHRINK
    fitted, lost = setting.forced(fine, width, height)
    return setting.told(fitted, missing + dropped, shortened or lost)


def _drawable(text: str, family: Family, language: str) -> tuple[str, int]:
    """The text without what no font has, and how many characters that were."""
    kept = [each for each in words.characters(text) if fonts.drawing(family, each, language)]
    return " ".join("".join(kept).split(" ")).strip(), len(words.characters(text)) - len(kept)


class _Setting:
    """One size of the type, and what lines it makes of pieces."""

    def __init__(self, style: Style, size: int, language: str, rtl: bool) -> None:
        self.style, self.size, self.rtl = style, size, rtl
        self.cut = Cut(style.family, style.weight, size, language, style.tracking)
        self.lengths: dict[str, float] = {}

    def length(self, text: str) -> float:
        """About how many pixels a piece takes."""
        if text not in self.lengths:
            self.lengths[text] = runs.measure(text, self.cut)
        return self.lengths[text]

    def line(self, text: str) -> Line:
        """A line as it will be drawn."""
        return runs.lay(text, self.cut, rtl=self.rtl)

    def try_in(self, parts: list[Piece], width: int, height: int) -> Fitted | None:
        """The text in the room, or None when it does not fit at this size."""
        narrow = (
            width + 1 + round(self.size * _BEARINGS)
        )  # A line that was measured once has to fit into its own width.
        for _ in range(4):
            lines = self.wrap(parts, narrow)
            if lines is None or len(lines) > self.style.lines:
                return None
            outcomes = [self.fitted(each) for each in (self.balanced(parts, lines, narrow), lines)]
            found = next((each for each in outcomes if each.width <= width and each.height <= height), None)
            if found is not None or outcomes[-1].width <= width:
                return found
            # Pieces are measured one by one; what their letters reach out into the margin shows in the line only.
            narrow -= outcomes[-1].width - width
        return None

    def wrap(self, parts: list[Piece], width: int) -> list[str] | None:
        """Lines no wider than `width` by the lengths of their pieces, or None when one piece alone is wider."""
        lines: list[str] = []
        taken = 0.0
        for part in parts:
            own = self.length(part.text)
            wider = taken + (self.length(part.gap) if part.gap else 0.0) + own
            if lines and wider <= width:
                lines[-1] += part.gap + part.text
                taken = wider
            elif own <= width:
                lines.append(part.text)
                taken = own
            else:
                return None
        return lines

    def balanced(self, parts: list[Piece], lines: list[str], width: int) -> list[str]:
        """The same number of lines in the narrowest column that holds them: no lonely last word."""
        narrow, wide, best = 0, width, lines
        while len(lines) > 1 and wide - narrow > 4:
            middle = (narrow + wide) // 2
            tried = self.wrap(parts, middle)
            if tried is not None and len(tried) == len(lines):
                best, wide = tried, middle
            else:
                narrow = middle
        return best

    def forced(self, parts: list[Piece], width: int, height: int) -> tuple[Fitted, bool]:
        """Long pieces broken, the lines kept that fit, the last of them ended with an ellipsis; whether it was."""
        broken, lost = self.broken(parts, width)
        lines = self.wrap(broken, width) or []
        kept = [self.trimmed(line, width) for line in lines[: self.style.lines]]
        lost = lost or kept != lines
        while kept and self.fitted(kept).height > height:
            kept.pop()
            lost = True
        if lost and kept:
            last = self.trimmed(kept[-1].rstrip(" -…"), width, words.ELLIPSIS)
            kept[-1:] = [last] if last else []
        while kept and self.fitted(kept).height > height:
            kept.pop()
        # The runs of a line may be others, and a little wider, for what stands in the lines around it.
        while self.fitted(kept).width > width:
            widths = [line.width for line in runs.lay_all(kept, self.cut, rtl=self.rtl)]
            widest = widths.index(max(widths))
            shorter = "".join(words.characters(kept[widest])[:-1]).rstrip()
            kept[widest : widest + 1] = [shorter] if shorter else []
            lost = True
        return self.fitted(kept), lost

    def trimmed(self, line: str, width: int, end: str = "") -> str:
        """As many characters of a line as have room, and the end; empty where not even the end has."""
        characters = words.characters(line)
        count = len(characters)
        while self.line("".join(characters[:count]).rstrip() + end).width > width:
            if not count:
                return ""
            count -= 1
        return "".join(characters[:count]).rstrip() + end

    def broken(self, parts: list[Piece], width: int) -> tuple[list[Piece], bool]:
        """Pieces that are wider than the line, cut into pieces that are not; whether a character had no room at all."""
        pieces: list[Piece] = []
        lost = False
        for part in parts:
            rest, gap = words.characters(part.text), part.gap
            while rest and self.line("".join(rest)).width > width:
                count = self.fitting(rest, part.hyphened, width)
                if count:
                    pieces.append(Piece(_head(rest, count, part.hyphened), gap))
                    gap = ""
                else:
                    lost, count = True, 1
                rest = rest[count:]
            if rest:
                pieces.append(Piece("".join(rest), gap))
        return pieces, lost

    def fitting(self, rest: tuple[str, ...], hyphened: bool, width: int) -> int:
        """How many of the characters have room in a line of their own; the last of them is not among them."""
        fits, not_fits = 0, len(rest)
        while not_fits - fits > 1:
            middle = (fits + not_fits) // 2
            if self.line(_head(rest, middle, hyphened)).width <= width:
                fits = middle
            else:
                not_fits = middle
        return fits

    def fitted(self, lines: list[str]) -> Fitted:
        """The outcome."""
        laid = runs.lay_all(lines, self.cut, rtl=self.rtl)
        size, style = self.size, self.style
        pitch = max((one.bottom - next_.top for one, next_ in pairwise(laid)), default=0)
        return Fitted(
            lines=tuple(lines),
            family=style.family,
            weight=style.weight,
            size=size,
            leading=style.leading,
            tracking=style.tracking,
            width=max((line.width for line in laid), default=0),
            missing=0,
            cut=False,
            language=self.cut.language,
            above=max(round(size * 0.78), -laid[0].top) if laid else 0,
            pitch=max(round(size * style.leading), pitch + round(size * _AIR)) if laid else 0,
            below=max(round(size * 0.24), laid[-1].bottom) if laid else 0,
            flow="rtl" if self.rtl else "ltr",
        )

    @staticmethod
    def told(fitted: Fitted, missing: int, cut: bool) -> Fitted:
        """The outcome with what had to be left out."""
        return msgspec.structs.replace(fitted, missing=missing, cut=cut)


def _head(characters: tuple[str, ...], count: int, hyphened: bool) -> str:
    head = "".join(characters[:count])
    return head + (breaking.hyphen(head, characters[count]) if hyphened else "")
