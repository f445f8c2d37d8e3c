"""Stripe Tax: asked for by a setting, inside of prices or on top, and every line keeps what it was charged."""

import pytest

from checkout import orders
from checkout.models import Checkout
from checkout.schemas import OrderLineOut
from core import shops
from core.shops import ShopChange
from tests.checkout.conftest import Till
from tests.checkout.shipping.making import make_rate, make_vase, order_of, send_to


async def set_tax(till: Till, *, included: bool) -> None:
    """Let Stripe compute the tax."""
    async with till.db.transaction() as session:
        change = ShopChange(stripe_tax=True, prices_include_tax=included)
        till.shop = await shops.change(session, till.shop, change, None)


async def shown(till: Till, checkout: Checkout) -> list[tuple[int, int | None, int | None]]:
    """What the lines of the checkout's order were to cost, what was charged for them, and the tax in that."""
    order = await order_of(till, checkout)
    async with till.db.read() as session:
        lines = (await orders.lines(session, [order]))[order.id]
    found = [OrderLineOut.of(line, order) for line in lines]
    return [
        (
            each.total.amount,
            each.charged.amount if each.charged else None,
            each.tax.amount if each.tax else None,
        )
        for each in found
    ]


async def bought(till: Till, *, included: bool) -> Checkout:
    """A paid basket of two vases and a course in France, with its lines read again."""
    await set_tax(till, included=included)
    await make_rate(till.db, till.shop, "Colissimo", ["FR"], 600)
    vase = await make_vase(till.db, till.shop, amount=6000)
    course = await make_vase(till.db, till.shop, amount=1200, requires_shipping=False)
    checkout = await send_to(till, "FR", (vase, 2), (course, 1))
    await till.pay(checkout)
    await till.work()
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
    assert await shown(till, checkout) == [(12000, 14400, 2400), (1200, 1440, 240)]


async def test_tax_inside_of_prices_leaves_the_total_and_tells_each_lines_share(till: Till) -> None:
    checkout = await bought(till, included=True)
    order = await order_of(till, checkout)
    assert (order.status, order.reviews) == ("paid", [])
    assert (order.amount_total, order.amount_paid, order.amount_tax) == (13800, 13800, 2300)
    assert await shown(till, checkout) == [(12000, 12000, 2000), (1200, 1200, 200)]


async def test_what_a_line_was_to_cost_stays_beside_what_was_charged_for_it_once_that_is_known(till: Till) -> None:
    await set_tax(till, included=False)
    await make_rate(till.db, till.shop, "Colissimo", ["FR"], 600)
    checkout = await send_to(till, "FR", (await make_vase(till.db, till.shop, amount=6000), 2))
    assert await shown(till, checkout) == [(12000, None, None)]
    await till.pay(checkout)
    assert await shown(till, checkout) == [(12000, None, None)], "Stripe has not been asked yet"
    await till.work()
    assert await shown(till, checkout) == [(12000, 14400, 2400)]


async def test_without_tax_a_line_was_charged_as_it_was_ordered_and_stripe_is_not_asked(till: Till) -> None:
    checkout = await send_to(till, None, (await make_vase(till.db, till.shop, amount=6000), 2))
    await till.pay(checkout)
    assert await shown(till, checkout) == [(12000, 12000, 0)]
