"""Bodies of revolution: what a potter turns, as its half width at every height."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from media.studio.light import TILT, Colour, dice, gradient, lit, mixed, ramp, shadow

_FINE = 2  # Drawn twice as large and reduced: smooth edges.


@dataclass(frozen=True)
class Glaze:
    """How a body is coloured: below `dip` (0 top, 1 bottom) the clay shows. `speckles` per body; lengths in pixels."""

    colour: Colour
    gloss: float = 0.25
    clay: Colour | None = None
    dip: float = 1.0
    speckles: int = 0


@dataclass(frozen=True)
class Turned:
    """A turned body: its outline as (height 0..1 from the top, half width 0..1 of `radius`), joined smoothly."""

    outline: Sequence[tuple[float, float]]
    radius: float
    height: float
    glaze: Glaze
    lip: float = 16.0


def stand(scene: Image.Image, body: Turned, x: float, ground: float, seed: int = 1) -> None:
    """Put the body onto the table: `x` is its middle, `ground` the height of the middle of its foot, in pixels."""
    foot = body.radius * body.outline[-1][1]
    shadow(scene, x, ground, foot, body.radius, body.height)
    picture, alpha = turned(body, seed)
    place = (round(x - picture.width / 2), round(ground - body.height - body.radius * TILT))
    scene.paste(picture, place, alpha)


def turned(body: Turned, seed: int) -> tuple[Image.Image, Image.Image]:
    """The body and its mask; the middle of its mouth lies radius × TILT below the picture's upper edge."""
    half = body.radius * _FINE
    top, rows = round(half * TILT), round(body.height * _FINE)
    width = _profile(body.outline)
    size = (round(half * 2), top + rows + round(half * TILT) + 2)
    picture, mask = Image.new("RGB", size), Image.new("L", size)
    draw = ImageDraw.Draw(mask)
    chance = dice(seed)
    wave = [chance.uniform(0, 6.28), chance.uniform(2.2, 3.4)]
    for row in range(rows):
        share = row / rows
        r = width(share) * half
        slope = (width(min(1.0, share + 0.004)) - width(max(0.0, share - 0.004))) / 0.008 * body.radius / body.height
        _line(picture, draw, (half, top + row, r), body.glaze, _up(slope))
    foot = width(1.0) * half
    depth = max(1, round(foot * TILT))
    for row in range(depth):
        r = foot * (1 - ((row + 0.5) / depth) ** 2) ** 0.5
        _line(picture, draw, (half, top + rows + row, r), body.glaze, -0.1)
    picture = ImageChops.multiply(picture, gradient(size, (255, 255, 255), (216, 206, 200)))
    if body.glaze.clay is not None and body.glaze.dip < 1:
        _dipped(picture, body, top, rows, half, wave)
    _speckled(picture, body.glaze, chance)
    _mouth(picture, draw, body, width(0.0) * half, top, half)
    small = (size[0] // _FINE, size[1] // _FINE)
    return picture.resize(small, Image.Resampling.BOX), mask.resize(small, Image.Resampling.BOX)


def _up(slope: float) -> float:
    """How far a flank that widens downwards by `slope` faces up, in steps that the ramps are kept for."""
    steep = slope / math.hypot(1.0, slope)
    return round(max(-0.9, min(0.9, steep)) * 48) / 48


def _line(
    picture: Image.Image, draw: ImageDraw.ImageDraw, place: tuple[float, int, float], glaze: Glaze, up: float
) -> None:
    """One line of the body: `place` is its middle, its height in the picture and its half width."""
    middle, y, r = place
    if r < 1:
        return
    left, right = round(middle - r), round(middle + r)
    picture.paste(ramp(glaze.colour, up, glaze.gloss).resize((max(1, right - left), 1)), (left, y))
    draw.rectangle((left, y, right - 1, y), fill=255)


def _profile(outline: Sequence[tuple[float, float]]) -> Callable[[float], float]:
    """Half width at every height: Catmull-Rom through the outline's points."""
    points = [outline[0], *outline, outline[-1]]

    def at(share: float) -> float:
        index = 1
        while index < len(points) - 3 and share > points[index + 1][0]:
            index += 1
        (_, a), (x1, b), (x2, c), (_, d) = points[index - 1 : index + 3]
        t = min(1.0, max(0.0, (share - x1) / ((x2 - x1) or 1)))
        return float(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t**3))

    return at


