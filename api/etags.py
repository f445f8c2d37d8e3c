"""Versions over HTTP: what a client read, and what it means to change."""

import re
from typing import TypeVar

from litestar import Response

from core.errors import PreconditionRequired

# The digest is what `api/conditional.py` adds to the version on reads.
_TAG = re.compile(r'"?(?P<version>[0-9]{1,9})(?:-[0-9a-f]{24})?"?')

T = TypeVar("T")


def tagged(out: T, version: int) -> Response[T]:
    """An answer with the strong entity tag of the row's version."""
    return Response(out, headers={"ETag": f'"{version}"'})


def wanted(if_match: str | None) -> int | None:
    """The version that an If-Match header names; None for `*`, which means whichever there is.

    Refuses PreconditionRequired where the header is missing. A tag that was never ours, a weak one included, is
    version 0, which no row has.
    """
    if if_match is None:
        raise PreconditionRequired("Send the ETag that you read as If-Match.", header="If-Match")
    tag = if_match.strip()
    if tag == "*":
        return None
    found = _TAG.fullmatch(tag)
    return int(found["version"]) if found else 0


def matches(named: bytes | None, etag: bytes, *, strongly: bool = False) -> bool:
    """Whether a header names what the client would get; False where it is missing.

    If-None-Match compares weakly, If-Match strongly (RFC 9110, 13.1). Our tags hold no comma.
    """
    tags = [each.strip() for each in (named or b"").split(b",")]
    if not strongly:
        tags, etag = [each.removeprefix(b"W/") for each in tags], etag.removeprefix(b"W/")
    return b"*" in tags or etag in tags
