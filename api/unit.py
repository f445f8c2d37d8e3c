"""One writing request, one transaction, one stored answer.

The transaction is committed, with the idempotency answer in it, when the answer's bytes exist and before the
first of them leaves: a commit that fails can still become a 503, and never a false 201.
"""

import re
from contextlib import AsyncExitStack
from datetime import datetime
from typing import NamedTuple

from litestar.types import ASGIApp, HTTPScope, Receive, Send

from api import asgi, problems
from api.auth import Caller
from api.spooled import Spooled
from core import clock, idempotency
from core.db import AsyncSession, Database
from core.errors import BadRequest, PreconditionRequired
from core.idempotency import Answer
from core.secrets import Vault
from core.settings import Settings

_BOUNDARY = re.compile(rb'boundary="?([^";,\s]{1,70})', re.IGNORECASE)
_SAFE = frozenset(("GET", "HEAD", "OPTIONS"))
# Answers that say nothing about the request itself: the same request may fare better a moment later.
_PASSING = frozenset((401, 403, 408, 429))


class KeyRequired(PreconditionRequired):
    """This request needs an Idempotency-Key."""

    slug = "idempotency-key-required"
    status = 400


class Unit:
    """The transaction of one writing request; it begins when somebody first asks for its session.

    A verb that first talks to the outside asks late, so that no write lock is held meanwhile.
    """

    def __init__(self, db: Database, key: str | None) -> None:
        self._db = db
        self._stack = AsyncExitStack()
        self._session: AsyncSession | None = None
        self.idempotency_key = key

    async def session(self) -> AsyncSession:
        """The one session of this request."""
        if self._session is None:
            self._session = await self._stack.enter_async_context(self._db.transaction())
        return self._session

    async def finish(self) -> None:
        """Commit what was done; nothing happens where no session was asked for."""
        await self._stack.aclose()

    async def abandon(self) -> None:
        """Roll back."""
        await self._stack.__aexit__(_Abandoned, _Abandoned(), None)


class _Abandoned(Exception):
    """Makes the transaction roll back."""


class Claim(NamedTuple):
    """An idempotency key that this request holds, and since when."""

    id: str
    at: datetime


class UnitOfWork(asgi.Middleware):
    """Gives every writing request under /v1 its Unit, and answers a repeated Idempotency-Key from the store."""

    def __init__(self, app: ASGIApp, db: Database, vault: Vault, settings: Settings) -> None:
        super().__init__(app)
        self._db = db
        self._vault = vault
        self._settings = settings

    async def handle(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """Run the request in its unit."""
        if scope["method"] in _SAFE or not scope["path"].startswith("/v1/"):
            await self.app(scope, receive, send)
            return
        try:
            await self._run(scope, receive, send)
        except Exception as error:  # noqa: BLE001  # A failed commit is a problem document, never a dropped connection.
            await problems.send(problems.of(error), scope, send, self._settings)

    async def _run(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        key = _idempotency_key(scope)
        if key is None:
            await self._work(scope, receive, send, None, None)
            return
        async with Spooled(scope["query_string"], _boundary(scope)) as body:
            digest = await body.fill(receive)
            await self._once(scope, body.replay(receive), send, key, digest)

    async def _once(self, scope: HTTPScope, receive: Receive, send: Send, key: str, digest: str) -> None:
        """Do it unless it was done under this key; then the answer is the stored one."""
        caller: Caller = scope["state"]["caller"]
        claim = Claim(idempotency.identify(f"{caller.key.id} {scope['method']} {scope['path']}", key), clock.now())
        stored = await idempotency.claim(
            self._db, self._vault, key_id=claim.id, shop_id=caller.shop.id, request_digest=digest, now=claim.at
        )
        if stored is not None:
            headers = [*stored.headers, (b"idempotent-replayed", b"true")]
            await asgi.answer(send, stored.status, headers, stored.body)
            return
        try:
            await self._work(scope, receive, send, key, claim)
        except BaseException:
            async with self._db.transaction() as session:
                await idempotency.release(session, claim.id, claim.at)
            raise

    async def _work(self, scope: HTTPScope, receive: Receive, send: Send, key: str | None, claim: Claim | None) -> None:
        unit = Unit(self._db, f"{scope['state']['caller'].key.id}:{key}" if key else None)
        scope["state"]["unit"] = unit
        answer = asgi.Recorder()
        try:
            await self.app(scope, receive, answer)
            if answer.status >= 400:
                await unit.abandon()
                unit = Unit(self._db, None)
            await self._keep(unit, claim, answer, passes=scope["state"].get("passes", False))
        except BaseException:
            await unit.abandon()
            raise
        await unit.finish()
        headers = [field for field in answer.headers if field[0] != b"content-length"]
        await asgi.answer(send, answer.status, headers, answer.body)

    async def _keep(self, unit: Unit, claim: Claim | None, answer: asgi.Recorder, *, passes: bool) -> None:
        if claim is None:
            return
        if passes or answer.status >= 500 or answer.status in _PASSING:
            await idempotency.release(await unit.session(), claim.id, claim.at)
            return
        headers = [field for field in answer.headers if field[0] not in (b"content-length", b"request-id")]
        kept = Answer(answer.status, headers, answer.body)
        await idempotency.store(await unit.session(), self._vault, claim.id, claim.at, kept)


def _boundary(scope: HTTPScope) -> bytes:
    """The boundary of a multipart body, which does not make it another request: clients draw new ones."""
    kind = asgi.header(scope, b"content-type") or b""
    found = _BOUNDARY.search(kind) if kind.lower().startswith(b"multipart/") else None
    return found[1] if found else b""


def _idempotency_key(scope: HTTPScope) -> str | None:
    raw = asgi.header(scope, b"idempotency-key")
    if raw is None or scope["method"] != "POST":
        return None
    sent = raw.decode("latin-1").strip()
    key = sent.strip('"')
    if not key or len(sent) > 255 or not key.isascii() or not key.isprintable():
        raise BadRequest("An Idempotency-Key has 1 to 255 printable ASCII characters.", header="Idempotency-Key")
    return key
