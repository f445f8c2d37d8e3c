"""API keys: secret ones with scopes, publishable ones for front ends. Only digests are kept."""

import hashlib
import hmac
import secrets
import zlib
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Literal, get_args

import msgspec
import sqlalchemy as sa
from msgspec import Meta
from sqlmodel import Field, col, select

from core import clock, ids
from core.db import AsyncSession, Json, Table, UtcDateTime, page, table_of
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.shops import Shop
from core.wire import UNSET, In, Line, Out, UnsetType

Scope = Literal[
    "catalog:read", "catalog:write", "media:read", "media:write", "social:read", "social:write",
    "checkout:write", "discounts:read", "discounts:write", "orders:read", "orders:write",
    "shipping:read", "shipping:write", "insights:read", "shop:read", "shop:write", "webhooks:read", "webhooks:write",
]  # fmt: skip
SCOPES: tuple[Scope, ...] = get_args(Scope)
# What a publishable key may do: look at what is on sale, and buy it.
STOREFRONT = ("catalog:read", "media:read", "checkout:write")

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZabcdefghjkmnpqrstvwxyz"
_LOOKUP, _SECRET, _CHECK = 10, 44, 6
_LENGTH = len("vt_sk_") + _LOOKUP + _SECRET + _CHECK


class UnknownScope(Invalid):
    """There is no such scope."""

    slug = "unknown-scope"


class KeyNotFound(NotFound):
    """There is no such key."""

    slug = "key-not-found"


class ScopeNotHeld(Forbidden):
    """A key can give no scope that it lacks itself."""

    slug = "scope-not-held"


class ScopesAreFixed(Invalid):
    """A publishable key has scopes of its own."""

    slug = "scopes-are-fixed"


class KeyInUse(Conflict):
    """A key cannot revoke itself."""

    slug = "key-in-use"


class ApiKey(Table, table=True):
    """One key; `lookup` is the public part by which it is found, `digest` the SHA-256 of the whole token."""

    __tablename__ = "api_key"
    id: str = Field(primary_key=True)
    shop_id: str = Field(foreign_key="shop.id", index=True)
    kind: str
    label: str
    lookup: str = Field(unique=True)
    digest: str
    scopes: list[str] = Field(sa_type=Json)
    created_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    @property
    def publishable(self) -> bool:
        """Whether this key may stand in a web page."""
        return self.kind == "pk"


class KeyCreate(In, kw_only=True):
    """A new key; unless told otherwise a secret one that may do what the asking key may."""

    label: Line = ""
    publishable: bool = False
    scopes: Annotated[list[Scope], Meta(min_length=1, max_length=len(SCOPES))] | UnsetType = UNSET


class KeyOut(Out, kw_only=True, frozen=True):
    """A key without its token, which nobody keeps; `prefix` is how the token begins."""

    id: str
    prefix: str
    publishable: bool
    label: str
    scopes: list[str]
    created_at: datetime
    revoked_at: datetime | None

    @classmethod
    def of(cls, key: "ApiKey") -> "KeyOut":
        """The key as others may see it."""
        return cls(
            id=key.id, prefix=key.lookup, publishable=key.publishable, label=key.label, scopes=key.scopes,
            created_at=key.created_at, revoked_at=key.revoked_at,
        )  # fmt: skip


class KeyMade(KeyOut, kw_only=True, frozen=True):
    """A new key with its token, which is shown this once."""

    token: str

    @classmethod
    def shown(cls, key: "ApiKey", token: str) -> "KeyMade":
        """The key for whoever made it."""
        return cls(**msgspec.structs.asdict(KeyOut.of(key)), token=token)


def _digits(count: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(count))


def checksum(body: str) -> str:
    """The six signs at the end of a token, by which a scanner tells ours from anything that only looks like it."""
    number, text = zlib.crc32(body.encode()), ""
    for _ in range(_CHECK):
        number, digit = divmod(number, len(_ALPHABET))
        text = _ALPHABET[digit] + text
    return text


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


