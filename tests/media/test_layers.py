"""Shapes that layers draw, pixel by pixel."""

import pytest
from PIL import Image, ImageDraw

from media.frame import Box
from media.looks.layers import Card
from media.picture import Picture
from tests.media.pictures import photo, saved

FINE = 4


@pytest.mark.parametrize("radius", [0, 1, 17, 36])
@pytest.mark.parametrize("size", [(1, 1), (72, 72), (73, 75), (301, 80), (90, 400)])
def test_a_card_has_the_corners_that_a_large_drawing_of_it_has(size: tuple[int, int], radius: int) -> None:
    box = Box(40, 50, 40 + size[0], 50 + size[1])
    canvas = Image.new("RGB", (500, 500))  # Black, so that the shadow is not seen.
    Card(box, (255, 255, 255), radius).draw(canvas, Picture(saved(photo(64, 64))))
    large = Image.new("L", (500 * FINE, 500 * FINE))
    corners = (box.left * FINE, box.top * FINE, box.right * FINE - 1, box.bottom * FINE - 1)
    ImageDraw.Draw(large).rounded_rectangle(corners, radius * FINE, fill=255)
    assert canvas.getchannel("R").tobytes() == large.reduce(FINE).tobytes()
