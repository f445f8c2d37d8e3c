"""Money goes back: at most what is left, once, to the cent, and what the shop is told of it is true by then."""

import asyncio
from datetime import timedelta
from typing import cast

import msgspec
import pytest
from sqlmodel import col, select
from stripe.params import RefundCreateParams
from stripe.params.checkout import SessionCreateParams

from checkout import orders, refunds, reviews, settling
from checkout.discounts import discounts
from checkout.discounts.schemas import DiscountCreate
from checkout.errors import (
    AmbiguousRefund,
    LineNamedTwice,
    NothingToRefund,
    OrderNotFound,
    PaymentProviderRefused,
    PaymentProviderUnavailable,
    RefundTooLarge,
)
from checkout.models import Checkout, Order, OrderLine, Refund
from checkout.schemas import CheckoutItemIn, RefundCreate, RefundLineIn
from core import clock, jobs
from core.events import EventRecord
from core.idempotency import IdempotencyKeyReused
from tests.checkout.conftest import KEY, Till, make_variant, offer

FAILS_LATER = "4000000000005126"


async def paid(till: Till, *items: CheckoutItemIn, card: str = "4242424242424242") -> Order:
    checkout = await till.start(*items)
    await till.pay(checkout, card=card)
    return await order_of(till, checkout)


async def order_of(till: Till, of: Checkout | Order) -> Order:
    async with till.db.read() as session:
        return await orders.get(session, till.shop, of.order_id if isinstance(of, Checkout) else of.id)


async def refund(till: Till, order: Order, wish: RefundCreate, key: str = "r") -> Refund:
    made = await refunds.create(till.gateway, till.db, till.shop, order.id, wish, key, clock.now())
    await till.hear()
    return made


async def lines_of(till: Till, order: Order) -> list[OrderLine]:
    async with till.db.read() as session:
        return (await orders.lines(session, [order]))[order.id]


async def refunds_at_stripe(till: Till) -> int:
    """How many refunds Stripe was asked for."""
    asked = (await till.person.get("/_local/requests")).json()["data"]
    return sum((each["method"], each["path"]) == ("POST", "/v1/refunds") for each in asked)


async def news(till: Till) -> list[str]:
    """The kinds of all that has happened, in order."""
    async with till.db.read() as session:
        return list((await session.exec(select(EventRecord.kind).order_by(col(EventRecord.id)))).all())


async def test_all_that_is_left_goes_back_and_the_pieces_too_where_the_shop_says_so(till: Till) -> None:
    variant = await make_variant(till.db, till.shop, stock=3, amount=4900)
    order = await paid(till, CheckoutItemIn(variant_id=variant, quantity=2))
    part = await refund(till, order, RefundCreate(amount=800), "first")
    assert ((await order_of(till, order)).status, part.amount) == ("partially_refunded", 800)
    assert (await offer(till.db, till.shop, variant)).available == 1
    rest = await refund(till, order, RefundCreate(restock=True), "second")
    assert (rest.amount, (await order_of(till, order)).status) == (9000, "refunded")
    assert (await offer(till.db, till.shop, variant)).available == 3
    with pytest.raises(NothingToRefund):
        await refund(till, order, RefundCreate(), "third")


async def test_pieces_of_a_line_go_back_at_what_they_cost(till: Till) -> None:
    vase, lamp = (
        await make_variant(till.db, till.shop, amount=4900),
        await make_variant(till.db, till.shop, amount=2500),
    )
    order = await paid(till, CheckoutItemIn(variant_id=vase, quantity=3), CheckoutItemIn(variant_id=lamp))
    line = next(each for each in await lines_of(till, order) if each.variant_id == vase)
    one = RefundLineIn(line_id=line.id, quantity=1)
    made = await refund(till, order, RefundCreate(lines=[one], restock=True))
    assert (made.amount, made.lines, made.restocked_at is not None) == (4900, {line.id: 1}, True)
    assert (await offer(till.db, till.shop, vase)).available == 8
    with pytest.raises(RefundTooLarge):
        await refund(till, order, RefundCreate(lines=[RefundLineIn(line_id=line.id, quantity=3)]), "more")
    with pytest.raises(RefundTooLarge):
        await refund(till, order, RefundCreate(lines=[RefundLineIn(line_id="oline_1", quantity=1)]), "foreign")


