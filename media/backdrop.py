"""What stands where a picture does not reach: its own edges drawn outwards, itself out of focus, or one colour.

On one colour the picture may be cut out of its own flat ground, so that only what it shows stands there.
"""

import msgspec
from PIL import Image, ImageChops, ImageFilter

from media import cut_out
from media.frame import Background, Box
from media.palette import Rgb
from media.slope import WHOLE, Part, Slope

_SMALL = 8  # Backgrounds are blurred at an eighth of their size: the eye sees no difference, the clock does.
_CALM = 3  # Colours that are left of an edge far away from it.
_STRANGE = 42  # Difference of two patches in 0..255 that only another thing makes, not a fold or a shadow.
_DIMMED = 0.9  # Of its light a picture keeps behind itself, so that the two are told apart.
_ACROSS, _DOWN = Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.FLIP_TOP_BOTTOM


class Backdrop(msgspec.Struct, frozen=True):
    """How the rest of a window is filled; `ground` is the colour of `colour` and `cut-out`.

    `flat` is the colour of the picture's own ground where it is to be cut out of it, `slope` how that changes softly.
    """

    kind: Background = "extended"
    ground: Rgb = (255, 255, 255)
    flat: Rgb | None = None
    slope: Slope | None = None

    def lay(self, canvas: Image.Image, seen: Image.Image, place: Box, window: Box, part: Part = WHOLE) -> None:
        """Put what is seen of a picture, `part` of it, in its place, and fill what that leaves of the window."""
        if self.kind == "cut-out" and self.flat is not None:
            even = self.slope.even(seen, part) if self.slope is not None else seen
            seen = cut_out.onto(seen, self.flat, self.ground, even)
        if place != window:
            self._fill(canvas, seen, place, window)
        canvas.paste(seen, place.corners)

    def _fill(self, canvas: Image.Image, seen: Image.Image, place: Box, window: Box) -> None:
        if self.kind == "extended" or (self.kind == "cut-out" and self.flat is None):
            _extend(canvas, seen, place, window)
        elif self.kind == "blur":
            canvas.paste(_out_of_focus(seen, window), window.corners)
        else:
            canvas.paste(self.ground, window.corners)


def _out_of_focus(seen: Image.Image, window: Box) -> Image.Image:
    """The picture so large that it fills the window, blurred until nothing in it is a thing, and a little darker."""
    small = max(1, window.width // _SMALL), max(1, window.height // _SMALL)
    scale = min(seen.width / small[0], seen.height / small[1])
    # The products may be larger than the picture by a rounding error, which a resize refuses.
    across, down = min(seen.width, small[0] * scale), min(seen.height, small[1] * scale)
    left, top = (seen.width - across) / 2, (seen.height - down) / 2
    tiny = seen.resize(small, Image.Resampling.BOX, box=(left, top, left + across, top + down))
    soft = tiny.filter(ImageFilter.GaussianBlur(min(small) / 6)).point(lambda value: value * _DIMMED)
    return soft.resize(window.size, Image.Resampling.BICUBIC)


def _extend(canvas: Image.Image, seen: Image.Image, place: Box, window: Box) -> None:
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
