"""Stripe's books, read past every interface from the file in which the local Stripe keeps them."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from checkout.models import Order
from checkout.sandbox.state import State


class Details(msgspec.Struct):
    """What a session adds to its subtotal and takes off."""

    amount_discount: int = 0
    amount_shipping: int | None = 0
    amount_tax: int = 0


class Way(msgspec.Struct):
    """A way of shipping that a session offers."""

    shipping_rate: str


class Session(msgspec.Struct):
    """A Checkout Session in Stripe's books."""

    id: str
    status: str
    payment_status: str
    amount_total: int
    created: int
    client_reference_id: str
    amount_subtotal: int
    total_details: Details
    payment_intent: str | None = None
    shipping_options: list[Way] = []


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
