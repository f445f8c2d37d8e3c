"""Text fits its room in every script that the fonts know, and is told about where it does not."""

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from media.typesetting import runs, text
from media.typesetting.fonts import Family
from media.typesetting.runs import Cut
from media.typesetting.text import Align, Fitted, Style

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
    "arabic": "فستان صيفي من الكتان الطبيعي مُطرَّز",
    "persian": "پیراهن تابستانی نخی با تخفیف",
    "urdu": "گرمیوں کا خوبصورت کاٹن لباس",
    "hebrew": "שִׂמְלַת קיץ מפשתן של Chanel ב־₪ 129.90",
    "thai": "ชุดเดรสฤดูร้อนผ้าลินินสีขาวที่ดีที่สุด",
    "hindi": "गर्मियों की सूती साड़ी, हाथ से बुनी हुई",
    "bengali": "গ্রীষ্মের সুতির শাড়ি",
    "tamil": "கோடைகால பருத்தி புடவை",
    "georgian": "ზაფხულის კაბა",
    "armenian": "Ամառային զգեստ",
    "amharic": "የበጋ ቀሚስ",
    "khmer": "សម្លៀកបំពាក់រដូវក្តៅ",
    "japanese": "春の新作ワンピースが登場しました。「夏」セール",
    "chinese": "春夏新款亚麻连衣裙，现已上市！",
    "korean": "여름 신상품 린넨 원피스 특별 할인",
    "emoji": "👗 Soldes d’été 👩🏽‍💻 ❤️‍🔥 🇫🇷 1️⃣ 👨‍👩‍👧‍👦",
}


def inked(fitted: Fitted, align: Align = "start") -> tuple[int, int, int, int] | None:
    """Where ink falls when the text is drawn at 500, 500."""
    image = Image.new("RGB", (2400, 1800))
    fitted.draw(ImageDraw.Draw(image), 500, 500, (255, 255, 255), align=align)
    return image.getbbox()


def outside(fitted: Fitted, width: int, height: int) -> str:
    """What is outside of a room; empty where nothing is."""
    if fitted.width > width or fitted.height > height:
        return f"{fitted.width} x {fitted.height} in {width} x {height}"
    box = inked(fitted)
    if box is None:
        return ""
    own = (500, 500, 500 + fitted.width, 500 + fitted.height)
    held = box[0] >= own[0] and box[1] >= own[1] and box[2] <= own[2] and box[3] <= own[3]
    return "" if held else f"ink at {box} outside of {own}"


@pytest.mark.parametrize("sentence", SENTENCES.values(), ids=list(SENTENCES))
@pytest.mark.parametrize("width", [300, 600, 950])
@pytest.mark.parametrize("style", [TITLE, LABEL], ids=["title", "label"])
def test_every_language_is_drawn_whole_and_inside(sentence: str, width: int, style: Style) -> None:
    fitted = text.fit(sentence, style, width, 400)
    assert inked(fitted) is not None
    assert fitted.missing == 0
    assert outside(fitted, width, 400) == ""


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


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Robe d’été", [("Robe d’été", "display")]),
        ("Robe 🎉 d’été", [("Robe", "display"), ("🎉", "emoji"), ("d’été", "display")]),
        ("Robe شفق d’été", [("Robe", "display"), ("شفق", "arabic"), ("d’été", "display")]),
        ("Σανδάλι Robe", [("Σανδάλι", "world"), ("Robe", "display")]),
        ("Χειροποίητο", [("Χειροποίητο", "world")]),
        ("שמלה (מבצע)!", [("שמלה (מבצע)!", "hebrew-display")]),
        ("فستان Chanel صيفي", [("صيفي", "arabic"), ("Chanel", "display"), ("فستان", "arabic")]),
        ("שמלה ₪ 129.90", [("129.90", "display"), ("שמלה ₪", "hebrew-display")]),
        ("春の「夏」 Robe", [("春の「夏」", "cjk-jp"), ("Robe", "display")]),
    ],
)
def test_another_font_steps_in_for_the_letters_alone_that_need_it(words: str, expected: list[tuple[str, str]]) -> None:
    language = "ja" if "の" in words else ""
    line = runs.lay(words, Cut("display", 600, 60, language), rtl=text.direction(words))
    assert [(run.text.strip(), run.family) for run in line.runs if run.text.strip()] == expected


def test_what_no_font_has_is_left_out_and_counted() -> None:
    fitted = text.fit("Robe 𒀀 été 𓀀𓀁", TITLE, 900, 300)
    assert (fitted.lines, fitted.missing) == (("Robe été",), 3)


def test_marks_beyond_what_any_language_has_are_left_out_and_counted() -> None:
    assert text.fit("x" + "\u0323" * 20, TITLE, 900, 300).missing == 16


@pytest.mark.parametrize("nothing", ["", "   ", "\n\t", "𒀀𒀀", "\u202e\u200b\u2066"])
def test_nothing_to_draw_takes_no_room(nothing: str) -> None:
    fitted = text.fit(nothing, TITLE, 900, 300)
    assert (fitted.lines, fitted.width, fitted.height) == ((), 0, 0)


