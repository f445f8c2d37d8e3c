"""Idempotency keys: a request that comes again gets the first answer, byte for byte.

A key is claimed under a lease before anybody outside is asked, so that a second request sees that the first still
runs and a crash frees it; the answer is stored, encrypted, in the transaction of the effect.
"""

import hashlib
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec
import sqlalchemy as sa
from sqlmodel import Field, col, select

from core.db import AsyncSession, Table, UtcDateTime, insert_new, table_of
from core.errors import Conflict, Invalid
from core.secrets import Vault

KEPT = timedelta(hours=24)
LEASE = timedelta(seconds=30)
# One key in sixteen sees to it that old ones go: up to twenty for each that came.
_SOME, _PRUNED = "0", 320


class IdempotencyKeyReused(Invalid):
    """This Idempotency-Key came before with another request."""

    slug = "idempotency-key-reused"


class IdempotencyKeyInUse(Conflict):
    """A request with this Idempotency-Key is still running."""

    slug = "idempotency-key-in-use"
    retry_after = 1


class IdempotencyKey(Table, table=True):
    """`id` is the digest of scope and key; `answer_sealed` null while the request runs."""

    __tablename__ = "idempotency_key"
    id: str = Field(primary_key=True)
    shop_id: str = Field(foreign_key="shop.id")
    request_digest: str
    lease_until: datetime = Field(sa_type=UtcDateTime)
    answer_sealed: bytes | None = Field(default=None, sa_type=sa.LargeBinary)
    created_at: datetime = Field(sa_type=UtcDateTime, index=True)


# Still the claim that was made at that moment, and not one that took its place when the lease had run out.
_OURS = (
    col(IdempotencyKey.id) == sa.bindparam("key"),
    col(IdempotencyKey.lease_until) == sa.bindparam("lease"),
    col(IdempotencyKey.answer_sealed).is_(None),
)
_TABLE = table_of(IdempotencyKey)
_STORE = sa.update(_TABLE).where(*_OURS).values(answer_sealed=sa.bindparam("sealed")).returning(col(IdempotencyKey.id))
_RELEASE = sa.delete(_TABLE).where(*_OURS)
_OLD = (
    sa.select(col(IdempotencyKey.id))
    .where(col(IdempotencyKey.created_at) <= sa.bindparam("old"))
    .limit(_PRUNED)
    .with_for_update(skip_locked=True)
)
_PRUNE = sa.delete(_TABLE).where(col(IdempotencyKey.id).in_(_OLD))
_FOUND = select(IdempotencyKey).where(IdempotencyKey.id == sa.bindparam("key")).with_for_update()


class Answer(msgspec.Struct):
    """A stored answer: status, headers as they were sent, body bytes."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


def identify(scope: str, key: str) -> str:
    """The id under which a key is kept; `scope` is the API key and the route that it was sent to."""
    return hashlib.sha256(f"{scope}\n{key}".encode()).hexdigest()


class Claim(NamedTuple):
    """A request under its key: the key's id (`identify`), whose it is, what is asked, by a digest, and when it came."""

    key_id: str
    shop_id: str
    digest: str
    at: datetime

    @property
    def lease_until(self) -> datetime:
        """How long the key is this request's alone."""
        return self.at + LEASE


async def claim(session: AsyncSession, vault: Vault, mine: Claim) -> Answer | None:
    """None: the key is ours from the commit to the end of the lease, go on. An Answer: send that one again.

    Refuses IdempotencyKeyReused for another request, IdempotencyKeyInUse while the first one runs.
    """
    if await _insert(session, mine):
        if mine.key_id.startswith(_SOME):
            await prune(session, mine.at)
        return None
    row = (await session.exec(_FOUND, params={"key": mine.key_id})).first()
    if row is not None and row.created_at <= mine.at - KEPT:
        await session.delete(row)
        await session.flush()
        row = None
    if row is None:  # Old, or released a moment ago.
        if not await _insert(session, mine):
            raise IdempotencyKeyInUse("Try again in a moment.")
        return None
    if row.request_digest != mine.digest:
        raise IdempotencyKeyReused("Use a new key for a new request.")
    if row.answer_sealed is not None:
        return msgspec.msgpack.decode(vault.unseal(row.answer_sealed), type=Answer)
    if row.lease_until > mine.at:
        raise IdempotencyKeyInUse("Try again in a moment.")
    row.lease_until = mine.lease_until
    return None


async def _insert(session: AsyncSession, mine: Claim) -> bool:
    values = {
        "id": mine.key_id, "shop_id": mine.shop_id, "request_digest": mine.digest, "lease_until": mine.lease_until,
        "created_at": mine.at,
    }  # fmt: skip
    return await insert_new(session, IdempotencyKey, values)


async def store(session: AsyncSession, vault: Vault, mine: Claim, answer: Answer) -> bool:
    """Keep the answer, in the transaction of the effect; False where the key is not this request's (any more).

    Then the request ran longer than its lease and the same one came again meanwhile, or it never claimed its key.
    """
    sealed = vault.seal(msgspec.msgpack.encode(answer))
    await session.flush()
    claimed = {"key": mine.key_id, "lease": mine.lease_until, "sealed": sealed}
    return bool(await session.rows(_STORE, claimed))


async def release(session: AsyncSession, mine: Claim) -> None:
    """Forget a key whose request had no effect, so that it may be tried again."""
    await session.core(_RELEASE, {"key": mine.key_id, "lease": mine.lease_until})


async def prune(session: AsyncSession, now: datetime) -> None:
    """Forget some keys older than a day: more than come in, so that the table stays small."""
    await session.core(_PRUNE, {"old": now - KEPT})
