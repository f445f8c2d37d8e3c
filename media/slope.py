"""The ground of a studio's picture: one colour on which the light falls off softly, as on paper or a wall.

Each channel is a surface of the second degree over the picture, found from its border. Of 24 pictures taken at home (on
sheets, floors and doors) none has such a ground: of the third best of its sides at most 0.81 are within 4 of 255 of the
best surface; of a lamp's vignette or a run of grey on paper 0.96 and more, under coarse grain too.
"""

from collections.abc import Sequence

import msgspec
from PIL import Image, ImageChops

from media.palette import Rgb

Part = tuple[float, float, float, float]
WHOLE: Part = (0.0, 0.0, 1.0, 1.0)
_LOOK = 60  # Pixels of the longer side at which the border is looked at.
_DEEP = 2
_NEAR = 4.0  # Difference of a channel in 0..255 within which a pixel is of the ground.
_SIDE, _SIDES = 0.9, 3  # So much of so many sides is ground: what is shown may stand on the fourth.
_SOFT = (8, 90)  # Differences of a channel over the picture that falling light makes: less is none, more is a picture.
_ROUNDS = 4  # Of leaving out what is not near, and looking again.
_GRID = 32
_Seen = tuple[float, float, Rgb]
_Terms = tuple[float, ...]


class Slope(msgspec.Struct, frozen=True):
    """A ground that changes softly: the terms of each channel's surface, and the colour in its middle."""

    channels: tuple[_Terms, _Terms, _Terms]
    colour: Rgb

    def even(self, seen: Image.Image, part: Part = WHOLE) -> Image.Image:
        """What is seen of a picture, as it would be on a ground of the middle's colour; `part` of it, 0..1, is seen."""
        ground = self._drawn(part).resize(seen.size, Image.Resampling.BICUBIC)
        brighter, darker = ImageChops.subtract(seen, ground), ImageChops.subtract(ground, seen)
        return ImageChops.subtract(ImageChops.add(Image.new("RGB", seen.size, self.colour), brighter), darker)

    def _drawn(self, part: Part) -> Image.Image:
        left, top, right, bottom = part
        across = [left + (right - left) * (x + 0.5) / _GRID - 0.5 for x in range(_GRID)]
        down = [top + (bottom - top) * (y + 0.5) / _GRID - 0.5 for y in range(_GRID)]
        raw = bytes(min(255, max(0, round(each))) for y in down for x in across for each in _at(self.channels, x, y))
        return Image.frombytes("RGB", (_GRID, _GRID), raw)


def find(image: Image.Image) -> Slope | None:
    """The softly changing ground that a picture was taken on; None where there is none, or one of one colour."""
    scale = min(1.0, _LOOK / max(image.size))
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    sides = _border(image.resize(size, Image.Resampling.BOX))
    border = [each for side in sides for each in side]
    kept, channels = border, _fitted(border)
    for _ in range(_ROUNDS):
        kept = [each for each in border if _near(channels, each)]
        if len(kept) < len(border) / 2:
            return None
        channels = _fitted(kept)
    alike = [sum(_near(channels, each) for each in side) / len(side) for side in sides]
    steps = [step / 4 - 0.5 for step in range(5)]
    surface = [_at(channels, x, y) for x in steps for y in steps]
    steep = max(max(channel) - min(channel) for channel in zip(*surface, strict=True))
    if sum(each >= _SIDE for each in alike) < _SIDES or not _SOFT[0] <= steep <= _SOFT[1]:
        return None
    red, green, blue = (min(255, max(0, round(each))) for each in _at(channels, 0.0, 0.0))
    return Slope(channels, (red, green, blue))


def _border(small: Image.Image) -> list[list[_Seen]]:
    """The pixels along the top, the bottom, the left and the right, with their places from -0.5 to 0.5."""
    width, height = small.size
    raw = small.tobytes()

    def at(x: int, y: int) -> _Seen:
        first = 3 * (y * width + x)
        return (x + 0.5) / width - 0.5, (y + 0.5) / height - 0.5, (raw[first], raw[first + 1], raw[first + 2])

    across, down = range(width), range(height)
    return [
        [at(x, y) for y in down[:_DEEP] for x in across], [at(x, y) for y in down[-_DEEP:] for x in across],
        [at(x, y) for y in down for x in across[:_DEEP]], [at(x, y) for y in down for x in across[-_DEEP:]],
    ]  # fmt: skip


def _terms(x: float, y: float) -> _Terms:
    return 1.0, x, y, x * x, x * y, y * y


def _at(channels: Sequence[_Terms], x: float, y: float) -> list[float]:
    terms = _terms(x, y)
    return [sum(a * b for a, b in zip(channel, terms, strict=True)) for channel in channels]


def _near(channels: Sequence[_Terms], seen: _Seen) -> bool:
    x, y, colour = seen
    return all(abs(a - b) <= _NEAR for a, b in zip(_at(channels, x, y), colour, strict=True))


def _fitted(border: Sequence[_Seen]) -> tuple[_Terms, _Terms, _Terms]:
    """The surfaces with the least squares of differences, by the normal equations."""
    rows = [(_terms(x, y), colour) for x, y, colour in border]
    count = len(rows[0][0])
    # The small addition keeps the equations solvable for a picture of one column.
    left = [
        [sum(terms[i] * terms[j] for terms, _ in rows) + (1e-6 * len(rows) if i == j else 0.0) for j in range(count)]
        for i in range(count)
    ]
    right = [[sum(terms[i] * colour[channel] for terms, colour in rows) for channel in range(3)] for i in range(count)]
    for i in range(count):
        for k in range(count):
            if k != i:
                share = left[k][i] / left[i][i]
                left[k] = [a - share * b for a, b in zip(left[k], left[i], strict=True)]
                right[k] = [a - share * b for a, b in zip(right[k], right[i], strict=True)]
    red, green, blue = (tuple(right[i][channel] / left[i][i] for i in range(count)) for channel in range(3))
    return red, green, blue
