"""Any bytes in: a clean upright sRGB picture out, or a typed refusal."""

import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin

from media import intake
from media.errors import (
    ImageRefused,
    ImageTooManyPixels,
    ImageTooSmall,
    ImageTypeUnsupported,
    ImageUnreadable,
)
from media.intake import Master
from tests.media.pictures import (
    CORNERS,
    flicker,
    gif,
    photo,
    png,
    quarters,
    saved,
    swapped_profile,
    webp_canvas,
    with_extent,
)
from tests.media.samples import HEIC


def pixels(master: Master) -> Image.Image:
    with Image.open(BytesIO(master.data)) as image:
        image.load()
        return image.copy()


def corners(image: Image.Image) -> list[tuple[int, int, int]]:
    places = [(0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)]
    found = [image.getpixel((int(x * image.width), int(y * image.height))) for x, y in places]
    return [(each[0], each[1], each[2]) for each in found if isinstance(each, tuple)]


def near(found: list[tuple[int, int, int]], wanted: tuple[tuple[int, int, int], ...], tolerance: int = 6) -> bool:
    return all(
        abs(a - b) <= tolerance
        for one, other in zip(found, wanted, strict=True)
        for a, b in zip(one, other, strict=True)
    )


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
def test_each_accepted_type_becomes_a_jpeg_of_the_same_picture(kind: str) -> None:
    options = {"quality": 100} if kind in ("WEBP", "AVIF") else {}
    master = intake.open_picture(saved(quarters(), kind, **options))
    image = pixels(master)
    assert (image.format or "JPEG", image.mode, image.size) == ("JPEG", "RGB", (400, 300))
    assert master.data.startswith(b"\xff\xd8\xff")
    assert near(corners(image), CORNERS, 12)


@pytest.mark.parametrize("mode", ["L", "1", "P", "LA", "RGBA", "I;16", "CMYK"])
def test_every_colour_mode_becomes_rgb(mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    grey = Image.new("L", (200, 200), 180)
    if mode == "I;16":
        source = Image.new(mode, (200, 200), 180 * 257)
    elif mode == "P":
        source = grey.quantize(4)
    else:
        source = grey.convert("RGB").convert(mode)
    image = pixels(intake.open_picture(saved(source, kind)))
    found = image.getpixel((100, 100))
    assert image.mode == "RGB"
    assert isinstance(found, tuple)
    assert all(abs(value - (255 if mode == "1" else 180)) <= 4 or mode == "1" for value in found)


def test_transparency_is_laid_on_white() -> None:
    source = Image.new("RGBA", (200, 200), (0, 0, 0, 0))
    source.paste((200, 30, 30, 255), (0, 0, 100, 200))
    image = pixels(intake.open_picture(saved(source, "PNG")))
    assert near([image.getpixel((50, 100)), image.getpixel((150, 100))], ((200, 30, 30), (255, 255, 255)))  # type: ignore[list-item]  # RGB pixels are triples.


def test_a_transparent_colour_of_a_palette_is_laid_on_white() -> None:
    source = Image.new("P", (100, 100), 0)
    source.putpalette([10, 20, 30, 200, 30, 30])
    image = pixels(intake.open_picture(saved(source, "PNG", transparency=0)))
    assert image.getpixel((50, 50)) == (255, 255, 255)


# How a camera stores an upright picture so that the orientation brings it back (Exif 2.32, tag 0x0112).
STORED = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@pytest.mark.parametrize("orientation", range(1, 9))
def test_all_eight_orientations_of_one_picture_come_out_alike(orientation: int) -> None:
    source = quarters()
    if orientation in STORED:
        source = source.transpose(STORED[orientation])
    exif = Image.Exif()
    exif[0x0112] = orientation
    master = intake.open_picture(saved(source, exif=exif))
    assert (master.width, master.height) == (400, 300)
    assert near(corners(pixels(master)), CORNERS)


def test_an_embedded_profile_is_applied() -> None:
    source = Image.new("RGB", (100, 100), (220, 30, 30))
    image = pixels(intake.open_picture(saved(source, icc_profile=swapped_profile())))
    assert near([image.getpixel((50, 50))], ((30, 220, 30),), 12)  # type: ignore[list-item]  # RGB pixels are triples.


def test_a_broken_profile_is_passed_over() -> None:
    image = pixels(intake.open_picture(saved(quarters(), icc_profile=b"nonsense" * 50)))
    assert near(corners(image), CORNERS)


def test_nothing_of_the_metadata_survives() -> None:
    exif = Image.Exif()
    exif[0x010E] = "SECRET description"
    exif.get_ifd(0x8825)[2] = (48.0, 51.0, 30.0)
    data = saved(quarters(), exif=exif, comment=b"SECRET comment", xmp=b"<x:xmpmeta>SECRET</x:xmpmeta>")
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "SECRET text")
    for sent in (data + b"PK\3\4SECRET appended <script>", saved(quarters(), "PNG", pnginfo=info)):
        kept = intake.open_picture(sent).data
        assert not any(word in kept for word in (b"SECRET", b"Exif", b"xmp", b"<script", b"PK\3\4"))


