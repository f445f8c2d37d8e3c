"""What every template does in every format; a new one is tried here without a line."""

from io import BytesIO
from typing import get_args

import msgspec
import pytest
from PIL import Image

from media import palette, render
from media.formats import formats
from media.formats.formats import Format
from media.frame import Box, Size
from media.looks import layout
from media.looks.layers import Photo, Words
from media.looks.layout import Composition, Template
from media.looks.pieces import Sheet, Tile
from media.looks.scene import Brand, Framing, Item, Scene
from media.outputs import Output
from media.render import Drawing, Drawn
from tests.media.pictures import photo, saved

TEMPLATES = layout.templates()
SIZES = {
    "landscape": (3000, 2000),
    "portrait": (900, 1200),
    "square": (400, 400),
    "thin": (300, 1400),
    "wide": (2000, 400),
}
SCENES = {
    "empty": Scene(),
    "title": Scene(title="Robe"),
    "price": Scene(price="59,00 €"),
    "former price alone": Scene(title="Robe", compare_at="79,00 €"),
    "sale": Scene(
        title="Doudoune menthe matelassée", price="79,90 €", compare_at="129,00 €", shop_name="Atelier Lumière"
    ),
    "long": Scene(
        title="Donaudampfschifffahrtsgesellschaftskapitänsmütze mit Kordel und Innenfutter aus Merinowolle " * 2,
        price="1\u202f299\u202f999,00 CHF",
        compare_at="1\u202f499\u202f999,00 CHF",
        shop_name="Maison de la Haute Couture Parisienne et Fils depuis 1879",
    ),
    "greek": Scene(title="Χειροποίητο σανδάλι", price="59,00 €", shop_name="Αθήνα"),
    "arabic": Scene(title="فستان صيفي", price="٥٩٫٠٠ €", shop_name="متجر"),
    "hebrew": Scene(title="שמלת קיץ", price="₪ 199", shop_name="חנות"),
    "emoji": Scene(title="Robe 🎉 d’été 👗", price="59 €", shop_name="🛍️"),
}
every_template = pytest.mark.parametrize("template", TEMPLATES, ids=lambda each: each.slug)
every_format = pytest.mark.parametrize("canvas", formats.formats(), ids=lambda each: each.slug)
every_scene = pytest.mark.parametrize("scene", SCENES.values(), ids=list(SCENES))
every_size = pytest.mark.parametrize("size", SIZES.values(), ids=list(SIZES))


def composed(template: Template, canvas: Format, scene: Scene, size: tuple[int, int]) -> Composition:
    return template.compose(scene, canvas, Size(*size), Framing())


def words(plan: Composition) -> list[Words]:
    return [layer for layer in plan.layers if isinstance(layer, Words)]


def drawn(template: str, slugs: list[str], scene: Scene, size: tuple[int, int] = (900, 1200)) -> list[Drawn]:
    return render.draw(saved(photo(*size)), Drawing(template, slugs, scene, Framing()))


def windows(plan: Composition) -> list[Box]:
    photos = [layer.photo if isinstance(layer, Tile) else layer for layer in plan.layers]
    return [layer.window for layer in photos if isinstance(layer, Photo)]


def test_the_family_is_whole() -> None:
    assert {each.slug for each in TEMPLATES} == {
        "plain", "price", "sale", "new", "quote", "grid", "look", "carousel", "story", "pin", "sheet", "promotion",
    }  # fmt: skip
    assert len({each.slug for each in TEMPLATES}) == len(TEMPLATES)


@every_format
@every_size
@pytest.mark.parametrize("slug", ["plain", "price"])
def test_the_canvas_is_covered_and_the_picture_has_most_of_it(slug: str, canvas: Format, size: tuple[int, int]) -> None:
    (template,) = [each for each in TEMPLATES if each.slug == slug]
    plan = composed(template, canvas, SCENES["sale"], size)
    (window,) = windows(plan)
    ground = [layer.box for layer in plan.layers if isinstance(layer, Sheet)]
    assert canvas.canvas in (window, *ground)
    assert window.width * window.height >= 0.5 * canvas.width * canvas.height


@pytest.mark.parametrize("ground", ["#ffffff", "#000000", "#808080", "#b4552d", "#f4efe8", "#1f2a2e", "#00ff00"])
@pytest.mark.parametrize("ink", ["#1d1b19", "#ffffff", "#808080"])
def test_words_can_be_read_on_any_brand_colours(ground: str, ink: str) -> None:
    scene = Scene(
        title="Robe",
        price="59 €",
        compare_at="79 €",
        shop_name="Lune",
        brand=Brand(background=ground, ink=ink, accent=ground),
    )
    (template,) = [each for each in TEMPLATES if each.slug == "price"]
    plan = composed(template, formats.SQUARE, scene, (900, 1200))
    contrasts = [palette.contrast(each.colour, palette.rgb(ground)) for each in words(plan)]
    assert len(contrasts) == 4
    assert min(contrasts) >= 4.5


