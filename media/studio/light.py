"""The room and its light: a plaster wall, a table, a window to the left, and what the light does to surfaces."""

import math
from functools import cache
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

WIDTH, HEIGHT = 2400, 3000
HORIZON = 2010
# How steeply the camera looks down: the height of a circle on the table divided by its width.
TILT = 0.2
Colour = tuple[int, int, int]

# Towards the light, from a surface in the picture's plane: left, up, towards the camera.
_LIGHT = (-0.56, -0.42, 0.71)
_HALF = (-0.30, -0.23, 0.925)
_SMALL = 8


def dice(seed: int) -> Random:
    """Chance that falls the same way each time, so that a picture has the same bytes wherever it is drawn."""
    return Random(seed)  # noqa: S311  # It scatters speckles and guards nothing.


def mixed(one: Colour, other: Colour, share: float) -> Colour:
    """`one` with a `share` (0..1) of the other."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def lit(albedo: Colour, across: float, up: float, gloss: float) -> Colour:
    """The colour of a surface that faces `across` (-1 left, 1 right) and `up` (-1 down, 1 up) in this light."""
    length = math.hypot(across, up)
    if length > 1:
        across, up = across / length, up / length
    front = math.sqrt(max(0.0, 1 - across * across - up * up))
    direct = max(0.0, (_LIGHT[0] * across - _LIGHT[1] * up + _LIGHT[2] * front) * 0.86 + 0.14)
    bounce = 0.13 * max(0.0, across) ** 3 + 0.08 * max(0.0, -up)
    shine = gloss * max(0.0, _HALF[0] * across - _HALF[1] * up + _HALF[2] * front) ** (18 + 90 * gloss) * 235
    level = 0.23 + 0.86 * direct + bounce
    red, green, blue = albedo
    warm = min(1.0, direct + 0.35)
    return (
        min(255, round(red * level * (0.96 + 0.05 * warm) + shine)),
        min(255, round(green * level * 0.985 + shine * 0.98)),
        min(255, round(blue * level * (1.03 - 0.06 * warm) + shine * 0.94)),
    )


@cache
def ramp(albedo: Colour, up: float, gloss: float) -> Image.Image:
    """One line of a round body seen from the front, left edge to right edge: 256 pixels wide, 1 high."""
    line = Image.new("RGB", (256, 1))
    line.putdata([lit(albedo, (x + 0.5) / 128 - 1, up, gloss) for x in range(256)])
    return line


def gradient(size: tuple[int, int], top: Colour, bottom: Colour) -> Image.Image:
    """From one colour at the top to the other at the bottom."""
    column = Image.new("RGB", (1, 256))
    column.putdata([mixed(top, bottom, y / 255) for y in range(256)])
    return column.resize(size, Image.Resampling.BICUBIC)


def room(wall: Colour, table: Colour, seed: int) -> Image.Image:
    """An empty table before a plaster wall, with the light of a window on it."""
    small = (WIDTH // _SMALL, HEIGHT // _SMALL)
    horizon = HORIZON // _SMALL
    scene = gradient(small, mixed(wall, (255, 255, 255), 0.12), mixed(wall, (60, 45, 40), 0.1))
    top = gradient((small[0], small[1] - horizon), mixed(table, (40, 28, 22), 0.16), mixed(table, (255, 252, 246), 0.1))
    scene.paste(top, (0, horizon))
    shade = Image.radial_gradient("L").resize((small[0] * 2, small[1] * 2), Image.Resampling.BICUBIC)
    shade = shade.crop((small[0] * 3 // 4, small[1] * 2 // 3, small[0] * 7 // 4, small[1] * 5 // 3))
    scene.paste(mixed(wall, (38, 26, 22), 0.72), mask=shade.point(lambda value: min(110, value * 2 // 5)))
    scene = Image.composite(Image.new("RGB", small, (255, 243, 222)), scene, _window(small, horizon))
    full = scene.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
    return ImageChops.soft_light(full, _plaster(seed))


def _window(size: tuple[int, int], horizon: int) -> Image.Image:
    """Where the sun falls through six panes onto the wall."""
    mask = Image.new("L", size)
    draw = ImageDraw.Draw(mask)
    width, height, gap, lean = 62, 74, 9, 0.34
    for column in range(2):
        for row in range(3):
            x, y = 20 + column * (width + gap), 8 + row * (height + gap) + column * 22
            corners = [(x, y), (x + width, y + width * lean), (x + width, y + height + width * lean), (x, y + height)]
            draw.polygon([(px + (py - y) * 0.18 + row * 14, py) for px, py in corners], fill=96 - row * 16)
    draw.rectangle((0, horizon - 2, *size), fill=0)
    return mask.filter(ImageFilter.GaussianBlur(3.2))


def _plaster(seed: int) -> Image.Image:
    """Unevenness of walls and wood, and the grain of the film: 128 is flat."""
    chance = dice(seed)
    result = Image.new("L", (WIDTH, HEIGHT), 128)
    for divisor, strength in ((96, 0.07), (24, 0.04), (2, 0.09)):
        size = (WIDTH // divisor, HEIGHT // divisor)
        noise = Image.frombytes("L", size, chance.randbytes(size[0] * size[1]))
        layer = noise.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
        result = ImageChops.add(result, layer.point([round(value * strength) for value in range(256)]), 1, 0)
        result = result.point([max(0, value - round(127 * strength)) for value in range(256)])
    return Image.merge("RGB", (result, result, result))


def shadow(scene: Image.Image, x: float, ground: float, foot: float, radius: float, height: float) -> None:
    """The shadow on the table of a thing whose foot, `foot` pixels to each side of `x`, stands at `ground`.

    `radius` is its half width where it is widest, `height` how tall it is.
    """
    small = (WIDTH // _SMALL, HEIGHT // _SMALL)
    far, near = Image.new("L", small), Image.new("L", small)
    deep = max(radius, foot) * TILT
    reach = min(radius * 2.2, radius * 0.5 + height * 0.5)
    box = (x - foot * 0.5, ground - deep * 1.25, x + radius + reach, ground + deep * 0.75)
    ImageDraw.Draw(far).ellipse([each / _SMALL for each in box], fill=215)
    box = (x - foot * 0.9, ground - deep * 0.8, x + radius * 1.12, ground + deep * 0.72)
    ImageDraw.Draw(near).ellipse([each / _SMALL for each in box], fill=165)
    box = (x - foot * 1.03, ground - foot * TILT, x + foot * 1.06, ground + foot * TILT * 1.1)
    touch = Image.new("L", small)
    ImageDraw.Draw(touch).ellipse([each / _SMALL for each in box], fill=225)
    far = far.filter(ImageFilter.GaussianBlur(radius / _SMALL / 5))
    near = near.filter(ImageFilter.GaussianBlur(radius / _SMALL / 11))
    touch = touch.filter(ImageFilter.GaussianBlur(1.6))
    # Nothing of it falls on the wall: the table ends there.
    ImageDraw.Draw(far).rectangle((0, 0, small[0], HORIZON // _SMALL), fill=0)
    mask = ImageChops.lighter(ImageChops.screen(far, near), touch)
    scene.paste((44, 27, 20), mask=mask.resize(scene.size, Image.Resampling.BICUBIC).point(lambda v: v * 4 // 5))


def glow(scene: Image.Image, x: float, y: float, radius: float, colour: Colour, strength: float) -> None:
    """Light that something gives off."""
    size = round(radius * 2)
    fall = Image.radial_gradient("L").resize((size, size), Image.Resampling.BICUBIC)
    power = [round(255 * strength * max(0.0, 1 - value / 180) ** 2.2) for value in range(256)]
    light = Image.new("RGB", (size, size), colour)
    place = (round(x - radius), round(y - radius))
    under = scene.crop((*place, place[0] + size, place[1] + size))
    scene.paste(Image.composite(ImageChops.screen(under, light), under, fall.point(power)), place)
