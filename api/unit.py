"""One writing request, one transaction, one stored answer.

The transaction is committed, with the idempotency answer in it, when the answer's bytes exist and before the
first of them leaves: a commit that fails can still become a 503, and never a false 201.
"""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from litestar.types import ASGIApp, HTTPScope, Receive, Send
from litestar.utils.path import normalize_path

from api import asgi, problems
from api.auth import Caller
from api.spooled import Spooled
from core import clock, idempotency
from core.db import AsyncSession, Database
from core.errors import BadRequest, PreconditionRequired, Refusal
from core.idempotency import Answer, Claim, IdempotencyKeyInUse, IdempotencyKeyReused
from core.secrets import Vault
from core.settings import Settings

_BOUNDARY = re.compile(rb'boundary="?([^";,\s]{1,70})', re.IGNORECASE)
_SAFE = frozenset(("GET", "HEAD", "OPTIONS"))
# Answers that say nothing about the request itself: the same request may fare better a moment later.
_PASSING = frozenset((401, 403, 408, 429))
# Where the key is claimed with what the verb writes down before it asks Stripe: one transaction, not two.
_CLAIM_THEMSELVES = frozenset(("/v1/checkouts",))


class KeyRequired(PreconditionRequired):
    """This request needs an Idempotency-Key."""

    slug = "idempotency-key-required"
    status = 400


class Unit:
    """The transaction of one writing request; it begins when somebody first asks for its session.

    A verb that talks to the outside asks late, so that no write lock is held meanwhile; in the transaction in which it
    writes down what it wants, it claims the request's key, where that has not been done before.
    """

    def __init__(self, db: Database, vault: Vault, key: str | None, claim: Claim | None, *, is_claimed: bool) -> None:
        self._db = db
        self._vault = vault
        self._claim = claim
        self._stack = AsyncExitStack()
        self._session: AsyncSession | None = None
        self.idempotency_key = key
        # Whether the key has been claimed, be it in a transaction that was rolled back.
        self.is_claimed = is_claimed
        # Why the key is not this request's: it was answered before, or somebody else holds it.
        self.stored: Answer | None = None
        self.refusal: Refusal | None = None

    async def claim(self, session: AsyncSession) -> None:
        """Claim the request's key in this transaction, if nobody has yet.

        Refuses IdempotencyKeyReused and IdempotencyKeyInUse, which nobody stores; the latter also where the request was
        answered before: then that answer is sent.
        """
        if self._claim is None or self.is_claimed:
            return
        try:
            self.stored = await idempotency.claim(session, self._vault, self._claim)
            if self.stored is not None:
                raise IdempotencyKeyInUse("This was answered before.")
        except (IdempotencyKeyReused, IdempotencyKeyInUse) as refusal:
            self.refusal = refusal
            raise
        self.is_claimed = True

    async def session(self) -> AsyncSession:
        """The one session of this request."""
        if self._session is None:
            self._session = await self._stack.enter_async_context(self._db.transaction())
        return self._session

    @asynccontextmanager
    async def last(self) -> AsyncIterator[AsyncSession]:
        """The one session, for a verb that had transactions of its own before; the request commits it."""
        yield await self.session()

    async def finish(self) -> None:
        """Commit what was done; nothing happens where no session was asked for."""
        await self._stack.aclose()

    async def abandon(self) -> None:
        """Roll back."""
        await self._stack.__aexit__(_Abandoned, _Abandoned(), None)


class _Abandoned(Exception):
    """Makes the transaction roll back."""


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
            await self._work(scope, receive, send)
            return
        async with Spooled(scope["query_string"], _boundary(scope)) as body:
            digest = await body.fill(receive)
            await self._once(scope, body.replay(receive), send, key, digest)

    async def _once(self, scope: HTTPScope, receive: Receive, send: Send, key: str, digest: str) -> None:
        """Do it unless it was done under this key; then the answer is the stored one."""
        caller: Caller = scope["state"]["caller"]
        path = normalize_path(scope["path"])  # As the router reads it.
        name = idempotency.identify(f"{caller.key.id} {scope['method']} {path}", key)
        claim, is_claimed = Claim(name, caller.shop.id, digest, clock.now()), path not in _CLAIM_THEMSELVES
        if is_claimed:
            async with self._db.transaction() as session:
                stored = await idempotency.claim(session, self._vault, claim)
            if stored is not None:
                await _replay(send, stored)
                return
        try:
            await self._work(scope, receive, send, key, claim, is_claimed=is_claimed)
        except BaseException:
            async with self._db.transaction() as session:
                await idempotency.release(session, claim)
            raise

    async def _work(
        self,
        scope: HTTPScope,
        receive: Receive,
        send: Send,
        key: str | None = None,
        claim: Claim | None = None,
        *,
        is_claimed: bool = False,
    ) -> None:
        own_key = f"{scope['state']['caller'].key.id}:{key}" if key else None
        unit = Unit(self._db, self._vault, own_key, claim, is_claimed=is_claimed)
        scope["state"]["unit"] = unit
        answer = asgi.Recorder()
        try:
            await self.app(scope, receive, answer)
            stored = unit.stored
            if stored is None and unit.refusal is not None:
                raise unit.refusal
            if stored is None:
                if answer.status >= 400:
                    await unit.abandon()
                    unit = Unit(self._db, self._vault, None, claim, is_claimed=unit.is_claimed)
                stored = await self._keep(unit, claim, answer, passes=scope["state"].get("passes", False))
        except BaseException:
            await unit.abandon()
            raise
        if stored is not None:
            await unit.abandon()
            await _replay(send, stored)
            return
        await unit.finish()
        headers = [field for field in answer.headers if field[0] != b"content-length"]
        await asgi.answer(send, answer.status, headers, answer.body)

    async def _keep(self, unit: Unit, claim: Claim | None, answer: asgi.Recorder, *, passes: bool) -> Answer | None:
        """Keep the answer; another one, where that was the first to this key.

        Refuses IdempotencyKeyInUse, so that the effect is undone, where somebody else holds the key.
        """
        if claim is None:
            return None
        session = await unit.session()
        if not unit.is_claimed and (stored := await idempotency.claim(session, self._vault, claim)) is not None:
            return stored
        if passes or answer.status >= 500 or answer.status in _PASSING:
            await idempotency.release(session, claim)
            return None
        headers = [field for field in answer.headers if field[0] not in (b"content-length", b"request-id")]
        kept = Answer(answer.status, headers, answer.body)
        if await idempotency.store(session, self._vault, claim, kept):
            return None
        # It took too long and was sent again, or its claim was rolled back.
        stored = await idempotency.claim(session, self._vault, claim)
        if stored is None:
            await idempotency.store(session, self._vault, claim, kept)
        return stored


async def _replay(send: Send, stored: Answer) -> None:
    await asgi.answer(send, stored.status, [*stored.headers, (b"idempotent-replayed", b"true")], stored.body)


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
