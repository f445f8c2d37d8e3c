"""Reads that were read before: every JSON answer to a GET carries the tag of its bytes, and a known one is 304.

The version of a row is not enough: a sale changes what is left of a variant, and no version. So the tag is
`"VERSION-DIGEST"` where the row has a version (`If-Match` takes it as the version), and weak where it has none.
"""

import hashlib

from litestar.types import HTTPScope, Message, Receive, Send

from api import asgi, etags
from api.auth import Caller

# What a browser may keep of a publishable key's reads, if it asks each time whether they still hold.
_KEPT_SCOPES = frozenset(("catalog:read", "media:read"))
_KEPT = [(b"cache-control", b"private, max-age=0, must-revalidate"), (b"vary", b"Authorization")]


class Conditional(asgi.Middleware):
    """Tags what a GET under /v1 answers, and answers 304 where `If-None-Match` names that very tag."""

    async def handle(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """Pass the request on; JSON is held until its tag is known, everything else flows through."""
        if scope["method"] != "GET" or not scope["path"].startswith("/v1/"):
            await self.app(scope, receive, send)
            return
        held: asgi.Recorder | None = None

        async def holding(message: Message) -> None:
            nonlocal held
            if message["type"] == "http.response.start" and _is_json(message):
                held = asgi.Recorder()
            if held is None:
                await send(message)
                return
            await held(message)
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                await _answer(scope, send, held)

        await self.app(scope, receive, holding)


def _is_json(message: Message) -> bool:
    if message["type"] != "http.response.start" or message["status"] != 200:
        return False
    fields = {name.lower(): value for name, value in message["headers"]}
    return fields.get(b"content-type", b"").split(b";")[0].strip() == b"application/json"


async def _answer(scope: HTTPScope, send: Send, held: asgi.Recorder) -> None:
    headers = [field for field in held.headers if field[0] not in (b"etag", b"content-length")]
    version = next((value for name, value in held.headers if name == b"etag"), None)
    tag = _tag(version, held.body)
    headers += [(b"etag", tag), *(_KEPT if _may_be_kept(scope) else ())]
    if etags.matches(asgi.header(scope, b"if-none-match"), tag):
        await asgi.answer(send, 304, [field for field in headers if field[0] != b"content-type"])
    else:
        await asgi.answer(send, held.status, headers, held.body)


def _tag(version: bytes | None, body: bytes) -> bytes:
    digest = hashlib.blake2b(body, digest_size=12).hexdigest().encode()
    return b'W/"%s"' % digest if version is None else b'"%s-%s"' % (version.strip(b'"'), digest)


def _may_be_kept(scope: HTTPScope) -> bool:
    caller = scope["state"].get("caller")
    known = scope["route_handler"].opt.get("scope") in _KEPT_SCOPES
    return known and isinstance(caller, Caller) and caller.key.publishable
