"""What stands where a picture does not reach, and what a picture is cut out of."""

from io import BytesIO
from typing import get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from media import cut_out, frame, render, slope
from media.backdrop import Backdrop
from media.frame import Background, Box, FrameChoice, Point, Size
from media.looks import layout
from media.looks.scene import Framing, Scene
from media.render import Drawing, Drawn
from tests.media.pictures import photo, saved

GROUND, COLOUR = (238, 240, 242), (127, 183, 190)
Rgb = tuple[int, int, int]


def product(ground: Rgb = GROUND, colour: Rgb = (150, 40, 30), *, shadow: int = 0) -> Image.Image:
    """A thing on a flat ground, with a soft shadow below it."""
    image = Image.new("RGB", (900, 600), ground)
    dark = Image.new("L", image.size, 0)
    ImageDraw.Draw(dark).ellipse((300, 420, 600, 500), fill=shadow)
    image.paste((0, 0, 0), mask=dark.filter(ImageFilter.GaussianBlur(24)))
    ImageDraw.Draw(image).rounded_rectangle((330, 130, 570, 450), 30, fill=colour)
    return image


def drawn(image: Image.Image, background: Background, ground: str = "#7fb7be") -> Drawn:
    framing = Framing("pad", Point(0.5, 0.5), background=background, ground=ground)
    (made,) = render.draw(saved(image), Drawing("plain", ["square"], Scene(), framing))
    return made


def pixels(made: Drawn) -> Image.Image:
    return Image.open(BytesIO(made.data)).convert("RGB")


def at(image: Image.Image, x: int, y: int) -> Rgb:
    found = image.getpixel((x, y))
    assert isinstance(found, tuple)
    return found[0], found[1], found[2]


