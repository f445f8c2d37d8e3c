"""How much of the storage the pictures of one shop may fill."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col, select

from core.db import AsyncSession
from core.shops import Shop
from media.errors import StorageQuotaReached
from media.models import Asset, ShopFont, Upload, Visual


async def check(session: AsyncSession, shop: Shop, most: int, more: int, now: datetime) -> None:
    """Refuses StorageQuotaReached where `more` bytes would make it more than `most`; a `most` of 0 is any number.

    Requests that run at the same time are not added up: they may exceed it by what they bring.
    """
    if not most:
        return
    used = await taken(session, shop, now)
    if used + more > most:
        raise StorageQuotaReached(
            f"{used} of {most} bytes are taken, {more} are asked for.", limit_bytes=most, used_bytes=used, bytes=more
        )


async def taken(session: AsyncSession, shop: Shop, now: datetime) -> int:
    """The bytes of all that is kept, fonts and archived pictures too, and of what was announced and may still come."""
    coming = sa.and_(col(Upload.asset_id).is_(None), col(Upload.expires_at) > now)
    sums = (
        select(sa.func.coalesce(sa.func.sum(col(Asset.bytes)), 0)).where(Asset.shop_id == shop.id),
        select(sa.func.coalesce(sa.func.sum(col(Visual.bytes)), 0)).where(Visual.shop_id == shop.id),
        select(sa.func.coalesce(sa.func.sum(col(ShopFont.bytes)), 0)).where(ShopFont.shop_id == shop.id),
        select(sa.func.coalesce(sa.func.sum(col(Upload.bytes)), 0)).where(Upload.shop_id == shop.id, coming),
    )
    row = (await session.execute(select(*(each.scalar_subquery() for each in sums)))).one()
    return sum(int(each) for each in row)
