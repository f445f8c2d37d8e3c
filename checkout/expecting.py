"""What a buyer was shown, beside what they would pay: a price that has changed is told before anything is held."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from checkout.discounts import redemptions
from checkout.discounts.calculation import Line
from checkout.errors import PriceChanged, ShippingChanged
from checkout.models import Order, OrderLine
from core.db import AsyncSession
from core.shops import Shop

_PRICE = "This costs something else than was shown."


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """What was shown, in the minor unit; it decides no price and is compared with one.

    `total` is of the whole order, with the way of shipping that stands first; `goods` is what stands before shipping;
    `piece` is what one piece of the order's only line was said to cost, discounts taken off. `shipping` is the way of
    shipping that stands first.
    """

    total: int | None = None
    goods: int | None = None
    piece: int | None = None
    shipping: int | None = None


class Promise(NamedTuple):
    """What an order has to come to, as far as anything was said; `is_kept` is False where that is clear already."""

    total: int | None = None
    goods: int | None = None
    shipping: int | None = None
    is_kept: bool = True


async def promise(
    session: AsyncSession, shop: Shop, expected: Expected, lines: Sequence[OrderLine], code: str | None, now: datetime
) -> Promise:
    """What these lines have to come to. Before any use of a discount is counted: it was shown to be there."""
    if expected.piece is None:
        return Promise(expected.total, expected.goods, expected.shipping)
    (line,) = lines
    several = Line(
        key=line.variant_id, product_id=line.product_id, unit_amount=line.unit_amount, quantity=line.quantity
    )
    one = msgspec.structs.replace(several, quantity=1)
    prices = [price for price, _ in await redemptions.previews(session, shop, [one, several], code, now)]
    is_kept = prices[0] == expected.piece
    return Promise(goods=prices[1] if is_kept else None, shipping=expected.shipping, is_kept=is_kept)


def check(order: Order, promise: Promise) -> None:
    """Refuses PriceChanged or ShippingChanged where the order comes to anything else than was promised."""
    goods = order.amount_subtotal - order.amount_discount
    if not promise.is_kept or promise.goods not in (None, goods):
        raise PriceChanged(_PRICE, expected_total=promise.goods, total=goods, **_beside(order))
    if promise.total not in (None, order.amount_total):
        raise PriceChanged(_PRICE, expected_total=promise.total, total=order.amount_total, currency=order.currency)
    if promise.shipping not in (None, order.amount_shipping):
        raise ShippingChanged(
            "Shipping costs something else than was shown.",
            expected_shipping=promise.shipping,
            total=goods,
            **_beside(order),
        )


def _beside(order: Order) -> dict[str, str | int]:
    """What goes with the goods' total: whoever says yes to that has heard of shipping too."""
    return {"shipping": order.amount_shipping, "currency": order.currency}
