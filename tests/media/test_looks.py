"""What every look keeps to, whatever it is given: room, the product, contrast, the reader's direction."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from media import palette
from media.formats import formats
from media.formats.formats import Format
from media.frame import Area, Box, Point, Size
from media.looks import layout
from media.looks.layers import Card, Layer, Photo, Words
from media.looks.layout import Composition, Shot, Template
from media.looks.pieces import Point as Mark
from media.looks.pieces import Sheet, Stars, Tile
from media.looks.scene import Brand, Fact, Framing, Item, Scene, Spot
from media.looks.stage import overlap, subject
from media.picture import Picture
from tests.media.pictures import photo, saved

LOOKS = layout.templates()
OTHERS = (Size(1200, 900), Size(800, 1000), Size(900, 900))
WORDS = (
    "", "Robe", "Assortiment de trois bols en grès émaillé, tournés et cuits au bois à la main", "−30 %", "Χειροποίητο",
    "Donaudampfschifffahrtsgesellschaftskapitänsmütze", "89,00 €", "1\u202f299\u202f999,00 CHF", "Нож кухонный", "🎉🎉",
    "W" * 24, "il a trouvé sa place " * 5,
)  # fmt: skip
COLOURS = ("#ffffff", "#000000", "#808080", "#b4552d", "#1f2a33", "#f3e3de", "#00ff00", "#7f6f5f")
words = st.sampled_from(WORDS)
colours = st.sampled_from(COLOURS)
shares = st.floats(0, 1)
brands = st.builds(
    Brand,
    background=colours,
    ink=colours,
    accent=colours,
    fonts=st.sampled_from(["classic", "modern"]),
    corners=st.sampled_from(["round", "soft", "square"]),
    tone=st.sampled_from(["calm", "bold"]),
    logo=st.sampled_from([None, 3]),
)
items = st.builds(Item, title=words, price=words, compare_at=words, picture=st.sampled_from([None, 0, 1, 2]))
scenes = st.builds(
    Scene,
    title=words,
    price=words,
    compare_at=words,
    shop_name=words,
    brand=brands,
    language=st.sampled_from(["", "fr", "ar", "he"]),
    subtitle=words,
    badge=words,
    quote=words,
    author=words,
    stars=st.sampled_from([0.0, 3.5, 5.0]),
    action=words,
    deadline=words,
    qr=st.sampled_from(["", "https://boutique.example/v/1"]),
    facts=st.lists(st.builds(Fact, words, words), max_size=9).map(tuple),
    items=st.lists(items, max_size=6).map(tuple),
    spots=st.lists(st.builds(Spot, shares, shares, st.integers(0, 5)), max_size=6).map(tuple),
)
subjects = st.none() | st.builds(
    lambda left, top, width, height: Area(left, top, min(1.0, left + width), min(1.0, top + height)),
    *(st.floats(0, 0.9),) * 2,
    *(st.floats(0.05, 1),) * 2,
)
every_look = pytest.mark.parametrize("look", LOOKS, ids=lambda each: each.slug)

UPRIGHT, FREE = Size(900, 1200), Framing()
FULL = Scene(
    title="Vase Galet", price="89,00 €", compare_at="119,00 €", shop_name="Maison Vitrine", language="fr",
    subtitle="Tourné à la main, émaillé deux fois.", badge="−25 %", quote="Plus beau encore en vrai.",
    author="Camille R.", stars=4.5, action="Découvrir", deadline="Jusqu’au 30 novembre", qr="https://boutique.example/v",
    facts=(Fact("Matière", "Grès"), Fact("Poids", "1,4 kg")),
    items=(Item("Vase Galet", "89,00 €", picture=0), Item("Bol", "24,00 €", "32,00 €", picture=1)),
    spots=(Spot(0.5, 0.5, 0), Spot(0.4, 0.6, 1)),
)  # fmt: skip

LETTERS = msgspec.structs.replace(
    FULL, price="Prix", compare_at="Avant", subtitle="Tourné à la main", badge="Soldes", quote="Plus beau encore",
    author="Camille", deadline="Novembre", facts=(Fact("Matière", "Grès"), Fact("Poids", "Léger")),
    items=(Item("Vase", "Prix", picture=0), Item("Bol", "Prix", "Avant", picture=1)),
)  # fmt: skip


def composed(
    look: Template, canvas: Format, scene: Scene, size: Size = UPRIGHT, framing: Framing = FREE
) -> list[Composition]:
    others = tuple(Shot(each, Framing()) for each in OTHERS)
    return [look.compose(scene, canvas, size, framing, others, page) for page in range(1, look.pages(scene) + 1)]


def said(plan: Composition) -> list[Words]:
    return [layer for layer in plan.layers if isinstance(layer, Words)]


@every_look
@settings(max_examples=8)
@given(
    scene=scenes,
    canvas=st.sampled_from(formats.formats()),
    size=st.builds(Size, st.integers(200, 3000), st.integers(200, 3000)),
    area=subjects,
)
def test_words_have_room_of_their_own_where_no_interface_and_no_product_is(
    look: Template, scene: Scene, canvas: Format, size: Size, area: Area | None
) -> None:
    framing = Framing("auto", Point(0.5, 0.5), area)
    for plan in composed(look, canvas, scene, size, framing):
        boxes = [each.box for each in said(plan)]
        assert [box for box in boxes if not canvas.clear.holds(box)] == []
        assert [(a, b) for number, a in enumerate(boxes) for b in boxes[number + 1 :] if overlap(a, b)] == []
        if plan.frame.window.width and look.slug != "grid":
            product = subject(plan.frame, framing)
            assert [box for box in boxes if overlap(box, product)] == []


@every_look
@settings(max_examples=8)
@given(
    canvas=st.sampled_from(formats.formats()),
    size=st.builds(Size, st.integers(200, 3000), st.integers(200, 3000)),
    area=subjects.filter(lambda area: area is not None),
)
def test_no_card_and_no_badge_lies_on_the_product_and_all_of_it_is_seen(
    look: Template, canvas: Format, size: Size, area: Area
) -> None:
    framing = Framing("auto", Point(0.5, 0.5), area)
    for plan in composed(look, canvas, FULL, size, framing):
        pictures = [number for number, layer in enumerate(plan.layers) if isinstance(layer, Photo)]
        if plan.frame.window.width and pictures:
            assert plan.frame.holds(area)
            sheets = [each for each in plan.layers[pictures[0] :] if isinstance(each, Card | Sheet)]
            assert [each.box for each in sheets if overlap(each.box, subject(plan.frame, framing))] == []


@every_look
@settings(max_examples=3)
@given(scene=scenes, canvas=st.sampled_from(formats.formats()))
def test_words_can_be_read_on_what_is_really_behind_them(look: Template, scene: Scene, canvas: Format) -> None:
    for plan in composed(look, canvas, scene, Size(600, 800)):
        picture = Picture(saved(photo(600, 800)))
        picture.others = tuple(Picture(saved(photo(each.width, each.height))) for each in OTHERS)
        image = Image.new("RGB", (canvas.width, canvas.height), (255, 0, 255))
        for layer in plan.layers:
            if isinstance(layer, Words):
                assert least_contrast(image, layer) >= palette.READABLE
            if isinstance(layer, Mark):
                assert palette.contrast(layer.ink, layer.colour) >= palette.READABLE
            layer.draw(image, picture)


def least_contrast(image: Image.Image, words: Words) -> float:
    box = Box(*words.box.corners)
    seen = image.crop(box.corners)
    found = seen.getcolors(seen.width * seen.height)
    assert found is not None
    grounds = [colour for _, colour in found if isinstance(colour, tuple)]
    return min((palette.contrast(words.colour, (each[0], each[1], each[2])) for each in grounds), default=21.0)


@every_look
@pytest.mark.parametrize("canvas", formats.formats(), ids=lambda each: each.slug)
def test_a_full_scene_is_said_whole_in_type_that_is_not_too_small(look: Template, canvas: Format) -> None:
    for plan in composed(look, canvas, FULL):
        assert plan.warnings == ()
        assert min((each.text.size for each in said(plan)), default=99) >= 14


@every_look
@pytest.mark.parametrize("name", [field for field in Scene.__struct_fields__ if field not in ("brand", "language")])
def test_what_is_missing_leaves_no_hole_and_no_empty_plate(look: Template, name: str) -> None:
    without = msgspec.structs.replace(FULL, **{name: getattr(Scene(), name)})
    for canvas in (formats.PORTRAIT, formats.LANDSCAPE):
        plans = composed(look, canvas, without)
        assert [each for plan in plans for each in said(plan) if not each.text.lines[0].strip()] == []
        assert name != "stars" or not [each for plan in plans for each in plan.layers if isinstance(each, Stars)]


@every_look
@pytest.mark.parametrize("canvas", formats.formats(), ids=lambda each: each.slug)
def test_who_reads_from_right_to_left_sees_everything_mirrored(look: Template, canvas: Format) -> None:
    if canvas.safe.left != canvas.width - canvas.safe.right or canvas.clear != canvas.safe:
        pytest.skip("What is free of this canvas is not symmetric.")
    # Swedish has the same quotation marks as Hebrew, and letters alone are as wide in a line of either direction.
    here = composed(look, canvas, msgspec.structs.replace(LETTERS, language="sv"))
    there = composed(look, canvas, msgspec.structs.replace(LETTERS, language="he"))
    for one, other in zip(here, there, strict=True):
        mirrored = [(canvas.width - each.box.right, each.box.top) for each in said(one)]
        if not any(isinstance(layer, Tile) for layer in one.layers):
            found = [(each.left, each.top) for each in said(other)]
            # Where a line's first and last letters are others, its ink may begin a pixel earlier or later.
            apart = [
                max(abs(a[0] - b[0]), abs(a[1] - b[1])) for a, b in zip(sorted(mirrored), sorted(found), strict=True)
            ]
            assert max(apart, default=0) <= 2


@pytest.mark.parametrize(
    ("language", "written"), [("fr", "« Beau. »"), ("de-AT", "„Beau.“"), ("", "“Beau.”"), ("xx", "“Beau.”")]
)
def test_what_somebody_said_stands_between_the_marks_of_their_language(language: str, written: str) -> None:
    scene = msgspec.structs.replace(FULL, quote="Beau.", language=language)
    look = layout.find("quote")
    assert look is not None
    (plan,) = composed(look, formats.SQUARE, scene)
    assert written in [" ".join(each.text.lines).replace("\u202f", " ") for each in said(plan)]


def test_a_set_has_a_cover_its_items_its_facts_and_a_call_to_action() -> None:
    look = layout.find("carousel")
    assert look is not None
    assert look.pages(FULL) == 1 + 2 + 1 + 1
    assert look.pages(Scene(title="Vase")) == 2
    assert [look.pages(Scene()) for look in LOOKS if look.slug != "carousel"] == [1] * (len(LOOKS) - 1)


def test_of_a_set_only_pages_that_show_the_first_picture_carry_its_tags() -> None:
    look = layout.find("carousel")
    assert look is not None
    plans = composed(look, formats.PORTRAIT, FULL)
    seen = [plan.frame.map(Point(0.5, 0.5)) is not None for plan in plans]
    assert seen == [True, True, False, True, False]


def test_a_badge_lies_on_the_picture_where_nothing_of_the_product_is_and_else_among_the_words() -> None:
    look = layout.find("sale")
    assert look is not None
    small = Framing("crop", Point(0.5, 0.5), Area(0.4, 0.4, 0.6, 0.6))
    large = Framing("crop", Point(0.5, 0.5), Area(0.0, 0.0, 1.0, 1.0))
    on, off = (composed(look, formats.PORTRAIT, FULL, framing=each)[0] for each in (small, large))
    (window,) = {layer.window for layer in on.layers if isinstance(layer, Photo)}
    assert [overlap(each.box, window) for each in said(on) if each.text.lines == ("−25 %",)] == [True]
    (below,) = {layer.window for layer in off.layers if isinstance(layer, Photo)}
    assert [overlap(each.box, below) for each in said(off) if each.text.lines == ("−25 %",)] == [False]


def test_numbers_stand_on_the_things_they_name() -> None:
    look = layout.find("look")
    assert look is not None
    for canvas in formats.formats():
        (plan,) = composed(look, canvas, FULL)
        marks = [layer for layer in plan.layers if isinstance(layer, Mark)]
        places = [plan.frame.map(Point(each.x, each.y)) for each in FULL.spots]
        wanted = [(at.x * canvas.width, at.y * canvas.height) for at in places if at is not None]
        found = [((m.box.left + m.box.right) / 2, (m.box.top + m.box.bottom) / 2) for m in marks]
        assert len(found) == len(wanted)
        assert [
            n
            for n, (a, b) in enumerate(zip(found, wanted, strict=True))
            if abs(a[0] - b[0]) > 2 or abs(a[1] - b[1]) > 2
        ] == []


def test_a_crop_moves_for_the_spots_and_tells_which_it_cannot_show() -> None:
    look = layout.find("look")
    assert look is not None
    far = msgspec.structs.replace(FULL, spots=(Spot(0.02, 0.5, 0), Spot(0.98, 0.5, 1)))
    one = msgspec.structs.replace(FULL, spots=(Spot(0.98, 0.5, 1),))
    lying, cropped = Size(3000, 900), Framing("crop", Point(0.1, 0.5))
    (both,), (moved,) = (composed(look, formats.PORTRAIT, each, lying, cropped) for each in (far, one))
    assert [each["slug"] for each in both.warnings] == ["spot-lost"]
    assert moved.warnings == ()
    assert len([layer for layer in moved.layers if isinstance(layer, Mark)]) == 1
    (price,) = composed(LOOKS[[each.slug for each in LOOKS].index("price")], formats.PORTRAIT, far, lying, cropped)
    assert price.warnings == ()


def test_a_price_is_told_as_reduced_only_where_a_former_one_is_given() -> None:
    for look in LOOKS:
        for scene in (FULL, msgspec.structs.replace(FULL, compare_at="", items=())):
            struck = [each for plan in composed(look, formats.SQUARE, scene) for each in said(plan) if each.struck]
            assert not struck or scene.compare_at
    assert [layer for layer in _layers("sale", FULL) if isinstance(layer, Words) and layer.struck]


def _layers(slug: str, scene: Scene) -> list[Layer]:
    look = layout.find(slug)
    assert look is not None
    return [layer for plan in composed(look, formats.SQUARE, scene) for layer in plan.layers]
