"""Layers: the pieces that a template puts on a canvas, drawn in order from back to front."""

from typing import Protocol

import msgspec
from PIL import Image, ImageDraw, ImageFilter

from media.frame import Box, Frame
from media.palette import Rgb
from media.picture import Picture
from media.typesetting.text import Fitted

_FINE = 4  # Round corners are drawn so many times larger: their edges come out smooth.
_SHADE = 34  # Percent of black in the middle of a shadow.


class Layer(Protocol):
    """One piece of a composition; `box` is where it lies on the canvas."""

    @property
    def box(self) -> Box: ...

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

    @property
    def box(self) -> Box:
        """The window."""
        return self.window

    def draw(self, canvas: Image.Image, picture: Picture, /) -> None:
        """Paste the picture, on its backdrop where it does not fill the window."""
        if self.frame.window.corners == (0, 0, *canvas.size) and picture.backdrop.flat is None:
            picture.fill(canvas, self.frame)
            return
        left, top, right, bottom = self.frame.source()
        width, height = self.frame.master.width, self.frame.master.height
        part = left / width, top / height, right / width, bottom / height
        picture.backdrop.lay(canvas, picture.seen(self.frame), self.frame.window, self.window, part)


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
    mask, inner = Image.new("L", size, 0), Box(0, 0, *size).inset(margin)
    if min(inner.size) < 2 * radius + 2:
        mask.paste(_smooth(inner.size, radius), inner.corners)
        return mask
    mask.paste(255, inner.corners)
    # Only the corners have to be drawn large: the rest has straight edges between pixels.
    side, last = 2 * radius + 2, radius + 2
    corners = _smooth((side, side), radius)
    for across, left in ((0, inner.left), (last, inner.right - radius)):
        for down, top in ((0, inner.top), (last, inner.bottom - radius)):
            mask.paste(corners.crop((across, down, across + radius, down + radius)), (left, top))
    return mask


def _smooth(size: tuple[int, int], radius: int) -> Image.Image:
    """A rectangle with round corners that fills the mask, drawn some times larger."""
    large = Image.new("L", (size[0] * _FINE, size[1] * _FINE), 0)
    corners = (0, 0, large.width - 1, large.height - 1)
    ImageDraw.Draw(large).rounded_rectangle(corners, radius * _FINE, fill=255)
    return large.reduce(_FINE)
