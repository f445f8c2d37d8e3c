"""Checks nested form parameters against a struct and refuses as Stripe does, with the path of the parameter.

The struct is the only place that says what is allowed: types, `msgspec.Meta` bounds, and a named rule in its `extra`.
"""

import re
from collections.abc import Callable, Hashable, Mapping
from functools import lru_cache
from typing import Annotated, TypeVar, cast
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta, inspect

from checkout.sandbox import currencies
from checkout.sandbox.errors import StripeError, parameter
from checkout.sandbox.forms import Branch, Json, Tree

T = TypeVar("T")

Url = Annotated[str, Meta(max_length=5_000, extra={"rule": "url"})]
ImageUrl = Annotated[str, Meta(max_length=2_048, extra={"rule": "url"})]
Email = Annotated[str, Meta(max_length=512, extra={"rule": "email"})]
Colour = Annotated[str, Meta(extra={"rule": "colour"})]
Currency = Annotated[str, Meta(extra={"rule": "currency"})]
MetadataParam = Annotated[dict[str, str], Meta(extra={"rule": "metadata"})]
MetadataChange = Annotated[dict[str, str], Meta(extra={"rule": "metadata change"})]

WHOLE = re.compile(r"-?[0-9]{1,18}\Z")
DECIMAL = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,12})?\Z")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+\Z")
COLOUR = re.compile(r"#[0-9a-fA-F]{6}\Z")


def read(tree: Tree, shape: type[T]) -> T:
    """The parameters as a struct; refuses unknown, missing and ill-formed ones."""
    return msgspec.convert(_struct(tree, _information(cast(Hashable, shape)), ""), shape)


@lru_cache
def _information(shape: Hashable) -> inspect.StructType:
    found = inspect.type_info(shape)
    if not isinstance(found, inspect.StructType):
        raise TypeError(f"{shape} is no struct")
    return found


def _struct(tree: Tree, info: inspect.StructType, path: str) -> Json:
    branch = _branch(tree, path, "object")
    fields = {field.encode_name: field for field in info.fields}
    unknown = [under(path, name) for name in branch if name not in fields]
    if unknown:
        plural = "s" if len(unknown) > 1 else ""
        raise parameter(f"Received unknown parameter{plural}: {', '.join(unknown)}", unknown[0], "parameter_unknown")
    for name, field in fields.items():
        if field.required and name not in branch:
            raise absent(under(path, name))
    return {name: _value(value, fields[name].type, under(path, name)) for name, value in branch.items()}


def absent(path: str) -> StripeError:
    """A required parameter that is not there."""
    return parameter(f"Missing required param: {path}.", path, "parameter_missing")


def _value(value: Tree, info: inspect.Type, path: str) -> Json:
    rule = None
    if isinstance(info, inspect.Metadata):
        rule, info = (info.extra or {}).get("rule"), info.type
    if value == "" and not isinstance(info, inspect.DictType):
        raise parameter(
            f"You passed an empty string for '{path}'. We assume empty values are an attempt to unset a parameter; "
            f"however '{path}' cannot be unset. You should remove '{path}' from your request or supply a non-empty "
            "value.",
            path,
            "parameter_invalid_empty",
        )
    for kind, check in CHECKS.items():
        if isinstance(info, kind):
            checked = check(value, info, path)
            return RULES[rule](checked, path) if rule else checked
    raise TypeError(f"no check for {info} at {path}")


def _union(value: Tree, info: inspect.UnionType, path: str) -> Json:
    """`T | None`, or a plain value beside an object, as in `created=1` and `created[gte]=1`."""
    members = [member for member in info.types if not isinstance(member, inspect.NoneType)]
    nested = [member for member in members if isinstance(member, inspect.StructType)]
    flat = [member for member in members if not isinstance(member, inspect.StructType)]
    chosen = nested if (isinstance(value, dict) and nested) or not flat else flat
    return _value(value, chosen[0], path)


def _list(value: Tree, info: inspect.ListType, path: str) -> Json:
    branch = _branch(value, path, "array")
    if not all(name.isascii() and name.isdigit() for name in branch):
        raise parameter("Invalid array", path)
    if info.max_length is not None and len(branch) > info.max_length:
        raise parameter(f"Array {path} exceeded maximum {info.max_length} allowed elements.", path)
    ordered = sorted(branch.items(), key=lambda item: int(item[0]))
    return [_value(item, info.item_type, under(path, str(place))) for place, (_, item) in enumerate(ordered)]


def _dictionary(value: Tree, _: inspect.DictType, path: str) -> Json:
    branch = {} if value == "" else _branch(value, path, "object")
    for name, item in branch.items():
        if not isinstance(item, str):
            raise parameter(f"Invalid {path}: {name} must be a string", under(path, name))
    return {name: str(item) for name, item in branch.items()}


