"""Who calls: the API key behind `Authorization: Bearer …`, its shop, and what it may do."""

import hashlib
from collections import OrderedDict

import msgspec
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.handlers import BaseRouteHandler
from litestar.types import ASGIApp, HTTPScope, Receive, Send

from api import asgi, clients, problems
from api.limits import Account, Rates
from core import clock, keys
from core.db import AsyncSession, Database
from core.errors import Forbidden, Unauthorized
from core.keys import ApiKey
from core.settings import Settings
from core.shops import Shop

PUBLIC = "public"
_MOST_TRUSTED = 4096


class OriginNotAllowed(Forbidden):
    """The shop does not list this origin."""

    slug = "origin-not-allowed"


class Caller(msgspec.Struct, frozen=True):
    """The key that a request came with, and the shop it opens."""

    key: ApiKey
    shop: Shop


def bearer(authorization: bytes | None) -> str:
    """The token of an Authorization header; refuses Unauthorized where there is none."""
    scheme, _, token = (authorization or b"").decode("latin-1").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthorized("Send Authorization: Bearer with an API key.")
    return token.strip()


async def identify(session: AsyncSession, token: str) -> Caller | None:
    """The caller behind a token; None where it is not the token of a living key."""
    found = await keys.find_with_shop(session, token)
    return Caller(*found) if found else None


def check_origin(caller: Caller, origin: bytes | None) -> None:
    """Refuses OriginNotAllowed for a publishable key in a page of an origin that its shop does not list.

    Without an Origin header no page is asking. Secret keys stay on servers: where those say they are does not matter.
    """
    if caller.key.publishable and origin is not None and origin.decode("latin-1") not in caller.shop.origins:
        raise OriginNotAllowed("Add the origin to the shop's `origins`, spelt as the browser sends it.")


class Authentication(asgi.Middleware):
    """Everything under /v1 needs a key, also what does not exist: a stranger learns nothing about the surface."""

    def __init__(self, app: ASGIApp, db: Database, rates: Rates, settings: Settings) -> None:
        super().__init__(app)
        self._db = db
        self._rates = rates
        self._settings = settings
        self._trusted: OrderedDict[bytes, None] = OrderedDict()

    async def handle(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """Put the caller into the request's state, or answer 401."""
        if not scope["path"].startswith("/v1/"):
            await self.app(scope, receive, send)
            return
        try:
            scope["state"]["caller"] = caller = await self._caller(scope)
            check_origin(caller, asgi.header(scope, b"origin"))
        except Exception as error:  # noqa: BLE001  # Whatever it is, the client gets a problem document.
            await problems.send(problems.of(error), scope, send, self._settings)
            return
        await self.app(scope, receive, send)

    async def _caller(self, scope: HTTPScope) -> Caller:
        """Who calls, within the limits of the key.

        Refuses Unauthorized without saying what was wrong with a key, and TooManyRequests to addresses that guess keys.

        A key that was good before is looked up all the same: whoever guesses beside it locks nobody out.
        """
        token, household = bearer(asgi.header(scope, b"authorization")), clients.household(scope)
        account: Account = scope["state"]["account"]
        mark, now = hashlib.sha256(token.encode()).digest(), clock.monotonic()
        if mark not in self._trusted:
            account.check(self._rates.bad_keys, household, now)
        async with self._db.glance() as session:
            caller = await identify(session, token)
        if caller is None:
            self._trusted.pop(mark, None)
            self._rates.bad_keys.take(household, now)
            raise Unauthorized("This API key is not known here.")
        self._trust(mark)
        # A publishable key is in the hands of every visitor: none of them can use up what the others have.
        who = f"{caller.key.id} {household}" if caller.key.publishable else caller.key.id
        account.take(self._rates.key, who, now)
        return caller

    def _trust(self, mark: bytes) -> None:
        self._trusted[mark] = None
        self._trusted.move_to_end(mark)
        if len(self._trusted) > _MOST_TRUSTED:
            self._trusted.popitem(last=False)


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
