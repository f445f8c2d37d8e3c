"""Stripe's payment link as it travels, API version 2026-10-28.endive."""

from msgspec import UNSET, Struct, UnsetType, field

from checkout.sandbox.objects import LineItem, Metadata, Toggle, Wire
from checkout.sandbox.session_objects import (
    ConsentCollection,
    CustomField,
    CustomText,
    ShippingCountries,
    ShippingOption,
)


class Confirmation(Wire, kw_only=True):
    """Stripe's own page after paying."""

    custom_message: str | None = None


class LinkRedirect(Wire, kw_only=True):
    """The shop's page after paying."""

    url: str


class AfterCompletion(Wire, kw_only=True):
    """What follows a payment."""

    hosted_confirmation: Confirmation | UnsetType = UNSET
    redirect: LinkRedirect | UnsetType = UNSET
    type: str = "hosted_confirmation"


class CompletedSessions(Wire, kw_only=True):
    """How often a link was paid, and how often it may be."""

    count: int
    limit: int


class LinkRestrictions(Wire, kw_only=True):
    """Until when a link works."""

    completed_sessions: CompletedSessions


class LinkTax(Wire, kw_only=True):
    """Whether a link's sessions are taxed."""

    enabled: bool = False
    liability: None = None


class LinkInvoices(Wire, kw_only=True):
    """Invoices, which this server does not make."""

    enabled: bool = False
    invoice_data: None = None


class LinkTaxIds(Wire, kw_only=True):
    """Tax ids, which this server does not ask for."""

    enabled: bool = False
    required: str = "never"


class PaymentLink(Wire, kw_only=True):
    """An address that opens a new session for whoever comes."""

    id: str
    object: str = "payment_link"
    active: bool = True
    after_completion: AfterCompletion = field(default_factory=AfterCompletion)
    allow_promotion_codes: bool = False
    application: str | None = None
    application_fee_amount: int | None = None
    application_fee_percent: float | None = None
    automatic_tax: LinkTax = field(default_factory=LinkTax)
    billing_address_collection: str = "auto"
    consent_collection: ConsentCollection | None = None
    currency: str
    custom_fields: list[CustomField] = field(default_factory=list)
    custom_text: CustomText = field(default_factory=CustomText)
    customer_creation: str = "if_required"
    inactive_message: str | None = None
    invoice_creation: LinkInvoices = field(default_factory=LinkInvoices)
    livemode: bool = False
    metadata: Metadata = field(default_factory=dict)
    on_behalf_of: str | None = None
    optional_items: None = None
    payment_intent_data: None = None
    payment_method_collection: str = "if_required"
    payment_method_types: None = None
    phone_number_collection: Toggle = field(default_factory=Toggle)
    restrictions: LinkRestrictions | None = None
    shipping_address_collection: ShippingCountries | None = None
    shipping_options: list[ShippingOption] = field(default_factory=list)
    submit_type: str = "auto"
    subscription_data: None = None
    tax_id_collection: LinkTaxIds = field(default_factory=LinkTaxIds)
    transfer_data: None = None
    url: str


class LinkRecord(Struct, kw_only=True):
    """A link with what its sessions are made of."""

    link: PaymentLink
    lines: list[LineItem]
    order: bytes
