"""A finished canvas becomes bytes: JPEG unless something else is asked for. Equal canvases make equal bytes."""

from io import BytesIO
from typing import Final

from PIL import Image

from media import colour
from media.outputs import Output

# Each looks the same to the eye; the lesser ones are tried only where the byte limit is missed.
FINEST: Final[dict[Output, int]] = {"jpeg": 88, "webp": 88, "avif": 74, "png": 0}
_COARSEST = 40
_STEP = 6
# Whatever misses the limit even so gives up fine colours, then all but its shapes: pure noise fits, too.
_WORST: Final = (40, 28, 16, 8)
# PNG loses nothing; where it is too heavy so, it has so many colours. 0 stands for all.
_COLOURS: Final = (256, 128, 64, 32, 16, 8, 4, 2)


def encode(canvas: Image.Image, output: Output, max_bytes: int) -> bytes:
    """The canvas as a file with the sRGB profile and nothing else beside the picture.

    Baseline JPEG 4:4:4, lossy WebP, AVIF 4:4:4, or PNG. The quality gives way until the file has at most `max_bytes`,
    at last the colours' resolution (4:2:0), too, and of a PNG the number of its colours; what is too large at the least
    quality stays so.
    """
    steps = _steps(output)
    data = _encoded(canvas, output, *steps[0])
    if len(data) <= max_bytes:
        return data
    # Each step weighs less than the one before: the first that fits is found by halving, in four encodings of twelve.
    data, low, high = b"", 1, len(steps)
    while low < high:
        middle = (low + high) // 2
        tried = _encoded(canvas, output, *steps[middle])
        if len(tried) <= max_bytes:
            data, high = tried, middle
        else:
            low = middle + 1
    return data or _encoded(canvas, output, *steps[-1])


def _steps(output: Output) -> list[tuple[int, str]]:
    """Qualities from the finest to the worst, each with how far colours keep their resolution; of PNG, colours."""
    if output == "png":
        return [(each, "") for each in (FINEST[output], *_COLOURS)]
    fine = [(quality, "4:4:4") for quality in (*range(FINEST[output], _COARSEST, -_STEP), _COARSEST)]
    return [*fine, *((quality, "4:2:0") for quality in _WORST)]


def _encoded(canvas: Image.Image, output: Output, quality: int, subsampling: str) -> bytes:
    out, profile = BytesIO(), colour.srgb_profile()
    if output == "jpeg":
        canvas.save(out, "JPEG", quality=quality, subsampling=subsampling, icc_profile=profile)
    elif output == "webp":
        canvas.save(out, "WEBP", quality=quality, method=4, icc_profile=profile)
    elif output == "png":
        # Of the ways to choose colours the only one that takes less than seconds.
        few = canvas.quantize(quality, Image.Quantize.FASTOCTREE) if quality else canvas
        few.save(out, "PNG", icc_profile=profile)
    else:
        # More threads would split the picture into other tiles, and make other bytes, on another machine.
        canvas.save(out, "AVIF", quality=quality, speed=8, subsampling=subsampling, max_threads=1, icc_profile=profile)
    return out.getvalue()
