"""`/media/{key}`: picture bytes, straight from the storage, outside of the framework.

Objects never change, so that the key is the validator and caches may keep them for ever. Where the bytes lie makes no
difference: the address stays, also when pictures move to S3 or a CDN is put in front.
"""

import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import NamedTuple

from litestar.types import HTTPScope, Message, Receive, Send

from api import asgi, etags
from core import ids
from core.errors import NotFound, Refusal
from core.logs import request_logs
from media.storage.storage import HIDDEN, Storage, Stored

PREFIX = "/media/"
_KEPT = b"public, max-age=31536000, immutable"
# Even a picture that a browser took for a page could do nothing.
_FIXED = (
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; sandbox"),
    (b"cross-origin-resource-policy", b"cross-origin"),
)
_RANGE = re.compile(r"bytes=(?P<first>\d{0,18})-(?P<last>\d{0,18})", re.ASCII)


class Part(NamedTuple):
    """Which bytes are wanted: from `start` up to but not including `end`; `asked` for by a Range header."""

    start: int
    end: int
    asked: bool = True


class Pictures:
    """Serves GET and HEAD of one storage's objects."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    async def __call__(self, scope: HTTPScope, _: Receive, send: Send) -> None:
        """Answer one request; the answer says its `Request-Id`, and so does everything that is logged meanwhile."""
        request_id = ids.new("req")

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"request-id", request_id.encode())]
            await send(message)

        with request_logs(request_id):
            await self._answer(scope, named)

    async def _answer(self, scope: HTTPScope, send: Send) -> None:
        if scope["method"] not in ("GET", "HEAD"):
            await asgi.answer(send, 405, [*_FIXED, (b"allow", b"GET, HEAD")])
            return
        key = scope["path"][len(PREFIX) :]
        try:
            if key.endswith(f".{HIDDEN}"):
                raise NotFound
            known = await self._storage.stat(key)
            wanted = asgi.header(scope, b"if-match")
            if wanted is not None and not etags.matches(wanted, known.etag.encode(), strongly=True):
                await asgi.answer(send, 412, [*_FIXED, (b"cache-control", b"no-store")])
            elif etags.matches(asgi.header(scope, b"if-none-match"), known.etag.encode()):
                await _bare(send, 304, _validators(known))
            elif scope["method"] == "HEAD":
                await _bare(send, 200, [*_validators(known), *_content(known, known.bytes)])
            else:
                await self._send(scope, send, known)
        except NotFound:
            await asgi.answer(send, 404, [*_FIXED, (b"cache-control", b"no-store")])
        except Refusal as refusal:
            await asgi.answer(send, refusal.status, [*_FIXED, (b"retry-after", b"5"), (b"cache-control", b"no-store")])

    async def _send(self, scope: HTTPScope, send: Send, known: Stored) -> None:
        """All of an object, or the part that was asked for; a refusal leaves before anything was sent."""
        part = _wanted(scope, known)
        if part is None:
            outside = [(b"content-range", f"bytes */{known.bytes}".encode()), (b"cache-control", b"no-store")]
            await asgi.answer(send, 416, [*_FIXED, *outside])
            return
        headers = [*_validators(known), *_content(known, part.end - part.start)]
        if part.asked:
            headers.append((b"content-range", f"bytes {part.start}-{part.end - 1}/{known.bytes}".encode()))
        async with aclosing(
            _exactly(self._storage.stream(known.key, part.start, part.end), part.end - part.start)
        ) as pieces:
            first = await anext(pieces, b"")
            await send({"type": "http.response.start", "status": 206 if part.asked else 200, "headers": headers})
            await send({"type": "http.response.body", "body": first, "more_body": True})
            try:
                async for piece in pieces:
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
            except Refusal as refusal:
                # It is too late to say so: a body that breaks off is what tells the client.
                raise BrokenOff from refusal
        await send({"type": "http.response.body", "body": b"", "more_body": False})


class BrokenOff(ConnectionError):
    """The storage went away in the middle of an object."""


async def _exactly(pieces: AsyncIterator[bytes], size: int) -> AsyncGenerator[bytes, None]:
    """The same pieces; raises BrokenOff unless they have `size` bytes together."""
    left = size
    async for piece in pieces:
        left -= len(piece)
        yield piece
    if left:
        raise BrokenOff


async def _bare(send: Send, status: int, headers: list[tuple[bytes, bytes]]) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _validators(known: Stored) -> list[tuple[bytes, bytes]]:
    return [*_FIXED, (b"etag", known.etag.encode()), (b"cache-control", _KEPT)]


def _content(known: Stored, length: int) -> list[tuple[bytes, bytes]]:
    return [
        (b"content-type", known.media_type.encode()),
        (b"content-length", str(length).encode()),
        (b"accept-ranges", b"bytes"),
    ]


def _wanted(scope: HTTPScope, known: Stored) -> Part | None:
    """The part that Range asks for, None where there is nothing of it (RFC 9110, 14.2).

    Everything, where Range is missing, is not one range of bytes, or belongs to another object (If-Range).
    """
    everything = Part(0, known.bytes, asked=False)
    asked = _RANGE.fullmatch((asgi.header(scope, b"range") or b"").decode("latin-1").replace(" ", ""))
    condition = asgi.header(scope, b"if-range")
    if asked is None or (condition is not None and condition.decode("latin-1") != known.etag):
        return everything
    first, last = asked["first"], asked["last"]
    if not first:
        if not last:
            return everything
        part = Part(max(0, known.bytes - int(last)), known.bytes)
    else:
        if last and int(last) < int(first):
            return everything
        part = Part(int(first), min(int(last) + 1, known.bytes) if last else known.bytes)
    return part if part.start < part.end else None
