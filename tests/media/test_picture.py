"""What a frame shows of a master: near to what the best filter makes of the whole, and always the same."""

from functools import cache
from io import BytesIO

import pytest
from PIL import Image

from media import render
from media.formats import formats
from media.formats.formats import STORY
from media.frame import Frame, FrameChoice, Size
from media.looks import layout
from media.looks.scene import Framing, Scene
from media.picture import Picture
from media.render import Drawing
from media.studio.still_lifes import STILL_LIVES
from tests.media.likeness import ssim
from tests.media.pictures import saved

FORMATS = [each.slug for each in formats.formats()]


@cache
def table() -> Image.Image:
    return Image.open(BytesIO(STILL_LIVES[0].jpeg()))


@cache
def still(width: int, height: int) -> bytes:
    """A picture with the detail of a camera's, in a size that asks for the whole decode, for its half, or for both."""
    return saved(table().resize((width, height), Image.Resampling.BICUBIC), quality=92, subsampling=2)


def framed(picture: Picture, slug: str, choice: FrameChoice) -> Frame:
    canvas = formats.find(slug)
    assert canvas is not None
    return layout.photo(Framing(choice), picture.size, canvas, canvas.canvas)


@pytest.mark.parametrize("size", [(2400, 3000), (2400, 1800), (3841, 2161)])
@pytest.mark.parametrize("slug", FORMATS)
def test_what_is_seen_is_what_lanczos_makes_of_the_whole(size: tuple[int, int], slug: str) -> None:
    master = still(*size)
    picture = Picture(master)
    frame = framed(picture, slug, "crop")
    reference = Image.open(BytesIO(master)).resize(frame.window.size, Image.Resampling.LANCZOS, box=frame.source())
    assert ssim(picture.seen(frame), reference) >= 0.98


@pytest.mark.parametrize("choice", ["auto", "crop", "pad"])
@pytest.mark.parametrize("size", [(2400, 3000), (3000, 2250), (1500, 4000)])
def test_a_visual_is_the_same_alone_and_among_others_in_any_order(size: tuple[int, int], choice: FrameChoice) -> None:
    def drawn(*slugs: str) -> dict[str, bytes]:
        return {
            each.format: each.data for each in render.draw(master, Drawing("plain", [*slugs], Scene(), Framing(choice)))
        }

    master = still(*size)
    every = drawn(*FORMATS)
    assert drawn(*reversed(FORMATS)) == every
    for slug in FORMATS:
        assert drawn(slug) == {slug: every[slug]}


def test_a_master_of_odd_sides_keeps_its_edges() -> None:
    image = Image.new("RGB", (2401, 3601), (30, 160, 60))
    picture = Picture(saved(image))
    for width in (1200, 600, 300):
        canvas = formats.whole(width, picture.size)
        seen = picture.seen(layout.photo(Framing("pad"), picture.size, canvas, canvas.canvas))
        darkest, brightest = zip(*seen.getextrema(), strict=True)
        assert max(abs(a - b) for a, b in zip(brightest, darkest, strict=True)) <= 1


def test_a_small_master_is_enlarged_over_all_of_the_canvas() -> None:
    picture = Picture(saved(Image.linear_gradient("L").convert("RGB").resize((64, 64))))
    seen = picture.seen(framed(picture, STORY.slug, "crop"))
    assert seen.size == (1080, 1920)
    assert picture.size == Size(64, 64)
    thirds = seen.convert("L").resize((1, 3), Image.Resampling.BOX).tobytes()
    assert max(abs(each - wanted) for each, wanted in zip(thirds, (42, 127, 212), strict=True)) <= 4
