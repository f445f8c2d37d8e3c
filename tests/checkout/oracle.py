"""What must be true of a shop at every moment, judged by Stripe's own books and by plain counting.

Nothing here asks `checkout.facts`: what is expected is said a second time, in other words.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from checkout.models import Checkout, Hold, Order, OrderReview, Refund
from checkout.sandbox.state import State

HOLDING = {"amount-mismatch", "currency-mismatch", "fraud-warning", "unknown-session"}
ENDED = ("expired", "cancelled", "payment_failed")
WAITING = ("draft", "awaiting_payment", "processing")
CERTAIN = ("paid", "no_payment_required")
NOT_GONE = ("failed", "canceled")
DISPUTE_ENDS = ("warning_closed", "prevented", "won", "lost")


class Session(msgspec.Struct):
    """A Checkout Session in Stripe's books."""

    id: str
    status: str
    payment_status: str
    amount_total: int
    created: int
    client_reference_id: str
    payment_intent: str | None = None


class Kept(msgspec.Struct):
    """How the local Stripe keeps a session."""

    session: Session
    intent: str | None = None
    delayed_success: bool | None = None
    due: int | None = None


class Charge(msgspec.Struct):
    """A charge in Stripe's books."""

    id: str
    payment_intent: str
    amount_captured: int
    amount_refunded: int


class BackAtStripe(msgspec.Struct):
    """A refund in Stripe's books."""

    id: str
    payment_intent: str
    amount: int
    status: str


class Suspicion(msgspec.Struct):
    """An early fraud warning in Stripe's books."""

    id: str
    payment_intent: str


class Complaint(msgspec.Struct):
    """A dispute in Stripe's books."""

    id: str
    payment_intent: str
    status: str
    amount: int
    is_charge_refundable: bool


@dataclass(frozen=True)
class Stripe:
    """Stripe's books of the moment."""

    sessions: Mapping[str, Session]
    bounced: frozenset[str]
    charges: Mapping[str, Charge]
    refunds: Mapping[str, BackAtStripe]
    disputes: Mapping[str, Complaint]
    warnings: Mapping[str, Suspicion]

    @classmethod
    def of(cls, state: State) -> "Stripe":
        """Read past every interface, from the file itself."""
        kept = [msgspec.json.decode(body, type=Kept) for body in _bodies(state, "checkout.session")]
        charges = [msgspec.json.decode(body, type=Charge) for body in _bodies(state, "charge")]
        refunds = [msgspec.json.decode(body, type=BackAtStripe) for body in _bodies(state, "refund")]
        disputes = [msgspec.json.decode(body, type=Complaint) for body in _bodies(state, "dispute")]
        warnings = [msgspec.json.decode(body, type=Suspicion) for body in _bodies(state, "radar.early_fraud_warning")]
        return cls(
            sessions={each.session.id: each.session for each in kept},
            bounced=frozenset(each.session.id for each in kept if each.delayed_success is False and each.due is None),
            charges={each.payment_intent: each for each in charges if each.amount_captured},
            refunds={each.id: each for each in refunds},
            disputes={each.id: each for each in disputes},
            warnings={each.id: each for each in warnings},
        )

    def of_order(self, order: Order) -> list[Session]:
        """The order's sessions, the oldest first."""
        return [each for each in self.sessions.values() if each.client_reference_id == order.id]

    def left(self, session: Session) -> int:
        """What Stripe would still give back of a session; nothing once a bank has the money."""
        charge = self.charges.get(session.payment_intent or "")
        if charge is None or any(not each.is_charge_refundable for each in self.complaints(session)):
            return 0
        return charge.amount_captured - charge.amount_refunded

    def complaints(self, session: Session) -> list[Complaint]:
        """The disputes about a session."""
        return [each for each in self.disputes.values() if each.payment_intent == session.payment_intent]


def _bodies(state: State, kind: str) -> list[bytes]:
    rows = state.read().execute("SELECT body FROM object WHERE kind = ? ORDER BY seq", (kind,))
    return [bytes(row["body"]) for row in rows]


