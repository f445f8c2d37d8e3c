"""Text fits its room in every script that the fonts know, and is told about where it does not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from media import fonts, text
from media.text import Fitted, Style

TITLE = Style(family="display", weight=600, size=68, smallest=28, lines=3)
LABEL = Style(family="text", weight=600, size=25, smallest=16, lines=1, tracking=0.14)
SENTENCES = {
    "french": "Élégante robe d’été à l’imprimé « jardin japonais », coupe évasée",
    "german": "Wassersportbekleidungsgeschäft für Übergrößen",
    "polish": "Żółta sukienka z długim rękawem",
    "vietnamese": "Áo dài lụa tơ tằm thêu tay",
    "russian": "Шерстяное пальто цвета морской волны",
    "greek": "Χειροποίητο δερμάτινο σανδάλι",
    "turkish": "İpek gömlek, ığdır deseni",
}


def inked(fitted: Fitted) -> tuple[int, int, int, int] | None:
    """Where ink falls when the text is drawn at 500, 500."""
    image = Image.new("RGB", (2400, 1800))
    fitted.draw(ImageDraw.Draw(image), 500, 500, (255, 255, 255))
    return image.getbbox()


@pytest.mark.parametrize("sentence", SENTENCES.values(), ids=list(SENTENCES))
@pytest.mark.parametrize("width", [300, 600, 950])
def test_every_language_of_europe_is_drawn_whole_and_inside(sentence: str, width: int) -> None:
    fitted = text.fit(sentence, TITLE, width, 400)
    box = inked(fitted)
    assert box is not None
    assert fitted.missing == 0
    assert fitted.width <= width
    assert box[0] >= 500 - 6
    assert box[2] <= 500 + width + 6
    assert box[3] <= 500 + fitted.height + 6


def test_a_short_text_keeps_the_full_size_and_one_line() -> None:
    fitted = text.fit("Robe", TITLE, 900, 300)
    assert (fitted.size, fitted.lines) == (68, ("Robe",))


def test_a_long_text_shrinks_before_it_is_cut() -> None:
    fitted = text.fit(SENTENCES["french"], TITLE, 500, 300)
    assert TITLE.smallest <= fitted.size < TITLE.size
    assert not fitted.cut
    assert " ".join(fitted.lines) == SENTENCES["french"]


def test_what_does_not_fit_at_the_smallest_size_ends_in_an_ellipsis() -> None:
    fitted = text.fit("mot " * 45, TITLE, 240, 110)
    assert fitted.cut
    assert fitted.size == TITLE.smallest
    assert fitted.lines[-1].endswith("…")
    assert fitted.height <= 110


def test_one_endless_word_is_broken_with_hyphens() -> None:
    fitted = text.fit("Donaudampfschifffahrtsgesellschaftskapitän", TITLE, 260, 400)
    assert all(line.endswith("-") for line in fitted.lines[:-1])
    assert "".join(line.removesuffix("-") for line in fitted.lines) == "Donaudampfschifffahrtsgesellschaftskapitän"


def test_a_compound_is_broken_at_its_own_hyphen_first() -> None:
    fitted = text.fit("Mittelalter-Kostüm", TITLE, 440, 400)
    assert fitted.lines == ("Mittelalter-", "Kostüm")


def test_a_price_keeps_its_sign_on_the_line() -> None:
    assert text.fit("1\u202f299,00\u00a0€ TTC", TITLE, 300, 300).lines[0] == "1\u202f299,00\u00a0€"


def test_lines_are_of_about_equal_length() -> None:
    fitted = text.fit("Bonnet à pompon en laine mérinos", TITLE, 900, 300)
    lengths = [len(line) for line in fitted.lines]
    assert len(lengths) == 2
    assert max(lengths) - min(lengths) <= 8


def test_playfair_has_no_greek_so_another_font_steps_in() -> None:
    assert fonts.pick("display", "Robe")[0] == "display"
    assert fonts.pick("display", "Σανδάλι")[0] == "world"


def test_what_no_font_has_is_left_out_and_counted() -> None:
    fitted = text.fit("Robe 🎉 été", TITLE, 900, 300)
    assert (fitted.lines, fitted.missing) == (("Robe été",), 1)


@pytest.mark.parametrize("nothing", ["", "   ", "\n\t", "🎉🎉"])
def test_nothing_to_draw_takes_no_room(nothing: str) -> None:
    fitted = text.fit(nothing, TITLE, 900, 300)
    assert (fitted.lines, fitted.width, fitted.height) == ((), 0, 0)


def test_a_room_too_small_for_anything_gives_no_lines() -> None:
    assert text.fit("Robe", TITLE, 900, 10).lines == ()


@pytest.mark.parametrize("flood", ["🎉" * 5000, "é" * 5000, "e\u0301" * 5000, "ש" * 5000, "م" * 5000, "A " * 5000])
def test_a_flood_of_characters_is_cut_at_once(flood: str) -> None:
    fitted = text.fit(flood, TITLE, 900, 200)
    assert len("".join(fitted.lines)) <= 220
    assert fitted.cut


def test_no_font_is_loaded_at_an_absurd_size() -> None:
    assert fonts.load("text", 400, 10**9).size == fonts.LARGEST


@settings(max_examples=120, deadline=None)
@given(st.text(max_size=80), st.integers(20, 900), st.integers(10, 400), st.sampled_from([TITLE, LABEL]))
def test_any_text_in_any_room_stays_inside(words: str, width: int, height: int, style: Style) -> None:
    fitted = text.fit(words, style, width, height)
    assert fitted.height <= height
    assert len(fitted.lines) <= style.lines
    assert not fitted.lines or fitted.width <= width + 1 or fitted.lines == ("",)
    box = inked(fitted)
    assert box is None or box[2] <= 500 + width + style.size


@pytest.mark.parametrize(
    ("words", "rtl"), [("שמלה", True), ("1 قفطان", True), ("Robe שמלה", False), ("12,50 €", False), ("", False)]
)
def test_the_first_letter_with_a_direction_gives_the_text_its_direction(words: str, rtl: bool) -> None:
    fitted = Fitted((words,), "world", 400, 40, 1.2, 0.0, 300, 0, False)
    assert fitted.rtl is rtl


def test_a_language_chooses_its_own_forms_of_a_letter() -> None:
    style = Style(family="world", weight=400, size=60, smallest=30, lines=1)
    russian, serbian = (text.fit("бгдпт", style, 600, 100, language=each) for each in ("ru", "sr"))
    assert (russian.width, inked(russian)) != (serbian.width, inked(serbian))
