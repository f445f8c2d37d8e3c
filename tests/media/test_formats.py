"""The built-in formats: what is stated of each is possible, none is there twice, and its limit of bytes holds."""

from collections import Counter

import pytest
from PIL import Image

from media import encoding
from media.formats import formats
from media.formats.format import Format
from media.frame import Box
from media.outputs import Output

every_format = pytest.mark.parametrize("canvas", formats.formats(), ids=lambda each: each.slug)


def area(box: Box) -> int:
    return box.width * box.height


@every_format
def test_what_is_safe_lies_on_the_canvas_and_what_is_clear_in_it_under_nothing(canvas: Format) -> None:
    assert canvas.canvas.holds(canvas.safe)
    assert all(canvas.canvas.holds(each) for each in canvas.covered)
    assert canvas.safe.holds(canvas.clear)
    assert not any(each.overlaps(canvas.clear) for each in canvas.covered)
    assert area(canvas.clear) >= 0.3 * area(canvas.canvas)
    assert 2 * area(canvas.clear) >= area(canvas.safe)


@every_format
def test_every_format_says_who_takes_it_and_where_that_was_read(canvas: Format) -> None:
    assert canvas.networks
    assert "2026-" in canvas.source
    assert canvas.outputs[0] == "jpeg"
    assert canvas.id is None
    assert formats.find(canvas.slug) is canvas


def test_no_canvas_is_there_twice_with_the_same_limits() -> None:
    facts = Counter(
        (each.size, each.safe, each.covered, each.max_bytes, each.outputs) for each in formats.formats()
    )  # fmt: skip
    assert [key for key, count in facts.items() if count > 1] == []
    assert len({each.slug for each in formats.formats()}) == len(formats.formats())


def test_there_is_a_format_for_every_network() -> None:
    taken = {network for each in formats.formats() for network in each.networks}
    assert taken >= {
        "instagram", "facebook", "pinterest", "tiktok", "x", "linkedin", "youtube", "threads", "whatsapp", "snapchat",
        "google", "dailymotion", "vimeo",
    }  # fmt: skip


def test_any_vertical_is_safe_wherever_another_vertical_is() -> None:
    (vertical,) = [each for each in formats.formats() if each.slug == "vertical"]
    others = [each for each in formats.formats() if each.size == vertical.size and each.slug != "reel-cover"]
    assert len(others) == 4
    for each in others:
        assert each.safe.holds(vertical.safe)
        assert not any(covered.overlaps(vertical.clear) for covered in each.covered)
        assert vertical.max_bytes <= each.max_bytes
        assert set(vertical.outputs) <= set(each.outputs)


def noise(width: int, height: int) -> Image.Image:
    """What no encoder can make small: every channel of every pixel by chance."""
    return Image.merge("RGB", [Image.effect_noise((width, height), 200) for _ in range(3)])


@every_format
def test_pure_noise_weighs_no_more_than_the_networks_take(canvas: Format) -> None:
    assert len(encoding.encode(noise(canvas.width, canvas.height), "jpeg", canvas.max_bytes)) <= canvas.max_bytes


@pytest.mark.parametrize(("output", "most"), [("jpeg", 60_000), ("webp", 65_000), ("avif", 60_000), ("png", 100_000)])
def test_colours_give_way_before_a_limit_is_missed(output: Output, most: int) -> None:
    finest = encoding.encode(noise(400, 400), output, 10_000_000)
    assert len(encoding.encode(noise(400, 400), output, most)) <= most < len(finest)


def test_of_all_qualities_the_finest_that_fits_is_taken() -> None:
    image, sizes = noise(64, 64), [10_000_000]
    while (made := len(encoding.encode(image, "jpeg", sizes[-1] - 1))) < sizes[-1]:
        sizes.append(made)
    assert len(sizes) == 14


def test_a_file_below_its_limit_keeps_its_finest_quality() -> None:
    calm = Image.linear_gradient("L").convert("RGB")
    assert encoding.encode(calm, "jpeg", 10_000_000) == encoding.encode(calm, "jpeg", 100_000)


def test_a_covered_part_takes_away_the_side_that_costs_least() -> None:
    def of(*covered: Box) -> Box:
        return Format("x", "X", 1000, 1000, Box(0, 0, 1000, 1000), "", covered=covered).clear

    assert of() == Box(0, 0, 1000, 1000)
    assert of(Box(0, 0, 1000, 100)) == Box(0, 100, 1000, 1000)
    assert of(Box(800, 500, 1000, 1000)) == Box(0, 0, 800, 1000)
    assert of(Box(0, 0, 50, 1000), Box(900, 900, 1000, 1000)) == Box(50, 0, 1000, 900)
