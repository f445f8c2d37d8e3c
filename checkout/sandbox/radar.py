"""Radar's reviews: a payment that a person should look at, until one has or the money has gone back."""

from checkout.sandbox import charges, identifiers, records, resources
from checkout.sandbox.call import Call
from checkout.sandbox.errors import StripeError
from checkout.sandbox.events import Happening, emit
from checkout.sandbox.expansion import render
from checkout.sandbox.forms import Tree
from checkout.sandbox.parameters import read
from checkout.sandbox.payment_objects import Charge, PaymentIntent
from checkout.sandbox.payout_objects import ClosedReason, Review
from checkout.sandbox.records import Place, Query
from checkout.sandbox.session_parameters import Listing, Retrieval

KIND = "review"


def begin(call: Call, charge: Charge, manual: bool = False) -> Review:
    """Put a payment under review, by a rule of the shop's or by hand. The money has been taken all the same."""
    review = Review(id=identifiers.new("prv"), charge=charge.id, created=call.now)
    if manual:
        review.opened_reason = review.reason = "manual"
    review.payment_intent = charge.payment_intent
    review.billing_zip = charge.billing_details.address.postal_code
    records.add(call, KIND, review.id, review, Place(status="open", reference=charge.id))
    _mark(call, charge, review.id)
    emit(call, [Happening("review.opened", review)])
    return review


def close(call: Call, review: Review, reason: ClosedReason) -> Review:
    """Somebody has looked, or there is nothing left to look at; refuses a review that is over."""
    if not review.open:
        raise StripeError(f"This review is already closed: its reason is {review.reason}.")
    review.open, review.closed_reason, review.reason = False, reason, reason
    records.change(call, review.id, review, Place(status="closed", reference=review.charge))
    _mark(call, records.get(call, charges.KIND, str(review.charge), Charge), None)
    emit(call, [Happening("review.closed", review)])
    return review


def close_of(call: Call, charge: Charge, reason: ClosedReason) -> None:
    """Close the review of a charge that was refunded or disputed, if it has one."""
    if charge.review is not None:
        close(call, records.get(call, KIND, charge.review, Review), reason)
        charge.review = None


def approve(call: Call, tree: Tree, identifier: str) -> bytes:
    """`POST /v1/reviews/{review}/approve`."""
    params = read(tree, Retrieval)
    return render(call, close(call, records.get(call, KIND, identifier, Review), "approved"), params.expand)


def _mark(call: Call, charge: Charge, review: str | None) -> None:
    charge.review = review
    charges.save(call, charge)
    intent = records.get(call, "payment_intent", charge.payment_intent, PaymentIntent)
    intent.review = review
    records.change(call, intent.id, intent, Place(status=intent.status, reference=intent.customer))


def _open_only(query: Query, _: Listing) -> None:
    query.where("status = ?", "open")  # Stripe lists open reviews only.


retrieve = resources.retriever(KIND, Review)
list_page = resources.lister(KIND, Review, Listing, _open_only)
