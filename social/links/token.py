"""The click token: 51 characters that say which link was tapped and when, signed, with no look-up needed.

    milliseconds (6) | random (10) | link number (8) | variant (1) | version (1) | signature (12)

The first 16 bytes are the click's primary key, ordered by time. The token works while the click itself is still
on its way to the database, and holds nothing about a person.
"""

import binascii
import os
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import b2a_base64
from datetime import UTC, datetime, timedelta

import msgspec

from core.secrets import Vault

PURPOSE = "sc-click-v1"
LENGTH = 51
WINDOW = timedelta(days=30)
# A click may come from another machine whose clock is ahead of ours.
SKEW = timedelta(minutes=5)
_VERSION = 1
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_AT_A_TIME = 4096
_TAIL = struct.Struct(">QBB")
_SIGNED = 16 + _TAIL.size
_SIGNATURE = 12
_tail = _TAIL.pack
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _Random:
    """Random bytes, fetched many at a time: to ask the system at every tap costs as much as all the rest of a token."""

    def __init__(self) -> None:
        self._bytes = b""
        self._taken = 0
        os.register_at_fork(after_in_child=self.forget)

    def take(self, size: int) -> bytes:
        """Bytes that nobody else in this thread gets."""
        start = self._taken
        end = self._taken = start + size
        if end > len(self._bytes):
            self._bytes = os.urandom(_AT_A_TIME)
            start, end = 0, size
            self._taken = size
        return self._bytes[start:end]

    def forget(self) -> None:
        """Start anew: a child of this process would give out the same."""
        self._bytes = b""


_take = _Random().take


class Click(msgspec.Struct, frozen=True):
    """What a genuine token says. `variant` is the arm of an experiment, 0 without one."""

    click_id: bytes
    at: datetime
    link_number: int
    variant: int


def milliseconds(at: datetime) -> int:
    """Since 1970 in UTC, rounded down."""
    return (at - _EPOCH) // timedelta(milliseconds=1)


class Mint:
    """Makes tokens for the hot path, all that is the same for each of them made ready."""

    def __init__(self, vault: Vault) -> None:
        self._sign = vault.signer(PURPOSE)

    def __call__(self, link_number: int, at_ms: int, variant: int = 0) -> tuple[bytes, bytes]:
        """A fresh click id and its token; `at_ms` as `milliseconds` counts."""
        click_id = at_ms.to_bytes(6) + _take(10)
        signed = click_id + _tail(link_number, variant, _VERSION)
        text = b2a_base64(signed + self._sign(signed)[:_SIGNATURE], newline=False)
        return click_id, text[:LENGTH].translate(_URL_SAFE)


def mint(vault: Vault, link_number: int, at_ms: int, variant: int = 0) -> tuple[bytes, bytes]:
    """One of them."""
    return Mint(vault)(link_number, at_ms, variant)


def chance() -> int:
    """A number that nobody can foresee, for who is drawn: 0 to 2^64 - 1."""
    return int.from_bytes(_take(8))


def issue(vault: Vault, link_number: int, at: datetime, variant: int = 0) -> str:
    """A fresh token for a tap on this link."""
    return mint(vault, link_number, milliseconds(at), variant)[1].decode()


def read(vault: Vault, text: str, now: datetime, window: timedelta = WINDOW) -> Click | None:
    """What the token says; None where it is malformed, forged, of another purpose, too old or from the future.

    Exactly one spelling of a token is taken: base64 leaves two bits of the last character open.
    """
    if len(text) != LENGTH or not text.isascii():
        return None
    try:
        raw = urlsafe_b64decode(text + "=")
    except binascii.Error:
        return None
    signed, signature = raw[:_SIGNED], raw[_SIGNED:]
    if urlsafe_b64encode(raw)[:LENGTH] != text.encode() or not vault.verify(PURPOSE, signed, signature):
        return None
    link_number, variant, version = _TAIL.unpack_from(signed, 16)
    at = _EPOCH + timedelta(milliseconds=int.from_bytes(signed[:6]))
    if version != _VERSION or not now - window <= at <= now + SKEW:
        return None
    return Click(signed[:16], at, link_number, variant)
