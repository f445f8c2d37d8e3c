"""Balance transactions: what every charge, refund, dispute and payout does to the balance, and Stripe's fee."""

from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated

from msgspec import Meta, Struct

from checkout.sandbox import currencies, expansion, identifiers, listing, parameters, records
from checkout.sandbox.call import Call
from checkout.sandbox.forms import Tree
from checkout.sandbox.money_objects import Balance, BalanceAmount, BalanceTransaction, Fee
from checkout.sandbox.payment_objects import Charge
from checkout.sandbox.records import Place
from checkout.sandbox.session_parameters import Listing, Retrieval

KIND = "balance_transaction"
CONTENT = "payout_content"
DAY = 24 * 60 * 60
# Stripe's list price for cards (stripe.com/pricing, checked 2026-11); every method costs the same here.
RATE = Decimal("0.029")
FIXED = 30
DISPUTE_FEE = 1500
CATEGORIES = {
    "charge": "charge",
    "payment": "charge",
    "refund": "refund",
    "payment_refund": "refund",
    "refund_failure": "refund_failure",
    "payment_failure_refund": "refund_failure",
    "adjustment": "dispute",
    "payout": "payout",
    "payout_cancel": "payout",
    "payout_failure": "payout",
}
INSIDE = (
    "id IN (SELECT value FROM object AS content, json_each(content.body, '$.transactions') "
    "WHERE content.kind = 'payout_content' AND content.reference = ?)"
)
NEVER_PAID_OUT = (
    "id NOT IN (SELECT value FROM object AS content, json_each(content.body, '$.transactions') "
    "WHERE content.kind = 'payout_content')"
)


class Content(Struct):
    """The balance transactions that an automatic payout is made of."""

    transactions: list[str]


class TransactionListing(Listing):
    """What the list of balance transactions takes."""

    currency: str | None = None
    payout: str | None = None
    source: Annotated[str, Meta(max_length=5_000)] | None = None
    type: str | None = None


def fee(amount: int, currency: str) -> int:
    """2.9 % and thirty of the currency's smallest unit (three hundred where that is a thousandth)."""
    share = int((amount * RATE).to_integral_value(ROUND_HALF_UP))
    return share + (FIXED * 10 if currencies.exponent(currency) == 3 else FIXED)


def take(call: Call, charge: Charge, at_once: bool = False) -> None:
    """Book what a charge brings in; it can be used two days later, or at once."""
    cost = fee(charge.amount_captured, charge.currency)
    kind = "charge" if charge.id.startswith("ch_") else "payment"
    booked = book(call, kind, charge.amount_captured, charge, charge.id, cost, 0 if at_once else 2 * DAY)
    charge.balance_transaction = booked.id


def book(
    call: Call, kind: str, amount: int, charge: Charge, source: str, cost: int = 0, delay: int = 0
) -> BalanceTransaction:
    """Keep one movement of money for `source`."""
    named = "Stripe processing fees" if amount > 0 else "Dispute fee"
    transaction = _new(call, kind, amount, charge.currency, source)
    transaction.description = charge.description
    if kind == "adjustment" and amount > 0:
        transaction.reporting_category = "dispute_reversal"
    if cost:
        transaction.fee, transaction.net = cost, amount - cost
        transaction.fee_details = [Fee(amount=cost, currency=charge.currency, description=named)]
    if delay:
        transaction.available_on, transaction.status = call.now + delay, "pending"
    _save(call, transaction, new=True)
    return transaction


def move(call: Call, kind: str, amount: int, currency: str, payout: str) -> BalanceTransaction:
    """Keep what a payout takes from the balance, or gives back to it, at once."""
    transaction = _new(call, kind, amount, currency, payout)
    transaction.description = "STRIPE PAYOUT"
    _save(call, transaction, new=True)
    return transaction


def available(call: Call, currency: str) -> int:
    """What can be paid out."""
    return sum(each.net for each in _ready(call, currency))


def unpaid(call: Call, currency: str) -> list[BalanceTransaction]:
    """What is available and was never part of an automatic payout."""
    return _ready(call, currency, NEVER_PAID_OUT)


def fill(call: Call, payout: str, transactions: list[str]) -> None:
    """Remember what an automatic payout is made of."""
    records.add(call, CONTENT, f"content_{payout}", Content(transactions), Place(reference=payout))


def become_available(call: Call, transaction: BalanceTransaction) -> None:
    """The money can be used from now on."""
    transaction.status = "available"
    _save(call, transaction)


def retrieve(call: Call, tree: Tree, transaction: str) -> bytes:
    """`GET /v1/balance_transactions/{transaction}`."""
    params = parameters.read(tree, Retrieval)
    return expansion.render(call, records.get(call, KIND, transaction, BalanceTransaction), params.expand)


def list_page(call: Call, tree: Tree) -> bytes:
    """`GET /v1/balance_transactions`, newest first."""
    params = parameters.read(tree, TransactionListing)
    query = records.Query(KIND)
    query.where("reference = ?", params.source)
    query.where("status = ?", params.type)
    query.where("json_extract(body, '$.currency') = ?", params.currency)
    query.where(INSIDE, params.payout)  # As at Stripe, only an automatic payout knows what it is made of.
    found, more = listing.page(call, query, params, BalanceTransaction)
    return listing.render(call, found, more, "/v1/balance_transactions", params.expand)


def balance(call: Call, tree: Tree) -> bytes:
    """`GET /v1/balance`."""
    params = parameters.read(tree, Retrieval)
    sums: dict[str, Counter[str]] = {"available": Counter(), "pending": Counter()}
    everything = records.Query(KIND)
    for transaction in records.newest(call, everything, BalanceTransaction, 1_000_000)[0]:
        sums[transaction.status][transaction.currency] += transaction.net
    known = sorted(set(sums["available"]) | set(sums["pending"])) or ["usd"]
    return expansion.render(
        call,
        Balance(
            available=[_amount(currency, sums["available"]) for currency in known],
            pending=[_amount(currency, sums["pending"]) for currency in known],
        ),
        params.expand,
    )


def _ready(call: Call, currency: str, *conditions: str) -> list[BalanceTransaction]:
    query = records.Query(KIND, list(conditions))
    query.where("json_extract(body, '$.status') = ?", "available")
    query.where("json_extract(body, '$.currency') = ?", currency)
    return records.newest(call, query, BalanceTransaction, 1_000_000)[0]


def _new(call: Call, kind: str, amount: int, currency: str, source: str) -> BalanceTransaction:
    return BalanceTransaction(
        id=identifiers.new("txn"),
        amount=amount,
        available_on=call.now,
        created=call.now,
        currency=currency,
        fee=0,
        fee_details=[],
        net=amount,
        reporting_category=CATEGORIES[kind],
        source=source,
        status="available",
        type=kind,
    )


def _amount(currency: str, sums: Counter[str]) -> BalanceAmount:
    return BalanceAmount(amount=sums[currency], currency=currency, source_types={"card": sums[currency]})


def _save(call: Call, transaction: BalanceTransaction, new: bool = False) -> None:
    due = transaction.available_on if transaction.status == "pending" else None
    place = Place(status=transaction.type, reference=transaction.source, due=due)
    if new:
        records.add(call, KIND, transaction.id, transaction, place)
    else:
        records.change(call, transaction.id, transaction, place)
