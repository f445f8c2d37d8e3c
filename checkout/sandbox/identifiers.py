"""Ids that look like Stripe's, so that nobody comes to rely on another length or alphabet."""

import secrets
import string

ALPHABET = string.ascii_letters + string.digits
LENGTHS = {"cs_test": 58, "req": 14, "whsec": 32}


def new(prefix: str) -> str:
    """A fresh random id, as `new("pi")` -> `pi_3Qk…`."""
    return f"{prefix}_{''.join(secrets.choice(ALPHABET) for _ in range(LENGTHS.get(prefix, 24)))}"
