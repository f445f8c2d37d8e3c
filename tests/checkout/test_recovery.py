"""Unpaid orders are taken up again; nobody sets aside what they do not buy; scarce things wait for no bank."""

import asyncio

import pytest

from catalog import prices
from catalog.errors import OutOfStock
from catalog.schemas import PriceIn
from checkout import checkouts, orders, recovery
from checkout.errors import NothingToRecover, TooManyOpenCheckouts
from checkout.models import Checkout, Order
from checkout.placing import Intent
from checkout.schemas import CheckoutItemIn
from core import clock
from core.db import Database
from social.links.origin import Origin, Sign
from tests.checkout.conftest import Till, make_variant, offer

TAPPED = Origin(
    network="instagram", placement="story", campaign="ete", method="utm", confidence="high",
    creator_id="creator_1", variant=2,
    evidence=(Sign("utm", "instagram", "high", "ig"),),
)  # fmt: skip


async def order_of(till: Till, checkout: Checkout) -> Order:
    async with till.db.read() as session:
        return await orders.get(session, till.shop, checkout.order_id)


async def again(till: Till, order: Order) -> Checkout:
    async with till.db.read() as session:
        intent = await recovery.intent(session, order, None)
    return await checkouts.start(till.gateway, till.db, till.settings, till.shop, intent, clock.now())


async def expired(till: Till, variant: str, quantity: int = 2) -> Order:
    checkout = await till.start(CheckoutItemIn(variant_id=variant, quantity=quantity), origin=TAPPED)
    await till.control(f"sessions/{checkout.stripe_session_id}/expire")
    await till.hear()
    return await order_of(till, checkout)


async def test_the_second_try_keeps_the_origin_and_asks_todays_price(till: Till) -> None:
    variant = await make_variant(till.db, till.shop, stock=3, amount=4900)
    first = await expired(till, variant)
    async with till.db.transaction() as session:
        await prices.replace(session, till.shop, variant, [PriceIn(amount=3900, currency="EUR")])
    checkout = await again(till, first)
    second = await order_of(till, checkout)
    assert (second.network, second.placement, second.campaign, second.method) == ("instagram", "story", "ete", "utm")
    assert (second.creator_id, second.variant) == ("creator_1", 2)
    assert (second.amount_total, second.recovers, second.evidence) == (7800, first.id, first.evidence)
    assert (await again(till, first)).id == checkout.id
    await till.pay(checkout)
    assert (await order_of(till, checkout)).status == "paid"
    assert (await offer(till.db, till.shop, variant)).available == 1


async def test_what_is_gone_is_refused_and_what_can_be_paid_needs_no_second_try(till: Till) -> None:
    variant = await make_variant(till.db, till.shop, stock=2)
    first = await expired(till, variant)
    living = await till.start(CheckoutItemIn(variant_id=variant))
    with pytest.raises(OutOfStock):
        await again(till, first)
    with pytest.raises(NothingToRecover):
        await again(till, await order_of(till, living))


async def start(till: Till, variant: str, quantity: int = 1, buyer: str | None = "one") -> Checkout:
    items = [CheckoutItemIn(variant_id=variant, quantity=quantity)]
    intent = Intent(items=items, origin=Origin(), buyer=buyer)
    return await checkouts.start(till.gateway, till.db, till.settings, till.shop, intent, clock.now())


async def test_one_address_sets_aside_half_of_a_variant_in_several_checkouts_at_most(till: Till) -> None:
    variant = await make_variant(till.db, till.shop, stock=6)
    await start(till, variant, 2)
    with pytest.raises(TooManyOpenCheckouts):
        await start(till, variant, 2)
    last = await start(till, variant, 1)
    await start(till, variant, 1, buyer="another")
    await start(till, variant, 1, buyer=None)
    await till.pay(last)
    assert (await order_of(till, last)).buyer is None
    assert (await offer(till.db, till.shop, variant)).available == 1


async def test_one_order_may_be_for_all_there_is(till: Till) -> None:
    variant = await make_variant(till.db, till.shop, stock=3)
    assert (await start(till, variant, 3)).status == "open"


async def test_one_address_has_so_many_open_checkouts_and_no_more(till: Till) -> None:
    till.settings = till.settings.model_copy(update={"open_checkouts_per_address": 2})
    first, *_ = [await start(till, await make_variant(till.db, till.shop)) for _ in range(2)]
    with pytest.raises(TooManyOpenCheckouts):
        await start(till, await make_variant(till.db, till.shop))
    await checkouts.expire(till.gateway, till.db, till.shop, first.id, clock.now())
    assert (await order_of(till, first)).status == "cancelled"
    await start(till, await make_variant(till.db, till.shop))


@pytest.mark.parametrize(
    ("policy", "stock", "instant"),
    [("always", 1, False), ("never", 100, True), ("unless_scarce", 5, True), ("unless_scarce", 6, False)],
)
async def test_methods_that_take_days_are_left_out_as_the_shop_wishes(
    till: Till, policy: str, stock: int, instant: bool
) -> None:
    till.shop.delayed_payments = policy
    checkout = await start(till, await make_variant(till.db, till.shop, stock=stock))
    assert ("sepa_debit" in checkout.parameters.get("excluded_payment_method_types", [])) == instant  # type: ignore[operator]  # A list.
    answer = await till.control(f"sessions/{checkout.stripe_session_id}/pay", card="AT321904300235473204")
    assert (answer.status_code == 200) != instant, answer.text


@pytest.mark.parametrize(("stock", "quantity", "most"), [(20, 2, 5), (1000, 1, 8)])
async def test_what_one_address_asks_for_at_once_is_counted_as_if_it_came_in_turn(
    till: Till, stock: int, quantity: int, most: int
) -> None:
    variant = await make_variant(till.db, till.shop, stock=stock)
    other = Database(till.settings.database_url)  # Another process shares no lock of ours but the database's.
    settings = till.settings.model_copy(update={"open_checkouts_per_address": 8})

    async def ask(number: int) -> Checkout:
        item = CheckoutItemIn(variant_id=variant, quantity=quantity)
        intent = Intent(items=[item], origin=Origin(), buyer="one")
        db = (till.db, other)[number % 2]
        return await checkouts.start(till.gateway, db, settings, till.shop, intent, clock.now())

    try:
        found = await asyncio.gather(*(ask(number) for number in range(16)), return_exceptions=True)
    finally:
        await other.close()
    assert {type(each) for each in found} == {Checkout, TooManyOpenCheckouts}
    assert sum(isinstance(each, Checkout) for each in found) == most
    assert (await offer(till.db, till.shop, variant)).available == stock - most * quantity
