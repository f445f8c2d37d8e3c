"""Lines end where the custom of each language lets them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.typesetting import breaking, words


def parts(text: str, language: str = "", *, fine: bool = False) -> list[str]:
    return [piece.text for piece in breaking.pieces(text, language, fine=fine)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Robe « jardin japonais » : belle !", ["Robe", "« jardin", "japonais » :", "belle !"]),
        ("soldes 1 299,00 € net", ["soldes", "1 299,00 €", "net"]),
        ("€ 129 de moins", ["€ 129", "de", "moins"]),
        ("12 cm de haut", ["12 cm", "de", "haut"]),
        ("2 robes", ["2", "robes"]),
        ("19 € / mois", ["19 € /", "mois"]),
        ("a\u00a0b\u202fc d", ["a\u00a0b\u202fc", "d"]),
        ("Mittelalter-Kostüm", ["Mittelalter-", "Kostüm"]),
        ("T-shirt", ["T-shirt"]),
        ("50/50", ["50/50"]),
        ("noir/blanc", ["noir/", "blanc"]),
        ("여름 신상품", ["여름", "신상품"]),
        ("ab\u200bcd", ["ab", "cd"]),
        ("Robe 🎉 d’été 👩🏽‍💻 👗", ["Robe 🎉", "d’été 👩🏽‍💻", "👗"]),
        ("🎉 Soldes", ["🎉", "Soldes"]),
        ("", []),
        ("!", ["!"]),
    ],
)
def test_a_line_ends_only_where_it_may(text: str, expected: list[str]) -> None:
    assert parts(text) == expected


def test_thai_has_no_blanks_and_is_broken_between_words() -> None:
    assert parts("ชุดเดรสผ้าลินินสีขาว ลด 50%") == ["ชุด", "เดรสผ้า", "ลินิน", "สี", "ขาว", "ลด", "50%"]


def test_japanese_is_broken_between_phrases_and_by_kinsoku() -> None:
    assert parts("春の新作ワンピース、「夏」のセール。", "ja") == ["春の", "新作ワンピース、", "「夏」の", "セール。"]


def test_fine_breaking_divides_words_but_keeps_kinsoku() -> None:
    assert parts("春の「夏」！ッ30%", "ja", fine=True) == ["春", "の", "「夏」！ッ", "30%"]


def test_chinese_never_begins_a_line_with_a_comma() -> None:
    found = parts("春夏新款，现已上市！（限时）", "zh-Hans")
    assert [part for part in found if part[0] in "，！）"] == []
    assert [part for part in found if part[-1] == "（"] == []


def test_a_piece_knows_whether_a_blank_stood_before_it() -> None:
    assert [(piece.text, piece.gap) for piece in breaking.pieces("ผ้าลินิน สีขาว")] == [
        ("ผ้า", " "), ("ลินิน", ""), ("สี", " "), ("ขาว", ""),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "hyphen"),
    [
        ("Donau", "dampf", "-"),
        ("пальто", "во", "-"),
        ("فس", "تان", ""),
        ("연", "결", ""),
        ("ab", "12", ""),
        ("ชุ", "ด", ""),
    ],
)
def test_a_hyphen_is_written_only_where_the_script_has_one(before: str, after: str, hyphen: str) -> None:
    assert breaking.hyphen(before, after) == hyphen


@pytest.mark.parametrize(
    "address", ["https://shop.example/a", "www.shop.example", "me@shop.example", "shop.example/robe"]
)
def test_an_address_gets_no_hyphen(address: str) -> None:
    assert {piece.hyphened for piece in breaking.pieces(address)} == {False}
    assert {piece.hyphened for piece in breaking.pieces("Donaudampfschiff noir/blanc")} == {True}


@given(st.text("abéשל新の春、。「」ชุด้กำक्ष한🎉👍🏽 -/12%€«»!", max_size=60), st.booleans())
def test_nothing_is_lost_and_no_character_divided(text: str, fine: bool) -> None:
    cleaned = words.clean(text)[0]
    found = breaking.pieces(cleaned, fine=fine)
    assert "".join(piece.text for piece in found).replace(" ", "") == cleaned.replace(" ", "")
    for word in cleaned.split(" "):
        assert set(words.characters(word)) - {each for piece in found for each in words.characters(piece.text)} == set()