def test_a_room_too_small_for_anything_gives_no_lines() -> None:
    assert text.fit("Robe", TITLE, 900, 10).lines == ()


FLOODS = {
    "emoji": "🎉" * 5000,
    "families": "👩🏽‍👩🏽‍👧🏽‍👦🏽" * 500,
    "flags": "🇫🇷" * 2500,
    "accents": "e\u0301" * 5000,
    "zalgo": "Z" + "\u0301\u0323\u0334\u20dd" * 1250,
    "zalgo words": "Ro\u0323\u0301\u0302\u0303\u0304be " * 600,
    "hebrew": "ש" * 5000,
    "arabic": "م" * 5000,
    "thai": "ที่" * 2000,
    "conjuncts": "क्" * 2500,
    "han": "漢" * 5000,
    "words": "A " * 5000,
    "joiners": "\u200d" * 5000,
    "blanks": "a\u3000" * 2500,
    "ligature": "\ufdfd" * 5000,
    "brackets": "א" + "(" * 5000,
    "overrides": "\u202ea" * 2500,
    "directions": "aא" * 2500,
}


@pytest.mark.parametrize("flood", FLOODS.values(), ids=list(FLOODS))
@pytest.mark.parametrize("style", [TITLE, LABEL], ids=["title", "label"])
def test_a_flood_of_characters_is_cut_at_once_and_stays_inside(flood: str, style: Style) -> None:
    fitted = text.fit(flood, style, 900, 200)
    assert len("".join(fitted.lines)) <= 220
    assert fitted.cut
    assert outside(fitted, 900, 200) == ""


STRANGE = st.text(max_size=80) | st.lists(
    st.sampled_from(
        [*SENTENCES.values(), "👩🏽‍💻", "🇫🇷", "e\u0301\u0302\u0323", "\u202e", "\u200f", " ", "₪ 129.90",
         "ﷺ", "\ufdfd", "क्ष", "ที่", "f" * 30, "(", "»", "W", "j", "Ǻ", "Å\u0327", "𒀀", "゛", "ཧཱུྃ", "\u0e4a" * 3]
    ),
    max_size=12,
).map("".join)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(
    STRANGE,
    st.integers(1, 900),
    st.integers(1, 400),
    st.sampled_from([TITLE, LABEL]),
    st.sampled_from(["", "ar", "ja", "th"]),
)
def test_any_text_in_any_room_stays_inside(words: str, width: int, height: int, style: Style, language: str) -> None:
    fitted = text.fit(words, style, width, height, language=language)
    assert len(fitted.lines) <= style.lines
    assert style.smallest <= fitted.size <= style.size
    assert "" not in fitted.lines
    assert outside(fitted, width, height) == ""


@pytest.mark.parametrize("override", ["\u202e", "\u202d", "\u2067", "\u202b"])
def test_no_control_turns_a_price_round(override: str) -> None:
    plain, turned = (text.fit(f"Robe {each}129,90 €", TITLE, 900, 300) for each in ("", override))
    assert plain == turned


def test_lines_of_high_and_deep_marks_do_not_touch() -> None:
    for words in ("ที่ปู่ญี่ปุ่น ที่ปู่ญี่ปุ่น", "Ǻg Ǻg Ǻg", "لِلْمُؤْمِنِينَ إِنَّ"):
        fitted = text.fit(words, TITLE, 200, 400)
        lines = [runs.lay(line, Cut("display", 600, fitted.size), rtl=fitted.rtl) for line in fitted.lines]
        assert len(lines) > 1
        assert all(upper.bottom < fitted.line_height + lower.top for upper, lower in pairwise(lines))


def test_an_address_is_broken_without_a_hyphen_of_ours() -> None:
    fitted = text.fit("https://shop.example/" + "a" * 40, TITLE, 400, 400)
    assert "".join(fitted.lines) == "https://shop.example/" + "a" * 40


def test_joined_letters_are_not_spaced_out() -> None:
    spaced, plain = (text.fit("متجر", Style("text", 600, 25, 16, 1, tracking=each), 900, 80) for each in (0.14, 0.0))
    assert spaced.width == plain.width
    latin, close = (text.fit("ROBE", Style("text", 600, 25, 16, 1, tracking=each), 900, 80) for each in (0.14, 0.0))
    assert latin.width > close.width


@pytest.mark.parametrize(
    ("words", "language", "align", "left"),
    [
        ("Robe", "", "start", True),
        ("שמלה", "", "start", False),
        ("129.90 €", "he", "start", False),
        ("129.90 €", "fr", "start", True),
        ("שמלה", "he", "left", True),
        ("Robe", "fr", "right", False),
    ],
)
def test_a_block_lies_where_its_reader_begins(words: str, language: str, align: Align, left: bool) -> None:
    fitted = text.fit(words, TITLE, 800, 300, language=language)
    assert fitted.left_in(100, 800, align) == (100 if left else 900 - fitted.width)
    assert fitted.left_in(100, 800, "centre") == 100 + (800 - fitted.width) // 2


