"""Layers: the pieces that a template puts on a canvas, drawn in order from back to front."""

from typing import Protocol

import msgspec
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from media.frame import Box, Frame
from media.palette import Rgb
from media.picture import Picture
from media.text import Fitted

_SMALL = 8  # Backgrounds are blurred at an eighth of their size: the eye sees no difference, the clock does.
_CALM = 3  # Colours that are left of an edge far away from it.
_FINE = 4  # Round corners are drawn so many times larger: their edges come out smooth.
_SHADE = 34  # Percent of black in the middle of a shadow.
_STRANGE = 42  # Difference of two patches in 0..255 that only another thing makes, not a fold or a shadow.
_ACROSS, _DOWN = Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.FLIP_TOP_BOTTOM


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
    """The picture in its window. Where the frame pads, the rest of the window continues the picture out of focus."""

    frame: Frame
    window: Box

    def draw(self, canvas: Image.Image, picture: Picture, /) -> None:
        """Paste the picture, on its own blurred continuation where it does not fill the window."""
        if self.frame.window.corners == (0, 0, *canvas.size):
            picture.fill(canvas, self.frame)
            return
        seen = picture.seen(self.frame)
        if self.frame.window != self.window:
            _continue(canvas, seen, self.frame.window, self.window)
        canvas.paste(seen, self.frame.window.corners)


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


def _continue(canvas: Image.Image, seen: Image.Image, place: Box, window: Box) -> None:
    """Fill the rest of the window with what surrounds the picture: its edges drawn outwards and out of focus.

    Next to the picture its mirror image fades out, so that a quilt or a tiled floor goes on without a seam; further
    away only the colours of the edge are left, because a mirrored product would look like a ghost.
    """
    soft = _drawn_out(seen, place, window)
    across, down = soft.width / window.width, soft.height / window.height
    for bar in _around(place, window):
        left, right = (bar.left - window.left) * across, (bar.right - window.left) * across
        top, bottom = (bar.top - window.top) * down, (bar.bottom - window.top) * down
        box = left, top, min(right, soft.width), min(bottom, soft.height)
        canvas.paste(soft.resize(bar.size, Image.Resampling.BICUBIC, box=box), bar.corners)
    for turn, strips in _sides(place, window):
        tried = ((strip, _mirrored(seen, turn, place, strip)) for strip in strips)
        fitting = ((strip, each) for strip, each in tried if _alike(each, canvas.crop(strip.corners)))
        strip, mirrored = next(fitting, (strips[-1], _mirrored(seen, turn, place, strips[-1])))
        fade = Image.linear_gradient("L") if turn is _DOWN else Image.linear_gradient("L").rotate(90)
        if strip.left >= place.right or strip.top >= place.bottom:
            fade = fade.rotate(180)
        canvas.paste(mirrored, strip.corners, fade.resize(strip.size))


def _around(place: Box, window: Box) -> list[Box]:
    """What the picture leaves of the window: above, below, left and right of it."""
    bars = (
        Box(window.left, window.top, window.right, place.top),
        Box(window.left, place.bottom, window.right, window.bottom),
        Box(window.left, place.top, place.left, place.bottom),
        Box(place.right, place.top, window.right, place.bottom),
    )
    return [bar for bar in bars if bar.width and bar.height]


def _sides(place: Box, window: Box) -> list[tuple[Image.Transpose, list[Box]]]:
    """For each side that is open: how the picture is mirrored there, and strips along it from wide to narrow."""
    reaches = [min(max(24, min(window.size) // part), place.width, place.height) for part in (5, 8, 14, 24)]
    left, top, right, bottom = place.corners
    sides = (
        (_ACROSS, [Box(max(window.left, left - reach), top, left, bottom) for reach in reaches]),
        (_ACROSS, [Box(right, top, min(window.right, right + reach), bottom) for reach in reaches]),
        (_DOWN, [Box(left, max(window.top, top - reach), right, top) for reach in reaches]),
        (_DOWN, [Box(left, bottom, right, min(window.bottom, bottom + reach)) for reach in reaches]),
    )
    return [(turn, strips) for turn, strips in sides if strips[0].width and strips[0].height]


def _mirrored(seen: Image.Image, turn: Image.Transpose, place: Box, strip: Box) -> Image.Image:
    """The edge of the picture that lies along the strip, turned outwards."""
    left = 0 if strip.left < place.right else seen.width - strip.width
    top = 0 if strip.top < place.bottom else seen.height - strip.height
    return seen.crop((left, top, left + strip.width, top + strip.height)).transpose(turn)


def _alike(mirrored: Image.Image, ground: Image.Image) -> bool:
    """Whether a strip of the mirror image holds no more than the ground does: a texture, but nothing of a product."""
    coarse = max(1, mirrored.width // 24), max(1, mirrored.height // 24)
    patches = [each.resize(coarse, Image.Resampling.BOX) for each in (mirrored, ground)]
    extremes = ImageChops.difference(*patches).getextrema()
    return max(int(each[1]) for each in extremes if isinstance(each, tuple)) < _STRANGE


def _drawn_out(seen: Image.Image, place: Box, window: Box) -> Image.Image:
    """The outermost strips of the picture stretched to the borders of the window, small and blurred."""
    small = max(1, window.width // _SMALL), max(1, window.height // _SMALL)
    across, down = small[0] / window.width, small[1] / window.height
    left, top = round((place.left - window.left) * across), round((place.top - window.top) * down)
    right = max(left + 1, round((place.right - window.left) * across))
    bottom = max(top + 1, round((place.bottom - window.top) * down))
    tile = seen.resize((right - left, bottom - top), Image.Resampling.BOX)
    ground = Image.new("RGB", small)
    ground.paste(tile, (left, top))
    edge = max(1, min(tile.size) // 40)
    # First to the sides, then up and down over the whole width: so the corners continue something, too.
    for source, target, turn in (
        ((left, top, left + edge, bottom), (0, top, left, bottom), 90),
        ((right - edge, top, right, bottom), (right, top, small[0], bottom), 270),
        ((0, top, small[0], top + edge), (0, 0, small[0], top), 180),
        ((0, bottom - edge, small[0], bottom), (0, bottom, small[0], small[1]), 0),
    ):
        size = target[2] - target[0], target[3] - target[1]
        if min(size) > 0:
            ground.paste(_stretched(ground.crop(source), size, turn, min(small)), target)
    return ground.filter(ImageFilter.GaussianBlur(min(small) / 16))


def _stretched(strip: Image.Image, size: tuple[int, int], turn: int, short: int) -> Image.Image:
    """A strip drawn out over a bar that leads away from the picture: below it, turned by 90, 180 or 270 degrees.

    Far from the picture only a calm run of the strip's colours is left, or one dark spot would become a long streak.
    """
    upright = turn in (0, 180)
    few = (_CALM, 1) if upright else (1, _CALM)
    calm = strip.resize(few, Image.Resampling.BOX).resize(size, Image.Resampling.BICUBIC)
    far = size[1] if upright else size[0]
    steep = max(1.0, far / (short * 0.3))
    fade = Image.linear_gradient("L").rotate(turn).point(lambda value: min(255, round(value * steep)))
    return Image.composite(calm, strip.resize(size, Image.Resampling.BICUBIC), fade.resize(size))