def near(one: Rgb, other: Rgb, by: int = 6) -> bool:
    return all(abs(a - b) <= by for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("background", get_args(Background))
def test_every_background_fills_what_the_picture_leaves(background: Background) -> None:
    made = drawn(photo(1600, 1000), background)
    image, window = pixels(made), made.frame.window
    assert window == Box(0, 202, 1080, 877)
    edges = [at(image, x, y) for x in (2, 540, 1077) for y in (2, 1077)]
    assert (0, 0, 0) not in edges
    inside = image.crop(window.corners).resize((10, 10))
    assert near(at(inside, 5, 5), (30, 80, 120), 16), "the picture itself is as it was"


sides = st.integers(min_value=1, max_value=700)


@example(597, 546, 595, 290, "blur")  # Its shares are a rounding error larger than it is.
@given(sides, sides, sides, sides, st.sampled_from(get_args(Background)))
def test_pictures_and_windows_of_any_shape_are_filled(
    width: int, height: int, across: int, down: int, background: Background
) -> None:
    lying = frame.pad(Size(width, height), Size(across, down), Box(0, 0, across, down))
    canvas = Image.new("RGB", (across, down))
    seen = Image.new("RGB", lying.window.size, GROUND)
    Backdrop(background, COLOUR, GROUND).lay(canvas, seen, lying.window, Box(0, 0, across, down))
    assert (0, 0, 0) not in [colour for _, colour in canvas.getcolors(across * down) or []]


def test_a_colour_is_that_colour_and_no_other() -> None:
    image = pixels(drawn(photo(1600, 1000), "colour"))
    assert all(near(at(image, x, y), COLOUR) for x in (2, 540, 1077) for y in (2, 190, 890, 1077))


def test_out_of_focus_is_the_picture_a_little_darker() -> None:
    image = pixels(drawn(Image.new("RGB", (1600, 1000), (200, 150, 100)), "blur"))
    assert near(at(image, 540, 20), (180, 135, 90))
    assert near(at(image, 540, 540), (200, 150, 100))


def test_backgrounds_are_told_apart_by_their_bytes_and_are_the_same_each_time() -> None:
    kinds: tuple[Background, ...] = ("extended", "blur", "colour")
    first = {each: drawn(photo(1600, 1000), each).data for each in kinds}
    assert first == {each: drawn(photo(1600, 1000), each).data for each in first}
    assert len(set(first.values())) == 3


def test_what_is_cut_out_stands_on_the_new_ground_alone() -> None:
    made = drawn(product(), "cut-out")
    image, lying = pixels(made), made.frame
    assert made.warnings == [{"slug": "enlarged", "scale": 1.2}]
    corners = [(3, 3), (1076, 3), (3, 1076), (540, 300), (200, 540), (900, 540)]
    assert all(near(at(image, *each), COLOUR, 3) for each in corners)
    middle = lying.map(Point(0.5, 0.5))
    assert middle is not None
    assert near(at(image, round(middle.x * 1080), round(middle.y * 1080)), (150, 40, 30))


def test_a_shadow_goes_along_and_what_is_enclosed_stays() -> None:
    label = product(shadow=110)
    ImageDraw.Draw(label).rectangle((400, 250, 500, 330), fill=GROUND)
    lifted = cut_out.onto(label, GROUND, (240, 230, 210))
    below, beside = at(lifted, 450, 470), at(lifted, 120, 470)
    assert beside == (240, 230, 210)
    assert all(40 < b - a < 140 for a, b in zip(below, beside, strict=True)), "as dark as it was"
    assert at(lifted, 450, 290) == GROUND, "a label in the ground's colour is no ground"


@pytest.mark.parametrize("old", [(255, 255, 255), (16, 16, 16), (90, 140, 90)])
@pytest.mark.parametrize("new", [(255, 255, 255), (31, 42, 51)])
def test_any_flat_ground_gives_way_to_any_other(old: Rgb, new: Rgb) -> None:
    image = product(old, (200, 160, 30))
    assert cut_out.ground_of(image) == old
    lifted = cut_out.onto(image, old, new)
    assert at(lifted, 10, 10) == at(lifted, 320, 300) == new
    assert at(lifted, 450, 300) == (200, 160, 30)


def test_a_ground_that_is_not_flat_stays_and_is_told() -> None:
    made = drawn(photo(1600, 1000), "cut-out")
    assert made.warnings == [{"slug": "background-not-flat"}]
    assert made.data == drawn(photo(1600, 1000), "extended").data


def lit(kind: str) -> Image.Image:
    """The product on a studio's paper, which a lamp lights unevenly."""
    radial, linear = (made("L").resize((900, 600)) for made in (Image.radial_gradient, Image.linear_gradient))
    light = radial.point(lambda v: 244 - v * v // 1300) if kind == "vignette" else linear.point(lambda v: 232 - v // 5)
    paper = Image.merge("RGB", (light, light.point(lambda v: v - 4), light.point(lambda v: v - 10)))
    thing = product(shadow=110)
    mask = Image.new("L", thing.size, 0)
    ImageDraw.Draw(mask).rounded_rectangle((330, 130, 570, 450), 30, fill=255)
    shaded = ImageChops.multiply(paper, product((255, 255, 255), (255, 255, 255), shadow=110))
    shaded.paste(thing, mask=mask)
    return shaded


@pytest.mark.parametrize("kind", ["vignette", "falling"])
@pytest.mark.parametrize("choice", ["pad", "crop"])
def test_a_ground_on_which_light_falls_off_gives_way_too(kind: str, choice: FrameChoice) -> None:
    assert slope.find(product()) is None, "the plain rule is for what is plain"
    framing = Framing(choice, Point(0.5, 0.5), background="cut-out", ground="#7fb7be")
    (made,) = render.draw(saved(lit(kind)), Drawing("plain", ["square"], Scene(), framing))
    assert "background-not-flat" not in [each["slug"] for each in made.warnings]

    def seen(x: float, y: float) -> Rgb:
        place = made.frame.map(Point(x, y))
        assert place is not None
        return at(pixels(made), round(place.x * 1079), round(place.y * 1079))

    assert [spot for spot in ((0.2, 0.1), (0.2, 0.9), (0.8, 0.1), (0.5, 0.1)) if not near(seen(*spot), COLOUR, 8)] == []
    assert near(seen(0.5, 0.4), (150, 40, 30)), "what is shown keeps its colours"
    assert max(seen(0.5, 0.79)) < max(COLOUR) - 20, "its shadow goes along"


def test_cloth_and_floors_are_no_ground_that_light_falls_on() -> None:
    noise = Image.effect_noise((90, 60), 60).resize((900, 600), Image.Resampling.BICUBIC)
    creased = ImageChops.multiply(lit("falling"), Image.merge("RGB", [noise.point(lambda v: 205 + v // 6)] * 3))
    planks = lit("falling")
    for x in range(0, 900, 60):
        planks.paste((120, 100, 80), (x, 0, x + 12, 600))
    assert [slope.find(each) for each in (creased, planks, photo(1600, 1000))] == [None] * 3


@given(st.integers(64, 400), st.integers(64, 400), st.binary(min_size=12, max_size=12))
def test_any_picture_has_a_softly_lit_ground_or_none(width: int, height: int, raw: bytes) -> None:
    image = Image.frombytes("RGB", (2, 2), raw).resize((width, height), Image.Resampling.BICUBIC)
    found = slope.find(image)
    assert found is None or found.even(image, (0.2, 0.0, 1.0, 0.7)).size == image.size


def test_a_thing_may_stand_on_the_edge_of_its_picture() -> None:
    image = product()
    image.paste((150, 40, 30), (330, 300, 570, 600))
    assert cut_out.ground_of(image) == GROUND
    image.paste((150, 40, 30), (0, 300, 900, 600))
    assert cut_out.ground_of(image) is None


@pytest.mark.parametrize("size", [(64, 64), (1, 400), (400, 1), (3000, 40)])
def test_pictures_of_any_shape_have_a_ground_or_none(size: tuple[int, int]) -> None:
    image = Image.new("RGB", size, GROUND)
    assert cut_out.ground_of(image) == GROUND
    assert at(cut_out.onto(image, GROUND, COLOUR), 0, 0) == COLOUR


EDGE_TO_EDGE = ("plain", "price", "sale", "quote", "sheet", "look", "story")


@pytest.mark.parametrize("slug", EDGE_TO_EDGE)
def test_looks_whose_picture_reaches_the_edge_take_the_background(slug: str) -> None:
    scene = Scene(title="Vase", price="19 €")
    framing = Framing("pad", background="colour", ground="#7fb7be")
    master = saved(photo(300, 1400))
    (made,) = render.draw(master, Drawing(slug, ["square"], scene, framing))
    (plain,) = render.draw(master, Drawing(slug, ["square"], scene, Framing("pad")))
    beside = made.frame.window.left - 10
    assert beside > 10
    assert near(at(pixels(made), beside, made.frame.window.top + 40), COLOUR)
    assert made.data != plain.data


def test_a_backdrop_without_a_flat_ground_goes_on_as_the_picture_does() -> None:
    seen, place, window = photo(200, 100), Box(0, 50, 200, 150), Box(0, 0, 200, 200)
    canvases = [Image.new("RGB", (200, 200)) for _ in range(2)]
    Backdrop("cut-out", COLOUR, None).lay(canvases[0], seen, place, window)
    Backdrop("extended").lay(canvases[1], seen, place, window)
    assert canvases[0].tobytes() == canvases[1].tobytes()


@pytest.mark.parametrize("template", layout.templates(), ids=lambda each: each.slug)
def test_every_look_is_another_on_another_background(template: layout.Template) -> None:
    master = saved(photo(300, 1400))
    scene = Scene(title="Vase", price="19 €")
    framings = Framing("pad", background="colour", ground="#7fb7be"), Framing("pad")
    one, other = (render.draw(master, Drawing(template.slug, ["square"], scene, each)) for each in framings)
    assert one[0].data != other[0].data
