"""Framing: one affine map carries points from a master picture to a visual, and back."""

from collections.abc import Sequence
from typing import Literal

import msgspec

FrameChoice = Literal["auto", "crop", "pad"]
# What fills the rest of a window: the picture's edges drawn outwards, the picture itself out of focus, one colour, or
# that colour in place of the picture's own flat ground, too.
Background = Literal["extended", "blur", "colour", "cut-out"]

# A crop that keeps this share of the picture or more is made without asking; less would cut into the product.
AUTO_CROP_KEEPS = 0.92
# A point that a crop moves for comes so far inside of it, as a share of the window, where the master reaches so far.
_MARGIN = 0.04


class Point(msgspec.Struct, frozen=True):
    """A place on a picture, 0..1 of its width and height from the left and the top."""

    x: float
    y: float


class Area(msgspec.Struct, frozen=True):
    """A rectangle on a picture, each edge 0..1 of its width or height from the left and the top."""

    left: float
    top: float
    right: float
    bottom: float


class Size(msgspec.Struct, frozen=True):
    """Width and height in pixels."""

    width: int
    height: int


class Box(msgspec.Struct, frozen=True):
    """A rectangle in whole pixels: left and top belong to it, right and bottom do not."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """Pixels from left to right, never negative."""
        return max(0, self.right - self.left)

    @property
    def height(self) -> int:
        """Pixels from top to bottom, never negative."""
        return max(0, self.bottom - self.top)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, as drawing calls want them."""
        return self.width, self.height

    @property
    def corners(self) -> tuple[int, int, int, int]:
        """Left, top, right, bottom, as drawing calls want them."""
        return self.left, self.top, self.right, self.bottom

    def inset(self, horizontal: int, vertical: int | None = None) -> "Box":
        """The box made smaller by a margin on every side."""
        vertical = horizontal if vertical is None else vertical
        return Box(self.left + horizontal, self.top + vertical, self.right - horizontal, self.bottom - vertical)

    def times(self, factor: int) -> "Box":
        """The same box on a canvas so many times as large."""
        return Box(self.left * factor, self.top * factor, self.right * factor, self.bottom * factor)

    def holds(self, other: "Box") -> bool:
        """Whether another box lies wholly inside this one."""
        return (
            self.left <= other.left
            and self.top <= other.top
            and other.right <= self.right
            and other.bottom <= self.bottom
        )

    def common(self, other: "Box") -> "Box":
        """What two boxes that overlap have in common."""
        return Box(
            max(self.left, other.left), max(self.top, other.top),
            min(self.right, other.right), min(self.bottom, other.bottom),
        )  # fmt: skip

    def overlaps(self, other: "Box") -> bool:
        """Whether the two have a pixel in common."""
        across = max(self.left, other.left) < min(self.right, other.right)
        return across and max(self.top, other.top) < min(self.bottom, other.bottom)


