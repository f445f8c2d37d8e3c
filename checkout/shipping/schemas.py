"""Shipping rates, addresses and parcels as they go over the wire."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from checkout.shipping.countries import Country
from checkout.shipping.models import FulfilmentHold, OrderShipping, ShippingRate
from checkout.shipping.pricing import Kind, ShippingOption
from checkout.stripe.delivery import PostalAddress
from core.money import Amount, Money
from core.wire import UNSET, Id, In, Line, Out, Quantity, UnsetType, Url

MAX_RATES = 100

RateName = Annotated[
    str, Meta(min_length=1, max_length=100, pattern=r"^[^\n\r\t\u2028\u2029]*$", description="What the buyer reads.")
]
Countries = Annotated[list[Country], Meta(min_length=1, max_length=250)]
Position = Annotated[int, Meta(ge=0, le=10_000, description="Rates are offered in this order, then by age.")]
Days = Annotated[int, Meta(ge=1, le=365)]
Tracking = Annotated[str, Meta(max_length=100, pattern="^[ -~]*$")]
FulfilmentStatus = Literal["unfulfilled", "on_hold", "packed", "shipped", "delivered", "returned"]
ParcelStatus = Literal["packed", "shipped", "delivered", "returned"]
PersonsReason = Literal["incorrect-address", "suspected-fraud", "out-of-stock", "asked-by-buyer", "other"]
HoldReason = PersonsReason | Literal["dispute", "review"]


class BracketIn(In, kw_only=True):
    """A price up to and including `up_to` grams, or a total; null, in the last one only, for whatever is more."""

    amount: Amount
    up_to: Amount | None = None


class DeliveryDays(In, kw_only=True):
    """How long it takes, in business days."""

    min: Days
    max: Days


Brackets = Annotated[list[BracketIn], Meta(min_length=1, max_length=50)]


class ShippingRateCreate(In, kw_only=True):
    """A way of shipping to add. Amounts are in the shop's currency; a flat rate has a single bracket.

    From a basket total of `free_above` on it costs nothing. What is heavier or dearer than the last bracket does not go
    by this rate.
    """

    name: RateName
    countries: Countries
    kind: Kind = "flat"
    brackets: Brackets
    free_above: Amount | None = None
    delivery_days: DeliveryDays | None = None
    position: Position = 0


class ShippingRateChange(In, kw_only=True):
    """New values of a rate; what is absent stays, null empties. Countries and brackets are replaced as a whole."""

    name: RateName | UnsetType = UNSET
    countries: Countries | UnsetType = UNSET
    kind: Kind | UnsetType = UNSET
    brackets: Brackets | UnsetType = UNSET
    free_above: Amount | UnsetType | None = UNSET
    delivery_days: DeliveryDays | UnsetType | None = UNSET
    position: Position | UnsetType = UNSET
    archived: bool | UnsetType = UNSET


class BracketOut(Out, kw_only=True, frozen=True):
    """A price up to and including `up_to`; null is whatever is more."""

    amount: int
    up_to: int | None


class DeliveryDaysOut(Out, kw_only=True, frozen=True):
    """How long it takes, in business days."""

    min: int
    max: int

    @classmethod
    def of(cls, least: int | None, most: int | None) -> "DeliveryDaysOut | None":
        """Both, or nothing where the merchant does not say."""
        return None if least is None or most is None else cls(min=least, max=most)


class ShippingRateOut(Out, kw_only=True, frozen=True):
    """A way of shipping; amounts in the minor unit of the shop's currency."""

    id: str
    name: str
    countries: list[str]
    kind: Kind
    brackets: list[BracketOut]
    free_above: int | None
    delivery_days: DeliveryDaysOut | None
    position: int
    archived_at: datetime | None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, rate: ShippingRate) -> "ShippingRateOut":
        """The rate as it goes out."""
        return cls(
            id=rate.id,
            name=rate.name,
            countries=rate.countries,
            kind=msgspec.convert(rate.kind, Kind),
            brackets=msgspec.convert(rate.brackets, list[BracketOut]),
            free_above=rate.free_above,
            delivery_days=DeliveryDaysOut.of(rate.min_days, rate.max_days),
            position=rate.position,
            archived_at=rate.archived_at,
            created_at=rate.created_at,
            updated_at=rate.updated_at,
        )


