"""The local control, which Stripe does not have: act as a buyer, move the clock, make trouble, ask what happened."""

from typing import Annotated, TypeVar

import msgspec
from litestar import Response, delete, get, post
from litestar.connection import ASGIConnection
from litestar.datastructures import State as AppState
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.params import FromPath

from checkout.sandbox import cards, payments, plans
from checkout.sandbox.buyers import anybody
from checkout.sandbox.call import Call
from checkout.sandbox.cards import Means
from checkout.sandbox.desk import Desk
from checkout.sandbox.errors import StripeError, missing
from checkout.sandbox.exchange import PlainRequest, TheDesk
from checkout.sandbox.faults import Fault
from checkout.sandbox.plans import Plan, Rule
from checkout.sandbox.session_record import KIND, SessionRecord, load, with_lines

T = TypeVar("T")
AnyConnection = ASGIConnection[HTTPRouteHandler, None, None, AppState]
LOOPBACK = ("127.0.0.1", "::1", "localhost")
Copies = Annotated[int, msgspec.Meta(ge=1, le=20)]
Seconds = Annotated[float, msgspec.Meta(ge=0, le=600)]


class Order(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What a control call asks for."""


class Payment(Order):
    """Who pays with which card or account, from where; a bank that asks (3-D Secure) hears yes unless told not to."""

    card: str | None = None
    email: str = ""
    name: str = "Ada Buyer"
    country: str | None = None
    authenticate: bool = True
    shipping_rate: str | None = None


class WebhookOrder(Order):
    """How deliveries are made.

    `hold`, `copies`, `delay` (seconds) and the `rules` for single types stay until changed. `release` ends the hold and
    lets go of what is held, each delivery `copies` times and shuffled by `seed`. `wait` waits so many seconds at most
    until all is delivered.
    """

    hold: bool | None = None
    copies: Copies | None = None
    delay: Seconds | None = None
    rules: list[Rule] | None = None
    release: bool = False
    seed: int | None = None
    wait: Seconds = 0.0


class ClockOrder(Order):
    """How many seconds to go forward."""

    advance: Annotated[int, msgspec.Meta(ge=0)]


class Happened(msgspec.Struct):
    """One delivery as the courier sees it."""

    event: str
    type: str
    endpoint: str
    state: str
    held: bool
    attempts: int
    answer: str | None


def local_only(connection: AnyConnection, _: BaseRouteHandler) -> None:
    """Only this machine, and no web page of another origin on it."""
    client = connection.client.host if connection.client else ""
    if client not in LOOPBACK or connection.headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        raise StripeError("Local control answers this machine only.", status=403)


@get("/_local/health")
async def health(desk: TheDesk) -> dict[str, str | int]:
    """Whether it lives."""
    return {"status": "ok", "now": desk.clock.now()}


@get("/_local/sessions")
async def list_sessions(desk: TheDesk) -> Response[bytes]:
    """Every session of every account, newest first."""
    desk.pass_time()
    rows = desk.state.read().execute("SELECT body FROM object WHERE kind = ? ORDER BY seq DESC", (KIND,)).fetchall()
    found = [with_lines(msgspec.json.decode(row["body"], type=SessionRecord)) for row in rows]
    return answer({"data": found})


@get("/_local/sessions/{session:str}")
async def show_session(desk: TheDesk, session: FromPath[str]) -> Response[bytes]:
    """One session, no key needed."""
    with desk.call(owner_of(desk, session)) as call:
        return answer(with_lines(load(call, session)))


@post("/_local/sessions/{session:str}/pay", status_code=200)
async def pay(request: PlainRequest, desk: TheDesk, session: FromPath[str]) -> Response[bytes]:
    """Pay as a person would; a declined card answers 402 as Stripe would say it."""
    order = await order_of(request, Payment)
    return await _press_pay(desk, session, order, order.card or "4242424242424242", refuse_decline=True)


@post("/_local/sessions/{session:str}/decline", status_code=200)
async def decline(request: PlainRequest, desk: TheDesk, session: FromPath[str]) -> Response[bytes]:
    """Try a card that is declined; answers the session, which stays open."""
    order = await order_of(request, Payment)
    return await _press_pay(desk, session, order, order.card or cards.GENERIC_DECLINE, refuse_decline=False)


@post("/_local/sessions/{session:str}/expire", status_code=200)
async def expire(desk: TheDesk, session: FromPath[str]) -> Response[bytes]:
    """Let the session's time run out now."""
    with desk.call(owner_of(desk, session)) as call:
        record = load(call, session)
        if record.session.status != "open":
            raise payments.NotOpen(record.session.status)
        payments.expire(call, record)
    return answer(with_lines(record))


@get("/_local/requests")
async def list_requests(request: PlainRequest, desk: TheDesk) -> Response[bytes]:
    """What was asked under `/v1`, oldest first; `?path=` narrows by prefix, `?method=` by method."""
    rows = desk.state.read().execute(
        "SELECT * FROM request WHERE path LIKE ? || '%' AND (? IN ('', method)) ORDER BY seq",
        (request.query_params.get("path", ""), request.query_params.get("method", "")),
    )
    found = [
        {**dict(row), "replayed": bool(row["replayed"]), "params": msgspec.Raw(row["params"].encode())} for row in rows
    ]
    return answer({"data": found})


@post("/_local/faults", status_code=200)
async def add_fault(request: PlainRequest, desk: TheDesk) -> Response[bytes]:
    """Script the next requests; a list or one fault."""
    body = await request.body()
    faults = _decode(body, list[Fault]) if body.lstrip().startswith(b"[") else [_decode(body, Fault)]
    for fault in faults:
        desk.faults.add(fault)
    return answer({"data": desk.faults.waiting()})


@delete("/_local/faults", status_code=200)
async def clear_faults(desk: TheDesk) -> Response[bytes]:
    """No more trouble."""
    desk.faults.clear()
    return answer({"data": []})


@get("/_local/webhooks")
async def list_deliveries(desk: TheDesk) -> Response[bytes]:
    """Every delivery and how far it got, oldest first."""
    return answer({"data": _deliveries(desk)})


@post("/_local/webhooks", status_code=200)
async def plan_webhooks(request: PlainRequest, desk: TheDesk) -> Response[bytes]:
    """Hold, repeat, delay or release deliveries."""
    order = await order_of(request, WebhookOrder)
    with desk.call("") as call:
        plan = plans.current(call)
    chosen = Plan(
        hold=(plan.hold and not order.release) if order.hold is None else order.hold,
        copies=plan.copies if order.copies is None or order.release else order.copies,
        delay=plan.delay if order.delay is None else order.delay,
        rules=plan.rules if order.rules is None else order.rules,
    )
    plans.choose(desk.state, chosen)
    released = 0
    if order.release:
        released = plans.release(desk.state, desk.clock.wall(), order.copies or 1, order.seed)
    desk.courier.wake()
    await desk.courier.quiet(order.wait)
    return answer({"plan": chosen, "released": released, "data": _deliveries(desk)})


@post("/_local/clock", status_code=200)
async def move_clock(request: PlainRequest, desk: TheDesk) -> Response[bytes]:
    """Move Stripe's time forward; what falls due happens at once, deliveries and retries too."""
    seconds = (await order_of(request, ClockOrder)).advance
    now = desk.clock.advance(seconds)
    plans.hasten(desk.state, seconds)
    desk.pass_time()
    desk.courier.wake()
    return answer({"now": now})


def handlers() -> list[HTTPRouteHandler]:
    """Everything under `/_local`."""
    return [
        *(health, list_sessions, show_session, pay, decline, expire, list_requests),
        *(add_fault, clear_faults, list_deliveries, plan_webhooks, move_clock),
    ]


async def _press_pay(desk: Desk, session: str, order: Payment, number: str, refuse_decline: bool) -> Response[bytes]:
    with desk.call(owner_of(desk, session)) as call:
        record = load(call, session)
        outcome = _pay(call, record, order, cards.recognise(number, record.session.currency))
    if outcome.problem is not None and refuse_decline:
        raise outcome.problem
    if outcome.completed is not None:
        await desk.courier.answered(outcome.completed, desk.settings.redirect_wait)
    return answer(with_lines(record))


def _pay(call: Call, record: SessionRecord, order: Payment, means: Means) -> payments.Outcome:
    chosen = {"shipping_rate": order.shipping_rate, "country": order.country}
    typed = {"email": order.email, "name": order.name} | {name: text for name, text in chosen.items() if text}
    return payments.pay(call, record, means, anybody(record.session, typed), order.authenticate)


def owner_of(desk: Desk, identifier: str) -> str:
    """The account that has this object; refuses one that nobody has."""
    owner = desk.owner(identifier)
    if owner is None:
        raise missing("object", identifier, "id")
    return owner


async def order_of(request: PlainRequest, shape: type[T]) -> T:
    """The JSON body; none at all is an empty order."""
    return _decode(await request.body() or b"{}", shape)


def _decode(body: bytes, shape: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.DecodeError as problem:
        raise StripeError(f"Invalid JSON: {problem}") from problem


def _deliveries(desk: Desk) -> list[Happened]:
    rows = desk.state.read().execute(
        "SELECT delivery.*, object.status AS type FROM delivery JOIN object ON object.id = delivery.event "
        "ORDER BY delivery.seq"
    )
    return [
        Happened(
            event=row["event"],
            type=row["type"],
            endpoint=row["endpoint"],
            state=row["state"],
            held=bool(row["held"]),
            attempts=row["attempts"],
            answer=row["answer"],
        )
        for row in rows
    ]


def answer(body: object) -> Response[bytes]:
    """Indented JSON."""
    return Response(msgspec.json.format(msgspec.json.encode(body), indent=2), media_type="application/json")