async def test_what_cost_nothing_comes_back_without_money(till: Till) -> None:
    variant = await make_variant(till.db, till.shop, stock=3, amount=0)
    order = await paid(till, CheckoutItemIn(variant_id=variant, quantity=2))
    with pytest.raises(NothingToRefund):
        await refund(till, order, RefundCreate(), "money")
    (line,) = await lines_of(till, order)
    one = RefundCreate(lines=[RefundLineIn(line_id=line.id, quantity=1)], restock=True)
    made = await refund(till, order, one, "one")
    assert (made.amount, made.status, made.restocked_at is not None) == (0, "succeeded", True)
    assert (await refund(till, order, one, "one")).id == made.id
    assert (await offer(till.db, till.shop, variant)).available == 2
    rest = await refund(till, order, RefundCreate(restock=True), "rest")
    assert (rest.lines, (await offer(till.db, till.shop, variant)).available) == ({line.id: 1}, 3)
    with pytest.raises(NothingToRefund):
        await refund(till, order, RefundCreate(restock=True), "more")
    assert await refunds_at_stripe(till) == 0
    assert [each for each in await news(till) if "refund" in each] == []


async def test_a_piece_that_was_given_away_comes_back_beside_those_that_were_paid(till: Till) -> None:
    async with till.db.transaction() as session:
        terms = {"kind": "buy_x_get_y", "buy": 1, "get": 1}
        await discounts.create(session, till.shop, msgspec.convert({"title": "1 + 1", "terms": terms}, DiscountCreate))
    dear, cheap = (
        await make_variant(till.db, till.shop, amount=4000),
        await make_variant(till.db, till.shop, amount=1000),
    )
    order = await paid(till, CheckoutItemIn(variant_id=dear), CheckoutItemIn(variant_id=cheap))
    free = next(each for each in await lines_of(till, order) if each.variant_id == cheap)
    wish = RefundCreate(lines=[RefundLineIn(line_id=free.id, quantity=1)], restock=True)
    assert ((await refund(till, order, wish, "free")).amount, free.amount_total) == (0, 0)
    assert (await offer(till.db, till.shop, cheap)).available == 10
    assert (await refund(till, order, RefundCreate(restock=True), "rest")).amount == 4000


async def test_pieces_come_back_without_money_where_the_shop_says_so(till: Till) -> None:
    variant = await make_variant(till.db, till.shop, amount=4900)
    order = await paid(till, CheckoutItemIn(variant_id=variant, quantity=4))
    (line,) = await lines_of(till, order)
    one = [RefundLineIn(line_id=line.id, quantity=1)]
    assert (await refund(till, order, RefundCreate(amount=0, lines=one, restock=True), "kept")).amount == 0
    assert (await refund(till, order, RefundCreate(lines=one), "piece")).amount == 4900
    order = await order_of(till, order)
    assert (order.status, order.amount_refunded) == ("partially_refunded", 4900)
    await refund(till, order, RefundCreate(amount=14700), "money")
    assert (await refund(till, order, RefundCreate(restock=True), "pieces")).lines == {line.id: 2}
    assert (await offer(till.db, till.shop, variant)).available == 9
    assert await refunds_at_stripe(till) == 2


async def test_two_at_once_never_give_back_more_than_was_paid(till: Till) -> None:
    order = await paid(till, CheckoutItemIn(variant_id=await make_variant(till.db, till.shop, amount=4900)))
    tries = [refund(till, order, RefundCreate(amount=2000), f"k{n}") for n in range(4)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(each, Refund) for each in results) == 2
    assert sum(isinstance(each, RefundTooLarge) for each in results) == 2
    assert (await order_of(till, order)).amount_refunded == 4000


async def test_the_same_key_is_the_same_refund_also_when_stripe_was_away(till: Till) -> None:
    order = await paid(till, CheckoutItemIn(variant_id=await make_variant(till.db, till.shop)))
    await till.control("faults", status=503, times=20)
    with pytest.raises(PaymentProviderUnavailable):
        await refund(till, order, RefundCreate(amount=500))
    assert (await order_of(till, order)).amount_refunded == 500
    await till.person.delete("/_local/faults")
    first = await refund(till, order, RefundCreate(amount=500))
    again = await refund(till, order, RefundCreate(amount=500))
    assert (again.id, again.stripe_refund_id, first.status) == (first.id, first.stripe_refund_id, "succeeded")
    with pytest.raises(IdempotencyKeyReused):
        await refund(till, order, RefundCreate(amount=501))


async def test_a_refund_is_sent_however_long_stripe_was_away(till: Till) -> None:
    order = await paid(till, CheckoutItemIn(variant_id=await make_variant(till.db, till.shop)))
    fault = {"status": 503, "times": 100, "headers": {"stripe-should-retry": "false"}}
    await till.person.post("/_local/faults", json=fault)
    with pytest.raises(PaymentProviderUnavailable):
        await refund(till, order, RefundCreate(amount=500))
    now = clock.now()
    for minutes in range(1, 16):
        await jobs.run_due(till.resources, now + timedelta(minutes=minutes))
    await till.person.delete("/_local/faults")
    await jobs.run_due(till.resources, now + timedelta(minutes=16))
    async with till.db.read() as session:
        assert [each.status for each in await refunds.of_order(session, order)] == ["succeeded"]
        assert await jobs.dead(session, till.shop.id) == []


