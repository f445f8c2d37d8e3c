"""What a buyer was shown, beside what they would pay: a price that has changed is told before anything is held."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from checkout.discounts import redemptions
from checkout.discounts.calculation import Line
from checkout.errors import PriceChanged
from checkout.models import Order, OrderLine
from core.db import AsyncSession
from core.shops import Shop


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """What was shown, in the minor unit; it decides no price and is compared with one.

    `total` is of the whole order, with the way of shipping that stands first; `goods` is what stands before shipping;
    `piece` is what one piece of the order's only line was said to cost, discounts taken off.
    """

    total: int | None = None
    goods: int | None = None
    piece: int | None = None


class Promise(NamedTuple):
    """What an order has to come to, as far as anything was said; `is_kept` is False where that is clear already."""

    total: int | None = None
    goods: int | None = None
    is_kept: bool = True


async def promise(
    session: AsyncSession, shop: Shop, expected: Expected, lines: Sequence[OrderLine], code: str | None, now: datetime
) -> Promise:
    """What these lines have to come to. Before any use of a discount is counted: it was shown to be there."""
    if expected.piece is None:
        return Promise(expected.total, expected.goods)
    (line,) = lines
    several = Line(
        key=line.variant_id, product_id=line.product_id, unit_amount=line.unit_amount, quantity=line.quantity
    )
    one = msgspec.structs.replace(several, quantity=1)
    prices = await redemptions.previews(session, shop, [one, several], code, now)
    return Promise(goods=prices[1] if prices[0] == expected.piece else None, is_kept=prices[0] == expected.piece)


def check(order: Order, promise: Promise) -> None:
    """Refuses PriceChanged where the order comes to anything else than was promised."""
    goods = order.amount_subtotal - order.amount_discount
    if not promise.is_kept or promise.goods not in (None, goods):
        raise _changed(order, promise.goods, goods)
    if promise.total not in (None, order.amount_total):
        raise _changed(order, promise.total, order.amount_total)


def _changed(order: Order, before: int | None, now: int) -> PriceChanged:
    return PriceChanged(
        "This costs something else than was shown.", expected_total=before, total=now, currency=order.currency
    )
