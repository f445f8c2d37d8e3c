"""How a Checkout Session comes to be: from parameters, from a payment link, or as a copy of an expired one."""

import copy
from functools import partial

from msgspec import UNSET, structs

from checkout.sandbox import coupons, custom_fields, identifiers, pricing, rates, records, totals
from checkout.sandbox import session_rules as rules
from checkout.sandbox.call import Call
from checkout.sandbox.catalog_objects import Coupon, Customer, PromotionCode, ShippingRate
from checkout.sandbox.errors import missing, parameter
from checkout.sandbox.objects import LineItem, TaxRate, Toggle
from checkout.sandbox.records import Place
from checkout.sandbox.session_objects import (
    AfterExpiration,
    AutomaticTax,
    Branding,
    ConsentCollection,
    CustomerDetails,
    CustomText,
    Image,
    Recovery,
    Session,
    SessionDiscount,
    ShippingCountries,
    ShippingOption,
    TextPosition,
)
from checkout.sandbox.session_parameters import (
    BrandingParams,
    IntentParams,
    SessionCreate,
    ShippingOptionParams,
    TextParams,
)
from checkout.sandbox.session_record import KIND, SessionRecord

PLAIN = (
    "allow_promotion_codes",
    "allowed_payment_method_types",
    "billing_address_collection",
    "cancel_url",
    "client_reference_id",
    "customer",
    "customer_creation",
    "customer_email",
    "integration_identifier",
    "locale",
    "metadata",
    "origin_context",
    "submit_type",
)


def make(call: Call, params: SessionCreate, payment_link: str | None = None) -> SessionRecord:
    """A new open session."""
    rules.check(params, call.now)
    lines = pricing.lines(call, params)
    currency = lines[0].currency
    session = _session(call, params, lines, rules.payment_methods(params, currency))
    session.payment_link = payment_link
    record = SessionRecord(
        session=session,
        lines=lines,
        intent_params=params.payment_intent_data or IntentParams(),
        tax_rates=_tax_rates(call, params, lines),
        origin=call.base_url,
        due=session.expires_at,
    )
    offer_shipping(call, record, params.shipping_options or [])
    if params.customer is not None:
        known = records.find(call, "customer", params.customer, Customer)
        if known is None:
            raise missing("customer", params.customer, "customer", status=400)
        _greet(record, known)
    totals.reckon(record, call.now)
    if params.discounts:
        _discount(call, record, params.discounts[0].coupon, params.discounts[0].promotion_code)
        totals.reckon(record, call.now)
    pricing.check_total(session.amount_total, currency)
    records.add(call, KIND, session.id, record, Place(status="open", due=record.due))
    return record


def copy_of(call: Call, expired: SessionRecord) -> SessionRecord:
    """The session that a recovery address leads to: the same once more, at the same prices."""
    record = copy.deepcopy(expired)
    session, old = record.session, expired.session
    session.id = identifiers.new("cs_test")
    session.created, session.expires_at = call.now, call.now + rules.DAY
    session.status, session.payment_status, session.payment_intent = "open", "unpaid", None
    session.recovered_from, session.url = old.id, f"{call.settings.base_url or expired.origin}/c/pay/{session.id}"
    session.after_expiration = None
    recovery = old.after_expiration.recovery if old.after_expiration else None
    if recovery is not None and recovery.allow_promotion_codes and not session.discounts:
        session.allow_promotion_codes = True
    record.intent, record.challenge, record.delayed_success = None, None, None
    record.due = session.expires_at
    totals.reckon(record, call.now)
    records.add(call, KIND, session.id, record, Place(status="open", due=record.due))
    return record


def offer_shipping(call: Call, record: SessionRecord, options: list[ShippingOptionParams]) -> None:
    """The ways of shipping, the first of which is chosen."""
    record.rates = _rates(call, options, record.session.currency)
    record.rate = record.rates[0].id if record.rates else None
    record.session.shipping_options = [
        ShippingOption(shipping_amount=rate.fixed_amount.amount, shipping_rate=rate.id) for rate in record.rates
    ]


def apply(record: SessionRecord, coupon: Coupon | None, code: str | None) -> None:
    """Put a discount on a session, or take it off."""
    record.coupon, record.code = coupon, code
    record.session.discounts = []
    if coupon is not None:
        record.session.discounts = [SessionDiscount(coupon=coupon.id, promotion_code=code)]


