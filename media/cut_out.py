"""Cutting what a picture shows out of its flat ground, to stand it on another one.

Inside is what differs from the ground or is enclosed by what does; outside, shadows go along: a pixel is as much darker
than the new ground as it was than the old one.
"""

from collections.abc import Callable, Sequence
from functools import reduce
from itertools import chain

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from media.palette import Rgb

_LOOK = 360  # Pixels of the longer side at which inside and outside are told apart.
_STRIP = 0.03  # Of each side: where the ground is looked for.
_FLAT = 18  # Difference of a channel in 0..255 within which two pixels are of one ground.
_SIDE, _SIDES = 0.9, 3  # So much of so many sides is ground: what is shown may stand on the fourth.
_GROUND = 12  # Difference from the ground below which a pixel is ground, whatever it looks like.
_STEEP = 14  # Difference between neighbours that no soft shadow makes.
_TINT = 8  # Difference between the channels' differences that makes a shadow no shadow, but a colour.
_NOISE = 7  # Difference from the ground that is none.
_EDGE = (14, 70)  # Differences between which an edge fades from the ground into what is shown.
_SHADOW = 9  # Pixels of a quarter of that picture across which a shadow is kept, odd as the filter wants it.
_MIDDLE = 128


def ground_of(image: Image.Image) -> Rgb | None:
    """The colour of the flat ground that the picture was taken on, or None where there is none."""
    small = image.resize(_small(image), Image.Resampling.BOX)
    deep = max(1, round(min(small.size) * _STRIP))
    width, height = small.size
    sides = [
        small.crop(box)
        for box in (
            (0, 0, width, deep),
            (0, height - deep, width, height),
            (0, 0, deep, height),
            (width - deep, 0, width, height),
        )
    ]
    found = _median(sides)
    alike = [_alike(side, found) for side in sides]
    return found if sum(each >= _SIDE for each in alike) >= _SIDES else None


def onto(seen: Image.Image, old: Rgb, new: Rgb, even: Image.Image | None = None) -> Image.Image:
    """The picture on a ground of the colour `new`, in place of its flat ground of the colour `old`.

    Where its ground is not flat, `even` is the same picture with a flat one.
    """
    even = even or seen
    inside = _inside(even.resize(_small(seen), Image.Resampling.BOX), old)
    core = inside.filter(ImageFilter.MinFilter(5)).resize(seen.size, Image.Resampling.BICUBIC)
    near = inside.resize(seen.size, Image.Resampling.BICUBIC)
    low, high = _EDGE
    edge = _difference(even, old).point([_share(value, low, high) for value in range(256)])
    mask = ImageChops.lighter(core, ImageChops.multiply(edge, near)).filter(ImageFilter.GaussianBlur(0.6))
    # Shadows lie beside what throws them; what is further away is the old ground's own grain.
    beside = inside.reduce(4).filter(ImageFilter.MaxFilter(_SHADOW)).filter(ImageFilter.GaussianBlur(_SHADOW / 3))
    ground = Image.new("RGB", seen.size, new)
    ground.paste(_shifted(even, old, new), mask=beside.resize(seen.size, Image.Resampling.BICUBIC))
    return Image.composite(seen, ground, mask)


def _small(image: Image.Image) -> tuple[int, int]:
    scale = min(1.0, _LOOK / max(image.size))
    return max(1, round(image.width * scale)), max(1, round(image.height * scale))


def _median(images: list[Image.Image]) -> Rgb:
    """The middle value of each channel."""
    total = [sum(counts) for counts in zip(*(image.histogram() for image in images), strict=True)]
    red, green, blue = (_middle(total[start : start + 256]) for start in (0, 256, 512))
    return red, green, blue


def _middle(counts: list[int]) -> int:
    half, seen = sum(counts) / 2, 0
    for value, count in enumerate(counts):
        seen += count
        if seen >= half:
            return value
    return 255


def _alike(side: Image.Image, colour: Rgb) -> float:
    """The share of pixels that are of this colour."""
    counts = _difference(side, colour).histogram()
    return sum(counts[: _FLAT + 1]) / max(1, sum(counts))


def _difference(image: Image.Image, colour: Rgb) -> Image.Image:
    """How far each pixel is from a colour, in its channel that is furthest: 0..255."""
    return _extreme(ImageChops.lighter, ImageChops.difference(image, Image.new("RGB", image.size, colour)).split())


def _inside(small: Image.Image, old: Rgb) -> Image.Image:
    """255 where a pixel is not connected with the border by ground, or by a shadow on it: grey, and soft everywhere."""
    difference = _difference(small, old)
    darker = [
        channel.point([max(0, was - value) for value in range(256)])
        for channel, was in zip(small.split(), old, strict=True)
    ]
    deepest, shallowest = _extreme(ImageChops.lighter, darker), _extreme(ImageChops.darker, darker)
    tint = ImageChops.subtract(deepest, shallowest)
    steep = ImageChops.subtract(
        difference.filter(ImageFilter.MaxFilter(3)), difference.filter(ImageFilter.MinFilter(3))
    )
    brighter = ImageChops.subtract(difference, deepest)
    walls = _extreme(
        ImageChops.lighter,
        [_above(steep, _STEEP), _above(tint, _TINT), _above(brighter, 0)],
    )
    shown = ImageChops.multiply(_above(difference, _GROUND), walls)
    around = Image.new("L", (small.width + 2, small.height + 2), 0)
    around.paste(shown, (1, 1))
    ImageDraw.floodfill(around, (0, 0), _MIDDLE)
    return around.point(lambda value: 0 if value == _MIDDLE else 255).crop((1, 1, around.width - 1, around.height - 1))


def _extreme(choose: Callable[[Image.Image, Image.Image], Image.Image], images: Sequence[Image.Image]) -> Image.Image:
    return reduce(choose, images)


def _above(image: Image.Image, limit: int) -> Image.Image:
    return image.point(lambda value: 255 if value > limit else 0)


def _shifted(seen: Image.Image, old: Rgb, new: Rgb) -> Image.Image:
    """The ground with its shadows, moved from one colour to the other; its noise stays behind."""
    tables = ([_moved(value - was, now) for value in range(256)] for was, now in zip(old, new, strict=True))
    return seen.point(list(chain.from_iterable(tables)))


def _moved(difference: int, now: int) -> int:
    quiet = max(0, abs(difference) - _NOISE)
    return min(255, max(0, now + (quiet if difference > 0 else -quiet)))


def _share(value: int, low: int, high: int) -> int:
    return min(255, max(0, round((value - low) * 255 / (high - low))))
