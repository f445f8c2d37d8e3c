"""What comes in is bounded: every number, text and list of every `In` struct, however deep."""

from collections.abc import Iterator
from typing import Annotated

import msgspec
import pytest
from msgspec import Meta, inspect

from core.wire import In
from tests.house.source import ROOMS, import_everything


def descendants(struct: type[In]) -> Iterator[type[In]]:
    """Every class below `struct`."""
    for child in struct.__subclasses__():
        yield child
        yield from descendants(child)


NUMBERS = (inspect.IntType, inspect.FloatType)
SIZED = (
    inspect.StrType, inspect.BytesType, inspect.ByteArrayType, inspect.DictType,
    inspect.ListType, inspect.SetType, inspect.FrozenSetType, inspect.VarTupleType,
)  # fmt: skip
ANYTHING = (inspect.AnyType, inspect.RawType, inspect.CustomType, inspect.DecimalType)


def problem(kind: inspect.Type) -> str | None:
    """What lets a value of any size or shape through here, its parts apart."""
    if isinstance(kind, NUMBERS) and ((kind.ge is None and kind.gt is None) or (kind.le is None and kind.lt is None)):
        return "number without both bounds"
    if isinstance(kind, SIZED) and kind.max_length is None:
        return "no max_length"
    if isinstance(kind, inspect.StructType) and not kind.forbid_unknown_fields:
        return f"{kind.cls.__name__} lets unknown fields pass"
    return f"{type(kind).__name__} takes anything" if isinstance(kind, ANYTHING) else None


def parts(kind: inspect.Type) -> Iterator[tuple[str, inspect.Type]]:
    """What a type is made of, each part with the path to it."""
    match kind:
        case inspect.DictType():
            yield from (("{key}", kind.key_type), ("{value}", kind.value_type))
        case inspect.ListType() | inspect.SetType() | inspect.FrozenSetType() | inspect.VarTupleType():
            yield "[]", kind.item_type
        case inspect.TupleType():
            yield from ((f"[{number}]", item) for number, item in enumerate(kind.item_types))
        case inspect.UnionType():
            yield from (("", each) for each in kind.types)
        case inspect.Metadata():
            yield "", kind.type
        case inspect.StructType():
            yield from ((f".{field.name}", field.type) for field in kind.fields)


def unbounded(kind: inspect.Type, where: str, seen: frozenset[object] = frozenset()) -> Iterator[str]:
    """Each place below a type that takes a value of any size or shape."""
    if found := problem(kind):
        yield f"{where}: {found}"
    if isinstance(kind, inspect.StructType):
        if kind.cls in seen:
            return
        seen |= {kind.cls}
    for path, part in parts(kind):
        yield from unbounded(part, where + path, seen)


def test_every_struct_that_comes_in_is_bounded() -> None:
    import_everything()
    ours = [struct for struct in descendants(In) if struct.__module__.partition(".")[0] in ROOMS]
    found = [place for struct in ours for place in unbounded(inspect.type_info(struct), struct.__qualname__)]
    assert found == []


def test_every_struct_that_comes_in_takes_keywords_only() -> None:
    import_everything()
    found = [s.__qualname__ for s in descendants(In) if s.__match_args__]
    assert found == [], "kw_only is not inherited"


class Nested(msgspec.Struct, forbid_unknown_fields=True):
    """A bounded list of unbounded numbers."""

    numbers: Annotated[list[int], Meta(max_length=3)]


@pytest.mark.parametrize(
    ("annotation", "places"),
    [
        (Annotated[int, Meta(ge=0, le=9)], 0),
        (int, 1),
        (Annotated[float, Meta(ge=0)], 1),
        (str | None, 1),
        (Annotated[str, Meta(max_length=9)] | None, 0),
        (Nested, 1),
        (list[Nested], 2),
    ],
)
def test_the_rule_itself_sees_the_difference(annotation: object, places: int) -> None:
    assert len(list(unbounded(inspect.type_info(annotation), "field"))) == places
