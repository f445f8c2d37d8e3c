"""What a file says it is, read from its first bytes; nothing is decoded and no extension is believed."""

from media.errors import ImageTypeUnsupported
from media.frame import Size

_ACCEPTED = ("JPEG", "PNG", "WEBP")
_BRANDS = {b"avif": "AVIF", b"avis": "AVIF", b"heic": "HEIC", b"heix": "HEIC", b"mif1": "HEIF", b"msf1": "HEIF"}
_OTHERS = (
    (b"GIF8", "GIF"),
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
    """`JPEG`, `PNG` or `WEBP`; refuses ImageTypeUnsupported for anything else, naming it where it is known."""
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    found = _foreign(data)
    detail = f"This is {found}, not JPEG, PNG or WebP." if found else "This is neither JPEG nor PNG nor WebP."
    raise ImageTypeUnsupported(detail, found=found, accepted=list(_ACCEPTED))


def declared(data: bytes) -> Size | None:
    """The size that a WebP canvas or a PNG header declares, or None where the header must be parsed to know.

    libwebp's animation decoder allocates two canvases as soon as it is opened: this is read before that.
    """
    if data.startswith(b"\x89PNG") and data[12:16] == b"IHDR":
        return Size(int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big"))
    if data[8:16] == b"WEBPVP8X" and len(data) >= 30:
        return Size(int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1)
    return None


def _foreign(data: bytes) -> str | None:
    for magic, name in _OTHERS:
        if data.startswith(magic):
            return name
    if data[4:8] == b"ftyp":
        return _BRANDS.get(data[8:12], "ISO media")
    return "SVG" if b"<svg" in data[:1024].lower() else None
