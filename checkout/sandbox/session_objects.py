"""Stripe's Checkout Session as it travels, API version 2026-10-28.endive."""

from typing import Literal

from msgspec import UNSET, UnsetType, field

from checkout.sandbox.objects import Address, LineItemList, Metadata, ShippingDetails, Toggle, Wire

SessionStatus = Literal["open", "complete", "expired"]


class AutomaticTax(Wire, kw_only=True):
    """Whether Stripe works the taxes out, and whether it knows enough to."""

    enabled: bool = False
    liability: None = None
    provider: str | None = None
    status: Literal["complete", "failed", "requires_location_inputs"] | None = None


class SessionDiscount(Wire, kw_only=True):
    """The discount of a session: a coupon, by itself or through a promotion code."""

    coupon: str | None = None
    promotion_code: str | None = None


class Consent(Wire, kw_only=True):
    """What the buyer agreed to."""

    promotions: Literal["opt_in", "opt_out"] | None = None
    terms_of_service: Literal["accepted"] | None = None


class ConsentCollection(Wire, kw_only=True):
    """What the buyer is asked to agree to."""

    payment_method_reuse_agreement: None = None
    promotions: Literal["auto", "none"] | None = None
    terms_of_service: Literal["none", "required"] | None = None


class Recovery(Wire, kw_only=True):
    """The way back to an expired session, for thirty days."""

    allow_promotion_codes: bool = False
    enabled: bool = False
    expires_at: int | None = None
    url: str | None = None


class AfterExpiration(Wire, kw_only=True):
    """What follows when time is up."""

    recovery: Recovery | None = None


class FieldLabel(Wire, kw_only=True):
    """What a field of the shop's own is called."""

    custom: str
    type: str = "custom"


class FieldOption(Wire, kw_only=True):
    """One of the answers to choose from."""

    label: str
    value: str


class Dropdown(Wire, kw_only=True):
    """A field with a choice."""

    default_value: str | None = None
    options: list[FieldOption]
    value: str | None = None


class TextField(Wire, kw_only=True):
    """A field for words or digits."""

    default_value: str | None = None
    maximum_length: int | None = None
    minimum_length: int | None = None
    value: str | None = None


class CustomField(Wire, kw_only=True):
    """A field of the shop's own."""

    dropdown: Dropdown | UnsetType = UNSET
    key: str
    label: FieldLabel
    numeric: TextField | UnsetType = UNSET
    optional: bool = False
    text: TextField | UnsetType = UNSET
    type: Literal["dropdown", "numeric", "text"]


class TotalDetails(Wire, kw_only=True):
    """What stands between the subtotal and the total."""

    amount_discount: int = 0
    amount_shipping: int = 0
    amount_tax: int = 0


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


class Session(Wire, kw_only=True):
    """A Checkout Session; `line_items` is there only when asked for by `expand`."""

    id: str
    object: str = "checkout.session"
    adaptive_pricing: Toggle | None = None
    after_expiration: AfterExpiration | None = None
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
    consent: Consent | None = None
    consent_collection: ConsentCollection | None = None
    created: int
    currency: str
    currency_conversion: None = None
    custom_fields: list[CustomField] = field(default_factory=list)
    custom_text: CustomText = field(default_factory=CustomText)
    customer: str | None = None
    customer_account: str | None = None
    customer_creation: str | None = "if_required"
    customer_details: CustomerDetails | None = None
    customer_email: str | None = None
    discounts: list[SessionDiscount] = field(default_factory=list)
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
