"""Checkout Sessions: created, retrieved, changed, listed, expired."""

from typing import Annotated

from msgspec import Meta

from checkout.sandbox import (
    events,
    expansion,
    listing,
    metadata,
    parameters,
    pricing,
    records,
    session_making,
    totals,
)
from checkout.sandbox.call import Call
from checkout.sandbox.errors import StripeError, missing
from checkout.sandbox.forms import Tree
from checkout.sandbox.parameters import MetadataChange
from checkout.sandbox.session_parameters import Listing, Params, Retrieval, SessionCreate, ShippingOptionParams
from checkout.sandbox.session_record import KIND, SessionRecord, load, plain_lines, save

RECOVERABLE = 30 * 24 * 60 * 60


class SessionUpdate(Params):
    """What can be changed about a session."""

    expand: list[str] | None = None
    metadata: MetadataChange | None = None
    shipping_options: Annotated[list[ShippingOptionParams], Meta(max_length=5)] | None = None


class SessionListing(Listing):
    """What the list of sessions takes."""

    customer: str | None = None
    payment_intent: str | None = None
    payment_link: str | None = None
    status: str | None = None
    subscription: str | None = None


def create(call: Call, tree: Tree) -> bytes:
    """`POST /v1/checkout/sessions`."""
    params = parameters.read(tree, SessionCreate)
    return expansion.render(call, session_making.make(call, params).session, params.expand)


def update(call: Call, tree: Tree, session: str) -> bytes:
    """`POST /v1/checkout/sessions/{session}`: metadata, and while it is open other ways of shipping."""
    params = parameters.read(tree, SessionUpdate)
    record = load(call, session)
    record.session.metadata = metadata.changed(record.session.metadata, params.metadata)
    if params.shipping_options is not None:
        if record.session.status != "open":
            raise StripeError('Only Checkout Sessions with a status in ["open"] can be updated this way.')
        session_making.offer_shipping(call, record, params.shipping_options)
        totals.reckon(record, call.now)
        pricing.check_total(record.session.amount_total, record.session.currency)
    save(call, record)
    return expansion.render(call, record.session, params.expand)


def retrieve(call: Call, tree: Tree, session: str) -> bytes:
    """`GET /v1/checkout/sessions/{session}`."""
    params = parameters.read(tree, Retrieval)
    return expansion.render(call, load(call, session).session, params.expand)


def list_page(call: Call, tree: Tree) -> bytes:
    """`GET /v1/checkout/sessions`, newest first."""
    params = parameters.read(tree, SessionListing)
    query = records.Query(KIND)
    query.where("status = ?", params.status)
    query.where("reference = ?", params.payment_intent)
    query.where("json_extract(body, '$.session.customer') = ?", params.customer)
    query.where("json_extract(body, '$.session.payment_link') = ?", params.payment_link)
    query.where("? IS NULL", params.subscription)  # Nothing here belongs to a subscription.
    found, more = listing.page(call, query, params, SessionRecord)
    return listing.render(call, [record.session for record in found], more, "/v1/checkout/sessions", params.expand)


def line_items(call: Call, tree: Tree, session: str) -> bytes:
    """`GET /v1/checkout/sessions/{session}/line_items`, in the order of the page."""
    params = parameters.read(tree, Listing)
    record = load(call, session)
    lines = record.lines if expansion.asks_for_shares(params.expand) else plain_lines(record)
    places = {line.id: place for place, line in enumerate(lines)}
    cursor = params.starting_after or params.ending_before
    if cursor is not None and cursor not in places:
        raise missing("item", cursor, "starting_after" if params.starting_after else "ending_before", status=400)
    if params.ending_before is not None and params.starting_after is None:
        before = lines[: places[params.ending_before]]
        chosen, more = before[-params.limit :], len(before) > params.limit
    else:
        after = lines[places[params.starting_after] + 1 :] if params.starting_after else lines
        chosen, more = after[: params.limit], len(after) > params.limit
    return listing.render(call, chosen, more, f"/v1/checkout/sessions/{session}/line_items", params.expand)


def expire(call: Call, tree: Tree, session: str) -> bytes:
    """`POST /v1/checkout/sessions/{session}/expire`: only an open one."""
    params = parameters.read(tree, Retrieval)
    record = load(call, session)
    if record.session.status != "open":
        raise StripeError(
            'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of '
            f"`{record.session.status}`."
        )
    close_expired(call, record)
    return expansion.render(call, record.session, params.expand)


def close_expired(call: Call, record: SessionRecord) -> None:
    """Nobody can pay this session any more."""
    record.session.status, record.session.url, record.due = "expired", None, None
    recovery = record.session.after_expiration and record.session.after_expiration.recovery
    if recovery and recovery.enabled:
        recovery.url = f"{call.settings.base_url or record.origin}/r/{record.session.id}"
        recovery.expires_at = call.now + RECOVERABLE
    save(call, record)
    events.emit(call, [events.Happening("checkout.session.expired", record.session)])