def _discount(call: Call, record: SessionRecord, coupon: str | None, code: str | None) -> None:
    session = record.session
    if coupon is not None:
        apply(record, coupons.usable(call, coupon, session.currency, "discounts[0][coupon]"), None)
        return
    path = "discounts[0][promotion_code]"
    found = records.find(call, coupons.CODE, str(code), PromotionCode)
    if found is None:
        raise missing("promotion code", str(code), path, status=400)
    coupons.check_code(call, found, session.amount_subtotal, session.currency, session.customer, path)
    apply(record, coupons.usable(call, found.promotion.coupon, session.currency, path), found.id)


def _greet(record: SessionRecord, customer: Customer) -> None:
    record.session.customer_details = CustomerDetails(email=customer.email, name=customer.name, phone=customer.phone)
    known = (customer.shipping.address if customer.shipping else None) or customer.address
    record.country = known.country if known else None


def _session(call: Call, params: SessionCreate, lines: list[LineItem], methods: list[str]) -> Session:
    identifier = identifiers.new("cs_test")
    session = Session(
        id=identifier,
        amount_subtotal=0,
        amount_total=0,
        automatic_tax=AutomaticTax(enabled=bool(params.automatic_tax and params.automatic_tax.enabled)),
        created=call.now,
        currency=lines[0].currency,
        custom_fields=custom_fields.made(params.custom_fields or []),
        expires_at=params.expires_at or call.now + rules.DAY,
        payment_method_types=methods,
        success_url=params.success_url or "",
        url=f"{call.base_url}/c/pay/{identifier}",
    )
    _copy(params, session)
    session.branding_settings = _branding(params.branding_settings, call.settings.shop_name)
    if params.customer_email is not None:
        session.customer_details = CustomerDetails(email=params.customer_email)
    return session


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
    if params.shipping_address_collection is not None:
        countries = params.shipping_address_collection.allowed_countries
        session.shipping_address_collection = ShippingCountries(allowed_countries=countries)
    if params.consent_collection is not None:
        asked = params.consent_collection
        session.consent_collection = ConsentCollection(
            promotions=asked.promotions, terms_of_service=asked.terms_of_service
        )
    recovery = params.after_expiration.recovery if params.after_expiration else None
    if recovery is not None:
        allowed = bool(recovery.allow_promotion_codes)
        session.after_expiration = AfterExpiration(
            recovery=Recovery(allow_promotion_codes=allowed, enabled=recovery.enabled)
        )


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


def _tax_rates(call: Call, params: SessionCreate, lines: list[LineItem]) -> dict[str, list[TaxRate]]:
    found: dict[str, list[TaxRate]] = {}
    for place, (given, line) in enumerate(zip(params.line_items or [], lines, strict=True)):
        for number, identifier in enumerate(given.tax_rates or []):
            rate = records.find(call, rates.TAX, identifier, TaxRate)
            if rate is None:
                raise missing("tax rate", identifier, f"line_items[{place}][tax_rates][{number}]", status=400)
            found.setdefault(line.id, []).append(rate)
    return found


def _rates(call: Call, options: list[ShippingOptionParams], currency: str) -> list[ShippingRate]:
    found = []
    for place, option in enumerate(options):
        path = f"shipping_options[{place}]"
        if (option.shipping_rate is None) == (option.shipping_rate_data is None):
            raise parameter("You must specify exactly one of `shipping_rate` or `shipping_rate_data`.", path)
        if option.shipping_rate_data is not None:
            path = f"{path}[shipping_rate_data]"
            rate = rates.new_shipping(call, option.shipping_rate_data, f"{path}[fixed_amount]")
        else:
            known = records.find(call, rates.SHIPPING, str(option.shipping_rate), ShippingRate)
            if known is None:
                raise missing("shipping rate", str(option.shipping_rate), f"{path}[shipping_rate]", status=400)
            rate = known
        if rate.fixed_amount.currency != currency:
            raise parameter(
                f"The shipping rate must be in the session's currency {currency}.", f"{path}[fixed_amount][currency]"
            )
        found.append(rate)
    return found
