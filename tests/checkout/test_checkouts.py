"""From intent to paid order: once, at the catalog's price, with stock that is never sold twice."""

import asyncio
import random
from datetime import timedelta

import pytest
from sqlmodel import select

from catalog import stock
from catalog.errors import OutOfStock
from catalog.schemas import StockChange
from checkout import checkouts, orders, return_address, settling
from checkout.errors import (
    BadReturnAddress,
    BadSignature,
    CheckoutClosed,
    NotForSale,
    PaymentProviderRefused,
    PaymentProviderUnavailable,
    TotalTooSmall,
)
from checkout.models import Checkout, Order, StripeEvent
from checkout.placing import Intent
from checkout.schemas import CheckoutItemIn
from checkout.stripe import events
from core import clock, jobs
from core.db import Database
from core.idempotency import IdempotencyKeyReused
from social.links.origin import Origin
from tests.checkout.conftest import Till, make_variant, offer

FROM_INSTAGRAM = Origin(network="instagram", placement="feed", method="token", confidence="explicit")


async def order_of(till: Till, checkout: Checkout) -> Order:
    async with till.db.read() as session:
        return await orders.get(session, till.shop, checkout.order_id)


async def all_orders(till: Till) -> list[Order]:
    async with till.db.read() as session:
        return list((await session.exec(select(Order))).all())


async def test_a_paid_checkout_becomes_a_paid_order_that_knows_its_network(till: Till) -> None:
    variant = await make_variant(till.db, till.shop, stock=3, amount=4900)
    checkout = await till.start(CheckoutItemIn(variant_id=variant, quantity=2), origin=FROM_INSTAGRAM)
    assert checkout.url is not None
    assert (await offer(till.db, till.shop, variant)).available == 1
    await till.pay(checkout)
    order = await order_of(till, checkout)
    assert (order.status, order.amount_paid, order.network, order.method) == ("paid", 9800, "instagram", "token")
    assert (order.reviews, order.oversold) == ([], False)
    assert (await offer(till.db, till.shop, variant)).available == 1


async def test_stripe_is_told_the_order_and_its_origin_twice(till: Till) -> None:
    variant = await make_variant(till.db, till.shop)
    checkout = await till.start(CheckoutItemIn(variant_id=variant), origin=FROM_INSTAGRAM)
    (session,) = (await till.person.get("/_local/sessions")).json()["data"]
    assert session["client_reference_id"] == checkout.order_id
    assert session["metadata"]["order"] == checkout.order_id
    assert session["metadata"]["network"] == "instagram"
    (request,) = [r for r in (await till.person.get("/_local/requests")).json()["data"] if r["method"] == "POST"]
    assert request["idempotency_key"] == f"{checkout.order_id}:create:1"
    assert request["params"]["payment_intent_data"]["metadata"] == session["metadata"]


async def test_the_same_key_and_basket_is_the_same_checkout(till: Till) -> None:
    variant = await make_variant(till.db, till.shop, stock=5)
    first = await till.start(CheckoutItemIn(variant_id=variant), key="k")
    again = await till.start(CheckoutItemIn(variant_id=variant), key="k")
    assert (again.id, again.url) == (first.id, first.url)
    assert (await offer(till.db, till.shop, variant)).available == 4
    with pytest.raises(IdempotencyKeyReused):
        await till.start(CheckoutItemIn(variant_id=variant, quantity=2), key="k")


async def test_tapping_buy_twice_at_once_makes_one_checkout(till: Till) -> None:
    variant = await make_variant(till.db, till.shop, stock=5)
    taps = [till.start(CheckoutItemIn(variant_id=variant), page="shown-once") for _ in range(4)]
    found = await asyncio.gather(*taps)
    assert len({checkout.url for checkout in found}) == 1
    assert len(await all_orders(till)) == 1
    assert (await offer(till.db, till.shop, variant)).available == 4


async def test_another_choice_on_the_same_page_ends_the_checkout_before_it(till: Till) -> None:
    small, large = await make_variant(till.db, till.shop, stock=1), await make_variant(till.db, till.shop, stock=1)
    first = await till.start(CheckoutItemIn(variant_id=small), page="p")
    second = await till.start(CheckoutItemIn(variant_id=large), page="p")
    assert second.id != first.id
    assert (await order_of(till, first)).status == "cancelled"
    assert [(await offer(till.db, till.shop, each)).available for each in (small, large)] == [1, 0]