def _dipped(picture: Image.Image, body: Turned, top: int, rows: int, half: float, wave: Sequence[float]) -> None:
    """Bare clay below the line up to which the potter held it into the glaze."""
    assert body.glaze.clay is not None
    bare, _ = turned(
        Turned(body.outline, body.radius, body.height, Glaze(body.glaze.clay, gloss=0.02, speckles=0), body.lip), 1
    )
    bare = bare.resize(picture.size, Image.Resampling.BILINEAR)
    edge = top + rows * body.glaze.dip
    line = []
    for step in range(41):
        u = step / 20 - 1
        sag = half * TILT * max(0.0, 1 - u * u) ** 0.5
        line.append((half + u * half, edge + sag * 0.9 + half * 0.035 * _ripple(u, wave)))
    mask = Image.new("L", picture.size)
    ImageDraw.Draw(mask).polygon([*line, (picture.width, picture.height), (0, picture.height)], fill=255)
    rim = mask.filter(ImageFilter.GaussianBlur(5)).point(lambda v: 120 if 30 < v < 200 else 0)
    picture.paste((52, 38, 32), mask=rim.filter(ImageFilter.GaussianBlur(3)).point(lambda v: v // 2))
    picture.paste(bare, mask=mask.filter(ImageFilter.GaussianBlur(1.5)))


def _ripple(u: float, wave: Sequence[float]) -> float:
    return math.sin(u * wave[1] + wave[0]) + 0.4 * math.sin(u * wave[1] * 3.1 + 1.7)


def _speckled(picture: Image.Image, glaze: Glaze, chance: Random) -> None:
    """Iron in the clay that comes through the glaze."""
    if not glaze.speckles:
        return
    spots = Image.new("L", picture.size)
    draw = ImageDraw.Draw(spots)
    for _ in range(glaze.speckles):
        # Denser towards the edges, where the surface turns away.
        u = chance.uniform(-1, 1)
        x, y = picture.width / 2 * (1 + u * (1.35 - 0.35 * abs(u)) / 1.0), chance.uniform(0, picture.height)
        r = chance.choice((1.2, 1.6, 2.0, 2.6, 3.8))
        draw.ellipse((x - r * 0.9, y - r, x + r * 0.9, y + r), fill=chance.randint(70, 190))
    picture.paste((74, 52, 40), mask=spots.filter(ImageFilter.GaussianBlur(0.8)))


def _mouth(picture: Image.Image, draw: ImageDraw.ImageDraw, body: Turned, r: float, y: float, middle: float) -> None:
    """The opening: a lip that catches the light, and the inside, darker on the side of the light."""
    colour = body.glaze.colour
    outer = (middle - r, y - r * TILT, middle + r, y + r * TILT)
    lip = min(body.lip * _FINE, r * 0.4)
    inner = (middle - r + lip, y - (r - lip) * TILT, middle + r - lip, y + (r - lip) * TILT)
    draw.ellipse(outer, fill=255)
    edge = Image.new("L", picture.size)
    ImageDraw.Draw(edge).ellipse(outer, fill=255)
    bright = Image.new("RGB", (64, 1))
    bright.putdata([mixed(lit(colour, -0.5, 0.62, 0.0), lit(colour, 0.4, 0.5, 0.0), x / 63) for x in range(64)])
    picture.paste(bright.resize(picture.size), mask=edge)
    hole = Image.new("L", picture.size)
    ImageDraw.Draw(hole).ellipse(inner, fill=255)
    inside = Image.new("RGB", (64, 1))
    inside.putdata(
        [lit(mixed(colour, (50, 36, 30), 0.42 - 0.4 * x / 63), 0.55 - 1.15 * x / 63, 0.1, 0.0) for x in range(64)]
    )
    depth = round(inner[3] - inner[1])
    deep = inside.resize(picture.size)
    fall = Image.linear_gradient("L").resize((picture.width, max(1, depth))).point(lambda v: round(60 + v * 0.25))
    shade = Image.new("L", picture.size)
    shade.paste(fall, (0, round(inner[1])))
    deep.paste((34, 24, 20), mask=shade.point(lambda v: max(0, 150 - v)))
    picture.paste(deep, mask=hole.filter(ImageFilter.GaussianBlur(1)))
