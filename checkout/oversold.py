"""Pieces of a paid order that the shelf did not have, when it was paid or when a refund failed: refunded, or taken once
they are there again."""

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
    if not order.oversold:
        return order
    wanted = await missing(session, order)
    counted = await stock.take(session, shop, wanted, reference=order.id)
    known = await holds.of_order(session, order)
    for hold in known:
        if hold.variant_id in wanted:
            there = hold.quantity - hold.restocked if hold.status == "sold" else 0
            hold.status, hold.counted = "sold", hold.variant_id in counted
            hold.restocked = hold.quantity - there - wanted[hold.variant_id]
            session.add(hold)
    order.oversold = any(each.status == "released" for each in known)
    session.add(order)
    await session.flush()
    return order


async def missing(session: AsyncSession, order: Order) -> dict[str, int]:
    """The pieces by variant that an oversold order is still to get: neither set aside for it nor refunded."""
    if not order.oversold:
        return {}
    back = await _given_back(session, order)
    found = {}
    for hold in await holds.of_order(session, order):
        there = hold.quantity - hold.restocked if hold.status == "sold" else 0
        if (wanted := hold.quantity - back[hold.variant_id] - there) > 0:
            found[hold.variant_id] = wanted
    return found


async def _given_back(session: AsyncSession, order: Order) -> Counter[str]:
    """Pieces by variant that refunds were for."""
    variants = {line.id: line.variant_id for line in (await orders.lines(session, [order]))[order.id]}
    gone: Counter[str] = Counter()
    for refund in await refunds.of_order(session, order):
        if facts.is_going_back(refund.status):
            for line_id, quantity in refund.lines.items():
                gone[variants[line_id]] += quantity
    return gone
