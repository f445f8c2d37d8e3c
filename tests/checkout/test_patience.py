"""Nobody waits for Stripe longer than ten seconds, however many calls their request takes; less in these tests."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import pytest

from checkout import checkouts, orders, refunds
from checkout.discounts import discounts
from checkout.discounts.schemas import DiscountCreate
from checkout.discounts.terms import Percentage
from checkout.errors import PaymentProviderUnavailable
from checkout.models import Checkout
from checkout.sandbox.faults import Fault
from checkout.schemas import CheckoutItemIn, RefundCreate, RefundLineIn
from checkout.stripe.client import Gateway
from core import clock
from tests.checkout.conftest import Till, make_variant, offer
from tests.checkout.test_checkouts import all_orders

SLOW = 0.3

pytestmark = pytest.mark.parametrize("engine", ["sqlite"])


@pytest.fixture
async def vase(till: Till) -> str:
    """A variant of which there are three."""
    return await make_variant(till.db, till.shop, stock=3)


@contextmanager
def waiting(till: Till, seconds: float) -> Iterator[None]:
    """Whoever asks for something meanwhile waits so long for Stripe, which is slow."""
    patient, till.gateway = till.gateway, Gateway(till.settings, till.vault, till.db, till.transport, seconds)
    till.sandbox.desk.faults.add(Fault(latency=SLOW, times=20))
    yield
    till.sandbox.desk.faults.clear()
    till.gateway = patient


async def tap(till: Till, vase: str, quantity: int = 1) -> Checkout:
    return await till.start(CheckoutItemIn(variant_id=vase, quantity=quantity), page="p")


async def with_a_coupon(till: Till, vase: str) -> None:
    async with till.db.transaction() as session:
        await discounts.create(session, till.shop, DiscountCreate(title="Été", terms=Percentage(rate=1000)))


async def instead_of_another_choice(till: Till, vase: str) -> None:
    await tap(till, vase, 2)


async def after_a_stored_failure(till: Till, vase: str) -> None:
    await till.control("faults", at="inside", status=500)


@pytest.mark.parametrize("begin", [with_a_coupon, instead_of_another_choice, after_a_stored_failure])
async def test_two_slow_calls_are_one_slow_answer(
    till: Till, vase: str, begin: Callable[[Till, str], Awaitable[None]]
) -> None:
    await begin(till, vase)
    with waiting(till, 1.5 * SLOW), pytest.raises(PaymentProviderUnavailable, match="too long"):
        await tap(till, vase)
    found = await tap(till, vase)
    assert (found.status, (await offer(till.db, till.shop, vase)).available) == ("open", 2)
    living = [order for order in await all_orders(till) if order.status == "awaiting_payment"]
    assert [order.id for order in living] == [found.order_id]


async def test_whoever_ends_a_checkout_waits_as_long(till: Till, vase: str) -> None:
    await till.control("faults", status=503, headers={"stripe-should-retry": "false"})
    with pytest.raises(PaymentProviderUnavailable):
        await tap(till, vase)
    (order,) = await all_orders(till)
    with waiting(till, 1.5 * SLOW), pytest.raises(PaymentProviderUnavailable, match="too long"):
        await checkouts.expire(till.gateway, till.db, till.shop, order.checkout_id, clock.now())
    ended = await checkouts.expire(till.gateway, till.db, till.shop, order.checkout_id, clock.now())
    assert (ended.status, (await offer(till.db, till.shop, vase)).available) == ("expired", 3)


async def test_each_request_has_its_own_time(till: Till, vase: str) -> None:
    with waiting(till, 3 * SLOW):
        for number in range(4):
            item = CheckoutItemIn(variant_id=await make_variant(till.db, till.shop))
            assert (await till.start(item, page=str(number))).status == "open"


async def test_whoever_gives_pieces_back_waits_as_long(till: Till, vase: str) -> None:
    found = await tap(till, vase)
    await till.pay(found)
    async with till.db.transaction() as session:  # As where tax came on top: what the line cost is read first.
        order = await orders.lock(session, till.shop.id, found.order_id)
        assert order is not None
        order.lines_session = found.stripe_session_id
        (line,) = (await orders.lines(session, [order]))[order.id]
    wish = RefundCreate(lines=[RefundLineIn(line_id=line.id, quantity=1)])
    with waiting(till, 1.5 * SLOW), pytest.raises(PaymentProviderUnavailable, match="too long"):
        await refunds.create(till.gateway, till.db, till.shop, found.order_id, wish, "k", clock.now())
    made = await refunds.create(till.gateway, till.db, till.shop, found.order_id, wish, "k", clock.now())
    assert made.status == "succeeded"
