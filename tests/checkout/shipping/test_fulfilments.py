"""Parcels: only what is paid and held back by nothing leaves, no piece twice, and an order is as far as its last."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from checkout import fulfilment_holds, fulfilments, orders, refunds
from checkout.models import Checkout, Order
from checkout.schemas import CheckoutItemIn, RefundCreate, RefundLineIn
from checkout.shipping.errors import FulfilmentNotFound, GivenBackInside, NothingToShip, NotToBeShipped, WrongStep
from checkout.shipping.models import Fulfilment
from checkout.shipping.schemas import (
    FulfilmentChange,
    FulfilmentCreate,
    FulfilmentLineIn,
    FulfilmentsOut,
    HoldReason,
    ParcelStatus,
)
from core import clock, ids
from core.db import AsyncSession
from core.events import EventRecord
from tests.checkout.conftest import Till
from tests.checkout.shipping.making import lines_of, make_vase

HELD: tuple[HoldReason, ...] = ("dispute", "other")
STEPS = ("packed", "shipped", "delivered", "returned")


async def placed(till: Till, *quantities: int) -> Checkout:
    """A checkout of so many pieces of as many variants."""
    items = [CheckoutItemIn(variant_id=await make_vase(till.db, till.shop), quantity=each) for each in quantities]
    return await till.start(*items)


async def pack(till: Till, checkout: Checkout, lines: Mapping[str, int]) -> Fulfilment:
    """A parcel of these lines, or of all that is left."""
    content = [FulfilmentLineIn(line_id=line_id, quantity=quantity) for line_id, quantity in lines.items()]
    async with till.db.transaction() as session:
        data = FulfilmentCreate(lines=content, carrier="La Poste", tracking_number="6A123")
        return await fulfilments.create(session, till.shop, checkout.order_id, data, clock.now())


async def advance(till: Till, checkout: Checkout, parcel: Fulfilment, status: ParcelStatus) -> None:
    """Take the parcel there."""
    async with till.db.transaction() as session:
        change = FulfilmentChange(status=status)
        await fulfilments.change(session, till.shop, checkout.order_id, parcel.id, change, None, clock.now())


async def now_of(till: Till, checkout: Checkout) -> FulfilmentsOut:
    """The order's parcels."""
    async with till.db.read() as session:
        return await fulfilments.of_order(session, till.shop, checkout.order_id)


async def locked(session: AsyncSession, till: Till, checkout: Checkout) -> Order:
    """The order's row, locked."""
    order = await orders.lock(session, till.shop.id, checkout.order_id)
    assert order is not None
    return order


async def test_an_order_goes_out_in_parts_and_is_as_far_as_its_last_piece(till: Till) -> None:
    checkout = await placed(till, 3, 1)
    await till.pay(checkout)
    vases, bowl = await lines_of(till, checkout)
    assert (await now_of(till, checkout)).status == "unfulfilled"
    first = await pack(till, checkout, {vases: 2})
    await advance(till, checkout, first, "shipped")
    assert (await now_of(till, checkout)).status == "unfulfilled"
    with pytest.raises(NothingToShip) as refused:
        await pack(till, checkout, {vases: 2})
    assert refused.value.facts["left"] == {vases: 1, bowl: 1}
    second = await pack(till, checkout, {})
    assert (await now_of(till, checkout)).status == "packed"
    await advance(till, checkout, first, "delivered")
    await advance(till, checkout, second, "shipped")
    found = await now_of(till, checkout)
    assert (found.status, [each.status for each in found.items]) == ("shipped", ["delivered", "shipped"])
    assert [{each.line_id: each.quantity for each in parcel.lines} for parcel in found.items] == [
        {vases: 2},
        {vases: 1, bowl: 1},
    ]
    with pytest.raises(NothingToShip):
        await pack(till, checkout, {})
    async with till.db.read() as session:
        news = (await session.exec(select(EventRecord).where(EventRecord.kind == "order.shipped"))).all()
    assert [each.payload["fulfilment_id"] for each in news] == [first.id, second.id]


async def test_nothing_leaves_before_it_is_paid_or_while_it_is_on_hold(till: Till) -> None:
    checkout = await placed(till, 1)
    with pytest.raises(NotToBeShipped):
        await pack(till, checkout, {})
    await till.pay(checkout)
    parcel = await pack(till, checkout, {})
    async with till.db.transaction() as session:
        order = await locked(session, till, checkout)
        for reason in HELD * 2:
            await fulfilment_holds.put(session, order, reason, clock.now())
    assert ((await now_of(till, checkout)).status, (await now_of(till, checkout)).holds) == (
        "on_hold",
        ["dispute", "other"],
    )
    with pytest.raises(NotToBeShipped) as refused:
        await advance(till, checkout, parcel, "shipped")
    assert refused.value.facts["holds"] == ["dispute", "other"]
    async with till.db.transaction() as session:
        order = await locked(session, till, checkout)
        for reason in HELD:
            await fulfilment_holds.lift(session, order, reason, clock.now())
    await advance(till, checkout, parcel, "shipped")
    assert (await now_of(till, checkout)).status == "shipped"


