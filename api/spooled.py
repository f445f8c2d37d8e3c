"""A body that is read to its end before anybody works on it: small in memory, large in a file without name."""

import asyncio
import hashlib
from collections.abc import Callable
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import TypeVar, cast

from litestar.types import HTTPReceiveMessage, HTTPRequestEvent, Receive

from core.errors import BadRequest

_IN_MEMORY = 2**20
_PIECE = 256 * 1024

A = TypeVar("A")
R = TypeVar("R")


class Spooled:
    """The body, and the SHA-256 of `before`, a newline and the body; the boundary of a form is left out of it."""

    def __init__(self, before: bytes = b"", boundary: bytes = b"") -> None:
        self._file = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  # Closed with the request, in __aexit__.
        self._size = 0
        self._digest = hashlib.sha256(before + b"\n")
        self._mark, self._held = b"--" + boundary if boundary else b"", b""

    async def __aenter__(self) -> "Spooled":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    async def fill(self, receive: Receive) -> str:
        """Read all there is; the digest in hexadecimal. Refuses BadRequest when the client goes away."""
        more = True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                raise BadRequest("The client went away.")
            more = message.get("more_body", False)
            await self._add(message.get("body", b""))
        self._digest.update(self._held)
        self._file.seek(0)
        return self._digest.hexdigest()

    def replay(self, rest: Receive) -> Receive:
        """A `receive` that gives the body, then whatever comes after it."""
        left = self._size
        over = False

        async def receive() -> HTTPReceiveMessage:
            nonlocal left, over
            if over:
                return cast(HTTPReceiveMessage, await rest())
            piece = await self._do(self._file.read, _PIECE)
            left -= len(piece)
            over = left <= 0
            return HTTPRequestEvent(type="http.request", body=piece, more_body=not over)

        return receive

    async def _add(self, piece: bytes) -> None:
        self._size += len(piece)
        await self._do(self._file.write, piece)
        if not self._mark:
            self._digest.update(piece)
            return
        *parts, last = (self._held + piece).split(self._mark)
        for part in parts:
            self._digest.update(part + b"--")
        keep = len(self._mark) - 1  # A mark may begin here and go on in the next piece.
        self._digest.update(last[:-keep])
        self._held = last[-keep:]

    async def _do(self, work: Callable[[A], R], argument: A) -> R:
        return await asyncio.to_thread(work, argument) if self._size > _IN_MEMORY else work(argument)
