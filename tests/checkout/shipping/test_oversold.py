"""What an oversold order did not get is not packed: it is refunded, or taken once it is there."""

import pytest

from catalog import stock
from catalog.errors import OutOfStock
from checkout import fulfilments, orders, oversold, refunds, settling
from checkout.errors import OrderNotFound
from checkout.models import Checkout, Order
from checkout.schemas import CheckoutItemIn, RefundCreate, RefundLineIn
from checkout.shipping.errors import NothingToShip
from checkout.shipping.schemas import FulfilmentCreate, FulfilmentsOut
from core import clock, ids, shops
from tests.checkout.conftest import Till, make_variant, offer
from tests.checkout.shipping.making import lines_of, order_of


async def sold_out(till: Till, quantity: int = 1) -> tuple[Checkout, str]:
    """An order that was paid when its first line was gone; and that line's variant."""
    scarce, plenty = (await make_variant(till.db, till.shop, stock=quantity), await make_variant(till.db, till.shop))
    wanted = CheckoutItemIn(variant_id=scarce, quantity=quantity)
    late = await till.start(wanted, CheckoutItemIn(variant_id=plenty))
    async with till.db.transaction() as session:
        order = await orders.lock(session, till.shop.id, late.order_id)
        assert order is not None
        order.given_up = True
        await settling.settle(session, till.shop, order, clock.now())
    await till.pay(await till.start(wanted))
    await till.pay(late)
    return late, scarce


async def pack(till: Till, checkout: Checkout) -> dict[str, int]:
    """A parcel of all that can be packed: its pieces by line."""
    async with till.db.transaction() as session:
        made = await fulfilments.create(session, till.shop, checkout.order_id, FulfilmentCreate(), clock.now())
        return {each.line_id: each.quantity for each in (await fulfilments.out(session, made)).lines}


async def parcels(till: Till, checkout: Checkout) -> FulfilmentsOut:
    async with till.db.read() as session:
        return await fulfilments.of_order(session, till.shop, checkout.order_id)


async def arrive(till: Till, variant: str, quantity: int) -> None:
    async with till.db.transaction() as session:
        await stock.give_back(session, till.shop, {variant: quantity})


async def take(till: Till, checkout: Checkout) -> Order:
    async with till.db.transaction() as session:
        return await oversold.take(session, till.shop, checkout.order_id)


async def refund(till: Till, checkout: Checkout, line: str, quantity: int) -> None:
    data = RefundCreate(lines=[RefundLineIn(line_id=line, quantity=quantity)], restock=True)
    await refunds.create(till.gateway, till.db, till.shop, checkout.order_id, data, ids.new("refd"), clock.now())


async def test_what_is_missing_is_not_packed_before_it_is_there_and_taken(till: Till) -> None:
    checkout, scarce = await sold_out(till)
    missing, there = await lines_of(till, checkout)
    assert await pack(till, checkout) == {there: 1}
    assert (await parcels(till, checkout)).status == "unfulfilled"
    with pytest.raises(NothingToShip):
        await pack(till, checkout)
    with pytest.raises(OutOfStock):
        await take(till, checkout)
    await arrive(till, scarce, 3)
    with pytest.raises(NothingToShip):
        await pack(till, checkout)
    for _ in range(2):
        assert (await take(till, checkout)).oversold is False
        assert (await offer(till.db, till.shop, scarce)).available == 2
    assert await pack(till, checkout) == {missing: 1}
    assert (await parcels(till, checkout)).status == "packed"


async def test_what_was_refunded_of_it_is_neither_taken_nor_packed(till: Till) -> None:
    checkout, scarce = await sold_out(till, 3)
    missing, there = await lines_of(till, checkout)
    await refund(till, checkout, missing, 2)
    await arrive(till, scarce, 1)
    await take(till, checkout)
    assert (await offer(till.db, till.shop, scarce)).available == 0
    assert await pack(till, checkout) == {missing: 1, there: 1}
    await refund(till, checkout, missing, 1)
    assert (await offer(till.db, till.shop, scarce)).available == 1


async def test_what_was_refunded_whole_stays_missing_and_the_rest_goes_out(till: Till) -> None:
    checkout, scarce = await sold_out(till)
    missing, there = await lines_of(till, checkout)
    await refund(till, checkout, missing, 1)
    await arrive(till, scarce, 1)
    assert (await take(till, checkout)).oversold is True
    assert (await offer(till.db, till.shop, scarce)).available == 1
    assert await pack(till, checkout) == {there: 1}
    assert (await parcels(till, checkout)).status == "packed"


async def test_another_shops_order_gets_nothing(till: Till) -> None:
    checkout, scarce = await sold_out(till)
    await arrive(till, scarce, 1)
    async with till.db.transaction() as session:
        elsewhere = await shops.create(session, "Elsewhere", "EUR")
        with pytest.raises(OrderNotFound):
            await oversold.take(session, elsewhere, checkout.order_id)
    assert (await order_of(till, checkout)).oversold is True


async def test_what_a_failed_refund_left_without_stock_is_missing_too(till: Till) -> None:
    variant = await make_variant(till.db, till.shop, stock=3)
    checkout = await till.start(CheckoutItemIn(variant_id=variant, quantity=3))
    await till.pay(checkout, card="4000000000005126")
    (line,) = await lines_of(till, checkout)
    await refund(till, checkout, line, 2)
    await till.pay(await till.start(CheckoutItemIn(variant_id=variant)))
    await till.control("clock", advance=3 * 24 * 3600)
    await till.hear()
    assert (await order_of(till, checkout)).oversold is True
    assert await pack(till, checkout) == {line: 1}
    with pytest.raises(OutOfStock):
        await take(till, checkout)
    await arrive(till, variant, 1)
    assert (await take(till, checkout)).oversold is False
    assert (await offer(till.db, till.shop, variant)).available == 0
    assert await pack(till, checkout) == {line: 2}
