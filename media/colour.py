"""Any colours in, 8-bit sRGB out."""

from functools import cache
from io import BytesIO

from PIL import Image, ImageCms

_WHITE = (255, 255, 255)


@cache
def srgb_profile() -> bytes:
    """A small sRGB profile, the same bytes at any time: LittleCMS writes the clock into bytes 24 to 35."""
    made = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    made[24:36] = bytes((0x07, 0xEA, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0))
    return bytes(made)


def simplify(image: Image.Image) -> Image.Image:
    """The picture in a mode that can be resized well: L, LA, RGB, RGBA, CMYK or LAB; palettes and 16 bits are gone."""
    if image.mode.startswith("I;16") or image.mode == "I":
        # 16 bits a sample: the high byte is what a screen shows. A plain convert would clip at 255.
        return image.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    if image.mode == "F":
        return image.convert("L")
    if "transparency" in image.info or image.mode in ("PA", "RGBa", "La"):
        return image.convert("RGBA")
    if image.mode in ("L", "LA", "RGB", "RGBA", "CMYK", "LAB"):
        return image
    return image.convert("RGB") if image.mode != "1" else image.convert("L")


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """An opaque sRGB picture: the ICC profile is applied when it fits, transparency is laid on white."""
    alpha = image.getchannel("A") if image.mode in ("LA", "RGBA") else None
    opaque = image.convert(image.mode[:-1]) if alpha is not None else image
    rgb = _applied(opaque, profile) if profile else None
    if rgb is None:
        rgb = opaque if opaque.mode == "RGB" else opaque.convert("RGB")  # Which would copy it.
    if alpha is None:
        return rgb
    ground = Image.new("RGB", rgb.size, _WHITE)
    ground.paste(rgb, mask=alpha)
    return ground


def _applied(image: Image.Image, profile: bytes) -> Image.Image | None:
    """The picture through its profile, or None when the profile is broken or speaks of other channels."""
    channels = {"L": "GRAY", "RGB": "RGB ", "CMYK": "CMYK", "LAB": "Lab "}.get(image.mode)
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        if source.profile.xcolor_space != channels:
            return None
        return ImageCms.profileToProfile(
            image,
            source,
            ImageCms.ImageCmsProfile(BytesIO(srgb_profile())),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
        return None