@pytest.mark.parametrize(("align", "side"), [("start", 2), ("right", 2), ("left", 0)])
def test_lines_of_hebrew_end_at_the_right_of_their_block(align: Align, side: int) -> None:
    fitted = text.fit("שמלת קיץ ארוכה מאוד מפשתן לבן", TITLE, 420, 400)
    assert len(fitted.lines) > 1
    image = Image.new("RGB", (fitted.width + 200, fitted.height + 20))
    fitted.draw(ImageDraw.Draw(image), 100, 0, (255, 255, 255), align=align)
    edges = []
    for number in range(len(fitted.lines)):
        top = fitted.ascent + number * fitted.line_height - round(fitted.size * 0.5)
        box = image.crop((0, top, image.width, top + round(fitted.size * 0.5))).getbbox()
        assert box is not None
        edges.append(box[side])
    assert max(edges) - min(edges) <= fitted.size * 0.2


@pytest.mark.parametrize(
    ("words", "rtl"), [("שמלה", True), ("1 قفطان", True), ("Robe שמלה", False), ("12,50 €", False), ("", False)]
)
def test_the_first_letter_with_a_direction_gives_the_text_its_direction(words: str, rtl: bool) -> None:
    fitted = Fitted((words,), "world", 400, 40, 1.2, 0.0, 300, 0, False)
    assert fitted.rtl is rtl


@pytest.mark.parametrize(
    ("words", "language"),
    [
        ("پیراهن تابستانی نخی با تخفیف ۲۰٪ تابستان و ۱۰-۲۰ روز", "fa"),
        ("שמלת קיץ (מבצע) של Zara ב־129.90 ₪", "he"),
        ("Robe d’été à l’imprimé jardin", "fr"),
    ],
)
def test_lines_that_are_parted_are_drawn_as_among_the_others(words: str, language: str) -> None:
    fitted = text.fit(words, TITLE, 330, 400, language=language)
    assert len(fitted.lines) > 1
    whole, parted = (Image.new("RGB", (400, 500)) for _ in range(2))
    fitted.draw(ImageDraw.Draw(whole), 20, 20, (255, 255, 255))
    for number, line in enumerate(fitted.split()):
        left = line.left_in(20, fitted.width, "right" if fitted.rtl else "left")
        line.draw(ImageDraw.Draw(parted), left, 20 + number * fitted.line_height, (255, 255, 255))
        assert line.split() == [line]
    assert whole.tobytes() == parted.tobytes()


def test_what_is_left_of_a_cut_text_runs_as_the_whole_of_it() -> None:
    fitted = text.fit("Zara Home Collection " * 3 + "שמלה", LABEL, 200, 60, language="he")
    assert fitted.cut
    assert "ש" not in "".join(fitted.lines)
    assert fitted.rtl
    assert outside(fitted, 200, 60) == ""


@pytest.mark.parametrize(
    ("words", "language", "rtl"),
    [
        ("Zara שמלה", "he", True),
        ("Zara", "he", False),
        ("₪ 129.90", "he", True),
        ("129.90", "ar-EG", True),
        ("Zara", "fa_IR", False),
        ("129", "fr", False),
    ],
)
def test_a_language_that_runs_from_right_to_left_says_so_for_its_prices_and_brands(
    words: str, language: str, rtl: bool
) -> None:
    assert text.fit(words, TITLE, 900, 300, language=language).rtl is rtl


def test_the_same_text_is_drawn_alike_by_two_processes() -> None:
    program = (
        "import hashlib; from PIL import Image, ImageDraw; from media.typesetting import text;"
        "from media.typesetting.text import Style;"
        "image = Image.new('RGB', (900, 400));"
        "style = Style('display', 600, 68, 28, 3);"
        "fitted = text.fit('Robe 🎉 שמלה فستان ที่สุด क्षत्रिय 春の', style, 700, 400, language='ja');"
        "fitted.draw(ImageDraw.Draw(image), 0, 0, (255, 255, 255));"
        "print(hashlib.sha256(image.tobytes()).hexdigest(), fitted)"
    )
    root = Path(text.__file__).parents[2]
    command = [sys.executable, "-c", program]
    first, second = (subprocess.run(command, cwd=root, capture_output=True, text=True, check=True) for _ in range(2))
    assert first.stdout == second.stdout != ""


def test_a_language_chooses_its_own_forms_of_a_letter() -> None:
    style = Style(family="world", weight=400, size=60, smallest=30, lines=1)
    russian, serbian = (text.fit("бгдпт", style, 600, 100, language=each) for each in ("ru", "sr"))
    assert (russian.width, inked(russian)) != (serbian.width, inked(serbian))


@pytest.mark.parametrize("words", ["Short vague", "La table d’automne", "Κεραμικό βάζο", "אגרטל חלוק", "مزهرية الحصى"])
@pytest.mark.parametrize("family", ["display", "text"])
def test_a_line_fits_into_the_width_that_it_takes(words: str, family: Family) -> None:
    for size in range(16, 140, 4):
        style = Style(family=family, weight=600, size=size, smallest=14, lines=2)
        alone = text.fit(words, style, 4000, 400)
        again = text.fit(words, style, alone.width, 400)
        assert (again.lines, again.size) == (alone.lines, alone.size)
