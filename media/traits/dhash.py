"""Difference hash: 64 bits that stay nearly the same when a picture is compressed, resized or brightened.

Each bit says whether a patch is darker than the one to its right, on a grid of 9 x 8 patches. Patches that hardly
differ count as not darker: noise on a flat background would toss those bits.

For looking up, the 64 bits are dealt out to four bands of 16. Two hashes that differ in at most nine bits differ in at
most two of one band (the pigeonhole principle), and there are only 137 bands that near to each: 548 look-ups in an
index find all there is. Each band has every fourth bit, so that none lies on the background alone.
"""

import math
from functools import cache
from itertools import combinations

from PIL import Image

FARTHEST = 9
_BANDS = 4
_WIDTH = 16
_OFF = FARTHEST // _BANDS  # Bits in which at least one band differs at most.
_ALL = 2**64 - 1
_LEAST = 2  # Of 255.


def of(image: Image.Image) -> str:
    """The hash of a picture, 16 hexadecimal digits."""
    grid = image.convert("L").resize((9, 8), Image.Resampling.BOX).tobytes()
    bits = 0
    for row in range(8):
        for at in range(row * 9, row * 9 + 8):
            bits = bits << 1 | (grid[at + 1] - grid[at] > _LEAST)
    return f"{bits:016x}"


def distance(first: int, second: int) -> int:
    """In how many bits two hashes differ, 0 to 64; as numbers."""
    return ((first ^ second) & _ALL).bit_count()


def number(dhash: str) -> int:
    """A hash as databases keep 64 bits: -2^63 to 2^63 - 1."""
    return int.from_bytes(bytes.fromhex(dhash), "big", signed=True)


def bands(dhash: str) -> list[int]:
    """The four bands of a hash: each its place, times 65,536, and its 16 bits."""
    bits = f"{int(dhash, 16):064b}"
    return [place << _WIDTH | int(bits[place::_BANDS], 2) for place in range(_BANDS)]


def near_bands(dhash: str) -> list[int]:
    """The bands of which every hash within nine bits of this one has at least one."""
    return [band ^ off for band in bands(dhash) for off in _offs()]


NEAR_BANDS = _BANDS * sum(math.comb(_WIDTH, count) for count in range(_OFF + 1))


@cache
def _offs() -> tuple[int, ...]:
    return tuple(
        sum(1 << place for place in places)
        for count in range(_OFF + 1)
        for places in combinations(range(_WIDTH), count)
    )
