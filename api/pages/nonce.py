"""The page nonce: which page was shown, when and for which link, signed, so that a second tap means the same thing."""

import binascii
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta

from core.secrets import Vault

_PURPOSE = "go-page-v1"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SKEW = timedelta(minutes=5)
_BODY, _MAC = 4 + 16, 16
LENGTH = (_BODY + _MAC) * 8 // 6
# An in-app browser may keep a page open in the background for a day.
WINDOW = timedelta(hours=24)


def issue(vault: Vault, slug: str, now: datetime) -> str:
    """A nonce of 48 characters for a page of this link that is shown now."""
    body = ((now - _EPOCH) // timedelta(seconds=1)).to_bytes(4) + os.urandom(16)
    return urlsafe_b64encode(body + vault.sign(_PURPOSE, _message(slug, body), _MAC)).decode()


def read(vault: Vault, slug: str, text: str, now: datetime) -> str | None:
    """The page that a nonce names; None where it is forged, another link's, or older than a day."""
    if len(text) != LENGTH or not text.isascii():
        return None
    try:
        raw = urlsafe_b64decode(text)
    except binascii.Error:
        return None
    if len(raw) != _BODY + _MAC or urlsafe_b64encode(raw).decode() != text:
        return None
    body, mac = raw[:_BODY], raw[_BODY:]
    if not vault.verify(_PURPOSE, _message(slug, body), mac):
        return None
    at = _EPOCH + timedelta(seconds=int.from_bytes(body[:4]))
    return text if now - WINDOW <= at <= now + _SKEW else None


def _message(slug: str, body: bytes) -> bytes:
    return body + slug.encode()
