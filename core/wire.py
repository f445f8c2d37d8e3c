"""What comes in and what goes out: bounded types, cleaned text, one JSON encoder.

Databases disagree about control characters, lone surrogates and integers beyond 64 bits, so all of them
are refused here, before any verb sees them. Text is normalised to NFC.
"""

import functools
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Annotated, Generic, TypeVar, cast

import msgspec
from msgspec import UNSET, Meta, UnsetType, inspect

__all__ = ["UNSET", "In", "Out", "Page", "UnsetType", "clean", "encode"]

# Control characters but newline and tab, lone surrogates, and the bidirectional controls by which one text poses as
# another.
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
_LINE = r"^[^\n\r\t\u2028\u2029]*$"

Id = Annotated[str, Meta(min_length=5, max_length=64, pattern=r"^[a-z]{2,8}_[0-9a-z]+$")]
Slug = Annotated[str, Meta(min_length=1, max_length=100, pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$")]
Title = Annotated[str, Meta(min_length=1, max_length=200, pattern=_LINE)]
Line = Annotated[str, Meta(max_length=500, pattern=_LINE)]
Text = Annotated[str, Meta(max_length=5000)]
Word = Annotated[str, Meta(min_length=1, max_length=60, pattern=_LINE)]
Sku = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[^\x00-\x20\x7f,;]+$")]
Barcode = Annotated[str, Meta(min_length=8, max_length=14, pattern=r"^[0-9]+$")]
Colour = Annotated[str, Meta(pattern="^#[0-9a-f]{6}$", min_length=7, max_length=7, description="#rrggbb")]
Locale = Annotated[str, Meta(pattern="^[a-z]{2}(?:_[A-Z]{2})?$", max_length=5, description="As in fr or fr_CA.")]
Url = Annotated[str, Meta(min_length=8, max_length=2000, pattern=r"^https?://[!-~]+$")]
WebOrigin = Annotated[
    str,
    Meta(
        min_length=8,
        max_length=255,
        pattern=r"^https?://(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:.]+\])(?::[1-9][0-9]{0,4})?$",
        description="scheme://host or scheme://host:port in lower case, as browsers send it; no path.",
    ),
]
DiscountCode = Annotated[
    str,
    Meta(
        min_length=3,
        max_length=40,
        pattern="^[A-Za-z0-9]+(?:[_-][A-Za-z0-9]+)*$",
        description="Capitals and small letters are the same.",
    ),
]
Quantity = Annotated[int, Meta(ge=1, le=999)]
Stock = Annotated[int, Meta(ge=0, le=1_000_000)]
Grams = Annotated[int, Meta(ge=0, le=10_000_000)]
Unit = Annotated[float, Meta(ge=0, le=1, description="Share of the picture's width or height, from the left or top.")]

T = TypeVar("T")


def clean(value: T) -> T:
    """NFC for every text in `value`, however deep in lists and mappings.

    Raises ValueError where a text holds a control character (newline and tab are fine), a lone surrogate or
    a bidirectional control.
    """
    if isinstance(value, str):
        if _FORBIDDEN.search(value):
            raise ValueError("Text holds a control character, a lone surrogate or a bidirectional control")
        return cast(T, value if value.isascii() else unicodedata.normalize("NFC", value))
    if isinstance(value, list):
        return cast(T, [clean(each) for each in value])
    if isinstance(value, Mapping):
        return cast(T, {clean(key): clean(each) for key, each in value.items()})
    return value


class In(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What a client sends. Every subclass repeats `kw_only=True`; every number, text and list is bounded."""

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if isinstance(value, str | list | dict):
                try:
                    setattr(self, name, clean(value))
                except ValueError as error:
                    raise ValueError(f"{error} in `{name}`") from None
                if _ends_a_line(value) and name in _patterned(type(self)):
                    raise ValueError(f"Text ends with a line break in `{name}`")


def _ends_a_line(value: str | list[object] | dict[object, object]) -> bool:
    texts: Iterable[object]
    if isinstance(value, dict):
        texts = (*value.keys(), *value.values())
    else:
        texts = [value] if isinstance(value, str) else value
    return any(isinstance(each, str) and each.endswith("\n") for each in texts)


@functools.cache
def _patterned(struct: type[In]) -> frozenset[str]:
    """The fields whose text follows a pattern.

    `$` means "before the line break at the end" too in Python, and nowhere else: a pattern that the document shows
    to everybody would let `abc\\n` pass here, into headers and addresses.
    """
    shape = inspect.type_info(struct)
    assert isinstance(shape, inspect.StructType)
    return frozenset(field.name for field in shape.fields if _has_pattern(field.type))


def _has_pattern(kind: inspect.Type) -> bool:
    match kind:
        case inspect.StrType():
            return kind.pattern is not None
        case inspect.UnionType():
            return any(_has_pattern(each) for each in kind.types)
        case inspect.ListType() | inspect.VarTupleType() | inspect.SetType():
            return _has_pattern(kind.item_type)
        case inspect.DictType():
            return _has_pattern(kind.key_type) or _has_pattern(kind.value_type)
        case inspect.Metadata():
            return _has_pattern(kind.type)
    return False


class Out(msgspec.Struct, kw_only=True, frozen=True):
    """What a client gets. No defaults, so that the document calls every field required."""


class Page(Out, Generic[T], kw_only=True, frozen=True):
    """One page of a list, newest first; `next_cursor` is null on the last one."""

    items: list[T]
    next_cursor: str | None


_encoder = msgspec.json.Encoder()


def encode(value: object) -> bytes:
    """JSON as it goes over the wire."""
    return _encoder.encode(value)
