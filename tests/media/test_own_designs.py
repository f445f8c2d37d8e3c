"""Whatever the language of looks lets through is drawn, on the largest and the smallest canvas, or says what is not."""

from io import BytesIO

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import inspect
from PIL import Image

from media import render
from media.formats.format import Format
from media.frame import Box, Point
from media.looks import layout
from media.looks.design import Design, Group, Group1, Group2, Group3, Group4, Leaf, Page, Variant
from media.looks.scene import Brand, Fact, Framing, Item, Scene, Spot
from media.render import Drawing, Drawn
from tests.media.pictures import photo, saved

MASTERS = [saved(photo(*size)) for size in ((400, 300), (64, 900), (300, 500))]
PATTERNS = (
    "{title}",
    "{quote} {author}",
    "{badge}",
    "{shop}",
    "{price}",
    "{page}",
    "{new}",
    "W",
    "x" * 200,
    "👩‍👩‍👧‍👦",
)
COLOURS = ("ground", "ink", "accent", "muted", "tint", "panel", "#ffffff", "#808080")
WORDS = ("", "Vase", "Vase en grès " * 15, "W" * 200, "مزهرية " * 28, "แจกัน" * 40, "\u200f" * 20)
CANVASES = ((64, 64), (64, 256), (256, 64), (128, 100), (540, 675))


def values(kind: inspect.Type, name: str) -> st.SearchStrategy[object]:
    """Everything that a field of a layer may be, its bounds most of all."""
    match kind:
        case inspect.Metadata():
            return values(kind.type, name)
        case inspect.UnionType():
            return st.one_of(*(values(each, name) for each in kind.types))
        case inspect.NoneType():
            return st.none()
        case inspect.BoolType():
            return st.booleans()
        case inspect.LiteralType():
            return st.sampled_from(kind.values)
        case inspect.IntType():
            assert kind.ge is not None
            assert kind.le is not None
            return st.sampled_from([kind.ge, kind.le]) | st.integers(kind.ge, kind.le)
        case inspect.FloatType():
            assert kind.ge is not None
            assert kind.le is not None
            return st.sampled_from([kind.ge, kind.le]) | st.floats(kind.ge, kind.le)
        case inspect.StrType():
            return st.sampled_from(PATTERNS if name == "text" else COLOURS)
    raise AssertionError(kind)


def built(struct: type[msgspec.Struct], **given: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    """One layer or group, with any of its fields left out."""
    shape = inspect.type_info(struct)
    assert isinstance(shape, inspect.StructType)
    fields = {each.name: values(each.type, each.name) for each in shape.fields if each.name not in given}
    needed = {each.name for each in shape.fields if each.required}
    some = {name: each for name, each in fields.items() if name not in needed}
    all_of_it = {name: each for name, each in fields.items() if name in needed} | given
    return st.fixed_dictionaries(all_of_it, optional=some).map(lambda found: struct(**found))


leaves = st.one_of(*(built(each) for each in Leaf.__args__))


def groups(depth: int) -> st.SearchStrategy[object]:
    inside = leaves | groups(depth - 1) if depth else leaves
    kind: type[Group] = (Group1, Group2, Group3, Group4)[depth]
    return built(kind, children=st.lists(inside, min_size=1, max_size=4) | st.lists(leaves, min_size=12, max_size=12))


def designed(body: object) -> Design:
    assert isinstance(body, Group4)
    return Design(pages=[Page(variants=[Variant(body=body)])])


words = st.sampled_from(WORDS)
scenes = st.builds(
    Scene,
    title=words,
    price=words,
    compare_at=words,
    shop_name=words,
    brand=st.builds(Brand, corners=st.sampled_from(["round", "square"]), logo=st.sampled_from([None, 1])),
    language=st.sampled_from(["fr", "ar", "th"]),
    badge=words,
    quote=words,
    author=words,
    stars=st.sampled_from([0.0, 2.5]),
    qr=st.sampled_from(["", "https://boutique.example/" + "v" * 250]),
    facts=st.lists(st.builds(Fact, words, words), max_size=12).map(tuple),
    items=st.lists(st.builds(Item, words, words, words, st.sampled_from([None, 0, 1, 2])), max_size=6).map(tuple),
    spots=st.lists(st.builds(Spot, st.sampled_from([0.0, 0.5, 1.0]), st.just(1.0), st.integers(0, 5)), max_size=2).map(
        tuple
    ),
)


def drawn(design: Design, scene: Scene, size: tuple[int, int]) -> Drawn:
    canvas = Format("own", "Own", *size, Box(0, 0, *size).inset(round(min(size) * 0.06)), "", 5_000_000)
    framing = Framing("auto", Point(1.0, 0.0))
    drawing = Drawing("own", ["own"], scene, framing, own=(canvas,), others=[Framing(), Framing()], design=design)
    (made,) = render.draw(MASTERS[0], drawing, MASTERS[1:])
    return made


@settings(max_examples=60)
@given(body=groups(3), scene=scenes, size=st.sampled_from(CANVASES))
def test_whatever_may_be_sent_is_drawn(body: object, scene: Scene, size: tuple[int, int]) -> None:
    design = designed(body)
    if layout.layers(*layout.bodies(design)) > layout.MOST_LAYERS:
        return
    with Image.open(BytesIO(drawn(design, scene, size).data)) as image:
        assert image.size == size


def stacked(*layers: object) -> Design:
    return msgspec.convert(
        {"pages": [{"variants": [{"body": {"layer": "group", "flow": "stack", "children": list(layers)}}]}]}, Design
    )


@pytest.mark.parametrize(
    ("layers", "warned"),
    [
        ([{"layer": "photo"}, {"layer": "text", "text": "W" * 200, "size": 240}], []),
        ([{"layer": "photo"}, *[{"layer": "text", "text": "{title}", "size": 240}] * 11], ["layer-left-out"]),
        ([{"layer": "photo"}, *[{"layer": "qr", "size": 400, "drop": 0}] * 5], ["layer-left-out"]),
    ],
    ids=["long words", "many words", "many codes"],
)
def test_what_has_no_room_on_the_canvas_is_left_out_and_told(layers: list[object], warned: list[str]) -> None:
    scene = Scene(title="Vase Galet", qr="https://boutique.example")
    made = drawn(stacked(*layers), scene, (540, 675))
    assert [each["slug"] for each in made.warnings if each["slug"] == "layer-left-out"] == warned


def test_words_in_a_room_that_holds_no_letter_are_told_as_cut() -> None:
    narrow = {"layer": "group", "share": 0.05, "padding": 60, "children": [{"layer": "text", "text": "{title}"}]}
    body = {"layer": "group", "flow": "row", "children": [{"layer": "photo"}, narrow]}
    design = msgspec.convert({"pages": [{"variants": [{"body": body}]}]}, Design)
    made = drawn(design, Scene(title="Vase Galet"), (540, 675))
    assert "text-cut" in [each["slug"] for each in made.warnings]
