"""What a JPEG's first bytes tell, without decoding it."""

from io import BytesIO

import pytest
from PIL import Image, ImageCms

from media import colour, jpeg
from media.jpeg import JpegFacts


def made(mode: str = "RGB", **options: object) -> bytes:
    out = BytesIO()
    Image.new(mode, (64, 80)).save(out, "JPEG", **options)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "facts"),
    [
        (made(), JpegFacts(baseline=True, srgb=True)),
        (made(icc_profile=colour.srgb_profile()), JpegFacts(baseline=True, srgb=True)),
        (made(progressive=True), JpegFacts(baseline=False, srgb=True)),
        (made("CMYK"), JpegFacts(baseline=True, srgb=False)),
        (made("L"), JpegFacts(baseline=True, srgb=False)),
        (
            made(icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()),
            JpegFacts(baseline=True, srgb=False),
        ),
    ],
    ids=["plain", "profile", "progressive", "cmyk", "grey", "other profile"],
)
def test_a_jpeg_says_how_it_is_coded_and_in_which_colours(data: bytes, facts: JpegFacts) -> None:
    assert jpeg.describe(data) == facts


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xd8",
        b"\xff\xd8\xff\xc0\0\0",
        b"\xff\xd8\xff\xc0\0\x04ab",
        b"\x89PNG\r\n\x1a\n" + b"\0" * 99,
        made()[:40],
    ],
    ids=["nothing", "start", "no length", "short", "png", "cut"],
)
def test_what_is_no_whole_header_tells_nothing(data: bytes) -> None:
    assert jpeg.describe(data) is None
