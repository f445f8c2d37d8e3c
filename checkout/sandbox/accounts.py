"""Who asks: the account behind a test key. A live key is refused without being looked at twice."""

import base64
import binascii
import hashlib
import re
import sqlite3
from collections.abc import Mapping

from checkout.sandbox.errors import StripeError
from checkout.sandbox.settings import SandboxSettings

CONNECTED = re.compile(r"acct_[A-Za-z0-9]{1,64}\Z")
NO_KEY = (
    "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth "
    "(e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for details, or we "
    "can help at https://support.stripe.com/."
)


def of(headers: Mapping[str, str], settings: SandboxSettings) -> str:
    """The account of a request, from `Authorization: Bearer` or `Basic`; every key has an account of its own."""
    key = _key(headers.get("authorization", ""))
    if not key:
        raise _unauthorized(NO_KEY)
    if "_live_" in key:
        raise _unauthorized(
            "The local Stripe-compatible server refuses live keys. Use a key that starts with sk_test_."
        )
    if key.startswith("pk_"):
        raise _unauthorized(
            "This API call cannot be made with a publishable API key. Please use a secret API key. You can find a list "
            "of your API keys at https://dashboard.stripe.com/account/apikeys.",
            "secret_key_required",
        )
    if not key.startswith(settings.key_prefixes) or (settings.keys and key not in settings.keys):
        raise _unauthorized(f"Invalid API Key provided: {key[:8]}{'*' * 12}{key[-4:] if len(key) > 24 else ''}")
    return f"acct_{hashlib.sha256(key.encode()).hexdigest()[:16]}"


def permit(headers: Mapping[str, str], method: str) -> None:
    """A restricted key that has `readonly` in it may only read."""
    key = _key(headers.get("authorization", ""))
    if key.startswith("rk_") and "readonly" in key and method != "GET":
        raise StripeError(
            f"The provided key '{key[:8]}***' does not have the required permissions for this endpoint. Having more "
            "permissions would allow this request to continue.",
            status=403,
            code="more_permissions_required",
            stored=False,
        )


def connected(headers: Mapping[str, str]) -> str | None:
    """The account that a platform acts for, named in `Stripe-Account`; any well-formed one is taken."""
    name = headers.get("stripe-account")
    if name is not None and CONNECTED.match(name) is None:
        raise StripeError(
            f"The provided key does not have access to account '{name[:80]}' (or that account does not exist). "
            "Application access may have been revoked.",
            status=403,
            code="account_invalid",
            stored=False,
        )
    return name


def connect(db: sqlite3.Connection, account: str, platform: str, now: int) -> None:
    """Remember who acts for whom: the platform's Connect endpoints hear of it."""
    db.execute(
        "INSERT OR IGNORE INTO object (id, kind, account, created, body) VALUES (?, 'connection', ?, ?, '{}')",
        (account, platform, now),
    )


def platform_of(db: sqlite3.Connection, account: str) -> str | None:
    """The platform that acts for an account, if it is a connected one."""
    row = db.execute("SELECT account FROM object WHERE kind = 'connection' AND id = ?", (account,)).fetchone()
    return str(row["account"]) if row else None


def _key(header: str) -> str:
    scheme, _, rest = header.partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(rest.strip(), validate=True).decode("ascii").partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return ""


def _unauthorized(message: str, code: str | None = None) -> StripeError:
    return StripeError(message, status=401, code=code, stored=False)