@pytest.mark.parametrize("by", ["the same request", "the job"])
@pytest.mark.parametrize("made", [False, True])
async def test_a_failure_that_stripe_has_stored_is_asked_anew_once_nothing_is_found(
    till: Till, by: str, made: bool
) -> None:
    order = await paid(till, CheckoutItemIn(variant_id=await make_variant(till.db, till.shop)))
    fault = {"at": "inside", "status": 500, "method": "POST", "path": "/v1/refunds"}
    await till.person.post("/_local/faults", json=fault)
    with pytest.raises(PaymentProviderUnavailable):
        await refund(till, order, RefundCreate(amount=500))
    async with till.db.read() as session:
        (row,) = await refunds.of_order(session, order)
    if made:
        client = till.gateway.client(till.shop)
        await client.v1.refunds.create_async(cast(RefundCreateParams, row.parameters), {"idempotency_key": "lost"})
    if by == "the job":
        await jobs.run_due(till.resources, clock.now() + refunds.FIRST_LOOK)
    done = await refund(till, order, RefundCreate(amount=500))
    assert (done.id, done.status, (await order_of(till, order)).amount_refunded) == (row.id, "succeeded", 500)
    theirs = (await till.person.get("/v1/refunds", headers={"authorization": f"Bearer {KEY}"})).json()["data"]
    assert [each["amount"] for each in theirs] == [500]


async def test_what_stripe_refuses_is_given_up_and_left_to_give_back(till: Till) -> None:
    order = await paid(till, CheckoutItemIn(variant_id=await make_variant(till.db, till.shop)))
    await till.control("faults", status=400)
    with pytest.raises(PaymentProviderRefused, match=r"^Stripe refuses this request\.$"):
        await refund(till, order, RefundCreate(), "refused")
    assert ((await order_of(till, order)).status, (await order_of(till, order)).amount_refunded) == ("paid", 0)
    assert (await refund(till, order, RefundCreate(), "again")).status == "succeeded"


async def test_a_refund_that_fails_later_is_the_shops_money_again_and_the_shop_hears_of_it(till: Till) -> None:
    variant = await make_variant(till.db, till.shop)
    order = await paid(till, CheckoutItemIn(variant_id=variant), card=FAILS_LATER)
    await refund(till, order, RefundCreate())
    await till.control("clock", advance=24 * 3600)
    await till.hear()
    assert ((await order_of(till, order)).status, (await order_of(till, order)).amount_refunded) == ("paid", 0)
    assert [kind for kind in await news(till) if "refund" in kind] == ["order.refunded", "order.refund_failed"]


async def fail(till: Till) -> None:
    """The bank sends every refund back."""
    await till.control("clock", advance=24 * 3600)
    await till.hear()


async def test_a_refund_that_fails_takes_its_pieces_off_the_shelf_again(till: Till) -> None:
    variant = await make_variant(till.db, till.shop, stock=2)
    order = await paid(till, CheckoutItemIn(variant_id=variant, quantity=2), card=FAILS_LATER)
    made = await refund(till, order, RefundCreate(restock=True))
    assert (await offer(till.db, till.shop, variant)).available == 2
    await fail(till)
    order = await order_of(till, order)
    assert (order.status, order.oversold, order.reviews) == ("paid", False, [])
    assert (await offer(till.db, till.shop, variant)).available == 0
    async with till.db.read() as session:
        assert (await refunds.get(session, till.shop, order.id, made.id)).restocked_at is None


async def test_pieces_that_were_sold_on_before_a_refund_failed_are_for_a_person(till: Till) -> None:
    scarce, plenty = await make_variant(till.db, till.shop, stock=1), await make_variant(till.db, till.shop, stock=5)
    order = await paid(
        till, CheckoutItemIn(variant_id=scarce), CheckoutItemIn(variant_id=plenty, quantity=2), card=FAILS_LATER
    )
    made = await refund(till, order, RefundCreate(restock=True))
    await paid(till, CheckoutItemIn(variant_id=scarce))
    await fail(till)
    order = await order_of(till, order)
    assert (order.status, order.oversold, order.reviews) == ("paid", True, ["refund-failed"])
    assert [(await offer(till.db, till.shop, each)).available for each in (scarce, plenty)] == [0, 3]
    async with till.db.read() as session:
        (review,) = await reviews.of_order(session, order)
    assert (review.about, review.told) == (made.id, True)


