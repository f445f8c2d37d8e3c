"""Which checkout a key means, while it is remembered and after; and that Stripe opens one session for each."""

from datetime import timedelta
from typing import cast

import pytest
from sqlmodel import select
from stripe.params.checkout import SessionCreateParams

from checkout import checkouts
from checkout.errors import PaymentProviderRefused, PaymentProviderUnavailable
from checkout.models import Checkout, Order
from checkout.placing import Intent
from checkout.schemas import CheckoutItemIn
from core import clock, jobs
from core.idempotency import IdempotencyKeyReused
from social.links.origin import Origin
from tests.checkout.conftest import Till, make_variant, offer

DAY = timedelta(hours=24)


class Buyer:
    """Somebody with one key, at a till whose clock, and Stripe's, can be moved on."""

    def __init__(self, till: Till, variant: str) -> None:
        self.till, self.variant, self.later = till, variant, timedelta(0)

    async def start(self, pieces: int = 1) -> Checkout:
        """Go to pay, with the same key every time."""
        intent = Intent(items=[CheckoutItemIn(variant_id=self.variant, quantity=pieces)], origin=Origin(), key="k")
        till = self.till
        return await checkouts.start(till.gateway, till.db, till.settings, till.shop, intent, clock.now() + self.later)

    async def wait(self, time: timedelta) -> None:
        """Time passes, here and at Stripe."""
        self.later += time
        await self.till.control("clock", advance=int(time.total_seconds()))
        await self.till.hear()

    async def work(self) -> None:
        """Every job that is due is done."""
        while await jobs.run_due(self.till.resources, clock.now() + self.later):
            pass

    async def sessions(self) -> list[str]:
        """The sessions at Stripe, by the order that each is for, the oldest first."""
        found = (await self.till.person.get("/_local/sessions")).json()["data"]
        return [each["client_reference_id"] for each in sorted(found, key=lambda each: each["created"])]


@pytest.fixture
async def buyer(till: Till) -> Buyer:
    """Somebody who wants one of ten pieces."""
    return Buyer(till, await make_variant(till.db, till.shop, stock=10))


@pytest.mark.parametrize("pieces", [1, 2])
@pytest.mark.parametrize("paid", [False, True])
async def test_a_key_of_yesterday_is_new(buyer: Buyer, paid: bool, pieces: int) -> None:
    first = await buyer.start()
    if paid:
        await buyer.till.pay(first)
    await buyer.wait(DAY + timedelta(minutes=1))
    second = await buyer.start(pieces)
    assert (second.id != first.id, second.status, second.url is not None) == (True, "open", True)
    assert (await buyer.start(pieces)).id == second.id
    with pytest.raises(IdempotencyKeyReused):
        await buyer.start(pieces + 1)


async def test_a_key_of_today_is_the_same_checkout_also_once_it_is_paid(buyer: Buyer) -> None:
    first = await buyer.start()
    await buyer.till.pay(first)
    await buyer.wait(DAY - timedelta(minutes=1))
    assert ((await buyer.start()).id, (await buyer.start()).status) == (first.id, "complete")
    with pytest.raises(IdempotencyKeyReused):
        await buyer.start(2)


async def test_a_checkout_that_ended_before_anybody_was_answered_is_begun_anew(buyer: Buyer) -> None:
    fault = {"at": "after", "status": 503, "method": "POST", "path": "/v1/checkout/sessions"}
    await buyer.till.person.post("/_local/faults", json=fault | {"headers": {"stripe-should-retry": "false"}})
    with pytest.raises(PaymentProviderUnavailable):
        await buyer.start()
    await buyer.wait(timedelta(minutes=2))
    await buyer.work()
    await buyer.wait(timedelta(hours=1))
    assert (await offer(buyer.till.db, buyer.till.shop, buyer.variant)).available == 10
    again = await buyer.start()
    assert (again.status, again.url is not None) == ("open", True)
    with pytest.raises(IdempotencyKeyReused):
        await buyer.start(2)


