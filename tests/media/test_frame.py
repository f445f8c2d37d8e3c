"""Points travel with their pictures: from the master into every visual, and back."""

from io import BytesIO

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from PIL import Image

from media import frame, render
from media.formats import Format, formats
from media.frame import Box, Frame, FrameChoice, Point, Size
from media.render import Drawing
from media.scene import Framing, Scene
from tests.media.pictures import dot_in, dotted, saved

sides = st.integers(min_value=64, max_value=5000)
shares = st.floats(min_value=0, max_value=1)
points = st.builds(Point, shares, shares)
sizes = st.builds(Size, sides, sides)
choices: st.SearchStrategy[FrameChoice] = st.sampled_from(["auto", "crop", "pad"])
canvases = st.sampled_from(formats())


def framed(choice: FrameChoice, master: Size, canvas: Format, focal: Point) -> Frame:
    return frame.choose(choice, master, canvas.size, canvas.canvas, focal)


@given(choices, sizes, canvases, points, points)
def test_a_point_comes_back_to_where_it_was(
    choice: FrameChoice, master: Size, canvas: Format, focal: Point, point: Point
) -> None:
    lying = framed(choice, master, canvas, focal)
    there = lying.map(point)
    assume(there is not None)
    assert there is not None
    back = lying.unmap(there)
    assert (back.x, back.y) == pytest.approx((point.x, point.y), abs=1e-9)


@given(choices, sizes, canvases, points)
def test_the_window_lies_on_the_canvas_and_its_source_on_the_master(
    choice: FrameChoice, master: Size, canvas: Format, focal: Point
) -> None:
    lying = framed(choice, master, canvas, focal)
    left, top, right, bottom = lying.source()
    assert canvas.canvas.holds(lying.window)
    assert lying.window.width > 0
    assert lying.window.height > 0
    assert 0 <= left < right <= master.width
    assert 0 <= top < bottom <= master.height


@given(sizes, canvases, points, points)
def test_padding_loses_less_than_a_pixel(master: Size, canvas: Format, focal: Point, point: Point) -> None:
    lying = framed("pad", master, canvas, focal)
    assume(0.01 <= point.x <= 0.99)
    assume(0.01 <= point.y <= 0.99)
    assume(min(lying.window.size) > 200)
    assert lying.lost([point]) == []


@given(sizes, canvases, points)
def test_a_crop_fills_the_canvas_and_keeps_the_focal_point(master: Size, canvas: Format, focal: Point) -> None:
    lying = framed("crop", master, canvas, focal)
    x = focal.x * master.width * lying.scale + lying.x
    y = focal.y * master.height * lying.scale + lying.y
    assert lying.window == canvas.canvas
    assert -1e-6 <= x <= canvas.width + 1e-6
    assert -1e-6 <= y <= canvas.height + 1e-6


@given(sizes, canvases, points)
def test_auto_never_cuts_away_much(master: Size, canvas: Format, focal: Point) -> None:
    assert (
        framed("auto", master, canvas, focal).kept > 0.9 or min(framed("pad", master, canvas, focal).window.size) < 40
    )


def test_a_point_outside_of_the_crop_is_reported_lost() -> None:
    lying = frame.crop(Size(2000, 1000), Size(1000, 1000), Box(0, 0, 1000, 1000), Point(0.5, 0.5))
    seen, lost = Point(0.5, 0.5), Point(0.1, 0.5)
    assert lying.map(seen) == Point(0.5, 0.5)
    assert lying.lost([seen, lost]) == [lost]


def test_the_crop_follows_the_focal_point_to_the_border() -> None:
    lying = frame.crop(Size(2000, 1000), Size(1000, 1000), Box(0, 0, 1000, 1000), Point(0.95, 0.5))
    assert lying.source() == (1000, 0, 2000, 1000)


@pytest.mark.parametrize("canvas", formats(), ids=lambda each: each.slug)
@pytest.mark.parametrize("template", ["plain", "price"])
@pytest.mark.parametrize("choice", ["crop", "pad"])
@pytest.mark.parametrize("size", [(900, 1600), (3000, 2000), (240, 260)])
def test_a_dot_on_the_master_lands_where_its_point_does(
    canvas: Format, template: str, choice: FrameChoice, size: tuple[int, int]
) -> None:
    point = Point(0.53, 0.46)
    master = saved(dotted(*size, point))
    scene = Scene(title="Vase", price="19 €")
    (drawn,) = render.draw(master, Drawing(template, [canvas.slug], scene, Framing(choice, Point(0.5, 0.5))))
    found, expected = dot_in(drawn.data), drawn.frame.map(point)
    assert found is not None
    assert expected is not None
    assert abs(found.x - expected.x) * canvas.width < 3
    assert abs(found.y - expected.y) * canvas.height < 3


@pytest.mark.parametrize("canvas", formats(), ids=lambda each: each.slug)
def test_a_lost_dot_is_really_not_in_the_visual(canvas: Format) -> None:
    point = Point(0.02, 0.5)
    master = saved(dotted(4000, 1000, point))
    (drawn,) = render.draw(master, Drawing("plain", [canvas.slug], Scene(), Framing("crop", Point(0.9, 0.5))))
    assert drawn.frame.map(point) is None
    assert dot_in(drawn.data) is None


@pytest.mark.parametrize("choice", ["crop", "pad", "auto"])
def test_nothing_is_distorted(choice: FrameChoice) -> None:
    master = saved(dotted(1600, 900, Point(0.5, 0.5)))
    (drawn,) = render.draw(master, Drawing("plain", ["square"], Scene(), Framing(choice, Point(0.5, 0.5))))
    with Image.open(BytesIO(drawn.data)) as image:
        mask = image.convert("RGB").split()[1].point(lambda v: 255 if v < 64 else 0)
    box = mask.getbbox()
    assert box is not None
    assert abs((box[2] - box[0]) - (box[3] - box[1])) <= 2
