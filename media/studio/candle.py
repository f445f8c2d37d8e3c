"""A scented candle in a stoneware cup, lit."""

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from media.studio.light import TILT, glow, lit
from media.studio.pottery import Glaze, Turned, stand
from media.typesetting import fonts

_FINE = 2


def candle(scene: Image.Image, x: float, ground: float, radius: float, glaze: Glaze, name: str) -> None:
    """Put the candle onto the table; `name` is what its label says."""
    height = radius * 2.05
    cup = Turned(
        ((0, 1.0), (0.5, 1.0), (0.93, 1.0), (0.97, 0.985), (1, 0.95)), radius, height, glaze, lip=radius * 0.05
    )
    stand(scene, cup, x, ground)
    mouth = ground - height
    _wax(scene, x, mouth + radius * 0.035, radius * 0.93)
    _label(scene, x, ground - height * 0.5, radius, name)
    _flame(scene, x, mouth + radius * 0.02, radius)


def _wax(scene: Image.Image, x: float, y: float, r: float) -> None:
    """Wax, melted around the wick, with light in it."""
    place = (round(x - r * 1.1), round(y - r * TILT * 1.3))
    size = (round(r * 2.2), round(r * TILT * 2.6))
    middle = (x - place[0], y - place[1])
    soft = _disc(size, middle, r, 3)
    scene.paste((246, 226, 188), place, soft)
    scene.paste((255, 214, 138), place, ImageChops.darker(_disc(size, middle, r * 0.62, r / 14), soft))


def _disc(size: tuple[int, int], middle: tuple[float, float], r: float, blur: float) -> Image.Image:
    """A circle that lies on the table."""
    x, y = middle
    mask = Image.new("L", size)
    ImageDraw.Draw(mask).ellipse((x - r, y - r * TILT, x + r, y + r * TILT), fill=245)
    return mask.filter(ImageFilter.GaussianBlur(blur))


def _label(scene: Image.Image, x: float, y: float, radius: float, name: str) -> None:
    """A paper label around the cup, printed in two lines."""
    width, height = radius * 1.02, radius * 0.8
    size = (round(width * _FINE), round(height * _FINE))
    paper = Image.new("RGB", size, (246, 240, 228))
    draw = ImageDraw.Draw(paper)
    inset = round(size[1] * 0.07)
    draw.rectangle((inset, inset, size[0] - inset, size[1] - inset), outline=(150, 118, 92), width=3)
    big, small = fonts.load("display", 500, round(size[1] * 0.25)), fonts.load("text", 500, round(size[1] * 0.085))
    draw.text((size[0] / 2, size[1] * 0.43), name, (58, 44, 36), font=big, anchor="mm")
    draw.text((size[0] / 2, size[1] * 0.72), "M A I S O N   V I T R I N E", (120, 96, 78), font=small, anchor="mm")
    light = Image.new("RGB", (64, 1))
    light.putdata([lit((250, 247, 242), (column / 63 - 0.5) * 1.02, 0.0, 0.0) for column in range(64)])
    paper = ImageChops.multiply(paper, light.resize(size))
    # Each column hangs as low as the cup is round there.
    bowed = Image.new("RGB", (size[0], size[1] + round(radius * TILT * _FINE)))
    mask = Image.new("L", bowed.size)
    for column in range(size[0]):
        u = (column / size[0] - 0.5) * 1.02
        drop = round(radius * TILT * _FINE * ((1 - u * u) ** 0.5))
        bowed.paste(paper.crop((column, 0, column + 1, size[1])), (column, drop))
        mask.paste(255, (column, drop, column + 1, drop + size[1]))
    fine = (bowed.width // _FINE, bowed.height // _FINE)
    place = (round(x - fine[0] / 2), round(y - fine[1] / 2))
    scene.paste(bowed.resize(fine, Image.Resampling.BOX), place, mask.resize(fine, Image.Resampling.BOX))


def _flame(scene: Image.Image, x: float, y: float, radius: float) -> None:
    height = radius * 0.62
    draw = ImageDraw.Draw(scene)
    draw.line([(x, y), (x + radius * 0.012, y - radius * 0.15)], fill=(40, 28, 22), width=round(radius * 0.028))
    glow(scene, x, y - height * 0.5, radius * 2.6, (255, 196, 120), 0.42)
    base = y - radius * 0.1
    outline = [(0.0, 0.0), (0.3, 0.45), (0.55, 0.9), (0.75, 1.0), (0.9, 0.75), (1.0, 0.2)]
    left, upper = round(x - radius * 0.3), round(base - height * 1.2)
    for size, colour, blur in (
        (1.0, (255, 150, 50), radius * 0.03),
        (0.8, (255, 206, 110), radius * 0.02),
        (0.56, (255, 246, 214), radius * 0.014),
    ):
        tall, wide = height * size, radius * 0.11 * size
        foot, middle = base - upper, x - left
        right = [(middle + wide * w, foot - tall + tall * t) for t, w in outline]
        mask = Image.new("L", (round(radius * 0.6), round(height * 1.5)))
        ImageDraw.Draw(mask).polygon([*right, *((2 * middle - px, py) for px, py in reversed(right))], fill=235)
        scene.paste(colour, (left, upper), mask.filter(ImageFilter.GaussianBlur(blur)))
