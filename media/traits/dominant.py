"""The colours that a picture mostly has, and that of its background where it has one colour."""

import math
from statistics import median_low

import msgspec
from PIL import Image

MOST = 6
_SHADES = 32  # That the median cut parts the picture into, before like shades are joined.
_ALIKE = 0.09  # Distance in OKLab within which two colours have the same name.
_LEAST = 0.01  # Share of the picture.
_EVEN = 10  # Of 255 in any channel: more is not the same background.
_MOST_OF_BORDER = 0.75


class Swatch(msgspec.Struct, frozen=True):
    """One colour, `#rrggbb`, and the share of the picture that it has, 0..1."""

    colour: str
    share: float


def palette(small: Image.Image) -> list[Swatch]:
    """Up to six colours of a small RGB picture that one can tell apart, the most frequent first.

    Shares are of the picture; they add up to less than 1 where something has a colour of less than a hundredth.
    """
    parted = small.quantize(_SHADES, Image.Quantize.MEDIANCUT)
    colours, counts = parted.getpalette() or [], parted.histogram()
    groups = [
        (count, (float(colours[3 * at]), float(colours[3 * at + 1]), float(colours[3 * at + 2])))
        for at, count in enumerate(counts)
        if count
    ]
    while len(groups) > 1:
        apart, first, second = min(
            (math.dist(_oklab(one[1]), _oklab(other[1])), at, after)
            for at, one in enumerate(groups)
            for after, other in enumerate(groups[at + 1 :], at + 1)
        )
        if apart > _ALIKE and len(groups) <= MOST:
            break
        groups[first] = _joined(groups[first], groups.pop(second))
    total = small.width * small.height
    kept = [each for each in groups if each[0] >= _LEAST * total]
    return [Swatch(_hex(mean), round(count / total, 3)) for count, mean in sorted(kept, key=lambda each: -each[0])]


def background(small: Image.Image) -> str | None:
    """The colour of a flat background as `#rrggbb`: three quarters of the border are within 10 of 255 of it."""
    ring = max(1, round(min(small.size) * 0.04))
    width, height = small.size
    sides = (
        (0, 0, width, ring),
        (0, height - ring, width, height),
        (0, 0, ring, height),
        (width - ring, 0, width, height),
    )
    raw = b"".join(small.crop(box).tobytes() for box in sides)
    middle = [median_low(raw[channel::3]) for channel in range(3)]
    pixels = list(zip(raw[0::3], raw[1::3], raw[2::3], strict=True))
    even = [each for each in pixels if max(abs(a - b) for a, b in zip(each, middle, strict=True)) <= _EVEN]
    if len(even) < _MOST_OF_BORDER * len(pixels):
        return None
    red, green, blue = (sum(each[channel] for each in even) / len(even) for channel in range(3))
    return _hex((red, green, blue))


def _joined(
    first: tuple[int, tuple[float, float, float]], second: tuple[int, tuple[float, float, float]]
) -> tuple[int, tuple[float, float, float]]:
    count = first[0] + second[0]
    red, green, blue = ((a * first[0] + b * second[0]) / count for a, b in zip(first[1], second[1], strict=True))
    return count, (red, green, blue)


def _hex(colour: tuple[float, float, float]) -> str:
    return "#" + bytes(round(channel) for channel in colour).hex()


def _oklab(colour: tuple[float, float, float]) -> tuple[float, float, float]:
    """Lightness and two opponent colours in which distances are as seen (Björn Ottosson, 2020)."""
    red, green, blue = (
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
        for channel in (each / 255 for each in colour)
    )
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )
