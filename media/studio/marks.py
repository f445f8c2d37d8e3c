"""Product tags drawn onto a copy of a picture, for people who check them."""

from collections.abc import Sequence
from io import BytesIO
from typing import NamedTuple

from PIL import Image, ImageDraw

from media.typesetting import runs, text, words
from media.typesetting.runs import Cut

_FINE = 2
_DARK, _LIGHT = (24, 20, 18, 225), (255, 255, 255, 255)


class Mark(NamedTuple):
    """A point, 0..1 from the left and the top, and what is there."""

    x: float
    y: float
    label: str


def marked(content: bytes, marks: Sequence[Mark]) -> bytes:
    """The picture with a dot at each mark and its label beside it; JPEG in, JPEG out, same size."""
    picture = Image.open(BytesIO(content), formats=["JPEG"]).convert("RGB")
    for mark in marks:
        _mark(picture, mark)
    file = BytesIO()
    picture.save(file, "JPEG", quality=88)
    return file.getvalue()


def _mark(picture: Image.Image, mark: Mark) -> None:
    unit = picture.width / 1080
    x, y = mark.x * picture.width, mark.y * picture.height
    cut = Cut("text", 600, round(30 * unit * _FINE))
    line = runs.lay(words.clean(mark.label[:60])[0], cut, rtl=text.direction(mark.label))
    wide = line.width / _FINE + 36 * unit
    tall, gap, dot = 58 * unit, 26 * unit, 13 * unit
    left = min(max(x - wide / 2, 8 * unit), picture.width - wide - 8 * unit)
    below = y + gap + tall < picture.height - 8 * unit
    upper = y + gap if below else y - gap - tall
    box = (int(min(left, x) - 60 * unit), int(min(upper, y) - 40 * unit))
    size = (int(max(wide, 1) + abs(x - left) + 160 * unit), int(tall + gap + 90 * unit))
    layer = Image.new("RGBA", (size[0] * _FINE, size[1] * _FINE))
    draw = ImageDraw.Draw(layer)

    def at(px: float, py: float) -> tuple[float, float]:
        return (px - box[0]) * _FINE, (py - box[1]) * _FINE

    tip = upper if below else upper + tall
    draw.polygon([at(x, y + (dot if below else -dot)), at(x - 14 * unit, tip), at(x + 14 * unit, tip)], fill=_DARK)
    draw.rounded_rectangle((*at(left, upper), *at(left + wide, upper + tall)), 14 * unit * _FINE, fill=_DARK)
    start, baseline = at(left + 18 * unit, upper + tall / 2)
    runs.draw(draw, line, cut, (start - line.left, round(baseline + cut.size * 0.36)), _LIGHT[:3])
    for r, colour in ((dot * 1.5, (255, 255, 255, 90)), (dot, _LIGHT), (dot * 0.45, (180, 85, 45, 255))):
        draw.ellipse((*at(x - r, y - r), *at(x + r, y + r)), fill=colour)
    small = layer.resize(size, Image.Resampling.BOX)
    picture.paste(small, box, small)
