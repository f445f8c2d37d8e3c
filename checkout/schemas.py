"""Checkouts and orders as they go over the wire."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from checkout import orders
from checkout.contacts import Contact
from checkout.discounts.models import Redemption
from checkout.discounts.schemas import OrderDiscountOut
from checkout.facts import OrderStatus, Review
from checkout.models import Checkout, Dispute, Order, OrderLine, OrderReview, Refund
from checkout.shipping.countries import Country
from checkout.shipping.models import OrderShipping
from checkout.shipping.schemas import CustomerOut, DeliveryOut, FulfilmentStatus
from core.money import MAXIMUM, Amount, Money
from core.settings import Settings
from core.wire import UNSET, DiscountCode, Id, In, Line, Out, Quantity, UnsetType, Url, Word
from social.links.origin import Confidence, Method, Sign

Utm = Annotated[str, Meta(min_length=1, max_length=150, pattern="^[A-Za-z0-9_.-]+$")]
Address = Annotated[str, Meta(min_length=1, max_length=2048)]
ClickToken = Annotated[str, Meta(min_length=51, max_length=51, pattern="^[A-Za-z0-9_-]+$")]
CheckoutStatus = Literal["creating", "open", "complete", "expired", "refused"]
RefundReason = Literal["duplicate", "fraudulent", "requested_by_customer"]
RefundStatus = Literal["requested", "pending", "requires_action", "succeeded", "canceled", "failed"]


class CheckoutItemIn(In, kw_only=True):
    """So many pieces of one variant. Its price is the catalog's and nobody else's."""

    variant_id: Id
    quantity: Quantity = 1


class OriginIn(In, kw_only=True):
    """Where the buyer comes from, as far as the front end knows: the `sl` of the link, or UTM parameters.

    `touches` are the tokens of earlier taps that the front end has kept, with its visitor's consent, the newest first.
    `landing_url` is the whole address that the buyer landed on, whose `sl`, UTM parameters and click identifiers count
    where they are not named here; only their names are kept, but for UTM. `referrer` is what that page was told.
    """

    click_token: ClickToken | UnsetType = UNSET
    touches: Annotated[list[ClickToken], Meta(max_length=5)] | UnsetType = UNSET
    landing_url: Address | UnsetType = UNSET
    referrer: Address | UnsetType = UNSET
    utm_source: Utm | UnsetType = UNSET
    utm_medium: Utm | UnsetType = UNSET
    utm_campaign: Utm | UnsetType = UNSET
    utm_content: Utm | UnsetType = UNSET
    utm_term: Utm | UnsetType = UNSET


class CheckoutCreate(In, kw_only=True):
    """A basket to pay. Addresses that the buyer returns to are on the shop's own site.

    `ship_to` is the country that shipping is priced for, the shop's own unless named: the page to pay at takes an
    address there, and wherever shipping costs the same. `customer_reference` is how the shop's own server knows who
    buys, for discounts that are limited per customer: it counts with a secret key only, and only its hash is kept.
    `expected_total` is what the buyer was shown, in the minor unit, with the way of shipping that stands first: where
    the order would come to anything else, it is refused and nothing is held. It decides no price.
    """

    items: Annotated[list[CheckoutItemIn], Meta(min_length=1, max_length=50)]
    origin: OriginIn = msgspec.field(default_factory=OriginIn)
    success_url: Url | UnsetType = UNSET
    cancel_url: Url | UnsetType = UNSET
    ship_to: Country | UnsetType = UNSET
    discount_code: DiscountCode | UnsetType = UNSET
    customer_reference: Word | UnsetType = UNSET
    expected_total: Amount | UnsetType = UNSET


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
    """What was ordered, at the price of that moment: `unit_price` times `quantity` less `discount` is the `total`.

    `charged` is what Stripe took for it, with the `tax` in it: more than `total` where tax came on top. Both are null
    until the order is paid, and for the moment in which they are read at Stripe.
    """

    id: str
    product_id: str
    variant_id: str
    title: str
    variant_title: str
    sku: str
    quantity: int
    unit_price: Money
    discount: Money
    total: Money
    charged: Money | None
    tax: Money | None

    @classmethod
    def of(cls, line: OrderLine, order: Order) -> "OrderLineOut":
        """The line in its order's currency."""
        currency, known = order.currency, order.paid_at is not None and order.lines_session is None
        return cls(
            id=line.id,
            product_id=line.product_id,
            variant_id=line.variant_id,
            title=line.title,
            variant_title=line.variant_title,
            sku=line.sku,
            quantity=line.quantity,
            unit_price=Money(line.unit_amount, currency),
            discount=Money(line.amount_discount, currency),
            total=Money(line.amount_total, currency),
            charged=Money(line.cost, currency) if known else None,
            tax=Money(line.amount_tax, currency) if known else None,
        )


