"""`/media/{key}`: picture bytes, straight from the storage, outside of the framework.

Objects never change, so that the key is the validator and caches may keep them for ever.
"""

from litestar.types import HTTPScope, Receive, Send

from api import asgi
from core.errors import NotFound, Refusal
from media.storage.storage import Storage, Stored

PREFIX = "/media/"
_KEPT = b"public, max-age=31536000, immutable"
# Even a picture that a browser took for a page could do nothing.
_FIXED = (
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; sandbox"),
    (b"cross-origin-resource-policy", b"cross-origin"),
)


class Pictures:
    """Serves GET and HEAD of one storage's objects."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    async def __call__(self, scope: HTTPScope, _: Receive, send: Send) -> None:
        if scope["method"] not in ("GET", "HEAD"):
            await asgi.answer(send, 405, [*_FIXED, (b"allow", b"GET, HEAD")])
            return
        key = scope["path"][len(PREFIX) :]
        try:
            known = await self._storage.stat(key)
        except NotFound:
            await asgi.answer(send, 404, [*_FIXED, (b"cache-control", b"no-store")])
            return
        except Refusal as refusal:
            await asgi.answer(send, refusal.status, [*_FIXED, (b"retry-after", b"5"), (b"cache-control", b"no-store")])
            return
        if _has(asgi.header(scope, b"if-none-match"), known.etag):
            await send({"type": "http.response.start", "status": 304, "headers": _headers(known, None)})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        await send({"type": "http.response.start", "status": 200, "headers": _headers(known, known.bytes)})
        if scope["method"] == "GET":
            async for piece in self._storage.stream(key):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _headers(known: Stored, length: int | None) -> list[tuple[bytes, bytes]]:
    fields = [*_FIXED, (b"etag", known.etag.encode()), (b"cache-control", _KEPT)]
    if length is not None:
        fields += [(b"content-type", known.media_type.encode()), (b"content-length", str(length).encode())]
    return fields


def _has(if_none_match: bytes | None, etag: str) -> bool:
    if if_none_match is None:
        return False
    tags = [tag.strip().removeprefix("W/") for tag in if_none_match.decode("latin-1").split(",")]
    return "*" in tags or etag in tags
