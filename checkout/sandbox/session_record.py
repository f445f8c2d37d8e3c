"""A Checkout Session as it is kept: what travels, and what the wire does not show."""

from msgspec import UNSET, Struct, structs

from checkout.sandbox import records
from checkout.sandbox.call import Call
from checkout.sandbox.cards import Means
from checkout.sandbox.catalog_objects import Coupon, ShippingRate
from checkout.sandbox.errors import missing
from checkout.sandbox.objects import Address, LineItem, LineItemList, ShippingDetails, TaxRate
from checkout.sandbox.records import Place
from checkout.sandbox.session_objects import Session
from checkout.sandbox.session_parameters import IntentParams

KIND = "checkout.session"
EXPANDED_LINES = 10


class Buyer(Struct, kw_only=True, frozen=True):
    """Who pays, and what else the page asked."""

    email: str
    name: str | None = None
    phone: str | None = None
    address: Address | None = None
    shipping: ShippingDetails | None = None
    rate: str | None = None
    answers: dict[str, str] = {}
    terms: bool = False
    promotions: bool = False


class Challenge(Struct, kw_only=True):
    """A payment that waits for the bank's own page (3-D Secure)."""

    means: Means
    buyer: Buyer


class SessionRecord(Struct, kw_only=True):
    """A session with what the wire does not show: lines, rates, the payment under way and how it will end."""

    session: Session
    lines: list[LineItem]
    intent_params: IntentParams
    rates: list[ShippingRate] = []
    rate: str | None = None
    tax_rates: dict[str, list[TaxRate]] = {}
    coupon: Coupon | None = None
    code: str | None = None
    country: str | None = None
    origin: str = ""
    challenge: Challenge | None = None
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


def plain_lines(record: SessionRecord) -> list[LineItem]:
    """The lines without what is shown only when asked for."""
    return [structs.replace(line, discounts=UNSET, taxes=UNSET) for line in record.lines]


def with_lines(record: SessionRecord, in_full: bool = False) -> Session:
    """The session as `expand[]=line_items` shows it: the first ten lines."""
    lines = record.lines if in_full else plain_lines(record)
    listed = LineItemList(
        data=lines[:EXPANDED_LINES],
        has_more=len(record.lines) > EXPANDED_LINES,
        url=f"/v1/checkout/sessions/{record.session.id}/line_items",
    )
    return structs.replace(record.session, line_items=listed)
