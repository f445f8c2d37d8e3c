"""What goes back of a line, of its tax and of a currency's smallest coin: at any moment, and it adds up."""

from typing import cast

import msgspec
import pytest
from sqlmodel import select
from stripe.params.checkout import SessionCreateParams

from checkout import orders, refunds, settling
from checkout.discounts import discounts
from checkout.discounts.schemas import DiscountCreate
from checkout.errors import PaymentProviderUnavailable
from checkout.models import Checkout, OrderLine, Refund
from checkout.schemas import RefundCreate, RefundLineIn
from core import clock, shops
from core.events import EventRecord
from core.jobs import Job
from core.money import BadAmount
from core.shops import ShopChange
from tests.checkout.conftest import Till, make_endpoint, said
from tests.checkout.shipping.making import make_rate, make_vase, order_of, send_to


async def set_up(till: Till, **change: object) -> None:
    """Let Stripe add its tax (20 % in France) on top of the shop's prices, and send for six euros."""
    async with till.db.transaction() as session:
        wanted = ShopChange(**{"stripe_tax": True, "prices_include_tax": False, **change})  # type: ignore[arg-type]  # Named like the fields.
        till.shop = await shops.change(session, till.shop, wanted, None)
    await make_rate(till.db, till.shop, "Colissimo", ["FR"], 600)


async def trade_in(till: Till, currency: str) -> None:
    """Let the shop sell in this currency."""
    async with till.db.transaction() as session:
        till.shop.currency = currency
        await session.merge(till.shop)


async def take_off(till: Till, amount: int) -> None:
    """Give everybody so much off."""
    terms = {"kind": "fixed", "amount": amount}
    async with till.db.transaction() as session:
        wanted = msgspec.convert({"title": "Lune", "terms": terms}, DiscountCreate)
        await discounts.create(session, till.shop, wanted)


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
    await lines_away(till, 100)
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


async def test_whoever_listens_hears_what_was_charged_for_each_line_once_that_is_read(till: Till) -> None:
    await set_up(till)
    endpoint = await make_endpoint(till.db, till.shop)
    checkout = await bought(till, 1500, quantity=2)
    await till.work()
    await refund(till, checkout, RefundCreate(amount=100), "some")
    told = {name: data["order"]["lines"] for name, data in await said(till.db, endpoint)}
    shares = {name: [(each["amount_charged"], each["amount_tax"]) for each in lines] for name, lines in told.items()}
    assert shares == {
        "order.placed": [(None, None)],
        "order.paid": [(None, None)],
        "order.refunded": [(3600, 600)],
    }


async def paid_from(till: Till, session_id: str | None, country: str) -> None:
    """Pay this session in this country, and let Stripe tell of it and be asked what there is to ask."""
    answer = await till.control(f"sessions/{session_id}/pay", country=country)
    assert answer.status_code == 200, answer.text
    await till.hear()
    await till.work()


async def test_lines_cost_what_the_orders_own_payment_took_where_another_was_heard_of_first(till: Till) -> None:
    await set_up(till)
    checkout = await send_to(till, None, (await make_vase(till.db, till.shop, requires_shipping=False), 1))
    client = till.gateway.client(till.shop)
    again = await client.v1.checkout.sessions.create_async(cast(SessionCreateParams, checkout.parameters))
    await paid_from(till, again.id, "FR")
    (line,) = await lines_of(till, checkout)
    assert ((await order_of(till, checkout)).amount_paid, line.cost, line.amount_tax) == (5880, 5880, 980)
    await paid_from(till, checkout.stripe_session_id, "US")
    (line,) = await lines_of(till, checkout)
    assert ((await order_of(till, checkout)).amount_paid, line.cost, line.amount_tax) == (4900, 4900, 0)
    assert (await refund(till, checkout, piece(line), "piece")).amount == 4900


async def paid_late(till: Till, *, sent: bool = True) -> Checkout:
    """Ten vases for 15 € that are not there any more when they are paid, and, where something is sent, one for 7 €."""
    scarce, plenty = (
        await make_vase(till.db, till.shop, amount=1500),
        await make_vase(till.db, till.shop, amount=700),
    )
    late = await send_to(till, "FR", (scarce, 10), *[(plenty, 1)] * sent)
    async with till.db.transaction() as session:
        order = await orders.lock(session, till.shop.id, late.order_id)
        assert order is not None
        order.given_up = True
        await settling.settle(session, till.shop, order, clock.now())
    await send_to(till, "FR", (scarce, 1))
    await till.pay(late)
    return late


