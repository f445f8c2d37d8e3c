"""Sealing what must not lie open in the database, and signing what travels through other hands."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

_BLOCK = 64
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
        """The first `size` bytes of an HMAC-SHA-256 that is good for this purpose only."""
        return _mac(self._roots[0], purpose, message)[:size]

    def verify(self, purpose: str, message: bytes, signature: bytes) -> bool:
        """Whether any key made this signature for this purpose."""
        size = len(signature)
        return size >= 12 and any(
            hmac.compare_digest(_mac(root, purpose, message)[:size], signature) for root in self._roots
        )


@lru_cache(maxsize=256)
def _keyed(root: bytes, purpose: str) -> "tuple[hashlib._Hash, hashlib._Hash]":
    """Both hashes of the HMAC as far as the key takes them: setting them up costs many times what going on does."""
    key = hashlib.blake2b(purpose.encode(), key=root, digest_size=32).digest().ljust(_BLOCK, b"\0")
    inner, outer = (hashlib.sha256(bytes(each ^ pad for each in key)) for pad in (0x36, 0x5C))
    return inner, outer


def _mac(root: bytes, purpose: str, message: bytes) -> bytes:
    # HMAC-SHA-256 written out (RFC 2104): to copy two hashes takes half as long as to copy an `hmac.HMAC`.
    keyed_inner, keyed_outer = _keyed(root, purpose)
    inner, outer = keyed_inner.copy(), keyed_outer.copy()
    inner.update(message)
    outer.update(inner.digest())
    return outer.digest()
