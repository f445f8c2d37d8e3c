"""What merchants' programs get to hear of orders: what it is about, how much, and where the buyer came from.

Nobody's name, address or mail stands in it: whoever needs those asks for the order.
"""

from datetime import datetime
from typing import TypeVar

import sqlalchemy as sa
from msgspec import structs
from sqlmodel import col

from checkout.discounts.models import Redemption
from checkout.events import (
    OrderDisputeClosed,
    OrderDisputed,
    OrderExpired,
    OrderNeedsReview,
    OrderPaid,
    OrderPaymentFailed,
    OrderPlaced,
    OrderProcessing,
    OrderRefunded,
    OrderRefundFailed,
)
from checkout.models import Order, OrderLine
from checkout.shipping.events import OrderShipped
from core.db import AsyncSession
from core.webhooks import published
from core.wire import Out


class OrderDiscountData(Out, kw_only=True, frozen=True):
    """A discount that the order was given; `code` is null where the shop gave it by itself."""

    discount_id: str
    title: str
    code: str | None
    amount: int
    free_shipping: bool


class OrderLineData(Out, kw_only=True, frozen=True):
    """What was ordered; `amount_total` is what the line was to cost, `amount_discount` taken off.

    `amount_charged` is what Stripe took for it, with the `amount_tax` in it: more than `amount_total` where tax came on
    top. Both are null until the order is paid, and for the moment in which they are read at Stripe.
    """

    id: str
    product_id: str
    variant_id: str
    sku: str
    title: str
    variant_title: str
    quantity: int
    unit_amount: int
    amount_discount: int
    amount_total: int
    amount_charged: int | None
    amount_tax: int | None


class OrderFactsData(Out, kw_only=True, frozen=True):
    """An order as it was then; amounts in the minor unit. What is not known of its origin is null.

    `number` is given when it is paid; `reviews` says why a person should look at it. `discounts` stand in the order in
    which they were taken off; their amounts add up to `amount_discount`, and so do those of the lines. `recovers` is
    the order whose checkout was taken up again with this one, or null.
    """

    id: str
    number: int | None
    status: str
    currency: str
    amount_subtotal: int
    amount_discount: int
    amount_shipping: int
    amount_tax: int
    amount_total: int
    amount_paid: int
    amount_refunded: int
    lines: list[OrderLineData]
    discounts: list[OrderDiscountData]
    oversold: bool
    reviews: list[str]
    recovers: str | None
    network: str
    placement: str | None
    post_id: str | None
    link_id: str | None
    campaign: str | None
    creator_id: str | None
    variant: int
    method: str
    confidence: str
    created_at: datetime
    paid_at: datetime | None


class RefundData(Out, kw_only=True, frozen=True):
    """Money on its way back, in the minor unit."""

    id: str
    amount: int
    currency: str


class DisputeData(Out, kw_only=True, frozen=True):
    """What the buyer's bank questions, in the minor unit; without an answer by `evidence_due_by` it is lost."""

    id: str
    amount: int
    currency: str
    reason: str
    evidence_due_by: datetime | None


class VerdictData(Out, kw_only=True, frozen=True):
    """How a dispute ended: won, lost, warning_closed or prevented."""

    id: str
    status: str


class ParcelData(Out, kw_only=True, frozen=True):
    """A parcel on its way; who carries it, empty where that is not known. Where it goes stands in the API."""

    id: str
    carrier: str


class OrderData(Out, kw_only=True, frozen=True):
    """What happened to this order."""

    order: OrderFactsData


class OrderRefundData(Out, kw_only=True, frozen=True):
    """A refund, and its order."""

    order: OrderFactsData
    refund: RefundData


class OrderParcelData(Out, kw_only=True, frozen=True):
    """A parcel, and its order."""

    order: OrderFactsData
    fulfilment: ParcelData


class OrderDisputeData(Out, kw_only=True, frozen=True):
    """A dispute, and its order."""

    order: OrderFactsData
    dispute: DisputeData


class OrderVerdictData(Out, kw_only=True, frozen=True):
    """The end of a dispute, and its order."""

    order: OrderFactsData
    dispute: VerdictData


T = TypeVar("T", bound=Out)


async def _order(session: AsyncSession, shop_id: str, order_id: str) -> OrderFactsData:
    columns = [getattr(Order, each) for each in OrderFactsData.__struct_fields__ if each not in ("lines", "discounts")]
    chosen = sa.select(*columns, col(Order.lines_session)).where(
        col(Order.id) == order_id, col(Order.shop_id) == shop_id
    )
    facts = dict((await session.execute(chosen)).one()._mapping)
    read = facts.pop("lines_session") is None and facts["paid_at"] is not None
    lines = await _parts(session, OrderLine, OrderLineData, order_id)
    discounts = await _parts(session, Redemption, OrderDiscountData, order_id)
    return OrderFactsData(**facts, lines=[_charged(each, read) for each in lines], discounts=discounts)


