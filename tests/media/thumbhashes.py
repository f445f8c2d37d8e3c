"""A reader of ThumbHash, as the description of the format has it, for the tests of our writer."""

import math
from base64 import b64decode
from collections.abc import Iterator

from PIL import Image


def shown(thumbhash: str, width: int, height: int) -> Image.Image:
    """The preview that a hash holds, at any size."""
    data = b64decode(thumbhash)
    first, second = int.from_bytes(data[:3], "little"), int.from_bytes(data[3:5], "little")
    assert not first >> 23, "no alpha channel is written"
    landscape, shorter = second >> 15, second & 7
    across, down = (7, shorter) if landscape else (shorter, 7)
    nibbles = (nibble for byte in data[5:] for nibble in (byte & 15, byte >> 4))
    light = _channel((first & 63) / 63, (first >> 18 & 31) / 31, max(3, across), max(3, down), nibbles, 1.0)
    yellow = _channel((first >> 6 & 63) / 31.5 - 1, (second >> 3 & 63) / 63, 3, 3, nibbles, 1.25)
    red = _channel((first >> 12 & 63) / 31.5 - 1, (second >> 9 & 63) / 63, 3, 3, nibbles, 1.25)
    pixels = bytearray()
    for y in range(height):
        for x in range(width):
            place = (x + 0.5) / width, (y + 0.5) / height
            lightness, yellowness, redness = (_at(channel, *place) for channel in (light, yellow, red))
            blue = lightness - 2 / 3 * yellowness
            reddish = (3 * lightness - blue + redness) / 2
            for value in (reddish, reddish - redness, blue):
                pixels.append(max(0, min(255, round(255 * value))))
    return Image.frombytes("RGB", (width, height), bytes(pixels))


_Terms = list[tuple[int, int, float]]


def _channel(mean: float, scale: float, across: int, down: int, nibbles: Iterator[int], boost: float) -> _Terms:
    places = [(x, y) for y in range(down) for x in range(across) if (x or y) and x * down < across * (down - y)]
    return [(0, 0, mean), *((x, y, (next(nibbles) / 7.5 - 1) * scale * boost) for x, y in places)]


def _at(terms: _Terms, x: float, y: float) -> float:
    """The channel at a place, 0..1 from the left and the top."""
    return sum(
        weight * math.cos(math.pi * across * x) * math.cos(math.pi * down * y) * (2 if across or down else 1)
        for across, down, weight in terms
    )
