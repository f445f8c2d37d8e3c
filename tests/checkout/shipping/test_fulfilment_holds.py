"""A person holds an order back and lets it go; what a bank has stopped stays stopped."""

import asyncio

import pytest

from checkout import fulfilment_holds, fulfilments, orders
from checkout.errors import OrderNotFound
from checkout.models import Checkout
from checkout.schemas import CheckoutItemIn
from checkout.shipping.errors import FulfilmentHoldNotFound, HeldByDispute, NotToBeShipped
from checkout.shipping.models import FulfilmentHold
from checkout.shipping.schemas import FulfilmentChange, FulfilmentCreate, FulfilmentHoldCreate, PersonsReason
from core import clock, ids, shops
from tests.checkout.conftest import Till
from tests.checkout.shipping.making import make_vase
from tests.checkout.test_news import Story, begin


async def bought(till: Till) -> Checkout:
    """A paid checkout of one vase."""
    checkout = await till.start(CheckoutItemIn(variant_id=await make_vase(till.db, till.shop)))
    await till.pay(checkout)
    return checkout


async def hold(till: Till, checkout: Checkout, reason: PersonsReason, note: str = "") -> FulfilmentHold:
    data = FulfilmentHoldCreate(reason=reason, note=note)
    async with till.db.transaction() as session:
        return await fulfilment_holds.create(session, till.shop, checkout.order_id, data, clock.now())


async def release(till: Till, checkout: Checkout, held: FulfilmentHold) -> None:
    async with till.db.transaction() as session:
        await fulfilment_holds.release(session, till.shop, checkout.order_id, held.id, clock.now())


async def known(till: Till, checkout: Checkout) -> list[FulfilmentHold]:
    async with till.db.read() as session:
        return await fulfilment_holds.of_order(session, await orders.get(session, till.shop, checkout.order_id))


async def status(till: Till, checkout: Checkout) -> str | None:
    async with till.db.read() as session:
        return (await fulfilments.of_order(session, till.shop, checkout.order_id)).status


async def pack(till: Till, checkout: Checkout) -> str:
    async with till.db.transaction() as session:
        data = FulfilmentCreate()
        return (await fulfilments.create(session, till.shop, checkout.order_id, data, clock.now())).id


async def ship(till: Till, checkout: Checkout, parcel: str) -> None:
    async with till.db.transaction() as session:
        leaving = FulfilmentChange(status="shipped")
        await fulfilments.change(session, till.shop, checkout.order_id, parcel, leaving, None, clock.now())


async def test_nothing_is_packed_or_leaves_while_a_person_holds_it_back(till: Till) -> None:
    checkout, packed = await bought(till), await bought(till)
    parcel = await pack(till, packed)
    held = [await hold(till, each, "incorrect-address", "House number?") for each in (checkout, packed)]
    assert [await status(till, each) for each in (checkout, packed)] == ["on_hold", "on_hold"]
    with pytest.raises(NotToBeShipped) as refused:
        await pack(till, checkout)
    assert refused.value.facts["holds"] == ["incorrect-address"]
    with pytest.raises(NotToBeShipped):
        await ship(till, packed, parcel)
    for each, of in zip((checkout, packed), held, strict=True):
        await release(till, each, of)
    await pack(till, checkout)
    assert [await status(till, each) for each in (checkout, packed)] == ["packed", "packed"]
    await ship(till, packed, parcel)
    assert await status(till, packed) == "shipped"


async def test_each_reason_holds_by_itself_and_the_same_one_once(till: Till) -> None:
    checkout = await bought(till)
    first, again = await hold(till, checkout, "other", "Ask Ada."), await hold(till, checkout, "other", "Why?")
    assert (first.id, first.note) == (again.id, "Ask Ada.")
    second = await hold(till, checkout, "suspected-fraud")
    await release(till, checkout, first)
    assert await status(till, checkout) == "on_hold"
    await release(till, checkout, second)
    assert await status(till, checkout) == "unfulfilled"


async def test_what_was_released_stays_known_and_the_same_reason_may_come_back(till: Till) -> None:
    checkout = await bought(till)
    first = await hold(till, checkout, "out-of-stock")
    await release(till, checkout, first)
    once = (await known(till, checkout))[0].released_at
    await release(till, checkout, first)
    second = await hold(till, checkout, "out-of-stock")
    assert [(each.id, each.released_at) for each in await known(till, checkout)] == [
        (first.id, once),
        (second.id, None),
    ]
    assert (first.id != second.id, once is not None) == (True, True)
    assert await status(till, checkout) == "on_hold"


async def test_two_people_at_once_hold_it_back_once(till: Till) -> None:
    checkout = await bought(till)
    found = await asyncio.gather(*(hold(till, checkout, "other") for _ in range(4)))
    assert len({each.id for each in found}) == 1 == len(await known(till, checkout))


async def test_no_person_lets_go_what_a_bank_has_stopped(till: Till) -> None:
    story = await begin(till)
    await story.tell([story.session("completed", "paid"), story.dispute("created", "needs_response")])
    (held,) = await known(till, story.checkout)
    with pytest.raises(HeldByDispute):
        await release(till, story.checkout, held)
    await story.tell([story.dispute("closed", "won"), story.dispute("created", "needs_response")])
    (over,) = await known(till, story.checkout)
    assert (over.id, over.released_at is not None) == (held.id, True)
    await release(till, story.checkout, over)


@pytest.mark.parametrize(
    ("amount", "end", "left"), [(1000, "lost", "paid"), (4900, "lost", "charged_back"), (4900, "won", "paid")]
)
async def test_a_dispute_that_is_over_holds_nothing_back_and_a_part_that_is_lost_leaves_the_rest(
    till: Till, amount: int, end: str, left: str
) -> None:
    story = await begin(till)
    disputed = Story(till, story.checkout, amount)
    await story.tell([story.session("completed", "paid")])
    disputed.count = 10
    await disputed.tell([disputed.dispute("created", "needs_response")])
    assert ((await story.order()).status, await status(till, story.checkout)) == ("disputed", "on_hold")
    await disputed.tell([disputed.dispute("closed", end)])
    assert ((await story.order()).status, await status(till, story.checkout)) == (left, "unfulfilled")
    if left == "paid":
        await pack(till, story.checkout)
        assert await status(till, story.checkout) == "packed"
    else:
        with pytest.raises(NotToBeShipped):
            await pack(till, story.checkout)


async def test_a_hold_that_is_none_is_not_released(till: Till) -> None:
    checkout, other = await bought(till), await bought(till)
    held = await hold(till, checkout, "other")
    async with till.db.transaction() as session:
        elsewhere = await shops.create(session, "Elsewhere", "EUR")
        for order_id, hold_id in ((checkout.order_id, ids.new("fhold")), (other.order_id, held.id)):
            with pytest.raises(FulfilmentHoldNotFound):
                await fulfilment_holds.release(session, till.shop, order_id, hold_id, clock.now())
        with pytest.raises(OrderNotFound):
            await fulfilment_holds.release(session, elsewhere, checkout.order_id, held.id, clock.now())
        data = FulfilmentHoldCreate(reason="other")
        with pytest.raises(OrderNotFound):
            await fulfilment_holds.create(session, elsewhere, checkout.order_id, data, clock.now())
