"""Front ends on other origins: which web pages may call /v1, and what they may read of the answer.

A shop lists the origins of its front end. Cookies play no part: what counts is the publishable key in the header.
"""

from litestar.types import ASGIApp, HTTPScope, Message, Receive, Send

from api import asgi, problems
from api.auth import Caller, OriginNotAllowed
from core import shops
from core.db import Database
from core.settings import Settings

PREFIX = "/v1/"
# What publishable keys may do, and the headers that it takes.
_PREFLIGHT = (
    (b"access-control-allow-methods", b"GET, HEAD, POST"),
    (b"access-control-allow-headers", b"Authorization, Content-Type, Idempotency-Key, If-None-Match"),
    (b"access-control-max-age", b"600"),
)
_EXPOSED = (
    b"access-control-expose-headers",
    b"ETag, Request-Id, Idempotent-Replayed, Retry-After, RateLimit, RateLimit-Policy",
)
_VARY = (b"vary", b"Origin")


class Sharing(asgi.Middleware):
    """Says on every answer under /v1 whether the page that asked may read it; the border's refusals included."""

    def __init__(self, app: ASGIApp, db: Database) -> None:
        super().__init__(app)
        self._db = db

    async def handle(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """Pass the request on; its answer names the origin that may read it, and no other."""
        if not scope["path"].startswith(PREFIX):
            await self.app(scope, receive, send)
            return
        state: dict[str, object] = scope.setdefault("state", {})
        origin = asgi.header(scope, b"origin")

        async def shared(message: Message) -> None:
            if message["type"] == "http.response.start":
                extra = [_VARY]
                if origin is not None and await self._may_read(state.get("caller"), origin.decode("latin-1")):
                    extra += [(b"access-control-allow-origin", origin), _EXPOSED]
                message["headers"] = [*message["headers"], *extra]
            await send(message)

        await self.app(scope, receive, shared)

    async def _may_read(self, caller: object, origin: str) -> bool:
        """A page reads what its own shop's publishable key got; where no key was known, any shop's page may see why.

        Secret keys do not belong into pages: what they get no page reads.
        """
        if isinstance(caller, Caller):
            return caller.key.publishable and origin in caller.shop.origins
        try:
            async with self._db.read() as session:
                return await shops.is_origin(session, origin)
        except Exception as error:  # noqa: BLE001  # Whatever it is, the answer that it belongs to must leave.
            problems.of(error)
            return False


class Preflight(asgi.Middleware):
    """Answers a browser's question whether it may ask; it comes without a key, so any shop's origin may."""

    def __init__(self, app: ASGIApp, db: Database, settings: Settings) -> None:
        super().__init__(app)
        self._db = db
        self._settings = settings

    async def handle(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """Answer 204 or 403; what is no preflight goes on."""
        origin = asgi.header(scope, b"origin")
        asked = asgi.header(scope, b"access-control-request-method")
        if scope["method"] != "OPTIONS" or origin is None or asked is None or not scope["path"].startswith(PREFIX):
            await self.app(scope, receive, send)
            return
        try:
            async with self._db.read() as session:
                known = await shops.is_origin(session, origin.decode("latin-1"))
            if not known:
                raise OriginNotAllowed("No shop lists this origin.")
        except Exception as error:  # noqa: BLE001  # Whatever it is, the client gets a problem document.
            await problems.send(problems.of(error), scope, send, self._settings)
            return
        await asgi.answer(send, 204, _PREFLIGHT)
