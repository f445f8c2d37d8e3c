"""Who calls: the API key behind `Authorization: Bearer …`, its shop, and what it may do."""

import msgspec
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.handlers import BaseRouteHandler
from litestar.types import ASGIApp, HTTPScope, Receive, Send

from api import asgi, problems
from core import keys, shops
from core.db import AsyncSession, Database
from core.errors import Forbidden, Unauthorized
from core.keys import ApiKey
from core.settings import Settings
from core.shops import Shop

PUBLIC = "public"


class OriginNotAllowed(Forbidden):
    """The shop does not list this origin."""

    slug = "origin-not-allowed"


class Caller(msgspec.Struct, frozen=True):
    """The key that a request came with, and the shop it opens."""

    key: ApiKey
    shop: Shop


async def identify(session: AsyncSession, authorization: bytes | None) -> Caller:
    """The caller behind an Authorization header; refuses Unauthorized without saying what was wrong with the key."""
    scheme, _, token = (authorization or b"").decode("latin-1").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthorized("Send Authorization: Bearer with an API key.")
    key = await keys.find(session, token.strip())
    if key is None:
        raise Unauthorized("This API key is not known here.")
    return Caller(key, await shops.get(session, key.shop_id))


def check_origin(caller: Caller, origin: bytes | None) -> None:
    """Refuses OriginNotAllowed for a publishable key in a page of an origin that its shop does not list.

    Without an Origin header no page is asking. Secret keys stay on servers: where those say they are does not matter.
    """
    if caller.key.publishable and origin is not None and origin.decode("latin-1") not in caller.shop.origins:
        raise OriginNotAllowed("Add the origin to the shop's `origins`, spelt as the browser sends it.")


class Authentication(asgi.Middleware):
    """Everything under /v1 needs a key, also what does not exist: a stranger learns nothing about the surface."""

    def __init__(self, app: ASGIApp, db: Database, settings: Settings) -> None:
        super().__init__(app)
        self._db = db
        self._settings = settings

    async def handle(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """Put the caller into the request's state, or answer 401."""
        if not scope["path"].startswith("/v1/"):
            await self.app(scope, receive, send)
            return
        try:
            async with self._db.read() as session:
                caller = await identify(session, asgi.header(scope, b"authorization"))
            scope["state"]["caller"] = caller
            check_origin(caller, asgi.header(scope, b"origin"))
        except Exception as error:  # noqa: BLE001  # Whatever it is, the client gets a problem document.
            await problems.send(problems.of(error), scope, send, self._settings)
            return
        await self.app(scope, receive, send)


async def guard(connection: ASGIConnection[object, object, object, State], handler: BaseRouteHandler) -> None:
    """Every route names its scope in `opt`, or says `public`. Refuses Forbidden, naming the scope that is missing.

    A publishable key reaches the routes that say `storefront=True` and no others.
    """
    scope = handler.opt.get("scope")
    if scope is None or scope == PUBLIC:
        return
    caller: Caller | None = connection.scope["state"].get("caller")
    if caller is None:
        raise Unauthorized("Send Authorization: Bearer with an API key.")
    if scope not in caller.key.scopes:
        raise Forbidden(f"This needs the scope {scope}.", scope=scope)
    if caller.key.publishable and not handler.opt.get("storefront"):
        raise Forbidden("A publishable key may not do that; use a secret key.", scope=scope)
