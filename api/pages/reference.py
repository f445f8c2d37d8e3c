"""`/docs`: the API's reference, drawn from the OpenAPI document; no scripts, nothing from elsewhere."""

from collections.abc import Iterator, Sequence

import msgspec
from litestar import Response, get

from api.auth import PUBLIC
from api.dependencies import HttpRequest
from api.pages import messages, rendering
from api.pages.rendering import Policy
from api.pages.views import Frame
from openapi import document
from openapi.frame import Node, Value

_MAX_AGE = 300
_BOUNDS = (
    ("minimum", "≥ {}"), ("maximum", "≤ {}"), ("minLength", "≥ {} characters"), ("maxLength", "≤ {} characters"),
    ("minItems", "≥ {} items"), ("maxItems", "≤ {} items"), ("default", "default {}"),
)  # fmt: skip


class Field(msgspec.Struct, frozen=True):
    """A parameter or a member: what it is called, what it may be, and the shape it points to, if any."""

    name: str
    kind: str
    shape: str
    required: bool
    bounds: str
    description: str


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One method of one path."""

    anchor: str
    method: str
    path: str
    description: str
    scope: str
    parameters: Sequence[Field]
    body: str
    answers: Sequence[tuple[str, str]]
    refusals: str


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """One JSON object."""

    name: str
    description: str
    fields: Sequence[Field]


class Reference(msgspec.Struct, frozen=True, kw_only=True):
    """Everything on the page."""

    description: Sequence[str]
    groups: Sequence[tuple[str, Sequence[Operation]]]
    shapes: Sequence[Shape]


@get("/docs", operation_id="showReference", opt={"scope": PUBLIC}, include_in_schema=False)
async def reference(request: HttpRequest) -> Response[bytes]:
    """The reference of this very version."""
    view = read(document.build(request.app))
    policy = Policy(private=False, max_age=_MAX_AGE)
    return rendering.answer("reference.html", Frame(messages=messages.ENGLISH), view, policy)


def read(described: Node) -> Reference:
    """The document as people read it."""
    groups: dict[str, list[Operation]] = {}
    for path, item in _node(described["paths"]).items():
        for method, entry in _node(item).items():
            operation = _node(entry)
            tags = [str(tag) for tag in _list(operation.get("tags"))] or ["Other"]
            groups.setdefault(tags[0], []).append(_operation(path, method, operation))
    schemas = _node(_node(described["components"])["schemas"])
    return Reference(
        description=str(_node(described["info"])["description"]).split("\n\n"),
        groups=sorted(groups.items()),
        shapes=[_shape(name, _node(schema)) for name, schema in schemas.items()],
    )


def _operation(path: str, method: str, entry: Node) -> Operation:
    answers = _node(entry["responses"])
    body = _node(entry["requestBody"])["content"] if "requestBody" in entry else {}
    scopes = [str(scope) for each in _list(entry.get("security")) for scope in _list(_node(each).get("key"))]
    return Operation(
        anchor=str(entry["operationId"]),
        method=method.upper(),
        path=path,
        description=str(entry.get("description", "")),
        scope=", ".join(scopes),
        parameters=[_parameter(_node(each)) for each in _list(entry.get("parameters"))],
        body=_target(_node(body)),
        answers=[
            (status, _target(_node(_node(each).get("content", {}))))
            for status, each in answers.items()
            if status.startswith("2")
        ],
        refusals=", ".join(status for status in answers if not status.startswith("2")),
    )


def _target(content: Node) -> str:
    """The shape that a body or answer has; its media type where it has no name of its own."""
    for media_type, each in content.items():
        schema = _node(_node(each).get("schema", {}))
        return _reference_of(schema) or media_type
    return ""


def _parameter(each: Node) -> Field:
    schema = _node(each["schema"])
    note = str(each.get("description") or schema.get("description", ""))
    where = str(each["in"])
    name = str(each["name"])
    return Field(name, f"{_kind(schema)} in {where}", "", bool(each.get("required")), _bounds(schema), note)


def _shape(name: str, schema: Node) -> Shape:
    required = {str(each) for each in _list(schema.get("required"))}
    return Shape(
        name=name,
        description=str(schema.get("description", "")),
        fields=[
            _field(field, _node(each), field in required) for field, each in _node(schema.get("properties", {})).items()
        ],
    )


def _field(name: str, schema: Node, required: bool) -> Field:
    shape = next((found for each in _parts(schema) if (found := _reference_of(each))), "")
    return Field(name, _kind(schema), shape, required, _bounds(schema), str(schema.get("description", "")))


def _reference_of(schema: Node) -> str:
    return str(schema.get("$ref", "")).rsplit("/", 1)[-1]


def _parts(schema: Node) -> Iterator[Node]:
    """The schema and what it is made of."""
    yield schema
    for each in (*_list(schema.get("anyOf")), *_list(schema.get("oneOf"))):
        yield from _parts(_node(each))
    if isinstance(items := schema.get("items"), dict):
        yield from _parts(items)


def _kind(schema: Node) -> str:
    if reference := _reference_of(schema):
        return reference
    choices = [_node(each) for each in (*_list(schema.get("anyOf")), *_list(schema.get("oneOf")))]
    if choices:
        return " or ".join(dict.fromkeys(_kind(each) for each in choices))
    if "enum" in schema:
        return " | ".join(str(each) for each in _list(schema["enum"]) if each is not None)
    kind = schema.get("type", "any")
    if kind == "array":
        items = schema.get("items")
        return f"list of {_kind(items) if isinstance(items, dict) else 'any'}"
    text = " or ".join(str(each) for each in kind) if isinstance(kind, list) else str(kind)
    return f"{text} ({schema['format']})" if "format" in schema else text


def _bounds(schema: Node) -> str:
    """The bounds of the schema, or of the first of its parts that has some."""
    for part in _parts(schema):
        found = [text.format(_plain(part[key])) for key, text in _BOUNDS if part.get(key) not in (None, "", [])]
        if found:
            return ", ".join(found)
    return ""


def _plain(value: Value) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _list(value: object) -> Sequence[Value]:
    return value if isinstance(value, list) else []


def _node(value: object) -> Node:
    return value if isinstance(value, dict) else {}
