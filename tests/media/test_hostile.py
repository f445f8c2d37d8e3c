"""Files that are made to hurt: read or refused with a typed reason, quickly, and nothing of their payload is kept."""

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image, PngImagePlugin

from media import intake
from media.errors import ImageRefused, ImageTooManyPixels, ImageTypeUnsupported, ImageUnreadable
from media.intake import Master
from media.pool import Limits, PicturePool
from tests.media.pictures import CORNERS, photo, png, quarters, saved, swapped_profile
from tests.media.samples import HEIC


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def with_chunks(*chunks: bytes) -> bytes:
    """A PNG of the quarters with chunks after its header."""
    whole = saved(quarters(), "PNG")
    return whole[:33] + b"".join(chunks) + whole[33:]


def at(master: Master, x: float, y: float) -> tuple[int, ...]:
    with Image.open(BytesIO(master.data)) as image:
        found = image.getpixel((int(x * image.width), int(y * image.height)))
    assert isinstance(found, tuple)
    return found


def bomb(megabytes: int) -> bytes:
    """So many megabytes of the letter A, deflated."""
    squeezer = zlib.compressobj(9)
    return b"".join(squeezer.compress(b"A" * 2**20) for _ in range(megabytes)) + squeezer.flush()


@pytest.mark.parametrize("side", [2**31 - 1, 2**31, 2**32 - 1])
def test_a_png_of_two_thousand_million_pixels_a_side_is_refused_by_its_header(side: int) -> None:
    with pytest.raises(ImageTooManyPixels):
        intake.open_picture(png(side, side))


BOMBS = {
    "zTXt": chunk(b"zTXt", b"Comment\0\0" + bomb(300)),
    "iTXt": chunk(b"iTXt", b"Comment\0\1\0\0\0" + bomb(300)),
    "iCCP": chunk(b"iCCP", b"Profile\0\0" + bomb(300)),
    "many zTXt": chunk(b"zTXt", b"Comment\0\0" + bomb(1)) * 400,
}


@pytest.mark.parametrize("kind", BOMBS)
async def test_a_chunk_that_inflates_to_hundreds_of_megabytes_costs_none(kind: str) -> None:
    async with PicturePool(workers=1, limits=Limits(megabytes=320, cpu_seconds=5)) as pool:
        try:
            outcome: Master | ImageUnreadable = await pool.open_picture(with_chunks(BOMBS[kind]))
        except ImageUnreadable as refusal:
            outcome = refusal
    if isinstance(outcome, ImageUnreadable):
        assert outcome.facts["reason"] not in {"memory", "time"}
    else:
        assert at(outcome, 0.25, 0.25)[0] > 200


def test_a_jpeg_2000_of_two_hundred_bytes_is_not_even_opened() -> None:
    size = struct.pack(">HHIIIIIIIIH", 41, 0, 2**15, 2**15, 0, 0, 2**15, 2**15, 0, 0, 3) + b"\x07\x01\x01" * 3
    for data in (b"\xff\x4f\xff\x51" + size, b"\0\0\0\x0cjP  \r\n\x87\n" + b"\xff\x4f\xff\x51" + size):
        with pytest.raises(ImageTypeUnsupported) as refusal:
            intake.open_picture(data)
        assert refusal.value.facts["found"] == "JPEG 2000"


def test_a_flood_of_webp_frames_costs_no_more_than_its_first() -> None:
    frames = [Image.new("RGB", (96, 96), CORNERS[number % 4]) for number in range(40)]
    data = saved(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True, duration=10)
    start = data.index(b"ANMF")
    length = 8 + int.from_bytes(data[start + 4 : start + 8], "little")
    flood = bytearray(data + data[start : start + length] * 20_000)
    flood[4:8] = (len(flood) - 8).to_bytes(4, "little")
    outcome: Master | ImageRefused
    try:
        outcome = intake.open_picture(bytes(flood))
    except ImageUnreadable as refusal:
        outcome = refusal
    assert isinstance(outcome, ImageUnreadable) or outcome.warnings[0]["slug"] == "first-frame-only"


@pytest.mark.parametrize("frames", [2, 2**31 - 1])
def test_an_animated_png_keeps_its_first_picture_however_many_it_declares(frames: int) -> None:
    stills = [Image.new("RGB", (100, 100), colour) for colour in CORNERS[:2]]
    data = saved(stills[0], "PNG", save_all=True, append_images=stills[1:])
    place = data.index(b"acTL") + 4
    head, tail = data[:place], data[place + 12 :]
    body = struct.pack(">II", frames, 0)
    master = intake.open_picture(head + body + struct.pack(">I", zlib.crc32(b"acTL" + body)) + tail)
    assert at(master, 0.5, 0.5)[0] > 200
    assert [each["slug"] for each in master.warnings] == ["first-frame-only"]


