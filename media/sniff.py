"""What a file says it is, read from its first bytes; nothing is decoded and no extension is believed."""

import struct

from media import heic
from media.errors import ImageTypeUnsupported
from media.frame import Size

ACCEPTED = ("JPEG", "PNG", "WebP", "GIF", "AVIF", "HEIC")
_HEIC = frozenset((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"))
_AVIF = frozenset((b"avif", b"avis"))
_HEIF = frozenset((b"mif1", b"msf1"))  # A container's brand: what is in it stands among the compatible brands.
_BRANDS = 256  # Bytes of a file type box that are looked at.
_OTHERS = (
    (b"BM", "BMP"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"8BPS", "PSD"),
    (b"%PDF", "PDF"),
    (b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"\0\0\1\0", "ICO"),
    (b"PK\3\4", "ZIP"),
)


def kind(data: bytes) -> str:
    """`JPEG`, `PNG`, `WEBP`, `GIF`, `AVIF` or `HEIC`.

    Refuses HeicNotEnabled where HEIC cannot be read here, and ImageTypeUnsupported for anything else, naming it where
    it is known.
    """
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    found = _iso_media(data) if data[4:8] == b"ftyp" else _foreign(data)
    if found == "HEIC":
        heic.check()
    if found in ("AVIF", "HEIC"):
        return found
    wanted = f"{', '.join(ACCEPTED[:-1])} or {ACCEPTED[-1]}"
    detail = f"This is {found}, not {wanted}." if found else f"This is not {wanted}."
    raise ImageTypeUnsupported(detail, found=found, accepted=list(ACCEPTED))


def declared(data: bytes) -> Size | None:
    """The size that a PNG, GIF or WebP canvas declares, or None where the header must be parsed to know.

    libwebp's animation decoder allocates two canvases as soon as it is opened, and Pillow fills the first frame of a
    GIF when it opens one: this is read before that.
    """
    if data.startswith(b"\x89PNG") and data[12:16] == b"IHDR":
        return Size(int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big"))
    if data[8:16] == b"WEBPVP8X" and len(data) >= 30:
        return Size(int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1)
    if data.startswith(b"GIF8") and len(data) >= 13:
        return _gif(data)
    return None


def _gif(data: bytes) -> Size:
    """The logical screen, or more where the first frame reaches beyond it (GIF89a specification, sections 18 to 24)."""
    width, height = struct.unpack_from("<HH", data, 6)
    at = 13 + (3 << (data[10] & 7) + 1 if data[10] & 0x80 else 0)
    while data[at : at + 1] == b"!":
        at += 2
        while at < len(data) and data[at]:
            at += data[at] + 1
        at += 1
    if data[at : at + 1] == b"," and len(data) >= at + 9:
        left, top, across, down = struct.unpack_from("<4H", data, at + 1)
        width, height = max(width, left + across), max(height, top + down)
    return Size(width, height)


def _iso_media(data: bytes) -> str:
    """What a file of the MPEG family holds, by its brands (ISO/IEC 14496-12, 4.3)."""
    major, size = data[8:12], min(int.from_bytes(data[:4], "big"), _BRANDS)
    brands = {data[at : at + 4] for at in range(16, min(size, len(data)), 4)} if major in _HEIF else {major}
    if brands & _AVIF:
        return "AVIF"
    if brands & _HEIC:
        return "HEIC"
    return "HEIF" if major in _HEIF else "ISO media"


def _foreign(data: bytes) -> str | None:
    for magic, name in _OTHERS:
        if data.startswith(magic):
            return name
    return "SVG" if b"<svg" in data[:1024].lower() else None
