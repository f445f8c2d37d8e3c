"""Refunds: limits, what becomes of them with time, and the events that tell of it."""

import copy
from typing import Annotated

from msgspec import UNSET, Meta

from checkout.sandbox import (
    charges,
    currencies,
    expansion,
    identifiers,
    ledger,
    listing,
    metadata,
    parameters,
    radar,
    records,
)
from checkout.sandbox.call import Call
from checkout.sandbox.errors import StripeError, parameter
from checkout.sandbox.events import Happening, emit, told_of_change
from checkout.sandbox.forms import Tree
from checkout.sandbox.money_objects import CardDestination, Destination, Dispute, Refund, RefundReason, RefundStatus
from checkout.sandbox.parameters import Email, MetadataChange, MetadataParam
from checkout.sandbox.payment_objects import Charge, PaymentIntent
from checkout.sandbox.pricing import check_step
from checkout.sandbox.records import Place
from checkout.sandbox.session_parameters import Listing, Params, Retrieval

KIND = "refund"
REFERENCE = "74981234567890123456789"  # an acquirer reference number has 23 digits


class RefundCreate(Params):
    """What a refund is made with."""

    amount: Annotated[int, Meta(ge=1)] | None = None
    charge: str | None = None
    expand: list[str] | None = None
    instructions_email: Email | None = None
    metadata: MetadataParam | None = None
    payment_intent: str | None = None
    reason: RefundReason | None = None


class RefundUpdate(Params):
    """What can be changed about it."""

    expand: list[str] | None = None
    metadata: MetadataChange | None = None


class RefundListing(Listing):
    """What the list of refunds takes."""

    charge: str | None = None
    payment_intent: str | None = None


def create(call: Call, tree: Tree) -> bytes:
    """`POST /v1/refunds`."""
    params = parameters.read(tree, RefundCreate)
    return expansion.render(call, make(call, params), params.expand)


def retrieve(call: Call, tree: Tree, refund: str) -> bytes:
    """`GET /v1/refunds/{refund}`."""
    params = parameters.read(tree, Retrieval)
    return expansion.render(call, records.get(call, KIND, refund, Refund), params.expand)


def list_page(call: Call, tree: Tree) -> bytes:
    """`GET /v1/refunds`, newest first."""
    params = parameters.read(tree, RefundListing)
    query = records.Query(KIND)
    query.where("reference = ?", params.charge)
    query.where("json_extract(body, '$.payment_intent') = ?", params.payment_intent)
    found, more = listing.page(call, query, params, Refund)
    return listing.render(call, found, more, "/v1/refunds", params.expand)


def update(call: Call, tree: Tree, refund: str) -> bytes:
    """`POST /v1/refunds/{refund}`: its metadata."""
    params = parameters.read(tree, RefundUpdate)
    found = records.get(call, KIND, refund, Refund)
    before = copy.deepcopy(found)
    found.metadata = metadata.changed(found.metadata, params.metadata)
    _save(call, found, _due(call, found))
    emit(call, told_of_change("refund.updated", before, found))
    return expansion.render(call, found, params.expand)


def cancel(call: Call, tree: Tree, refund: str) -> bytes:
    """`POST /v1/refunds/{refund}/cancel`: only one that waits for the buyer."""
    params = parameters.read(tree, Retrieval)
    found = records.get(call, KIND, refund, Refund)
    if found.status != "requires_action":
        raise StripeError(
            f"You cannot cancel this refund because it has a status of {found.status}. Only refunds with the following "
            "statuses can be canceled: requires_action."
        )
    move(call, found, "canceled")
    return expansion.render(call, found, params.expand)


def make(call: Call, params: RefundCreate, status: RefundStatus | None = None) -> Refund:
    """Refund a charge, by request or from the dashboard; refuses more than is left."""
    charge = _charge(call, params)
    left = charge.amount - charge.amount_refunded
    _check_charge(call, charge)
    _check_amount(charge, left, params.amount)
    refund = _new(call, charge, params, params.amount or left, status or _first_status(call, charge))
    kind = "refund" if charge.id.startswith("ch_") else "payment_refund"
    refund.balance_transaction = ledger.book(call, kind, -refund.amount, charge, refund.id).id
    _save(call, refund, None if refund.status == "requires_action" else _soon(call), new=True)
    before = copy.deepcopy(charge)
    charge.amount_refunded += refund.amount
    charge.refunded = charge.amount_refunded == charge.amount
    charges.save(call, charge)
    emit(call, [Happening("refund.created", refund), *told_of_change("charge.refunded", before, charge)])
    if charge.refunded:
        radar.close_of(call, charge, "refunded_as_fraud" if params.reason == "fraudulent" else "refunded")
    return refund


def pass_time(call: Call, refund: Refund) -> None:
    """A bank has answered: a pending refund arrives, an arrived one gets its reference or comes back."""
    if refund.status == "pending":
        move(call, refund, "succeeded")
    elif charges.fate(call, refund.charge) == "refund fails":
        move(call, refund, "failed", "expired_or_canceled_card")
    else:
        before = copy.deepcopy(refund)
        _reference(refund)
        _save(call, refund, None)
        emit(call, told_of_change("refund.updated", before, refund))


