"""What a buyer typed on the page, read and judged field by field."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from checkout.sandbox import cards, custom_fields, parameters
from checkout.sandbox.cards import Means
from checkout.sandbox.objects import Address, ShippingDetails
from checkout.sandbox.session_objects import CustomField, Session
from checkout.sandbox.session_record import Buyer, SessionRecord

Form = dict[str, str]
EXPIRY = re.compile(r"\s*(0[1-9]|1[0-2])\s*/\s*(?:20)?([0-9]{2})\s*\Z")
NEEDED = "Required"


def read_buyer(form: Form, record: SessionRecord, errors: dict[str, str]) -> Buyer:
    """Who buys; what is wrong goes into `errors` by field name."""
    session = record.session
    email = form.get("email", "").strip()
    if not email:
        errors["email"] = NEEDED
    elif not parameters.is_email(email):
        errors["email"] = "Your email is invalid."
    name = _needed(form, "name", errors) if session.amount_total else form.get("name", "").strip()
    phone = _needed(form, "phone", errors) if session.phone_number_collection.enabled else None
    shipping = None
    if session.shipping_address_collection is not None:
        shipping = ShippingDetails(address=_address(form, session, errors), name=name)
    rate = form.get("rate") if record.rates else None
    answers = custom_fields.read(form, session, errors)
    if rate is not None and rate not in [known.id for known in record.rates]:
        errors["rate"] = "Choose a way of shipping."
    address = shipping.address if shipping else Address(country=_billing_country(form, session, errors))
    return Buyer(
        email=email,
        name=name or None,
        phone=phone,
        address=address,
        shipping=shipping,
        rate=rate,
        answers=answers,
        terms=bool(form.get("terms")),
        promotions=bool(form.get("promotions")),
    )


def asks_for_country(session: Session) -> bool:
    """Whether the page asks where the buyer lives although nothing is shipped: the tax depends on it."""
    return session.shipping_address_collection is None and (
        session.automatic_tax.enabled or session.billing_address_collection == "required"
    )


def _billing_country(form: Form, session: Session, errors: dict[str, str]) -> str | None:
    return _needed(form, "country", errors) if asks_for_country(session) else None


def read_means(form: Form, session: Session, errors: dict[str, str], now: int) -> Means | None:
    """What the buyer pays with; nothing if there is nothing to pay."""
    if session.amount_total == 0:
        return None
    if form.get("method") == "wallet" and "card" in session.payment_method_types:
        return cards.WALLET
    if form.get("method", "card") != "card":
        return _debit(form, session, errors)
    number = _needed(form, "card", errors)
    expiry = EXPIRY.match(form.get("expiry", ""))
    if expiry is None:
        errors["expiry"] = "Your card's expiration date is incomplete."
    elif (2000 + int(expiry[2]), int(expiry[1])) < _month(now):
        errors["expiry"] = "Your card's expiration date is in the past."
    if re.fullmatch(r"\s*[0-9]{3,4}\s*", form.get("cvc", "")) is None:
        errors["cvc"] = "Your card's security code is incomplete."
    return cards.recognise(number, session.currency)


def anybody(session: Session, given: Mapping[str, str]) -> Buyer:
    """Somebody who fills every field in, for payments that no page was needed for."""
    countries = session.shipping_address_collection
    address = Address(line1="1 Sample Street", city="Sampleton", postal_code="10115")
    address.country = given.get("country") or (countries.allowed_countries[0] if countries else "US")
    name = given.get("name", "Ada Buyer")
    return Buyer(
        email=given.get("email") or session.customer_email or "ada@example.com",
        name=name,
        phone="+15555550100" if session.phone_number_collection.enabled else None,
        address=address,
        shipping=ShippingDetails(address=address, name=name) if countries else None,
        rate=given.get("shipping_rate"),
        answers={field.key: sample(field) for field in session.custom_fields if not field.optional},
        terms=True,
    )


def sample(field: CustomField) -> str:
    """An answer that a field takes."""
    if field.dropdown:
        return field.dropdown.options[0].value
    limits = field.numeric or field.text
    return "1" * ((limits.minimum_length if limits else None) or 1)


def _debit(form: Form, session: Session, errors: dict[str, str]) -> Means | None:
    debit = cards.debit_for(session.currency)
    if debit is None or debit.type not in session.payment_method_types:
        errors["method"] = "Choose how to pay."
        return None
    number = _needed(form, "account", errors)
    means = cards.recognise(number, session.currency)
    if number and means.type != debit.type:
        errors["account"] = f"This is not a test account. Try {debit.succeeds} or {debit.fails}."
    return means


def _address(form: Form, session: Session, errors: dict[str, str]) -> Address:
    country = _needed(form, "country", errors)
    allowed = session.shipping_address_collection
    if country and allowed is not None and country not in allowed.allowed_countries:
        errors["country"] = "We cannot ship to this country."
    return Address(
        line1=_needed(form, "line1", errors),
        line2=form.get("line2", "").strip() or None,
        city=_needed(form, "city", errors),
        postal_code=form.get("postal_code", "").strip() or None,
        country=country,
    )


def _needed(form: Form, name: str, errors: dict[str, str]) -> str:
    text = form.get(name, "").strip()[:500]
    if not text:
        errors[name] = NEEDED
    return text


def _month(now: int) -> tuple[int, int]:
    today = datetime.fromtimestamp(now, UTC)
    return today.year, today.month
