"""Contact sheets: many pictures on one, in rows of equal width, each with its name below it."""

from collections.abc import Sequence
from io import BytesIO
from typing import NamedTuple

from PIL import Image, ImageDraw

from media.frame import Size
from media.typesetting import text
from media.typesetting.text import Style

WIDTH = 1600
_MARGIN, _GAP, _LABEL = 32, 16, 26  # Pixels around the sheet, between its pictures, and for the name below each.
_PAPER, _INK = (224, 218, 210), (74, 67, 61)
_CAPTION = Style(family="text", weight=500, size=14, smallest=10, lines=1)


class Print(NamedTuple):
    """A finished visual and what is written below it."""

    data: bytes
    name: str


def sheet(prints: Sequence[Print], height: int, rows: Sequence[int] = ()) -> bytes:
    """The pictures in their order as one WebP of 1,600 pixels' width; rows are about `height` pixels high.

    `rows` says how many pictures each row has; left out, the rows are as even as they can be.
    """
    pictures = [Image.open(BytesIO(each.data)).convert("RGB") for each in prints]
    sizes = [Size(*each.size) for each in pictures]
    counts = list(rows) or _rows([each.width / each.height for each in sizes], height)
    strips, first = [], 0
    for count in counts:
        strips.append(_strip(pictures[first : first + count], prints[first : first + count], height))
        first += count
    made = Image.new("RGB", (WIDTH, 2 * _MARGIN - _GAP + sum(each.height + _GAP for each in strips)), _PAPER)
    top = _MARGIN
    for strip in strips:
        made.paste(strip, (0, top))
        top += strip.height + _GAP
    file = BytesIO()
    made.save(file, "WEBP", quality=80, method=4)
    return file.getvalue()


def _strip(pictures: Sequence[Image.Image], prints: Sequence[Print], height: int) -> Image.Image:
    """One row, as wide as the sheet unless that would make it much higher than was asked for."""
    room = _room(len(pictures))
    high = min(room / sum(each.width / each.height for each in pictures), height * 1.4)
    made = Image.new("RGB", (WIDTH, round(high) + _LABEL), _PAPER)
    pen, left = ImageDraw.Draw(made), float(_MARGIN)
    for picture, one in zip(pictures, prints, strict=True):
        wide = picture.width / picture.height * high
        box = round(left), round(left + wide)
        made.paste(picture.resize((box[1] - box[0], round(high)), Image.Resampling.LANCZOS), (box[0], 0))
        text.fit(one.name, _CAPTION, box[1] - box[0], _LABEL).draw(pen, box[0], round(high) + 7, _INK)
        left += wide + _GAP
    return made


def _rows(shapes: Sequence[float], height: int) -> list[int]:
    """How many pictures each row has, so that all of them are about as high as was asked for."""
    best: list[tuple[float, list[int]]] = [(0.0, [])]
    for end in range(1, len(shapes) + 1):
        best.append(
            min(
                (best[start][0] + _off(shapes[start:end], height), [*best[start][1], end - start])
                for start in range(end)
            )
        )
    return best[-1][1]


def _off(row: Sequence[float], height: int) -> float:
    return float((_room(len(row)) / sum(row) / height - 1) ** 2)


def _room(count: int) -> int:
    return WIDTH - 2 * _MARGIN - _GAP * (count - 1)