def test_the_profile_that_is_written_says_srgb() -> None:
    with Image.open(BytesIO(intake.open_picture(saved(quarters())).data)) as image:
        profile = ImageCms.ImageCmsProfile(BytesIO(image.info["icc_profile"]))
    assert "sRGB" in ImageCms.getProfileDescription(profile)


def test_the_same_bytes_make_the_same_master() -> None:
    data = saved(photo(), "PNG")
    assert intake.open_picture(data) == intake.open_picture(data)


def test_a_large_picture_is_kept_smaller_and_says_so() -> None:
    master = intake.open_picture(saved(photo(6000, 3000)))
    assert (master.width, master.height) == (4096, 2048)
    assert master.warnings == [{"slug": "reduced", "width": 6000, "height": 3000}]


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize(("size", "kept"), [((6001, 4001), (3001, 2001)), ((5400, 3600), (4096, 2731))])
def test_half_of_a_picture_is_kept_where_the_tallest_format_fits_into_it(
    size: tuple[int, int], kept: tuple[int, int], kind: str
) -> None:
    master = intake.open_picture(saved(quarters(*size), kind))
    assert (master.width, master.height) == kept
    places = [(kept[0] * x // 8, kept[1] * y // 8) for y in (1, 7) for x in (1, 7)]
    assert near([pixels(master).getpixel(each) for each in places], CORNERS)  # type: ignore[misc]  # RGB pixels are triples.


def test_only_the_first_frame_of_an_animation_is_kept() -> None:
    frames = [Image.new("RGB", (100, 100), colour) for colour in CORNERS]
    data = saved(frames[0], "WEBP", save_all=True, append_images=frames[1:], quality=100, lossless=True)
    master = intake.open_picture(data)
    assert near([pixels(master).getpixel((50, 50))], (CORNERS[0],))  # type: ignore[list-item]  # RGB pixels are triples.
    assert master.warnings == [{"slug": "first-frame-only", "frames": 4}]


@pytest.mark.parametrize("frames", [2, 20_000])
def test_a_gif_of_many_frames_costs_no_more_than_its_first(frames: int) -> None:
    master = intake.open_picture(flicker(frames))
    assert (master.width, master.height, master.warnings) == (96, 80, [{"slug": "first-frame-only"}])


def test_an_animated_avif_keeps_its_first_frame() -> None:
    frames = [Image.new("RGB", (100, 100), colour) for colour in CORNERS]
    data = saved(frames[0], "AVIF", save_all=True, append_images=frames[1:], quality=95)
    master = intake.open_picture(data)
    assert near([pixels(master).getpixel((50, 50))], (CORNERS[0],), 12)  # type: ignore[list-item]  # RGB pixels are triples.
    assert master.warnings == [{"slug": "first-frame-only", "frames": 4}]


def test_a_transparent_gif_is_laid_on_white() -> None:
    source = Image.new("P", (100, 100), 0)
    source.putpalette([10, 20, 30, 200, 30, 30])
    source.paste(1, (0, 0, 50, 100))
    image = pixels(intake.open_picture(saved(source, "GIF", transparency=0)))
    assert near([image.getpixel((25, 50)), image.getpixel((75, 50))], ((200, 30, 30), (255, 255, 255)))  # type: ignore[list-item]  # RGB pixels are triples.


@pytest.mark.parametrize("kind", ["mif1", "avif"])
def test_an_avif_is_known_by_the_brands_of_its_container(kind: str) -> None:
    data = bytearray(saved(quarters(), "AVIF", quality=95))
    data[8:12] = kind.encode()
    assert near(corners(pixels(intake.open_picture(bytes(data)))), CORNERS, 12)


def test_a_heic_is_read_where_its_decoder_is_installed() -> None:
    image = pixels(intake.open_picture(HEIC))
    assert image.size == (128, 96)
    assert near(corners(image), CORNERS, 12)


WITHOUT_HEIC = """
import sys
sys.modules["pi_heif"] = None
from importlib import metadata, util
found = util.find_spec
util.find_spec = lambda name, package=None: None if name == "pi_heif" else found(name, package)
from media import intake
from media.errors import HeicNotEnabled
try:
    intake.open_picture(sys.stdin.buffer.read())
except HeicNotEnabled as refusal:
    print(refusal.slug, refusal.facts["extra"], refusal.detail)
"""


def test_a_heic_is_refused_with_the_way_to_enable_it_where_it_is_not() -> None:
    root = Path(__file__).parents[2]
    said = subprocess.run([sys.executable, "-c", WITHOUT_HEIC], input=HEIC, capture_output=True, cwd=root, check=True)
    assert said.stdout.decode().split(" ", 2)[:2] == ["image-heic-not-enabled", "heic"]
    assert "pi-heif" in said.stdout.decode()


@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_a_truncated_heic_is_refused(share: float) -> None:
    with pytest.raises(ImageUnreadable):
        intake.open_picture(HEIC[: int(len(HEIC) * share)])


@pytest.mark.parametrize(
    ("screen", "frame"),
    [
        ((65_535, 65_535), (0, 0, 2, 1)),
        ((100, 100), (0, 0, 65_535, 65_535)),
        ((100, 100), (65_535, 65_535, 1, 1)),
    ],
)
@pytest.mark.parametrize("disposal", [0, 2, 3])
def test_a_gif_that_declares_a_huge_screen_or_frame_is_refused_before_it_is_allocated(
    screen: tuple[int, int], frame: tuple[int, int, int, int], disposal: int
) -> None:
    with pytest.raises(ImageTooManyPixels):
        intake.open_picture(gif(screen, frame, disposal=disposal))


def test_an_avif_that_declares_a_huge_picture_is_refused_before_it_is_decoded() -> None:
    with pytest.raises((ImageTooManyPixels, ImageUnreadable)):
        intake.open_picture(with_extent(saved(photo(300, 300), "AVIF"), 16_000, 16_000))


@pytest.mark.parametrize("size", [(10_000, 5_001), (2**31 - 1, 2**31 - 1), (50_000, 50_000)])
def test_too_many_pixels_are_refused_from_the_header(size: tuple[int, int]) -> None:
    with pytest.raises(ImageTooManyPixels) as refusal:
        intake.open_picture(png(*size))
    assert (refusal.value.facts["width"], refusal.value.facts["maximum"]) == (size[0], 50_000_000)


def test_a_webp_that_declares_a_huge_canvas_is_refused_before_it_is_allocated() -> None:
    with pytest.raises(ImageTooManyPixels):
        intake.open_picture(webp_canvas(16_000_000, 16_000_000))


@pytest.mark.parametrize("size", [(63, 400), (1, 1), (40_000, 500)])
def test_too_small_a_picture_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(ImageTooSmall) as refusal:
        intake.open_picture(saved(Image.new("RGB", size, (9, 9, 9)), "PNG"))
    assert refusal.value.facts["minimum"] == 64
    assert ("once the longer one is reduced to 4096" in refusal.value.detail) == (max(size) > 4096)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        (b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(50), "JPEG 2000"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1miafjpeg" + bytes(50), "HEIF"),
        (b"\0\0\0\x1cftypisom\0\0\0\0isomavifheic" + bytes(50), "ISO media"),
        (b"GIF88a" + bytes(50), None),
        (b"BLP2" + bytes(50), None),
        (b"MM\0*" + bytes(50), "TIFF"),
        (b"hello", None),
        (b"", None),
    ],
)
def test_other_types_are_refused_by_content(data: bytes, found: str | None) -> None:
    with pytest.raises(ImageTypeUnsupported) as refusal:
        intake.open_picture(data)
    assert (refusal.value.facts["found"], refusal.value.status) == (found, 422)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.95])
def test_a_truncated_picture_is_refused(kind: str, share: float) -> None:
    whole = saved(photo(300, 300), kind)
    with pytest.raises(ImageUnreadable):
        intake.open_picture(whole[: max(16, int(len(whole) * share))])


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["JPEG", "PNG", "WEBP", "GIF", "AVIF"]), st.data())
def test_damaged_pictures_are_read_or_refused_and_nothing_else(kind: str, data: st.DataObject) -> None:
    broken = bytearray(saved(photo(96, 80), kind))
    for _ in range(data.draw(st.integers(1, 12))):
        broken[data.draw(st.integers(12, len(broken) - 1))] = data.draw(st.integers(0, 255))
    try:
        outcome: object = intake.open_picture(bytes(broken))
    except ImageRefused as refusal:
        outcome = refusal
    assert isinstance(outcome, Master | ImageRefused)
