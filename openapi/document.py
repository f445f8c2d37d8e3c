"""The committed document: what the framework says about the routes, corrected where it says too little.

Litestar drops bounds and closed objects from component schemas and documents its own error shape; here the
components come from msgspec, which decodes the requests, and every error is the problem that is really sent.
"""

import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import get_args, get_origin

import msgspec
from litestar import Litestar, Response, Router
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.routes import BaseRoute, HTTPRoute
from litestar.types import ControllerRouterHandler
from litestar.typing import FieldDefinition

from core import ids
from openapi import examples, frame, webhooks
from openapi.frame import Node, Value

# What stands in addresses, by the last word of its name.
_SHAPES = {"id": ids.PATTERN, "slug": "^[a-z0-9]+(?:-[a-z0-9]+)*$"}
# What `core.wire.clean` refuses, for the document: its readers know no lone surrogates.
_UNCLEAN = r"\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069"
_PAGE = re.compile(rb"Page_([A-Za-z]+)Out_")
_REFERENCE = "#/components/schemas/{name}"
_IDEMPOTENCY_KEY: Node = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~](?:[ -~]*[!-~])?$"},
    "description": "The same key and request give the same answer, byte for byte, for 24 hours.",
}
_TAG: Node = {
    "schema": {"type": "string"},
    "description": "Send it back as If-None-Match to hear whether anything has changed, and as If-Match with a change.",
}
_UNCHANGED = "Nothing has changed since the answer whose ETag came as If-None-Match."
DESCRIPTION = """Load products and pictures; get visuals, tags, captions and deep links for social networks; follow a \
tap through a Stripe checkout to a paid order that knows its network, post and link.

Errors under /v1 are `application/problem+json`. Money is in the currency's minor unit as Stripe counts it. Times are \
RFC 3339 in UTC. Points on pictures are x,y in 0..1 from the left and the top.

Every answer under /v1 tells in `RateLimit` and `RateLimit-Policy` how many requests are left; one too many is \
answered 429 with `Retry-After`."""


class Problem(msgspec.Struct, kw_only=True):
    """A problem document (RFC 9457). More members may stand beside these: the facts of this refusal."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    request_id: str


def configuration() -> OpenAPIConfig:
    """What the framework needs to know to describe the routes. It serves nothing: the application does."""
    return OpenAPIConfig(
        title="Vitrine",
        version="1",
        description=DESCRIPTION,
        use_handler_docstrings=True,
        openapi_router=_Nowhere("/", route_handlers=[]),
    )


class _Nowhere(Router):
    """Takes no routes: the framework's documentation pages load their scripts from elsewhere."""

    def register(self, value: ControllerRouterHandler) -> list[BaseRoute]:  # noqa: ARG002  # The framework's signature.
        """Leave the route out."""
        return []


def build(app: Litestar) -> Node:
    """The whole document for the API's own routes; pages and hot paths follow their own standards."""
    document: Node = msgspec.json.decode(msgspec.json.encode(app.openapi_schema.to_schema()))
    handlers = {handler.operation_id: handler for handler in _handlers(app)}
    shapes = {
        name: (_shape(each.parsed_data_field), _shape(each.parsed_return_field)) for name, each in handlers.items()
    }
    known = [*(each for pair in shapes.values() for each in pair if each is not None), *webhooks.types()]
    types = list(dict.fromkeys(known))
    schemas, components = msgspec.json.schema_components(
        [*types, Problem], ref_template=_REFERENCE, schema_hook=_anything
    )
    by_type = dict(zip(types, schemas, strict=False))
    paths = {path: item for path, item in _node(document["paths"]).items() if _documented(path)}
    for path, item in paths.items():
        for operation in _node(item).values():
            entry = _node(operation)
            request, answer = shapes[str(entry["operationId"])]
            handler = handlers[str(entry["operationId"])]
            entry["summary"] = _summary(str(entry["operationId"]))
            _set_schemas(entry, by_type.get(request), by_type.get(answer))
            _set_parameters(entry, handler)
            _set_problems(path, entry, handler)
            _set_tag(path, entry, handler)
            _set_key(path, entry, handler)
            _set_examples(entry)
    forms = _forms(paths, _node(_node(document["components"])["schemas"]))
    document["paths"] = dict(sorted(paths.items()))
    document["webhooks"] = webhooks.describe(by_type)
    document["components"] = {
        "schemas": {name: _node(each) for name, each in sorted((components | forms).items())},
        "responses": frame.responses(),
        "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": "`vt_sk_…` or `vt_pk_…`"}},
    }
    frame.put_around(document)
    return _renamed(document)