class AddressOut(Out, kw_only=True, frozen=True):
    """A postal address as the buyer typed it."""

    line1: str | None
    line2: str | None
    postal_code: str | None
    city: str | None
    state: str | None
    country: str | None


class CustomerOut(Out, kw_only=True, frozen=True):
    """Who bought, as far as Stripe's page asked."""

    email: str | None
    name: str | None
    phone: str | None


class DeliveryOut(Out, kw_only=True, frozen=True):
    """How and where an order is shipped: `amount` was charged; `recipient` and `address` are null until it is paid."""

    name: str
    amount: Money
    delivery_days: DeliveryDaysOut | None
    country: str
    recipient: str | None
    address: AddressOut | None

    @classmethod
    def of(
        cls, row: OrderShipping, charged: Money, recipient: str | None, address: PostalAddress | None
    ) -> "DeliveryOut":
        """The way that the buyer chose, or the one that stands first until they have."""
        option = msgspec.convert(row.options[row.chosen or 0], ShippingOption)
        return cls(
            name=option.name,
            amount=charged,
            delivery_days=DeliveryDaysOut.of(option.min_days, option.max_days),
            country=row.country,
            recipient=recipient,
            address=msgspec.convert(address, AddressOut, from_attributes=True) if address else None,
        )


class FulfilmentLineIn(In, kw_only=True):
    """So many pieces of one line of the order."""

    line_id: Id
    quantity: Quantity


class FulfilmentCreate(In, kw_only=True):
    """A parcel to pack; without `lines`, all that is not in another one. `tracking_url` shows where it is."""

    lines: Annotated[list[FulfilmentLineIn], Meta(max_length=100)] = msgspec.field(default_factory=list)
    carrier: Tracking = ""
    tracking_number: Tracking = ""
    tracking_url: Url | UnsetType = UNSET


class FulfilmentChange(In, kw_only=True):
    """The next status of a parcel, and what its carrier told; what is absent stays."""

    status: ParcelStatus | UnsetType = UNSET
    carrier: Tracking | UnsetType = UNSET
    tracking_number: Tracking | UnsetType = UNSET
    tracking_url: Url | UnsetType = UNSET


class FulfilmentLineOut(Out, kw_only=True, frozen=True):
    """So many pieces of one line of the order."""

    line_id: str
    quantity: int


class FulfilmentOut(Out, kw_only=True, frozen=True):
    """A parcel of an order; empty texts are not known."""

    id: str
    order_id: str
    status: ParcelStatus
    lines: list[FulfilmentLineOut]
    carrier: str
    tracking_number: str
    tracking_url: str
    created_at: datetime
    shipped_at: datetime | None
    delivered_at: datetime | None
    returned_at: datetime | None


class FulfilmentHoldCreate(In, kw_only=True):
    """Why nothing of an order may be shipped for now, and what the shop wants remembered of it."""

    reason: PersonsReason
    note: Line | UnsetType = UNSET


class FulfilmentHoldOut(Out, kw_only=True, frozen=True):
    """What holds an order back, or has until `released_at`; a `dispute` does so until the bank has decided."""

    id: str
    order_id: str
    reason: HoldReason
    note: str | None
    created_at: datetime
    released_at: datetime | None

    @classmethod
    def of(cls, hold: FulfilmentHold) -> "FulfilmentHoldOut":
        """The hold as the shop sees it."""
        return msgspec.convert(hold, cls, from_attributes=True)


class FulfilmentsOut(Out, kw_only=True, frozen=True):
    """All parcels of an order, the oldest first.

    `status` is that of the piece that has come least far, or null where nothing is to be sent; `holds` says why nothing
    may be shipped now.
    """

    status: FulfilmentStatus | None
    holds: list[str]
    items: list[FulfilmentOut]
