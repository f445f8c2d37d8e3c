"""A Checkout Session as it is kept: what travels, and what the wire does not show."""

from msgspec import Struct, structs

from checkout.sandbox import records
from checkout.sandbox.call import Call
from checkout.sandbox.errors import missing
from checkout.sandbox.objects import LineItem, LineItemList, Session, ShippingCost, TotalDetails
from checkout.sandbox.records import Place
from checkout.sandbox.session_parameters import IntentParams

KIND = "checkout.session"
EXPANDED_LINES = 10


class Rate(Struct, kw_only=True):
    """A way of shipping that the page offers."""

    id: str
    name: str
    amount: int


class SessionRecord(Struct, kw_only=True):
    """A session with what the wire does not show: lines, rates, the payment under way and how it will end."""

    session: Session
    lines: list[LineItem]
    rates: list[Rate]
    intent_params: IntentParams
    intent: str | None = None
    delayed_success: bool | None = None
    due: int | None = None


def load(call: Call, session: str) -> SessionRecord:
    """The session of this account, or Stripe's 404."""
    found = records.find(call, KIND, session, SessionRecord)
    if found is None:
        raise missing(KIND, session, "session")
    return found


def save(call: Call, record: SessionRecord) -> None:
    """Keep the session's new state."""
    place = Place(status=record.session.status, reference=record.session.payment_intent, due=record.due)
    records.change(call, record.session.id, record, place)


def with_lines(record: SessionRecord) -> Session:
    """The session as `expand[]=line_items` shows it: the first ten lines."""
    listed = LineItemList(
        data=record.lines[:EXPANDED_LINES],
        has_more=len(record.lines) > EXPANDED_LINES,
        url=f"/v1/checkout/sessions/{record.session.id}/line_items",
    )
    return structs.replace(record.session, line_items=listed)


def choose_rate(record: SessionRecord, rate: Rate) -> None:
    """Ship this way; the total follows."""
    session = record.session
    session.shipping_cost = ShippingCost(amount_subtotal=rate.amount, amount_total=rate.amount, shipping_rate=rate.id)
    session.total_details = TotalDetails(amount_shipping=rate.amount)
    session.amount_total = session.amount_subtotal + rate.amount
