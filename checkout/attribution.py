"""The taps that led to an order: kept with it, told, and forgotten with its buyer."""

from collections.abc import Mapping, Sequence

import msgspec
import sqlalchemy as sa
from sqlmodel import col, select

from checkout.models import Checkout, Order, OrderTouch
from core.db import AsyncSession, insert, table_of
from social.links.touches import Touch, Via

_FORGET = sa.update(table_of(OrderTouch)).where(col(OrderTouch.order_id) == sa.bindparam("order")).values(click_id=None)


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
    """Forget by which taps the buyer came; networks, posts and links stay. The caller holds the order's row.

    The request that Stripe got holds the token too; where Stripe has not answered yet, it may have to be sent again.
    """
    order.click_id = order.click_token = None
    await session.core(_FORGET, {"order": order.id})
    checkout = await session.get(Checkout, order.checkout_id)
    if checkout is not None and checkout.status != "creating":
        checkout.parameters = _without_token(checkout.parameters)
    await session.flush()


def _without_token(parameters: Mapping[str, object]) -> dict[str, object]:
    """Parameters of a session, whose metadata stands in two places."""
    return {
        name: _without_token(value) if isinstance(value, dict) else value
        for name, value in parameters.items()
        if name != "sl"
    }
