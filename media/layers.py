"""Layers: the pieces that a template puts on a canvas, drawn in order from back to front."""

from typing import Protocol

import msgspec
from PIL import Image, ImageDraw, ImageFilter

from media.backdrop import Backdrop
from media.frame import Box, Frame, Size
from media.palette import Rgb
from media.text import Fitted

_FINE = 4  # Round corners are drawn so many times larger: their edges come out smooth.
_SHADE = 34  # Percent of black in the middle of a shadow.


class Picture:
    """The decoded master, possibly at a reduced scale, and its halves: shared by all formats of one request."""

    def __init__(self, image: Image.Image, size: Size, backdrop: Backdrop | None = None) -> None:
        """`size` is the master's own size, which frames count in; `image` may be smaller by a power of two.

        `backdrop` is what stands where the picture does not reach, and behind what it shows.
        """
        self.size, self.backdrop = size, backdrop or Backdrop()
        # Halves are rounded up: the exact scale says more than the quotient of the widths.
        self._levels = [(image, 1 / max(1, round(size.width / image.width)))]

    def seen(self, frame: Frame) -> Image.Image:
        """What the frame shows, at the size of its window."""
        image, scale = self._level(frame.scale)
        left, top, right, bottom = frame.source()
        box = left * scale, top * scale, min(right * scale, image.width), min(bottom * scale, image.height)
        # From a level less than twice as large nobody can tell the two apart; enlarged, one can.
        kernel = Image.Resampling.BICUBIC if frame.scale <= scale else Image.Resampling.LANCZOS
        made = image.resize(frame.window.size, kernel, box=box)
        if frame.scale <= 1.1:
            return made
        # An enlarged picture has no fine detail left: lifting its edges a little is what makes it look in focus.
        return made.filter(ImageFilter.UnsharpMask(radius=min(frame.scale, 4.0), percent=70, threshold=2))

    def _level(self, wanted: float) -> tuple[Image.Image, float]:
        """The smallest half of a half of the picture that still has every pixel that is wanted, and its scale."""
        while self._levels[-1][1] / 2 >= wanted:
            image, scale = self._levels[-1]
            self._levels.append((image.reduce(2), scale / 2))
        return next((each for each in reversed(self._levels) if each[1] >= wanted), self._levels[0])


class Layer(Protocol):
    """One piece of a composition."""

    def draw(self, canvas: Image.Image, picture: Picture, /) -> None:
        """Put it on the canvas."""


class Plate(msgspec.Struct, frozen=True):
    """A flat rectangle of one colour."""

    box: Box
    colour: Rgb

    def draw(self, canvas: Image.Image, _: Picture, /) -> None:
        """Fill the box."""
        if self.box.width and self.box.height:
            canvas.paste(self.colour, self.box.corners)


class Card(msgspec.Struct, frozen=True):
    """A sheet of one colour with round corners that lies a little above what is behind it."""

    box: Box
    colour: Rgb
    radius: int

    def draw(self, canvas: Image.Image, _: Picture, /) -> None:
        """Lay its soft shadow, then the sheet."""
        reach = self.radius
        around = self.box.inset(-reach)
        coarse = max(1, around.width // _FINE), max(1, around.height // _FINE)
        shadow = _rounded((around.width, around.height), reach, self.radius).resize(coarse, Image.Resampling.BOX)
        soft = shadow.filter(ImageFilter.GaussianBlur(reach / 3 / _FINE)).point(lambda value: value * _SHADE // 100)
        below = around.left, around.top + reach // 4
        canvas.paste((0, 0, 0), below, soft.resize(around.size, Image.Resampling.BICUBIC))
        canvas.paste(self.colour, self.box.corners, _rounded(self.box.size, 0, self.radius))


class Photo(msgspec.Struct, frozen=True):
    """The picture in its window. Where the frame pads, the rest of the window is the picture's backdrop."""

    frame: Frame
    window: Box

    def draw(self, canvas: Image.Image, picture: Picture, /) -> None:
        """Paste the picture, on its backdrop where it does not fill the window."""
        picture.backdrop.lay(canvas, picture.seen(self.frame), self.frame.window, self.window)


class Words(msgspec.Struct, frozen=True):
    """A fitted text with its upper left corner at a place."""

    text: Fitted
    left: int
    top: int
    colour: Rgb
    struck: bool = False

    @property
    def box(self) -> Box:
        """The room that the words take."""
        return Box(self.left, self.top, self.left + self.text.width, self.top + self.text.height)

    def draw(self, canvas: Image.Image, _: Picture, /) -> None:
        """Draw the lines, struck through where that is wanted."""
        pen = ImageDraw.Draw(canvas)
        self.text.draw(pen, self.left, self.top, self.colour)
        if not self.struck:
            return
        thickness = max(2, self.text.size // 14)
        for number in range(len(self.text.lines)):
            middle = self.top + self.text.ascent + number * self.text.line_height - round(self.text.size * 0.27)
            pen.line((self.left - 3, middle, self.left + self.text.width + 3, middle), self.colour, thickness)


def _rounded(size: tuple[int, int], margin: int, radius: int) -> Image.Image:
    """A mask of this size with a rectangle in it whose corners are round, and smooth."""
    large = Image.new("L", (size[0] * _FINE, size[1] * _FINE), 0)
    edge = margin * _FINE
    corners = (edge, edge, large.width - edge - 1, large.height - edge - 1)
    ImageDraw.Draw(large).rounded_rectangle(corners, radius * _FINE, fill=255)
    return large.reduce(_FINE)
