"""How often what taps need of a shop's links was changed: one number to ask for instead of all links in memory."""

from collections.abc import Collection

from sqlmodel import col, select

from core.db import AsyncSession, insert_rows
from social.links.models import LinkRevision


async def rise(session: AsyncSession, shop_id: str) -> None:
    """Say that links of this shop are others when this transaction ends; to be called last, since it locks a row."""
    await session.flush()
    await insert_rows(session, LinkRevision, [(shop_id, 1)], adding_up=True)


async def of(session: AsyncSession, shop_ids: Collection[str]) -> dict[str, int]:
    """The revisions of these shops; none where nothing was ever changed."""
    chosen = select(LinkRevision.shop_id, LinkRevision.number)
    return dict((await session.exec(chosen.where(col(LinkRevision.shop_id).in_(shop_ids)))).all())
