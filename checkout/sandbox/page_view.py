"""How the hosted page looks: templates, money, a policy without scripts."""

import re
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import quote, urlsplit

from babel import Locale
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Response

from checkout.sandbox import cards, custom_fields, taxes
from checkout.sandbox.buyers import asks_for_country
from checkout.sandbox.catalog_objects import ShippingRate
from checkout.sandbox.languages import Speaker
from checkout.sandbox.objects import Product
from checkout.sandbox.session_objects import Branding, Session
from checkout.sandbox.session_record import SessionRecord

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
PLACEHOLDER = "{CHECKOUT_SESSION_ID}"
VERBS = {"book": "Book", "donate": "Donate"}
BILLED = [*taxes.VAT, *taxes.GST, "US"]
HINTS = (
    ("4242424242424242", "Paid"),
    ("4000000000000002", "Declined"),
    ("4000000000009995", "No funds"),
    ("4000000000003220", "Bank asks"),
    ("4000000000000069", "Expired card"),
)
FILLED = {
    "email": "ada@example.com",
    "name": "Ada Buyer",
    "phone": "+1 555 555 0100",
    "expiry": "12 / 34",
    "cvc": "123",
    "terms": "1",
}
ADDRESS = {"line1": "1 Sample Street", "city": "Sampleton", "postal_code": "10115"}


@dataclass(slots=True)
class View:
    """What the template shows beside the session."""

    typed: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    problem: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A session with the products of its lines, in the buyer's language."""

    record: SessionRecord
    products: dict[str, Product]
    speak: Speaker


def success_url(session: Session) -> str:
    """Where a buyer goes who has paid."""
    return session.success_url.replace(PLACEHOLDER, session.id)


def render(shown: Shown, view: View, status: int = 200, name: str = "") -> Response[str]:
    """The page for an open, paid or expired session."""
    record, session, speak = shown.record, shown.record.session, shown.speak
    nonce = secrets.token_urlsafe(16)
    collection = session.shipping_address_collection
    allowed = collection.allowed_countries if collection else BILLED
    names = {"open": "pay.html", "complete": "paid.html"}
    template = TEMPLATES.get_template(name or names.get(session.status, "expired.html"))
    text = template.render(
        session=session,
        lines=[{"item": line, "product": shown.products[line.id]} for line in record.lines],
        rates=[_offered(rate, speak) for rate in record.rates],
        code=record.coupon and (record.coupon.name or record.coupon.id),
        on_top=session.amount_total
        - session.amount_subtotal
        + session.total_details.amount_discount
        - session.total_details.amount_shipping,
        custom_default=custom_fields.default,
        view=view,
        nonce=nonce,
        brand=session.branding_settings,
        ink=_readable(session.branding_settings.button_color),
        t=speak,
        money=partial(speak.money, currency=session.currency),
        verb=VERBS.get(session.submit_type or "", "Pay"),
        debit=cards.debit_for(session.currency),
        hints=HINTS,
        countries=_countries(allowed, speak),
        chosen_country=next((code for code in (record.country, speak.region) if code in allowed), allowed[0]),
        asks_for_country=asks_for_country(session),
        success_url=success_url(session),
    )
    expired = session.status == "expired" and status == 200
    headers = guards(nonce, record) | _in(speak)
    return Response(text, status_code=410 if expired else status, media_type="text/html", headers=headers)


def _offered(rate: ShippingRate, speak: Speaker) -> dict[str, str]:
    """A way of shipping as the page offers it: its name, its price, and how long it takes."""
    fixed, estimate = rate.fixed_amount, rate.delivery_estimate
    price = speak.money(fixed.amount, fixed.currency) if fixed.amount else speak("Free")
    ends = [end for end in (estimate.minimum, estimate.maximum) if end] if estimate else []
    days = ""
    if ends:
        unit = ends[-1].unit.replace("_", " ") + ("s" if ends[-1].value > 1 else "")
        least, most = ends[0].value, ends[-1].value
        span = str(most) if least == most else speak("{least}–{most}", least=least, most=most)
        days = speak("{span} " + unit, span=span)
    return {"id": rate.id, "name": rate.display_name, "price": price, "days": days}


def _countries(codes: Sequence[str], speak: Speaker) -> list[tuple[str, str]]:
    """Codes with their names, by name as a reader looks for it: É beside E."""
    names = Locale(speak.language).territories
    found = [(code, names.get(code, code)) for code in codes]
    return sorted(found, key=lambda each: unicodedata.normalize("NFD", each[1]))


def _in(speak: Speaker) -> dict[str, str]:
    return {"Content-Language": speak.language, "Vary": "Accept-Language"}


def message(template: str, status: int, speak: Speaker) -> Response[str]:
    """A page about no session in particular."""
    nonce = secrets.token_urlsafe(16)
    text = TEMPLATES.get_template(template).render(nonce=nonce, brand=Branding(), ink="#ffffff", t=speak)
    return Response(text, status_code=status, media_type="text/html", headers=guards(nonce, None) | _in(speak))


def guards(nonce: str, record: SessionRecord | None) -> dict[str, str]:
    """No script at all. Browsers apply `form-action` to the redirect after a form as well, so the shop is named."""
    shop = _origin(record.session.success_url) if record else ""
    style = f"'nonce-{nonce}'" if nonce else "'none'"
    return {
        "Content-Security-Policy": (
            f"default-src 'none'; style-src {style}; img-src http: https: data:; form-action 'self' {shop}; "
            "base-uri 'none'; frame-ancestors 'none'"
        ),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{quote(parts.netloc, safe=':[]')}"


def filled_number(filled: str, session: Session) -> dict[str, str]:
    """A hint's number in the field that it belongs to."""
    debit = cards.debit_for(session.currency)
    if debit is not None and filled in (debit.succeeds, debit.fails):
        return {"method": debit.type, "account": filled}
    return {"method": "card", "card": " ".join(re.findall(".{1,4}", filled[:19]))}


def _readable(colour: str) -> str:
    """Black or white, whichever is easier to read on a colour (relative luminance of WCAG 2.2)."""
    shares = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#16181d" if luminance > 0.36 else "#ffffff"
