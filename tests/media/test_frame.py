"""Points travel with their pictures: from the master into every visual, and back."""

from io import BytesIO

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from PIL import Image

from media import frame, render
from media.formats.formats import Format, formats
from media.frame import Area, Box, Frame, FrameChoice, Point, Size
from media.looks.scene import Framing, Scene
from media.render import Drawing
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


areas = st.builds(
    lambda x, y: Area(min(x), min(y), max(x), max(y)), st.tuples(shares, shares), st.tuples(shares, shares)
)
several = st.lists(points, max_size=6)
one_subject = st.one_of(st.none(), areas)


def cropped(master: Size, canvas: Format, focal: Point, subject: Area | None, keep: list[Point]) -> Frame:
    return frame.crop(master, canvas.size, canvas.canvas, focal, subject=subject, keep=keep)


@given(sizes, canvases, points, one_subject, several)
def test_a_crop_shows_nothing_but_the_master_whatever_it_moves_for(
    master: Size, canvas: Format, focal: Point, subject: Area | None, keep: list[Point]
) -> None:
    lying = cropped(master, canvas, focal, subject, keep)
    assert lying.window == canvas.canvas
    assert lying.scale == pytest.approx(max(canvas.width / master.width, canvas.height / master.height))
    slack = 1e-6 * max(master.width, master.height) * lying.scale
    assert -slack <= -lying.x <= master.width * lying.scale - canvas.width + slack
    assert -slack <= -lying.y <= master.height * lying.scale - canvas.height + slack
    for point in keep:
        if (there := lying.map(point)) is not None:
            back = lying.unmap(there)
            assert (back.x, back.y) == pytest.approx((point.x, point.y), abs=1e-9)


@given(sizes, canvases, points, areas, several)
def test_the_subject_is_seen_whole_where_the_crop_can_hold_it(
    master: Size, canvas: Format, focal: Point, subject: Area, keep: list[Point]
) -> None:
    lying = cropped(master, canvas, focal, subject, keep)
    width = (subject.right - subject.left) * master.width * lying.scale
    height = (subject.bottom - subject.top) * master.height * lying.scale
    assume(width <= canvas.width and height <= canvas.height)
    assert lying.holds(subject)


@given(sizes, canvases, points, points, st.lists(points, min_size=1, max_size=6))
def test_points_are_inside_where_one_crop_can_hold_them_all(
    master: Size, canvas: Format, focal: Point, corner: Point, spread: list[Point]
) -> None:
    whole = cropped(master, canvas, focal, None, [])
    across = min(1.0, (canvas.width - 2) / (master.width * whole.scale))
    down = min(1.0, (canvas.height - 2) / (master.height * whole.scale))
    left, top = corner.x * (1 - across), corner.y * (1 - down)
    keep = [Point(left + each.x * across, top + each.y * down) for each in spread]
    assert cropped(master, canvas, focal, None, keep).lost(keep) == []


@given(sizes, canvases, points, one_subject, several, shares)
def test_no_other_crop_shows_more_of_the_points(
    master: Size, canvas: Format, focal: Point, subject: Area | None, keep: list[Point], share: float
) -> None:
    best = cropped(master, canvas, focal, subject, keep)
    width, height = master.width * best.scale - canvas.width, master.height * best.scale - canvas.height
    other = msgspec.structs.replace(best, x=-share * max(0.0, width), y=-share * max(0.0, height))
    assume(subject is None or other.holds(subject))
    # What lies on the very edge of a crop is no pixel of it.
    inside = [each for each in keep if _clear(other, each)]
    assert len(keep) - len(best.lost(keep)) >= len(inside)


def _clear(lying: Frame, point: Point) -> bool:
    there = lying.map(point)
    across, down = 1 / lying.visual.width, 1 / lying.visual.height
    return there is not None and across < there.x < 1 - across and down < there.y < 1 - down


@given(sizes, canvases, points, one_subject, several)
def test_auto_loses_neither_the_subject_nor_a_point_that_padding_shows(
    master: Size, canvas: Format, focal: Point, subject: Area | None, keep: list[Point]
) -> None:
    window = canvas.canvas
    lying = frame.choose("auto", master, canvas.size, window, focal, subject=subject, keep=keep)
    padded = frame.pad(master, canvas.size, window)
    assert len(lying.lost(keep)) <= len(padded.lost(keep))
    assert lying == padded or subject is None or lying.holds(subject)


def test_a_crop_moves_for_a_point_and_no_further_than_it_must() -> None:
    def left(*keep: Point, subject: Area | None = None) -> float:
        window = Box(0, 0, 1000, 1000)
        return frame.crop(Size(2000, 1000), Size(1000, 1000), window, Point(0.5, 0.5), subject=subject, keep=keep).x

    assert left() == -500
    assert left(Point(0.5, 0.5)) == -500, "it is seen already"
    assert left(Point(0.1, 0.5)) == -160, "the point is 40 pixels from the edge"
    assert left(Point(0.0, 0.5)) == 0, "the master ends there"
    assert left(Point(0.1, 0.5), Point(0.8, 0.2), Point(0.9, 0.2)) == -840, "two of three"
    assert left(Point(0.1, 0.5), subject=Area(0.5, 0, 0.9, 1)) == -800, "the subject comes first"
    assert left(subject=Area(0.1, 0, 0.9, 1)) == -500, "too wide to be whole: nothing else is seen"
    assert left(subject=Area(0.3, 0, 1.0, 1)) == -600


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


def test_a_crop_that_cuts_little_but_the_product_is_not_chosen() -> None:
    master, visual, middle = Size(1000, 1000), Size(1080, 1000), Point(0.5, 0.5)
    window = Box(0, 0, 1080, 1000)
    for edge, cropped in ((0.96, True), (0.97, False)):
        subject = Area(0.2, 1 - edge, 0.8, edge)
        lying = frame.choose("auto", master, visual, window, middle, subject=subject)
        assert lying.kept == pytest.approx(1000 / 1080 if cropped else 1, abs=0.001)
        assert lying.holds(subject)


@given(
    sizes,
    st.sampled_from([each for each in formats() if each.height > each.width]),
    st.tuples(shares, shares).map(sorted).filter(lambda ends: ends[1] - ends[0] > 0.02),
    st.booleans(),
    st.integers(100, 700),
    st.lists(points, max_size=3),
)
def test_a_picture_goes_on_under_what_covers_it_its_subject_does_not(
    master: Size, canvas: Format, ends: list[float], above: bool, covered: int, keep: list[Point]
) -> None:
    box = canvas.canvas
    free = Box(0, 0, box.right, box.bottom - covered) if above else Box(0, covered, box.right, box.bottom)
    calm = free.inset(0, 60)
    subject = Area(0.2, ends[0], 0.8, ends[1])
    lying = frame.under(master, canvas.size, box, free, calm, subject=subject, keep=keep)
    assume(lying is not None)
    assert lying is not None
    assert box.holds(lying.window)
    assert lying.scale > min(free.width / master.width, free.height / master.height)
    high, low = (end * master.height * lying.scale + lying.y for end in ends)
    assert calm.top - 1 <= high < low <= calm.bottom + 1
    left, _, right, _ = lying.source()
    assert left * lying.scale < 1
    assert (master.width - right) * lying.scale < 1
    assert lying.holds(subject)
