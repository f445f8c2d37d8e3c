"""The border: what no handler should ever see is refused here, before routing.

One place for the traps of the stack (broken UTF-8, deep nesting, any content type, control characters in
addresses, repeated Host headers): every answer is a problem document, never a 500.
"""

import re
from urllib.parse import unquote_to_bytes

import msgspec
from litestar.types import ASGIApp, HTTPReceiveMessage, HTTPScope, Message, Receive, Send

from api import asgi, problems
from api.reception import FORMS
from core import ids
from core.errors import BadRequest, Refusal, TooLarge, UnsupportedMedia
from core.logs import request_logs
from core.settings import Settings
from media.typesetting import typefaces

MULTIPART_OVERHEAD = 64 * 1024
MAX_DEPTH = 32
# What somebody may still send who is being refused, and for how long, before the connection is cut.
DRAINED_BYTES = 64 * 2**20
DRAINED_SECONDS = 10.0
_WRITES = frozenset(("POST", "PUT", "PATCH", "DELETE"))
_ONCE = (b"content-length", b"content-type", b"authorization", b"idempotency-key", b"origin")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_NESTED = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]')


class Border(asgi.Middleware):
    """Checks a request's frame and body, names the request, and puts protective headers on the answer."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        super().__init__(app)
        self._settings = settings

    async def handle(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it with a problem."""
        request_id = ids.new("req")
        state: dict[str, object] = scope.setdefault("state", {})
        state["request_id"] = request_id
        body = asgi.Body(receive, self._settings.body_seconds)
        scope, send = self._dress(scope, send, request_id, body)
        try:
            check_frame(scope)
            receive = await self._guard_body(scope, body)
        except Refusal as refusal:
            await problems.send(refusal, scope, send, self._settings)
            return
        with request_logs(request_id):
            await self.app(scope, receive, send)

    def _dress(self, scope: HTTPScope, send: Send, request_id: str, body: asgi.Body) -> tuple[HTTPScope, Send]:
        """HEAD is GET without its body; every answer carries the request id and the protective headers.

        A refusal waits until the client has sent what it is sending: then it can hear it.
        """
        is_head = scope["method"] == "HEAD"
        if is_head:
            scope = {**scope, "method": "GET"}
            scope["state"]["head"] = True
        private = scope["path"].startswith("/v1/")

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                if message["status"] >= 400 and scope["method"] in _WRITES:
                    await body.drain(DRAINED_BYTES, DRAINED_SECONDS)
                names = {name.lower() for name, _ in message["headers"]}
                defaults = [(b"request-id", request_id.encode()), (b"x-content-type-options", b"nosniff")]
                defaults.append((b"referrer-policy", b"strict-origin-when-cross-origin"))
                if private:
                    defaults.append((b"cache-control", b"private, no-store"))
                message["headers"] = [
                    *message["headers"],
                    *((name, value) for name, value in defaults if name not in names),
                ]
            elif is_head and message["type"] == "http.response.body":
                message["body"] = b""
            await send(message)

        return scope, dressed

    async def _guard_body(self, scope: HTTPScope, receive: Receive) -> Receive:
        if scope["method"] not in _WRITES:
            return receive
        limit, is_json = self._body_rule(scope)
        length = asgi.header(scope, b"content-length")
        # Longer than any length that could pass, so that nobody makes us read a number of a thousand digits.
        if length is not None and (not length.isdigit() or len(length) > 18 or int(length) > limit):
            raise TooLarge(f"At most {limit} bytes.", limit=limit)
        if not is_json:
            return _counted(receive, limit)
        content = await read(receive, limit)
        check_json(content)
        scope["state"]["json"] = content.strip()
        return asgi.replay(content, receive)

    def _body_rule(self, scope: HTTPScope) -> tuple[int, bool]:
        """How large the body may be, and whether it is JSON. Refuses a content type that nothing here takes."""
        path, settings = scope["path"], self._settings
        kind = (asgi.header(scope, b"content-type") or b"").split(b";")[0].strip().lower()
        if not path.startswith("/v1/"):
            return settings.json_max_bytes, False
        if path in FORMS:
            if scope["method"] != "POST":
                return settings.json_max_bytes, False  # The router knows better: 405.
            if kind != b"multipart/form-data":
                raise UnsupportedMedia("Send multipart/form-data.", expected="multipart/form-data")
            sizes = {"/v1/assets": settings.picture_max_bytes, "/v1/fonts": typefaces.MAX_BYTES}
            return sizes.get(path, settings.catalog_max_bytes) + MULTIPART_OVERHEAD, False
        if kind != b"application/json" and (kind or _has_body(scope)):
            raise UnsupportedMedia("Send application/json.", expected="application/json")
        return settings.json_max_bytes, True


