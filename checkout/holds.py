"""Stock set aside for orders: placed with the order, then sold or released, each exactly once."""

from collections.abc import Mapping

import msgspec
import sqlalchemy as sa
from sqlmodel import col, select

from catalog import stock
from catalog.errors import OutOfStock
from checkout.models import Hold, Order
from core import clock, ids
from core.db import AsyncSession, insert, table_of
from core.shops import Shop

_OF_ORDER = (
    select(Hold)
    .where(Hold.order_id == sa.bindparam("order"))
    .order_by(col(Hold.variant_id))
    .execution_options(populate_existing=True)
)
# Every hold of an order, those that are held sold now.
_SELL = (
    sa.update(table_of(Hold))
    .where(col(Hold.order_id) == sa.bindparam("order"))
    .values(status=sa.case((col(Hold.status) == "held", "sold"), else_=col(Hold.status)))
    .returning(col(Hold.status))
)


async def place(session: AsyncSession, shop: Shop, order: Order, demand: Mapping[str, int]) -> None:
    """Take `demand` (pieces by variant id) off the shelf for this order; refuses OutOfStock, taking nothing."""
    counted = await stock.take(session, shop, demand, reference=order.id)
    rows = [
        {
            "id": ids.new("hold"), "shop_id": shop.id, "order_id": order.id, "variant_id": variant_id,
            "quantity": quantity, "counted": variant_id in counted, "created_at": clock.now(),
        }
        for variant_id, quantity in sorted(demand.items())
    ]  # fmt: skip
    await insert(session, Hold, *rows)


async def of_order(session: AsyncSession, order: Order) -> list[Hold]:
    """The order's holds, in the order in which rows are locked everywhere."""
    return list((await session.exec(_OF_ORDER, params={"order": order.id})).all())


async def release(session: AsyncSession, shop: Shop, order: Order) -> None:
    """Put what is still held back on the shelf. The caller holds the order's row, so that it happens once."""
    held = [hold for hold in await of_order(session, order) if hold.status == "held"]
    if not held:
        return
    taken = {hold.variant_id: hold.quantity for hold in held if hold.counted}
    await stock.give_back(session, shop, taken, reference=order.id)
    for hold in held:
        hold.status = "released"
        session.add(hold)
    await session.flush()


class Sale(msgspec.Struct, frozen=True):
    """How selling went: variants that were given back in the meantime and taken again, and those that are missing."""

    retaken: frozenset[str]
    missing: frozenset[str]


async def sell(session: AsyncSession, shop: Shop, order: Order) -> Sale:
    """The order is paid: what is held is sold. What was released in the meantime is taken again.

    What the shelf no longer has is missing: the order is oversold, and somebody must decide.
    """
    retaken, missing = set(), set()
    marked = await session.rows(_SELL, {"order": order.id})
    if all(status == "sold" for (status,) in marked):
        return Sale(frozenset(), frozenset())
    for hold in await of_order(session, order):
        if hold.status != "released":
            continue
        try:
            async with session.begin_nested():
                demand = {hold.variant_id: hold.quantity}
                hold.counted = bool(await stock.take(session, shop, demand, reference=order.id))
        except OutOfStock:
            missing.add(hold.variant_id)
            continue
        retaken.add(hold.variant_id)
        hold.status = "sold"
        session.add(hold)
    await session.flush()
    return Sale(frozenset(retaken), frozenset(missing))


async def missing(session: AsyncSession, order: Order) -> frozenset[str]:
    """The variants that a paid order did not get."""
    return frozenset(hold.variant_id for hold in await of_order(session, order) if hold.status == "released")


async def restock(session: AsyncSession, shop: Shop, order: Order, demand: Mapping[str, int]) -> None:
    """Pieces of a paid order (how many by variant id) are on the shelf again; never more than were sold.

    The caller holds the order's row.
    """
    back: dict[str, int] = {}
    for hold in await of_order(session, order):
        quantity = min(demand.get(hold.variant_id, 0), hold.quantity - hold.restocked)
        if hold.status == "sold" and quantity > 0:
            hold.restocked += quantity
            session.add(hold)
            if hold.counted:
                back[hold.variant_id] = quantity
    await stock.give_back(session, shop, back, reference=order.id)
    await session.flush()


async def take_again(session: AsyncSession, shop: Shop, order: Order, demand: Mapping[str, int]) -> frozenset[str]:
    """Pieces that came back to the shelf (how many by variant id) are the order's again; the variants that are gone.

    The caller holds the order's row. What is not counted any more stays on the shelf: nobody runs out of it.
    """
    gone = set()
    for hold in await of_order(session, order):
        quantity = min(demand.get(hold.variant_id, 0), hold.restocked)
        if hold.status != "sold" or quantity <= 0:
            continue
        taken = frozenset((hold.variant_id,))
        if hold.counted:
            try:
                async with session.begin_nested():
                    taken = await stock.take(session, shop, {hold.variant_id: quantity}, reference=order.id)
            except OutOfStock:
                gone.add(hold.variant_id)
                continue
        if taken:
            hold.restocked -= quantity
            session.add(hold)
    await session.flush()
    return frozenset(gone)
