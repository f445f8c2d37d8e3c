"""What other rooms hear of orders."""

from typing import ClassVar

from core.events import Event


class OrderPlaced(Event, frozen=True, kw_only=True):
    """A buyer went to pay; stock is held."""

    kind: ClassVar[str] = "order.placed"
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
    """The buyer did not pay in time; stock is back."""

    kind: ClassVar[str] = "order.expired"
    order_id: str


class OrderPaymentFailed(Event, frozen=True, kw_only=True):
    """A delayed payment failed after all; stock is back."""

    kind: ClassVar[str] = "order.payment_failed"
    order_id: str
