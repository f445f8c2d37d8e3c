"""The hosted payment page: server-rendered, no script, strict policy."""

from contextlib import suppress
from dataclasses import replace
from urllib.parse import parse_qsl

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from checkout.sandbox import basket, custom_fields, payment_links, payments, records, session_making
from checkout.sandbox.buyers import Form, read_buyer, read_means, sample
from checkout.sandbox.desk import Desk
from checkout.sandbox.errors import StripeError
from checkout.sandbox.exchange import PlainRequest, TheDesk
from checkout.sandbox.languages import Speaker, speaker
from checkout.sandbox.link_objects import LinkRecord
from checkout.sandbox.objects import Product
from checkout.sandbox.page_view import (
    ADDRESS,
    FILLED,
    Shown,
    View,
    filled_number,
    guards,
    message,
    render,
    success_url,
)
from checkout.sandbox.payments import Outcome
from checkout.sandbox.records import Query
from checkout.sandbox.session_record import KIND, SessionRecord, load, save

SECRETS = ("card", "cvc", "account")


@get("/c/pay/{session:str}")
async def show(request: PlainRequest, desk: TheDesk, session: FromPath[str]) -> Response[str]:
    """The page of a session, whatever has become of it."""
    desk.pass_time()
    shown = find(request, desk, session)
    if shown is None:
        return message("not_found.html", 404, spoken(request))
    record = shown.record
    known = record.session.customer_details
    typed = {"email": record.session.customer_email or (known.email if known else "") or ""}
    filled = request.query_params.get("fill", "")
    if filled:
        typed |= {custom_fields.PREFIX + each.key: sample(each) for each in record.session.custom_fields}
        typed |= FILLED | ADDRESS | {"email": typed["email"] or FILLED["email"]} | filled_number(filled, record.session)
    return render(shown, View(typed=typed))


@post("/c/pay/{session:str}", status_code=200)
async def press_pay(request: PlainRequest, desk: TheDesk, session: FromPath[str]) -> Response[str]:
    """Pay: to `success_url` when it went well, to the bank if it asks, the same page with a reason when not."""
    form = await _form(request)
    shown = _open(request, desk, session)
    if not isinstance(shown, Shown):
        return shown
    record = shown.record
    errors: dict[str, str] = {}
    buyer = read_buyer(form, record, errors)
    means = read_means(form, record.session, errors, desk.clock.now())
    view = View(typed=dict(form), errors=errors)
    if errors:
        return render(shown, view, 400)
    try:
        with desk.call(desk.owner(session) or "") as call:
            record = load(call, session)
            before = form.get("shown")
            payments.prepare(call, record, buyer)
            if before is not None and before != str(record.session.amount_total):
                save(call, record)
                view.note = "Shipping and tax for your address are in now. Please check the total and press again."
                return render(replace(shown, record=record), view)
            outcome = payments.pay(call, record, means, buyer)
    except StripeError as problem:
        outcome = Outcome(problem=problem)
    return await _lead_on(desk, replace(shown, record=record), outcome, form)


@post("/c/pay/{session:str}/basket", status_code=200)
async def change_basket(request: PlainRequest, desk: TheDesk, session: FromPath[str]) -> Response[str]:
    """Another quantity, a promotion code, or none: back to the page with the new total."""
    form = await _form(request)
    shown = _open(request, desk, session)
    if not isinstance(shown, Shown):
        return shown
    try:
        with desk.call(desk.owner(session) or "") as call:
            record = load(call, session)
            basket.change(call, record, form)
    except StripeError as problem:
        return render(shown, View(typed=form, errors={"basket": problem.message}), 400)
    return _redirect(f"/c/pay/{session}", record)


@get("/c/pay/{session:str}/3ds")
async def show_bank(request: PlainRequest, desk: TheDesk, session: FromPath[str]) -> Response[str]:
    """The page of the buyer's bank (3-D Secure)."""
    shown = _open(request, desk, session)
    if not isinstance(shown, Shown):
        return shown
    return render(shown, View(), name="bank.html") if shown.record.challenge else _redirect("..", shown.record)


@post("/c/pay/{session:str}/3ds", status_code=200)
async def answer_bank(request: PlainRequest, desk: TheDesk, session: FromPath[str]) -> Response[str]:
    """Authenticate, or fail to."""
    form = await _form(request)
    shown = _open(request, desk, session)
    if not isinstance(shown, Shown):
        return shown
    with desk.call(desk.owner(session) or "") as call:
        record = load(call, session)
        outcome = payments.answer_challenge(call, record, form.get("answer") == "authenticate")
    return await _lead_on(desk, replace(shown, record=record), outcome, form)