PAYLOADS = (b"<script>", b"<?php", b"PK\3\4", b"%PDF-", b"alert(1)")


def polyglots() -> dict[str, bytes]:
    """Pictures that are something else too."""
    gif = bytearray(saved(quarters().quantize(8), "GIF"))
    script = b"/*" + bytes(gif[10:]) + b"*/=alert(1)//<script>"
    comment = b"!\xfe\x10*/=alert(1)//<scri\0"
    coloured = 13 + (3 << (gif[10] & 7) + 1)
    info = PngImagePlugin.PngInfo()
    info.add_text("a", "<?php system($_GET[0]); ?>")
    return {
        "GIF and JavaScript": bytes(gif[:6]) + script,
        "GIF with a script in its comment": bytes(gif[:coloured]) + comment + bytes(gif[coloured:]),
        "JPEG and ZIP": saved(photo(200, 200)) + b"PK\3\4" + bytes(26) + b"evil.jsp<script>",
        "JPEG with PHP in its comment": saved(photo(200, 200), comment=b"<?php phpinfo(); ?>"),
        "PNG with PHP in its text": saved(photo(200, 200), "PNG", pnginfo=info),
        "PNG and HTML": saved(photo(200, 200), "PNG") + b"<html><script>alert(1)</script>",
        "WebP and PDF": saved(photo(200, 200), "WEBP") + b"%PDF-1.7 alert(1)",
        "AVIF and ZIP": saved(photo(200, 200), "AVIF") + b"PK\3\4<script>",
        "HEIC and HTML": HEIC + b"<script>alert(1)</script>",
    }


@pytest.mark.parametrize("kind", polyglots())
def test_what_is_a_picture_and_something_else_is_kept_as_a_picture_only(kind: str) -> None:
    try:
        kept = intake.open_picture(polyglots()[kind]).data
    except ImageUnreadable:
        return
    assert not any(payload in kept for payload in PAYLOADS)


@pytest.mark.parametrize("first", [b"%PDF-1.7\n", b"PK\3\4", b"<svg/>", b"MZ", b"#!/bin/sh\n", b"\xef\xbb\xbf"])
def test_what_begins_as_something_else_is_no_picture(first: bytes) -> None:
    with pytest.raises(ImageTypeUnsupported):
        intake.open_picture(first + saved(photo(200, 200)))


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF"])
def test_transparency_of_every_type_is_laid_on_white(kind: str) -> None:
    source = Image.new("RGBA", (200, 200), (200, 30, 30, 0))
    source.paste((200, 30, 30, 255), (0, 0, 100, 200))
    options = {"lossless": True} if kind == "WEBP" else {"quality": 95} if kind == "AVIF" else {}
    master = intake.open_picture(saved(source, kind, **options))
    assert at(master, 0.25, 0.5) == pytest.approx((200, 30, 30), abs=8)
    assert at(master, 0.75, 0.5) == pytest.approx((255, 255, 255), abs=4)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF"])
def test_profiles_of_every_type_are_applied(kind: str) -> None:
    options = {"lossless": True} if kind == "WEBP" else {"quality": 95} if kind == "AVIF" else {}
    source = Image.new("RGB", (100, 100), (220, 30, 30))
    master = intake.open_picture(saved(source, kind, icc_profile=swapped_profile(), **options))
    assert at(master, 0.5, 0.5) == pytest.approx((30, 220, 30), abs=14)


@pytest.mark.parametrize(("colours", "samples"), [(0, 1), (2, 3), (4, 2), (6, 4)])
def test_sixteen_bits_a_sample_become_eight(colours: int, samples: int) -> None:
    """PNG colour types: grey, RGB, grey with alpha, RGB with alpha."""
    values = [180 * 257] * samples
    if samples in (2, 4):
        values[-1] = 65_535
    row = b"\0" + struct.pack(f">{samples}H", *values) * 100
    header = struct.pack(">IIBBBBB", 100, 100, 16, colours, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(row * 100)) + chunk(b"IEND", b"")
    assert at(intake.open_picture(b"\x89PNG\r\n\x1a\n" + body), 0.5, 0.5) == pytest.approx((180, 180, 180), abs=3)


def test_an_orientation_that_is_nonsense_turns_nothing() -> None:
    for value in (0, 9, 65_535):
        exif = Image.Exif()
        exif[0x0112] = value
        master = intake.open_picture(saved(quarters(), exif=exif))
        assert (master.width, master.height) == (400, 300)
        assert at(master, 0.25, 0.25)[0] > 200
