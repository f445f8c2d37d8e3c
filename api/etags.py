"""Versions over HTTP: what a client read, and what it means to change."""

from core.errors import BadRequest, PreconditionRequired


def etag(version: int) -> str:
    """The strong entity tag of a row's version."""
    return f'"{version}"'


def expected(if_match: str | None) -> int | None:
    """The version that an If-Match header names; None for `*`, which means whichever there is.

    Refuses PreconditionRequired where the header is missing; a tag that was never ours is version 0, which
    no row has.
    """
    if if_match is None:
        raise PreconditionRequired("Send the ETag that you read as If-Match.", header="If-Match")
    tag = if_match.strip()
    if tag == "*":
        return None
    if len(tag) > 200:
        raise BadRequest("This If-Match is too long.", header="If-Match")
    number = tag.removeprefix("W/").strip('"')
    return int(number) if number.isascii() and number.isdigit() and len(number) < 10 and not tag.startswith("W/") else 0
