"""Which refund is meant: Stripe forgets idempotency keys, and anybody with its dashboard may copy metadata."""

from datetime import timedelta
from typing import cast

import pytest
from stripe.params import RefundCreateParams

from checkout import refunds
from checkout.errors import PaymentProviderUnavailable
from checkout.models import Order, Refund
from checkout.schemas import CheckoutItemIn, RefundCreate
from core import clock
from tests.checkout.conftest import KEY, Till, make_variant
from tests.checkout.test_news import begin
from tests.checkout.test_refunds import order_of, paid, refund


async def unanswered(till: Till, order: Order, at: str = "before") -> Refund:
    """A refund of 500 whose request, or the answer to it, was lost; Stripe's webhooks say nothing for now."""
    await till.control("webhooks", hold=True)
    fault = {"at": at, "status": 503, "method": "POST", "path": "/v1/refunds"}
    await till.person.post("/_local/faults", json=fault | {"headers": {"stripe-should-retry": "false"}})
    with pytest.raises(PaymentProviderUnavailable):
        await refund(till, order, RefundCreate(amount=500))
    async with till.db.read() as session:
        (made,) = await refunds.of_order(session, order)
    return made


async def test_a_refund_that_is_asked_for_again_days_later_is_looked_for_first(till: Till) -> None:
    """Stripe forgets an idempotency key after a day: the same request would give the money back once more."""
    order = await paid(till, CheckoutItemIn(variant_id=await make_variant(till.db, till.shop)))
    await unanswered(till, order, at="after")
    await till.control("clock", advance=25 * 3600)
    later = clock.now() + timedelta(hours=25)
    again = await refunds.create(till.gateway, till.db, till.shop, order.id, RefundCreate(amount=500), "r", later)
    theirs = (await till.person.get("/v1/refunds", headers={"authorization": f"Bearer {KEY}"})).json()["data"]
    assert [each["id"] for each in theirs] == [again.stripe_refund_id]


@pytest.mark.parametrize("first", ["ours", "theirs"])
async def test_two_refunds_at_stripe_that_name_the_same_one_of_ours_are_two(till: Till, first: str) -> None:
    order = await paid(till, CheckoutItemIn(variant_id=await make_variant(till.db, till.shop)))
    ours = await unanswered(till, order)
    client = till.gateway.client(till.shop)

    async def copy() -> None:
        params = cast(RefundCreateParams, ours.parameters)
        await client.v1.refunds.create_async(params, {"idempotency_key": "copied"})

    if first == "theirs":
        await copy()
        await till.control("webhooks", release=True)
        await till.hear()
        await till.control("webhooks", hold=True)
        assert (await order_of(till, order)).amount_refunded == 500
    # Sent at the same moment by somebody who had not heard of the other yet.
    await refunds.send(till.gateway, till.db, till.shop, ours, clock.now())
    if first == "ours":
        await copy()
    await till.control("webhooks", release=True, copies=2)
    await till.hear()
    assert (await order_of(till, order)).amount_refunded == 1000
    async with till.db.read() as session:
        made = await refunds.of_order(session, order)
    assert [each.amount for each in made] == [500, 500]
    assert len({each.stripe_refund_id for each in made}) == 2


async def test_a_refund_of_another_amount_is_not_ours_whatever_it_names(till: Till) -> None:
    order = await paid(till, CheckoutItemIn(variant_id=await make_variant(till.db, till.shop)))
    ours = await unanswered(till, order)
    other = cast(RefundCreateParams, (ours.parameters or {}) | {"amount": 700})
    await till.gateway.client(till.shop).v1.refunds.create_async(other, {"idempotency_key": "copied"})
    await till.control("webhooks", release=True)
    await till.hear()
    await refund(till, order, RefundCreate(amount=500))
    assert (await order_of(till, order)).amount_refunded == 1200


async def test_a_refund_that_names_another_order_waits_for_its_payment(till: Till) -> None:
    """Who knows a payment knows whose money goes back; metadata is typed by people."""
    named = await paid(till, CheckoutItemIn(variant_id=await make_variant(till.db, till.shop)))
    story = await begin(till)
    wrong = {"order": named.id, "shop": till.shop.id}
    assert await story.tell([story.refund("created", "pending", 1000, **wrong)]) == ["orphan"]
    assert await story.tell([story.session("completed", "paid")]) == ["applied"]
    assert await story.tell([story.refund("updated", "succeeded", 1000, **wrong)]) == ["applied"]
    assert ((await order_of(till, named)).status, (await story.order()).amount_refunded) == ("paid", 1000)
    async with till.db.read() as session:
        assert await refunds.of_order(session, named) == []


async def test_a_refund_goes_on_where_it_was_taken_in_whatever_it_names_later(till: Till) -> None:
    named = await paid(till, CheckoutItemIn(variant_id=await make_variant(till.db, till.shop)))
    story = await begin(till)
    await story.tell([story.session("completed", "paid"), story.refund("created", "pending", 1000)])
    moved = story.refund("failed", "failed", 1000, intent=None, order=named.id)
    assert await story.tell([moved]) == ["applied"]
    assert ((await order_of(till, named)).status, (await story.order()).status) == ("paid", "paid")


@pytest.mark.parametrize(("intent", "outcome"), [(None, "applied"), ("pi_elsewhere", "orphan")])
async def test_a_refund_without_a_payment_is_ours_where_it_names_ours(
    till: Till, intent: str | None, outcome: str
) -> None:
    order = await paid(till, CheckoutItemIn(variant_id=await make_variant(till.db, till.shop)))
    ours = await unanswered(till, order)
    story = await begin(till)
    told = story.refund("created", "succeeded", 500, intent=intent, refund=ours.id, order=order.id)
    assert await story.tell([told]) == [outcome]
    async with till.db.read() as session:
        (known,) = await refunds.of_order(session, order)
    assert known.status == ("succeeded" if outcome == "applied" else "requested")
