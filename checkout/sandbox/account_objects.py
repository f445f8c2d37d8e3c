"""Stripe's account and country specification as they travel."""

from msgspec import field

from checkout.sandbox.objects import Metadata, Wire


class BusinessProfile(Wire, kw_only=True):
    """How an account calls itself."""

    mcc: str | None = None
    name: str | None = None
    product_description: str | None = None
    support_address: None = None
    support_email: str | None = None
    support_phone: str | None = None
    support_url: str | None = None
    url: str | None = None


class Account(Wire, kw_only=True):
    """Who takes the money."""

    id: str
    object: str = "account"
    business_profile: BusinessProfile
    business_type: str | None = None
    capabilities: dict[str, str] = field(default_factory=lambda: {"card_payments": "active", "transfers": "active"})
    charges_enabled: bool = True
    country: str = "US"
    default_currency: str = "usd"
    details_submitted: bool = True
    email: str | None = None
    metadata: Metadata = field(default_factory=dict)
    payouts_enabled: bool = True
    type: str = "standard"


class VerificationField(Wire, kw_only=True):
    """What an account of one kind must tell."""

    additional: list[str] = field(default_factory=list)
    minimum: list[str] = field(default_factory=list)


class VerificationFields(Wire, kw_only=True):
    """What accounts must tell."""

    company: VerificationField = field(default_factory=VerificationField)
    individual: VerificationField = field(default_factory=VerificationField)


class CountrySpec(Wire, kw_only=True):
    """What Stripe does in one country."""

    id: str
    object: str = "country_spec"
    default_currency: str
    supported_bank_account_currencies: dict[str, list[str]]
    supported_payment_currencies: list[str]
    supported_payment_methods: list[str]
    supported_transfer_countries: list[str]
    verification_fields: VerificationFields = field(default_factory=VerificationFields)