@every_template
@pytest.mark.parametrize("scene", [SCENES["empty"], SCENES["sale"], SCENES["long"]], ids=["empty", "sale", "long"])
def test_every_visual_is_a_clean_baseline_jpeg_of_its_formats_size(template: Template, scene: Scene) -> None:
    for made in drawn(template.slug, [each.slug for each in formats.formats()], scene):
        canvas = formats.find(made.format)
        assert canvas is not None
        with Image.open(BytesIO(made.data)) as image:
            image.load()
            assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (canvas.width, canvas.height))
            assert "progressive" not in image.info
            assert "icc_profile" in image.info
            assert not image.getexif()
        assert b"\xff\xc0" in made.data
        assert len(made.data) < 8_000_000


@every_template
@pytest.mark.parametrize("output", get_args(Output))
def test_the_same_input_makes_the_same_bytes(template: Template, output: Output) -> None:
    every, master = [each.slug for each in formats.formats()], saved(photo(900, 1200))
    slugs = every if output == "jpeg" else ["link-card"]
    drawing = Drawing(template.slug, slugs, SCENES["sale"], Framing(), output)
    first, second = (render.draw(master, drawing) for _ in range(2))
    assert [each.data for each in first] == [each.data for each in second]


@every_template
def test_one_format_alone_is_drawn_as_among_others(template: Template) -> None:
    alone = drawn(template.slug, ["square"], SCENES["sale"], (1000, 1200))
    among = drawn(template.slug, ["square", "story"], SCENES["sale"], (1000, 1200))
    assert [each.frame for each in alone] == [each.frame for each in among if each.format == "square"]


def test_a_page_alone_is_drawn_as_in_its_set() -> None:
    scene = Scene(title="Vase", items=(Item("Bol", picture=0), Item("Plat", picture=0)), action="Voir")
    drawing = Drawing("carousel", ["square"], scene, Framing())
    master = saved(photo(900, 1200))
    whole = render.draw(master, drawing)
    alone = render.draw(master, msgspec.structs.replace(drawing, pages=[2]))
    assert [(each.page, each.data) for each in alone] == [(2, whole[1].data)]


def test_a_small_picture_is_enlarged_with_a_warning() -> None:
    (made,) = drawn("plain", ["portrait"], Scene(), (400, 500))
    assert made.warnings == [{"slug": "enlarged", "scale": 2.7}]


@pytest.mark.parametrize(("width", "warned"), [(1080, []), (1079, [1.01]), (1050, [1.03])])
def test_whatever_is_enlarged_says_so_however_little_it_is(width: int, warned: list[float]) -> None:
    (made,) = drawn("plain", ["square"], Scene(), (width, width))
    assert [each["scale"] for each in made.warnings] == warned


def test_a_large_picture_brings_no_warning() -> None:
    assert drawn("plain", ["portrait"], Scene(), (2400, 3000))[0].warnings == []


def test_characters_that_could_not_be_drawn_are_told() -> None:
    scene = Scene(title="Robe 𒀀 d’été 𓀀", price="59 €", shop_name="𓀁")
    (made,) = drawn("price", ["square"], scene, (2400, 3000))
    assert made.warnings == [{"slug": "characters-not-drawn", "count": 3}]


def test_a_former_price_is_struck_out_and_only_beside_a_price() -> None:
    (template,) = [each for each in TEMPLATES if each.slug == "price"]
    sale = words(composed(template, formats.PORTRAIT, SCENES["sale"], (900, 1200)))
    alone = words(composed(template, formats.PORTRAIT, SCENES["former price alone"], (900, 1200)))
    assert [each.text.lines[0] for each in sale if each.struck] == ["129,00 €"]
    assert [each for each in alone if each.struck] == []


@every_format
def test_without_words_the_price_template_is_all_picture(canvas: Format) -> None:
    (template,) = [each for each in TEMPLATES if each.slug == "price"]
    plan = composed(template, canvas, Scene(), (900, 1200))
    assert windows(plan) == [canvas.canvas]


@pytest.mark.parametrize("output", get_args(Output))
def test_pure_noise_stays_within_what_instagram_takes(output: Output) -> None:
    noise = saved(Image.effect_noise((1080, 1920), 120).convert("RGB"))
    (made,) = render.draw(noise, Drawing("plain", ["story"], Scene(), Framing(), output))
    assert len(made.data) <= 8_000_000


def test_a_link_card_gives_up_quality_before_it_weighs_more_than_previews_take() -> None:
    grained = Image.blend(photo(2400, 1260), Image.effect_noise((2400, 1260), 90).convert("RGB"), 0.5)
    (card,) = render.draw(saved(grained), Drawing("plain", ["link-card"], Scene(), Framing()))
    assert 150_000 < len(card.data) <= 300_000


def test_landscape_is_not_wider_than_instagram_takes() -> None:
    assert formats.LANDSCAPE.width / formats.LANDSCAPE.height <= 1.91