async def test_a_page_has_one_open_session_whatever_is_tapped_at_once(till: Till) -> None:
    variant = await make_variant(till.db, till.shop, stock=30)
    other = Database(till.settings.database_url)  # Another process has its own connections, and no lock of ours.

    async def tap(number: int) -> Checkout:
        item = CheckoutItemIn(variant_id=variant, quantity=number // 2 % 4 + 1)
        intent = Intent(items=[item], origin=Origin(), page="shown-once")
        db = (till.db, other)[number % 2]
        return await checkouts.start(till.gateway, db, till.settings, till.shop, intent, clock.now())

    try:
        found = await asyncio.gather(*(tap(number) for number in range(8)))
    finally:
        await other.close()
    sessions = (await till.person.get("/_local/sessions")).json()["data"]
    living = [each for each in sessions if each["status"] == "open"]
    assert len(living) == 1
    held = [order for order in await all_orders(till) if order.status == "awaiting_payment"]
    assert [order.id for order in held] == [living[0]["client_reference_id"]]
    assert held[0].id in {checkout.order_id for checkout in found}
    assert (await offer(till.db, till.shop, variant)).available == 30 - held[0].amount_total // 4900


async def test_what_stripe_does_not_end_is_the_only_one_a_page_has(till: Till) -> None:
    variant = await make_variant(till.db, till.shop, stock=5)
    first = await till.start(CheckoutItemIn(variant_id=variant), page="p")
    for method in ("POST", "GET"):
        await till.control("faults", method=method, status=404)
    with pytest.raises(PaymentProviderRefused):
        await till.start(CheckoutItemIn(variant_id=variant, quantity=2), page="p")
    assert [(order.status, order.id) for order in await all_orders(till)] == [("awaiting_payment", first.order_id)]
    second = await till.start(CheckoutItemIn(variant_id=variant, quantity=2), page="p")
    assert (second.status, (await offer(till.db, till.shop, variant)).available) == ("open", 3)


async def test_a_hundred_buyers_at_once_buy_the_seven_pieces_there_are(till: Till) -> None:
    variant = await make_variant(till.db, till.shop, stock=7)
    tries = [till.start(CheckoutItemIn(variant_id=variant)) for _ in range(100)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    sold = [result for result in results if isinstance(result, Checkout)]
    assert len(sold) == 7
    assert [result for result in results if not isinstance(result, Checkout | OutOfStock)] == []
    assert (await offer(till.db, till.shop, variant)).available == 0
    for checkout in sold:
        await till.pay(checkout)
    bought = await all_orders(till)
    assert [(order.status, order.oversold) for order in bought] == [("paid", False)] * 7
    assert sorted(order.number or 0 for order in bought) == list(range(1, 8))
    assert (await offer(till.db, till.shop, variant)).available == 0


async def test_twenty_orders_are_paid_once_each_when_every_webhook_comes_three_times_in_any_order(till: Till) -> None:
    variants = [await make_variant(till.db, till.shop, stock=20, amount=1000 + n) for n in range(4)]
    networks = ["instagram", "pinterest"]
    await till.control("webhooks", hold=True)
    opened = []
    for n in range(20):
        origin = Origin(network=networks[n % 2], method="token", confidence="explicit")
        opened.append(await till.start(CheckoutItemIn(variant_id=variants[n % 4]), origin=origin))
        await till.pay(opened[-1])
    assert {order.status for order in await all_orders(till)} == {"awaiting_payment"}
    await till.control("webhooks", release=True, copies=3, seed=20)
    await till.hear()
    # Our own shuffle on top: every word about a session comes once more, in another order.
    late = [each for each in till.deliveries if b'"checkout.session.completed"' in each[0]]
    assert len(late) == 60
    random.Random(7).shuffle(late)
    for body, signature in late:
        assert await events.receive(till.db, till.vault, body, signature, clock.now()) == "duplicate"
    paid = await all_orders(till)
    assert [order.status for order in paid] == ["paid"] * 20
    assert sorted(order.network for order in paid) == ["instagram"] * 10 + ["pinterest"] * 10
    assert sum(order.amount_paid for order in paid) == sum(1000 + n % 4 for n in range(20))
    assert [(await offer(till.db, till.shop, each)).available for each in variants] == [15] * 4


async def test_the_price_is_the_catalogs_and_too_little_is_refused(till: Till) -> None:
    cheap = await make_variant(till.db, till.shop, amount=49)
    with pytest.raises(TotalTooSmall):
        await till.start(CheckoutItemIn(variant_id=cheap))
    assert (await offer(till.db, till.shop, cheap)).available == 10
    with pytest.raises(NotForSale):
        await till.start(CheckoutItemIn(variant_id="var_00000000000000000000000000"))


async def test_the_same_variant_twice_cannot_pass_the_shelf(till: Till) -> None:
    variant = await make_variant(till.db, till.shop, stock=3)
    item = CheckoutItemIn(variant_id=variant, quantity=2)
    with pytest.raises(OutOfStock):
        await till.start(item, item)
    assert (await offer(till.db, till.shop, variant)).available == 3


async def test_an_expired_session_gives_the_stock_back_once(till: Till) -> None:
    variant = await make_variant(till.db, till.shop, stock=1)
    checkout = await till.start(CheckoutItemIn(variant_id=variant))
    await till.control(f"sessions/{checkout.stripe_session_id}/expire")
    await till.hear()
    assert (await order_of(till, checkout)).status == "expired"
    assert (await offer(till.db, till.shop, variant)).available == 1
    with pytest.raises(CheckoutClosed):
        await checkouts.expire(till.gateway, till.db, till.shop, checkout.id, clock.now())
    assert (await offer(till.db, till.shop, variant)).available == 1


async def test_a_delayed_payment_is_processing_until_the_money_is_certain(till: Till) -> None:
    variant = await make_variant(till.db, till.shop, stock=10)
    checkout = await till.start(CheckoutItemIn(variant_id=variant))
    await till.control("webhooks", hold=True)
    await till.pay(checkout, card="AT321904300235473204")
    await till.control("webhooks", release=True, seed=1)
    await till.hear()
    assert (await order_of(till, checkout)).status == "processing"
    await till.control("clock", advance=600)
    await till.hear()
    assert (await order_of(till, checkout)).status == "paid"
    assert (await offer(till.db, till.shop, variant)).available == 9


async def test_stripe_away_holds_nothing_for_ever_and_loses_no_order(till: Till) -> None:
    variant = await make_variant(till.db, till.shop, stock=1)
    await till.control("faults", status=503, times=20)
    with pytest.raises(PaymentProviderUnavailable):
        await till.start(CheckoutItemIn(variant_id=variant), key="patient")
    (order,) = await all_orders(till)
    assert order.status == "draft"
    await till.person.delete("/_local/faults")
    checkout = await till.start(CheckoutItemIn(variant_id=variant), key="patient")
    assert (checkout.order_id, checkout.status) == (order.id, "open")


async def test_what_a_crash_left_unsent_is_sent_by_the_watch_and_given_up_when_its_time_is_over(till: Till) -> None:
    variant = await make_variant(till.db, till.shop, stock=1)
    await till.control("faults", status=503, times=20)
    with pytest.raises(PaymentProviderUnavailable):
        await till.start(CheckoutItemIn(variant_id=variant))
    (order,) = await all_orders(till)
    late = clock.now() + timedelta(hours=25)
    await till.person.delete("/_local/faults")
    await till.control("clock", advance=25 * 3600)
    await jobs.run_due(till.resources, late)
    (order,) = await all_orders(till)
    assert order.status == "expired"
    assert (await offer(till.db, till.shop, variant)).available == 1


async def test_a_lost_expiry_is_asked_for(till: Till) -> None:
    variant = await make_variant(till.db, till.shop, stock=1)
    checkout = await till.start(CheckoutItemIn(variant_id=variant))
    await till.control("webhooks", hold=True)
    await till.control("clock", advance=3600)
    await jobs.run_due(till.resources, clock.now() + timedelta(minutes=2))
    assert (await order_of(till, checkout)).status == "awaiting_payment"
    await jobs.run_due(till.resources, clock.now() + timedelta(hours=1))
    assert (await order_of(till, checkout)).status == "expired"
    assert (await offer(till.db, till.shop, variant)).available == 1


async def test_money_that_comes_after_the_stock_was_given_back_takes_it_again_or_says_oversold(till: Till) -> None:
    variant = await make_variant(till.db, till.shop, stock=1)
    checkouts_open = []
    for _ in range(2):
        checkout = await till.start(CheckoutItemIn(variant_id=variant))
        checkouts_open.append(checkout)
        async with till.db.transaction() as session:
            order = await orders.lock(session, till.shop.id, checkout.order_id)
            assert order is not None
            order.given_up = True
            await settling.settle(session, till.shop, order, clock.now())
    for checkout in checkouts_open:
        await till.pay(checkout)
    first, second = [await order_of(till, checkout) for checkout in checkouts_open]
    assert (first.status, first.oversold, second.status, second.oversold) == ("paid", False, "paid", True)
    assert (await offer(till.db, till.shop, variant)).available == 0


@pytest.mark.parametrize(
    ("body", "signature"),
    [
        (b"{}", ""),
        (b'{"id":"evt_1","type":"x","created":1,"data":{"object":{}}}', "t=1,v1=00"),
        (b"\xff\xfe", "t=1,v1=\xe9"),
        (b"[" * 5000, "t=99999999999999999999,v1=x"),
        (b"[1]", "t=1"),
    ],
)
async def test_a_bad_signature_is_refused_and_nothing_is_stored(till: Till, body: bytes, signature: str) -> None:
    with pytest.raises(BadSignature):
        await events.receive(till.db, till.vault, body, signature, clock.now())
    async with till.db.read() as session:
        assert (await session.exec(select(StripeEvent))).all() == []


async def test_a_genuine_event_is_refused_when_its_bytes_or_its_time_are_not(till: Till) -> None:
    variant = await make_variant(till.db, till.shop)
    checkout = await till.start(CheckoutItemIn(variant_id=variant))
    await till.control("webhooks", hold=True)
    await till.pay(checkout)
    await till.control("webhooks", release=True, seed=1)
    await till.hear()
    body, signature = till.deliveries[0]
    now = clock.now()
    for changed, moment in (
        (body + b" ", now),
        (body, now + timedelta(minutes=6)),
        (body, now - timedelta(minutes=6)),
    ):
        with pytest.raises(BadSignature):
            await events.receive(till.db, till.vault, changed, signature, moment)


async def test_buyers_return_only_to_where_the_shop_is(till: Till) -> None:
    check = return_address.check
    till.shop.origins = ["https://boutique.example"]
    assert check("https://shop.example/merci", till.settings, till.shop, trusted=True) == "https://shop.example/merci"
    for url in ("http://127.0.0.1:8000/merci", "https://boutique.example/merci?a=1#b"):
        assert check(url, till.settings, till.shop, trusted=False) == url
    for url in (
        "https://evil.example/",
        "javascript:alert(1)",
        "http://u@127.0.0.1:8000/",
        "//evil.example",
        "https://boutique.example.evil.example/",
        "https://boutique.example@evil.example/",
        "https://sub.boutique.example/",
        "http://boutique.example/",
    ):
        with pytest.raises(BadReturnAddress):
            check(url, till.settings, till.shop, trusted=False)


async def test_everything_one_page_started_is_bought_once_even_after_payment(till: Till) -> None:
    variant = await make_variant(till.db, till.shop, stock=5)
    checkout = await till.start(CheckoutItemIn(variant_id=variant), page="p")
    await till.pay(checkout)
    again = await till.start(CheckoutItemIn(variant_id=variant), page="p")
    assert (again.id, again.status) == (checkout.id, "complete")
    assert len(await all_orders(till)) == 1


@pytest.mark.parametrize("before", [True, False])
async def test_tracking_switched_in_between_neither_makes_nor_loses_a_piece(till: Till, before: bool) -> None:
    variant = await make_variant(till.db, till.shop, stock=5)

    async def track(tracked: bool) -> None:
        async with till.db.transaction() as session:
            await stock.set_available(session, till.shop, variant, StockChange(tracked=tracked))

    await track(before)
    checkout = await till.start(CheckoutItemIn(variant_id=variant, quantity=2))
    await track(not before)
    await till.control(f"sessions/{checkout.stripe_session_id}/expire")
    await till.hear()
    await track(True)
    assert (await order_of(till, checkout)).status == "expired"
    assert (await offer(till.db, till.shop, variant)).available == 5
