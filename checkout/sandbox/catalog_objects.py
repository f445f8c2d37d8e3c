"""Stripe's coupons, promotion codes, shipping rates, tax rates and customers as they travel."""

from msgspec import UNSET, UnsetType, field

from checkout.sandbox.objects import Address, Metadata, Wire


class Deleted(Wire, kw_only=True):
    """The answer to a deletion."""

    id: str
    object: str
    deleted: bool = True


class AppliesTo(Wire, kw_only=True):
    """The products that a coupon is for."""

    products: list[str]


class Coupon(Wire, kw_only=True):
    """A discount; `valid` is worked out when it is shown."""

    id: str
    object: str = "coupon"
    amount_off: int | None = None
    applies_to: AppliesTo | UnsetType = UNSET
    created: int
    currency: str | None = None
    duration: str = "once"
    duration_in_months: int | None = None
    livemode: bool = False
    max_redemptions: int | None = None
    metadata: Metadata = field(default_factory=dict)
    name: str | None = None
    percent_off: float | None = None
    redeem_by: int | None = None
    times_redeemed: int = 0
    valid: bool = True


class Promotion(Wire, kw_only=True):
    """What a promotion code gives."""

    coupon: str
    type: str = "coupon"


class Restrictions(Wire, kw_only=True):
    """Who may use a promotion code, and from what amount on."""

    first_time_transaction: bool = False
    minimum_amount: int | None = None
    minimum_amount_currency: str | None = None


class PromotionCode(Wire, kw_only=True):
    """A word that a buyer types."""

    id: str
    object: str = "promotion_code"
    active: bool = True
    code: str
    created: int
    customer: str | None = None
    customer_account: str | None = None
    expires_at: int | None = None
    livemode: bool = False
    max_redemptions: int | None = None
    metadata: Metadata = field(default_factory=dict)
    promotion: Promotion
    restrictions: Restrictions = field(default_factory=Restrictions)
    times_redeemed: int = 0


class Bound(Wire, kw_only=True):
    """One end of a delivery time."""

    unit: str
    value: int


class Estimate(Wire, kw_only=True):
    """How long a delivery takes."""

    maximum: Bound | None = None
    minimum: Bound | None = None


class FixedAmount(Wire, kw_only=True):
    """What shipping costs."""

    amount: int
    currency: str


class ShippingRate(Wire, kw_only=True):
    """A way of shipping with its price."""

    id: str
    object: str = "shipping_rate"
    active: bool = True
    created: int
    delivery_estimate: Estimate | None = None
    display_name: str
    fixed_amount: FixedAmount
    livemode: bool = False
    metadata: Metadata = field(default_factory=dict)
    tax_behavior: str = "unspecified"
    tax_code: str | None = None
    type: str = "fixed_amount"


class CustomerShipping(Wire, kw_only=True):
    """Where a customer's goods go."""

    address: Address
    name: str
    phone: str | None = None


class InvoiceSettings(Wire, kw_only=True):
    """How a customer's invoices would look."""

    custom_fields: None = None
    default_payment_method: None = None
    footer: None = None
    rendering_options: None = None


class Customer(Wire, kw_only=True):
    """Somebody who comes again."""

    id: str
    object: str = "customer"
    address: Address | None = None
    balance: int = 0
    created: int
    currency: str | None = None
    customer_account: str | None = None
    default_source: str | None = None
    delinquent: bool = False
    description: str | None = None
    discount: None = None
    email: str | None = None
    invoice_prefix: str
    invoice_settings: InvoiceSettings = field(default_factory=InvoiceSettings)
    livemode: bool = False
    metadata: Metadata = field(default_factory=dict)
    name: str | None = None
    next_invoice_sequence: int = 1
    phone: str | None = None
    preferred_locales: list[str] = field(default_factory=list)
    shipping: CustomerShipping | None = None
    tax_exempt: str = "none"
    test_clock: str | None = None
