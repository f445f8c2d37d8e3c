"""Stripe's books as they travel: balance transactions, refunds, disputes, API version 2026-10-28.endive."""

from typing import Literal

from msgspec import UNSET, UnsetType, field

from checkout.sandbox.objects import Metadata, Wire

RefundStatus = Literal["pending", "requires_action", "succeeded", "failed", "canceled"]
DisputeStatus = Literal[
    "warning_needs_response", "warning_under_review", "warning_closed", "needs_response", "under_review", "won", "lost"
]
RefundReason = Literal["duplicate", "fraudulent", "requested_by_customer"]


class Fee(Wire, kw_only=True):
    """One part of what Stripe keeps."""

    amount: int
    application: str | None = None
    currency: str
    description: str | None
    type: str = "stripe_fee"


class BalanceTransaction(Wire, kw_only=True):
    """One movement of money on the account; `net` is `amount` minus `fee`."""

    id: str
    object: str = "balance_transaction"
    amount: int
    available_on: int
    balance_type: str = "payments"
    created: int
    currency: str
    description: str | None = None
    exchange_rate: float | None = None
    fee: int
    fee_details: list[Fee]
    net: int
    reporting_category: str
    source: str
    status: Literal["pending", "available"] = "pending"
    type: str


class CardDestination(Wire, kw_only=True):
    """How a refund reaches a card; `reference` is what the buyer's bank can look for."""

    reference: str | UnsetType = UNSET
    reference_status: str = "pending"
    reference_type: str = "acquirer_reference_number"
    type: str = "refund"


class Destination(Wire, kw_only=True):
    """How a refund travels back."""

    card: CardDestination | UnsetType = UNSET
    type: str


class Refund(Wire, kw_only=True):
    """Money on its way back; a refund that succeeded can still fail."""

    id: str
    object: str = "refund"
    amount: int
    balance_transaction: str | None = None
    charge: str
    created: int
    currency: str
    customer: str | None = None
    customer_account: str | None = None
    destination_details: Destination | UnsetType = UNSET
    failure_balance_transaction: str | UnsetType = UNSET
    failure_reason: str | UnsetType = UNSET
    instructions_email: str | UnsetType = UNSET
    metadata: Metadata = field(default_factory=dict)
    payment_intent: str | None
    payment_method: str | None = None
    reason: str | None = None
    receipt_number: str | None = None
    source_transfer_reversal: str | None = None
    status: RefundStatus
    transfer_reversal: str | None = None


class Evidence(Wire, kw_only=True):
    """What the merchant says to a dispute."""

    access_activity_log: str | None = None
    billing_address: str | None = None
    cancellation_policy: str | None = None
    cancellation_policy_disclosure: str | None = None
    cancellation_rebuttal: str | None = None
    customer_communication: str | None = None
    customer_email_address: str | None = None
    customer_name: str | None = None
    customer_purchase_ip: str | None = None
    customer_signature: str | None = None
    duplicate_charge_documentation: str | None = None
    duplicate_charge_explanation: str | None = None
    duplicate_charge_id: str | None = None
    enhanced_evidence: dict[str, str] = field(default_factory=dict)
    product_description: str | None = None
    receipt: str | None = None
    refund_policy: str | None = None
    refund_policy_disclosure: str | None = None
    refund_refusal_explanation: str | None = None
    service_date: str | None = None
    service_documentation: str | None = None
    shipping_address: str | None = None
    shipping_carrier: str | None = None
    shipping_date: str | None = None
    shipping_documentation: str | None = None
    shipping_tracking_number: str | None = None
    uncategorized_file: str | None = None
    uncategorized_text: str | None = None


class EvidenceDetails(Wire, kw_only=True):
    """Until when evidence is taken, and how much came."""

    due_by: int | None
    enhanced_eligibility: dict[str, str] = field(default_factory=dict)
    has_evidence: bool = False
    past_due: bool = False
    submission_count: int = 0


class DisputedCard(Wire, kw_only=True):
    """The card whose owner complains."""

    brand: str
    case_type: Literal["chargeback", "inquiry"]
    network_reason_code: str | None


class DisputedMethod(Wire, kw_only=True):
    """What the disputed charge was paid with."""

    card: DisputedCard | UnsetType = UNSET
    type: str = "card"


class Dispute(Wire, kw_only=True):
    """A buyer asks their bank for the money back."""

    id: str
    object: str = "dispute"
    amount: int
    balance_transactions: list[BalanceTransaction] = field(default_factory=list)
    charge: str
    created: int
    currency: str
    enhanced_eligibility_types: list[str] = field(default_factory=list)
    evidence: Evidence = field(default_factory=Evidence)
    evidence_details: EvidenceDetails
    intended_submission_method: str | None = None
    is_charge_refundable: bool
    livemode: bool = False
    metadata: Metadata = field(default_factory=dict)
    payment_intent: str | None
    payment_method_details: DisputedMethod | UnsetType = UNSET
    reason: str
    status: DisputeStatus


class EarlyFraudWarning(Wire, kw_only=True):
    """The card network suspects fraud; no money has moved yet."""

    id: str
    object: str = "radar.early_fraud_warning"
    actionable: bool = True
    charge: str
    created: int
    fraud_type: str = "made_with_stolen_card"
    livemode: bool = False
    payment_intent: str | UnsetType = UNSET


class BalanceAmount(Wire, kw_only=True):
    """So much in one currency."""

    amount: int
    currency: str
    source_types: dict[str, int]


class Balance(Wire, kw_only=True):
    """What the account holds."""

    object: str = "balance"
    available: list[BalanceAmount]
    livemode: bool = False
    pending: list[BalanceAmount]
