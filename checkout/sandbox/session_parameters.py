"""The parameters of `POST /v1/checkout/sessions` that this server honours, with Stripe's limits.

Source: Stripe's OpenAPI document and the SDK's docstrings for 2026-10-28.endive (checked 2026-11). A parameter that is
not here is answered as unknown, `payment_method_types` included: it left the API with endive.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from checkout.sandbox.parameters import Colour, Currency, Email, ImageUrl, MetadataParam, Url

Name = Annotated[str, Meta(max_length=5_000)]
Reference = Annotated[str, Meta(max_length=200)]
Message = Annotated[str, Meta(max_length=1_200)]
MethodTypes = Annotated[list[str], Meta(max_length=100)]
NaturalNumber = Annotated[int, Meta(ge=0)]
TaxBehavior = Literal["exclusive", "inclusive", "unspecified"]


Language = Literal[
    "auto", "bg", "cs", "da", "de", "el", "en", "en-GB", "es", "es-419", "et", "fi", "fil", "fr", "fr-CA", "hi-IN",
    "hr", "hu", "id", "it", "ja", "ko", "lt", "lv", "ms", "mt", "nb", "nl", "pl", "pt", "pt-BR", "ro", "ru", "sk", "sl",
    "sv", "th", "tr", "vi", "zh", "zh-HK", "zh-TW",
]  # fmt: skip


Limit = Annotated[int, Meta(ge=1, le=100)]


class Params(Struct, kw_only=True, omit_defaults=True):
    """Parameters of one level."""


class Switch(Params):
    """Something on or off."""

    enabled: bool


class ProductParams(Params):
    """`price_data[product_data]`."""

    name: Name
    description: Annotated[str, Meta(max_length=40_000)] | None = None
    images: Annotated[list[ImageUrl], Meta(max_length=8)] | None = None
    metadata: MetadataParam | None = None
    tax_code: str | None = None
    unit_label: Annotated[str, Meta(max_length=12)] | None = None


class PriceParams(Params):
    """`line_items[][price_data]`."""

    currency: Currency
    product: str | None = None
    product_data: ProductParams | None = None
    tax_behavior: TaxBehavior | None = None
    unit_amount: NaturalNumber | None = None
    unit_amount_decimal: Annotated[str, Meta(pattern=r"^[0-9]{1,12}(\.[0-9]{1,12})?$")] | None = None


class AdjustableParams(Params):
    """`line_items[][adjustable_quantity]`."""

    enabled: bool
    maximum: Annotated[int, Meta(ge=1, le=999_999)] | None = None
    minimum: NaturalNumber | None = None


class LineParams(Params):
    """`line_items[]`."""

    adjustable_quantity: AdjustableParams | None = None
    metadata: MetadataParam | None = None
    price: str | None = None
    price_data: PriceParams | None = None
    quantity: NaturalNumber | None = None
    tax_rates: list[str] | None = None


class AmountParams(Params):
    """An amount with its currency."""

    amount: NaturalNumber
    currency: Currency


class PeriodParams(Params):
    """A span of delivery time."""

    unit: Literal["business_day", "day", "hour", "month", "week"]
    value: Annotated[int, Meta(ge=1)]


class EstimateParams(Params):
    """`delivery_estimate`."""

    maximum: PeriodParams | None = None
    minimum: PeriodParams | None = None


class RateParams(Params):
    """`shipping_rate_data`."""

    display_name: Annotated[str, Meta(max_length=100)]
    fixed_amount: AmountParams
    type: Literal["fixed_amount"] = "fixed_amount"
    delivery_estimate: EstimateParams | None = None
    metadata: MetadataParam | None = None
    tax_behavior: TaxBehavior | None = None
    tax_code: str | None = None


class ShippingOptionParams(Params):
    """`shipping_options[]`."""

    shipping_rate: str | None = None
    shipping_rate_data: RateParams | None = None


class ShippingCollectionParams(Params):
    """`shipping_address_collection`."""

    allowed_countries: Annotated[list[Annotated[str, Meta(pattern="^[A-Z]{2}$")]], Meta(max_length=250)]


class IntentParams(Params):
    """`payment_intent_data`: what the payment carries on."""

    capture_method: Literal["automatic", "automatic_async", "manual"] | None = None
    description: Annotated[str, Meta(max_length=1_000)] | None = None
    metadata: MetadataParam | None = None
    receipt_email: Email | None = None
    setup_future_usage: Literal["off_session", "on_session"] | None = None
    statement_descriptor: Annotated[str, Meta(max_length=22)] | None = None
    statement_descriptor_suffix: Annotated[str, Meta(max_length=22)] | None = None
    transfer_group: str | None = None


class MessageParams(Params):
    """One text of `custom_text`."""

    message: Message


class TextParams(Params):
    """`custom_text`."""

    after_submit: MessageParams | None = None
    shipping_address: MessageParams | None = None
    submit: MessageParams | None = None
    terms_of_service_acceptance: MessageParams | None = None


class ImageParams(Params):
    """`branding_settings[icon]` and `[logo]`."""

    type: Literal["url"]
    url: ImageUrl


class BrandingParams(Params):
    """`branding_settings`."""

    background_color: Colour | None = None
    border_style: Literal["pill", "rectangular", "rounded"] | None = None
    button_color: Colour | None = None
    display_name: Name | None = None
    font_family: Annotated[str, Meta(max_length=40)] | None = None
    icon: ImageParams | None = None
    logo: ImageParams | None = None


class DiscountParams(Params):
    """`discounts[]`."""

    coupon: str | None = None
    promotion_code: str | None = None


class RecoveryParams(Params):
    """`after_expiration[recovery]`."""

    enabled: bool
    allow_promotion_codes: bool | None = None


class AfterExpirationParams(Params):
    """`after_expiration`."""

    recovery: RecoveryParams | None = None


class OptionParams(Params):
    """`custom_fields[][dropdown][options][]`."""

    label: Annotated[str, Meta(max_length=100)]
    value: Annotated[str, Meta(max_length=100)]


class DropdownParams(Params):
    """`custom_fields[][dropdown]`."""

    options: Annotated[list[OptionParams], Meta(max_length=200)]
    default_value: str | None = None


class FieldTextParams(Params):
    """`custom_fields[][text]` and `[numeric]`."""

    default_value: Annotated[str, Meta(max_length=255)] | None = None
    maximum_length: NaturalNumber | None = None
    minimum_length: NaturalNumber | None = None


class LabelParams(Params):
    """`custom_fields[][label]`."""

    custom: Annotated[str, Meta(max_length=100)]
    type: Literal["custom"]


class CustomFieldParams(Params):
    """`custom_fields[]`."""

    key: Annotated[str, Meta(max_length=200, pattern=r"\A[A-Za-z0-9]+\Z")]
    label: LabelParams
    type: Literal["dropdown", "numeric", "text"]
    dropdown: DropdownParams | None = None
    numeric: FieldTextParams | None = None
    optional: bool | None = None
    text: FieldTextParams | None = None


class ConsentParams(Params):
    """`consent_collection`."""

    promotions: Literal["auto", "none"] | None = None
    terms_of_service: Literal["none", "required"] | None = None


class SessionCreate(Params):
    """Everything that a session can be created with."""

    adaptive_pricing: Switch | None = None
    after_expiration: AfterExpirationParams | None = None
    allow_promotion_codes: bool | None = None
    allowed_payment_method_types: MethodTypes | None = None
    automatic_tax: Switch | None = None
    billing_address_collection: Literal["auto", "required"] | None = None
    branding_settings: BrandingParams | None = None
    cancel_url: Url | None = None
    client_reference_id: Reference | None = None
    currency: Currency | None = None
    consent_collection: ConsentParams | None = None
    custom_fields: Annotated[list[CustomFieldParams], Meta(max_length=3)] | None = None
    custom_text: TextParams | None = None
    customer: str | None = None
    customer_creation: Literal["always", "if_required"] | None = None
    customer_email: Email | None = None
    discounts: Annotated[list[DiscountParams], Meta(max_length=1)] | None = None
    excluded_payment_method_types: MethodTypes | None = None
    expand: Annotated[list[str], Meta(max_length=20)] | None = None
    expires_at: int | None = None
    integration_identifier: Reference | None = None
    invoice_creation: Switch | None = None
    line_items: Annotated[list[LineParams], Meta(max_length=100)] | None = None
    locale: Language | None = None
    metadata: MetadataParam | None = None
    mode: Literal["payment", "setup", "subscription"] | None = None
    origin_context: Literal["mobile_app", "web"] | None = None
    payment_intent_data: IntentParams | None = None
    phone_number_collection: Switch | None = None
    return_url: Url | None = None
    shipping_address_collection: ShippingCollectionParams | None = None
    shipping_options: Annotated[list[ShippingOptionParams], Meta(max_length=5)] | None = None
    submit_type: Literal["auto", "book", "donate", "pay", "subscribe"] | None = None
    success_url: Url | None = None
    ui_mode: Literal["elements", "embedded_page", "form", "hosted_page"] | None = None


class CreatedRange(Params):
    """`created[gte]=…` and its siblings."""

    gt: int | None = None
    gte: int | None = None
    lt: int | None = None
    lte: int | None = None


class Listing(Params):
    """What every list takes."""

    created: int | CreatedRange | None = None
    ending_before: str | None = None
    expand: list[str] | None = None
    limit: Limit = 10
    starting_after: str | None = None


class Retrieval(Params):
    """What every retrieval takes."""

    expand: list[str] | None = None
