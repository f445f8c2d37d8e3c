"""Checkouts and orders as they go over the wire."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from checkout import orders
from checkout.models import Checkout, Order, OrderLine
from core.money import Money
from core.settings import Settings
from core.wire import UNSET, Id, In, Out, Quantity, UnsetType, Url
from social.links.origin import Confidence, Method, Sign

Utm = Annotated[str, Meta(min_length=1, max_length=150, pattern="^[A-Za-z0-9_.-]+$")]
ClickToken = Annotated[str, Meta(min_length=51, max_length=51, pattern="^[A-Za-z0-9_-]+$")]
CheckoutStatus = Literal["creating", "open", "complete", "expired", "refused"]
OrderStatus = Literal["awaiting_payment", "processing", "paid", "payment_failed", "expired"]


class CheckoutItemIn(In, kw_only=True):
    """So many pieces of one variant. Its price is the catalog's and nobody else's."""

    variant_id: Id
    quantity: Quantity = 1


class OriginIn(In, kw_only=True):
    """Where the buyer comes from, as far as the front end knows: the `sl` of the link, or UTM parameters."""

    click_token: ClickToken | UnsetType = UNSET
    utm_source: Utm | UnsetType = UNSET
    utm_medium: Utm | UnsetType = UNSET
    utm_campaign: Utm | UnsetType = UNSET
    utm_content: Utm | UnsetType = UNSET
    utm_term: Utm | UnsetType = UNSET


class CheckoutCreate(In, kw_only=True):
    """A basket to pay. Addresses that the buyer returns to are on the shop's own site."""

    items: Annotated[list[CheckoutItemIn], Meta(min_length=1, max_length=50)]
    origin: OriginIn = msgspec.field(default_factory=OriginIn)
    success_url: Url | UnsetType = UNSET
    cancel_url: Url | UnsetType = UNSET


class CheckoutOut(Out, kw_only=True, frozen=True):
    """A checkout; `url` is the page to pay at while `status` is open."""

    id: str
    order_id: str
    status: CheckoutStatus
    url: str | None
    expires_at: datetime
    created_at: datetime

    @classmethod
    def of(cls, checkout: Checkout) -> "CheckoutOut":
        """The checkout without what only Stripe needs to know."""
        return cls(
            id=checkout.id,
            order_id=checkout.order_id,
            status=msgspec.convert(checkout.status, CheckoutStatus),
            url=checkout.url if checkout.status == "open" else None,
            expires_at=checkout.expires_at,
            created_at=checkout.created_at,
        )


class OrderLineOut(Out, kw_only=True, frozen=True):
    """What was ordered, at the price of that moment."""

    product_id: str
    variant_id: str
    title: str
    variant_title: str
    sku: str
    quantity: int
    unit_price: Money
    total: Money

    @classmethod
    def of(cls, line: OrderLine, currency: str) -> "OrderLineOut":
        """The line in its order's currency."""
        return cls(
            product_id=line.product_id,
            variant_id=line.variant_id,
            title=line.title,
            variant_title=line.variant_title,
            sku=line.sku,
            quantity=line.quantity,
            unit_price=Money(line.unit_amount, currency),
            total=Money(line.amount_total, currency),
        )


class AttributionOut(Out, kw_only=True, frozen=True):
    """Where the order came from and how that is known; written once, never changed.

    `network` is `unknown` where nothing tells. `view_through` is always null: organic posts carry no impression
    ids, so nobody can know it. `evidence` has the deciding sign first.
    """

    network: str
    placement: str | None
    post_id: str | None
    link_id: str | None
    click_id: str | None
    method: Method
    confidence: Confidence
    campaign: str | None
    utm: dict[str, str]
    evidence: list[Sign]
    view_through: None

    @classmethod
    def of(cls, order: Order) -> "AttributionOut":
        """The order's origin."""
        return cls(
            network=order.network,
            placement=order.placement,
            post_id=order.post_id,
            link_id=order.link_id,
            click_id=order.click_id,
            method=msgspec.convert(order.method, Method),
            confidence=msgspec.convert(order.confidence, Confidence),
            campaign=order.campaign,
            utm=order.utm,
            evidence=msgspec.convert(order.evidence, list[Sign]),
            view_through=None,
        )


class OrderOut(Out, kw_only=True, frozen=True):
    """An order. `review` says why a person should look; `oversold` that stock ran out before the money came."""

    id: str
    status: OrderStatus
    total: Money
    paid: Money
    lines: list[OrderLineOut]
    attribution: AttributionOut
    oversold: bool
    review: str | None
    payment_intent: str | None
    status_url: str
    created_at: datetime
    paid_at: datetime | None

    @classmethod
    def of(cls, order: Order, lines: Sequence[OrderLine], settings: Settings) -> "OrderOut":
        """The order with its lines and the address of the buyer's status page."""
        currency = order.currency
        return cls(
            id=order.id,
            status=msgspec.convert(order.status, OrderStatus),
            total=Money(order.amount_total, currency),
            paid=Money(order.amount_paid, currency),
            lines=[OrderLineOut.of(line, currency) for line in lines],
            attribution=AttributionOut.of(order),
            oversold=order.oversold,
            review=order.review,
            payment_intent=order.payment_intent,
            status_url=settings.public_url + orders.path(order),
            created_at=order.created_at,
            paid_at=order.paid_at,
        )
