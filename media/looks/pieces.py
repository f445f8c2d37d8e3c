"""Layers beside photo and words: sheets, outlines, stars, codes, signs, points; and pictures other than the first."""

import math
from collections.abc import Iterator
from typing import Literal

import msgspec
import segno
from PIL import Image, ImageChops, ImageDraw

from media import palette
from media.frame import Box
from media.looks.layers import Photo
from media.palette import Rgb
from media.picture import Picture
from media.typesetting.text import Fitted

_FINE = 4  # Round edges are drawn so many times larger: they come out smooth.
_QUIET = 4  # Modules of blank ground around a code (ISO/IEC 18004:2015, 5.3.8).
_PALE = 0.55  # Above this luminance a sign that was drawn on white can lie on the ground itself.
_INNER = 0.42  # The inner radius of a star with five points, in outer ones; 0.38 is the pentagram's.


class Sheet(msgspec.Struct, frozen=True):
    """A flat shape of one colour with round corners; `radius` of half its height makes a pill, or a disc."""

    box: Box
    colour: Rgb
    radius: int = 0

    def draw(self, canvas: Image.Image, _: Picture, /) -> None:
        """Fill it."""
        if not (self.box.width and self.box.height):
            return
        if not self.radius:
            canvas.paste(self.colour, self.box.corners)
            return
        canvas.paste(self.colour, self.box.corners, mask(self.box.size, self.radius))


class Outline(msgspec.Struct, frozen=True):
    """The edge of a sheet, drawn inwards."""

    box: Box
    colour: Rgb
    thickness: int
    radius: int = 0

    def draw(self, canvas: Image.Image, _: Picture, /) -> None:
        """Draw the difference of two sheets."""
        ring = mask(self.box.size, self.radius)
        inner = self.box.inset(self.thickness)
        if inner.width and inner.height:
            hole = mask(inner.size, max(0, self.radius - self.thickness))
            ring.paste(0, (self.thickness, self.thickness), hole)
        canvas.paste(self.colour, self.box.corners, ring)


class Backing(msgspec.Struct, frozen=True):
    """A sheet under words that lie on a picture: only where the words could not be read without it."""

    box: Box
    colour: Rgb
    words: Rgb
    radius: int = 0

    def draw(self, canvas: Image.Image, picture: Picture, /) -> None:
        """Look at what is there, and cover it where its contrast with the words is too low anywhere."""
        seen = canvas.crop(self.box.corners)
        found = seen.getcolors(seen.width * seen.height) or []
        grounds = {colour for _, colour in found if isinstance(colour, tuple)}
        if any(palette.contrast(self.words, (each[0], each[1], each[2])) < palette.READABLE for each in grounds):
            Sheet(self.box, self.colour, self.radius).draw(canvas, picture)


class Tile(msgspec.Struct, frozen=True):
    """A picture in its window, with round corners; `number` is which of the masters, 0 the visual's own."""

    photo: Photo
    number: int = 0
    radius: int = 0

    @property
    def box(self) -> Box:
        """The picture's window."""
        return self.photo.window

    def draw(self, canvas: Image.Image, picture: Picture, /) -> None:
        """Draw it, and put back what the corners covered."""
        of = picture.others[self.number - 1] if self.number else picture
        before = canvas.crop(self.photo.window.corners) if self.radius else None
        self.photo.draw(canvas, of)
        if before is not None:
            kept = ImageChops.invert(mask(before.size, self.radius))
            canvas.paste(before, self.photo.window.corners, kept)


class Sign(msgspec.Struct, frozen=True):
    """The shop's sign, whole and in proportion, on the ground that lies there."""

    box: Box
    number: int
    ground: Rgb

    def draw(self, canvas: Image.Image, picture: Picture, /) -> None:
        """Signs come on white: a pale ground shines through it, on a dark one the white stays as a plate."""
        logo = picture.others[self.number - 1].whole(self.box.size)
        if palette.contrast(self.ground, (0, 0, 0)) > 1 + 20 * _PALE:
            logo = ImageChops.multiply(logo, Image.new("RGB", logo.size, self.ground))
        canvas.paste(logo, self.box.corners)


class Stars(msgspec.Struct, frozen=True):
    """Five stars in a row, as high as the box; `count` of them are full, the last one possibly in part."""

    box: Box
    count: float
    full: Rgb
    empty: Rgb
    mirrored: bool = False

    def draw(self, canvas: Image.Image, _: Picture, /) -> None:
        """Draw all of them twice, and show of the full ones what was given."""
        shape = Image.new("L", (self.box.width * _FINE, self.box.height * _FINE), 0)
        pen, step = ImageDraw.Draw(shape), (shape.width - shape.height) / 4
        for number in range(5):
            pen.polygon(list(_star(number * step + shape.height / 2, shape.height / 2, shape.height / 2)), fill=255)
        stars = shape.reduce(_FINE)
        canvas.paste(self.empty, self.box.corners, stars)
        full, part = int(self.count), self.count - int(self.count)
        seen = round((full * step + part * shape.height) / _FINE)
        shown = Image.new("L", stars.size, 0)
        place = (stars.width - seen, 0, stars.width, stars.height) if self.mirrored else (0, 0, seen, stars.height)
        shown.paste(stars.crop(place), place[:2])
        canvas.paste(self.full, self.box.corners, shown)


