"""Fonts of strangers are drawn with or refused; none of them hurts the server."""

import random
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from media.errors import FontRefused, FontTooLarge, FontTypeUnsupported, FontUnreadable
from media.looks.scene import Framing, Scene
from media.pool import Limits, PicturePool
from media.render import Drawing
from media.typesetting import fonts, sfnt, text, typefaces
from media.typesetting.text import Style
from media.typesetting.typefaces import Typeface
from tests.media.pictures import photo, saved
from tests.media.processes import children


def file(family: str) -> bytes:
    return fonts.face(family).source.read_bytes()


DRAWING = Drawing("price", ["square"], Scene(title="Vase", price="19,00 €"), Framing())
THAI, HEBREW = file("thai"), file("hebrew-display")


def woff(data: bytes, **changed: int) -> bytes:
    """The font as a WOFF file (W3C WOFF 1.0)."""
    tables = {tag: sfnt.table(data, tag) for tag in sfnt.directory(data)}
    directory, body, at = b"", b"", 44 + 20 * len(tables)
    for tag, raw in sorted(tables.items()):
        packed = min(zlib.compress(raw), raw, key=len)
        checksum = (
            sum(struct.unpack(f">{len(raw + b'   ') // 4}I", (raw + b"\0\0\0")[: (len(raw) + 3) // 4 * 4])) % 2**32
        )
        directory += struct.pack(">4sIIII", tag, at + len(body), len(packed), len(raw), checksum)
        body += packed + b"\0" * (-len(packed) % 4)
    total = changed.get("total", 12 + sum(16 + (len(raw) + 3) // 4 * 4 for raw in tables.values()))
    head = struct.pack(
        ">4s4sIHHIHHIIIII", b"wOFF", data[:4], at + len(body), len(tables), 0, total, 1, 0, 0, 0, 0, 0, 0
    )
    return head + directory + body


def without(data: bytes, lost: bytes) -> bytes:
    """The font with one table under another name."""
    at = data.index(lost, 12, 12 + 16 * 64)
    return data[:at] + b"zzzz" + data[at + 4 :]


def changed(data: bytes, tag: bytes, offset: int, content: bytes) -> bytes:
    at = sfnt.directory(data)[tag][0] + offset
    return data[:at] + content + data[at + len(content) :]


async def test_a_font_tells_what_it_is(pool: PicturePool) -> None:
    found = await pool.open_font(HEBREW)
    assert found == Typeface(
        fonts.register(HEBREW), "Frank Ruhl Libre", 300, 900, ("Latin", "Hebrew"), restricted=False
    )


async def test_a_packed_font_is_the_same_to_the_eye(pool: PicturePool) -> None:
    plain, packed = await pool.open_font(HEBREW), await pool.open_font(woff(HEBREW))
    assert (packed.name, packed.scripts) == (plain.name, plain.scripts)
    assert packed.family != plain.family


async def test_a_font_packed_for_the_web_is_drawn_with(pool: PicturePool) -> None:
    packed = Path(text.__file__).parents[2] / "api" / "pages" / "assets" / "display.woff2"
    found = await pool.open_font(packed.read_bytes())
    assert (found.scripts, found.lightest, found.boldest) == (("Latin",), 400, 400)
    family = fonts.register(packed.read_bytes())
    assert fonts.drawing(family, "R", "") == family
    assert fonts.drawing(family, "щ", "") == "world"


async def test_a_font_whose_maker_forbids_embedding_says_so(pool: PicturePool) -> None:
    assert (await pool.open_font(changed(THAI, b"OS/2", 8, b"\0\2"))).restricted


def test_a_text_is_drawn_in_a_shops_own_font_and_others_step_in() -> None:
    family = typefaces.check(HEBREW).family
    fitted = text.fit("Robe שמלה 🎉 щ", Style(family, 600, 60, 30, 1), 900, 100)
    assert (fitted.missing, fitted.family) == (0, family)
    assert fonts.drawing(family, "R", "") == family
    assert fonts.drawing(family, "щ", "") == "world"
    image = Image.new("RGB", (900, 100))
    fitted.draw(ImageDraw.Draw(image), 0, 0, (255, 255, 255))
    assert image.getbbox() is not None


def test_no_more_fonts_are_kept_than_a_few() -> None:
    names = [fonts.register(THAI + bytes([number])) for number in range(20)]
    assert len(set(names)) == 20
    assert file(names[-1]) == THAI + bytes([19])
    with pytest.raises(KeyError):
        fonts.face(names[0])


@pytest.mark.parametrize(
    ("data", "slug"),
    [
        (b"", "font-type-unsupported"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 100, "font-type-unsupported"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "font-type-unsupported"),
        (b"%!PS-AdobeFont-1.0: Helvetica", "font-type-unsupported"),
        (b"ttcf\0\1\0\0\0\0\0\1\0\0\0\x10" + THAI, "font-type-unsupported"),
        (THAI + b"\0" * typefaces.MAX_BYTES, "font-too-large"),
        (woff(THAI, total=2**31), "font-too-large"),
        (b"\0\1\0\0", "font-unreadable"),
        (b"\0\1\0\0\xff\xff" + b"\0" * 200, "font-unreadable"),
        (b"OTTO\0\0" + b"\0" * 200, "font-unreadable"),
        (b"wOFF" + b"\0" * 60, "font-unreadable"),
        (b"wOF2" + b"\0" * 60, "font-unreadable"),
        (THAI[:2000], "font-unreadable"),
        (THAI[:-5000], "font-unreadable"),
        (woff(THAI)[:-3000], "font-unreadable"),
        (without(THAI, b"cmap"), "font-unreadable"),
        (without(THAI, b"hmtx"), "font-unreadable"),
        (without(THAI, b"glyf"), "font-type-unsupported"),
        (changed(THAI, b"head", 12, b"\0\0\0\0"), "font-unreadable"),
        (changed(THAI, b"head", 18, b"\0\1"), "font-unreadable"),
        (changed(THAI, b"maxp", 4, b"\0\0"), "font-unreadable"),
        (changed(THAI, b"hhea", 34, b"\xff\xff"), "font-unreadable"),
        (changed(THAI, b"cmap", 2, b"\0\0"), "font-unreadable"),
        (changed(THAI, b"hmtx", 0, b"\x7f\xff" * 60), "font-unreadable"),
    ],
)  # fmt: skip
async def test_what_is_no_whole_font_is_refused(pool: PicturePool, data: bytes, slug: str) -> None:
    with pytest.raises(FontRefused) as refusal:
        await pool.open_font(data)
    assert refusal.value.slug == slug


def test_what_can_be_told_by_the_first_bytes_needs_no_child() -> None:
    for data, refusal in ((b"GIF89a", FontTypeUnsupported), (THAI + b"\0" * typefaces.MAX_BYTES, FontTooLarge)):
        with pytest.raises(refusal):
            typefaces.sift(data)


@pytest.mark.parametrize("seed", range(4))
async def test_damaged_fonts_are_drawn_with_or_refused(pool: PicturePool, seed: int) -> None:
    chance = random.Random(seed)
    outcomes: set[type] = set()
    for number in range(10):
        data = bytearray(THAI if number % 2 else woff(THAI) if seed % 2 else HEBREW)
        for _ in range(chance.choice((1, 4, 40, 400))):
            data[chance.randrange(12, len(data))] = chance.randrange(256)
        try:
            outcomes.add(type(await pool.open_font(bytes(data))))
        except FontUnreadable:
            outcomes.add(FontUnreadable)
    assert outcomes <= {Typeface, FontUnreadable}
    assert len(await pool.render(saved(photo()), DRAWING)) == 1


async def test_a_font_that_takes_too_much_time_is_refused_with_its_child() -> None:
    async with PicturePool(limits=Limits(wall_seconds=0.02)) as pool:
        with pytest.raises(FontUnreadable):
            await pool.open_font(file("arabic"))
        assert children() == []
