"""The hosted payment page: server-rendered, no script, strict policy."""

import re
import secrets
from dataclasses import dataclass, field, replace
from functools import partial
from operator import itemgetter
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlsplit

from babel import Locale
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from checkout.sandbox import cards, currencies, payments, records
from checkout.sandbox.buyers import Form, read_buyer, read_means
from checkout.sandbox.desk import Desk
from checkout.sandbox.exchange import PlainRequest, TheDesk
from checkout.sandbox.objects import Branding, Product, Session
from checkout.sandbox.session_record import KIND, SessionRecord, load

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
PLACEHOLDER = "{CHECKOUT_SESSION_ID}"
VERBS = {"book": "Book", "donate": "Donate"}
HINTS = (
    ("4242424242424242", "Paid"),
    ("4000000000000002", "Declined"),
    ("4000000000009995", "No funds"),
    ("4000000000000069", "Expired card"),
)
FILLED = {
    "email": "ada@example.com",
    "name": "Ada Buyer",
    "phone": "+1 555 555 0100",
    "expiry": "12 / 34",
    "cvc": "123",
}
ADDRESS = {"line1": "1 Sample Street", "city": "Sampleton", "postal_code": "10115"}


@dataclass(slots=True)
class View:
    """What the template shows beside the session."""

    typed: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A session with the products of its lines."""

    record: SessionRecord
    products: dict[str, Product]


@get("/c/pay/{session:str}")
async def show(request: PlainRequest, desk: TheDesk, session: FromPath[str]) -> Response[str]:
    """The page of a session, whatever has become of it."""
    desk.pass_time()
    shown = find(desk, session)
    if shown is None:
        return _message("not_found.html", 404)
    record = shown.record
    typed = {"email": record.session.customer_email or ""}
    filled = request.query_params.get("fill", "")
    if filled:
        typed |= FILLED | ADDRESS | {"email": typed["email"] or FILLED["email"]} | _number(filled, record.session)
    return render(shown, View(typed=typed))


@post("/c/pay/{session:str}", status_code=200)
async def press_pay(request: PlainRequest, desk: TheDesk, session: FromPath[str]) -> Response[str]:
    """Pay: to `success_url` when it went well, the same page with a reason when not."""
    form: Form = dict(parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True))
    desk.pass_time()
    shown = find(desk, session)
    if shown is None:
        return _message("not_found.html", 404)
    record = shown.record
    if record.session.status != "open":
        return render(shown, View())
    errors: dict[str, str] = {}
    buyer = read_buyer(form, record, errors)
    means = read_means(form, record.session, errors, desk.clock.now())
    view = View(typed=dict(form), errors=errors)
    if errors:
        return render(shown, view, 400)
    with desk.call(desk.owner(session) or "") as call:
        record = load(call, session)
        outcome = payments.pay(call, record, means, buyer)
    if outcome.problem is not None:
        view.problem = outcome.problem.message
        view.typed = {name: text for name, text in form.items() if name not in ("card", "cvc", "account")}
        return render(replace(shown, record=record), view, 402)
    await desk.courier.answered(outcome.completed or "", desk.settings.redirect_wait)
    return Response(
        "",
        status_code=303,
        media_type="text/html",
        headers={"Location": success_url(record.session)} | _guards("", record),
    )


def handlers() -> list[HTTPRouteHandler]:
    """The page's two routes."""
    return [show, press_pay]


def find(desk: Desk, session: str) -> Shown | None:
    """The session of a page's address, without a key."""
    owner = desk.owner(session)
    if owner is None:
        return None
    with desk.call(owner) as call:
        record = records.find(call, KIND, session, SessionRecord)
        if record is None:
            return None
        products = {line.id: records.get(call, "product", line.price.product, Product) for line in record.lines}
    return Shown(record, products)


def success_url(session: Session) -> str:
    """Where a buyer goes who has paid."""
    return session.success_url.replace(PLACEHOLDER, session.id)


def render(shown: Shown, view: View, status: int = 200) -> Response[str]:
    """The page for an open, paid or expired session."""
    record, session = shown.record, shown.record.session
    nonce = secrets.token_urlsafe(16)
    collection = session.shipping_address_collection
    template = TEMPLATES.get_template({"open": "pay.html", "complete": "paid.html"}.get(session.status, "expired.html"))
    text = template.render(
        session=session,
        lines=[{"item": line, "product": shown.products[line.id]} for line in record.lines],
        rates=record.rates,
        view=view,
        nonce=nonce,
        brand=session.branding_settings,
        ink=_readable(session.branding_settings.button_color),
        money=partial(currencies.display, currency=session.currency),
        verb=VERBS.get(session.submit_type or "", "Pay"),
        debit=cards.debit_for(session.currency),
        hints=HINTS,
        countries=_countries(collection.allowed_countries) if collection else [],
        success_url=success_url(session),
    )
    expired = session.status == "expired" and status == 200
    return Response(
        text, status_code=410 if expired else status, media_type="text/html", headers=_guards(nonce, record)
    )


def _countries(codes: list[str]) -> list[tuple[str, str]]:
    """Codes with English names, by name."""
    names = Locale("en").territories
    return sorted(((code, names.get(code, code)) for code in codes), key=itemgetter(1))


def _message(template: str, status: int) -> Response[str]:
    nonce = secrets.token_urlsafe(16)
    text = TEMPLATES.get_template(template).render(nonce=nonce, brand=Branding(), ink="#ffffff")
    return Response(text, status_code=status, media_type="text/html", headers=_guards(nonce, None))


def _guards(nonce: str, record: SessionRecord | None) -> dict[str, str]:
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


def _number(filled: str, session: Session) -> dict[str, str]:
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
