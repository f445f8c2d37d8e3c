"""Stripe's objects as they travel, API version 2026-10-28.endive. Amounts are integers in Stripe's minor unit."""

from typing import Literal

from msgspec import UNSET, Struct, UnsetType, field

Metadata = dict[str, str]


class Wire(Struct, kw_only=True):
    """An object of the wire; never a live one."""


class Toggle(Wire, kw_only=True):
    """Something that is on or off."""

    enabled: bool = False


class TaxRate(Wire, kw_only=True):
    """A share for the state, on top of a price or inside it."""

    id: str
    object: str = "tax_rate"
    active: bool = True
    country: str | None = None
    created: int
    description: str | None = None
    display_name: str
    effective_percentage: float | None = None
    flat_amount: None = None
    inclusive: bool
    jurisdiction: str | None = None
    jurisdiction_level: Literal["country"] | None = None
    livemode: bool = False
    metadata: Metadata = field(default_factory=dict)
    percentage: float
    rate_type: str | None = "percentage"
    state: str | None = None
    tax_type: str | None = None


class TaxAmount(Wire, kw_only=True):
    """What one rate takes."""

    amount: int
    rate: TaxRate
    taxability_reason: str | None = None
    taxable_amount: int | None = None


class DiscountSource(Wire, kw_only=True):
    """Where a discount comes from."""

    coupon: str
    type: str = "coupon"


class Discount(Wire, kw_only=True):
    """A coupon at work in one session."""

    id: str
    object: str = "discount"
    checkout_session: str | None
    customer: str | None = None
    customer_account: str | None = None
    end: int | None = None
    invoice: str | None = None
    invoice_item: str | None = None
    promotion_code: str | None = None
    source: DiscountSource
    start: int
    subscription: str | None = None
    subscription_item: str | None = None


class LineDiscount(Wire, kw_only=True):
    """What one discount takes off."""

    amount: int
    discount: Discount


class Address(Wire, kw_only=True):
    """A postal address; `country` is an ISO 3166 code."""

    city: str | None = None
    country: str | None = None
    line1: str | None = None
    line2: str | None = None
    postal_code: str | None = None
    state: str | None = None


class ShippingDetails(Wire, kw_only=True):
    """Where the goods go, and to whom."""

    address: Address
    name: str


class Product(Wire, kw_only=True):
    """What is sold, made from `product_data`."""

    id: str
    object: str = "product"
    active: bool = False
    created: int
    default_price: str | None = None
    description: str | None = None
    images: list[str] = field(default_factory=list)
    livemode: bool = False
    marketing_features: list[str] = field(default_factory=list)
    metadata: Metadata = field(default_factory=dict)
    name: str
    package_dimensions: None = None
    shippable: bool | None = None
    statement_descriptor: str | None = None
    tax_code: str | None = None
    unit_label: str | None = None
    updated: int
    url: str | None = None


class Price(Wire, kw_only=True):
    """What one piece costs, made from `price_data`."""

    id: str
    object: str = "price"
    active: bool = False
    billing_scheme: str = "per_unit"
    created: int
    currency: str
    custom_unit_amount: None = None
    livemode: bool = False
    lookup_key: str | None = None
    metadata: Metadata = field(default_factory=dict)
    nickname: str | None = None
    product: str
    recurring: None = None
    tax_behavior: str = "unspecified"
    tiers_mode: None = None
    transform_quantity: None = None
    type: str = "one_time"
    unit_amount: int | None
    unit_amount_decimal: str


class AdjustableQuantity(Wire, kw_only=True):
    """Whether the buyer may change the quantity."""

    enabled: bool
    maximum: int | None = None
    minimum: int | None = None


class LineItem(Wire, kw_only=True):
    """One line of a session."""

    id: str
    object: str = "item"
    adjustable_quantity: AdjustableQuantity | None = None
    amount_discount: int = 0
    amount_subtotal: int
    amount_tax: int = 0
    amount_total: int
    currency: str
    description: str
    discounts: list[LineDiscount] | UnsetType = UNSET
    metadata: Metadata = field(default_factory=dict)
    price: Price
    quantity: int
    taxes: list[TaxAmount] | UnsetType = UNSET


class LineItemList(Wire, kw_only=True):
    """A page of lines inside a session."""

    object: str = "list"
    data: list[LineItem]
    has_more: bool
    url: str
