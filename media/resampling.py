"""A picture becomes a smaller or a larger one: what costs most after the codec.

`cykooz-resizer` does it with the vector instructions of the processor, in place on Pillow's memory. It reckons in whole
numbers, so its pixels are the same with AVX2, SSE4.1, NEON and without any of them. Where there is no wheel of it
(Linux on ARM) Pillow does the work in four times the time; its pixels differ by less than one of 255 levels on average,
so whatever names a picture by how it was made has to say by which `PACKAGES` that was.
"""

from functools import cache
from typing import Final, Literal

from PIL import Image

try:
    import cykooz_resizer as fast
except ImportError:
    fast = None

PACKAGES: Final[tuple[str, ...]] = () if fast is None else ("cykooz-resizer",)  # Beside Pillow.

Corners = tuple[float, float, float, float]
Kernel = Literal["cubic", "lanczos"]
_PILLOW = {"cubic": Image.Resampling.BICUBIC, "lanczos": Image.Resampling.LANCZOS}


def resized(image: Image.Image, size: tuple[int, int], box: Corners, kernel: Kernel = "cubic") -> Image.Image:
    """What lies in `box` of an RGB picture (left, top, right, bottom in its pixels, fractions count), in a new size."""
    made = Image.new("RGB", size)
    onto(made, image, box, kernel)
    return made


def onto(canvas: Image.Image, image: Image.Image, box: Corners, kernel: Kernel = "cubic") -> None:
    """The same, drawn over the whole of an RGB canvas.

    The kernels widen with the scale, so that nothing is skipped: cubic is Catmull-Rom's, lanczos has three lobes.
    """
    if fast is None:
        by_pillow(canvas, image, box, kernel)
        return
    left, top, right, bottom = box
    # A width that is rounded up would leave the picture, which is refused.
    width, height = min(right - left, image.width - left), min(bottom - top, image.height - top)
    options = fast.ResizeOptions(resize_alg=_convolution(kernel))
    options.crop_box = fast.CropBox(left, top, width, height)
    _resizer().resize_pil(image, canvas, options)


def by_pillow(canvas: Image.Image, image: Image.Image, box: Corners, kernel: Kernel) -> None:
    """The same without the package."""
    canvas.paste(image.resize(canvas.size, _PILLOW[kernel], box=box))


@cache
def _resizer() -> "fast.Resizer":
    """One for the process: it keeps its memory between two pictures, which saves a quarter of the time."""
    return fast.Resizer()


@cache
def _convolution(kernel: Kernel) -> "fast.ResizeAlg":
    filters = {"cubic": fast.FilterType.catmull_rom, "lanczos": fast.FilterType.lanczos3}
    return fast.ResizeAlg.convolution(filters[kernel])
