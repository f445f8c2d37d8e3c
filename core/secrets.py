"""Sealing what must not lie open in the database, and signing what travels through other hands."""

import base64
import hmac
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

_REMEMBERED = 2048


class Vault:
    """Seals with the first key, opens with any: put a new key first to rotate."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys])
        self._recall = lru_cache(maxsize=_REMEMBERED)(self.unseal)
        self._roots = [base64.urlsafe_b64decode(key) for key in keys]

    def seal(self, plain: bytes) -> bytes:
        """Encrypt and authenticate."""
        return self._fernet.encrypt(plain)

    def unseal(self, sealed: bytes) -> bytes:
        """What `seal` was given. Raises ValueError when no key fits or a byte was changed."""
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken:
            raise ValueError("Sealed with another key, or damaged.") from None

    def recall(self, sealed: bytes) -> bytes:
        """The same for credentials, which are needed again and again: the last ones are remembered in clear."""
        return self._recall(sealed)

    def sign(self, purpose: str, message: bytes, size: int = 12) -> bytes:
        """The first `size` bytes of a signature that is good for this purpose only."""
        return self.signer(purpose)(message)[:size]

    def signer(self, purpose: str) -> "Signer":
        """What `sign` signs with, for who signs all the time."""
        return _signer(self._roots[0], purpose)

    def verify(self, purpose: str, message: bytes, signature: bytes) -> bool:
        """Whether any key made this signature for this purpose."""
        size = len(signature)
        return size >= 12 and any(
            hmac.compare_digest(_signer(root, purpose)(message)[:size], signature) for root in self._roots
        )


class Signer:
    """Signs for one purpose with one key: keyed BLAKE2b (RFC 7693), set up once and copied for each message.

    An HMAC-SHA-256 takes twice as long when it is warm, and at a tap, where nothing is, 2 µs more.
    """

    def __init__(self, root: bytes, purpose: str) -> None:
        key = blake2b(purpose.encode(), key=root, digest_size=32).digest()
        self._fresh = blake2b(key=key, digest_size=32).copy

    def __call__(self, message: bytes) -> bytes:
        """All 32 bytes of the signature."""
        found = self._fresh()
        found.update(message)
        return found.digest()


_signer = lru_cache(maxsize=256)(Signer)
