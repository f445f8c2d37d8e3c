"""What Stripe and the card networks suspect of a payment, before any bank has questioned it.

A card network that warns early is right more often than not, and refunding in time spares the shop the dispute
(docs.stripe.com/disputes/measuring); Radar asks the shop to look at a payment (docs.stripe.com/radar/reviews). Nothing
of the order is shipped before a person has looked.
"""

from datetime import datetime

import msgspec

from checkout import reviews, settling
from checkout.models import Order
from checkout.stripe.sessions import Name
from core.db import AsyncSession
from core.shops import Shop


class Warning(msgspec.Struct, frozen=True):  # noqa: A001  # Stripe's name.
    """An early fraud warning about a payment."""

    id: Name
    payment_intent: Name | None = None


class RadarReview(msgspec.Struct, frozen=True, kw_only=True):
    """A review of Radar's; `closed_reason` once somebody has decided at Stripe."""

    id: Name
    payment_intent: Name | None = None
    open: bool = True
    closed_reason: Name | None = None


async def warn(session: AsyncSession, shop: Shop, order: Order, news: Warning, now: datetime) -> None:
    """A card network takes this order's payment for fraud; settles the order. The caller holds its row."""
    await reviews.need(session, order, "fraud-warning", news.id)
    await settling.settle(session, shop, order, now)


async def review(session: AsyncSession, shop: Shop, order: Order, news: RadarReview, now: datetime) -> None:
    """Radar asks somebody to look, or somebody has; settles the order. The caller holds its row.

    Who approves a payment at Stripe has looked at the order; any other end of a review is for a person here to see.
    """
    await reviews.need(session, order, "radar-review", news.id)
    if not news.open and news.closed_reason == "approved":
        await reviews.answer(session, order, "radar-review", news.id, "Approved at Stripe.", now)
    await settling.settle(session, shop, order, now)
