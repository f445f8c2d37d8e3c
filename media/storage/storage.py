"""What a storage back end is. Objects never change: a key stands for the same bytes for ever."""

import hashlib
import re
from collections.abc import AsyncIterator, Callable
from functools import cache
from typing import Protocol

import msgspec

from core import registry
from core.settings import Settings

MEDIA_TYPES = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}
_KEY = re.compile(r"[a-z]-[0-9a-f]{64}\.(jpg|png|webp)")


class Stored(msgspec.Struct, frozen=True):
    """One object as it lies there. `etag` is a strong validator with its quotes, ready for the header."""

    key: str
    bytes: int
    media_type: str
    etag: str


class Storage(Protocol):
    """Bytes by key. Keys come from `new_key` alone; any other text refuses ObjectNotFound, whatever it looks like.

    Every method refuses StorageUnavailable when the back end does not answer.
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

    def url(self, key: str) -> str:
        """The public address of an object: ASCII, stable, without credentials. Networks fetch pictures from it."""

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


def connect(settings: Settings, slug: str = "local") -> Storage:
    """Open the storage of this name; KeyError names the ones there are."""
    found = {each.slug: each for each in backends()}
    return found[slug].open(settings)


def new_key(kind: str, *parts: str, extension: str = "jpg") -> str:
    """A key from what the object is made of; nobody can guess it who does not know all parts.

    `kind` is one letter: `m` for master pictures, `v` for visuals. Equal parts give the equal key, so that work done
    twice leaves one object.
    """
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    key = f"{kind}-{digest}.{extension}"
    if not is_key(key):
        raise ValueError(f"{kind!r} or {extension!r} makes no key")
    return key


def is_key(key: str) -> bool:
    """Whether a text has the shape of a key; says nothing about existence."""
    return _KEY.fullmatch(key) is not None


def described(key: str, size: int) -> Stored:
    """What a key and a size tell. The key is the validator, because objects never change."""
    stem, _, extension = key.rpartition(".")
    return Stored(key=key, bytes=size, media_type=MEDIA_TYPES[extension], etag=f'"{stem}"')