@pytest.mark.parametrize("hold_minutes", [31, 24 * 60 - 1])
@pytest.mark.parametrize("by", ["the same request", "the job"])
async def test_a_request_of_yesterday_opens_no_second_session_for_its_order(
    buyer: Buyer, by: str, hold_minutes: int
) -> None:
    """Stripe forgets a key after a day; by then no page could be open for as long as the request says."""
    buyer.till.settings = buyer.till.settings.model_copy(update={"hold_minutes": hold_minutes})
    await buyer.till.control("webhooks", hold=True)
    fault = {"at": "after", "status": 503, "method": "POST", "path": "/v1/checkout/sessions"}
    await buyer.till.person.post("/_local/faults", json=fault | {"headers": {"stripe-should-retry": "false"}})
    with pytest.raises(PaymentProviderUnavailable):
        await buyer.start()
    (made,) = await buyer.sessions()
    await buyer.wait(DAY)
    if by == "the job":
        await buyer.work()
    else:
        again = await buyer.start()
        assert again.order_id != made
    assert (await buyer.sessions()).count(made) == 1
    await buyer.till.control("webhooks", release=True)
    await buyer.till.hear()
    await buyer.work()
    async with buyer.till.db.read() as session:
        order = (await session.exec(select(Order).where(Order.id == made))).one()
    assert order.status == "expired"


@pytest.mark.parametrize(("hold_minutes", "ahead"), [(31, 10), (24 * 60 - 1, -10)])
async def test_clocks_that_differ_by_minutes_refuse_no_buyer(buyer: Buyer, hold_minutes: int, ahead: int) -> None:
    """Stripe takes a page that is open for half an hour to a day, by its own clock."""
    buyer.till.settings = buyer.till.settings.model_copy(update={"hold_minutes": hold_minutes})
    buyer.later = timedelta(minutes=-ahead)
    made = await buyer.start()
    assert (made.status, made.url is not None) == ("open", True)
    assert await buyer.sessions() == [made.order_id]
    (session,) = (await buyer.till.person.get("/_local/sessions")).json()["data"]
    assert session["expires_at"] == int(made.expires_at.timestamp())
    assert (await buyer.start()).id == made.id
    await buyer.till.pay(made)
    assert (await buyer.start()).status == "complete"


@pytest.mark.parametrize("ahead", [10, -10])
async def test_clocks_that_differ_by_minutes_open_no_second_page_after_a_failure(buyer: Buyer, ahead: int) -> None:
    """Stripe stores a failure, and has made the session all the same: whenever it says, it is the order's."""
    buyer.till.settings = buyer.till.settings.model_copy(update={"hold_minutes": 60})
    buyer.later = timedelta(minutes=-ahead)
    fault = {"status": 503, "method": "POST", "path": "/v1/checkout/sessions"}
    await buyer.till.person.post("/_local/faults", json=fault | {"headers": {"stripe-should-retry": "false"}})
    with pytest.raises(PaymentProviderUnavailable):
        await buyer.start()
    async with buyer.till.db.read() as session:
        sent = (await session.exec(select(Checkout.parameters))).one()
    client = buyer.till.gateway.client(buyer.till.shop)
    made = await client.v1.checkout.sessions.create_async(cast(SessionCreateParams, sent))
    await buyer.till.control("faults", at="inside", status=500)
    assert (await buyer.start()).stripe_session_id == made.id
    assert len(await buyer.sessions()) == 1


async def test_a_clock_that_is_far_off_is_refused_once_and_for_all(buyer: Buyer) -> None:
    buyer.later = timedelta(hours=-2)
    with pytest.raises(PaymentProviderRefused):
        await buyer.start()
    assert await buyer.sessions() == []
    assert (await offer(buyer.till.db, buyer.till.shop, buyer.variant)).available == 10
