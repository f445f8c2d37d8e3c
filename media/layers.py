"""Layers: the pieces that a template puts on a canvas, drawn in order from back to front."""

from typing import Protocol

import msgspec
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from media.frame import Box, Frame, Size
from media.palette import Rgb
from media.text import Fitted

_SMALL = 8  # Backgrounds are blurred at an eighth of their size: the eye sees no difference, the clock does.
_STRANGE = 42  # Difference of two patches in 0..255 that only another thing makes, not a fold or a shadow.
_ACROSS, _DOWN = Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.FLIP_TOP_BOTTOM


class Picture:
    """The decoded master, possibly at a reduced scale, shared by all formats of one request."""

    def __init__(self, image: Image.Image, size: Size) -> None:
        """`size` is the master's own size, which frames count in; `image` may be smaller."""
        self.image, self.size = image, size

    def seen(self, frame: Frame) -> Image.Image:
        """What the frame shows, at the size of its window."""
        across, down = self.image.width / self.size.width, self.image.height / self.size.height
        left, top, right, bottom = frame.source()
        box = (left * across, top * down, min(right * across, self.image.width), min(bottom * down, self.image.height))
        made = self.image.resize(frame.window.size, Image.Resampling.LANCZOS, box=box)
        if frame.scale <= 1.1:
            return made
        # An enlarged picture has no fine detail left: lifting its edges a little is what makes it look in focus.
        return made.filter(ImageFilter.UnsharpMask(radius=min(frame.scale, 4.0), percent=70, threshold=2))


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


class Photo(msgspec.Struct, frozen=True):
    """The picture in its window. Where the frame pads, the rest of the window continues the picture out of focus."""

    frame: Frame
    window: Box

    def draw(self, canvas: Image.Image, picture: Picture, /) -> None:
        """Paste the picture, on its own blurred continuation where it does not fill the window."""
        seen = picture.seen(self.frame)
        if self.frame.window != self.window:
            canvas.paste(_continued(seen, self.frame.window, self.window), self.window.corners)
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


def _continued(seen: Image.Image, place: Box, window: Box) -> Image.Image:
    """The window filled with what surrounds the picture: its edges drawn outwards and out of focus.

    Next to the picture its mirror image fades out, so that a quilt or a tiled floor goes on without a seam; further
    away only the colours of the edge are left, because a mirrored product would look like a ghost.
    """
    spot = Box(place.left - window.left, place.top - window.top, place.right - window.left, place.bottom - window.top)
    ground = _drawn_out(seen, spot, window.size)
    mirrored, mask = ground.copy(), Image.new("L", window.size, 0)
    for turn, strips in _sides(spot, window.size):
        mirrored.paste(seen.transpose(turn), _beyond(spot, strips[0]))
        fitting = (each for each in strips if _alike(mirrored.crop(each.corners), ground.crop(each.corners)))
        strip = next(fitting, strips[-1])
        fade = Image.linear_gradient("L") if turn is _DOWN else Image.linear_gradient("L").rotate(90)
        if strip.left >= spot.right or strip.top >= spot.bottom:
            fade = fade.rotate(180)
        mask.paste(fade.resize(strip.size), strip.corners)
    return Image.composite(mirrored, ground, mask)


def _sides(spot: Box, size: tuple[int, int]) -> list[tuple[Image.Transpose, list[Box]]]:
    """For each side that is open: how the picture is mirrored there, and strips along it from wide to narrow."""
    width, height = size
    reaches = [min(max(24, min(size) // part), spot.width, spot.height) for part in (5, 8, 14, 24)]
    sides = (
        (_ACROSS, [Box(max(0, spot.left - reach), spot.top, spot.left, spot.bottom) for reach in reaches]),
        (_ACROSS, [Box(spot.right, spot.top, min(width, spot.right + reach), spot.bottom) for reach in reaches]),
        (_DOWN, [Box(spot.left, max(0, spot.top - reach), spot.right, spot.top) for reach in reaches]),
        (_DOWN, [Box(spot.left, spot.bottom, spot.right, min(height, spot.bottom + reach)) for reach in reaches]),
    )
    return [(turn, strips) for turn, strips in sides if strips[0].width and strips[0].height]


def _alike(mirrored: Image.Image, ground: Image.Image) -> bool:
    """Whether a strip of the mirror image holds no more than the ground does: a texture, but nothing of a product."""
    coarse = max(1, mirrored.width // 24), max(1, mirrored.height // 24)
    patches = [each.resize(coarse, Image.Resampling.BOX) for each in (mirrored, ground)]
    extremes = ImageChops.difference(*patches).getextrema()
    return max(int(each[1]) for each in extremes if isinstance(each, tuple)) < _STRANGE


def _beyond(spot: Box, strip: Box) -> tuple[int, int]:
    """Where the upper left corner of the mirrored picture lies."""
    if strip.right <= spot.left:
        return spot.left - spot.width, spot.top
    if strip.left >= spot.right:
        return spot.right, spot.top
    return (spot.left, spot.top - spot.height) if strip.bottom <= spot.top else (spot.left, spot.bottom)


def _drawn_out(seen: Image.Image, spot: Box, size: tuple[int, int]) -> Image.Image:
    """The outermost strips of the picture stretched to the borders of the window, and blurred."""
    small = max(1, size[0] // _SMALL), max(1, size[1] // _SMALL)
    across, down = small[0] / size[0], small[1] / size[1]
    left, right = round(spot.left * across), max(round(spot.left * across) + 1, round(spot.right * across))
    top, bottom = round(spot.top * down), max(round(spot.top * down) + 1, round(spot.bottom * down))
    tile = seen.resize((right - left, bottom - top), Image.Resampling.BOX)
    ground = tile.resize(small, Image.Resampling.BOX)
    ground.paste(tile, (left, top))
    edge = max(1, min(tile.size) // 40)
    for source, target in (
        ((0, 0, edge, tile.height), (0, top, left, bottom)),
        ((tile.width - edge, 0, tile.width, tile.height), (right, top, small[0], bottom)),
        ((0, 0, tile.width, edge), (left, 0, right, top)),
        ((0, tile.height - edge, tile.width, tile.height), (left, bottom, right, small[1])),
    ):
        room = target[2] - target[0], target[3] - target[1]
        if min(room) > 0:
            ground.paste(tile.resize(room, Image.Resampling.BICUBIC, box=source), target)
    soft = ground.filter(ImageFilter.GaussianBlur(min(small) / 16))
    return soft.resize(size, Image.Resampling.BICUBIC)
