"""The taps that led to an order: kept with it, told, and forgotten with its buyer."""

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa
from sqlmodel import col, select

from checkout.models import Order, OrderTouch
from core.db import AsyncSession, insert
from social.links.touches import Touch, Via


async def keep(session: AsyncSession, order: Order, found: Sequence[Touch]) -> None:
    """Write an order's touches, oldest first, in the transaction that places it; nothing where there are none."""
    rows: list[dict[str, object]] = [
        {
            "shop_id": order.shop_id,
            "order_id": order.id,
            "position": position,
            "click_id": each.click_id,
            "at": each.at,
            "link_id": each.link_id,
            "post_id": each.post_id,
            "network": each.network,
            "placement": each.placement,
            "campaign": each.campaign,
            "via": each.via,
        }
        for position, each in enumerate(found)
    ]
    if rows:
        await insert(session, OrderTouch, *rows)


async def touches(session: AsyncSession, order: Order) -> list[Touch]:
    """The taps that led to an order, oldest first."""
    chosen = select(OrderTouch).where(OrderTouch.order_id == order.id).order_by(col(OrderTouch.position))
    return [
        Touch(
            click_id=row.click_id,
            at=row.at,
            link_id=row.link_id,
            post_id=row.post_id,
            network=row.network,
            placement=row.placement,
            campaign=row.campaign,
            via=msgspec.convert(row.via, Via),
        )
        for row in (await session.exec(chosen)).all()
    ]


async def forget(session: AsyncSession, order: Order) -> None:
    """Forget by which taps the buyer came: ids of clicks go, networks, posts and links stay. The caller flushes."""
    order.click_id = order.click_token = None
    mine = sa.update(OrderTouch).where(col(OrderTouch.order_id) == order.id)
    await session.execute(mine.values(click_id=None))
