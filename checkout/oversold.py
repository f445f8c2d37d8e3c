"""Pieces of a paid order that the shelf did not have: refunded, or taken once they are there again."""

from collections import Counter

from catalog import stock
from checkout import facts, holds, orders, refunds
from checkout.errors import OrderNotFound
from checkout.models import Order
from core.db import AsyncSession
from core.shops import Shop


async def take(session: AsyncSession, shop: Shop, order_id: str) -> Order:
    """Take what is missing off the shelf now, all of it or nothing, so that it can be packed; what was refunded stays.

    Where nothing is missing, nothing is taken. Refuses OrderNotFound, OutOfStock.
    """
    order = await orders.lock(session, shop.id, order_id)
    if order is None:
        raise OrderNotFound
    missing = [each for each in await holds.of_order(session, order) if each.status == "released"]
    if not order.oversold:
        return order
    back = await _given_back(session, order)
    demand = {each.variant_id: each.quantity - back[each.variant_id] for each in missing}
    demand = {variant: quantity for variant, quantity in demand.items() if quantity > 0}
    counted = await stock.take(session, shop, demand, reference=order.id)
    for hold in missing:
        if hold.variant_id in demand:
            hold.status, hold.counted = "sold", hold.variant_id in counted
            hold.restocked = back[hold.variant_id]
            session.add(hold)
    order.oversold = len(demand) < len(missing)
    session.add(order)
    await session.flush()
    return order


async def _given_back(session: AsyncSession, order: Order) -> Counter[str]:
    """Pieces by variant that refunds were for."""
    variants = {line.id: line.variant_id for line in (await orders.lines(session, [order]))[order.id]}
    gone: Counter[str] = Counter()
    for refund in await refunds.of_order(session, order):
        if facts.is_going_back(refund.status):
            for line_id, quantity in refund.lines.items():
                gone[variants[line_id]] += quantity
    return gone
