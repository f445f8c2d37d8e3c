"""The demo's pictures: large enough for every format, the same wherever they are drawn."""

from io import BytesIO

from PIL import Image, ImageStat

from media.studio.still_lifes import BOWLS, STILL_LIVES


def test_a_still_life_is_as_large_as_a_camera_s_picture_and_drawn_the_same_twice() -> None:
    content = BOWLS.jpeg()
    picture = Image.open(BytesIO(content))
    assert picture.size == (2400, 3000)
    assert min(ImageStat.Stat(picture).stddev) > 20, "there is something in it"
    assert BOWLS.jpeg() == content


def test_what_is_shown_lies_inside_of_the_picture() -> None:
    assert len({life.slug for life in STILL_LIVES}) == len(STILL_LIVES) >= 5
    for life in STILL_LIVES:
        assert all(0.1 < x < 0.9 and 0.1 < y < 0.9 for x, y in life.points.values())