async def create(
    session: AsyncSession, shop: Shop, *, scopes: Iterable[str] = SCOPES, label: str = "", publishable: bool = False
) -> tuple[ApiKey, str]:
    """A new key and its token (`vt_sk_…` or `vt_pk_…`), which is shown this once and never again.

    A publishable key always has the storefront's scopes. Refuses UnknownScope.
    """
    granted = list(STOREFRONT) if publishable else sorted(set(scopes))
    for scope in granted:
        if scope not in SCOPES:
            raise UnknownScope(f"{scope!r} is no scope.", scope=scope, known=list(SCOPES))
    kind = "pk" if publishable else "sk"
    body = f"vt_{kind}_{_digits(_LOOKUP)}{_digits(_SECRET)}"
    token = body + checksum(body)
    key = ApiKey(
        id=ids.new("key"), shop_id=shop.id, kind=kind, label=label, lookup=_lookup(token), digest=_digest(token),
        scopes=granted, created_at=clock.now(),
    )  # fmt: skip
    session.add(key)
    await session.flush()
    return key, token


def _lookup(token: str) -> str:
    return token[: len("vt_sk_") + _LOOKUP]


def well_formed(token: str) -> bool:
    """Whether the text has a key's shape and checksum: what has not was never ours, and costs no query."""
    return (
        len(token) == _LENGTH
        and token.startswith(("vt_sk_", "vt_pk_"))
        and token.isascii()
        and hmac.compare_digest(checksum(token[:-_CHECK]), token[-_CHECK:])
    )


async def find(session: AsyncSession, token: str) -> ApiKey | None:
    """The living key behind a token, or None for a wrong, unknown or revoked one."""
    found = await find_with_shop(session, token)
    return found[0] if found else None


_FOUND = (
    sa.select(table_of(ApiKey), table_of(Shop))
    .join(table_of(Shop), col(Shop.id) == col(ApiKey.shop_id))
    .where(col(ApiKey.lookup) == sa.bindparam("lookup"))
)


async def find_with_shop(session: AsyncSession, token: str) -> tuple[ApiKey, Shop] | None:
    """The living key behind a token and the shop that it opens, or None."""
    if not well_formed(token):
        return None
    found = next(iter(await session.pairs(ApiKey, Shop, _FOUND, {"lookup": _lookup(token)})), None)
    known = found[0].digest if found else _digest("")
    if not hmac.compare_digest(known, _digest(token)) or found is None or found[0].revoked_at is not None:
        return None
    return found


async def issue(session: AsyncSession, shop: Shop, asking: ApiKey, data: KeyCreate) -> tuple[ApiKey, str]:
    """A new key and its token, asked for with another key; refuses ScopesAreFixed and ScopeNotHeld."""
    if data.publishable and data.scopes is not UNSET:
        raise ScopesAreFixed("Leave `scopes` out: a publishable key may look and buy, nothing else.")
    scopes = STOREFRONT if data.publishable else asking.scopes if isinstance(data.scopes, UnsetType) else data.scopes
    if lacking := sorted(set(scopes) - set(asking.scopes)):
        raise ScopeNotHeld(f"The key that asks lacks {', '.join(lacking)}.", scopes=lacking)
    return await create(session, shop, scopes=scopes, label=data.label, publishable=data.publishable)


async def get(session: AsyncSession, shop: Shop, key_id: str) -> ApiKey:
    """One key; refuses KeyNotFound."""
    key = await session.get(ApiKey, key_id)
    if key is None or key.shop_id != shop.id:
        raise KeyNotFound
    return key


async def list_page(
    session: AsyncSession, shop: Shop, limit: int, cursor: str | None
) -> tuple[list[ApiKey], str | None]:
    """One page of the shop's keys, newest first, revoked ones too, and the next page's cursor."""
    return await page(session, select(ApiKey).where(ApiKey.shop_id == shop.id), ApiKey.id, limit, cursor)


async def of_shop(session: AsyncSession, shop: Shop) -> list[ApiKey]:
    """All keys of the shop, newest first."""
    chosen = select(ApiKey).where(ApiKey.shop_id == shop.id).order_by(col(ApiKey.id).desc())
    return list((await session.exec(chosen)).all())


async def revoke(session: AsyncSession, shop: Shop, key_id: str, now: datetime, asking: ApiKey | None = None) -> ApiKey:
    """The key answers 401 from now on; refuses KeyNotFound, and KeyInUse for the key that asks."""
    key = await get(session, shop, key_id)
    if asking is not None and asking.id == key.id:
        raise KeyInUse("Ask with another key: so you cannot lock yourself out.")
    key.revoked_at = key.revoked_at or now
    await session.flush()
    return key
