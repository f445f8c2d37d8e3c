"""Charges: one per attempt, with the money's way on it."""

import copy
import hashlib
from typing import Annotated

from msgspec import Meta, Struct

from checkout.sandbox import expansion, identifiers, listing, metadata, parameters, records, searching
from checkout.sandbox.call import Call
from checkout.sandbox.cards import Fate, Means
from checkout.sandbox.events import emit, told_of_change
from checkout.sandbox.forms import Tree
from checkout.sandbox.objects import Address
from checkout.sandbox.parameters import Email, MetadataChange
from checkout.sandbox.payment_objects import (
    BillingDetails,
    CardDetails,
    Charge,
    DebitDetails,
    MethodDetails,
    Outcome,
    PaymentIntent,
    Wallet,
    WalletKind,
)
from checkout.sandbox.records import Place
from checkout.sandbox.session_parameters import Listing, Params, Retrieval

KIND = "charge"
EXPIRY_YEAR = 2034


class Doom(Struct):
    """What lies ahead of a charge."""

    fate: Fate


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


def save(call: Call, charge: Charge, new: bool = False) -> None:
    """Keep a charge so that its intent finds it."""
    place = Place(status=charge.status, reference=charge.payment_intent)
    if new:
        records.add(call, KIND, charge.id, charge, place)
    else:
        records.change(call, charge.id, charge, place)


def authorize(charge: Charge) -> None:
    """The money is reserved."""
    charge.status, charge.paid = "succeeded", True


def capture(charge: Charge, amount: int | None = None) -> None:
    """The money is ours; what was reserved beyond `amount` goes back."""
    authorize(charge)
    charge.captured = True
    charge.amount_captured = charge.amount if amount is None else amount
    charge.amount_refunded = charge.amount - charge.amount_captured


def doom(call: Call, charge: Charge, fate: Fate) -> None:
    """Remember what a test card brings about later; the number itself is never kept."""
    if fate:
        records.add(call, "fate", f"fate_{charge.id}", Doom(fate=fate))


def fate(call: Call, charge: str) -> Fate:
    """What the test card of this charge brings about."""
    doomed = records.find(call, "fate", f"fate_{charge}", Doom)
    return doomed.fate if doomed else ""


def bounce(charge: Charge) -> None:
    """The buyer's bank said no, days later."""
    charge.status = "failed"
    charge.failure_code = "debit_not_authorized"
    charge.failure_message = "The customer has notified their bank that this payment was unauthorized."


def _outcome(means: Means) -> Outcome:
    if means.fate == "review":
        return Outcome(
            network_status="approved_by_network",
            reason="elevated_risk_level",
            risk_level="elevated",
            seller_message="Stripe evaluated this payment as having elevated risk, and placed it in your manual review "
            "queue.",
            type="manual_review",
        )
    if means.decline is None:
        return Outcome(network_status="approved_by_network", seller_message="Payment complete.", type="authorized")
    return Outcome(
        advice_code=means.decline.advice_code,
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
        wallet=Wallet(apple_pay=WalletKind(), type=means.wallet) if means.wallet else None,
    )
    return details


class ChargeListing(Listing):
    """What the list of charges takes."""

    customer: str | None = None
    payment_intent: str | None = None
    transfer_group: str | None = None


class ChargeUpdate(Params):
    """What can be changed about a charge."""

    description: Annotated[str, Meta(max_length=40_000)] | None = None
    expand: list[str] | None = None
    metadata: MetadataChange | None = None
    receipt_email: Email | None = None


def retrieve(call: Call, tree: Tree, charge: str) -> bytes:
    """`GET /v1/charges/{charge}`."""
    params = parameters.read(tree, Retrieval)
    return expansion.render(call, records.get(call, KIND, charge, Charge), params.expand)


def list_page(call: Call, tree: Tree) -> bytes:
    """`GET /v1/charges`, newest first."""
    params = parameters.read(tree, ChargeListing)
    query = records.Query(KIND)
    query.where("reference = ?", params.payment_intent)
    query.where("json_extract(body, '$.customer') = ?", params.customer)
    query.where("json_extract(body, '$.transfer_group') = ?", params.transfer_group)
    found, more = listing.page(call, query, params, Charge)
    return listing.render(call, found, more, "/v1/charges", params.expand)


def update(call: Call, tree: Tree, charge: str) -> bytes:
    """`POST /v1/charges/{charge}`: its description, its metadata, and who gets the receipt."""
    params = parameters.read(tree, ChargeUpdate)
    found = records.get(call, KIND, charge, Charge)
    before = copy.deepcopy(found)
    found.metadata = metadata.changed(found.metadata, params.metadata)
    found.description = params.description or found.description
    found.receipt_email = params.receipt_email or found.receipt_email
    save(call, found)
    emit(call, told_of_change("charge.updated", before, found))
    return expansion.render(call, found, params.expand)


search = searching.searcher(KIND, Charge)
