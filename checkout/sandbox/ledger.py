"""Balance transactions: what every charge, refund and dispute does to the account's balance, and Stripe's fee."""

from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated

from msgspec import Meta

from checkout.sandbox import currencies, expansion, identifiers, listing, parameters, records
from checkout.sandbox.call import Call
from checkout.sandbox.forms import Tree
from checkout.sandbox.money_objects import Balance, BalanceAmount, BalanceTransaction, Fee
from checkout.sandbox.payment_objects import Charge
from checkout.sandbox.records import Place
from checkout.sandbox.session_parameters import Listing, Retrieval

KIND = "balance_transaction"
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
}


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
    transaction = BalanceTransaction(
        id=identifiers.new("txn"),
        amount=amount,
        available_on=call.now + delay,
        created=call.now,
        currency=charge.currency,
        description=charge.description,
        fee=cost,
        fee_details=[Fee(amount=cost, currency=charge.currency, description=named)] if cost else [],
        net=amount - cost,
        reporting_category=CATEGORIES[kind],
        source=source,
        status="pending" if delay else "available",
        type=kind,
    )
    _save(call, transaction, new=True)
    return transaction


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
    query.where("? IS NULL", params.payout)  # Nothing is ever paid out here.
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


def _amount(currency: str, sums: Counter[str]) -> BalanceAmount:
    return BalanceAmount(amount=sums[currency], currency=currency, source_types={"card": sums[currency]})


def _save(call: Call, transaction: BalanceTransaction, new: bool = False) -> None:
    due = transaction.available_on if transaction.status == "pending" else None
    place = Place(status=transaction.type, reference=transaction.source, due=due)
    if new:
        records.add(call, KIND, transaction.id, transaction, place)
    else:
        records.change(call, transaction.id, transaction, place)
