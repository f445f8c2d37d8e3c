"""Every error as RFC 9457 `application/problem+json`, the framework's own included."""

import re
from collections.abc import Mapping

import msgspec
from litestar import Request, Response
from litestar.datastructures import State
from litestar.exceptions import (
    ClientException,
    HTTPException,
    MethodNotAllowedException,
    NotFoundException,
    ValidationException,
)
from litestar.types import HTTPScope, Send
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from api import asgi, methods
from core import errors
from core.errors import Fact, Refusal
from core.logs import logger
from core.settings import Settings
from openapi.document import Problem

MEDIA_TYPE = "application/problem+json"
_AWAY = (OperationalError, InterfaceError, PoolTimeout, ConnectionError, TimeoutError)
# PostgreSQL chose this transaction to end a deadlock, or could not order it: the same request may pass next time.
_TRY_AGAIN = frozenset(("40001", "40P01"))
_log = logger("api")


class InternalError(Refusal):
    """Something went wrong on our side."""

    slug = "internal-error"
    status = 500


class ValidationFailed(errors.Invalid):
    """The request does not have the documented shape."""

    slug = "validation-failed"


def _body(refusal: Refusal, *, settings: Settings, instance: str, request_id: str) -> bytes:
    """The problem document; a fact never hides a standard member."""
    problem = Problem(
        type=f"{settings.public_url}/problems/{refusal.slug}",
        title=refusal.title(),
        status=refusal.status,
        detail=refusal.detail,
        instance=instance,
        request_id=request_id,
    )
    return msgspec.json.encode({**refusal.facts, **msgspec.to_builtins(problem)})


def headers(refusal: Refusal) -> dict[str, str]:
    """What a refusal adds to the answer's headers."""
    extra: dict[str, str] = {}
    if retry_after := getattr(refusal, "retry_after", None):
        extra["retry-after"] = str(retry_after)
    if refusal.status == 401:
        extra["www-authenticate"] = 'Bearer realm="vitrine"'
    return extra


def allowed(error: Exception) -> dict[str, str]:
    """The Allow header of a 405 (RFC 9110, 15.5.6)."""
    if not isinstance(error, MethodNotAllowedException):
        return {}
    named = [value for name, value in (error.headers or {}).items() if name.lower() == "allow"]
    return {"allow": methods.named({each.strip() for value in named for each in value.split(",")})}


def of(error: Exception) -> Refusal:
    """The refusal behind any exception; what nobody foresaw becomes an InternalError and is logged."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, ValidationException):
        return _validation(error)
    if isinstance(error, NotFoundException):
        return errors.NotFound()
    if isinstance(error, MethodNotAllowedException):
        return errors.MethodNotAllowed()
    if isinstance(error, HTTPException) and error.status_code == 413:
        return errors.TooLarge()
    if isinstance(error, ClientException):
        return _body_error(error.detail)
    if isinstance(error, _AWAY) or (isinstance(error, DBAPIError) and _passes(error)):
        _log.warning("database away", error=type(error).__name__)
        return errors.Unavailable("The database does not answer.")
    _log.error("unexpected error", exc_info=error)
    return InternalError("This was logged under the request id.")


def _passes(error: DBAPIError) -> bool:
    return error.connection_invalidated or getattr(error.orig, "sqlstate", None) in _TRY_AGAIN


_AT = re.compile(r"^(?P<what>.*?)(?: - at `(?P<path>[^`]*)`)?$", re.DOTALL)
_FIELD = re.compile(r"^(?P<what>.*?) in `(?P<field>[A-Za-z_]+)`$", re.DOTALL)
_NAMED = re.compile(r"(?:unknown|required) field `(?P<field>[^`]{1,200})`")


def _point(message: str) -> dict[str, Fact]:
    """msgspec's `… - at `$.items[0].title`` as a JSON Pointer and a sentence."""
    found = _AT.match(message)
    what, path = (found["what"], found["path"] or "$") if found else (message, "$")
    pointer = re.sub(r"\[(\d+)\]", r".\1", path.removeprefix("$")).replace("[...]", "").replace(".", "/")
    if inner := _FIELD.match(what):
        what, pointer = inner["what"], f"{pointer}/{inner['field']}"
    elif named := _NAMED.search(what):
        pointer = f"{pointer}/{named['field']}"
    return {"pointer": pointer, "detail": what}


def _body_error(message: str) -> Refusal:
    if message == "'data'":  # Litestar's word for a body that is not there at all.
        return errors.BadRequest("A JSON body is needed.")
    if "malformed" in message or "truncated" in message or "trailing" in message:
        return errors.BadRequest("The body is not valid JSON.")
    point = _point(message)
    return ValidationFailed(str(point["detail"]), errors=[point])


def _validation(error: ValidationException) -> Refusal:
    extra = error.extra if isinstance(error.extra, list) else []
    found: list[Fact] = []
    for each in extra:
        if not isinstance(each, Mapping):
            continue
        message, key = str(each.get("message", "")), str(each.get("key", ""))
        source = str(getattr(each.get("source"), "value", ""))
        if source in ("query", "path", "header", "cookie"):
            found.append({"parameter": key, "in": source, "detail": message})
        else:
            if message == "'data'":
                return _body_error(message)
            point = _point(message)
            path = re.sub(r"\[(\d+)\]", r".\1", key.removeprefix("data")).strip(".").replace(".", "/")
            if path and point["pointer"] in ("", "/"):
                point["pointer"] = f"/{path}"
            found.append(point)
    if not found:
        return _body_error(error.detail)
    first = found[0]
    detail = str(first["detail"]) if isinstance(first, Mapping) else error.detail
    if isinstance(first, Mapping) and "parameter" in first:
        return errors.BadRequest(detail, errors=found)
    return ValidationFailed(detail, errors=found)


def answer(request: Request[object, object, State], error: Exception) -> Response[bytes]:
    """The problem document for any exception that a handler raises."""
    refusal = of(error)
    request.scope["state"]["passes"] = refusal.passes
    content = _body(
        refusal,
        settings=request.app.state.services.settings,
        instance=request.url.path,
        request_id=str(request.scope["state"].get("request_id", "")),
    )
    extra = headers(refusal) | allowed(error)
    return Response(content, status_code=refusal.status, media_type=MEDIA_TYPE, headers=extra)


async def send(refusal: Refusal, scope: HTTPScope, send: Send, settings: Settings) -> None:
    """Answer a refusal outside of the framework."""
    content = _body(
        refusal, settings=settings, instance=scope["path"], request_id=str(scope["state"].get("request_id", ""))
    )
    extra = [(name.encode(), value.encode()) for name, value in headers(refusal).items()]
    await asgi.answer(send, refusal.status, [(b"content-type", MEDIA_TYPE.encode()), *extra], content)
