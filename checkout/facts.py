"""What Stripe has said of one order, and the order's status as a pure function of it.

Every fact only moves up a chain, so that taking facts in is commutative, associative and idempotent: any order,
repetition or delay of events ends in the same order. Chains and not partial orders: with ties the result would depend
on the order of arrival.
"""

from collections.abc import Sequence
from typing import Literal

import msgspec

OrderStatus = Literal[
    "draft",
    "awaiting_payment",
    "processing",
    "paid",
    "partially_refunded",
    "refunded",
    "disputed",
    "charged_back",
    "payment_failed",
    "expired",
    "cancelled",
]
Review = Literal[
    "amount-mismatch", "currency-mismatch", "discount-limit", "duplicate-payment", "fraud-warning", "late-payment",
    "radar-review", "refund-failed", "unknown-session",
]  # fmt: skip

# docs.stripe.com/api/checkout/sessions/object (status, payment_status).
SESSION = ("creating", "open", "expired", "complete")
PAYMENT = ("unpaid", "failed", "no_payment_required", "paid")
# docs.stripe.com/refunds: a refund that succeeded may fail later; `requested` is ours, before Stripe has answered.
REFUND = ("requested", "pending", "requires_action", "succeeded", "canceled", "failed")
# docs.stripe.com/disputes/how-disputes-work: inquiries (warning_*) come before the dispute itself.
DISPUTE = (
    "warning_needs_response",
    "warning_under_review",
    "needs_response",
    "under_review",
    "appeal_needs_response",
    "appeal_under_review",
    "warning_closed",
    "prevented",
    "won",
    "lost",
)
SETTLED = frozenset(("paid", "no_payment_required"))
_GOING_BACK = frozenset(("requested", "pending", "requires_action", "succeeded"))
_OVER = frozenset(("warning_closed", "prevented", "won", "lost"))


class PaymentFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One Checkout Session that the order goes by. `amount` in the minor unit; `opened_at` in seconds since 1970."""

    session_id: str
    session_status: str = "open"
    payment_status: str = "unpaid"
    amount: int = 0
    opened_at: int = 0


class RefundFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Money on its way back to the buyer, of the session that took it."""

    session_id: str | None
    status: str
    amount: int


class DisputeFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A dispute about the payment of one session; `amount` None where the bank reckons in another currency."""

    session_id: str
    status: str
    amount: int | None = None


class OrderFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that decides the status.

    `given_up`: nobody was ever shown a page to pay at. `cancelled`: we asked Stripe to end it. `own_session` is the
    session that the order's checkout opened.
    """

    given_up: bool = False
    cancelled: bool = False
    own_session: str | None = None
    payments: Sequence[PaymentFacts] = ()
    refunds: Sequence[RefundFacts] = ()
    disputes: Sequence[DisputeFacts] = ()


def higher(chain: Sequence[str], known: str, news: str) -> str:
    """The higher of two facts; a word that the chain does not know changes nothing."""
    return news if news in chain and chain.index(news) > chain.index(known) else known


def session_status(facts: OrderFacts) -> str:
    """How far the order's sessions have come."""
    furthest = "expired" if facts.given_up else "creating"
    for payment in facts.payments:
        furthest = higher(SESSION, furthest, payment.session_status)
    return furthest


def payment_status(facts: OrderFacts) -> str:
    """How far paying has come."""
    furthest = "unpaid"
    for payment in facts.payments:
        furthest = higher(PAYMENT, furthest, payment.payment_status)
    return furthest


def settled(facts: OrderFacts) -> list[PaymentFacts]:
    """The sessions whose money is certain: first the one that pays the order, then those that paid it once more."""
    paid = [each for each in facts.payments if each.payment_status in SETTLED]
    return sorted(paid, key=lambda each: (each.session_id != facts.own_session, each.opened_at, each.session_id))


def paid(facts: OrderFacts) -> int:
    """What the buyer paid for the order; a second payment of the same order is not the order's money."""
    payments = settled(facts)
    return payments[0].amount if payments else 0


def refunded(facts: OrderFacts) -> int:
    """What went back or is going back of the order's own payment; a refund that failed did not."""
    own = {None, *(each.session_id for each in settled(facts)[:1])}
    going = (each.amount for each in facts.refunds if each.status in _GOING_BACK and each.session_id in own)
    return min(sum(going), paid(facts))


def lost(facts: OrderFacts) -> int:
    """What banks took back of the order's own payment, beyond what went back already.

    All of the rest where the bank reckons in another currency.
    """
    taken = (each for each in _own_disputes(facts) if each.status == "lost")
    return min(
        sum(paid(facts) if each.amount is None else each.amount for each in taken), paid(facts) - refunded(facts)
    )


def _own_disputes(facts: OrderFacts) -> list[DisputeFacts]:
    own = {each.session_id for each in settled(facts)[:1]}
    return [each for each in facts.disputes if each.session_id in own]


def returned(facts: OrderFacts, session_id: str) -> int:
    """What went back or is going back of one session's payment."""
    going = (each for each in facts.refunds if each.status in _GOING_BACK)
    return sum(each.amount for each in going if each.session_id == session_id)


def status(facts: OrderFacts) -> OrderStatus:
    """The order's status."""
    if settled(facts):
        return _after_payment(facts)
    if payment_status(facts) == "failed":
        return "payment_failed"
    match session_status(facts):
        case "complete":
            return "processing"
        case "expired":
            return "cancelled" if facts.cancelled else "expired"
        case "open":
            return "awaiting_payment"
    return "draft"


def _after_payment(facts: OrderFacts) -> OrderStatus:
    if any(each.status not in _OVER for each in _own_disputes(facts)):
        return "disputed"
    back = refunded(facts)
    # A bank may question a part (docs.stripe.com/disputes/how-disputes-work): the rest of the order stands.
    if any(each.status == "lost" for each in _own_disputes(facts)) and lost(facts) + back >= paid(facts):
        return "charged_back"
    if back and back >= paid(facts):
        return "refunded"
    return "partially_refunded" if back else "paid"


def is_over(dispute_status: str) -> bool:
    """Whether the bank has decided, or the dispute never came to it."""
    return dispute_status in _OVER


def is_going_back(refund_status: str) -> bool:
    """Whether this refund's money has left the shop or may still do so."""
    return refund_status in _GOING_BACK