def _has_body(scope: HTTPScope) -> bool:
    return asgi.header(scope, b"transfer-encoding") is not None or asgi.header(scope, b"content-length") not in (
        None,
        b"0",
    )


def check_frame(scope: HTTPScope) -> None:
    """Refuses BadRequest for a repeated Host, contradicting lengths, and addresses that are not clean text."""
    names = [name.lower() for name, _ in scope["headers"]]
    # Granian hands a missing Host over as an empty one.
    if names.count(b"host") != 1 or not asgi.header(scope, b"host"):
        raise BadRequest("Exactly one Host header is needed.")
    if b"transfer-encoding" in names and b"content-length" in names:
        raise BadRequest("Content-Length and Transfer-Encoding contradict each other.")
    if any(names.count(name) > 1 for name in _ONCE):
        raise BadRequest("A header is repeated that may come once.")
    for part in (scope.get("raw_path") or b"", scope["query_string"]):
        try:
            text = unquote_to_bytes(part.replace(b"+", b" ")).decode()
        except UnicodeDecodeError:
            raise BadRequest("The address is not valid UTF-8.") from None
        if _CONTROL.search(text):
            raise BadRequest("The address holds a control character.")


def check_json(content: bytes) -> None:
    """Refuses BadRequest for a body that is not UTF-8, not JSON, or nests too deep; the decoder checks the rest."""
    try:
        content.decode()
    except UnicodeDecodeError:
        raise BadRequest("The body is not valid UTF-8.") from None
    too_deep = BadRequest(f"The body nests deeper than {MAX_DEPTH} levels.", limit=MAX_DEPTH)
    try:
        msgspec.json.decode(content, type=msgspec.Raw)
    except RecursionError:
        raise too_deep from None
    except msgspec.DecodeError:
        if content.strip():
            raise BadRequest("The body is not valid JSON.") from None
    if content.count(b"[") + content.count(b"{") > MAX_DEPTH and depth(content) > MAX_DEPTH:
        raise too_deep


def depth(content: bytes) -> int:
    """How deep brackets nest in a valid JSON text, strings passed over.

    Only for what the decoder has taken: an open string of backslashes would cost its length squared here.
    """
    level = deepest = 0
    for token in _NESTED.finditer(content):
        sign = token.group()
        if sign in b"[{":
            level += 1
            deepest = max(deepest, level)
        elif sign in b"]}":
            level -= 1
    return deepest


async def read(receive: Receive, limit: int) -> bytes:
    """The whole body; refuses TooLarge as soon as it is longer than `limit` bytes."""
    chunks, size = [], 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise BadRequest("The client went away.")
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise TooLarge(f"At most {limit} bytes.", limit=limit)
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


def _counted(receive: Receive, limit: int) -> Receive:
    """`receive` that refuses TooLarge once more than `limit` bytes have come."""
    size = 0

    async def counted() -> HTTPReceiveMessage:
        nonlocal size
        message: HTTPReceiveMessage = await receive()  # type: ignore[assignment]  # Only HTTP comes this way.
        if message["type"] == "http.request":
            size += len(message.get("body", b""))
            if size > limit:
                raise TooLarge(f"At most {limit} bytes.", limit=limit)
        return message

    return counted
