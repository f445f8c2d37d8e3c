"""Two ways to resize, of which an installation has one: the fast one is deterministic, and the other looks the same."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageStat

from media import resampling
from media.resampling import Corners, Kernel
from tests.media.pictures import photo

SIZE = (301, 203)
SOURCE = Image.blend(photo(*SIZE), Image.merge("RGB", [Image.effect_noise(SIZE, 90)] * 3), 0.4)

sides = st.integers(1, 400)
kernels = st.sampled_from(["cubic", "lanczos"])


@st.composite
def boxes(draw: st.DrawFn) -> Corners:
    """Anywhere in the picture, often to its very edge, at least a pixel wide and high."""
    (left, right), (top, bottom) = (
        sorted((draw(st.floats(0, side - 1)), draw(st.floats(1, side) | st.just(float(side))))) for side in SIZE
    )
    return left, top, max(right, left + 1), max(bottom, top + 1)


@given(box=boxes(), width=sides, height=sides, kernel=kernels)
def test_both_ways_make_the_same_picture(box: Corners, width: int, height: int, kernel: Kernel) -> None:
    made = resampling.resized(SOURCE, (width, height), box, kernel)
    other = Image.new("RGB", (width, height))
    resampling.by_pillow(other, SOURCE, box, kernel)
    assert made.mode == "RGB"
    assert max(ImageStat.Stat(ImageChops.difference(made, other)).mean) <= 1.5, "of 255 levels, on average"


@given(box=boxes(), width=sides, height=sides, kernel=kernels)
def test_the_fast_way_makes_the_same_bytes_with_any_instructions(
    box: Corners, width: int, height: int, kernel: Kernel
) -> None:
    fast = pytest.importorskip("cykooz_resizer")
    made = [resampling.resized(SOURCE, (width, height), box, kernel).tobytes()]
    left, top, right, bottom = box
    for extensions in (fast.CpuExtensions.none, fast.CpuExtensions.sse4_1, fast.CpuExtensions.avx2):
        resizer, canvas = fast.Resizer(), Image.new("RGB", (width, height))
        resizer.cpu_extensions = extensions
        filters = {"cubic": fast.FilterType.catmull_rom, "lanczos": fast.FilterType.lanczos3}
        options = fast.ResizeOptions(resize_alg=fast.ResizeAlg.convolution(filters[kernel]))
        options.crop_box = fast.CropBox(left, top, min(right - left, SIZE[0] - left), min(bottom - top, SIZE[1] - top))
        resizer.resize_pil(SOURCE, canvas, options)
        made.append(canvas.tobytes())
    assert all(one == next_one for one, next_one in pairwise(made))
