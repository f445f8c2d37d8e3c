"""Parcels of an order, and what holds it back.

An order is `unfulfilled`, `on_hold`, or as far as the piece of it that has come least far: `packed`, `shipped`,
`delivered`, `returned`. It is computed from the parcels, so that no two places can disagree.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
import sqlalchemy as sa
from sqlmodel import col, select

from checkout import facts, fulfilment_holds, orders, oversold
from checkout.errors import LineNamedTwice, OrderNotFound
from checkout.models import Order, OrderLine, Refund
from checkout.shipping.errors import (
    FulfilmentNotFound,
    GivenBackInside,
    NothingToShip,
    NotToBeShipped,
    WrongStep,
)
from checkout.shipping.events import OrderShipped
from checkout.shipping.models import Fulfilment, FulfilmentLine
from checkout.shipping.schemas import (
    FulfilmentChange,
    FulfilmentCreate,
    FulfilmentLineOut,
    FulfilmentOut,
    FulfilmentsOut,
    FulfilmentStatus,
    ParcelStatus,
)
from core import events, ids
from core.db import AsyncSession
from core.errors import expect
from core.shops import Shop
from core.wire import UNSET

_STEPS: tuple[ParcelStatus, ...] = ("packed", "shipped", "delivered", "returned")
_ON_ITS_WAY = ("shipped", "delivered")
# What was given back in part is still to be shipped in part.
_MAY_SHIP = ("paid", "partially_refunded")


def status(
    pieces: Mapping[str, int], held: bool, parcels: Sequence[tuple[str, Mapping[str, int]]]
) -> FulfilmentStatus | None:
    """How far an order has come: `pieces` to be sent by line, and its parcels with their status and their pieces.

    None where nothing is to be sent. A hold says nothing any more once everything is on its way.
    """
    if not any(pieces.values()):
        return None
    packed: dict[str, int] = defaultdict(int)
    for _, content in parcels:
        for line_id, quantity in content.items():
            packed[line_id] += quantity
    whole = all(packed[line_id] >= quantity for line_id, quantity in pieces.items())
    least = min((_STEPS.index(_step(each)) for each, _ in parcels), default=0)
    if whole and least > 0:
        return _STEPS[least]
    if held:
        return "on_hold"
    return "packed" if whole else "unfulfilled"


def _step(word: str) -> ParcelStatus:
    step: ParcelStatus = msgspec.convert(word, ParcelStatus)
    return step


async def create(session: AsyncSession, shop: Shop, order_id: str, data: FulfilmentCreate, now: datetime) -> Fulfilment:
    """Pack a parcel of a paid order.

    Refuses OrderNotFound, NotToBeShipped while it is unpaid or on hold, NothingToShip for more pieces than are left,
    and for those that are missing.
    """
    order = await _lock(session, shop, order_id)
    await _expect_ready(session, order)
    content = _content(data, await _left(session, order))
    parcel = Fulfilment(
        id=ids.new("parcel"), shop_id=shop.id, order_id=order.id, carrier=data.carrier,
        tracking_number=data.tracking_number, tracking_url=data.tracking_url or "", created_at=now,
    )  # fmt: skip
    session.add(parcel)
    await session.flush()
    for line_id, quantity in content.items():
        session.add(FulfilmentLine(fulfilment_id=parcel.id, order_line_id=line_id, shop_id=shop.id, quantity=quantity))
    await session.flush()
    return parcel


async def change(
    session: AsyncSession,
    shop: Shop,
    order_id: str,
    fulfilment_id: str,
    data: FulfilmentChange,
    version: int | None,
    now: datetime,
) -> Fulfilment:
    """Take a parcel one step further, or write down what its carrier told; a version of None is any.

    Refuses OrderNotFound, FulfilmentNotFound, PreconditionFailed, WrongStep; NotToBeShipped and GivenBackInside where
    it may not leave.
    """
    order = await _lock(session, shop, order_id)
    parcel = await _parcel(session, order, fulfilment_id)
    expect(parcel.version, version)
    for name in ("carrier", "tracking_number", "tracking_url"):
        if (value := getattr(data, name)) is not UNSET:
            setattr(parcel, name, value)
    if data.status is not UNSET and data.status != parcel.status:
        await _advance(session, shop, order, parcel, data.status, now)
    parcel.version += 1
    session.add(parcel)
    await session.flush()
    return parcel


async def _advance(
    session: AsyncSession, shop: Shop, order: Order, parcel: Fulfilment, wanted: ParcelStatus, now: datetime
) -> None:
    if _STEPS.index(wanted) != _STEPS.index(_step(parcel.status)) + 1:
        raise WrongStep(f"A parcel goes {' → '.join(_STEPS)}.", status=parcel.status, wanted=wanted)
    if wanted == "shipped":
        await _expect_ready(session, order)
        await _expect_nothing_given_back(session, order, parcel)
    parcel.status = wanted
    if wanted == "shipped":
        parcel.shipped_at = now
        shipped = OrderShipped(
            order_id=order.id,
            fulfilment_id=parcel.id,
            carrier=parcel.carrier,
            tracking_number=parcel.tracking_number,
            tracking_url=parcel.tracking_url,
        )
        await events.record(session, shop.id, shipped)
    elif wanted == "delivered":
        parcel.delivered_at = now
    else:
        parcel.returned_at = now


async def unpack(session: AsyncSession, shop: Shop, order_id: str, fulfilment_id: str) -> None:
    """Take a parcel apart that has not left. Refuses OrderNotFound, FulfilmentNotFound, WrongStep once it has."""
    order = await _lock(session, shop, order_id)
    parcel = await _parcel(session, order, fulfilment_id)
    if parcel.status != "packed":
        raise WrongStep("Only a parcel that has not left can be unpacked.", status=parcel.status)
    await session.execute(sa.delete(FulfilmentLine).where(col(FulfilmentLine.fulfilment_id) == parcel.id))
    await session.delete(parcel)
    await session.flush()


async def get(session: AsyncSession, shop: Shop, order_id: str, fulfilment_id: str) -> Fulfilment:
    """One parcel of an order. Refuses OrderNotFound, FulfilmentNotFound."""
    return await _parcel(session, await orders.get(session, shop, order_id), fulfilment_id)


async def of_order(session: AsyncSession, shop: Shop, order_id: str) -> FulfilmentsOut:
    """All parcels of an order, with what holds it back. Refuses OrderNotFound."""
    order = await orders.get(session, shop, order_id)
    found = await of_orders(session, [order])
    return found[order.id]


async def of_orders(session: AsyncSession, of: Sequence[Order]) -> dict[str, FulfilmentsOut]:
    """The parcels of these orders and how far each has come, by order id."""
    wanted = [order.id for order in of]
    pieces = await _pieces(session, await orders.lines(session, of))
    parcels = await _parcels(session, wanted)
    holds = await fulfilment_holds.reasons(session, wanted)
    return {order_id: _out(pieces[order_id], holds[order_id], parcels[order_id]) for order_id in wanted}


async def out(session: AsyncSession, parcel: Fulfilment) -> FulfilmentOut:
    """One parcel with its lines."""
    chosen = select(FulfilmentLine).where(FulfilmentLine.fulfilment_id == parcel.id)
    lines = (await session.exec(chosen.order_by(col(FulfilmentLine.order_line_id)))).all()
    return _one(parcel, {line.order_line_id: line.quantity for line in lines})


_Parcels = list[tuple[Fulfilment, dict[str, int]]]


async def _parcels(session: AsyncSession, order_ids: Sequence[str]) -> dict[str, _Parcels]:
    """The parcels of these orders with their pieces by line, the oldest first."""
    chosen = (
        select(Fulfilment, FulfilmentLine)
        .join(FulfilmentLine, col(FulfilmentLine.fulfilment_id) == col(Fulfilment.id))
        .where(col(Fulfilment.order_id).in_(order_ids))
        .order_by(col(Fulfilment.id), col(FulfilmentLine.order_line_id))
    )
    found: dict[str, _Parcels] = {order_id: [] for order_id in order_ids}
    for parcel, line in (await session.exec(chosen)).all():
        mine = found[parcel.order_id]
        if not mine or mine[-1][0].id != parcel.id:
            mine.append((parcel, {}))
        mine[-1][1][line.order_line_id] = line.quantity
    return found


def _out(pieces: Mapping[str, int], holds: list[str], parcels: _Parcels) -> FulfilmentsOut:
    return FulfilmentsOut(
        status=status(pieces, bool(holds), [(each.status, content) for each, content in parcels]),
        holds=holds,
        items=[_one(each, content) for each, content in parcels],
    )


def _one(parcel: Fulfilment, content: Mapping[str, int]) -> FulfilmentOut:
    return FulfilmentOut(
        id=parcel.id, order_id=parcel.order_id, status=_step(parcel.status), carrier=parcel.carrier,
        tracking_number=parcel.tracking_number, tracking_url=parcel.tracking_url, created_at=parcel.created_at,
        shipped_at=parcel.shipped_at, delivered_at=parcel.delivered_at, returned_at=parcel.returned_at,
        lines=[FulfilmentLineOut(line_id=line_id, quantity=quantity) for line_id, quantity in content.items()],
    )  # fmt: skip


async def _pieces(session: AsyncSession, lines: Mapping[str, Sequence[OrderLine]]) -> dict[str, dict[str, int]]:
    """What is to be sent of each order, by line: what was given back is not."""
    pieces = {
        order_id: {line.id: line.quantity for line in mine if line.requires_shipping}
        for order_id, mine in lines.items()
    }
    for refund in (await session.exec(select(Refund).where(col(Refund.order_id).in_(list(lines))))).all():
        if facts.is_going_back(refund.status):
            mine = pieces[refund.order_id]
            for line_id, quantity in refund.lines.items():
                if line_id in mine:
                    mine[line_id] = max(0, mine[line_id] - quantity)
    return pieces


async def _left(session: AsyncSession, order: Order) -> dict[str, int]:
    """What is there and in no parcel yet, by line: what the shelf did not have cannot be packed."""
    lines = (await orders.lines(session, [order]))[order.id]
    left = (await _pieces(session, {order.id: lines}))[order.id]
    missing = await oversold.missing(session, order)
    for line in lines:
        if line.id in left:
            lacks = min(left[line.id], missing.get(line.variant_id, 0))
            left[line.id] -= lacks
            missing[line.variant_id] = missing.get(line.variant_id, 0) - lacks
    for _, content in (await _parcels(session, [order.id]))[order.id]:
        for line_id, quantity in content.items():
            left[line_id] = left.get(line_id, 0) - quantity
    return {line_id: quantity for line_id, quantity in left.items() if quantity > 0}


def _content(data: FulfilmentCreate, left: Mapping[str, int]) -> Mapping[str, int]:
    """Pieces by line: what was asked for, or all that is left. Refuses NothingToShip."""
    wanted = {each.line_id: each.quantity for each in data.lines} or left
    if len(wanted) < len(data.lines):
        raise LineNamedTwice("Name each line once.")
    if not wanted or any(quantity > left.get(line_id, 0) for line_id, quantity in wanted.items()):
        raise NothingToShip("So many pieces of this order are not left to pack.", left=dict(left))
    return wanted


async def _expect_ready(session: AsyncSession, order: Order) -> None:
    """Refuses NotToBeShipped, saying why."""
    holds = (await fulfilment_holds.reasons(session, [order.id]))[order.id]
    if holds or order.status not in _MAY_SHIP:
        why = "Something holds this order back." if holds else "Only a paid order is shipped."
        raise NotToBeShipped(why, status=order.status, holds=holds)


async def _expect_nothing_given_back(session: AsyncSession, order: Order, leaving: Fulfilment) -> None:
    """Refuses GivenBackInside where more would be on its way than is to be sent: the buyer has that money again, and
    perhaps somebody else the piece."""
    to_send = (await _pieces(session, await orders.lines(session, [order])))[order.id]
    surplus = {}
    parcels = (await _parcels(session, [order.id]))[order.id]
    inside = next(content for parcel, content in parcels if parcel.id == leaving.id)
    for line_id, quantity in inside.items():
        sent = sum(content.get(line_id, 0) for parcel, content in parcels if parcel.status in _ON_ITS_WAY)
        if (more := sent + quantity - to_send.get(line_id, 0)) > 0:
            surplus[line_id] = min(more, quantity)
    if surplus:
        raise GivenBackInside("Unpack it (DELETE), and pack what is left to be sent.", surplus=surplus)


async def _lock(session: AsyncSession, shop: Shop, order_id: str) -> Order:
    order = await orders.lock(session, shop.id, order_id)
    if order is None:
        raise OrderNotFound
    return order


async def _parcel(session: AsyncSession, order: Order, fulfilment_id: str) -> Fulfilment:
    chosen = select(Fulfilment).where(Fulfilment.order_id == order.id, Fulfilment.id == fulfilment_id)
    found = (await session.exec(chosen.execution_options(populate_existing=True))).first()
    if found is None:
        raise FulfilmentNotFound
    return found
