"""A finished canvas becomes bytes: JPEG unless something else is asked for. Equal canvases make equal bytes."""

from io import BytesIO
from typing import Final

from PIL import Image

from media import colour
from media.outputs import Output

# Each looks the same to the eye; the lesser ones are tried only where the byte limit is missed.
FINEST: Final[dict[Output, int]] = {"jpeg": 88, "webp": 88, "avif": 74}
_COARSEST = 40
_STEP = 6


def encode(canvas: Image.Image, output: Output, max_bytes: int) -> bytes:
    """The canvas as a file with the sRGB profile and nothing else beside the picture.

    Baseline JPEG 4:4:4, lossy WebP, or AVIF 4:4:4. The quality gives way until the file has at most `max_bytes`; what
    is too large at the least quality stays so.
    """
    quality = FINEST[output]
    while True:
        data = _encoded(canvas, output, quality)
        if len(data) <= max_bytes or quality <= _COARSEST:
            return data
        quality = max(_COARSEST, quality - _STEP)


def _encoded(canvas: Image.Image, output: Output, quality: int) -> bytes:
    out, profile = BytesIO(), colour.srgb_profile()
    if output == "jpeg":
        canvas.save(out, "JPEG", quality=quality, subsampling=0, icc_profile=profile)
    elif output == "webp":
        canvas.save(out, "WEBP", quality=quality, method=4, icc_profile=profile)
    else:
        # More threads would split the picture into other tiles, and make other bytes, on another machine.
        canvas.save(out, "AVIF", quality=quality, speed=8, subsampling="4:4:4", max_threads=1, icc_profile=profile)
    return out.getvalue()