@dataclass(frozen=True)
class Picture:
    """A shop's books of the moment, beside Stripe's. `started` are the orders in the order in which they were placed,
    `foreign` the sessions that somebody else has opened for them: `strangers` those where that was not the shop."""

    orders: Mapping[str, Order]
    checkouts: Mapping[str, Checkout]
    holds: Mapping[str, Sequence[Hold]]
    refunds: Mapping[str, Sequence[Refund]]
    reviews: Mapping[str, Sequence[OrderReview]]
    news: Counter[tuple[str, str]]
    available: Mapping[str, int]
    stripe: Stripe
    started: Sequence[str] = ()
    foreign: frozenset[str] = field(default_factory=frozenset)
    strangers: frozenset[str] = field(default_factory=frozenset)
    held: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def sessions(self, order: Order) -> list[Session]:
        """The order's sessions that the shop has opened, the oldest first."""
        return [each for each in self.stripe.of_order(order) if each.id not in self.strangers]

    def own(self, order: Order) -> Session | None:
        """The order's own session in Stripe's books."""
        mine = [each for each in self.sessions(order) if each.id not in self.foreign]
        return mine[0] if mine else None

    def paying(self, order: Order) -> Session | None:
        """The session whose money is the order's: its own where that is paid, else the first that was."""
        certain = [each for each in self.sessions(order) if each.payment_status in CERTAIN]
        return min(certain, key=lambda each: (each.id in self.foreign, each.created, each.id), default=None)

    def back(self, order: Order, session: Session) -> int:
        """What our own rows say is going back of a session."""
        rows = [each for each in self.refunds[order.id] if each.session_id == session.id]
        return sum(each.amount for each in rows if each.status not in NOT_GONE)

    def in_vain(self, order: Order, session: Session) -> bool:
        """Whether giving a session's money back was tried and failed, of which the shop was told."""
        failed = any(each.status in NOT_GONE and each.session_id == session.id for each in self.refunds[order.id])
        return failed and self.news["order.refund_failed", order.id] > 0


def judge(now: Picture, before: Picture | None, initial: Mapping[str, int]) -> None:
    """The laws of every moment."""
    _conserves_stock(now, initial)
    _numbers_without_gaps(now)
    for order in now.orders.values():
        _holds_follow(now, order)
        _money_follows(now, order)
        _happens_once(now, order)
        _one_session(now, order)
        _people_are_asked_once(now, order)
        if before is not None and order.id in before.orders:
            _forgets_nothing(before.orders[order.id], order)
            _keeps_what_people_said(before.reviews[order.id], now.reviews[order.id])


def _conserves_stock(now: Picture, initial: Mapping[str, int]) -> None:
    gone: Counter[str] = Counter()
    for hold in (hold for holds in now.holds.values() for hold in holds if hold.status != "released"):
        gone[hold.variant_id] += hold.quantity - hold.restocked
    for variant, pieces in initial.items():
        assert 0 <= now.available[variant] == pieces - gone[variant], "pieces were made or lost"


def _numbers_without_gaps(now: Picture) -> None:
    numbers = sorted(order.number for order in now.orders.values() if order.number is not None)
    assert numbers == list(range(1, len(numbers) + 1))
    assert all((order.number is None) == (order.paid_at is None) for order in now.orders.values())


def _holds_follow(now: Picture, order: Order) -> None:
    """Stock goes where the order goes, and back only once Stripe says that nobody can pay any more."""
    known = {hold.status for hold in now.holds[order.id]}
    if order.paid_at is not None:
        assert known <= {"sold", "released"}
        sold_on = any(each.restocked_at and each.status in NOT_GONE for each in now.refunds[order.id])
        assert order.oversold == ("released" in known or sold_on), "sold or oversold, and nothing else"
    elif order.status in ENDED:
        assert known == {"released"}
        own = now.own(order)
        assert own is None or own.status == "expired" or own.id in now.stripe.bounced, "given back, and still payable"
    else:
        assert order.status in WAITING
        assert known == {"held"}


def _money_follows(now: Picture, order: Order) -> None:
    """What we say was paid and given back, Stripe says too; it may only know more than we do."""
    certain = [each for each in now.sessions(order) if each.payment_status in CERTAIN]
    if order.paid_at is None:
        assert (order.amount_paid, order.amount_refunded) == (0, 0)
        return
    assert certain, "paid, and Stripe knows of no payment"
    assert order.amount_paid == certain[0].amount_total == order.amount_total
    assert order.status in ("paid", "partially_refunded", "refunded", "disputed", "charged_back")
    known = {now.back(order, each) for each in certain}
    assert order.amount_refunded in known, "what is going back is not what was asked for"
    for each in now.refunds[order.id]:
        theirs = now.stripe.refunds.get(each.stripe_refund_id or "")
        assert each.stripe_refund_id is None or (theirs is not None and theirs.amount == each.amount)
    for session in certain:
        charge = now.stripe.charges.get(session.payment_intent or "")
        captured = charge.amount_captured if charge else 0
        assert 0 <= now.back(order, session) <= captured, "more is going back than was paid"


