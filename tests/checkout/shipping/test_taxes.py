"""Stripe Tax: asked for by a setting, inside of prices or on top, and every line keeps what it was charged."""

import pytest

from checkout import orders
from checkout.models import Checkout, OrderLine
from core import jobs, shops
from core.shops import ShopChange
from tests.checkout.conftest import Till
from tests.checkout.shipping.making import make_rate, make_vase, order_of, send_to


async def set_tax(till: Till, *, included: bool) -> None:
    """Let Stripe compute the tax."""
    async with till.db.transaction() as session:
        change = ShopChange(stripe_tax=True, prices_include_tax=included)
        till.shop = await shops.change(session, till.shop, change, None)


async def lines(till: Till, checkout: Checkout) -> list[OrderLine]:
    """The lines of the checkout's order."""
    order = await order_of(till, checkout)
    async with till.db.read() as session:
        return (await orders.lines(session, [order]))[order.id]


async def bought(till: Till, *, included: bool) -> Checkout:
    """A paid basket of two vases and a course in France, with its lines read again."""
    await set_tax(till, included=included)
    await make_rate(till.db, till.shop, "Colissimo", ["FR"], 600)
    vase = await make_vase(till.db, till.shop, amount=6000)
    course = await make_vase(till.db, till.shop, amount=1200, requires_shipping=False)
    checkout = await send_to(till, "FR", (vase, 2), (course, 1))
    await till.pay(checkout)
    while await jobs.run_due(till.resources, till.resources.now()):
        pass
    return checkout


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_without_the_setting_stripe_is_told_nothing_of_tax(till: Till) -> None:
    await make_rate(till.db, till.shop, "Colissimo", ["FR"], 600)
    checkout = await send_to(till, "FR", (await make_vase(till.db, till.shop), 1))
    assert "tax" not in repr(checkout.parameters)


async def test_tax_on_top_raises_the_total_and_each_line(till: Till) -> None:
    checkout = await bought(till, included=False)
    assert checkout.parameters["automatic_tax"] == {"enabled": True}
    order = await order_of(till, checkout)
    assert (order.status, order.reviews) == ("paid", [])
    assert (order.amount_subtotal, order.amount_shipping, order.amount_tax) == (13200, 600, 2760)
    assert order.amount_total == order.amount_paid == 16560
    assert [(line.amount_tax, line.amount_total) for line in await lines(till, checkout)] == [
        (2400, 14400),
        (240, 1440),
    ]


async def test_tax_inside_of_prices_leaves_the_total_and_tells_each_lines_share(till: Till) -> None:
    checkout = await bought(till, included=True)
    order = await order_of(till, checkout)
    assert (order.status, order.reviews) == ("paid", [])
    assert (order.amount_total, order.amount_paid, order.amount_tax) == (13800, 13800, 2300)
    assert [(line.amount_tax, line.amount_total) for line in await lines(till, checkout)] == [
        (2000, 12000),
        (200, 1200),
    ]
