"""Small pieces of the ASGI protocol that our own middlewares share."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from typing import cast

from litestar.enums import ScopeType
from litestar.types import (
    ASGIApp,
    HTTPReceiveMessage,
    HTTPRequestEvent,
    HTTPScope,
    Message,
    Receive,
    Scope,
    Send,
)

from core import clock
from core.errors import BadRequest

Headers = Iterable[tuple[bytes, bytes]]
SLOWEST = 4096  # Bytes a second.


def header(scope: HTTPScope, name: bytes) -> bytes | None:
    """The only value of a header, or None where it is missing; the last where it is repeated."""
    value = None
    for key, each in scope["headers"]:
        if key.lower() == name:
            value = each
    return value


async def answer(send: Send, status: int, headers: Headers, content: bytes = b"") -> None:
    """One whole answer. 204 and 304 have no content and therefore no length (RFC 9110, 8.6)."""
    fields = list(headers)
    if status not in (204, 304):
        fields.append((b"content-length", str(len(content)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": fields})
    await send({"type": "http.response.body", "body": content, "more_body": False})


class Recorder:
    """Takes an answer in instead of sending it, so that it can be stored first."""

    def __init__(self) -> None:
        self.status = 500
        self.headers: list[tuple[bytes, bytes]] = []
        self._chunks: list[bytes] = []

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = [(bytes(name).lower(), bytes(value)) for name, value in message["headers"]]
        elif message["type"] == "http.response.body":
            self._chunks.append(bytes(message.get("body", b"")))

    @property
    def body(self) -> bytes:
        """All of the content."""
        return b"".join(self._chunks)


class Body:
    """A `receive` that knows whether the body has been read to its end, and does not wait for ever.

    There are `seconds` to send it in, and one more for each 4 KiB that came: who sends a byte now and then holds up
    nothing, and who sends much over a bad line is waited for.
    """

    def __init__(self, receive: Receive, seconds: float) -> None:
        self._receive = receive
        self._seconds = seconds
        self._began: float | None = None
        self._bytes = 0
        self._ended = False

    async def __call__(self) -> HTTPReceiveMessage:
        """The next message. Refuses BadRequest when the bytes come too slowly."""
        if self._ended:
            return cast(HTTPReceiveMessage, await self._receive())
        now = clock.monotonic()
        if self._began is None:
            self._began = now
        try:
            async with asyncio.timeout(self._began + self._seconds + self._bytes / SLOWEST - now):
                message = cast(HTTPReceiveMessage, await self._receive())
        except TimeoutError:
            self._ended = True  # Nobody waits for the rest.
            raise BadRequest("The bytes come too slowly.") from None
        self._bytes += len(message.get("body", b"")) if message["type"] == "http.request" else 0
        self._ended = message["type"] != "http.request" or not message.get("more_body", False)
        return message

    async def drain(self, most: int, seconds: float) -> None:
        """Read what is left and forget it: a client that still sends would see its connection reset, not our answer.

        Whoever sends more than `most` bytes, or takes longer, is not waited for.
        """
        with suppress(TimeoutError, BadRequest):
            async with asyncio.timeout(seconds):
                while not self._ended and most > 0:
                    message = await self()
                    most -= len(message["body"]) if message["type"] == "http.request" else most


def replay(content: bytes, rest: Receive) -> Receive:
    """A `receive` that gives a body that was read already, then whatever comes after it."""
    given = False

    async def receive() -> HTTPReceiveMessage:
        nonlocal given
        if given:
            return cast(HTTPReceiveMessage, await rest())
        given = True
        return HTTPRequestEvent(type="http.request", body=content, more_body=False)

    return receive


class Middleware:
    """An ASGI application around another one; what is not HTTP passes through."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP:
            await self.handle(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def handle(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """One request."""
        await self.app(scope, receive, send)