async def lines_away(till: Till, times: int) -> None:
    """Stripe does not say what lines cost."""
    fault = {"status": 503, "times": times, "path": "/v1/checkout/sessions", "method": "GET"}
    await till.person.post("/_local/faults", json={**fault, "headers": {"stripe-should-retry": "false"}})


@pytest.mark.parametrize("away", [False, True])
async def test_what_is_missing_goes_back_with_its_tax_once_that_is_known(till: Till, away: bool) -> None:
    await set_up(till, oversold_policy="refund")
    late = await paid_late(till)
    if away:
        await lines_away(till, 2)
        await till.work()
        assert await refunds_of(till, late) == []
    await till.work(later=refunds.FIRST_LOOK)
    await till.work(later=2 * refunds.FIRST_LOOK)
    (made,) = await refunds_of(till, late)
    assert (made.amount, made.amount_tax, made.status) == (18000, 3000, "succeeded")


@pytest.mark.parametrize(("quantity", "sent", "back"), [(3, True, 12600), (10, True, 0), (3, False, 13320)])
async def test_of_what_is_missing_goes_back_what_a_person_has_not_given_back_already(
    till: Till, quantity: int, sent: bool, back: int
) -> None:
    await set_up(till, oversold_policy="refund")
    late = await paid_late(till, sent=sent)
    line = (await lines_of(till, late))[0]
    await refund(till, late, piece(line, quantity), "by hand")
    await till.work()
    _, *made = await refunds_of(till, late)
    assert [each.amount for each in made] == [back] * bool(back)
    order = await order_of(till, late)
    assert (order.status, sum(each.amount_tax for each in await refunds_of(till, late)) == order.amount_tax) == (
        ("partially_refunded", False) if sent else ("refunded", True)
    )
    async with till.db.read() as session:
        assert [each for each in (await session.exec(select(Job.last_error))).all() if each] == []


@pytest.mark.parametrize(
    ("currency", "price", "pieces"),
    [("ISK", 100_000, [99_900, 99_900, 100_000]), ("KWD", 12_340, [12_330, 12_330, 12_340])],
)
async def test_pieces_go_back_in_the_currencys_smallest_coin(
    till: Till, currency: str, price: int, pieces: list[int]
) -> None:
    await trade_in(till, currency)
    await take_off(till, 3 * price - sum(pieces))
    checkout = await bought(till, price, quantity=3)
    (line,) = await lines_of(till, checkout)
    back = [(await refund(till, checkout, piece(line), f"piece {number}")).amount for number in range(3)]
    assert back == pieces
    assert (await order_of(till, checkout)).status == "refunded"


@pytest.mark.parametrize(("currency", "amount"), [("ISK", 55), ("UGX", 150), ("KWD", 1235)])
async def test_an_amount_that_the_currency_does_not_have_is_refused_before_stripe_is_asked(
    till: Till, currency: str, amount: int
) -> None:
    await trade_in(till, currency)
    checkout = await bought(till, 100_000)
    with pytest.raises(BadAmount):
        await refund(till, checkout, RefundCreate(amount=amount), "odd")
    assert await refunds_of(till, checkout) == []
    async with till.db.read() as session:
        assert "order.refund_failed" not in (await session.exec(select(EventRecord.kind))).all()


@pytest.mark.parametrize("included", [True, False])
async def test_the_taxes_of_all_refunds_are_the_orders_tax(till: Till, included: bool) -> None:
    await set_up(till, prices_include_tax=included)
    await take_off(till, 777)
    checkout = await bought(till, 1999, 333, quantity=3)
    for number, line in enumerate(await lines_of(till, checkout)):
        await refund(till, checkout, RefundCreate(amount=701), f"some {number}")
        await refund(till, checkout, piece(line, 2), f"pieces {number}")
    (session,) = (await till.person.get("/_local/sessions")).json()["data"]
    await till.control("refunds", session=session["id"], amount=99)
    await till.hear()
    await refund(till, checkout, RefundCreate(), "rest")
    order, made = await order_of(till, checkout), await refunds_of(till, checkout)
    assert (order.status, len(made)) == ("refunded", 6)
    assert all(0 <= each.amount_tax <= each.amount for each in made)
    assert sum(each.amount for each in made) == order.amount_paid
    assert sum(each.amount_tax for each in made) == order.amount_tax > 0


async def test_sevenths_of_a_payment_hold_the_whole_tax(till: Till) -> None:
    await set_up(till, prices_include_tax=True)
    checkout = await bought(till, 1999)
    order = await order_of(till, checkout)
    for number in range(6):
        await refund(till, checkout, RefundCreate(amount=order.amount_paid // 7), f"{number}")
    await refund(till, checkout, RefundCreate(), "rest")
    assert sum(each.amount_tax for each in await refunds_of(till, checkout)) == order.amount_tax