def _integer(value: Tree, info: inspect.IntType, path: str) -> Json:
    text = _text(value, path, "integer")
    if WHOLE.match(text) is None:
        raise parameter(f"Invalid integer: {text[:100]}", path, "parameter_invalid_integer")
    number = int(text)
    if info.ge is not None and number < info.ge:
        raise parameter(f"This value must be greater than or equal to {info.ge}.", path, "parameter_invalid_integer")
    if info.le is not None and number > info.le:
        raise parameter(f"This value must be less than or equal to {info.le}.", path, "parameter_invalid_integer")
    return number


def _number(value: Tree, _: inspect.FloatType, path: str) -> Json:
    text = _text(value, path, "decimal")
    if DECIMAL.match(text) is None:
        raise parameter(f"Invalid decimal: {text[:100]}", path)
    return float(text)


def _boolean(value: Tree, _: inspect.BoolType, path: str) -> Json:
    text = _text(value, path, "boolean")
    if text not in ("true", "false"):
        raise parameter(f"Invalid boolean: {text[:100]}", path)
    return text == "true"


def _string(value: Tree, info: inspect.StrType, path: str) -> Json:
    text = _text(value, path, "string")
    if info.max_length is not None and len(text) > info.max_length:
        shown = f"{text[:20]}…{text[-10:]}"
        raise parameter(f"Invalid string: {shown}; must be at most {info.max_length} characters", path)
    if info.pattern is not None and re.search(info.pattern, text) is None:
        raise parameter(f"Invalid string: {text[:100]}", path)
    return text


def _choice(value: Tree, info: inspect.LiteralType, path: str) -> Json:
    text = _text(value, path, "string")
    if text not in info.values:
        options = [str(option) for option in info.values]
        listed = " or ".join([", ".join(options[:-1]), options[-1]]) if len(options) > 1 else options[0]
        raise parameter(f"Invalid {path}: must be one of {listed}", path)
    return text


CHECKS: Mapping[type[inspect.Type], Callable[..., Json]] = {
    inspect.UnionType: _union,
    inspect.StructType: _struct,
    inspect.ListType: _list,
    inspect.DictType: _dictionary,
    inspect.IntType: _integer,
    inspect.FloatType: _number,
    inspect.BoolType: _boolean,
    inspect.StrType: _string,
    inspect.LiteralType: _choice,
}


def _url(value: Json, path: str) -> Json:
    text = str(value)
    try:
        parts = urlsplit(text)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"[\s\\]", text)
    except ValueError:
        sound = False
    if not sound:
        raise parameter("Not a valid URL", path, "url_invalid")
    return text


def _email(value: Json, path: str) -> Json:
    if not is_email(str(value)):
        raise parameter(f"Invalid email address: {value}", path, "email_invalid")
    return value


def is_email(text: str) -> bool:
    """Whether this could be an address at all."""
    return EMAIL.match(text) is not None


def _colour(value: Json, path: str) -> Json:
    if COLOUR.match(str(value)) is None:
        raise parameter(f"Invalid hex color: {value}", path)
    return value


def _currency(value: Json, path: str) -> Json:
    text = str(value).lower()
    if not currencies.known(text):
        raise parameter(f"Invalid currency: {text}.", path)
    return text


def _metadata(value: Json, path: str) -> Json:
    pairs = value if isinstance(value, dict) else {}
    if len(pairs) > 50:
        raise parameter("Invalid metadata: a hash can have up to 50 keys.", path)
    for name, text in pairs.items():
        if len(name) > 40:
            raise parameter(f"Invalid metadata: keys can have up to 40 characters. Invalid key: {name}.", path)
        if len(str(text)) > 500:
            raise parameter(
                f"Metadata values can have up to 500 characters, but you passed in a value that is {len(str(text))} "
                f"characters. Invalid value: {str(text)[:40]}…",
                under(path, name),
            )
    return dict(pairs)


def _new_metadata(value: Json, path: str) -> Json:
    pairs = _metadata(value, path)
    return {name: text for name, text in pairs.items() if text != ""} if isinstance(pairs, dict) else {}


RULES: Mapping[str, Callable[[Json, str], Json]] = {
    "url": _url,
    "email": _email,
    "colour": _colour,
    "currency": _currency,
    "metadata": _new_metadata,
    "metadata change": _metadata,
}


def _branch(value: Tree, path: str, kind: str) -> Branch:
    if isinstance(value, str):
        raise parameter(f"Invalid {kind}", path)
    return value


def _text(value: Tree, path: str, kind: str) -> str:
    if not isinstance(value, str):
        raise parameter(f"Invalid {kind}: {path} must not be nested", path)
    return value


def under(path: str, name: str) -> str:
    """The path of a parameter below another."""
    return f"{path}[{name}]" if path else name