class AttributionOut(Out, kw_only=True, frozen=True):
    """Where the order came from and how that is known; written once, never changed.

    `network` is `unknown` where nothing tells. `view_through` is always null: organic posts carry no impression
    ids, so nobody can know it. `evidence` has the deciding sign first. `creator_id` is whose link it was, or whose
    discount code where no link says so; `variant` the arm of the link's experiment, 0 without one.
    """

    network: str
    placement: str | None
    post_id: str | None
    link_id: str | None
    creator_id: str | None
    variant: int
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
            creator_id=order.creator_id,
            variant=order.variant,
            click_id=order.click_id,
            method=msgspec.convert(order.method, Method),
            confidence=msgspec.convert(order.confidence, Confidence),
            campaign=order.campaign,
            utm=order.utm,
            evidence=msgspec.convert(order.evidence, list[Sign]),
            view_through=None,
        )


class OrderOut(Out, kw_only=True, frozen=True):
    """An order; `number` counts paid orders without gaps.

    `subtotal` less `discount` plus `shipping` is the `total`, and `tax` is added where prices do not include it.
    `refunded` is what went back or is going back. `reviews` says why a person should look, until one has; `oversold`
    that stock ran out before the money came, or was sold on before a refund failed. `customer` and `delivery` name a
    person: null where nothing is known, not asked, or erased. `fulfilment` is how far the least of its pieces has come,
    null where nothing is to be sent.
    """

    id: str
    number: int | None
    status: OrderStatus
    subtotal: Money
    discount: Money
    shipping: Money
    tax: Money
    total: Money
    paid: Money
    refunded: Money
    lines: list[OrderLineOut]
    discounts: list[OrderDiscountOut]
    customer: CustomerOut | None
    delivery: DeliveryOut | None
    fulfilment: FulfilmentStatus | None
    attribution: AttributionOut
    oversold: bool
    reviews: list[Review]
    recovers: str | None
    status_url: str
    created_at: datetime
    paid_at: datetime | None

    @classmethod
    def of(
        cls,
        order: Order,
        lines: Sequence[OrderLine],
        settings: Settings,
        *,
        discounts: Sequence[Redemption],
        contact: Contact | None,
        shipping: OrderShipping | None,
        fulfilment: FulfilmentStatus | None,
    ) -> "OrderOut":
        """The order with its lines, its buyer and the address of the buyer's status page."""
        currency, known = order.currency, contact or Contact()
        charged = Money(order.amount_shipping, currency)
        return cls(
            id=order.id,
            number=order.number,
            status=msgspec.convert(order.status, OrderStatus),
            subtotal=Money(order.amount_subtotal, currency),
            discount=Money(order.amount_discount, currency),
            shipping=Money(order.amount_shipping, currency),
            tax=Money(order.amount_tax, currency),
            total=Money(order.amount_total, currency),
            paid=Money(order.amount_paid, currency),
            refunded=Money(order.amount_refunded, currency),
            lines=[OrderLineOut.of(line, order) for line in lines],
            discounts=[OrderDiscountOut.of(each, currency) for each in discounts],
            customer=CustomerOut(email=known.email, name=known.name, phone=known.phone) if contact else None,
            delivery=DeliveryOut.of(shipping, charged, known.recipient, known.address) if shipping else None,
            fulfilment=fulfilment,
            attribution=AttributionOut.of(order),
            oversold=order.oversold,
            reviews=msgspec.convert(order.reviews, list[Review]),
            recovers=order.recovers,
            status_url=settings.public_url + orders.path(order),
            created_at=order.created_at,
            paid_at=order.paid_at,
        )