@get("/r/{session:str}")
async def recover(request: PlainRequest, desk: TheDesk, session: FromPath[str]) -> Response[str]:
    """The address of an abandoned checkout: one open copy of it, however often somebody looks."""
    desk.pass_time()
    owner = desk.owner(session)
    if owner is None:
        return message("not_found.html", 404, spoken(request))
    with desk.call(owner) as call:
        expired = records.find(call, KIND, session, SessionRecord)
        after = expired.session.after_expiration if expired else None
        recovery = after.recovery if after else None
        if expired is None or recovery is None or (recovery.expires_at or 0) <= call.now:
            return message("not_found.html", 404, spoken(request))
        copies = Query(KIND)
        copies.where("json_extract(body, '$.session.recovered_from') = ?", session)
        copies.where("status = ?", "open")
        found = records.newest(call, copies, SessionRecord, 1)[0]
        record = found[0] if found else session_making.copy_of(call, expired)
    return _redirect(f"/c/pay/{record.session.id}", record)


@get("/b/{link:str}")
async def follow_link(request: PlainRequest, desk: TheDesk, link: FromPath[str]) -> Response[str]:
    """A payment link: a session of one's own."""
    owner = desk.owner(link)
    if owner is None:
        return message("not_found.html", 404, spoken(request))
    with desk.call(owner, str(request.base_url).rstrip("/")) as call:
        found = records.find(call, payment_links.KIND, link, LinkRecord)
        if found is None:
            return message("not_found.html", 404, spoken(request))
        try:
            record = payment_links.follow(call, found, request.query_params)
        except StripeError:
            return message("inactive.html", 410, spoken(request))
        if request.query_params.get("prefilled_promo_code"):
            with suppress(StripeError):
                basket.change(call, record, {"code": request.query_params["prefilled_promo_code"]})
    return _redirect(f"/c/pay/{record.session.id}", record)


@get("/b/{link:str}/thanks")
async def thank(request: PlainRequest, desk: TheDesk, link: FromPath[str]) -> Response[str]:
    """Where a link leads without a page of the shop's own."""
    known = desk.owner(link) is not None
    return message("thanks.html" if known else "not_found.html", 200 if known else 404, spoken(request))


def handlers() -> list[HTTPRouteHandler]:
    """The page's routes."""
    return [show, press_pay, change_basket, show_bank, answer_bank, recover, follow_link, thank]


def find(request: PlainRequest, desk: Desk, session: str) -> Shown | None:
    """The session of a page's address, without a key, in the language of whoever looks."""
    owner = desk.owner(session)
    if owner is None:
        return None
    with desk.call(owner) as call:
        record = records.find(call, KIND, session, SessionRecord)
        if record is None:
            return None
        products = {line.id: records.get(call, "product", line.price.product, Product) for line in record.lines}
    return Shown(record, products, spoken(request, record.session.locale))


def spoken(request: PlainRequest, locale: str | None = None) -> Speaker:
    """Who speaks on the page."""
    return speaker(locale, request.headers.get("accept-language", ""))


async def _form(request: PlainRequest) -> Form:
    return dict(parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True))


def _open(request: PlainRequest, desk: Desk, session: str) -> Shown | Response[str]:
    """The session if it can still be paid, else the page that says why not."""
    desk.pass_time()
    shown = find(request, desk, session)
    if shown is None:
        return message("not_found.html", 404, spoken(request))
    return shown if shown.record.session.status == "open" else render(shown, View())


async def _lead_on(desk: Desk, shown: Shown, outcome: Outcome, form: Form) -> Response[str]:
    session = shown.record.session
    if outcome.challenged:
        return _redirect(f"/c/pay/{session.id}/3ds", shown.record)
    if outcome.problem is not None:
        typed = {name: text for name, text in form.items() if name not in SECRETS}
        return render(shown, View(typed=typed, problem=outcome.problem.message), 402)
    await desk.courier.answered(outcome.completed or "", desk.settings.redirect_wait)
    return _redirect(success_url(session), shown.record)


def _redirect(location: str, record: SessionRecord) -> Response[str]:
    headers = {"Location": location} | guards("", record)
    return Response("", status_code=303, media_type="text/html", headers=headers)
