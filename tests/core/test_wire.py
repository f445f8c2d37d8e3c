"""What comes in: cleaned and bounded before any verb sees it."""

import unicodedata
from typing import Annotated

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta

from core import wire
from core.wire import UNSET, In, Out, Page, UnsetType


class Note(In, kw_only=True):
    """One field of each kind."""

    title: wire.Title = "a"
    line: wire.Line = ""
    text: wire.Text = ""
    slug: wire.Slug | UnsetType = UNSET
    id: wire.Id | None = None
    url: wire.Url | UnsetType = UNSET
    sku: wire.Sku | UnsetType = UNSET
    colour: wire.Colour | UnsetType = UNSET
    locale: wire.Locale | UnsetType = UNSET
    quantity: wire.Quantity = 1
    point: wire.Unit = 0.5
    words: Annotated[list[wire.Word], Meta(max_length=5)] = []
    named: Annotated[dict[wire.Word, wire.Line], Meta(max_length=5)] = {}
    inner: "Note | UnsetType" = UNSET


class Shown(Out, kw_only=True, frozen=True):
    """One field."""

    name: str


def read(**fields: object) -> Note:
    """The note behind a JSON body."""
    return msgspec.json.decode(msgspec.json.encode(fields), type=Note)


def refused(body: bytes) -> str:
    """Why the note is refused."""
    with pytest.raises((msgspec.ValidationError, msgspec.DecodeError)) as error:
        msgspec.json.decode(body, type=Note)
    return str(error.value)


@given(st.text(max_size=100))
def test_a_text_is_taken_in_nfc_or_refused(text: str) -> None:
    try:
        cleaned = wire.clean(text)
    except ValueError:
        assert any(unicodedata.category(sign) in ("Cc", "Cs") or ord(sign) in BIDI for sign in text)
    else:
        assert cleaned == unicodedata.normalize("NFC", text)


BIDI = {*range(0x202A, 0x202F), *range(0x2066, 0x206A)}
FORBIDDEN = [*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0x7F, 0xA0), *sorted(BIDI)]


@pytest.mark.parametrize("field", ["title", "line", "text"])
def test_control_characters_and_false_directions_are_refused_in_every_text(field: str) -> None:
    for sign in FORBIDDEN:
        body = msgspec.json.encode({field: f"a{chr(sign)}b"})
        assert f"`{field}`" in refused(body) or f"$.{field}" in refused(body)


@pytest.mark.parametrize("escape", [b"\\ud800", b"\\udfff", b"a\\ud83dz", b"\\ude00\\ud83d"])
def test_half_of_a_surrogate_pair_is_refused(escape: bytes) -> None:
    assert refused(b'{"text": "' + escape + b'"}')


def test_texts_deep_inside_are_cleaned_too() -> None:
    decomposed = "e\N{COMBINING ACUTE ACCENT}"
    note = read(words=[decomposed], named={decomposed: decomposed}, inner={"title": decomposed})
    assert (note.words, note.named) == (["é"], {"é": "é"})
    assert isinstance(note.inner, Note)
    assert note.inner.title == "é"
    for body in (b'{"words": ["\\u0000"]}', b'{"named": {"a": "\\u0000"}}', b'{"named": {"\\u202e": "a"}}'):
        assert refused(body)


def test_a_paragraph_keeps_its_line_breaks_and_tabs() -> None:
    assert read(text="a\nb\tc").text == "a\nb\tc"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "a\n"),
        ("line", "a\n"),
        ("slug", "a\n"),
        ("id", "prod_1\n"),
        ("url", "https://shop.example/\n"),
        ("sku", "a\n"),
        ("colour", "#aabbc\n"),
        ("locale", "fr\n"),
        ("words", ["a\n"]),
        ("named", {"a": "b\n"}),
        ("named", {"a\n": "b"}),
    ],
)
def test_a_line_break_at_the_end_passes_no_pattern(field: str, value: object) -> None:
    assert refused(msgspec.json.encode({field: value}))


def test_a_paragraph_may_end_with_a_line_break() -> None:
    assert read(text="a\n").text == "a\n"


@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [
        ("title", "x" * 200, "x" * 201),
        ("title", "x", ""),
        ("line", "x" * 500, "x" * 501),
        ("line", "a b", "a\nb"),
        ("line", "a b", "a\N{LINE SEPARATOR}b"),
        ("text", "x" * 5000, "x" * 5001),
        ("slug", "a-b-1", "a--b"),
        ("slug", "a", "É"),
        ("id", "prod_1", "prod-1"),
        ("url", "https://shop.example/a?b", "javascript:alert(1)"),
        ("url", "http://shop.example", "https://shop.example/a b"),
        ("url", "https://shop.example/%C3%A9", "https://shop.example/é"),
        ("sku", "A-1/2", "A 1"),
        ("colour", "#00ff00", "#00FF00"),
        ("quantity", 999, 1000),
        ("quantity", 1, 0),
        ("quantity", 1, 10**30),
        ("quantity", 1, 1.5),
        ("quantity", 1, "1"),
        ("quantity", 1, True),
        ("point", 1.0, 1.0000001),
        ("point", 0.0, -1e-300),
        ("words", ["a"] * 5, ["a"] * 6),
    ],
)
def test_everything_has_its_bounds(field: str, good: object, bad: object) -> None:
    assert getattr(read(**{field: good}), field) == good
    assert refused(msgspec.json.encode({field: bad}))


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity", b"1e999", b"01", b"+1"])
def test_what_json_calls_no_number_is_none(number: bytes) -> None:
    assert refused(b'{"point": ' + number + b"}")


def test_unknown_fields_are_named() -> None:
    assert "`prise`" in refused(b'{"prise": 1}')


def test_absent_is_not_null() -> None:
    assert read().slug is UNSET
    assert refused(b'{"slug": null}')
    assert read(id=None).id is None


def test_a_page_goes_out_as_documented() -> None:
    page = Page(items=[Shown(name="é")], next_cursor=None)
    assert wire.encode(page) == '{"items":[{"name":"é"}],"next_cursor":null}'.encode()
