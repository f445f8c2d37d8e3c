"""What stands in a vase: eucalyptus, cut a while ago."""

import math
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from media.studio.light import Colour, dice, mixed

_FINE = 2


def eucalyptus(scene: Image.Image, x: float, y: float, length: float, seed: int, stems: int = 5) -> None:
    """A bunch that comes out of a mouth at `x`,`y` and is `length` pixels long."""
    chance = dice(seed)
    reach = round(length * 1.15)
    size = (reach * 2, reach)
    leaves = Image.new("RGBA", (size[0] * _FINE, size[1] * _FINE))
    draw = ImageDraw.Draw(leaves)
    order = sorted(range(stems), key=lambda each: -abs(each - (stems - 1) / 2))
    for each in order:
        lean = (each - (stems - 1) / 2) / max(1, stems - 1) * 1.25 + chance.uniform(-0.14, 0.14)
        _stem(draw, (reach * _FINE, reach * _FINE), length * _FINE * chance.uniform(0.66, 1.0), lean, chance)
    small = leaves.resize(size, Image.Resampling.BOX)
    place = (round(x - reach), round(y - reach))
    _shade_on_wall(scene, small.getchannel("A"), (place[0] + 150, place[1] + 90))
    scene.paste(small, place, small)


def _stem(draw: ImageDraw.ImageDraw, root: tuple[float, float], length: float, lean: float, chance: Random) -> None:
    x, y = root
    points = [(x, y)]
    steps = 26
    for step in range(steps):
        angle = lean * (0.35 + 1.0 * step / steps) + 0.04 * math.sin(step * 0.7)
        x, y = x + math.sin(angle) * length / steps, y - math.cos(angle) * length / steps
        points.append((x, y))
    draw.line(points, fill=(112, 92, 66, 255), width=round(6 * _FINE), joint="curve")
    for step in range(6, steps + 1, 2):
        px, py = points[step]
        size = length * (0.072 - 0.0013 * step) * chance.uniform(0.8, 1.15)
        heading = lean * (0.35 + step / steps)
        for side in (-1, 1):
            turn = heading + side * chance.uniform(0.7, 1.3)
            _leaf(draw, (px, py), size, turn, _green(chance, side), chance.uniform(0.62, 0.92))


def _green(chance: Random, side: int) -> Colour:
    light = chance.uniform(0.0, 0.55) - 0.14 * side
    return mixed((86, 104, 90), (178, 190, 166), max(0.0, min(1.0, light)))


def _leaf(
    draw: ImageDraw.ImageDraw, foot: tuple[float, float], size: float, turn: float, colour: Colour, wide: float
) -> None:
    """A round leaf, one half a little darker along its vein."""
    along, across = (math.sin(turn), -math.cos(turn)), (math.cos(turn), math.sin(turn))

    def at(t: float, w: float) -> tuple[float, float]:
        return (
            foot[0] + along[0] * size * 2 * t + across[0] * size * w,
            foot[1] + along[1] * size * 2 * t + across[1] * size * w,
        )

    upper = [at(t / 12, wide * math.sin(math.pi * (t / 12) ** 0.85)) for t in range(13)]
    lower = [at(t / 12, -wide * math.sin(math.pi * (t / 12) ** 0.85)) for t in range(13)]
    draw.polygon([*upper, at(0.5, 0)], fill=(*colour, 255))
    draw.polygon(upper, fill=(*colour, 255))
    draw.polygon(lower, fill=(*mixed(colour, (52, 66, 60), 0.3), 255))
    draw.line([at(0, 0), at(0.97, 0)], fill=(*mixed(colour, (210, 214, 190), 0.4), 255), width=_FINE)


def _shade_on_wall(scene: Image.Image, shape: Image.Image, place: tuple[int, int]) -> None:
    small = shape.resize((shape.width // 8, shape.height // 8)).filter(ImageFilter.GaussianBlur(3))
    soft = small.resize(shape.size, Image.Resampling.BICUBIC).point(lambda v: v * 2 // 5)
    under = scene.crop((*place, place[0] + shape.width, place[1] + shape.height))
    dark = ImageChops.multiply(under, Image.new("RGB", shape.size, (168, 146, 130)))
    scene.paste(dark, place, soft)