class Frame(msgspec.Struct, frozen=True):
    """How a master picture lies in a visual: `visual = master * scale + (x, y)`, in pixels, seen through `window`.

    `scale` is the same for both axes, so nothing is ever distorted. `window` is where the picture is seen in the
    visual; a point of the master that falls outside of it has been cropped away.
    """

    master: Size
    visual: Size
    scale: float
    x: float
    y: float
    window: Box

    def map(self, point: Point) -> Point | None:
        """Where a point of the master (0..1) is in the visual (0..1), or None when the crop lost it."""
        x = point.x * self.master.width * self.scale + self.x
        y = point.y * self.master.height * self.scale + self.y
        inside_x = self.window.left <= x <= self.window.right
        inside_y = self.window.top <= y <= self.window.bottom
        if not (inside_x and inside_y):
            return None
        return Point(x / self.visual.width, y / self.visual.height)

    def unmap(self, point: Point) -> Point:
        """Where a point of the visual (0..1) is on the master; outside 0..1 when the visual shows padding there."""
        x = (point.x * self.visual.width - self.x) / self.scale
        y = (point.y * self.visual.height - self.y) / self.scale
        return Point(x / self.master.width, y / self.master.height)

    def lost(self, points: Sequence[Point]) -> list[Point]:
        """The points of the master that this frame does not show."""
        return [point for point in points if self.map(point) is None]

    def source(self) -> tuple[float, float, float, float]:
        """The rectangle of the master that is seen, in (fractional) master pixels."""
        left, top = (self.window.left - self.x) / self.scale, (self.window.top - self.y) / self.scale
        right, bottom = (self.window.right - self.x) / self.scale, (self.window.bottom - self.y) / self.scale
        # The divisions may leave the picture by a rounding error, which a resize refuses.
        return max(0.0, left), max(0.0, top), min(self.master.width, right), min(self.master.height, bottom)

    def divided(self, factor: int) -> "Frame":
        """The same on a visual so many times smaller; the window has whole pixels again, and shows no less."""
        left, top, right, bottom = self.window.corners
        return Frame(
            master=self.master,
            visual=Size(self.visual.width // factor, self.visual.height // factor),
            scale=self.scale / factor,
            x=self.x / factor,
            y=self.y / factor,
            window=Box(left // factor, top // factor, -(-right // factor), -(-bottom // factor)),
        )

    def holds(self, area: Area) -> bool:
        """Whether an area of the master is seen whole, but for half a pixel of the visual."""
        left, top, right, bottom = self.source()
        slack, width, height = 0.5 / self.scale, self.master.width, self.master.height
        across = left - slack <= area.left * width and area.right * width <= right + slack
        return across and top - slack <= area.top * height and area.bottom * height <= bottom + slack

    @property
    def kept(self) -> float:
        """The share of the master's area that is seen, 0..1."""
        left, top, right, bottom = self.source()
        return (right - left) * (bottom - top) / (self.master.width * self.master.height)


def crop(
    master: Size, visual: Size, window: Box, focal: Point, *, subject: Area | None = None, keep: Sequence[Point] = ()
) -> Frame:
    """Fill the window: as little as possible is cut.

    The subject is seen whole where the window can hold it, and is all that is seen where it cannot; then the crop lies
    so that as many as possible of the points to `keep` are seen; then the focal point as near to the middle as it can.
    """
    scale = max(window.width / master.width, window.height / master.height)
    across = _Slide(master.width * scale, window.width, focal.x, [each.x for each in keep])
    down = _Slide(master.height * scale, window.height, focal.y, [each.y for each in keep])
    return Frame(
        master=master,
        visual=visual,
        scale=scale,
        x=window.left - across.best((subject.left, subject.right) if subject else None),
        y=window.top - down.best((subject.top, subject.bottom) if subject else None),
        window=window,
    )


def pad(master: Size, visual: Size, window: Box) -> Frame:
    """Show the whole picture in the middle of the window; what is left of the window is for the background.

    The picture is laid on whole pixels without touching its proportions, so a border of less than one pixel of the
    visual may fall away on each side.
    """
    scale = min(window.width / master.width, window.height / master.height)
    width = max(1, min(window.width, int(master.width * scale + 1e-6)))
    height = max(1, min(window.height, int(master.height * scale + 1e-6)))
    left, top = window.left + (window.width - width) // 2, window.top + (window.height - height) // 2
    return Frame(
        master=master,
        visual=visual,
        scale=scale,
        x=left - (master.width * scale - width) / 2,
        y=top - (master.height * scale - height) / 2,
        window=Box(left, top, left + width, top + height),
    )


def choose(
    choice: FrameChoice,
    master: Size,
    visual: Size,
    window: Box,
    focal: Point,
    *,
    subject: Area | None = None,
    keep: Sequence[Point] = (),
) -> Frame:
    """The frame that was asked for; `auto` crops where little is lost and pads where a crop would cut the product.

    What must not be lost is the subject and what of `keep` a padded picture would show.
    """
    if choice == "pad":
        return pad(master, visual, window)
    cropped = crop(master, visual, window, focal, subject=subject, keep=keep)
    whole = not cropped.lost(keep) and (subject is None or cropped.holds(subject))
    if choice == "crop" or (whole and cropped.kept >= AUTO_CROP_KEEPS):
        return cropped
    return pad(master, visual, window)


def under(
    master: Size, visual: Size, box: Box, free: Box, calm: Box, *, subject: Area, keep: Sequence[Point] = ()
) -> Frame | None:
    """The picture as wide as its box and going on under what covers a part of that; its sides are never cut.

    Nothing covers `free`, a strip from side to side. The subject and the points to `keep` that can be there, too, are
    in `calm`, a part of the strip; where the subject is too high for it, the picture is as much narrower. None where
    the picture lies better in the middle of the strip alone.
    """
    top, bottom = subject.top * master.height, subject.bottom * master.height
    for point in keep:
        higher, lower = min(top, point.y * master.height), max(bottom, point.y * master.height)
        if (lower - higher) * box.width / master.width <= calm.height * (1 - 2 * _MARGIN):
            top, bottom = higher, lower
    room = calm.height * (1 - 2 * _MARGIN)
    scale = min(box.width / master.width, room / max(1e-6, bottom - top))
    if scale <= min(free.width / master.width, free.height / master.height):
        return None
    width, height = min(box.width, int(master.width * scale + 1e-6)), int(master.height * scale + 1e-6)
    air = calm.height * _MARGIN
    low, high = calm.top + air - top * scale, calm.bottom - air - bottom * scale
    wish = (calm.top + calm.bottom - (top + bottom) * scale) / 2
    # Where the picture can reach from edge to edge of its box it does, or at least lies within.
    first, last = sorted((box.top, box.bottom - height))
    wish = min(max(wish, first), last)
    if free.top == box.top and height < box.height:
        wish = box.top  # What it does not reach is below, where what it stands on goes on.
    upper, left = round(min(max(wish, low), high)), box.left + (box.width - width) // 2
    seen = Box(left, max(box.top, upper), left + width, min(box.bottom, upper + height))
    if not (seen.height and seen.overlaps(free)):
        return None
    x, y = left - (master.width * scale - width) / 2, upper - (master.height * scale - height) / 2
    return Frame(master, visual, scale, x, y, seen)


class _Slide:
    """Along one axis: how much of the scaled picture lies before the window."""

    def __init__(self, length: float, room: float, focal: float, points: Sequence[float]) -> None:
        self._length, self._room, self._most = length, room, max(0.0, length - room)
        self._wish = self._within(focal * length - room / 2)
        self._seen = [self._showing(each * length, 0.5) for each in points]
        self._clear = [self._showing(each * length, room * _MARGIN) for each in points]

    def best(self, span: tuple[float, float] | None) -> float:
        """So much that the subject's span is whole, then that most points are seen, then the focal point is central."""
        low, high = self._range(span)
        ends = [low, high, self._wish, *(end for each in (*self._seen, *self._clear) for end in each)]
        return max((min(max(end, low), high) for end in ends), key=self._worth)

    def _worth(self, before: float) -> tuple[int, int, float]:
        seen, clear = (sum(low <= before <= high for low, high in each) for each in (self._seen, self._clear))
        return seen, clear, -abs(before - self._wish)

    def _range(self, span: tuple[float, float] | None) -> tuple[float, float]:
        """From where to where the window may lie for the subject's sake."""
        if span is None:
            return 0.0, self._most
        start, end = span[0] * self._length, span[1] * self._length
        low, high = sorted((start, end - self._room))
        return self._within(low), self._within(high)

    def _showing(self, point: float, margin: float) -> tuple[float, float]:
        """From where to where the window may lie to show a point, the margin between it and either end of it."""
        return self._within(point + margin - self._room), self._within(point - margin)

    def _within(self, before: float) -> float:
        return min(max(0.0, before), self._most)
