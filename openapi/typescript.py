"""The document as TypeScript: every shape, and every route with what it takes and answers.

Types only: the client that carries them is written by hand in `openapi/client/client.ts` and never changes with a
route.
"""

import json
import re
from collections.abc import Iterator, Mapping

from openapi.frame import Node, Value

HEAD = "// Written by `vitrine openapi` from openapi.json: change the routes, not this.\n"
_REFERENCE = "#/components/schemas/"
_PLAIN = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}
_HEADERS = {"Idempotency-Key": "idempotencyKey", "If-Match": "ifMatch"}
_NAME = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")


def write(document: Node) -> str:
    """The text of `openapi/client/schema.d.ts`."""
    shapes = _node(_node(document["components"])["schemas"])
    parts = [HEAD, *(_declaration(name, _node(shape)) for name, shape in shapes.items())]
    paths = {path: _node(item) for path, item in _node(document["paths"]).items() if path.startswith("/v1/")}
    operations = [line for path, item in paths.items() for line in _operations(path, item)]
    parts.append(
        "/** Each route by method and path: what it takes, and what it answers. */\nexport interface Operations {"
    )
    return "\n".join([*parts, *operations, "}", ""])


def _declaration(name: str, shape: Node) -> str:
    return f"{_comment(shape)}export type {name} = {kind(shape)};\n"


def kind(shape: Node) -> str:
    """A JSON schema as a TypeScript type; what may be anything is `unknown`."""
    if "$ref" in shape:
        return str(shape["$ref"]).removeprefix(_REFERENCE)
    if "enum" in shape:
        return " | ".join(json.dumps(each, ensure_ascii=False) for each in _list(shape["enum"]))
    if "const" in shape:
        return json.dumps(shape["const"], ensure_ascii=False)
    for union in ("anyOf", "oneOf"):
        if union in shape:
            return " | ".join(dict.fromkeys(kind(_node(each)) for each in _list(shape[union])))
    named = shape.get("type")
    if isinstance(named, list):
        return " | ".join(_of_type(str(each), shape) for each in named)
    return _of_type(str(named), shape) if named else "unknown"


def _of_type(named: str, shape: Node) -> str:
    if named == "array":
        return f"Array<{kind(_node(shape.get('items', {})))}>"
    if named == "object":
        return _object(shape)
    return _PLAIN.get(named, "unknown")


def _object(shape: Node) -> str:
    if "properties" not in shape:
        more = shape.get("additionalProperties")
        return f"Record<string, {kind(more)}>" if isinstance(more, dict) else "Record<string, unknown>"
    required = {str(name) for name in _list(shape.get("required", []))}
    fields = []
    for name, each in _node(shape["properties"]).items():
        field = _node(each)
        mark = "" if name in required else "?"
        told = f"  /** {_flat(field['description'])} */\n" if "description" in field else ""
        fields.append(f"{told}  {_key(name)}{mark}: {kind(field)};")
    return "{\n" + "\n".join(fields) + "\n}" if fields else "Record<string, never>"


def _operations(path: str, item: Node) -> Iterator[str]:
    for method, operation in item.items():
        entry = _node(operation)
        yield f"  /** {_flat(entry.get('description', ''))} */"
        yield f'  "{method.upper()} {path}": {{ input: {_input(entry)}; output: {_output(entry)} }};'


def _input(operation: Node) -> str:
    places: dict[str, list[str]] = {"path": [], "query": []}
    fields = []
    for each in map(_node, _list(operation.get("parameters", []))):
        name, place, required = str(each["name"]), str(each["in"]), bool(each.get("required"))
        shape = kind(_node(each["schema"]))
        if place in places:
            places[place].append(f"{_key(name)}{'' if required else '?'}: {shape}")
        elif name in _HEADERS:
            fields.append(f"{_HEADERS[name]}{'' if required else '?'}: string")
    if "requestBody" in operation:
        fields.insert(0, f"body: {_body(_node(operation['requestBody']))}")
    if places["query"]:
        fields.insert(0, f"query?: {{ {'; '.join(places['query'])} }}")
    if places["path"]:
        fields.insert(0, f"path: {{ {'; '.join(places['path'])} }}")
    return f"{{ {'; '.join(fields)} }}" if fields else "{}"


def _body(request: Node) -> str:
    content = _node(request["content"])
    return kind(_node(_node(content["application/json"])["schema"])) if "application/json" in content else "FormData"


def _output(operation: Node) -> str:
    found = []
    for status, response in _node(operation["responses"]).items():
        if not status.startswith("2"):
            continue
        content = _node(_node(response).get("content", {}))
        if not content:
            found.append("undefined")
        elif "application/json" in content:
            found.append(kind(_node(_node(content["application/json"]).get("schema", {}))))
        else:
            found.append("Blob")
    return " | ".join(dict.fromkeys(found))


def _comment(shape: Node) -> str:
    return f"/** {_flat(shape['description'])} */\n" if "description" in shape else ""


def _flat(text: Value) -> str:
    return " ".join(str(text).split()).replace("*/", "* /")


def _key(name: str) -> str:
    return name if _NAME.fullmatch(name) else json.dumps(name)


def _node(value: Value | Mapping[str, Value]) -> Node:
    if not isinstance(value, dict):
        raise TypeError("Not an object of the document.")
    return value


def _list(value: Value) -> list[Value]:
    if not isinstance(value, list):
        raise TypeError("Not a list of the document.")
    return value
