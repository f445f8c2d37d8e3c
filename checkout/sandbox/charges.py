"""Charges: one per attempt, with the money's way on it."""

import hashlib

from checkout.sandbox import identifiers
from checkout.sandbox.call import Call
from checkout.sandbox.cards import Means
from checkout.sandbox.objects import Address
from checkout.sandbox.payment_objects import (
    BillingDetails,
    CardDetails,
    Charge,
    DebitDetails,
    MethodDetails,
    Outcome,
    PaymentIntent,
)

EXPIRY_YEAR = 2034


def new(
    call: Call, intent: PaymentIntent, means: Means, email: str, name: str | None, address: Address | None
) -> Charge:
    """The charge of one attempt: failed, or pending until it is captured. The intent's metadata is copied once."""
    declined = means.decline
    return Charge(
        id=identifiers.new("ch" if means.type == "card" else "py"),
        amount=intent.amount,
        billing_details=BillingDetails(address=address or Address(), email=email, name=name),
        created=call.now,
        currency=intent.currency,
        description=intent.description,
        failure_code=declined.code if declined else None,
        failure_message=declined.message if declined else None,
        metadata=dict(intent.metadata),
        outcome=_outcome(means),
        payment_intent=intent.id,
        payment_method=identifiers.new("pm"),
        payment_method_details=_details(intent.amount, means),
        receipt_email=intent.receipt_email,
        shipping=intent.shipping,
        statement_descriptor=intent.statement_descriptor,
        statement_descriptor_suffix=intent.statement_descriptor_suffix,
        status="failed" if declined else "pending",
        transfer_group=intent.transfer_group,
    )


def capture(charge: Charge) -> None:
    """The money is ours."""
    charge.status, charge.paid, charge.captured = "succeeded", True, True
    charge.amount_captured = charge.amount


def bounce(charge: Charge) -> None:
    """The buyer's bank said no, days later."""
    charge.status = "failed"
    charge.failure_code = "debit_not_authorized"
    charge.failure_message = "The customer has notified their bank that this payment was unauthorized."


def _outcome(means: Means) -> Outcome:
    if means.decline is None:
        return Outcome(network_status="approved_by_network", seller_message="Payment complete.", type="authorized")
    return Outcome(
        network_status="declined_by_network",
        reason=means.decline.decline_code or means.decline.code,
        seller_message="The bank did not return any further details with this decline.",
        type="issuer_declined",
    )


def _details(amount: int, means: Means) -> MethodDetails:
    fingerprint = hashlib.sha256(f"{means.type}{means.brand}{means.last4}".encode()).hexdigest()[:16]
    details = MethodDetails(type=means.type)
    if means.type != "card":
        setattr(details, means.type, DebitDetails(fingerprint=fingerprint, last4=means.last4))
        return details
    details.card = CardDetails(
        amount_authorized=None if means.decline else amount,
        brand=means.brand,
        exp_month=12,
        exp_year=EXPIRY_YEAR,
        fingerprint=fingerprint,
        last4=means.last4,
        network=means.brand,
    )
    return details
