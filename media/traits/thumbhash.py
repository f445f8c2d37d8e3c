"""ThumbHash: a blurred preview of a picture in about 25 bytes, which a page can show before the picture is there.

Written after the description of the format by Evan Wallace (https://evanw.github.io/thumbhash/): luminance and two
colour differences, each as the lowest frequencies of a discrete cosine transform, quantised to four bits a number.
Ours are of opaque pictures, so the alpha channel of the format is not written.
"""

import math
from base64 import b64decode, b64encode
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from PIL import Image

_SIDE = 32  # Pixels of the longer side that the frequencies are taken of: five times the highest of them.
_MOST = 7  # Frequencies of the luminance along the longer side.
_NOTHING = 1e-9  # What is left of the frequencies of one colour is rounding.


class _Waves(NamedTuple):
    """One channel: its mean, its other frequencies in 0..1, and what they were divided by."""

    mean: float
    rest: list[float]
    scale: float


def encode(image: Image.Image) -> str:
    """The hash of an RGB picture, base64 of 18 to 25 bytes."""
    longest = max(image.size)
    size = max(1, round(_SIDE * image.width / longest)), max(1, round(_SIDE * image.height / longest))
    raw = image.resize(size, Image.Resampling.BOX).tobytes()
    pixels = list(zip(raw[0::3], raw[1::3], raw[2::3], strict=True))
    across, down = (max(1, _whole(_MOST * side / longest)) for side in image.size)
    light = _waves([(r + g + b) / 765 for r, g, b in pixels], size, max(3, across), max(3, down))
    yellow = _waves([((r + g) / 2 - b) / 255 for r, g, b in pixels], size, 3, 3)
    red = _waves([(r - g) / 255 for r, g, _ in pixels], size, 3, 3)
    landscape = image.width > image.height
    first = (
        _whole(63 * light.mean)
        | _whole(31.5 + 31.5 * yellow.mean) << 6
        | _whole(31.5 + 31.5 * red.mean) << 12
        | _whole(31 * light.scale) << 18
    )
    second = (
        (down if landscape else across) | _whole(63 * yellow.scale) << 3 | _whole(63 * red.scale) << 9 | landscape << 15
    )
    nibbles = [_whole(15 * each) for each in (*light.rest, *yellow.rest, *red.rest)]
    nibbles += [0] * (len(nibbles) % 2)
    packed = bytes(low | high << 4 for low, high in zip(nibbles[0::2], nibbles[1::2], strict=True))
    return b64encode(first.to_bytes(3, "little") + second.to_bytes(2, "little") + packed).decode()


def colours(thumbhash: str) -> tuple[float, ...]:
    """Where a picture is yellow, blue, red and green, of its hash: twelve numbers, whose distance is that of pictures.

    The mean and five frequencies of each of the two colour differences, as parts of the full range.
    """
    data = b64decode(thumbhash)
    first, second = int.from_bytes(data[:3], "little"), int.from_bytes(data[3:5], "little")
    longer, shorter = _MOST, max(3, second & 7)
    # The luminance comes first: all frequencies below the diagonal but the mean.
    light = sum(1 for y in range(shorter) for x in range(longer) if x * shorter < longer * (shorter - y)) - 1
    nibbles = [nibble for byte in data[5:] for nibble in (byte & 15, byte >> 4)][light : light + 10]
    yellow, red = (second >> 3 & 63) / 63, (second >> 9 & 63) / 63
    scales = [math.sqrt(2) * yellow] * 5 + [math.sqrt(2) * red] * 5
    waves = [(nibble / 7.5 - 1) * scale for nibble, scale in zip(nibbles, scales, strict=True)]
    return (first >> 6 & 63) / 31.5 - 1, (first >> 12 & 63) / 31.5 - 1, *waves


def _waves(values: Sequence[float], size: tuple[int, int], across: int, down: int) -> _Waves:
    """The frequencies below the diagonal of `across` x `down`, row by row."""
    width, height = size
    lines = [values[at * width : (at + 1) * width] for at in range(height)]
    # First along each line, then down the columns of what came out.
    along = [[sum(map(float.__mul__, line, wave)) for wave in _cosines(width, across)] for line in lines]
    found = []
    for y, wave in enumerate(_cosines(height, down)):
        x = 0
        while x * down < across * (down - y):
            found.append(sum(weight * line[x] for weight, line in zip(wave, along, strict=True)) / (width * height))
            x += 1
    mean, rest = found[0], found[1:]
    scale = max(map(abs, rest))
    if scale < _NOTHING:
        return _Waves(mean, [0.0] * len(rest), 0.0)
    return _Waves(mean, [0.5 + 0.5 / scale * each for each in rest], scale)


@cache
def _cosines(length: int, count: int) -> list[list[float]]:
    return [[math.cos(math.pi / length * at * (place + 0.5)) for place in range(length)] for at in range(count)]


def _whole(value: float) -> int:
    """Rounded half up, as the reference does."""
    return math.floor(value + 0.5)
