"""A checkout ends when Stripe says so: not by our clock, not by our wish, and not before."""

from datetime import timedelta

import pytest

from checkout import checkouts, orders
from checkout.errors import CheckoutClosed, PaymentProviderUnavailable
from checkout.models import Checkout
from checkout.schemas import CheckoutItemIn
from core import clock, jobs
from tests.checkout.conftest import Till, make_variant, offer

CARD = "4242424242424242"
DEBIT = "AT321904300235473204"


@pytest.fixture
async def vase(till: Till) -> str:
    """Ten pieces of a variant: enough for payments that take days."""
    return await make_variant(till.db, till.shop, stock=10)


@pytest.fixture
async def unheard(till: Till, vase: str) -> Checkout:
    """An open checkout of which Stripe's webhooks say nothing."""
    await till.control("webhooks", hold=True)
    return await till.start(CheckoutItemIn(variant_id=vase))


async def state(till: Till, checkout: Checkout, variant: str) -> tuple[str, int]:
    """The order's status and what is left on the shelf."""
    async with till.db.read() as session:
        order = await orders.get(session, till.shop, checkout.order_id)
    return order.status, (await offer(till.db, till.shop, variant)).available


async def expire(till: Till, checkout: Checkout) -> Checkout:
    """The merchant ends it."""
    return await checkouts.expire(till.gateway, till.db, till.shop, checkout.id, clock.now())


@pytest.mark.parametrize(("card", "status"), [(CARD, "paid"), (DEBIT, "processing")])
async def test_what_was_paid_in_the_meantime_cannot_be_ended(
    till: Till, unheard: Checkout, vase: str, card: str, status: str
) -> None:
    await till.pay(unheard, card)
    assert await state(till, unheard, vase) == ("awaiting_payment", 9)
    with pytest.raises(CheckoutClosed):
        await expire(till, unheard)
    assert await state(till, unheard, vase) == (status, 9)


async def test_what_the_merchant_ends_is_held_until_stripe_has_ended_it(
    till: Till, unheard: Checkout, vase: str
) -> None:
    await till.control("faults", status=503, times=20)
    with pytest.raises(PaymentProviderUnavailable):
        await expire(till, unheard)
    assert await state(till, unheard, vase) == ("awaiting_payment", 9)
    await till.person.delete("/_local/faults")
    assert (await expire(till, unheard)).status == "expired"
    assert await state(till, unheard, vase) == ("cancelled", 10)


async def test_a_payment_that_nobody_told_is_found_when_the_time_is_over(
    till: Till, unheard: Checkout, vase: str
) -> None:
    await till.pay(unheard)
    await jobs.run_due(till.resources, clock.now() + timedelta(hours=2))
    assert await state(till, unheard, vase) == ("paid", 9)


async def test_what_is_over_by_our_clock_is_held_while_stripe_says_that_it_is_open(
    till: Till, unheard: Checkout, vase: str
) -> None:
    for hours in (2, 3, 25):
        await jobs.run_due(till.resources, clock.now() + timedelta(hours=hours))
        assert await state(till, unheard, vase) == ("awaiting_payment", 9)
    await till.control("clock", advance=3600)
    await jobs.run_due(till.resources, clock.now() + timedelta(hours=26))
    assert await state(till, unheard, vase) == ("expired", 10)