def move(call: Call, refund: Refund, status: RefundStatus, reason: str = "unknown") -> None:
    """Another status; a refund that fails or is cancelled gives its money back to the balance."""
    if refund.status in ("failed", "canceled"):
        raise StripeError(f"This refund is over: it has a status of {refund.status}.")
    before = copy.deepcopy(refund)
    refund.status = status
    news = []
    if status in ("failed", "canceled"):
        news += _give_back(call, refund, reason if status == "failed" else "")
    if status == "succeeded":
        _reference(refund)
    _save(call, refund, None)
    if status == "failed":
        news.append(Happening("refund.failed", refund))
    news += told_of_change("refund.updated", before, refund) + told_of_change("charge.refund.updated", before, refund)
    emit(call, news)


def _charge(call: Call, params: RefundCreate) -> Charge:
    if params.charge is not None and params.payment_intent is not None:
        raise parameter("You may only specify one of these parameters: charge, payment_intent.", "charge")
    if params.charge is not None:
        return records.get(call, "charge", params.charge, Charge, "charge")
    if params.payment_intent is None:
        raise parameter(
            "One of the following params should be provided for this request: payment_intent or charge.",
            "payment_intent",
            "parameter_missing",
        )
    intent = records.get(call, "payment_intent", params.payment_intent, PaymentIntent, "payment_intent")
    charge = intent.latest_charge and records.find(call, "charge", intent.latest_charge, Charge)
    if not charge or charge.status != "succeeded":
        raise StripeError(f"This PaymentIntent ({intent.id}) does not have a successful charge to refund.")
    return charge


def _check_charge(call: Call, charge: Charge) -> None:
    if not charge.captured:
        raise StripeError(f"Charge {charge.id} has a status of {charge.status} and cannot be refunded.")
    disputed = records.Query("dispute")
    disputed.where("reference = ?", charge.id)
    if all(dispute.is_charge_refundable for dispute in records.newest(call, disputed, Dispute, 10)[0]):
        return
    if charge.id.startswith("py_"):
        raise StripeError("You cannot refund a disputed payment.", code="refund_disputed_payment")
    raise StripeError(f"Charge {charge.id} has been charged back; cannot issue a refund.", code="charge_disputed")


def _check_amount(charge: Charge, left: int, amount: int | None) -> None:
    if left == 0:
        raise StripeError(f"Charge {charge.id} has already been refunded.", code="charge_already_refunded")
    if amount is None:
        return
    check_step(amount, charge.currency, "amount")
    if amount > left:
        asked, there = (currencies.display(each, charge.currency) for each in (amount, left))
        raise StripeError(
            f"Refund amount ({asked}) is greater than unrefunded amount on charge ({there})", param="amount"
        )


def _first_status(call: Call, charge: Charge) -> RefundStatus:
    """A bank debit goes back as slowly as it came."""
    slow = charge.payment_method_details.type != "card" or charges.fate(call, charge.id) == "refund pending"
    return "pending" if slow else "succeeded"


def _new(call: Call, charge: Charge, params: RefundCreate, amount: int, status: RefundStatus) -> Refund:
    card = charge.payment_method_details.type == "card"
    return Refund(
        id=identifiers.new("re" if card else "pyr"),
        amount=amount,
        charge=charge.id,
        created=call.now,
        currency=charge.currency,
        customer=charge.customer,
        destination_details=Destination(type="card", card=CardDestination()) if card else UNSET,
        instructions_email=params.instructions_email or UNSET,
        metadata=params.metadata or {},
        payment_intent=charge.payment_intent,
        payment_method=charge.payment_method,
        reason=params.reason,
        status=status,
    )


def _give_back(call: Call, refund: Refund, reason: str) -> list[Happening]:
    charge = records.get(call, "charge", refund.charge, Charge)
    before = copy.deepcopy(charge)
    charge.amount_refunded -= refund.amount
    charge.refunded = False
    charges.save(call, charge)
    kind = "refund_failure" if charge.id.startswith("ch_") else "payment_failure_refund"
    refund.failure_balance_transaction = ledger.book(call, kind, refund.amount, charge, refund.id).id
    if reason:
        refund.failure_reason = reason
    return told_of_change("charge.updated", before, charge)


def _reference(refund: Refund) -> None:
    if refund.destination_details is not UNSET and refund.destination_details.card is not UNSET:
        refund.destination_details.card.reference = REFERENCE
        refund.destination_details.card.reference_status = "available"


def _soon(call: Call) -> int:
    return call.now + round(call.settings.delayed_after)


def _due(call: Call, refund: Refund) -> int | None:
    row = call.db.execute("SELECT due FROM object WHERE id = ?", (refund.id,)).fetchone()
    return row["due"] if row else None


def _save(call: Call, refund: Refund, due: int | None, new: bool = False) -> None:
    place = Place(status=refund.status, reference=refund.charge, due=due)
    if new:
        records.add(call, KIND, refund.id, refund, place)
    else:
        records.change(call, refund.id, refund, place)
