"""What other rooms hear of parcels."""

from typing import ClassVar

from core.events import Event


class OrderShipped(Event, frozen=True, kw_only=True):
    """A parcel of the order is on its way; empty texts are not known."""

    kind: ClassVar[str] = "order.shipped"
    order_id: str
    fulfilment_id: str
    carrier: str
    tracking_number: str
    tracking_url: str
