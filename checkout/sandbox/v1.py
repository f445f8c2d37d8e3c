"""Stripe's API: the list of routes, and what every request goes through."""

import asyncio
import logging
from collections.abc import Callable

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.types import Method

from checkout.sandbox import (
    accounts,
    charges,
    countries,
    coupons,
    customers,
    disputes,
    endpoints,
    events,
    exchange,
    idempotency,
    intents,
    ledger,
    payment_links,
    payouts,
    products,
    radar,
    rates,
    refunds,
    sessions,
)
from checkout.sandbox.call import Call
from checkout.sandbox.desk import Desk
from checkout.sandbox.errors import StripeError
from checkout.sandbox.exchange import Answer, Exchange, PlainRequest, TheDesk
from checkout.sandbox.faults import NONE, Fault

Operation = Callable[..., bytes]
"""`operation(call, params, **ids of the path) -> body`; refuses with StripeError."""

ROUTES: tuple[tuple[Method, str, Operation], ...] = (
    ("POST", "/v1/checkout/sessions", sessions.create),
    ("GET", "/v1/checkout/sessions", sessions.list_page),
    ("GET", "/v1/checkout/sessions/{session:str}", sessions.retrieve),
    ("POST", "/v1/checkout/sessions/{session:str}", sessions.update),
    ("GET", "/v1/checkout/sessions/{session:str}/line_items", sessions.line_items),
    ("POST", "/v1/checkout/sessions/{session:str}/expire", sessions.expire),
    ("GET", "/v1/payment_intents", intents.list_page),
    ("GET", "/v1/payment_intents/search", intents.search),
    ("GET", "/v1/payment_intents/{identifier:str}", intents.retrieve),
    ("POST", "/v1/payment_intents/{identifier:str}", intents.update),
    ("POST", "/v1/payment_intents/{identifier:str}/cancel", intents.cancel),
    ("POST", "/v1/payment_intents/{identifier:str}/capture", intents.capture),
    ("GET", "/v1/charges", charges.list_page),
    ("GET", "/v1/charges/search", charges.search),
    ("GET", "/v1/charges/{charge:str}", charges.retrieve),
    ("POST", "/v1/charges/{charge:str}", charges.update),
    ("POST", "/v1/refunds", refunds.create),
    ("GET", "/v1/refunds", refunds.list_page),
    ("GET", "/v1/refunds/{refund:str}", refunds.retrieve),
    ("POST", "/v1/refunds/{refund:str}", refunds.update),
    ("POST", "/v1/refunds/{refund:str}/cancel", refunds.cancel),
    ("GET", "/v1/disputes", disputes.list_page),
    ("GET", "/v1/disputes/{dispute:str}", disputes.retrieve),
    ("POST", "/v1/disputes/{dispute:str}", disputes.update),
    ("POST", "/v1/disputes/{dispute:str}/close", disputes.close),
    ("GET", "/v1/radar/early_fraud_warnings", disputes.list_warnings),
    ("GET", "/v1/radar/early_fraud_warnings/{early_fraud_warning:str}", disputes.retrieve_warning),
    ("GET", "/v1/balance", ledger.balance),
    ("GET", "/v1/balance_transactions", ledger.list_page),
    ("GET", "/v1/balance_transactions/{transaction:str}", ledger.retrieve),
    ("POST", "/v1/payouts", payouts.create),
    ("GET", "/v1/payouts", payouts.list_page),
    ("GET", "/v1/payouts/{identifier:str}", payouts.retrieve),
    ("POST", "/v1/payouts/{identifier:str}", payouts.update),
    ("POST", "/v1/payouts/{identifier:str}/cancel", payouts.cancel),
    ("POST", "/v1/payouts/{identifier:str}/reverse", payouts.reverse),
    ("GET", "/v1/reviews", radar.list_page),
    ("GET", "/v1/reviews/{identifier:str}", radar.retrieve),
    ("POST", "/v1/reviews/{identifier:str}/approve", radar.approve),
    ("POST", "/v1/coupons", coupons.create),
    ("GET", "/v1/coupons", coupons.list_page),
    ("GET", "/v1/coupons/{identifier:str}", coupons.retrieve),
    ("POST", "/v1/coupons/{identifier:str}", coupons.update),
    ("DELETE", "/v1/coupons/{identifier:str}", coupons.delete),
    ("POST", "/v1/promotion_codes", coupons.create_code),
    ("GET", "/v1/promotion_codes", coupons.list_codes),
    ("GET", "/v1/promotion_codes/{identifier:str}", coupons.retrieve_code),
    ("POST", "/v1/promotion_codes/{identifier:str}", coupons.update_code),
    ("POST", "/v1/customers", customers.create),
    ("GET", "/v1/customers", customers.list_page),
    ("GET", "/v1/customers/search", customers.search),
    ("GET", "/v1/customers/{identifier:str}", customers.retrieve),
    ("POST", "/v1/customers/{identifier:str}", customers.update),
    ("DELETE", "/v1/customers/{identifier:str}", customers.delete),
    ("POST", "/v1/products", products.create),
    ("GET", "/v1/products", products.list_page),
    ("GET", "/v1/products/{identifier:str}", products.retrieve),
    ("POST", "/v1/products/{identifier:str}", products.update),
    ("DELETE", "/v1/products/{identifier:str}", products.delete),
    ("POST", "/v1/prices", products.create_price),
    ("GET", "/v1/prices", products.list_prices),
    ("GET", "/v1/prices/{identifier:str}", products.retrieve_price),
    ("POST", "/v1/prices/{identifier:str}", products.update_price),
    ("POST", "/v1/shipping_rates", rates.create_shipping),
    ("GET", "/v1/shipping_rates", rates.list_shipping),
    ("GET", "/v1/shipping_rates/{identifier:str}", rates.retrieve_shipping),
    ("POST", "/v1/shipping_rates/{identifier:str}", rates.update_shipping),
    ("POST", "/v1/tax_rates", rates.create_tax),
    ("GET", "/v1/tax_rates", rates.list_tax),
    ("GET", "/v1/tax_rates/{identifier:str}", rates.retrieve_tax),
    ("POST", "/v1/tax_rates/{identifier:str}", rates.update_tax),
    ("POST", "/v1/payment_links", payment_links.create),
    ("GET", "/v1/payment_links", payment_links.list_page),
    ("GET", "/v1/payment_links/{identifier:str}", payment_links.retrieve),
    ("POST", "/v1/payment_links/{identifier:str}", payment_links.update),
    ("GET", "/v1/payment_links/{identifier:str}/line_items", payment_links.line_items),
    ("GET", "/v1/account", countries.own_account),
    ("GET", "/v1/accounts/{identifier:str}", countries.account),
    ("GET", "/v1/country_specs", countries.list_specs),
    ("GET", "/v1/country_specs/{country:str}", countries.spec),
    ("GET", "/v1/events", events.list_page),
    ("GET", "/v1/events/{event:str}", events.retrieve),
    ("POST", "/v1/webhook_endpoints", endpoints.create),
    ("GET", "/v1/webhook_endpoints", endpoints.list_page),
    ("GET", "/v1/webhook_endpoints/{webhook_endpoint:str}", endpoints.retrieve),
    ("POST", "/v1/webhook_endpoints/{webhook_endpoint:str}", endpoints.update),
    ("DELETE", "/v1/webhook_endpoints/{webhook_endpoint:str}", endpoints.delete),
)

