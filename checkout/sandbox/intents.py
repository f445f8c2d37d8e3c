"""PaymentIntents: retrieved, listed, searched, changed; captured or cancelled where the money is only reserved."""

import copy
from typing import Annotated, Literal

from msgspec import Meta

from checkout.sandbox import charges, expansion, ledger, metadata, parameters, records, resources, searching
from checkout.sandbox.call import Call
from checkout.sandbox.errors import StripeError, parameter
from checkout.sandbox.events import Happening, emit, told_of_change
from checkout.sandbox.forms import Tree
from checkout.sandbox.parameters import Email, MetadataChange
from checkout.sandbox.payment_objects import Charge, PaymentIntent
from checkout.sandbox.payments import keep_intent
from checkout.sandbox.records import Query
from checkout.sandbox.session_parameters import Listing, Params, Retrieval
from checkout.sandbox.session_record import KIND as SESSION
from checkout.sandbox.session_record import SessionRecord, save

KIND = "payment_intent"


class IntentRetrieval(Retrieval):
    """What the retrieval of an intent takes."""

    client_secret: str | None = None


class IntentListing(Listing):
    """What the list of intents takes."""

    customer: str | None = None


class IntentUpdate(Params):
    """What can be changed about an intent that a session made."""

    description: Annotated[str, Meta(max_length=1_000)] | None = None
    expand: list[str] | None = None
    metadata: MetadataChange | None = None
    receipt_email: Email | None = None
    statement_descriptor_suffix: Annotated[str, Meta(max_length=22)] | None = None


class Cancellation(Params):
    """Why an intent is cancelled."""

    cancellation_reason: Literal["abandoned", "duplicate", "fraudulent", "requested_by_customer"] | None = None
    expand: list[str] | None = None


class Capture(Params):
    """How much of the reserved money is taken; the rest goes back."""

    amount_to_capture: Annotated[int, Meta(ge=1)] | None = None
    expand: list[str] | None = None
    metadata: MetadataChange | None = None


def retrieve(call: Call, tree: Tree, identifier: str) -> bytes:
    """`GET /v1/payment_intents/{id}`."""
    params = parameters.read(tree, IntentRetrieval)
    return expansion.render(call, records.get(call, KIND, identifier, PaymentIntent, "intent"), params.expand)


def update(call: Call, tree: Tree, identifier: str) -> bytes:
    """`POST /v1/payment_intents/{id}`."""
    params = parameters.read(tree, IntentUpdate)
    intent = records.get(call, KIND, identifier, PaymentIntent, "intent")
    for name in ("description", "receipt_email", "statement_descriptor_suffix"):
        setattr(intent, name, getattr(params, name) or getattr(intent, name))
    intent.metadata = metadata.changed(intent.metadata, params.metadata)
    keep_intent(call, intent)
    return expansion.render(call, intent, params.expand)


def cancel(call: Call, tree: Tree, identifier: str) -> bytes:
    """`POST /v1/payment_intents/{id}/cancel`: money that is only reserved goes back; an open session is expired."""
    params = parameters.read(tree, Cancellation)
    intent = records.get(call, KIND, identifier, PaymentIntent, "intent")
    if intent.status not in ("requires_payment_method", "requires_action", "requires_capture"):
        raise _unexpected("cancel", intent)
    if intent.status != "requires_capture":
        raise StripeError(
            "You cannot cancel a PaymentIntent that was created by a Checkout Session. Expire the session instead."
        )
    charge = records.get(call, charges.KIND, str(intent.latest_charge), Charge)
    before = copy.deepcopy(charge)
    charge.amount_refunded, charge.refunded = charge.amount, True
    charges.save(call, charge)
    intent.status, intent.canceled_at, intent.amount_capturable = "canceled", call.now, 0
    intent.cancellation_reason = params.cancellation_reason
    keep_intent(call, intent)
    emit(call, [Happening("payment_intent.canceled", intent), *told_of_change("charge.refunded", before, charge)])
    return expansion.render(call, intent, params.expand)


def capture(call: Call, tree: Tree, identifier: str) -> bytes:
    """`POST /v1/payment_intents/{id}/capture`: what was reserved is taken, all of it or less."""
    params = parameters.read(tree, Capture)
    intent = records.get(call, KIND, identifier, PaymentIntent, "intent")
    if intent.status != "requires_capture":
        raise _unexpected("capture", intent)
    amount = params.amount_to_capture or intent.amount_capturable
    if amount > intent.amount_capturable:
        raise parameter("You cannot capture more than the authorized amount.", "amount_to_capture", "amount_too_large")
    charge = records.get(call, charges.KIND, str(intent.latest_charge), Charge)
    charges.capture(charge, amount)
    ledger.take(call, charge)
    charges.save(call, charge)
    intent.status, intent.amount_received, intent.amount_capturable = "succeeded", amount, 0
    intent.metadata = metadata.changed(intent.metadata, params.metadata)
    keep_intent(call, intent)
    _mark_paid(call, intent)
    emit(call, [Happening("charge.captured", charge), Happening("payment_intent.succeeded", intent)])
    return expansion.render(call, intent, params.expand)


def _mark_paid(call: Call, intent: PaymentIntent) -> None:
    query = Query(SESSION)
    query.where("reference = ?", intent.id)
    for record in records.newest(call, query, SessionRecord, 1)[0]:
        record.session.payment_status = "paid"
        save(call, record)


def _unexpected(verb: str, intent: PaymentIntent) -> StripeError:
    return StripeError(
        f"You cannot {verb} this PaymentIntent because it has a status of {intent.status}.",
        code="payment_intent_unexpected_state",
    )


def _narrow(query: Query, params: IntentListing) -> None:
    query.where("reference = ?", params.customer)


list_page = resources.lister(KIND, PaymentIntent, IntentListing, _narrow)
search = searching.searcher(KIND, PaymentIntent)
