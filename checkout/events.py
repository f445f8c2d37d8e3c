"""What other rooms hear of orders."""

from datetime import datetime
from typing import ClassVar

from core.events import Event


class OrderPlaced(Event, frozen=True, kw_only=True):
    """A buyer went to pay; stock is held."""

    kind: ClassVar[str] = "order.placed"
    order_id: str


class OrderProcessing(Event, frozen=True, kw_only=True):
    """The buyer has paid by a method whose outcome takes days; stock stays held."""

    kind: ClassVar[str] = "order.processing"
    order_id: str


class OrderPaid(Event, frozen=True, kw_only=True):
    """The money is certain; amounts in the minor unit."""

    kind: ClassVar[str] = "order.paid"
    order_id: str
    amount: int
    currency: str
    network: str
    oversold: bool


class OrderExpired(Event, frozen=True, kw_only=True):
    """The buyer did not pay in time, or the shop has `cancelled` the checkout; stock is back."""

    kind: ClassVar[str] = "order.expired"
    order_id: str
    cancelled: bool


class OrderPaymentFailed(Event, frozen=True, kw_only=True):
    """A delayed payment failed after all; stock is back."""

    kind: ClassVar[str] = "order.payment_failed"
    order_id: str


class OrderRefunded(Event, frozen=True, kw_only=True):
    """Money goes back to the buyer, by us or from Stripe's dashboard; amounts in the minor unit."""

    kind: ClassVar[str] = "order.refunded"
    order_id: str
    refund_id: str
    amount: int
    currency: str


class OrderRefundFailed(Event, frozen=True, kw_only=True):
    """A refund did not reach the buyer after all: the money is the shop's again."""

    kind: ClassVar[str] = "order.refund_failed"
    order_id: str
    refund_id: str
    amount: int
    currency: str


class OrderDisputed(Event, frozen=True, kw_only=True):
    """The buyer's bank questions the payment; without an answer by `evidence_due_by` it is lost."""

    kind: ClassVar[str] = "order.disputed"
    order_id: str
    dispute_id: str
    amount: int
    currency: str
    reason: str
    evidence_due_by: datetime | None


class OrderDisputeClosed(Event, frozen=True, kw_only=True):
    """The bank has decided, or withdrawn: `status` is won, lost, warning_closed or prevented."""

    kind: ClassVar[str] = "order.dispute_closed"
    order_id: str
    dispute_id: str
    status: str


class OrderNeedsReview(Event, frozen=True, kw_only=True):
    """Something about this order is for a person to look at; `reviews` says what."""

    kind: ClassVar[str] = "order.needs_review"
    order_id: str
    reviews: list[str]


class PaymentDuplicated(Event, frozen=True, kw_only=True):
    """The same order was paid once more, in another session of Stripe's."""

    kind: ClassVar[str] = "payment.duplicated"
    order_id: str
    session_id: str