def _renamed(document: Node) -> Node:
    """`Page_OrderOut_` as `OrderPage`: a name that a generated client can show to people."""
    text = _PAGE.sub(rb"\1Page", msgspec.json.encode(document))
    renamed: Node = msgspec.json.decode(text)
    for shape in map(_node, _node(_node(renamed["components"])["schemas"]).values()):
        if shape.get("additionalProperties") is False:
            _set_texts(shape)
    for operation in (_node(each) for item in _node(renamed["paths"]).values() for each in _node(item).values()):
        for parameter in map(_node, _list(operation.get("parameters"))):
            if parameter["in"] == "query":
                _set_texts(_node(parameter["schema"]), r"^[^\n\t]*$")
    return _node(_flowing(renamed))


def _set_texts(value: Value, default: str = "^[^]*$") -> None:
    """Every text that comes in is cleaned (`core.wire.clean`), whatever else its pattern says."""
    if isinstance(value, list):
        for each in value:
            _set_texts(each, default)
    if not isinstance(value, dict):
        return
    pattern = value.get("pattern", default)
    if "maxLength" in value and isinstance(pattern, str) and pattern.startswith("^[^"):
        value["pattern"] = f"^[^{_UNCLEAN}{pattern[3:]}"
    for each in value.values():
        _set_texts(each, default)


