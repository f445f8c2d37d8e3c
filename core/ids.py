"""Prefixed, time-ordered public identifiers (TypeID: a prefix and a UUIDv7 in base32)."""

import re

from typeid import TypeID

PATTERN = "^[a-z]{2,8}_[0-7][0-9a-hjkmnp-tv-z]{25}$"
_SHAPE = re.compile(PATTERN)


def new(prefix: str) -> str:
    """A fresh id such as `prod_01k…`, sortable by the time of its making.

    Legal as `[A-Za-z0-9_-]{1,50}`, so that networks' feeds take it (Meta, Google and Pinterest catalog rules).
    """
    return str(TypeID(prefix=prefix))


def is_id(value: str, prefix: str) -> bool:
    """Whether the text has the shape of an id with this prefix; says nothing about existence."""
    return value.startswith(f"{prefix}_") and _SHAPE.fullmatch(value) is not None
