"""A checkout that was not paid may be taken up again: the same things, origin and code, at today's price and stock."""

import msgspec

from checkout import attribution, contacts, orders
from checkout.discounts import redemptions
from checkout.errors import NothingToRecover
from checkout.models import Order
from checkout.placing import Intent
from checkout.schemas import CheckoutItemIn
from core.db import AsyncSession
from social.links.origin import Confidence, Method, Origin, Sign

# What the shop has cancelled is not the buyer's to open again.
RECOVERABLE = frozenset(("expired", "payment_failed"))


async def intent(session: AsyncSession, order: Order, buyer: str | None) -> Intent:
    """What the buyer wanted then, to be started now; however often it is asked for, one living checkout.

    `buyer` is who asks (`hoarding`). The origin is the first one's: who brought the buyer has brought this order too.
    Refuses NothingToRecover for an order that is paid or can still be, or that the shop has cancelled.
    """
    if order.status not in RECOVERABLE:
        raise NothingToRecover("This order needs no second try.", status=order.status)
    lines = (await orders.lines(session, [order]))[order.id]
    shipping = (await contacts.shipping_of(session, [order])).get(order.id)
    origin = Origin(
        network=order.network,
        post_id=order.post_id,
        link_id=order.link_id,
        placement=order.placement,
        campaign=order.campaign,
        creator_id=order.creator_id,
        variant=order.variant,
        click_id=order.click_id,
        click_token=order.click_token,
        method=msgspec.convert(order.method, Method),
        confidence=msgspec.convert(order.confidence, Confidence),
        evidence=msgspec.convert(order.evidence, tuple[Sign, ...]),
        touches=tuple(await attribution.touches(session, order)),
    )
    return Intent(
        items=[CheckoutItemIn(variant_id=line.variant_id, quantity=line.quantity) for line in lines],
        origin=origin,
        utm=order.utm,
        page=f"again {order.id}",
        discount=await redemptions.claim_again(session, order),
        buyer=buyer,
        recovers=order.id,
        ship_to=shipping.country if shipping else None,
    )
