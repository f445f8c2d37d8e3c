"""Leather goods: a tote bag that stands."""

from itertools import pairwise
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from media.studio.light import Colour, dice, lit, mixed, shadow
from media.typesetting import fonts

_FINE = 2


def tote(scene: Image.Image, x: float, ground: float, width: float, colour: Colour, seed: int) -> None:
    """Put the bag onto the table: `width` pixels wide at its mouth, its foot at `ground`."""
    height = width * 0.92
    shadow(scene, x, ground - width * 0.035, width * 0.43, width * 0.5, height)
    top = ground - height
    _handle(scene, x + width * 0.02, top + width * 0.02, width * 0.5, mixed(colour, (30, 16, 10), 0.34))
    _mouth(scene, x, top, width, colour)
    _body(scene, x, top, (width, height), colour, dice(seed))
    _handle(scene, x - width * 0.01, top + width * 0.13, width * 0.52, colour)
    _rivets(scene, x - width * 0.01, top + width * 0.1, width)


def grained(size: tuple[int, int], chance: Random) -> Image.Image:
    """The grain of calf leather: 128 is flat."""
    small = (size[0] // 5, size[1] // 5)
    noise = Image.frombytes("L", small, chance.randbytes(small[0] * small[1])).filter(ImageFilter.GaussianBlur(0.9))
    wide = noise.resize(size, Image.Resampling.BICUBIC)
    relief = ImageChops.subtract(wide, ImageChops.offset(wide, 5, 5), 1.0, 128)
    return relief.point([round(128 + (value - 128) * 0.62) for value in range(256)])


def _shape(size: tuple[int, int], inset: float = 0.0) -> list[tuple[float, float]]:
    """The outline of the front: wider at the mouth, sagging a little, with round lower corners."""
    width, height = size
    points = []
    for step in range(25):
        u = step / 24
        points.append((inset + (width - 2 * inset) * u, inset + height * 0.028 * (1 - (2 * u - 1) ** 2)))
    narrow = width * 0.07
    right = [
        (width - inset - narrow * t**1.3 + width * 0.012 * (t * (1 - t)) * 4, height * t) for t in (0.3, 0.6, 0.85)
    ]
    points += right
    r = height * 0.07
    points += [(width - narrow - inset - r * 0.12, height - r), (width - narrow - inset - r, height - inset)]
    points += [(narrow + inset + r, height - inset), (narrow + inset + r * 0.12, height - r)]
    points += [(width - px, py) for px, py in reversed(right)]
    return points


def _body(
    scene: Image.Image, x: float, top: float, extent: tuple[float, float], colour: Colour, chance: Random
) -> None:
    size = (round(extent[0] * _FINE), round(extent[1] * _FINE))
    line = Image.new("RGB", (128, 1))
    line.putdata([lit(colour, (u / 127 - 0.5) * 1.35, 0.05, 0.1) for u in range(128)])
    leather = line.resize(size, Image.Resampling.BICUBIC)
    grain = grained(size, chance)
    leather = ImageChops.soft_light(leather, Image.merge("RGB", (grain, grain, grain)))
    # Soft dents where it gives under its own weight.
    dents = Image.new("L", (size[0] // 16, size[1] // 16), 128)
    draw = ImageDraw.Draw(dents)
    for _ in range(7):
        px, py = chance.uniform(0, dents.width), chance.uniform(dents.height * 0.2, dents.height)
        r = chance.uniform(8, 26)
        draw.ellipse((px - r, py - r * 0.6, px + r, py + r * 0.6), fill=chance.choice((104, 112, 146, 152)))
    dents = dents.filter(ImageFilter.GaussianBlur(8)).resize(size, Image.Resampling.BICUBIC)
    leather = ImageChops.soft_light(leather, Image.merge("RGB", (dents, dents, dents)))
    fall = Image.new("RGB", (1, 64))
    fall.putdata([mixed((255, 255, 255), (150, 134, 128), (y / 63) ** 2 * 0.9) for y in range(64)])
    leather = ImageChops.multiply(leather, fall.resize(size, Image.Resampling.BICUBIC))
    draw = ImageDraw.Draw(leather)
    _stitch(draw, _shape(size, 26), mixed(colour, (255, 240, 214), 0.62))
    edge = mixed(colour, (28, 14, 8), 0.5)
    draw.line([*_shape(size), _shape(size)[0]], fill=edge, width=9, joint="curve")
    _stamp(leather, size, colour)
    mask = Image.new("L", size)
    ImageDraw.Draw(mask).polygon(_shape(size), fill=255)
    small = (size[0] // _FINE, size[1] // _FINE)
    place = (round(x - small[0] / 2), round(top))
    scene.paste(leather.resize(small, Image.Resampling.BOX), place, mask.resize(small, Image.Resampling.BOX))


def _stitch(draw: ImageDraw.ImageDraw, outline: list[tuple[float, float]], thread: Colour) -> None:
    """Dashes along a line, each with the hole that it goes into."""
    path = [*outline, outline[0]]
    carried = 0.0
    for (ax, ay), (bx, by) in pairwise(path):
        length = ((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5 or 1.0
        at = -carried
        while at < length:
            start, end = max(0.0, at), min(length, at + 17)
            if end > start:
                one = (ax + (bx - ax) * start / length, ay + (by - ay) * start / length)
                two = (ax + (bx - ax) * end / length, ay + (by - ay) * end / length)
                draw.line([(one[0] + 1, one[1] + 3), (two[0] + 1, two[1] + 3)], fill=(44, 26, 18), width=5)
                draw.line([one, two], fill=thread, width=5)
            at += 28
        carried = (length - at) % 28 if at > length else 0.0


def _stamp(leather: Image.Image, size: tuple[int, int], colour: Colour) -> None:
    font = fonts.load("display", 600, round(size[1] * 0.047))
    draw = ImageDraw.Draw(leather)
    place = (size[0] / 2, size[1] * 0.80)
    lower = (place[0] + 1, place[1] + 2)  # The lower edge of each pressed letter catches the light.
    draw.text(lower, "Maison Vitrine", mixed(colour, (255, 230, 200), 0.22), font=font, anchor="mm")
    draw.text(place, "Maison Vitrine", mixed(colour, (30, 16, 10), 0.66), font=font, anchor="mm")


def _mouth(scene: Image.Image, x: float, top: float, width: float, colour: Colour) -> None:
    """The back panel's edge and the dark inside."""
    layer = Image.new("L", (round(width * _FINE), round(width * 0.12 * _FINE)))
    box = (6, 6, layer.width - 6, layer.height * 1.6)
    ImageDraw.Draw(layer).ellipse(box, fill=255)
    small = layer.resize((layer.width // _FINE, layer.height // _FINE), Image.Resampling.BOX)
    place = (round(x - small.width / 2), round(top - width * 0.045))
    scene.paste(mixed(colour, (20, 10, 6), 0.25), place, small)
    inner = small.resize((round(small.width * 0.985), round(small.height * 0.9)))
    scene.paste(mixed(colour, (18, 9, 6), 0.8), (place[0] + 5, place[1] + 9), inner)


def _handle(scene: Image.Image, x: float, y: float, span: float, colour: Colour) -> None:
    """A round handle sewn on at both ends, `span` pixels apart."""
    size = (round(span * 1.2 * _FINE), round(span * 1.15 * _FINE))
    layer = Image.new("RGBA", size)
    draw = ImageDraw.Draw(layer)
    thick = span * 0.074 * _FINE
    left, right = span * 0.1 * _FINE, span * 1.1 * _FINE
    for share, tone in ((1.0, lit(colour, 0.85, -0.2, 0)), (0.8, colour), (0.5, lit(colour, -0.2, 0.3, 0.0)),
                        (0.2, lit(colour, -0.42, 0.42, 0.22))):  # fmt: skip
        w = thick * share
        shift = thick * (1 - share) * -0.22
        box = (left + shift, thick + shift, right + shift, size[1] * 1.75 + shift)
        draw.arc(_wider(box, w / 2), 180, 360, fill=(*tone, 255), width=max(1, round(w)))
    small = layer.resize((size[0] // _FINE, size[1] // _FINE), Image.Resampling.BOX)
    place = (round(x - small.width / 2), round(y - small.height))
    shade = small.getchannel("A").filter(ImageFilter.GaussianBlur(12)).point(lambda v: v // 3)
    scene.paste((40, 24, 18), (place[0] + 16, place[1] + 14), shade)
    scene.paste(small, place, small)


def _wider(box: tuple[float, float, float, float], by: float) -> tuple[float, float, float, float]:
    return box[0] - by, box[1] - by, box[2] + by, box[3] + by


def _rivets(scene: Image.Image, x: float, y: float, width: float) -> None:
    for side in (-1, 1):
        px, py, r = x + side * width * 0.26, y, width * 0.014
        draw = ImageDraw.Draw(scene)
        draw.ellipse((px - r * 1.25, py - r, px + r * 1.35, py + r * 1.5), fill=(52, 34, 24))
        draw.ellipse((px - r, py - r, px + r, py + r), fill=(196, 158, 96))
        draw.ellipse((px - r * 0.6, py - r * 0.7, px + r * 0.1, py), fill=(246, 222, 170))