def _happens_once(now: Picture, order: Order) -> None:
    assert now.news["order.placed", order.id] == 1
    assert now.news["order.paid", order.id] == (order.paid_at is not None)
    assert now.news["order.expired", order.id] + now.news["order.payment_failed", order.id] <= 1


def _one_session(now: Picture, order: Order) -> None:
    mine = [each.id for each in now.sessions(order) if each.id not in now.foreign]
    assert len(mine) <= 1
    assert now.checkouts[order.id].stripe_session_id in {None, *mine, *(now.foreign - now.strangers)}


def _people_are_asked_once(now: Picture, order: Order) -> None:
    """Each matter opens one review, of which the shop was told; the order names the reasons of the open ones."""
    mine = now.reviews[order.id]
    assert order.reviews == sorted({each.reason for each in mine if each.resolved_at is None})
    assert len({(each.reason, each.about) for each in mine}) == len(mine)
    assert all(each.told for each in mine)
    assert bool(mine) <= now.news["order.needs_review", order.id] <= len(mine)
    assert ("review" in now.held[order.id]) == bool(HOLDING.intersection(order.reviews)), (
        "held back by a review, or not"
    )


def _keeps_what_people_said(before: Sequence[OrderReview], now: Sequence[OrderReview]) -> None:
    later = {each.id: each.resolved_at for each in now}
    assert all(each.resolved_at in {None, later[each.id]} for each in before), "a review was forgotten or opened again"


def _forgets_nothing(before: Order, order: Order) -> None:
    assert order.amount_paid >= before.amount_paid
    assert before.paid_at in {None, order.paid_at}
    for name in ("network", "placement", "campaign", "method", "confidence", "number"):
        assert getattr(before, name) in {None, getattr(order, name)}, f"{name} was changed"


def judge_the_end(now: Picture) -> None:
    """Everything has been told: both books say the same."""
    for order in now.orders.values():
        paying = now.paying(order)
        expected = _status(now, order, paying)
        assert order.status == expected, f"an order is {order.status}, and should be {expected}"
        for each in now.refunds[order.id]:
            theirs = now.stripe.refunds.get(each.stripe_refund_id or "")
            theirs_says = theirs.status if theirs else "failed" if each.amount else "succeeded"
            assert each.status == theirs_says, f"a refund is {each.status}, and should be {theirs_says}"
        for session in now.stripe.of_order(order):
            charge = now.stripe.charges.get(session.payment_intent or "")
            if session.id in now.strangers:
                assert charge is None or ("unknown-session", session.id) in {
                    (each.reason, each.about) for each in now.reviews[order.id]
                }, "a stranger has paid, and nobody was told"
                assert all(each.key is None for each in now.refunds[order.id] if each.session_id == session.id)
            elif paying is not None and charge is not None and session.id == paying.id:
                assert order.amount_refunded == charge.amount_refunded
            elif charge is not None:
                assert ("duplicate-payment", session.id) in {
                    (each.reason, each.about) for each in now.reviews[order.id]
                }
                assert now.stripe.left(session) == 0 or now.in_vain(order, session), "paid twice, and not given back"
    for order in now.orders.values():
        complaints = [each for session in now.stripe.of_order(order) for each in now.stripe.complaints(session)]
        is_open = any(each.status not in DISPUTE_ENDS for each in complaints)
        assert ("dispute" in now.held[order.id]) == is_open, (
            "held back by a dispute that is over, or not by one that is"
        )
    asked = {each.about for rows in now.reviews.values() for each in rows if each.reason == "fraud-warning"}
    assert asked == set(now.stripe.warnings), "the network warned, and nobody was told"
    known = {each.stripe_refund_id for rows in now.refunds.values() for each in rows}
    assert set(now.stripe.refunds) <= known


def _status(now: Picture, order: Order, paying: Session | None) -> str:
    own = now.own(order)
    if paying is None:
        if own is not None and own.id in now.stripe.bounced:
            return "payment_failed"
        return "cancelled" if order.cancelled else "expired"
    complaints = now.stripe.complaints(paying)
    if any(each.status not in DISPUTE_ENDS for each in complaints):
        return "disputed"
    charge = now.stripe.charges.get(paying.payment_intent or "")
    lost = sum(each.amount for each in complaints if each.status == "lost")
    if charge is not None and lost and lost + charge.amount_refunded >= charge.amount_captured:
        return "charged_back"
    if charge is None or not charge.amount_refunded:
        return "paid"
    return "refunded" if charge.amount_refunded == charge.amount_captured else "partially_refunded"