async def test_another_shops_order_cannot_be_refunded(till: Till) -> None:
    with pytest.raises(OrderNotFound):
        await refunds.create(
            till.gateway, till.db, till.shop, "ord_01k2h62d5hf3v6a0x3z1b4q8rd", RefundCreate(), "k", clock.now()
        )


@pytest.mark.parametrize("policy", ["refund", "wait"])
async def test_a_paid_order_whose_stock_is_gone_is_given_back_or_waits_as_the_shop_chose(
    till: Till, policy: str
) -> None:
    till.shop.oversold_policy = policy
    async with till.db.transaction() as session:
        await session.merge(till.shop)
    scarce, plenty = (
        await make_variant(till.db, till.shop, stock=1),
        await make_variant(till.db, till.shop, amount=2500),
    )
    late = await till.start(CheckoutItemIn(variant_id=scarce), CheckoutItemIn(variant_id=plenty))
    async with till.db.transaction() as session:
        order = await orders.lock(session, till.shop.id, late.order_id)
        assert order is not None
        order.given_up = True
        await settling.settle(session, till.shop, order, clock.now())
    await till.start(CheckoutItemIn(variant_id=scarce))
    await till.pay(late)
    await jobs.run_due(till.resources, clock.now())
    await jobs.run_due(till.resources, clock.now() + refunds.FIRST_LOOK)
    await till.hear()
    order = await order_of(till, late)
    assert (order.oversold, order.reviews) == (True, ["late-payment"])
    assert (order.status, order.amount_refunded) == {"refund": ("partially_refunded", 4900), "wait": ("paid", 0)}[
        policy
    ]


async def test_an_order_that_was_paid_in_two_sessions_gives_the_second_back(till: Till) -> None:
    """Stripe forgets an idempotency key after a day; then the same request opens a second session."""
    checkout = await till.start(CheckoutItemIn(variant_id=await make_variant(till.db, till.shop)))
    second = await till.gateway.client(till.shop).v1.checkout.sessions.create_async(
        cast(SessionCreateParams, checkout.parameters), {"idempotency_key": "another"}
    )
    await till.pay(checkout)
    await till.control(f"sessions/{second.id}/pay", card="4242424242424242")
    await till.hear()
    await jobs.run_due(till.resources, clock.now())
    await jobs.run_due(till.resources, clock.now() + refunds.FIRST_LOOK)
    await till.hear()
    order = await order_of(till, checkout)
    assert (order.status, order.amount_paid, order.amount_refunded) == ("paid", order.amount_total, 0)
    assert order.reviews == ["duplicate-payment", "unknown-session"]
    async with till.db.read() as session:
        (returned,) = await refunds.of_order(session, order)
    assert (returned.session_id, returned.status, returned.reason) == (second.id, "succeeded", "duplicate")


@pytest.mark.parametrize("delayed_after", [600.0])
async def test_of_two_sessions_the_one_that_was_paid_is_refunded_and_what_is_left_of_it_once_both_are(
    till: Till,
) -> None:
    checkout = await till.start(CheckoutItemIn(variant_id=await make_variant(till.db, till.shop, stock=20)))
    second = await till.gateway.client(till.shop).v1.checkout.sessions.create_async(
        cast(SessionCreateParams, checkout.parameters), {"idempotency_key": "another"}
    )
    await till.pay(checkout, card="AT321904300235473204")
    await till.control(f"sessions/{second.id}/pay")
    await till.hear()
    order = await order_of(till, checkout)
    made = await refund(till, order, RefundCreate(amount=1000))
    assert (made.session_id, made.status) == (second.id, "succeeded")
    await till.control("clock", advance=600)
    await till.hear()
    await jobs.run_due(till.resources, clock.now())
    await jobs.run_due(till.resources, clock.now() + refunds.FIRST_LOOK)
    await till.hear()
    order = await order_of(till, checkout)
    assert (order.status, order.amount_refunded) == ("paid", 0)
    async with till.db.read() as session:
        back = [(each.session_id, each.amount, each.status) for each in await refunds.of_order(session, order)]
    assert back == [(second.id, 1000, "succeeded"), (second.id, order.amount_paid - 1000, "succeeded")]


async def test_a_refund_is_of_an_amount_or_of_pieces_and_names_each_line_once(till: Till) -> None:
    order = await paid(till, CheckoutItemIn(variant_id=await make_variant(till.db, till.shop)))
    (line,) = await lines_of(till, order)
    piece = RefundLineIn(line_id=line.id, quantity=1)
    for wish in (
        RefundCreate(amount=100, lines=[piece]),
        RefundCreate(amount=100, restock=True),
        RefundCreate(amount=0),
    ):
        with pytest.raises(AmbiguousRefund):
            await refund(till, order, wish)
    with pytest.raises(LineNamedTwice):
        await refund(till, order, RefundCreate(lines=[piece, piece]))
