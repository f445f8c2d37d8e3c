"""Stripe's objects as they travel, API version 2026-10-28.endive. Amounts are integers in Stripe's minor unit."""

from typing import Literal

from msgspec import UNSET, Struct, UnsetType, field

Metadata = dict[str, str]
SessionStatus = Literal["open", "complete", "expired"]


class Wire(Struct, kw_only=True):
    """An object of the wire; never a live one."""


class Toggle(Wire, kw_only=True):
    """Something that is on or off."""

    enabled: bool = False


class AutomaticTax(Wire, kw_only=True):
    """Stripe Tax, which this server does not do."""

    enabled: bool = False
    liability: None = None
    provider: None = None
    status: None = None


class TotalDetails(Wire, kw_only=True):
    """What stands between the subtotal and the total."""

    amount_discount: int = 0
    amount_shipping: int = 0
    amount_tax: int = 0


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


class CollectedInformation(Wire, kw_only=True):
    """What the page asked for."""

    business_name: str | None = None
    individual_name: str | None = None
    shipping_details: ShippingDetails | None = None


class CustomerDetails(Wire, kw_only=True):
    """Who paid, as the page was told."""

    address: Address | None = None
    business_name: str | None = None
    email: str | None = None
    individual_name: str | None = None
    name: str | None = None
    phone: str | None = None
    tax_exempt: str | None = "none"
    tax_ids: list[str] = field(default_factory=list)


class ShippingCost(Wire, kw_only=True):
    """The chosen way of shipping."""

    amount_subtotal: int
    amount_tax: int = 0
    amount_total: int
    shipping_rate: str


class ShippingOption(Wire, kw_only=True):
    """A way of shipping that was offered."""

    shipping_amount: int
    shipping_rate: str


class TextPosition(Wire, kw_only=True):
    """The shop's own words at one place of the page."""

    message: str


class CustomText(Wire, kw_only=True):
    """The shop's own words on the page."""

    after_submit: TextPosition | None = None
    shipping_address: TextPosition | None = None
    submit: TextPosition | None = None
    terms_of_service_acceptance: TextPosition | None = None


class Image(Wire, kw_only=True):
    """A picture by its address."""

    type: str
    url: str | None = None


class Branding(Wire, kw_only=True):
    """How the page looks; colours are `#rrggbb`."""

    background_color: str = "#ffffff"
    border_style: str = "rounded"
    button_color: str = "#0074d4"
    display_name: str = ""
    font_family: str = "default"
    icon: Image | None = None
    logo: Image | None = None


class ShippingCountries(Wire, kw_only=True):
    """Where the shop ships to."""

    allowed_countries: list[str]


class InvoiceData(Wire, kw_only=True):
    """What an invoice would say."""

    account_tax_ids: None = None
    custom_fields: None = None
    description: None = None
    footer: None = None
    issuer: None = None
    metadata: Metadata = field(default_factory=dict)
    rendering_options: None = None


class InvoiceCreation(Wire, kw_only=True):
    """Invoices, which this server does not make."""

    enabled: bool = False
    invoice_data: InvoiceData = field(default_factory=InvoiceData)


class Product(Wire, kw_only=True):
    """What is sold, made from `product_data`."""

    id: str
    object: str = "product"
    active: bool = False
    created: int
    default_price: None = None
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
    lookup_key: None = None
    metadata: Metadata = field(default_factory=dict)
    nickname: None = None
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
    metadata: Metadata = field(default_factory=dict)
    price: Price
    quantity: int


class LineItemList(Wire, kw_only=True):
    """A page of lines inside a session."""

    object: str = "list"
    data: list[LineItem]
    has_more: bool
    url: str


class Session(Wire, kw_only=True):
    """A Checkout Session; `line_items` is there only when asked for by `expand`."""

    id: str
    object: str = "checkout.session"
    adaptive_pricing: Toggle | None = None
    after_expiration: None = None
    allow_promotion_codes: bool | None = None
    allowed_payment_method_types: list[str] | None = None
    amount_subtotal: int
    amount_total: int
    automatic_tax: AutomaticTax = field(default_factory=AutomaticTax)
    billing_address_collection: str | None = None
    branding_settings: Branding = field(default_factory=Branding)
    cancel_url: str | None = None
    client_reference_id: str | None = None
    client_secret: str | None = None
    collected_information: CollectedInformation | None = None
    consent: None = None
    consent_collection: None = None
    created: int
    currency: str
    currency_conversion: None = None
    custom_fields: list[str] = field(default_factory=list)
    custom_text: CustomText = field(default_factory=CustomText)
    customer: str | None = None
    customer_account: str | None = None
    customer_creation: str | None = "if_required"
    customer_details: CustomerDetails | None = None
    customer_email: str | None = None
    discounts: list[str] = field(default_factory=list)
    excluded_payment_method_types: list[str] | UnsetType = UNSET
    expires_at: int
    integration_identifier: str | None = None
    invoice: str | None = None
    invoice_creation: InvoiceCreation = field(default_factory=InvoiceCreation)
    line_items: LineItemList | UnsetType = UNSET
    livemode: bool = False
    locale: str | None = None
    metadata: Metadata = field(default_factory=dict)
    mode: str = "payment"
    origin_context: str | None = None
    payment_intent: str | None = None
    payment_link: str | None = None
    payment_method_collection: str = "if_required"
    payment_method_configuration_details: None = None
    payment_method_options: dict[str, str] = field(default_factory=dict)
    payment_method_types: list[str]
    payment_status: Literal["unpaid", "paid", "no_payment_required"] = "unpaid"
    permissions: None = None
    phone_number_collection: Toggle = field(default_factory=Toggle)
    recovered_from: str | None = None
    saved_payment_method_options: None = None
    setup_intent: str | None = None
    shipping_address_collection: ShippingCountries | None = None
    shipping_cost: ShippingCost | None = None
    shipping_options: list[ShippingOption] = field(default_factory=list)
    status: SessionStatus = "open"
    submit_type: str | None = None
    subscription: str | None = None
    success_url: str
    total_details: TotalDetails = field(default_factory=TotalDetails)
    ui_mode: str = "hosted_page"
    url: str | None = None
    wallet_options: None = None
