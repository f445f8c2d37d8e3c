"""Stock that is held comes back, whatever became of Stripe, the shop's key and the request."""

from datetime import timedelta

import pytest

from checkout import checkouts
from checkout.errors import PaymentProviderUnavailable, PaymentsNotConnected
from checkout.placing import Intent
from checkout.schemas import CheckoutItemIn
from core import clock, jobs
from social.links.origin import Origin
from tests.checkout.conftest import Till, make_variant, offer
from tests.checkout.test_checkouts import all_orders, order_of

LATER = timedelta(minutes=40)


async def left(till: Till, variant: str) -> int:
    return (await offer(till.db, till.shop, variant)).available


@pytest.mark.parametrize("status", [401, 403])
async def test_a_key_that_stripe_does_not_take_holds_nothing(till: Till, status: int) -> None:
    variant = await make_variant(till.db, till.shop, stock=1)
    await till.control("faults", status=status)
    with pytest.raises(PaymentsNotConnected):
        await till.start(CheckoutItemIn(variant_id=variant), page="p")
    assert await left(till, variant) == 1
    again = await till.start(CheckoutItemIn(variant_id=variant), page="p")
    assert (again.status, await left(till, variant)) == ("open", 0)


async def test_a_failure_that_stripe_repeats_holds_nothing_once_the_time_is_over(till: Till) -> None:
    variant = await make_variant(till.db, till.shop, stock=1)
    await till.control("faults", at="inside", status=500, times=40)
    with pytest.raises(PaymentProviderUnavailable):
        await till.start(CheckoutItemIn(variant_id=variant))
    await jobs.run_due(till.resources, clock.now() + timedelta(minutes=2))
    assert await left(till, variant) == 0
    await jobs.run_due(till.resources, clock.now() + LATER)
    assert await left(till, variant) == 1
    assert [order.status for order in await all_orders(till)] == ["expired"]


async def test_a_session_that_stripe_does_not_know_holds_nothing_once_the_time_is_over(till: Till) -> None:
    variant = await make_variant(till.db, till.shop, stock=1)
    checkout = await till.start(CheckoutItemIn(variant_id=variant))
    await till.control("faults", method="GET", status=404)
    await jobs.run_due(till.resources, clock.now() + timedelta(minutes=2))
    await jobs.run_due(till.resources, clock.now() + LATER)
    assert ((await order_of(till, checkout)).status, await left(till, variant)) == ("expired", 1)


async def test_a_shop_that_left_stripe_holds_nothing_after_a_day(till: Till) -> None:
    variant = await make_variant(till.db, till.shop, stock=1)
    checkout = await till.start(CheckoutItemIn(variant_id=variant))
    await till.control("faults", method="GET", status=401, times=20)
    for hours in range(1, 14):
        await jobs.run_due(till.resources, clock.now() + timedelta(hours=hours))
    assert ((await order_of(till, checkout)).status, await left(till, variant)) == ("awaiting_payment", 0)
    await jobs.run_due(till.resources, clock.now() + timedelta(hours=26))
    assert ((await order_of(till, checkout)).status, await left(till, variant)) == ("expired", 1)


async def fail_a_while_ago(till: Till, variant: str, **how: str) -> None:
    """Somebody wanted to buy five minutes ago, when Stripe was away. What was to be sent names the time of that try,
    and Stripe takes no session any more that ends within half an hour."""
    await till.control("faults", status=503, times=3)
    intent = Intent(items=[CheckoutItemIn(variant_id=variant)], origin=Origin(), **how)  # type: ignore[arg-type]  # Names.
    with pytest.raises(PaymentProviderUnavailable):
        await checkouts.start(
            till.gateway, till.db, till.settings, till.shop, intent, clock.now() - timedelta(minutes=5)
        )
    await till.person.delete("/_local/faults")


@pytest.mark.parametrize("how", [{"page": "p"}, {"key": "k"}], ids=str)
async def test_who_repeats_a_request_after_a_long_failure_gets_a_checkout(till: Till, how: dict[str, str]) -> None:
    variant = await make_variant(till.db, till.shop, stock=2)
    await fail_a_while_ago(till, variant, **how)
    item = CheckoutItemIn(variant_id=variant)
    checkout = await till.start(item, key=how.get("key"), page=how.get("page"))
    assert (checkout.status, checkout.url is not None, await left(till, variant)) == ("open", True, 1)
    again = await till.start(item, key=how.get("key"), page=how.get("page"))
    assert (again.id, await left(till, variant)) == (checkout.id, 1)


async def test_another_choice_is_not_kept_up_by_one_that_can_not_be_sent_any_more(till: Till) -> None:
    variant = await make_variant(till.db, till.shop, stock=3)
    await fail_a_while_ago(till, variant, page="p")
    await till.start(CheckoutItemIn(variant_id=variant, quantity=2), page="p")
    assert await left(till, variant) == 1
