"""Checkout Sessions: created, retrieved, listed, expired."""

from functools import partial

from msgspec import UNSET, structs

from checkout.sandbox import currencies, events, expansion, identifiers, listing, parameters, pricing, records
from checkout.sandbox import session_rules as rules
from checkout.sandbox.call import Call
from checkout.sandbox.errors import StripeError, missing, parameter
from checkout.sandbox.forms import Tree
from checkout.sandbox.objects import (
    Branding,
    CustomerDetails,
    CustomText,
    Image,
    LineItem,
    Session,
    ShippingCountries,
    ShippingOption,
    TextPosition,
    Toggle,
)
from checkout.sandbox.records import Place
from checkout.sandbox.session_parameters import (
    BrandingParams,
    IntentParams,
    Listing,
    RateParams,
    Retrieval,
    SessionCreate,
    TextParams,
)
from checkout.sandbox.session_record import KIND, Rate, SessionRecord, choose_rate, load, save


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
    rules.check(params, call.now)
    lines = pricing.lines(call, params)
    currency = lines[0].currency
    methods = rules.payment_methods(params, currency)
    rates = _rates(params, currency)
    session = _new(call, params, lines, rates, methods)
    pricing.check_total(session.amount_total, currency)
    record = SessionRecord(
        session=session,
        lines=lines,
        rates=rates,
        intent_params=params.payment_intent_data or IntentParams(),
        due=session.expires_at,
    )
    records.add(call, KIND, session.id, record, Place(status="open", due=record.due))
    return expansion.render(call, session, params.expand)


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
    for absent in (params.customer, params.payment_link, params.subscription):
        query.where("? IS NULL", absent)  # Nothing here belongs to a customer, link or subscription.
    found, more = listing.page(call, query, params, SessionRecord)
    return listing.render(call, [record.session for record in found], more, "/v1/checkout/sessions", params.expand)


def line_items(call: Call, tree: Tree, session: str) -> bytes:
    """`GET /v1/checkout/sessions/{session}/line_items`, in the order of the page."""
    params = parameters.read(tree, Listing)
    lines = load(call, session).lines
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
    save(call, record)
    events.emit(call, [events.Happening("checkout.session.expired", record.session)])


def _new(call: Call, params: SessionCreate, lines: list[LineItem], rates: list[Rate], methods: list[str]) -> Session:
    identifier = identifiers.new("cs_test")
    subtotal = sum(line.amount_subtotal for line in lines)
    session = Session(
        id=identifier,
        amount_subtotal=subtotal,
        amount_total=subtotal,
        created=call.now,
        currency=lines[0].currency,
        expires_at=params.expires_at or call.now + rules.DAY,
        payment_method_types=methods,
        success_url=params.success_url or "",
        url=f"{call.base_url}/c/pay/{identifier}",
    )
    _copy(params, session)
    session.branding_settings = _branding(params.branding_settings, call.settings.shop_name)
    session.shipping_options = [ShippingOption(shipping_amount=rate.amount, shipping_rate=rate.id) for rate in rates]
    if params.customer_email is not None:
        session.customer_details = CustomerDetails(email=params.customer_email)
    if rates:
        choose_rate(SessionRecord(session=session, lines=lines, rates=rates, intent_params=IntentParams()), rates[0])
    return session


PLAIN = (
    "allow_promotion_codes",
    "allowed_payment_method_types",
    "billing_address_collection",
    "cancel_url",
    "client_reference_id",
    "customer_email",
    "integration_identifier",
    "locale",
    "metadata",
    "origin_context",
    "submit_type",
)


def _copy(params: SessionCreate, session: Session) -> None:
    """What the session repeats unchanged."""
    for name in PLAIN:
        value = getattr(params, name)
        if value is not None:
            setattr(session, name, value)
    session.excluded_payment_method_types = params.excluded_payment_method_types or UNSET
    session.adaptive_pricing = Toggle(enabled=bool(params.adaptive_pricing and params.adaptive_pricing.enabled))
    session.phone_number_collection = Toggle(
        enabled=bool(params.phone_number_collection and params.phone_number_collection.enabled)
    )
    session.custom_text = _custom_text(params.custom_text)
    collection = params.shipping_address_collection
    if collection is not None:
        session.shipping_address_collection = ShippingCountries(allowed_countries=collection.allowed_countries)


def _custom_text(params: TextParams | None) -> CustomText:
    given = params or TextParams()
    position = partial(_position, given)
    return CustomText(
        after_submit=position("after_submit"),
        shipping_address=position("shipping_address"),
        submit=position("submit"),
        terms_of_service_acceptance=position("terms_of_service_acceptance"),
    )


def _position(params: TextParams, name: str) -> TextPosition | None:
    given = getattr(params, name)
    return TextPosition(message=given.message) if given is not None else None


def _branding(params: BrandingParams | None, shop_name: str) -> Branding:
    given = structs.asdict(params or BrandingParams())
    for name in ("icon", "logo"):
        if given[name] is not None:
            given[name] = Image(type="url", url=given[name].url)
    chosen = {name: value for name, value in given.items() if value is not None}
    return Branding(**{"display_name": shop_name, **chosen})


def _rates(params: SessionCreate, currency: str) -> list[Rate]:
    rates = []
    for place, option in enumerate(params.shipping_options or []):
        path = f"shipping_options[{place}]"
        if (option.shipping_rate is None) == (option.shipping_rate_data is None):
            raise parameter("You must specify exactly one of `shipping_rate` or `shipping_rate_data`.", path)
        if option.shipping_rate_data is None:
            raise missing("shipping rate", str(option.shipping_rate), f"{path}[shipping_rate]", status=400)
        rates.append(_rate(option.shipping_rate_data, currency, f"{path}[shipping_rate_data]"))
    return rates


def _rate(params: RateParams, currency: str, path: str) -> Rate:
    fixed = params.fixed_amount
    if fixed.currency != currency:
        raise parameter(
            f"The shipping rate must be in the session's currency {currency}.", f"{path}[fixed_amount][currency]"
        )
    pricing.check_step(fixed.amount, currency, f"{path}[fixed_amount][amount]")
    name = f"{params.display_name} · {currencies.display(fixed.amount, currency) if fixed.amount else 'Free'}"
    return Rate(id=identifiers.new("shr"), name=name, amount=fixed.amount)