async def test_a_dispute_holds_the_order_back(till: Till) -> None:
    checkout = await placed(till, 1)
    await till.pay(checkout, card="4000000000000259")
    found = await now_of(till, checkout)
    assert (found.status, found.holds) == ("on_hold", ["dispute"])
    with pytest.raises(NotToBeShipped):
        await pack(till, checkout, {})


async def test_a_parcel_skips_no_step_and_goes_none_back(till: Till) -> None:
    checkout = await placed(till, 1)
    await till.pay(checkout)
    parcel = await pack(till, checkout, {})
    for wrong in ("delivered", "returned"):
        with pytest.raises(WrongStep):
            await advance(till, checkout, parcel, wrong)
    async with till.db.transaction() as session:
        await fulfilments.unpack(session, till.shop, checkout.order_id, parcel.id)
    with pytest.raises(FulfilmentNotFound):
        await advance(till, checkout, parcel, "shipped")
    parcel = await pack(till, checkout, {})
    for step in ("shipped", "shipped", "delivered", "returned"):
        await advance(till, checkout, parcel, step)
    with pytest.raises(WrongStep):
        await advance(till, checkout, parcel, "packed")
    async with till.db.transaction() as session:
        with pytest.raises(WrongStep):
            await fulfilments.unpack(session, till.shop, checkout.order_id, parcel.id)
    assert (await now_of(till, checkout)).status == "returned"


async def give_back(till: Till, checkout: Checkout, line: str, quantity: int) -> None:
    """Refund so many pieces of a line, which go back to the shelf."""
    data = RefundCreate(lines=[RefundLineIn(line_id=line, quantity=quantity)], restock=True)
    await refunds.create(till.gateway, till.db, till.shop, checkout.order_id, data, ids.new("refd"), clock.now())


async def test_no_parcel_leaves_with_pieces_that_were_given_back(till: Till) -> None:
    checkout = await placed(till, 3)
    await till.pay(checkout)
    (vases,) = await lines_of(till, checkout)
    parcel = await pack(till, checkout, {})
    await give_back(till, checkout, vases, 2)
    with pytest.raises(GivenBackInside) as refused:
        await advance(till, checkout, parcel, "shipped")
    assert refused.value.facts["surplus"] == {vases: 2}
    async with till.db.transaction() as session:
        await fulfilments.unpack(session, till.shop, checkout.order_id, parcel.id)
    parcel = await pack(till, checkout, {})
    assert [each.quantity for each in (await now_of(till, checkout)).items[0].lines] == [1]
    await advance(till, checkout, parcel, "shipped")
    assert (await now_of(till, checkout)).status == "shipped"


async def test_what_is_left_to_send_leaves_in_whichever_parcel_goes_first(till: Till) -> None:
    checkout = await placed(till, 3)
    await till.pay(checkout)
    (vases,) = await lines_of(till, checkout)
    first, second = await pack(till, checkout, {vases: 2}), await pack(till, checkout, {vases: 1})
    await give_back(till, checkout, vases, 1)
    await advance(till, checkout, first, "shipped")
    await advance(till, checkout, first, "delivered")
    with pytest.raises(GivenBackInside) as refused:
        await advance(till, checkout, second, "shipped")
    assert refused.value.facts["surplus"] == {vases: 1}
    await advance(till, checkout, first, "returned")
    await advance(till, checkout, second, "shipped")


@given(
    st.dictionaries(st.sampled_from("abc"), st.integers(0, 3), max_size=3),
    st.booleans(),
    st.lists(
        st.tuples(st.sampled_from(STEPS), st.dictionaries(st.sampled_from("abc"), st.integers(1, 3), min_size=1)),
        max_size=4,
    ),
)
def test_an_orders_status_follows_from_its_parcels(
    pieces: dict[str, int], held: bool, parcels: list[tuple[str, dict[str, int]]]
) -> None:
    status = fulfilments.status(pieces, held, parcels)
    sent = {key: sum(content.get(key, 0) for _, content in parcels) for key in pieces}
    if not any(pieces.values()):
        assert status is None
    elif status in STEPS:
        assert all(sent[key] >= quantity for key, quantity in pieces.items())
        assert status == min((step for step, _ in parcels), key=STEPS.index)
    else:
        assert status == ("on_hold" if held else "unfulfilled")
    assert fulfilments.status(pieces, held, parcels[::-1]) == status
