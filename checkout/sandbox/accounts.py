"""Who asks: the account behind a test key. A live key is refused without being looked at twice."""

import base64
import binascii
import hashlib
from collections.abc import Mapping

from checkout.sandbox.errors import StripeError
from checkout.sandbox.settings import SandboxSettings

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
    connected = headers.get("stripe-account")
    if connected:
        raise StripeError(
            f"The provided key '{key[:8]}***' does not have access to account '{connected}' (or that account does not "
            "exist). Application access may have been revoked.",
            status=403,
            code="account_invalid",
            stored=False,
        )
    return f"acct_{hashlib.sha256(key.encode()).hexdigest()[:16]}"


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
