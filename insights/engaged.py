"""For how long people looked at the pages that taps led to, for the ways into the shop that a report tells."""

from collections.abc import Collection, Mapping, Sequence
from functools import cache

import sqlalchemy as sa

from core.db import AsyncSession
from insights import ways
from insights.ways import Asked, By, Names
from social.links import seconds, spans

Counts = Sequence[int]


async def read(
    session: AsyncSession, asked: Asked, keys: Collection[str | None] | None = None
) -> Mapping[str | None, Counts]:
    """How many stayed for which length (`social.links.seconds`), by all keys of a report or by a hundred of them."""
    values = asked.values if keys is None else {**asked.values, **ways.told(keys)}
    found = await session.rows(_statement(asked.by, asked.given, keys is not None), values)
    return {key: list(map(int, counts)) for key, *counts in found}


@cache
def _statement(by: By, given: Names, some: bool) -> sa.Select[tuple[str | None, int]]:
    if some and by == "post":  # Empty, which stands for no post, is among those that are told.
        return spans.by_post(seconds.COLUMNS, lambda rows: [*ways.of_posts(rows, given), ways.among(rows.c.post_id)])
    links = ways.links(by, given)
    return spans.by_key(spans.STAYS, links.where(ways.among(ways.OF_LINK[by])) if some else links)