class Code(msgspec.Struct, frozen=True):
    """The QR code of an address in whole pixels a module, in the middle of its box; its quiet zone is in it."""

    box: Box
    address: str
    dark: Rgb
    light: Rgb

    def draw(self, canvas: Image.Image, _: Picture, /) -> None:
        """Lay the light sheet, then the modules."""
        rows = [bytes(255 * module for module in row) for row in segno.make_qr(self.address, error="m").matrix]
        small = Image.frombytes("L", (len(rows), len(rows)), b"".join(rows))
        scale = max(1, min(self.box.size) // (len(rows) + 2 * _QUIET))
        size = len(rows) * scale
        canvas.paste(self.light, self.box.corners)
        left, top = self.box.left + (self.box.width - size) // 2, self.box.top + (self.box.height - size) // 2
        canvas.paste(self.dark, (left, top), small.resize((size, size), Image.Resampling.NEAREST))


class Arrow(msgspec.Struct, frozen=True):
    """A thin arrow along the longer side of its box."""

    box: Box
    colour: Rgb
    towards: Literal["left", "right", "down"]

    def draw(self, canvas: Image.Image, _: Picture, /) -> None:
        """A shaft and two short strokes."""
        large = Image.new("L", (self.box.width * _FINE, self.box.height * _FINE), 0)
        pen, width, height = ImageDraw.Draw(large), large.width, large.height
        if self.towards == "down":
            thick, reach = max(_FINE, width // 9), width / 2
            middle, foot = width / 2, height - thick
            pen.line((middle, 0, middle, foot), 255, thick)
            pen.line((middle - reach * 0.8, foot - reach * 0.8, middle, foot), 255, thick)
            pen.line((middle + reach * 0.8, foot - reach * 0.8, middle, foot), 255, thick)
        else:
            thick, reach = max(_FINE, height // 9), height / 2
            middle, foot = height / 2, width - thick
            pen.line((0, middle, foot, middle), 255, thick)
            pen.line((foot - reach * 0.8, middle - reach * 0.8, foot, middle), 255, thick)
            pen.line((foot - reach * 0.8, middle + reach * 0.8, foot, middle), 255, thick)
        shape = large.reduce(_FINE)
        if self.towards == "left":
            shape = shape.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        canvas.paste(self.colour, self.box.corners, shape)


class Point(msgspec.Struct, frozen=True):
    """A numbered disc on the thing that it names, with a ring that parts it from the picture."""

    box: Box
    colour: Rgb
    ink: Rgb
    figure: Fitted

    def draw(self, canvas: Image.Image, picture: Picture, /) -> None:
        """A soft edge, the disc, the number."""
        ring = self.box.inset(-max(2, self.box.width // 16))
        left, top = max(0, ring.left), max(0, ring.top)
        right, bottom = min(canvas.width, ring.right), min(canvas.height, ring.bottom)
        shade = mask(ring.size, ring.height // 2).point(lambda value: value * 30 // 100)
        seen = shade.crop((left - ring.left, top - ring.top, right - ring.left, bottom - ring.top))
        canvas.paste(self.ink, (left, top, right, bottom), seen)
        Sheet(self.box, self.colour, self.box.height // 2).draw(canvas, picture)
        across = self.box.left + (self.box.width - self.figure.width) // 2
        down = self.box.top + round(self.box.height / 2 - self.figure.size * 0.42)
        self.figure.draw(ImageDraw.Draw(canvas), across, down, self.ink)


def mask(size: tuple[int, int], radius: int) -> Image.Image:
    """A rectangle that fills this size but for its round corners, smooth."""
    made = Image.new("L", size, 255)
    radius = min(radius, size[0] // 2, size[1] // 2)
    if not radius:
        return made
    # Only the corners need the larger drawing: a mask of a whole canvas would cost sixteen canvases.
    corner = Image.new("L", (radius * _FINE, radius * _FINE), 0)
    ImageDraw.Draw(corner).ellipse((0, 0, radius * _FINE * 2 - 1, radius * _FINE * 2 - 1), fill=255)
    corner = corner.reduce(_FINE)
    across, down = Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.FLIP_TOP_BOTTOM
    made.paste(corner, (0, 0))
    made.paste(corner.transpose(across), (size[0] - radius, 0))
    made.paste(corner.transpose(down), (0, size[1] - radius))
    made.paste(corner.transpose(across).transpose(down), (size[0] - radius, size[1] - radius))
    return made


def _star(x: float, y: float, radius: float) -> Iterator[tuple[float, float]]:
    for number in range(10):
        reach = radius * (_INNER if number % 2 else 1.0)
        angle = math.pi * (number / 5 - 0.5)
        # A star's five points leave more air below than above.
        yield x + reach * math.cos(angle), y + radius * 0.05 + reach * math.sin(angle)
