"""Payouts: what is available goes to the shop's bank, as Stripe's schedule does it or by hand."""

import copy
from typing import Annotated, Literal

from msgspec import Meta

from checkout.sandbox import (
    currencies,
    expansion,
    identifiers,
    ledger,
    listing,
    metadata,
    parameters,
    records,
    resources,
)
from checkout.sandbox.call import Call
from checkout.sandbox.errors import StripeError, parameter
from checkout.sandbox.events import Happening, emit, told_of_change
from checkout.sandbox.forms import Tree
from checkout.sandbox.parameters import Currency, MetadataChange, MetadataParam
from checkout.sandbox.payout_objects import Payout, PayoutStatus, Trace
from checkout.sandbox.records import Place, Query
from checkout.sandbox.session_parameters import CreatedRange, Listing, Params, Retrieval

KIND = "payout"
# docs.stripe.com/api/payouts/failures
FAILURES = {
    "account_closed": "The bank account has been closed.",
    "could_not_process": "The bank could not process this payout.",
    "no_account": "The bank account could not be located.",
}
OVER: tuple[PayoutStatus, ...] = ("failed", "canceled")


class PayoutCreate(Params):
    """What a payout is made with."""

    amount: Annotated[int, Meta(ge=1)]
    currency: Currency
    description: Annotated[str, Meta(max_length=5_000)] | None = None
    expand: list[str] | None = None
    metadata: MetadataParam | None = None
    method: Literal["standard", "instant"] | None = None
    source_type: Literal["card"] | None = None
    statement_descriptor: Annotated[str, Meta(max_length=22)] | None = None


class PayoutUpdate(Params):
    """What can be changed about it."""

    expand: list[str] | None = None
    metadata: MetadataChange | None = None


class PayoutListing(Listing):
    """What the list of payouts takes."""

    arrival_date: int | CreatedRange | None = None
    destination: str | None = None
    status: str | None = None


class Reversal(Params):
    """What a reversal takes."""

    expand: list[str] | None = None
    metadata: MetadataParam | None = None


def create(call: Call, tree: Tree) -> bytes:
    """`POST /v1/payouts`: by hand; refuses more than is available."""
    params = parameters.read(tree, PayoutCreate)
    left = ledger.available(call, params.currency)
    if params.amount > left:
        asked, there = (currencies.display(each, params.currency) for each in (params.amount, left))
        raise StripeError(
            f"You have insufficient funds in your Stripe account for this payout of {asked}: {there} are available. "
            "Only your available balance can be paid out.",
            code="balance_insufficient",
        )
    payout = _new(call, params.amount, params.currency, automatic=False)
    payout.description = params.description
    payout.metadata = params.metadata or {}
    payout.method = params.method or payout.method
    payout.statement_descriptor = params.statement_descriptor
    return expansion.render(call, _send(call, payout, []), params.expand)


def sweep(call: Call, currency: str) -> Payout:
    """Pay out all that is available and was not paid out yet, as Stripe's schedule does; refuses nothing at all."""
    found = ledger.unpaid(call, currency)
    amount = sum(each.net for each in found)
    if amount <= 0:
        raise StripeError(f"Nothing is available in {currency}.", code="balance_insufficient")
    return _send(call, _new(call, amount, currency, automatic=True), [each.id for each in found])


def update(call: Call, tree: Tree, identifier: str) -> bytes:
    """`POST /v1/payouts/{payout}`: its metadata."""
    params = parameters.read(tree, PayoutUpdate)
    found = records.get(call, KIND, identifier, Payout)
    before = copy.deepcopy(found)
    found.metadata = metadata.changed(found.metadata, params.metadata)
    _save(call, found, found.arrival_date if found.status in ("pending", "in_transit") else None)
    emit(call, told_of_change("payout.updated", before, found))
    return expansion.render(call, found, params.expand)