CHANGES_INTENT = "POST /v1/payment_intents/{identifier:str}"

logger = logging.getLogger(__name__)


def handlers() -> list[HTTPRouteHandler]:
    """One Litestar handler per route."""
    return [_handler(method, path, operation) for method, path, operation in ROUTES]


def _handler(method: Method, path: str, operation: Operation) -> HTTPRouteHandler:
    endpoint = f"{method} {path}"

    async def handle(request: PlainRequest, desk: TheDesk) -> Response[bytes]:
        return await serve(request, desk, endpoint, operation)

    return HTTPRouteHandler(path, http_method=method, status_code=200)(handle)


async def serve(request: PlainRequest, desk: Desk, endpoint: str, operation: Operation) -> Response[bytes]:
    """Authenticate, count, read, run once per key, answer and log."""
    asked = await exchange.read(request)
    ids: dict[str, str] = request.path_params
    try:
        asked.platform = accounts.of(asked.headers, desk.settings)
        accounts.permit(asked.headers, asked.method)
        asked.account = accounts.connected(asked.headers) or asked.platform
        intent = ids.get("identifier") if endpoint == CHANGES_INTENT else None
        with desk.gate.pass_through(asked.account, endpoint, intent):
            asked.decode()
            with idempotency.claim(desk.in_flight, asked):
                async with desk.locks.hold(_changed(asked, ids)):
                    answer = await _run_with_faults(desk, asked, operation, ids)
    except StripeError as problem:
        answer = exchange.refused(problem, asked)
    exchange.log(desk.state, desk.clock.wall(), asked, answer)
    return exchange.respond(asked, answer)


def _changed(asked: Exchange, ids: dict[str, str]) -> list[str]:
    """The objects that a request changes: those of its path, and the payment that a refund is of."""
    if asked.method == "GET":
        return []
    named = (asked.params.get(each) for each in ("charge", "payment_intent"))
    return [*ids.values(), *(each for each in named if isinstance(each, str))]


async def _run_with_faults(desk: Desk, asked: Exchange, operation: Operation, ids: dict[str, str]) -> Answer:
    fault = desk.faults.take(asked.method, asked.path)
    if fault.at != "after":
        await asyncio.sleep(fault.latency)
    if fault.at == "before" and fault.interrupts:
        return _faulty(fault)
    answer = _run(desk, asked, operation, ids, fault)
    if fault.at == "after":
        await asyncio.sleep(fault.latency)
    return _faulty(fault) if fault.drop or (fault.at == "after" and fault.interrupts) else answer


def _run(desk: Desk, asked: Exchange, operation: Operation, ids: dict[str, str], fault: Fault = NONE) -> Answer:
    """The effect and the memory of it in one transaction."""
    with desk.call(asked.account or "", asked.base_url, asked.request_id, asked.key) as call:
        if asked.account != asked.platform:
            accounts.connect(call.db, call.account, asked.platform or "", call.now)
        answer = idempotency.recall(call, asked)
        if answer is None:
            answer = _attempt(call, asked, operation, ids, fault)
            idempotency.store(call, asked, answer)
    return answer


def _attempt(call: Call, asked: Exchange, operation: Operation, ids: dict[str, str], fault: Fault) -> Answer:
    """A refusal undoes everything but is itself remembered."""
    call.db.execute("SAVEPOINT endpoint")
    try:
        if fault.at == "inside" and fault.interrupts:
            raise fault.problem()
        return Answer(200, operation(call, asked.params, **ids))
    except StripeError as problem:
        call.db.execute("ROLLBACK TO endpoint")
        return exchange.refused(problem, asked)
    except Exception:  # A fault of this server is Stripe's 500, and is stored like one.
        logger.exception("%s failed", asked.endpoint)
        call.db.execute("ROLLBACK TO endpoint")
        return exchange.refused(StripeError("An unknown error occurred.", status=500, kind="api_error"), asked)
    finally:
        call.db.execute("RELEASE endpoint")


def _faulty(fault: Fault) -> Answer:
    return Answer(fault.status or 500, fault.text(), headers=dict(fault.headers), drop=fault.drop)
