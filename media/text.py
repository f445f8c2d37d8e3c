"""Words that fit: wrapped at blanks, shrunk to a stated minimum, cut with an ellipsis at the very end."""

import re
import unicodedata

import msgspec
from PIL import ImageDraw

from media import fonts
from media.fonts import Family
from media.palette import Rgb
from media.scene import MAX_WORDS

_BLANKS = re.compile(r"[ \t\r\n\u2028\u2029]+")  # Not the no-break space: a French price keeps its sign.
_HYPHEN = re.compile(r"(?<=\w{3}-)(?=\w{3})")  # A compound may be broken at its own hyphen, "T-shirt" may not.
_CONTROLS = ("Cc", "Cs", "Zl", "Zp")
_ELLIPSIS = "…"
_SHRINK = 0.93


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
    """A text that fits its room: lines, the font that it was measured with, its extent in pixels.

    `missing` counts the characters that no font of the house has; `cut` says that an ellipsis stands for the rest.
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

    @property
    def rtl(self) -> bool:
        """Whether the text runs from right to left: so says its first letter with a direction (UAX #9, P2 and P3)."""
        directions = (unicodedata.bidirectional(char) for line in self.lines for char in line)
        return next((each != "L" for each in directions if each in ("L", "R", "AL")), False)

    @property
    def line_height(self) -> int:
        """Pixels from one baseline to the next."""
        return round(self.size * self.leading)

    @property
    def ascent(self) -> int:
        """Pixels from the top of the block to the first baseline: capitals and a little air."""
        return round(self.size * 0.78)

    @property
    def height(self) -> int:
        """Pixels from above the first line's capitals to below the last line's descenders."""
        if not self.lines:
            return 0
        return self.ascent + self.line_height * (len(self.lines) - 1) + round(self.size * 0.24)

    def draw(self, pen: ImageDraw.ImageDraw, left: int, top: int, colour: Rgb) -> None:
        """Draw left-aligned with the block's upper left corner at `left`, `top`."""
        for number, line in enumerate(self.lines):
            self._line(pen, left, top + self.ascent + number * self.line_height, line, colour)

    def _line(self, pen: ImageDraw.ImageDraw, left: int, baseline: int, line: str, colour: Rgb) -> None:
        font = fonts.load(self.family, self.weight, self.size)
        if not self.tracking:
            pen.text((left, baseline), line, font=font, fill=colour, anchor="ls", language=self.language or None)
            return
        x = float(left)
        for char in line:
            pen.text((round(x), baseline), char, font=font, fill=colour, anchor="ls")
            x += font.getlength(char) + self.tracking * self.size


def fit(text: str, style: Style, width: int, height: int, *, language: str = "") -> Fitted:
    """Set a text in a room of `width` x `height` pixels, as large as it fits, in lines of about equal length.

    `language` (BCP 47) chooses between the forms that a font has of one character.

    The type shrinks from `style.size` to `style.smallest`; what does not fit then is broken inside words and, at the
    end, cut. The result is never wider or higher than the room; a room too small for one line gives no lines.
    """
    words, cut = _cleaned(text)
    family, drawable, missing = fonts.pick(style.family, words)
    parts = [part for part in _BLANKS.split(drawable) if part]
    size = float(style.size)
    while True:
        setting = _Setting(family, style, max(round(size), style.smallest), language)
        lines = setting.wrap(parts, width)
        if lines is not None and len(lines) <= style.lines and setting.height(len(lines)) <= height:
            return setting.fitted(setting.balanced(parts, lines, width), missing, cut)
        if size <= style.smallest:
            break
        size *= _SHRINK
    return _forced(setting, parts, (width, height), missing, cut)


class _Setting:
    """One font at one size, and what lines it makes of words."""

    def __init__(self, family: Family, style: Style, size: int, language: str) -> None:
        self.family, self.style, self.size, self.language = family, style, size, language
        self.font = fonts.load(family, style.weight, size)
        # Joined scripts cannot be set letter by letter.
        self.tracking = style.tracking if family != "world" else 0.0

    def length(self, line: str) -> float:
        """Pixels that a line takes."""
        if self.tracking:
            spaces = self.tracking * self.size * (len(line) - 1)
            return sum(self.font.getlength(char) for char in line) + max(0.0, spaces)
        return float(self.font.getlength(line, language=self.language or None))

    def height(self, count: int) -> int:
        """Pixels that so many lines take."""
        return self.fitted([""] * count, 0, False).height

    def wrap(self, words: list[str], width: int) -> list[str] | None:
        """Lines no wider than `width`, or None when one word alone is wider."""
        lines: list[str] = []
        for word in words:
            for number, piece in enumerate(_HYPHEN.split(word)):
                longer = f"{lines[-1]}{'' if number else ' '}{piece}" if lines else piece
                if lines and self.length(longer) <= width:
                    lines[-1] = longer
                elif self.length(piece) <= width:
                    lines.append(piece)
                else:
                    return None
        return lines

    def balanced(self, words: list[str], lines: list[str], width: int) -> list[str]:
        """The same number of lines in the narrowest column that holds them: no lonely last word."""
        narrow, wide, best = 0, width, lines
        while len(lines) > 1 and wide - narrow > 4:
            middle = (narrow + wide) // 2
            tried = self.wrap(words, middle)
            if tried is not None and len(tried) == len(lines):
                best, wide = tried, middle
            else:
                narrow = middle
        return best

    def broken(self, words: list[str], width: int) -> list[str]:
        """Words that are wider than the line, cut into pieces that are not."""
        pieces: list[str] = []
        for word in words:
            rest = word
            while self.length(rest) > width and len(rest) > 1:
                count, too_many = 1, len(rest)
                while too_many - count > 1:
                    middle = (count + too_many) // 2
                    fits = self.length(f"{rest[:middle]}-") <= width
                    count, too_many = (middle, too_many) if fits else (count, middle)
                pieces.append(f"{rest[:count]}-")
                rest = rest[count:]
            pieces.append(rest)
        return pieces

    def fitted(self, lines: list[str], missing: int, cut: bool) -> Fitted:
        """The outcome."""
        return Fitted(
            lines=tuple(lines),
            family=self.family,
            weight=self.style.weight,
            size=self.size,
            leading=self.style.leading,
            tracking=self.tracking,
            width=max((round(self.length(line) + 0.5) for line in lines), default=0),
            missing=missing,
            cut=cut,
            language=self.language,
        )


def _cleaned(text: str) -> tuple[str, bool]:
    """At most 200 characters, and whether more were there. Measuring 5,000 emoji would cost seconds."""
    # The bidirectional algorithm fails on controls that end a paragraph; surrogates are no characters at all.
    controlled = (" " if unicodedata.category(char) in _CONTROLS else char for char in text[: MAX_WORDS * 2])
    words = "".join(controlled).strip()
    if len(words) <= MAX_WORDS:
        return words, False
    return words[: MAX_WORDS - 1].rstrip() + _ELLIPSIS, True


def _forced(setting: _Setting, parts: list[str], room: tuple[int, int], missing: int, cut: bool) -> Fitted:
    """At the smallest size: break long words, keep the lines that fit, end the last of them with an ellipsis."""
    width, height = room
    lines = setting.wrap(setting.broken(parts, width), width) or []
    most = min(setting.style.lines, len(lines))
    while most and setting.height(most) > height:
        most -= 1
    if most == len(lines):
        return setting.fitted(lines, missing, cut)
    kept = lines[:most]
    while kept and kept[-1] and setting.length(kept[-1].rstrip() + _ELLIPSIS) > width:
        kept[-1] = kept[-1][:-1]
    if kept:
        kept[-1] = kept[-1].rstrip(" -") + _ELLIPSIS
    return setting.fitted(kept, missing, True)