class OrderReviewResolve(In, kw_only=True):
    """What the person who has looked wants remembered; nobody but the shop reads it."""

    note: Line | UnsetType = UNSET


class OrderReviewOut(Out, kw_only=True, frozen=True):
    """A reason why a person should look at an order, open until `resolved_at`.

    `about` is what it is about: a session at Stripe, a discount, or a refund. Another matter opens a review of its own.
    """

    id: str
    order_id: str
    reason: Review
    about: str
    note: str | None
    opened_at: datetime
    resolved_at: datetime | None

    @classmethod
    def of(cls, review: OrderReview) -> "OrderReviewOut":
        """The review as the shop sees it."""
        return msgspec.convert(review, cls, from_attributes=True)


class RefundLineIn(In, kw_only=True):
    """So many pieces of one line of the order."""

    line_id: Id
    quantity: Quantity


class RefundCreate(In, kw_only=True):
    """Money to give back: of these `lines`, or this `amount`, or all that is left where neither is named.

    `restock` puts the pieces back on the shelf, which is another matter than the money. An `amount` of 0 beside `lines`
    or `restock` takes pieces back without money, as those that cost nothing always come. The reason `fraudulent` blocks
    the card and the buyer's e-mail at Stripe.
    """

    amount: Annotated[int, Meta(ge=0, le=MAXIMUM)] | UnsetType = UNSET
    lines: Annotated[list[RefundLineIn], Meta(min_length=1, max_length=100)] | UnsetType = UNSET
    reason: RefundReason | UnsetType = UNSET
    restock: bool = False


class RefundOut(Out, kw_only=True, frozen=True):
    """Money on its way back; `tax` is the part of `amount` that was tax.

    `made_by` is `shop` where it was asked for here, `stripe` where it was made in Stripe's dashboard. `lines` is pieces
    by line; an `amount` of 0 is for them alone, and Stripe knows nothing of it. A refund that succeeded may fail later:
    then `failure` says why, the order's status moves back, and the pieces are taken off the shelf again (`restocked` is
    false) unless somebody else has bought them.
    """

    id: str
    order_id: str
    status: RefundStatus
    amount: Money
    tax: Money
    reason: str | None
    failure: str | None
    lines: dict[str, int]
    restocked: bool
    made_by: Literal["shop", "stripe"]
    created_at: datetime

    @classmethod
    def of(cls, refund: Refund, currency: str) -> "RefundOut":
        """The refund in its order's currency."""
        return cls(
            id=refund.id,
            order_id=refund.order_id,
            status=msgspec.convert(refund.status, RefundStatus),
            amount=Money(refund.amount, currency),
            tax=Money(refund.amount_tax, currency),
            reason=refund.reason,
            failure=refund.failure,
            lines=dict(refund.lines),
            restocked=refund.restocked_at is not None,
            made_by="shop" if refund.key else "stripe",
            created_at=refund.created_at,
        )


class DisputeOut(Out, kw_only=True, frozen=True):
    """A payment that the buyer's bank questions; answer at Stripe before `evidence_due_by`."""

    id: str
    order_id: str
    status: str
    reason: str
    amount: Money
    evidence_due_by: datetime | None
    created_at: datetime

    @classmethod
    def of(cls, dispute: Dispute) -> "DisputeOut":
        """The dispute in the bank's currency."""
        return cls(
            id=dispute.id,
            order_id=dispute.order_id,
            status=dispute.status,
            reason=dispute.reason,
            amount=Money(dispute.amount, dispute.currency),
            evidence_due_by=dispute.evidence_due_by,
            created_at=dispute.created_at,
        )
