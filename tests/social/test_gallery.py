"""What a gallery shows of posts: each picture once, framed alike, with its tags where they are seen."""

import pytest

from media.frame import Point, Size
from social import gallery
from social.scenes import ProductRef
from social.tags import TagPoint

CENTRE = Point(0.5, 0.5)


def tag(x: float, y: float) -> TagPoint:
    """A product at this point of the master."""
    return TagPoint(ProductRef("prod_1"), Point(x, y))


@pytest.mark.parametrize("size", [Size(800, 1000), Size(4, 5), Size(2400, 3000)])
def test_a_picture_of_the_frames_own_proportions_is_seen_whole(size: Size) -> None:
    framed = gallery.framed(size, Point(0.1, 0.9), [tag(0, 0), tag(1, 1), tag(0.25, 0.75)])
    assert framed.position == CENTRE
    assert [each.point for each in framed.placed] == [Point(0, 0), Point(1, 1), Point(0.25, 0.75)]


def test_a_wide_picture_is_cut_left_and_right_about_its_focal_point() -> None:
    wide = Size(2000, 1000)
    framed = gallery.framed(wide, Point(0.3, 0.5), [tag(0.3, 0.2), tag(0.9, 0.5)])
    (seen, lost) = (each.point for each in framed.placed)
    assert seen is not None
    assert (seen.x, seen.y) == pytest.approx((0.5, 0.2))
    assert lost is None
    # 800 of 2000 pixels are seen, 400 either side of the 600th: 200 of the 1200 that are not seen are left of it.
    assert framed.position.x == pytest.approx(200 / 1200)


def test_the_frame_moves_to_where_more_tags_are_seen() -> None:
    wide = Size(2000, 1000)
    framed = gallery.framed(wide, Point(0.1, 0.5), [tag(0.7, 0.5), tag(0.9, 0.5)])
    assert [each.point is not None for each in framed.placed] == [True, True]
    assert framed.position.x == pytest.approx(1)


def test_a_tall_picture_is_cut_above_and_below() -> None:
    framed = gallery.framed(Size(800, 2000), Point(0.5, 0.0), [tag(0.5, 0.1)])
    (point,) = (each.point for each in framed.placed)
    assert point is not None
    assert (point.x, point.y) == pytest.approx((0.5, 0.2))
    assert framed.position == Point(0.5, 0)


def test_without_tags_the_focal_point_decides() -> None:
    assert gallery.framed(Size(2000, 1000), Point(1, 0.5), []).position.x == pytest.approx(1)
