"""What goes back of a line, of its tax and of a currency's smallest coin: at any moment, and it adds up."""

import pytest

from checkout import orders, refunds, settling
from checkout.errors import PaymentProviderUnavailable
from checkout.models import Checkout, OrderLine, Refund
from checkout.schemas import RefundCreate, RefundLineIn
from core import clock, shops
from core.shops import ShopChange
from tests.checkout.conftest import Till
from tests.checkout.shipping.making import make_rate, make_vase, order_of, send_to


async def set_up(till: Till, **change: object) -> None:
    """Let Stripe add its tax (20 % in France) on top of the shop's prices, and send for six euros."""
    async with till.db.transaction() as session:
        wanted = ShopChange(**{"stripe_tax": True, "prices_include_tax": False, **change})  # type: ignore[arg-type]  # Named like the fields.
        till.shop = await shops.change(session, till.shop, wanted, None)
    await make_rate(till.db, till.shop, "Colissimo", ["FR"], 600)


async def bought(till: Till, *amounts: int, quantity: int = 1) -> Checkout:
    """A basket that was paid this very moment: so many pieces of each of these prices."""
    vases = [await make_vase(till.db, till.shop, amount=amount) for amount in amounts]
    checkout = await send_to(till, "FR", *[(vase, quantity) for vase in vases])
    await till.pay(checkout)
    return checkout


async def lines_of(till: Till, checkout: Checkout) -> list[OrderLine]:
    """The lines of the checkout's order."""
    order = await order_of(till, checkout)
    async with till.db.read() as session:
        return (await orders.lines(session, [order]))[order.id]


async def refunds_of(till: Till, checkout: Checkout) -> list[Refund]:
    """The refunds of the checkout's order, the oldest first."""
    order = await order_of(till, checkout)
    async with till.db.read() as session:
        return await refunds.of_order(session, order)


async def refund(till: Till, checkout: Checkout, wish: RefundCreate, key: str) -> Refund:
    """Give money back, and let Stripe tell of it."""
    made = await refunds.create(till.gateway, till.db, till.shop, checkout.order_id, wish, key, clock.now())
    await till.hear()
    return made


def piece(line: OrderLine, quantity: int = 1) -> RefundCreate:
    """A wish to give back what these pieces cost."""
    return RefundCreate(lines=[RefundLineIn(line_id=line.id, quantity=quantity)])


async def test_pieces_go_back_with_the_tax_on_top_of_them_from_the_first_second(till: Till) -> None:
    await set_up(till)
    checkout = await bought(till, 1999, quantity=2)
    (line,) = await lines_of(till, checkout)
    first = await refund(till, checkout, piece(line), "first")
    await till.work()
    second = await refund(till, checkout, piece(line), "second")
    assert (first.amount + second.amount, first.amount_tax + second.amount_tax) == (4798, 800)
    rest = await refund(till, checkout, RefundCreate(), "rest")
    assert (rest.amount, (await order_of(till, checkout)).status) == (720, "refunded")


async def test_while_nobody_can_say_what_a_line_cost_nothing_of_it_is_given_back(till: Till) -> None:
    await set_up(till)
    checkout = await bought(till, 1500, quantity=2)
    (line,) = await lines_of(till, checkout)
    lines_away = {"status": 503, "times": 100, "path": "/v1/checkout/sessions", "method": "GET",
                  "headers": {"stripe-should-retry": "false"}}  # fmt: skip
    await till.person.post("/_local/faults", json=lines_away)
    with pytest.raises(PaymentProviderUnavailable):
        await refund(till, checkout, piece(line), "piece")
    await till.work()
    assert await refunds_of(till, checkout) == []
    assert (await refund(till, checkout, RefundCreate(amount=100), "an amount")).amount == 100
    await till.person.delete("/_local/faults")
    assert (await refund(till, checkout, piece(line), "piece")).amount == 1800
    await till.work(later=refunds.FIRST_LOOK)
    (line,) = await lines_of(till, checkout)
    assert (line.cost, line.amount_tax) == (3600, 600)


@pytest.mark.parametrize("away", [False, True])
async def test_what_is_missing_goes_back_with_its_tax_once_that_is_known(till: Till, away: bool) -> None:
    await set_up(till, oversold_policy="refund")
    scarce, plenty = (
        await make_vase(till.db, till.shop, amount=1500),
        await make_vase(till.db, till.shop, amount=700),
    )
    late = await send_to(till, "FR", (scarce, 10), (plenty, 1))
    async with till.db.transaction() as session:
        order = await orders.lock(session, till.shop.id, late.order_id)
        assert order is not None
        order.given_up = True
        await settling.settle(session, till.shop, order, clock.now())
    await send_to(till, "FR", (scarce, 1))
    await till.pay(late)
    if away:
        lines_away = {"status": 503, "times": 2, "path": "/v1/checkout/sessions", "method": "GET",
                      "headers": {"stripe-should-retry": "false"}}  # fmt: skip
        await till.person.post("/_local/faults", json=lines_away)
        await till.work()
        assert await refunds_of(till, late) == []
    await till.work(later=refunds.FIRST_LOOK)
    await till.work(later=2 * refunds.FIRST_LOOK)
    (made,) = await refunds_of(till, late)
    assert (made.amount, made.amount_tax, made.status) == (18000, 3000, "succeeded")
