"""Idempotency keys: a request that comes again gets the first answer, byte for byte.

A key is claimed in a small transaction of its own under a lease, so that a second request sees that the first
still runs and a crash frees it; the answer is stored, encrypted, in the transaction of the effect.
"""

import hashlib
from datetime import datetime, timedelta

import msgspec
import sqlalchemy as sa
from sqlmodel import Field, col, select

from core.db import AsyncSession, Database, Table, UtcDateTime, insert_new
from core.errors import Conflict, Invalid
from core.secrets import Vault

KEPT = timedelta(hours=24)
LEASE = timedelta(seconds=30)
_PRUNED = 20


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


class Answer(msgspec.Struct):
    """A stored answer: status, headers as they were sent, body bytes."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


def identify(scope: str, key: str) -> str:
    """The id under which a key is kept; `scope` is the API key and the route that it was sent to."""
    return hashlib.sha256(f"{scope}\n{key}".encode()).hexdigest()


async def claim(
    db: Database, vault: Vault, *, key_id: str, shop_id: str, request_digest: str, now: datetime
) -> Answer | None:
    """None: the key is ours until `now + LEASE`, go on. An Answer: send that one again.

    Refuses IdempotencyKeyReused for another request, IdempotencyKeyInUse while the first one runs.
    """
    async with db.transaction() as session:
        row = await session.get(IdempotencyKey, key_id, with_for_update=True)
        if row is not None and row.created_at <= now - KEPT:
            await session.delete(row)
            await session.flush()
            row = None
        if row is None:
            inserted = await _insert(session, key_id, shop_id, request_digest, now)
            if not inserted:
                raise IdempotencyKeyInUse("Try again in a moment.")
            await prune(session, now)
            return None
        if row.request_digest != request_digest:
            raise IdempotencyKeyReused("Use a new key for a new request.")
        if row.answer_sealed is not None:
            return msgspec.msgpack.decode(vault.unseal(row.answer_sealed), type=Answer)
        if row.lease_until > now:
            raise IdempotencyKeyInUse("Try again in a moment.")
        row.lease_until = now + LEASE
        return None


async def _insert(session: AsyncSession, key_id: str, shop_id: str, digest: str, now: datetime) -> bool:
    values = {
        "id": key_id, "shop_id": shop_id, "request_digest": digest, "lease_until": now + LEASE, "created_at": now,
    }  # fmt: skip
    return await insert_new(session, IdempotencyKey, values)


def _ours(key_id: str, claimed_at: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    """Still the claim that was made at that moment, and not one that took its place when the lease had run out."""
    return (
        col(IdempotencyKey.id) == key_id,
        col(IdempotencyKey.lease_until) == claimed_at + LEASE,
        col(IdempotencyKey.answer_sealed).is_(None),
    )


async def store(session: AsyncSession, vault: Vault, key_id: str, claimed_at: datetime, answer: Answer) -> None:
    """Keep the answer, in the transaction of the effect.

    Refuses IdempotencyKeyInUse, so that the effect is undone, when the request ran longer than its lease and the
    same one came again meanwhile.
    """
    sealed = vault.seal(msgspec.msgpack.encode(answer))
    kept = await session.execute(
        sa.update(IdempotencyKey)
        .where(*_ours(key_id, claimed_at))
        .values(answer_sealed=sealed)
        .returning(col(IdempotencyKey.id))
    )
    if kept.first() is None:
        raise IdempotencyKeyInUse("This request took too long and was sent again; ask for that answer.")


async def release(session: AsyncSession, key_id: str, claimed_at: datetime) -> None:
    """Forget a key whose request had no effect, so that it may be tried again."""
    await session.execute(sa.delete(IdempotencyKey).where(*_ours(key_id, claimed_at)))


async def prune(session: AsyncSession, now: datetime) -> None:
    """Forget some keys older than a day: more than come in, so that the table stays small."""
    old = (
        select(IdempotencyKey.id)
        .where(col(IdempotencyKey.created_at) <= now - KEPT)
        .limit(_PRUNED)
        .with_for_update(skip_locked=True)
    )
    await session.execute(sa.delete(IdempotencyKey).where(col(IdempotencyKey.id).in_(old)))
