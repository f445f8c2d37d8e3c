"""What a storage back end is. Objects never change: a key stands for the same bytes for ever."""

import hashlib
import re
import secrets
from collections.abc import AsyncIterable, AsyncIterator, Callable
from datetime import datetime
from functools import cache
from typing import Literal, Protocol

import msgspec

from core import registry
from core.settings import Settings, UnknownSetting

MEDIA_TYPES = {
    "font": "application/octet-stream",
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "avif": "image/avif",
}
HIDDEN = "font"  # Files of this kind are drawn with, and handed out to nobody.
_KEY = re.compile(r"[a-z]-[0-9a-f]{64}\.(jpg|png|webp|avif|font)")
_PARCEL = re.compile(r"[0-9a-f]{32}")


class Stored(msgspec.Struct, frozen=True):
    """One object as it lies there. `etag` is a strong validator with its quotes, ready for the header."""

    key: str
    bytes: int
    media_type: str
    etag: str


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody may send straight to the storage: exactly so many bytes of this type, until then.

    `name` comes from `new_parcel`; parcels lie apart from objects, and nobody can read them through us.
    """

    name: str
    shop_id: str
    media_type: str
    bytes: int
    method: Literal["post", "put"]
    expires_at: datetime


class Slip(msgspec.Struct, frozen=True, kw_only=True):
    """How to send a parcel. POST: a multipart form of `fields`, then the bytes as `file`. PUT: the bytes, `headers`."""

    url: str
    method: Literal["POST", "PUT"]
    fields: dict[str, str] = {}
    headers: dict[str, str] = {}


class Door(Protocol):
    """Where this application itself takes parcels in, for a storage that has no server of its own."""

    def admit(self, token: str, now: datetime) -> Parcel:
        """What the signed last part of a Slip's address allows; refuses UploadRefused when forged or over."""

    async def take_in(self, parcel: Parcel, pieces: AsyncIterable[bytes]) -> None:
        """Keep the bytes of a parcel, wholly or not at all; refuses UploadMismatch unless the length is the right one.

        Whatever `pieces` raises passes through, and nothing stays.
        """


class Storage(Protocol):
    """Bytes by key. Keys come from `new_key` alone; any other text refuses ObjectNotFound, whatever it looks like.

    Every method but `url` and `door` refuses StorageUnavailable when the back end does not answer.
    """

    async def put(self, key: str, data: bytes) -> Stored:
        """Keep bytes under a key, wholly or not at all; putting the same key again is no error."""

    async def get(self, key: str) -> bytes:
        """All bytes of an object; refuses ObjectNotFound."""

    def stream(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from `start` up to but not including `end`, in pieces; refuses ObjectNotFound at the first one."""

    async def stat(self, key: str) -> Stored:
        """What is known of an object without reading it; refuses ObjectNotFound."""

    async def exists(self, key: str) -> bool:
        """Whether there is an object under this key."""

    async def delete(self, key: str) -> None:
        """Forget an object; one that is not there is no error."""

    async def aged(self, start: str, before: datetime) -> list[str]:
        """The keys that begin with `start` (a kind, a hyphen, two hexadecimal digits) and were put before that."""

    def url(self, key: str) -> str:
        """The public address of an object: ASCII, stable, without credentials. Networks fetch pictures from it."""

    async def sign(self, parcel: Parcel) -> Slip:
        """An address that takes this one parcel, from whoever knows it, until it expires."""

    async def collect(self, name: str, limit: int) -> bytes:
        """The bytes of a parcel that has arrived, cut after `limit` + 1; refuses ObjectNotFound."""

    async def discard(self, name: str) -> None:
        """Throw a parcel away, or what there is of it; one that is not there is no error."""

    def door(self) -> Door | None:
        """Our own door for parcels, or None where they go to another server."""

    async def close(self) -> None:
        """Give back connections."""


class Backend(msgspec.Struct, frozen=True):
    """One kind of storage, and how to open it with the settings of this installation."""

    slug: str
    open: Callable[[Settings], Storage]


@cache
def backends() -> tuple[Backend, ...]:
    """All kinds of storage there are."""
    from media import storage as package

    return registry.gather(package, "STORAGE", Backend)


def connect(settings: Settings) -> Storage:
    """Open the storage that the settings name; raises UnknownStorage."""
    found = {each.slug: each for each in backends()}
    if settings.storage not in found:
        raise UnknownStorage(f"VITRINE_STORAGE is {settings.storage!r}. Known: {', '.join(found)}.")
    return found[settings.storage].open(settings)


class UnknownStorage(UnknownSetting):
    """The settings name a storage that nobody knows."""


def public_address(settings: Settings) -> str:
    """What stands before `/{key}` in public addresses: the CDN or bucket, or else this application."""
    return settings.media_url or f"{settings.public_url}/media"


def new_key(kind: str, *parts: str, extension: str = "jpg") -> str:
    """A key from what the object is made of; nobody can guess it who does not know all parts.

    `kind` is one letter: `m` for master pictures, `v` for visuals, `f` for fonts. Equal parts give the equal
    key, so that work done twice leaves one object.
    """
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    key = f"{kind}-{digest}.{extension}"
    if not is_key(key):
        raise ValueError(f"{kind!r} or {extension!r} makes no key")
    return key


def is_key(key: str) -> bool:
    """Whether a text has the shape of a key; says nothing about existence."""
    return _KEY.fullmatch(key) is not None


def check_start(start: str) -> None:
    """Refuses ValueError for a text that no key begins with, or too many."""
    if not re.fullmatch("[a-z]-[0-9a-f]{2}", start):
        raise ValueError(f"{start!r} is no beginning of keys")


def new_parcel() -> str:
    """A name for a parcel that nobody can guess."""
    return secrets.token_hex(16)


def is_parcel(name: str) -> bool:
    """Whether a text has the shape of a parcel's name."""
    return _PARCEL.fullmatch(name) is not None


def described(key: str, size: int) -> Stored:
    """What a key and a size tell. The key is the validator, because objects never change."""
    stem, _, extension = key.rpartition(".")
    return Stored(key=key, bytes=size, media_type=MEDIA_TYPES[extension], etag=f'"{stem}"')
