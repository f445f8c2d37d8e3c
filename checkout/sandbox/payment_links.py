"""Payment links: made, changed, listed, and followed by buyers, each to a session of their own."""

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, structs

from checkout.sandbox import expansion, identifiers, listing, metadata, parameters, records, resources, session_making
from checkout.sandbox.call import Call
from checkout.sandbox.errors import StripeError, parameter
from checkout.sandbox.forms import Tree
from checkout.sandbox.link_objects import (
    AfterCompletion,
    CompletedSessions,
    Confirmation,
    LinkRecord,
    LinkRedirect,
    LinkRestrictions,
    LinkTax,
    PaymentLink,
)
from checkout.sandbox.objects import Metadata, Toggle
from checkout.sandbox.parameters import Currency, MetadataChange, MetadataParam, Url
from checkout.sandbox.records import Query
from checkout.sandbox.session_objects import Session
from checkout.sandbox.session_parameters import (
    ConsentParams,
    CustomFieldParams,
    IntentParams,
    LineParams,
    Listing,
    Params,
    Retrieval,
    SessionCreate,
    ShippingCollectionParams,
    ShippingOptionParams,
    Switch,
    TextParams,
)
from checkout.sandbox.session_record import SessionRecord

KIND = "payment_link"
TAKEN_OVER = (
    "allow_promotion_codes automatic_tax billing_address_collection consent_collection custom_fields custom_text "
    "customer_creation payment_intent_data phone_number_collection shipping_address_collection shipping_options "
    "submit_type metadata"
)


class MessageParams(Params):
    """`after_completion[hosted_confirmation]`."""

    custom_message: Annotated[str, Meta(max_length=500)] | None = None


class TargetParams(Params):
    """`after_completion[redirect]`."""

    url: Url


class CompletionParams(Params):
    """`after_completion`."""

    type: Literal["hosted_confirmation", "redirect"]
    hosted_confirmation: MessageParams | None = None
    redirect: TargetParams | None = None


class LimitParams(Params):
    """`restrictions[completed_sessions]`."""

    limit: Annotated[int, Meta(ge=1)]


class RestrictionParams(Params):
    """`restrictions`."""

    completed_sessions: LimitParams


class LinkCreate(Params):
    """What a payment link is made with."""

    line_items: Annotated[list[LineParams], Meta(max_length=20)]
    after_completion: CompletionParams | None = None
    allow_promotion_codes: bool | None = None
    automatic_tax: Switch | None = None
    billing_address_collection: Literal["auto", "required"] | None = None
    consent_collection: ConsentParams | None = None
    currency: Currency | None = None
    custom_fields: Annotated[list[CustomFieldParams], Meta(max_length=3)] | None = None
    custom_text: TextParams | None = None
    customer_creation: Literal["always", "if_required"] | None = None
    expand: list[str] | None = None
    inactive_message: Annotated[str, Meta(max_length=500)] | None = None
    metadata: MetadataParam | None = None
    payment_intent_data: IntentParams | None = None
    phone_number_collection: Switch | None = None
    restrictions: RestrictionParams | None = None
    shipping_address_collection: ShippingCollectionParams | None = None
    shipping_options: Annotated[list[ShippingOptionParams], Meta(max_length=5)] | None = None
    submit_type: Literal["auto", "book", "donate", "pay"] | None = None


class LinkUpdate(Params):
    """What can be changed about a payment link."""

    active: bool | None = None
    expand: list[str] | None = None
    inactive_message: Annotated[str, Meta(max_length=500)] | None = None
    metadata: MetadataChange | None = None


class LinkListing(Listing):
    """What the list of payment links takes."""

    active: bool | None = None


def create(call: Call, tree: Tree) -> bytes:
    """`POST /v1/payment_links`: tried out once as a session, so that whatever a session refuses is refused here."""
    params = parameters.read(tree, LinkCreate)
    identifier = identifiers.new("plink")
    url = f"{call.base_url}/b/{identifier}"
    taken = {name: getattr(params, name) for name in TAKEN_OVER.split()}
    target = (
        params.after_completion.redirect.url if params.after_completion and params.after_completion.redirect else ""
    )
    order = SessionCreate(mode="payment", success_url=target or f"{url}/thanks", line_items=params.line_items, **taken)
    trial = session_making.make(call, order)
    records.remove(call, trial.session.id)
    priced = [_kept_price(call, line, place, trial) for place, line in enumerate(params.line_items)]
    order = structs.replace(order, line_items=priced)
    link = _link(identifier, url, params, trial.session)
    records.add(call, KIND, identifier, LinkRecord(link=link, lines=trial.lines, order=msgspec.json.encode(order)))
    return expansion.render(call, link, params.expand)


def retrieve(call: Call, tree: Tree, identifier: str) -> bytes:
    """`GET /v1/payment_links/{id}`."""
    params = parameters.read(tree, Retrieval)
    return expansion.render(call, shown(call, records.get(call, KIND, identifier, LinkRecord)), params.expand)


