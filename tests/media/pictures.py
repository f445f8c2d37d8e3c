"""Pictures that tests draw themselves, and the bytes of broken ones."""

import struct
import zlib
from io import BytesIO

from PIL import Image, ImageChops, ImageCms, ImageDraw

from media.frame import Point

CORNERS = ((220, 30, 30), (30, 160, 60), (40, 70, 210), (240, 200, 40))
DOT = Point(0.61, 0.37)  # Where `dotted` pictures have their dot, unless a test says otherwise.


def saved(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    """The bytes of a picture; JPEG at a quality that keeps colours."""
    out = BytesIO()
    if kind == "JPEG":
        options = {"quality": 95, "subsampling": 0} | options
    image.save(out, kind, **options)
    return out.getvalue()


def quarters(width: int = 400, height: int = 300) -> Image.Image:
    """Red and green above, blue and yellow below: whoever turns it is found out."""
    image = Image.new("RGB", (width, height))
    half, middle = width // 2, height // 2
    for colour, place in zip(CORNERS, ((0, 0), (half, 0), (0, middle), (half, middle)), strict=True):
        image.paste(colour, (*place, place[0] + half, place[1] + middle))
    return image


def photo(width: int = 1600, height: int = 1200) -> Image.Image:
    """A soft ground with something in the middle."""
    ground = Image.linear_gradient("L").resize((width, height))
    image = Image.merge("RGB", (ground.point(lambda v: 150 + v // 3), ground.point(lambda v: 140 + v // 3), ground))
    ImageDraw.Draw(image).ellipse((width // 3, height // 4, width * 2 // 3, height * 3 // 4), fill=(30, 80, 120))
    return image


def dotted(width: int, height: int, point: Point, colour: tuple[int, int, int] = (255, 0, 255)) -> Image.Image:
    """A grey picture with one coloured dot."""
    image = Image.new("RGB", (width, height), (128, 128, 128))
    x, y, radius = point.x * width, point.y * height, max(8, min(width, height) // 60)
    ImageDraw.Draw(image).ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
    return image


def dot_in(data: bytes) -> Point | None:
    """The middle of the magenta dot of a finished visual, or None where there is none."""
    with Image.open(BytesIO(data)) as image:
        red, green, blue = image.convert("RGB").split()
    strong = [channel.point(lambda v: 255 if v > 180 else 0) for channel in (red, blue)]
    seen = ImageChops.multiply(ImageChops.multiply(*strong), green.point(lambda v: 255 if v < 90 else 0))
    box = seen.getbbox()
    if box is None:
        return None
    return Point((box[0] + box[2]) / 2 / seen.width, (box[1] + box[3]) / 2 / seen.height)


def png(width: int, height: int, *, filled: bool = False) -> bytes:
    """A grey PNG whose header declares any size; it holds next to nothing unless it is `filled` with black."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"\0" * ((width + 1) * height if filled else 1000)
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b"")


def webp_canvas(width: int, height: int) -> bytes:
    """An extended WebP that declares a huge canvas."""
    canvas = struct.pack("<I", 2) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBP" + b"VP8X" + struct.pack("<I", len(canvas)) + canvas
    return b"RIFF" + struct.pack("<I", len(body)) + body


def swapped_profile() -> bytes:
    """A profile of a display whose red and green primaries are exchanged: it shows whether profiles are applied."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = struct.unpack(">I", profile[128:132])[0]
    tags = {bytes(profile[132 + 12 * n : 136 + 12 * n]): 132 + 12 * n for n in range(count)}
    red, green = tags[b"rXYZ"], tags[b"gXYZ"]
    profile[red : red + 4], profile[green : green + 4] = b"gXYZ", b"rXYZ"
    return bytes(profile)


def gif(screen: tuple[int, int], frame: tuple[int, int, int, int], *, disposal: int = 0) -> bytes:
    """A GIF that declares any screen and any left, top, width, height of its first frame, and holds two pixels."""
    header = b"GIF89a" + struct.pack("<HHBBB", *screen, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    control = b"!\xf9\x04" + bytes((disposal << 2,)) + b"\0\0\0\0"
    return header + control + b"," + struct.pack("<4HB", *frame, 0) + b"\x02\x02\x4c\x01\x00;"


def flicker(frames: int, *, tail: bytes = b";") -> bytes:
    """A GIF whose first frame is a photo and which then goes on with so many frames of one pixel."""
    first = saved(photo(96, 80).quantize(16), "GIF")
    assert first.endswith(b";")
    return first[:-1] + (b"," + struct.pack("<4HB", 0, 0, 1, 1, 0) + b"\x02\x02\x4c\x01\x00") * frames + tail


def with_extent(data: bytes, width: int, height: int) -> bytes:
    """An AVIF or HEIC whose `ispe` boxes (ISO/IEC 23008-12, 6.5.3) all declare another size than it has."""
    parts = data.split(b"ispe")
    return b"ispe".join([parts[0], *(each[:4] + struct.pack(">II", width, height) + each[12:] for each in parts[1:])])
