"""Orders with all that the shop may know of them: lines, buyer, delivery and how far they have come."""

from collections.abc import Sequence

from checkout import contacts, fulfilments, orders
from checkout.discounts import redemptions
from checkout.models import Order
from checkout.schemas import OrderOut
from core.db import AsyncSession
from core.secrets import Vault
from core.settings import Settings


async def of_orders(session: AsyncSession, vault: Vault, settings: Settings, of: Sequence[Order]) -> list[OrderOut]:
    """These orders as they go out, in their order, in a handful of statements however many they are.

    They name people: for keys that may read orders, and for nobody else.
    """
    lines = await orders.lines(session, of)
    discounts = await redemptions.of_orders(session, of)
    known = await contacts.of_orders(session, vault, of)
    shipping = await contacts.shipping_of(session, of)
    parcels = await fulfilments.of_orders(session, of)
    return [
        OrderOut.of(
            order,
            lines[order.id],
            settings,
            discounts=discounts[order.id],
            contact=known.get(order.id),
            shipping=shipping.get(order.id),
            fulfilment=parcels[order.id].status,
        )
        for order in of
    ]
