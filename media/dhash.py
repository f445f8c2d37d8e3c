"""Difference hash: 64 bits that stay nearly the same when a picture is compressed, resized or brightened.

Each bit says whether a patch is darker than the one to its right, on a grid of 9 x 8 patches. Patches that hardly
differ count as not darker: noise on a flat background would toss those bits.
"""

from PIL import Image

BITS = 64
_LEAST = 2  # Of 255.


def of(image: Image.Image) -> str:
    """The hash of a picture, 16 hexadecimal digits."""
    grid = image.convert("L").resize((9, 8), Image.Resampling.BOX).tobytes()
    bits = 0
    for row in range(8):
        for at in range(row * 9, row * 9 + 8):
            bits = bits << 1 | (grid[at + 1] - grid[at] > _LEAST)
    return f"{bits:016x}"


def distance(first: str, second: str) -> int:
    """In how many bits two hashes differ, 0 to 64."""
    return (int(first, 16) ^ int(second, 16)).bit_count()