def update(call: Call, tree: Tree, identifier: str) -> bytes:
    """`POST /v1/payment_links/{id}`: whether it works, what it says then, its metadata."""
    params = parameters.read(tree, LinkUpdate)
    record = records.get(call, KIND, identifier, LinkRecord)
    link = record.link
    link.active = link.active if params.active is None else params.active
    link.inactive_message = params.inactive_message or link.inactive_message
    link.metadata = metadata.changed(link.metadata, params.metadata)
    records.change(call, identifier, record)
    return expansion.render(call, shown(call, record), params.expand)


def list_page(call: Call, tree: Tree) -> bytes:
    """`GET /v1/payment_links`, newest first."""
    params = parameters.read(tree, LinkListing)
    query = Query(KIND)
    query.where("json_extract(body, '$.link.active') = ?", resources.flag(params.active))
    found, more = listing.page(call, query, params, LinkRecord)
    return listing.render(call, [shown(call, each) for each in found], more, "/v1/payment_links", params.expand)


def line_items(call: Call, tree: Tree, identifier: str) -> bytes:
    """`GET /v1/payment_links/{id}/line_items`."""
    params = parameters.read(tree, Listing)
    lines = records.get(call, KIND, identifier, LinkRecord).lines
    plain = [structs.replace(line, discounts=UNSET, taxes=UNSET) for line in lines[: params.limit]]
    more = len(lines) > params.limit
    return listing.render(call, plain, more, f"/v1/payment_links/{identifier}/line_items", params.expand)


def shown(call: Call, record: LinkRecord) -> PaymentLink:
    """With how often it was paid; a link that reached its limit works no more."""
    link = record.link
    if link.restrictions is not None:
        paid = link.restrictions.completed_sessions
        row = call.db.execute(
            "SELECT count(*) FROM object WHERE kind = 'checkout.session' AND account = ? AND status = 'complete' "
            "AND json_extract(body, '$.session.payment_link') = ?",
            (call.account, link.id),
        ).fetchone()
        paid.count = int(row[0])
        link.active = link.active and paid.count < paid.limit
    return link


def follow(call: Call, record: LinkRecord, given: Mapping[str, str]) -> SessionRecord:
    """A buyer comes: a session of their own, with what the address says about them; refuses where the link is off."""
    link = shown(call, record)
    if not link.active:
        raise StripeError(link.inactive_message or "This link is no longer active.")
    order = msgspec.json.decode(record.order, type=SessionCreate)
    email = given.get("prefilled_email", "")
    order = structs.replace(
        order,
        client_reference_id=given.get("client_reference_id", "")[:200] or None,
        customer_email=email if parameters.is_email(email) else None,
    )
    return session_making.make(call, order, link.id)


def _kept_price(call: Call, line: LineParams, place: int, trial: SessionRecord) -> LineParams:
    """Every session of a link sells at the price of the day on which the link was made."""
    if line.price is not None:
        return line
    price = trial.lines[place].price
    price.active = True
    records.add(call, "price", price.id, price)
    return structs.replace(line, price=price.id, price_data=None)


def _link(identifier: str, url: str, params: LinkCreate, trial: Session) -> PaymentLink:
    pairs: Metadata = params.metadata or {}
    limit = params.restrictions.completed_sessions.limit if params.restrictions else None
    return PaymentLink(
        id=identifier,
        after_completion=_completion(params.after_completion),
        allow_promotion_codes=bool(params.allow_promotion_codes),
        automatic_tax=LinkTax(enabled=trial.automatic_tax.enabled),
        billing_address_collection=params.billing_address_collection or "auto",
        consent_collection=trial.consent_collection,
        currency=trial.currency,
        custom_fields=trial.custom_fields,
        custom_text=trial.custom_text,
        customer_creation=params.customer_creation or "if_required",
        inactive_message=params.inactive_message,
        metadata=pairs,
        phone_number_collection=Toggle(enabled=trial.phone_number_collection.enabled),
        restrictions=LinkRestrictions(completed_sessions=CompletedSessions(count=0, limit=limit)) if limit else None,
        shipping_address_collection=trial.shipping_address_collection,
        shipping_options=trial.shipping_options,
        submit_type=params.submit_type or "auto",
        url=url,
    )


def _completion(params: CompletionParams | None) -> AfterCompletion:
    if params is None or params.type == "hosted_confirmation":
        given = params.hosted_confirmation if params else None
        return AfterCompletion(hosted_confirmation=Confirmation(custom_message=given.custom_message if given else None))
    if params.redirect is None:
        raise parameter("A redirect needs its URL.", "after_completion[redirect][url]", "parameter_missing")
    return AfterCompletion(redirect=LinkRedirect(url=params.redirect.url), type="redirect")
