"""`/uploads/{token}`: the door of a storage that has no server of its own, outside of the framework.

The token in the address says what may come in, and until when. Bytes are counted and written while they come. S3 has
a door like this one at its own address.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

from litestar.types import HTTPScope, Message, Receive, Send
from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from api import asgi, problems
from api.border import MULTIPART_OVERHEAD, check_frame
from core import clock, ids
from core.errors import BadRequest, NotFound, TooLarge, Unavailable
from core.settings import Settings
from media.errors import UploadMismatch, UploadRefused
from media.storage.storage import Door, Parcel, Storage

PREFIX = "/uploads/"
_PIECE_SECONDS = 30
_WHOLE_SECONDS = 240  # Shorter than `media.uploads.GRACE`: what came in time can still be completed.
_LONGEST_FIELD = 4096
# A page of any origin may send: all the permission there is stands in the address, and no cookie adds to it.
_SHARED = ((b"access-control-allow-origin", b"*"), (b"cache-control", b"no-store"))
_PREFLIGHT = (
    (b"access-control-allow-methods", b"PUT, POST"),
    (b"access-control-allow-headers", b"Content-Type"),
    (b"access-control-max-age", b"600"),
)


class Incoming:
    """Takes the PUT or POST (a form, as browsers send it) of one parcel."""

    def __init__(self, storage: Storage, settings: Settings) -> None:
        self._door, self._settings = storage.door(), settings
        self._free = asyncio.Semaphore(settings.uploads_at_once)

    async def __call__(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        scope.setdefault("state", {})["request_id"] = ids.new("req")

        async def shared(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_SHARED]
            await send(message)

        try:
            check_frame(scope)
            if self._door is None:
                raise NotFound
            parcel = self._door.admit(scope["path"][len(PREFIX) :], clock.now())
            if scope["method"] != "OPTIONS":
                await self._take_in(self._door, parcel, scope, receive)
        except Exception as error:  # noqa: BLE001  # Whatever it is, the client gets a problem document.
            await problems.send(problems.of(error), scope, shared, self._settings)
            return
        if scope["method"] == "PUT":
            await asgi.answer(shared, 200, ())
        else:
            await asgi.answer(shared, 204, _PREFLIGHT if scope["method"] == "OPTIONS" else ())

    async def _take_in(self, door: Door, parcel: Parcel, scope: HTTPScope, receive: Receive) -> None:
        if scope["method"] != parcel.method.upper():
            raise UploadRefused(f"This address takes {parcel.method.upper()}.")
        if self._free.locked():
            raise Unavailable("Many uploads are coming in.", retry_after=5)
        kind = asgi.header(scope, b"content-type") or b""
        spare = MULTIPART_OVERHEAD if parcel.method == "post" else 0
        _check_length(asgi.header(scope, b"content-length"), parcel.bytes + spare)
        try:
            async with self._free, asyncio.timeout(_WHOLE_SECONDS), aclosing(_pieces(receive)) as pieces:
                if parcel.method == "put":
                    _check_type(kind.decode("latin-1"), parcel)
                    await door.take_in(parcel, _bounded(pieces, parcel.bytes))
                else:
                    form = PushMultipartParser(_boundary(kind), max_segment_count=50, strict=True)
                    async with aclosing(_file(form, _bounded(pieces, parcel.bytes + spare), parcel)) as content:
                        await door.take_in(parcel, _bounded(content, parcel.bytes))
        except TimeoutError:
            raise BadRequest("The bytes come too slowly.") from None
        except MultipartError:
            raise BadRequest("The form is not whole.") from None


def _check_length(length: bytes | None, most: int) -> None:
    if length is not None and (not length.isdigit() or len(length) > 18 or int(length) > most):
        raise TooLarge(f"At most {most} bytes.", limit=most)


def _check_type(kind: str, parcel: Parcel) -> None:
    if kind != parcel.media_type:
        raise UploadMismatch("The type is not the one announced.", announced=parcel.media_type)


def _boundary(kind: bytes) -> str:
    name, options = parse_options_header(kind.decode("latin-1"))
    if name != "multipart/form-data" or not options.get("boundary"):
        raise BadRequest("Send multipart/form-data.")
    return str(options["boundary"])


async def _pieces(receive: Receive) -> AsyncGenerator[bytes, None]:
    """The body as it comes; raises TimeoutError when nothing comes for a while."""
    more = True
    while more:
        message = await asyncio.wait_for(receive(), _PIECE_SECONDS)
        if message["type"] != "http.request":
            raise BadRequest("The client went away.")
        more = message.get("more_body", False)
        if piece := message.get("body", b""):
            yield piece


async def _bounded(pieces: AsyncIterator[bytes], most: int) -> AsyncGenerator[bytes, None]:
    """The same bytes; refuses TooLarge with the piece that is too much."""
    size = 0
    async for piece in pieces:
        size += len(piece)
        if size > most:
            raise TooLarge(f"At most {most} bytes.", limit=most)
        yield piece


async def _file(form: PushMultipartParser, pieces: AsyncIterator[bytes], parcel: Parcel) -> AsyncGenerator[bytes, None]:
    """The bytes of the field `file`; the field `Content-Type` stands before it, as in a form for S3."""
    fields: dict[str, bytes] = {}
    field, files = "", 0
    async for piece in pieces:
        for event in form.parse(piece):
            if isinstance(event, MultipartSegment):
                field = event.name
                if field == "file":
                    files += 1
                    _check_type(fields.get("content-type", b"").decode("latin-1"), parcel)
            elif event is not None and field == "file" and files == 1:
                yield bytes(event)
            elif event is not None and not files:
                name = field.lower()
                fields[name] = fields.get(name, b"") + bytes(event)
                if len(fields[name]) > _LONGEST_FIELD:
                    raise BadRequest("A field of the form is too long.")
    form.close()
    if files != 1:
        raise BadRequest("The form has one field `file`, the last of all.")