def _charged(line: OrderLineData, read: bool) -> OrderLineData:
    """The line with what was taken for it: what it was to cost, where Stripe's page has not changed that."""
    if not read:
        return structs.replace(line, amount_charged=None, amount_tax=None)
    return line if line.amount_charged is not None else structs.replace(line, amount_charged=line.amount_total)


async def _parts(
    session: AsyncSession, table: type[OrderLine] | type[Redemption], shape: type[T], order_id: str
) -> list[T]:
    """The rows of an order in this table, by their position, with the columns that this shape has."""
    columns = (getattr(table, each) for each in shape.__struct_fields__)
    rows = sa.select(*columns).where(col(table.order_id) == order_id).order_by(col(table.position))
    return [shape(**row._mapping) for row in await session.execute(rows)]


@published.publish(OrderPlaced, subject=lambda event: event.order_id)
async def order_placed(session: AsyncSession, shop_id: str, event: OrderPlaced) -> OrderData:
    """Not paid yet."""
    return OrderData(order=await _order(session, shop_id, event.order_id))


@published.publish(OrderProcessing, subject=lambda event: event.order_id)
async def order_processing(session: AsyncSession, shop_id: str, event: OrderProcessing) -> OrderData:
    """Paid by a method whose outcome takes days; nothing to pack yet."""
    return OrderData(order=await _order(session, shop_id, event.order_id))


@published.publish(OrderPaid, subject=lambda event: event.order_id)
async def order_paid(session: AsyncSession, shop_id: str, event: OrderPaid) -> OrderData:
    """Time to pack."""
    return OrderData(order=await _order(session, shop_id, event.order_id))


@published.publish(OrderExpired, subject=lambda event: event.order_id)
async def order_expired(session: AsyncSession, shop_id: str, event: OrderExpired) -> OrderData:
    """Nobody paid; the order's status says whether the checkout was cancelled."""
    return OrderData(order=await _order(session, shop_id, event.order_id))


@published.publish(OrderPaymentFailed, subject=lambda event: event.order_id)
async def order_payment_failed(session: AsyncSession, shop_id: str, event: OrderPaymentFailed) -> OrderData:
    """Nobody paid, late."""
    return OrderData(order=await _order(session, shop_id, event.order_id))


@published.publish(OrderNeedsReview, subject=lambda event: event.order_id)
async def order_needs_review(session: AsyncSession, shop_id: str, event: OrderNeedsReview) -> OrderData:
    """The order's `reviews` say why."""
    return OrderData(order=await _order(session, shop_id, event.order_id))


@published.publish(OrderRefunded, subject=lambda event: event.order_id)
async def order_refunded(session: AsyncSession, shop_id: str, event: OrderRefunded) -> OrderRefundData:
    """Money goes back."""
    refund = RefundData(id=event.refund_id, amount=event.amount, currency=event.currency)
    return OrderRefundData(order=await _order(session, shop_id, event.order_id), refund=refund)


@published.publish(OrderRefundFailed, subject=lambda event: event.order_id)
async def order_refund_failed(session: AsyncSession, shop_id: str, event: OrderRefundFailed) -> OrderRefundData:
    """Money did not go back after all."""
    refund = RefundData(id=event.refund_id, amount=event.amount, currency=event.currency)
    return OrderRefundData(order=await _order(session, shop_id, event.order_id), refund=refund)


@published.publish(OrderDisputed, subject=lambda event: event.order_id)
async def order_disputed(session: AsyncSession, shop_id: str, event: OrderDisputed) -> OrderDisputeData:
    """Somebody has to answer the bank."""
    dispute = DisputeData(
        id=event.dispute_id,
        amount=event.amount,
        currency=event.currency,
        reason=event.reason,
        evidence_due_by=event.evidence_due_by,
    )
    return OrderDisputeData(order=await _order(session, shop_id, event.order_id), dispute=dispute)


@published.publish(OrderDisputeClosed, subject=lambda event: event.order_id)
async def order_dispute_closed(session: AsyncSession, shop_id: str, event: OrderDisputeClosed) -> OrderVerdictData:
    """The bank has decided."""
    verdict = VerdictData(id=event.dispute_id, status=event.status)
    return OrderVerdictData(order=await _order(session, shop_id, event.order_id), dispute=verdict)


@published.publish(OrderShipped, subject=lambda event: event.order_id)
async def order_shipped(session: AsyncSession, shop_id: str, event: OrderShipped) -> OrderParcelData:
    """It left the house."""
    parcel = ParcelData(id=event.fulfilment_id, carrier=event.carrier)
    return OrderParcelData(order=await _order(session, shop_id, event.order_id), fulfilment=parcel)
