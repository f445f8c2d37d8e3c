"""Which parameters of an address go on to the next one: what analytics read does, secrets and persons never.

UCP permalink, "Redirect Resolution" and "Privacy" (2026-08-25): other people's parameters are preserved, unless they
are sensitive or would mean something to the destination that they do not mean here.
"""

import re
from collections.abc import Iterable
from urllib.parse import quote

from social.links.wanted import Pairs

_MOST = 40
_LONGEST_NAME = 64
# Click identifiers of the networks are up to 512 characters long (networks.md 8.1).
_LONGEST = 512
_SECRETS = (
    "token", "secret", "password", "passwd", "passphrase", "apikey", "accesskey", "privatekey", "authorization",
    "credential", "session", "signature", "bearer", "jwt", "cookie", "mandate", "cardnumber", "creditcard", "email",
    "phone", "iban",
)  # fmt: skip
_SECRET_NAMES = frozenset(
    ("auth", "pwd", "pass", "key", "sid", "sig", "otp", "pin", "cvv", "cvc", "pan", "tel", "mail", "nonce")
)
# Keys of ours and of Stripe's, JSON Web Tokens, and what an Authorization header holds.
_SECRET_VALUE = re.compile(r"(?:(?:vt_)?[sr]k_|whsec_|ghp_|eyJ[\w-]{5,}\.|bearer |basic )", re.IGNORECASE)
_ADDRESS_OF_A_PERSON = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
# What the landing page reads from its own address.
_OURS = frozenset(("page", "product", "variant", "quantity", "ship_to", "cart", "from", "changed", "pay"))
_PLAIN = "-._~!*'(),:;/?@$"


def passing(pairs: Iterable[tuple[str, str]]) -> Pairs:
    """Those that go on, in their order; at most forty, and none that is longer than any network's."""
    return tuple((name, value) for name, value in pairs if _passes(name, value))[:_MOST]


def sensitive(name: str, value: str) -> bool:
    """Whether a parameter may hold a secret or name a person."""
    plain = re.sub("[^a-z0-9]", "", name.lower())
    if plain in _SECRET_NAMES or any(word in plain for word in _SECRETS):
        return True
    return _SECRET_VALUE.match(value.strip()) is not None or _ADDRESS_OF_A_PERSON.fullmatch(value.strip()) is not None


def written(pairs: Iterable[tuple[str, str]]) -> str:
    """A query string: every sign that could mean anything to anybody is escaped."""
    return "&".join(f"{quote(name, safe=_PLAIN)}={quote(value, safe=_PLAIN)}" for name, value in pairs)


def path(text: str) -> str:
    """A path or a fragment, escaped once: what was decoded once stays what it was."""
    return quote(text, safe=_PLAIN.replace("?", ""))


def _passes(name: str, value: str) -> bool:
    if not name or len(name) > _LONGEST_NAME or len(value) > _LONGEST or name.lower() in _OURS:
        return False
    return name.isprintable() and value.isprintable() and not sensitive(name, value)
