"""What one child draws well, and what one request may ask for."""

import pytest

from media import portions
from media.errors import TooMuchToDraw
from media.formats import formats
from media.formats.format import Format
from media.frame import Box
from media.looks import layout
from media.outputs import Output

SALE = layout.find("sale")


def square(side: int) -> Format:
    return Format("own", "Own", side, side, Box(0, 0, side, side), "")


def test_formats_are_drawn_in_runs_and_a_large_set_page_by_page() -> None:
    works = [("a", 20_000_000), ("b", 20_000_000), ("c", 16_000_000), ("d", 60_000_000), ("e", 1)]
    assert list(portions.portions(works, 1)) == [(["a", "b"], [1]), (["c"], [1]), (["d"], [1]), (["e"], [1])]
    assert list(portions.portions(works[1:3] + works[4:], 5)) == [
        (["b"], [1, 2]), (["b"], [3, 4]), (["b"], [5]), (["c"], [1, 2, 3]), (["c"], [4, 5]), (["e"], [1, 2, 3, 4, 5]),
    ]  # fmt: skip


def test_a_set_of_eleven_in_all_formats_may_be_asked_for_and_hundreds_of_the_largest_may_not() -> None:
    portions.check([portions.work(each, "jpeg", None) for each in formats.formats()], 11)
    with pytest.raises(TooMuchToDraw) as refused:
        portions.check([portions.work(square(4096), "jpeg", None)] * 20, 24)
    assert refused.value.facts["pictures"] == 480


@pytest.mark.parametrize("output", ["webp", "avif", "png"])
def test_what_takes_longer_to_encode_or_to_lay_out_is_more_work(output: Output) -> None:
    assert SALE is not None
    plain = portions.work(square(1080), "jpeg", None)
    assert portions.work(square(1080), output, None) > 2 * plain
    assert portions.work(square(1080), "jpeg", SALE.design) > plain
    assert portions.work(square(64), "jpeg", None) == plain
