"""Untrusted bytes become a safe master picture: decoded once, re-encoded, and nothing else is kept of them.

Runs in a child process only (media/worker.py). Pillow raises ten kinds of exception on damaged files; all of them
mean the same to the one who sent the file.
"""

from io import BytesIO

import msgspec
from PIL import AvifImagePlugin, Image, ImageFile, JpegImagePlugin

from media import colour, heic, sniff
from media.errors import ImageRefused, ImageTooManyPixels, ImageTooSmall, ImageUnreadable
from media.frame import Size
from media.traits import sharpness, traits
from media.traits.traits import Traits
from media.warnings import Warnings

MAX_PIXELS = 50_000_000
MAX_SIDE = 4096  # Of the master: more than twice what the largest format needs.
ENOUGH = 1920  # Of a master that is half of a larger picture: the height of the tallest format.
MIN_SIDE = 64
QUALITY = 92
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

Image.MAX_IMAGE_PIXELS = None  # Pillow would only warn up to twice its limit; ours is checked from the header.
ImageFile.LOAD_TRUNCATED_IMAGES = False
AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # Each thread of the decoder would hold frames of its own.


class Master(msgspec.Struct, frozen=True):
    """A safe picture: baseline JPEG, 8-bit sRGB, upright, opaque (transparency on white), without any metadata.

    `data` are its bytes; width and height are in pixels, at most 4,096 a side. `warnings` say what was changed, and
    what may disappoint; `traits` what the picture is like.
    """

    data: bytes
    width: int
    height: int
    warnings: Warnings
    traits: Traits


def open_picture(data: bytes) -> Master:
    """Decode JPEG, PNG, WebP, GIF, AVIF or HEIC (the first frame) of at most 50 megapixels.

    Refuses ImageTypeUnsupported, HeicNotEnabled, ImageTooManyPixels, ImageTooSmall and, for whatever else may be wrong
    with the bytes, ImageUnreadable.
    """
    kind = sniff.kind(data)
    try:
        return _open(data, kind)
    except ImageRefused:
        raise
    except Exception as error:  # Pillow raises ten kinds; the process itself is expendable.
        raise ImageUnreadable(f"This {kind} cannot be decoded.", reason=type(error).__name__) from error


def _open(data: bytes, kind: str) -> Master:
    declared = sniff.declared(data)
    if declared is not None:
        _check_pixels(declared)
    if kind == "HEIC":
        heic.enable()
    with Image.open(BytesIO(data), formats=("HEIF" if kind == "HEIC" else kind,)) as image:
        stored = Size(*image.size)
        _check_pixels(stored)
        warnings = _film(image)
        turn = _TURNS.get(_orientation(image))
        target = _fit(stored)
        # Halves of odd sides are rounded up by the decoder; asked for in so many pixels, it would give the whole.
        image.draft(None, (stored.width // 2, stored.height // 2) if _halved(stored) else (target.width, target.height))
        image.load()
        subsampling = _subsampling(image, stored)
        profile = image.info.get("icc_profile")
        upright = _prepared(image, target, profile if isinstance(profile, bytes) else None)
    if turn is not None:
        upright = upright.transpose(turn)
    if min(upright.size) < MIN_SIDE:
        reduced = f", once the longer one is reduced to {MAX_SIDE}" if target != stored else ""
        raise ImageTooSmall(
            f"Each side must have {MIN_SIDE} pixels or more{reduced}.",
            width=stored.width,
            height=stored.height,
            minimum=MIN_SIDE,
        )
    if target != stored:
        warnings.append({"slug": "reduced", "width": stored.width, "height": stored.height})
    measured = traits.measure(upright)
    if measured.sharpness is not None and measured.sharpness < sharpness.BLURRED:
        warnings.append({"slug": "blurred", "sharpness": measured.sharpness})
    return Master(_encoded(upright, subsampling), upright.width, upright.height, warnings, measured)


def _film(image: Image.Image) -> Warnings:
    """That only the first picture of several is kept, and of how many where the header tells."""
    if image.format == "MPO" or not getattr(image, "is_animated", False):  # An MPO holds a preview, not a film.
        return []
    if image.format == "GIF":  # To count its frames is to walk through all of them.
        return [{"slug": "first-frame-only"}]
    return [{"slug": "first-frame-only", "frames": int(getattr(image, "n_frames", 2))}]


def _check_pixels(size: Size) -> None:
    if size.width * size.height > MAX_PIXELS:
        raise ImageTooManyPixels(
            f"{size.width} x {size.height} is more than {MAX_PIXELS // 1_000_000} megapixels.",
            width=size.width,
            height=size.height,
            maximum=MAX_PIXELS,
        )


def _orientation(image: Image.Image) -> int:
    """1 to 8 as Exif has it; a broken Exif block does not make the picture unusable."""
    try:
        value = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # noqa: BLE001  # The Exif parser fails in as many ways as the decoders do.
        return 1
    return value if isinstance(value, int) else 1


def _fit(stored: Size) -> Size:
    """The size of the master before it is turned upright."""
    longest = max(stored.width, stored.height)
    if longest <= MAX_SIDE:
        return stored
    if _halved(stored):
        return Size(-(-stored.width // 2), -(-stored.height // 2))
    scale = MAX_SIDE / longest
    return Size(max(1, round(stored.width * scale)), max(1, round(stored.height * scale)))


def _halved(stored: Size) -> bool:
    """Whether a picture that is too large is cut to its half, which a JPEG gives in a quarter of the memory."""
    return (
        MAX_SIDE < max(stored.width, stored.height) <= 2 * MAX_SIDE and min(stored.width, stored.height) >= 2 * ENOUGH
    )


def _prepared(image: Image.Image, target: Size, profile: bytes | None) -> Image.Image:
    """Resized before anything else, because every later step costs by the pixel."""
    simple = colour.simplify(image)
    if simple.size != (target.width, target.height):
        simple = simple.resize((target.width, target.height), Image.Resampling.LANCZOS, reducing_gap=3.0)
    return colour.to_srgb(simple, profile)


def _subsampling(image: Image.Image, stored: Size) -> int:
    """4:2:0 where the file itself has no finer chroma to keep, else 4:4:4."""
    if isinstance(image, JpegImagePlugin.JpegImageFile) and image.size == (stored.width, stored.height):
        return 2 if JpegImagePlugin.get_sampling(image) == 2 else 0
    return 0


def _encoded(image: Image.Image, subsampling: int) -> bytes:
    # Nothing of the sender's file can reach the encoder: no comment, profile, Exif block or resolution.
    image.info.clear()
    out = BytesIO()
    image.save(out, "JPEG", quality=QUALITY, subsampling=subsampling, icc_profile=colour.srgb_profile())
    return out.getvalue()
