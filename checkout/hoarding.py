"""Who holds stock and does not buy it: how much one address may set aside at the same time.

A buyer is known by a keyed hash of their address, good for one day and forgotten when the order has ended; requests
with a shop's own secret key carry none and are not limited.
"""

from collections.abc import Mapping

import sqlalchemy as sa
from sqlmodel import col, select

from catalog.offers import Offer
from checkout.errors import TooManyOpenCheckouts
from checkout.models import Hold, Order
from core.db import AsyncSession, lock_name
from core.settings import Settings
from core.shops import Shop

_OPEN = ("draft", "awaiting_payment")
_RETRY_AFTER = 60


async def queue(session: AsyncSession, shop: Shop, buyer: str | None) -> None:
    """Place one order of a buyer after the other: before anything is read that `check` counts with."""
    if buyer is not None:
        await lock_name(session, f"hoarding {shop.id} {buyer}")


async def check(
    session: AsyncSession,
    settings: Settings,
    shop: Shop,
    buyer: str | None,
    demand: Mapping[str, int],
    wanted: Mapping[str, Offer],
) -> None:
    """Refuse what one address should not set aside; a single order may be for all there is.

    Refuses TooManyOpenCheckouts for one open checkout more than the setting allows, and for a further checkout that
    would take the address's share of a variant's pieces above the setting's.
    """
    if buyer is None:
        return
    mine = sa.and_(col(Order.shop_id) == shop.id, col(Order.buyer) == buyer, col(Order.status).in_(_OPEN))
    if (await session.exec(select(sa.func.count()).where(mine))).one() >= settings.open_checkouts_per_address:
        raise TooManyOpenCheckouts("Pay or leave one of your other checkouts first.", retry_after=_RETRY_AFTER)
    held = (
        sa.select(col(Hold.variant_id), sa.func.sum(col(Hold.quantity)))
        .join(Order, col(Order.id) == col(Hold.order_id))
        .where(mine, col(Hold.status) == "held", col(Hold.counted).is_(True), col(Hold.variant_id).in_(list(demand)))
        .group_by(col(Hold.variant_id))
    )
    for variant_id, pieces in await session.core(held):
        offer = wanted.get(variant_id)
        if offer is None or not offer.tracked:
            continue
        most = max(1, (offer.available + int(pieces)) * settings.held_percent_per_address // 100)
        if int(pieces) + demand[variant_id] > most:
            raise TooManyOpenCheckouts(
                "Pay or leave one of your other checkouts first.", retry_after=_RETRY_AFTER, variant_id=variant_id
            )