def cancel(call: Call, tree: Tree, identifier: str) -> bytes:
    """`POST /v1/payouts/{payout}/cancel`: only one by hand that has not left yet."""
    params = parameters.read(tree, Retrieval)
    found = records.get(call, KIND, identifier, Payout)
    if found.automatic or found.status != "pending":
        raise StripeError("Payouts can only be canceled while they are pending, and automatic ones never.")
    move(call, found, "canceled")
    return expansion.render(call, found, params.expand)


def reverse(call: Call, tree: Tree, identifier: str) -> bytes:
    """`POST /v1/payouts/{payout}/reverse`: the money of a payout that was paid is fetched back."""
    params = parameters.read(tree, Reversal)
    found = records.get(call, KIND, identifier, Payout)
    if found.status != "paid" or found.reversed_by is not None or found.original_payout is not None:
        raise StripeError("Only a payout that was paid can be reversed, and once.")
    back = _new(call, -found.amount, found.currency, automatic=False)
    back.original_payout, back.metadata, found.reversed_by = found.id, params.metadata or {}, back.id
    _save(call, found, None)
    return expansion.render(call, _send(call, back, []), params.expand)


def pass_time(call: Call, payout: Payout) -> None:
    """The day has come: it is on its way and arrives, and Stripe knows what it was made of."""
    move(call, payout, "paid")


def move(call: Call, payout: Payout, status: PayoutStatus, code: str = "account_closed") -> None:
    """Another status; one that fails or is cancelled gives its money back to the balance."""
    if payout.status in OVER or payout.status == status:
        raise parameter(f"This payout has a status of {payout.status}.", "status")
    before, news = copy.deepcopy(payout), []
    payout.status = status
    if status == "paid":
        payout.trace_id = Trace(status="supported", value=identifiers.new("trace")[6:22])
        if payout.automatic:
            payout.reconciliation_status = "completed"
            news.append(Happening("payout.reconciliation_completed", payout))
    if status in OVER:
        kind = "payout_failure" if status == "failed" else "payout_cancel"
        payout.failure_balance_transaction = ledger.move(call, kind, payout.amount, payout.currency, payout.id).id
    if status == "failed":
        payout.failure_code, payout.failure_message = code, FAILURES.get(code, "The bank has refused this payout.")
    _save(call, payout, payout.arrival_date if status in ("pending", "in_transit") else None)
    if status in ("paid", "failed", "canceled"):
        news.append(Happening(f"payout.{status}", payout))
    emit(call, [*news, *told_of_change("payout.updated", before, payout)])


def _new(call: Call, amount: int, currency: str, *, automatic: bool) -> Payout:
    return Payout(
        id=identifiers.new("po"),
        amount=amount,
        arrival_date=call.now + round(call.settings.delayed_after),
        automatic=automatic,
        created=call.now,
        currency=currency,
        description="STRIPE PAYOUT" if automatic else None,
        destination=f"ba_{call.account.removeprefix('acct_')}",
        reconciliation_status="in_progress" if automatic else "not_applicable",
    )


def _send(call: Call, payout: Payout, transactions: list[str]) -> Payout:
    taken = ledger.move(call, "payout", -payout.amount, payout.currency, payout.id)
    payout.balance_transaction = taken.id
    if payout.automatic:
        ledger.fill(call, payout.id, [taken.id, *transactions])
    _save(call, payout, payout.arrival_date, new=True)
    emit(call, [Happening("payout.created", payout)])
    return payout


def _save(call: Call, payout: Payout, due: int | None, new: bool = False) -> None:
    place = Place(status=payout.status, reference=payout.destination, due=due)
    if new:
        records.add(call, KIND, payout.id, payout, place)
    else:
        records.change(call, payout.id, payout, place)


def _narrow(query: Query, params: PayoutListing) -> None:
    query.where("status = ?", params.status)
    query.where("reference = ?", params.destination)
    listing.during(query, "json_extract(body, '$.arrival_date')", params.arrival_date)


retrieve = resources.retriever(KIND, Payout)
list_page = resources.lister(KIND, Payout, PayoutListing, _narrow)
