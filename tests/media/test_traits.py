"""What is measured of a picture: colours, preview, focal point, subject, sharpness, background."""

import math
from base64 import b64decode
from io import BytesIO
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter

from media import intake, palette
from media.frame import Area, Point
from media.studio.still_lifes import STILL_LIVES, TOTE, StillLife
from media.traits import dominant, sharpness, subject, thumbhash, traits
from tests.media.pictures import photo, quarters, saved
from tests.media.thumbhashes import shown

WHITE = (252, 252, 250)


def on(ground: tuple[int, int, int], *boxes: tuple[int, int, int, int], colour: tuple[int, int, int]) -> Image.Image:
    """A picture of 800 x 1000 with one-coloured things on a flat ground."""
    image = Image.new("RGB", (800, 1000), ground)
    for box in boxes:
        ImageDraw.Draw(image).ellipse(box, fill=colour)
    return image


def creased(seed: int = 1) -> Image.Image:
    """A sheet that is lit from one side and lies in folds: 800 x 1000."""
    light = Image.linear_gradient("L").rotate(90).resize((800, 1000)).point(lambda value: 150 + value // 4)
    chance = Random(seed)
    folds = Image.frombytes("L", (16, 20), chance.randbytes(320)).resize((800, 1000), Image.Resampling.BICUBIC)
    sheet = Image.blend(light, folds, 0.12)
    return Image.merge("RGB", (sheet, sheet.point(lambda value: value - 4), sheet.point(lambda value: value - 12)))


def near(found: Area | None, wanted: tuple[float, float, float, float], tolerance: float = 0.04) -> bool:
    if found is None:
        return False
    edges = (found.left, found.top, found.right, found.bottom)
    return all(abs(edge - other) <= tolerance for edge, other in zip(edges, wanted, strict=True))


@pytest.mark.parametrize(
    ("box", "colour"),
    [
        ((500, 620, 720, 860), (40, 80, 160)),
        ((40, 50, 200, 300), (180, 60, 60)),
        ((200, 300, 600, 800), (238, 236, 230)),
    ],
    ids=["off the middle", "in a corner", "white on white"],
)
def test_on_a_flat_background_the_subject_is_what_differs_from_it(
    box: tuple[int, int, int, int], colour: tuple[int, int, int]
) -> None:
    found = traits.measure(on(WHITE, box, colour=colour))
    assert found.background is not None
    assert near(found.subject, (box[0] / 800, box[1] / 1000, box[2] / 800, box[3] / 1000))
    assert found.focal.x == pytest.approx((box[0] + box[2]) / 1600, abs=0.03)
    assert found.focal.y == pytest.approx((box[1] + box[3]) / 2000, abs=0.03)


def test_two_shoes_are_one_subject() -> None:
    found = traits.measure(on(WHITE, (100, 300, 350, 800), (450, 310, 700, 810), colour=(70, 40, 30)))
    assert near(found.subject, (0.125, 0.3, 0.875, 0.81))


def test_a_thin_chain_on_white_is_found_whole() -> None:
    image = Image.new("RGB", (800, 800), (255, 255, 255))
    ImageDraw.Draw(image).line((200, 100, 400, 700, 600, 100), fill=(210, 170, 90), width=5)
    assert near(traits.measure(image).subject, (0.25, 0.125, 0.75, 0.875))


def test_what_goes_on_beyond_the_picture_is_a_subject_too() -> None:
    image = Image.new("RGB", (800, 1000), (205, 200, 196))
    ImageDraw.Draw(image).ellipse((300, 60, 500, 340), fill=(190, 120, 90))
    ImageDraw.Draw(image).rectangle((150, 340, 650, 1000), fill=(30, 50, 40))
    assert near(traits.measure(image).subject, (0.19, 0.06, 0.81, 1.0))


@pytest.mark.parametrize("seed", range(5))
def test_a_garment_on_a_creased_sheet_is_found(seed: int) -> None:
    image = creased(seed)
    ImageDraw.Draw(image).polygon([(250, 200), (550, 200), (680, 850), (120, 850)], fill=(96, 40, 60))
    found = traits.measure(image)
    assert found.background is None
    assert near(found.subject, (0.15, 0.2, 0.85, 0.85), 0.06)


@pytest.mark.parametrize("life", STILL_LIVES, ids=lambda life: life.slug)
def test_the_subject_of_a_still_life_holds_its_products(life: StillLife) -> None:
    found = traits.measure(life.draw())
    assert found.subject is not None
    assert all(found.subject.left < x < found.subject.right for x, _ in life.points.values())
    assert all(found.subject.top < y < found.subject.bottom for _, y in life.points.values())
    assert (found.subject.right - found.subject.left) * (found.subject.bottom - found.subject.top) < 0.7


def test_a_table_that_gets_lighter_towards_one_side_is_no_part_of_the_subject() -> None:
    found = traits.measure(TOTE.draw())
    assert near(found.subject, (0.19, 0.12, 0.81, 0.89))


@pytest.mark.parametrize(
    "image",
    [
        Image.new("RGB", (500, 400), (200, 180, 170)),
        Image.effect_noise((600, 600), 60).convert("RGB"),
        Image.linear_gradient("L").convert("RGB"),
        Image.new("RGB", (64, 4000), (10, 10, 10)),
    ],
    ids=["one colour", "noise", "gradient", "thread"],
)
def test_where_nothing_stands_out_there_is_no_subject_and_the_middle_stays(image: Image.Image) -> None:
    found = traits.measure(image)
    assert found.subject is None
    assert 0.3 < found.focal.x < 0.7
    assert 0.3 < found.focal.y < 0.7


@settings(max_examples=40, deadline=None)
@given(st.integers(64, 300), st.integers(64, 300), st.integers(0, 2**32))
def test_whatever_the_picture_all_is_within_its_bounds(width: int, height: int, seed: int) -> None:
    chance = Random(seed)
    small = chance.randint(1, 9)
    image = Image.frombytes("RGB", (small, small), chance.randbytes(3 * small * small)).resize((width, height))
    found = traits.measure(image)
    assert 0 <= found.focal.x <= 1
    assert 0 <= found.focal.y <= 1
    if found.subject is not None:
        assert 0 <= found.subject.left < found.subject.right <= 1
        assert 0 <= found.subject.top < found.subject.bottom <= 1
    assert 1 <= len(found.palette) <= dominant.MOST
    assert 0.5 < sum(each.share for each in found.palette) < 1.004
    assert len(found.dhash) == 16
    assert found == traits.measure(image)


def test_the_palette_names_the_colours_that_one_sees() -> None:
    image = on((240, 236, 228), (100, 100, 700, 900), colour=(30, 60, 140))
    ImageDraw.Draw(image).rectangle((300, 420, 500, 580), fill=(220, 60, 50))
    found = dominant.palette(image.resize((64, 80), Image.Resampling.BOX))
    assert found == sorted(found, key=lambda each: -each.share)
    shares = [(240, 236, 228, 0.53), (30, 60, 140, 0.43), (220, 60, 50, 0.04)]
    for red, green, blue, share in shares:
        like = [each for each in found if math.dist(palette.rgb(each.colour), (red, green, blue)) < 20]
        assert sum(each.share for each in like) == pytest.approx(share, abs=0.04)


def test_shades_of_one_colour_are_one_colour() -> None:
    image = Image.merge(
        "RGB", [Image.linear_gradient("L").point(lambda value, base=base: base + value // 20) for base in (90, 120, 60)]
    )
    assert len(dominant.palette(image.resize((64, 64)))) == 1


@pytest.mark.parametrize(("noise", "flat"), [(0, True), (4, True), (60, False)])
def test_a_background_is_flat_when_most_of_the_border_is_of_one_colour(noise: int, flat: bool) -> None:
    image = Image.new("RGB", (64, 64), (230, 225, 220))
    chance = Random(3)
    for x in range(64):
        for y in range(64):
            image.putpixel((x, y), tuple(value - chance.randint(0, noise) for value in (230, 225, 220)))
    image.paste((40, 60, 50), (20, 30, 44, 64))
    found = dominant.background(image)
    assert (found is not None) is flat
    assert found is None or all(
        abs(int(found[at : at + 2], 16) - value) < 5 for at, value in ((1, 230), (3, 225), (5, 220))
    )


def test_sharpness_is_the_same_at_any_resolution() -> None:
    life = STILL_LIVES[4].draw()
    whole = sharpness.of(life)
    assert whole is not None
    for share in (2, 3):
        smaller = sharpness.of(life.resize((life.width // share, life.height // share), Image.Resampling.LANCZOS))
        assert smaller is not None
        assert abs(whole - smaller) < 0.1


def test_a_picture_out_of_focus_is_said_to_be_blurred() -> None:
    life = STILL_LIVES[4].draw()
    blurred = life.filter(ImageFilter.GaussianBlur(2.5 * max(life.size) / sharpness.SIDE))
    warnings = [intake.open_picture(saved(each, quality=90)).warnings for each in (life, blurred)]
    assert warnings[0] == []
    assert [each["slug"] for each in warnings[1]] == ["blurred"]
    assert isinstance(warnings[1][0]["sharpness"], float)
    assert warnings[1][0]["sharpness"] < sharpness.BLURRED


def test_what_is_sharp_before_a_soft_background_is_sharp() -> None:
    image = creased().filter(ImageFilter.GaussianBlur(30))
    image.paste(quarters(200, 200), (300, 400))
    found = sharpness.of(image)
    assert found is not None
    assert found > 2 * sharpness.BLURRED


def test_one_even_plane_has_no_sharpness() -> None:
    assert sharpness.of(Image.new("RGB", (300, 300), (200, 190, 180))) is None
    assert sharpness.of(creased().filter(ImageFilter.GaussianBlur(80))) == 0


# The bytes that npm's `thumbhash` 0.1.1, the reference, gives for the same pixels.
HASHES = {(32, 24): "XvgFFYJAQ2Q0hZdVikeXhshv7iQ/", (20, 32): "XfgFFAIxA2M4loNIaHj+ap8x9w=="}


@pytest.mark.parametrize(("width", "height"), HASHES)
def test_thumbhash_is_written_as_the_reference_does(width: int, height: int) -> None:
    pixels = bytes(
        value % 256
        for y in range(height)
        for x in range(width)
        for value in (x * x * 3 + y * 5, y * y * 2 + x * 7, x * y + 40)
    )
    assert thumbhash.encode(Image.frombytes("RGB", (width, height), pixels)) == HASHES[width, height]


@pytest.mark.parametrize("size", [(600, 400), (400, 600), (500, 500), (1000, 100)])
def test_a_thumbhash_shows_the_picture_blurred(size: tuple[int, int]) -> None:
    image = quarters(*size)
    preview = shown(thumbhash.encode(image), 32, 32)
    assert len(b64decode(thumbhash.encode(image))) <= 25
    for at in ((0.2, 0.2), (0.8, 0.2), (0.2, 0.8), (0.8, 0.8)):
        wanted = image.getpixel((int(at[0] * image.width), int(at[1] * image.height)))
        found = preview.getpixel((int(at[0] * 32), int(at[1] * 32)))
        assert isinstance(wanted, tuple)
        assert isinstance(found, tuple)
        assert all(abs(a - b) < 70 for a, b in zip(wanted, found, strict=True))


def test_a_picture_of_one_colour_has_a_thumbhash_of_that_colour() -> None:
    assert shown(thumbhash.encode(Image.new("RGB", (90, 90), (200, 120, 40))), 1, 1).getpixel((0, 0)) == pytest.approx(
        (200, 120, 40), abs=6
    )


def test_traits_are_of_the_picture_as_it_is_shown() -> None:
    upright = on(WHITE, (500, 620, 720, 860), colour=(40, 80, 160))
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = intake.open_picture(saved(upright.transpose(Image.Transpose.ROTATE_90), exif=exif)).traits
    straight = intake.open_picture(saved(upright)).traits
    assert turned.subject is not None
    assert straight.subject is not None
    assert near(
        turned.subject,
        (straight.subject.left, straight.subject.top, straight.subject.right, straight.subject.bottom),
        0.02,
    )
    assert turned.dhash == straight.dhash


def test_a_focal_point_lies_on_the_photo() -> None:
    with Image.open(BytesIO(intake.open_picture(saved(photo())).data)) as image:
        found = subject.find(image)
    assert found.focal.x == pytest.approx(0.5, abs=0.02)
    assert found.focal.y == pytest.approx(0.5, abs=0.02)
    assert found.focal != Point(0, 0)