def _flowing(value: Value) -> Value:
    """Descriptions come from docstrings, which carry the indentation of the code."""
    if isinstance(value, list):
        return [_flowing(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        key: inspect.cleandoc(each) if key == "description" and isinstance(each, str) else _flowing(each)
        for key, each in value.items()
    }


def encode(document: Node) -> bytes:
    """The document as it is committed: indented, with a newline at the end."""
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


def _forms(paths: Node, known: Node) -> Node:
    """The shapes of multipart bodies, which only the framework knows."""
    found: Node = {}
    for item in paths.values():
        for operation in _node(item).values():
            body = _node(_node(operation).get("requestBody", {})).get("content", {})
            form = _node(_node(body).get("multipart/form-data", {}))
            name = str(_node(form.get("schema", {})).get("$ref", "")).rsplit("/", 1)[-1]
            if name:
                found[name] = {**_node(known[name]), "additionalProperties": False}
                for each in map(_node, _node(_node(found[name])["properties"]).values()):
                    if each.get("format") == "binary":
                        each["minLength"] = 1
    return found


def _anything(kind: type) -> dict[str, object]:
    """Where a network's own payload stands any JSON may stand."""
    if kind is object:
        return {"description": "Any JSON value."}
    raise NotImplementedError(kind)


def _documented(path: str) -> bool:
    return path.startswith(("/v1/", "/webhooks/")) or path in ("/livez", "/readyz")


def _handlers(app: Litestar) -> Iterator[HTTPRouteHandler]:
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            yield from (handler for handler in route.route_handlers if handler.operation_id)


def _shape(field: FieldDefinition | None) -> object | None:
    """The JSON shape behind a handler's `data` or return type; None where it is no JSON, such as a form."""
    if field is None:
        return None
    annotation: object = field.annotation
    if get_origin(annotation) is Response:
        annotation = get_args(annotation)[0]
    if annotation in (None, type(None), bytes) or (isinstance(annotation, type) and issubclass(annotation, Response)):
        return None
    return None if "UploadFile" in str(getattr(annotation, "__annotations__", "")) else annotation


def _node(value: object) -> Node:
    if not isinstance(value, dict):
        raise TypeError("Not an object of the document.")
    return value


def _summary(operation_id: str) -> str:
    """`listStockMovements` is `List stock movements`."""
    return re.sub("[A-Z]", lambda found: f" {found[0].lower()}", operation_id).capitalize()


def _set_schemas(operation: Node, request: object, answer: object) -> None:
    if request is not None and "requestBody" in operation:
        for content in _node(_node(operation["requestBody"])["content"]).values():
            _node(content)["schema"] = _node(request)
    for status, response in _node(operation["responses"]).items():
        if status.startswith("2") and answer is not None and "content" in _node(response):
            for content in _node(_node(response)["content"]).values():
                _node(content)["schema"] = _node(answer)


def _problems(path: str, operation: Node) -> Sequence[str]:
    """The statuses with which this operation may refuse."""
    if not path.startswith("/v1/"):
        return ("400", "413", "429", "503") if path == "/webhooks/stripe" else ("400", "413", "503")
    found = ["400", "401", "403", "429", "503"]
    parameters = [_node(each) for each in _list(operation.get("parameters"))]
    required = {str(each["name"]): bool(each.get("required")) for each in parameters}
    if "{" in path:
        found.append("404")
    filters = {each["name"] for each in parameters if each["in"] == "query"} - {"limit", "cursor"}
    if filters:
        found.append("422")
    if "collection" in filters:
        found.append("404")
    if "If-Match" in required:
        found += ["412", "428"] if required["If-Match"] else ["412"]
    if "{" in path and "requestBody" in operation:
        found.append("410")
    if "requestBody" in operation:
        found += ["409", "413", "415", "422"]
    return sorted(set(found))


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else []


def _set_problems(path: str, operation: Node, handler: HTTPRouteHandler) -> None:
    kept: Node = {
        status: response for status, response in _node(operation["responses"]).items() if status.startswith("2")
    }
    if path == "/livez":
        operation["responses"] = kept
        return
    statuses = {*_problems(path, operation), *handler.opt.get("problems", ())}
    if "POST" in handler.http_methods and path.startswith("/v1/"):
        statuses |= {"409", "422"}
    operation["responses"] = kept | {status: frame.problem(status) for status in sorted(statuses)}


def _set_tag(path: str, operation: Node, handler: HTTPRouteHandler) -> None:
    """Every JSON answer to a GET carries the tag of its bytes; `api/conditional.py` puts it there."""
    answer = _node(_node(operation["responses"]).get("200", {}))
    if "GET" not in handler.http_methods or not path.startswith("/v1/"):
        return
    if "application/json" in _node(answer.get("content", {})):
        answer["headers"] = {**_node(answer.get("headers", {})), "ETag": _TAG}
        unchanged: Node = {"304": {"description": _UNCHANGED}}
        operation["responses"] = dict(sorted((_node(operation["responses"]) | unchanged).items()))


def _set_parameters(operation: Node, handler: HTTPRouteHandler) -> None:
    """The shapes of what stands in addresses, and that a change has to say which version it changes.

    The handlers take any text and None, to refuse what is wrong in our own words: 404 and 428.
    """
    for parameter in map(_node, _list(operation.get("parameters"))):
        if parameter["in"] == "path":
            ending = str(parameter["name"]).rsplit("_", 1)[-1]
            if ending in _SHAPES:
                parameter["schema"] = {**_node(parameter["schema"]), "pattern": _SHAPES[ending], "maxLength": 100}
        if parameter["name"] == "If-Match":
            parameter["schema"] = {"type": "string"}
            parameter["required"] = not handler.opt.get("if_match_optional")


def _set_examples(operation: Node) -> None:
    """Examples of what is sent, and links to what can be done with what was made."""
    name = str(operation["operationId"])
    for parameter in map(_node, _list(operation.get("parameters"))):
        if parameter["name"] in examples.PARAMETERS:
            parameter["example"] = _plain(examples.PARAMETERS[str(parameter["name"])])
    if name in examples.BODIES:
        content = _node(_node(_node(operation["requestBody"])["content"])["application/json"])
        content["example"] = _plain(examples.BODIES[name])
    links: Node = {
        target: {"operationId": target, "parameters": {each.parameter: f"$response.body#/{each.member}"}}
        for each in examples.NEXT.get(name, ())
        for target in each.operations
    }
    if links:
        _node(_node(operation["responses"])["201"])["links"] = links


def _plain(value: object) -> Value:
    """A copy in plain JSON values."""
    plain: Value = msgspec.json.decode(msgspec.json.encode(value))
    return plain


def _set_key(path: str, operation: Node, handler: HTTPRouteHandler) -> None:
    operation.pop("deprecated", None)  # Nothing is.
    if path == "/webhooks/stripe":
        frame.take_events(operation)
    if not path.startswith("/v1/"):
        frame.open_to_all(operation)
        return
    scope: Mapping[str, object] = handler.opt
    operation["security"] = [{"key": [str(scope["scope"])]}]
    if "POST" in handler.http_methods:
        required = bool(scope.get("idempotency_key_required"))
        operation["parameters"] = [*_list(operation.get("parameters")), {**_IDEMPOTENCY_KEY, "required": required}]  # type: ignore[list-item]  # Parameters are objects.
