"""For how long people looked at the pages that taps led to, for the ways into the shop that a report tells."""

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Literal

import sqlalchemy as sa

from core.db import AsyncSession
from insights import ways
from insights.ways import Asked, By, Names
from social.links import spans

Counts = Sequence[int]
Some = Literal["all", "told", "keyless"]


async def read(
    session: AsyncSession, asked: Asked, keys: Collection[str | None] | None = None
) -> Mapping[str | None, Counts]:
    """How many stayed for which length (`social.links.seconds`), by all keys of a report or by a hundred of them."""
    if keys is None:
        return await _read(session, _statement(asked.by, asked.given, "all"), asked.values)
    found = await _read(session, _statement(asked.by, asked.given, "told"), {**asked.values, **ways.told(keys)})
    if None in keys and asked.by == "post":  # What has no link has no taps.
        found |= await _read(session, _statement(asked.by, asked.given, "keyless"), asked.values)
    return found


async def _read(
    session: AsyncSession, statement: sa.Select[tuple[str | None, int]], values: Mapping[str, object]
) -> dict[str | None, Counts]:
    return {key: list(map(int, counts)) for key, *counts in await session.rows(statement, values)}


@cache
def _statement(by: By, given: Names, some: Some) -> sa.Select[tuple[str | None, int]]:
    key, links = ways.OF_LINK[by], ways.links(by, given, few=some != "keyless")
    if some == "told":
        links = links.where(ways.among(key))
    if some == "keyless":
        links = links.where(key.is_(None))
    return spans.by_key(spans.STAYS, links)
