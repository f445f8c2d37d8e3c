"""Stripe's PaymentIntent and Charge as they travel, API version 2026-10-28.endive."""

from typing import Literal

from msgspec import UNSET, UnsetType, field

from checkout.sandbox.objects import Address, Metadata, ShippingDetails, Wire


class PaymentError(Wire, kw_only=True):
    """Why the last attempt failed."""

    advice_code: str | UnsetType = UNSET
    charge: str | UnsetType = UNSET
    code: str
    decline_code: str | UnsetType = UNSET
    doc_url: str
    message: str
    type: str = "card_error"


class IntentDetails(Wire, kw_only=True):
    """What an amount is made of."""

    tip: dict[str, int] = field(default_factory=dict)


class AutomaticMethods(Wire, kw_only=True):
    """Whether Stripe chooses the payment methods."""

    enabled: bool = True
    allow_redirects: str = "always"


class Redirection(Wire, kw_only=True):
    """The bank's own page, and the way back."""

    return_url: str
    url: str


class NextAction(Wire, kw_only=True):
    """What the buyer has to do."""

    redirect_to_url: Redirection
    type: str = "redirect_to_url"


IntentStatus = Literal[
    "requires_payment_method", "requires_action", "processing", "requires_capture", "succeeded", "canceled"
]


class PaymentIntent(Wire, kw_only=True):
    """The payment of one session over all its attempts."""

    id: str
    object: str = "payment_intent"
    amount: int
    amount_capturable: int = 0
    amount_details: IntentDetails = field(default_factory=IntentDetails)
    amount_received: int = 0
    application: str | None = None
    application_fee_amount: int | None = None
    automatic_payment_methods: AutomaticMethods | None = None
    canceled_at: int | None = None
    cancellation_reason: str | None = None
    capture_method: str = "automatic_async"
    client_secret: str
    confirmation_method: str = "automatic"
    created: int
    currency: str
    customer: str | None = None
    customer_account: str | None = None
    description: str | None = None
    last_payment_error: PaymentError | None = None
    latest_charge: str | None = None
    livemode: bool = False
    metadata: Metadata = field(default_factory=dict)
    next_action: NextAction | None = None
    on_behalf_of: str | None = None
    payment_method: str | None = None
    payment_method_configuration_details: None = None
    payment_method_options: dict[str, dict[str, str | None]] = field(default_factory=dict)
    payment_method_types: list[str] = field(default_factory=lambda: ["card"])
    processing: None = None
    receipt_email: str | None = None
    review: str | None = None
    setup_future_usage: str | None = None
    shipping: ShippingDetails | None = None
    statement_descriptor: str | None = None
    statement_descriptor_suffix: str | None = None
    status: IntentStatus = "requires_payment_method"
    transfer_data: None = None
    transfer_group: str | None = None


class BillingDetails(Wire, kw_only=True):
    """Who is charged."""

    address: Address = field(default_factory=Address)
    email: str | None = None
    name: str | None = None
    phone: str | None = None
    tax_id: str | None = None


class CardChecks(Wire, kw_only=True):
    """What the bank checked."""

    address_line1_check: str | None = None
    address_postal_code_check: str | None = None
    cvc_check: str | None = "pass"


class WalletKind(Wire, kw_only=True):
    """What Stripe says about a wallet of one kind: nothing."""


class Wallet(Wire, kw_only=True):
    """The wallet that a card was paid from."""

    apple_pay: WalletKind | UnsetType = UNSET
    dynamic_last4: str | None = None
    type: str


class CardDetails(Wire, kw_only=True):
    """The card of one charge, without its number."""

    amount_authorized: int | None
    brand: str
    checks: CardChecks = field(default_factory=CardChecks)
    country: str = "US"
    exp_month: int
    exp_year: int
    fingerprint: str
    funding: str = "credit"
    last4: str
    network: str
    three_d_secure: None = None
    wallet: Wallet | None = None


class DebitDetails(Wire, kw_only=True):
    """A bank debit: `sepa_debit`, `us_bank_account` or `bacs_debit`."""

    fingerprint: str
    last4: str


class MethodDetails(Wire, kw_only=True):
    """What one charge was paid with."""

    type: str
    card: CardDetails | UnsetType = UNSET
    sepa_debit: DebitDetails | UnsetType = UNSET
    us_bank_account: DebitDetails | UnsetType = UNSET
    bacs_debit: DebitDetails | UnsetType = UNSET


class Outcome(Wire, kw_only=True):
    """What the bank said to one charge."""

    advice_code: str | None = None
    network_status: str
    reason: str | None = None
    risk_level: str = "normal"
    seller_message: str
    type: str


class Charge(Wire, kw_only=True):
    """One attempt to take the money."""

    id: str
    object: str = "charge"
    amount: int
    amount_captured: int = 0
    amount_refunded: int = 0
    application: str | None = None
    application_fee: str | None = None
    application_fee_amount: int | None = None
    balance_transaction: str | None = None
    billing_details: BillingDetails
    calculated_statement_descriptor: str | None = None
    captured: bool = False
    created: int
    currency: str
    customer: str | None = None
    description: str | None = None
    disputed: bool = False
    failure_balance_transaction: str | None = None
    failure_code: str | None = None
    failure_message: str | None = None
    fraud_details: dict[str, str] = field(default_factory=dict)
    livemode: bool = False
    metadata: Metadata = field(default_factory=dict)
    on_behalf_of: str | None = None
    outcome: Outcome | None = None
    paid: bool = False
    payment_intent: str
    payment_method: str
    payment_method_details: MethodDetails
    receipt_email: str | None = None
    receipt_number: str | None = None
    receipt_url: str | None = None
    refunded: bool = False
    review: str | None = None
    shipping: ShippingDetails | None = None
    source_transfer: str | None = None
    statement_descriptor: str | None = None
    statement_descriptor_suffix: str | None = None
    status: Literal["succeeded", "pending", "failed"]
    transfer_data: None = None
    transfer_group: str | None = None
