"""Stripe's payouts and Radar's reviews as they travel, API version 2026-10-28.endive."""

from typing import Literal

from msgspec import UNSET, UnsetType, field

from checkout.sandbox.objects import Metadata, Wire

PayoutStatus = Literal["pending", "in_transit", "paid", "failed", "canceled"]
ClosedReason = Literal[
    "acknowledged", "approved", "canceled", "disputed", "payment_never_settled", "redacted", "refunded",
    "refunded_as_fraud",
]  # fmt: skip


class Trace(Wire, kw_only=True):
    """What the shop's bank can look for."""

    status: str = "pending"
    value: str | None = None


class Payout(Wire, kw_only=True):
    """Money on its way to the shop's bank; one that is paid can still fail."""

    id: str
    object: str = "payout"
    amount: int
    application_fee: str | None = None
    application_fee_amount: int | None = None
    arrival_date: int
    automatic: bool
    balance_transaction: str | None = None
    created: int
    currency: str
    description: str | None = None
    destination: str | None = None
    failure_balance_transaction: str | None = None
    failure_code: str | None = None
    failure_message: str | None = None
    livemode: bool = False
    metadata: Metadata = field(default_factory=dict)
    method: str = "standard"
    original_payout: str | None = None
    payout_method: str | None = None
    reconciliation_status: Literal["completed", "in_progress", "not_applicable"]
    reversed_by: str | None = None
    source_type: str = "card"
    statement_descriptor: str | None = None
    status: PayoutStatus = "pending"
    trace_id: Trace | None = None
    type: str = "bank_account"


class Review(Wire, kw_only=True):
    """A payment that Radar wants a person to look at; `reason` is why it is open, or how it was closed."""

    id: str
    object: str = "review"
    billing_zip: str | None = None
    charge: str | None
    closed_reason: ClosedReason | None = None
    created: int
    ip_address: str | None = None
    ip_address_location: None = None
    livemode: bool = False
    open: bool = True
    opened_reason: Literal["manual", "rule"] = "rule"
    payment_intent: str | UnsetType = UNSET
    reason: str = "rule"
    session: None = None
