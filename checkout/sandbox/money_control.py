"""The local control's hand on money: refunds from the dashboard, refunds that fail, disputes and their ends."""

from typing import Annotated, Literal

import msgspec
from litestar import Response, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from checkout.sandbox import disputes, payouts, radar, records, refunds
from checkout.sandbox.call import Call
from checkout.sandbox.control import Order, answer, order_of, owner_of
from checkout.sandbox.disputes import Complaint
from checkout.sandbox.errors import StripeError, parameter
from checkout.sandbox.exchange import PlainRequest, TheDesk
from checkout.sandbox.money_objects import Dispute, Refund, RefundReason, RefundStatus
from checkout.sandbox.payment_objects import Charge, PaymentIntent
from checkout.sandbox.payout_objects import ClosedReason, Payout, Review
from checkout.sandbox.refunds import RefundCreate
from checkout.sandbox.session_record import load

Amount = Annotated[int, msgspec.Meta(ge=1)]


class Payment(Order):
    """Which payment is meant, by its charge, its intent or its session."""

    charge: str | None = None
    payment_intent: str | None = None
    session: str | None = None


class DashboardRefund(Payment):
    """A refund that somebody makes by hand."""

    amount: Amount | None = None
    reason: RefundReason | None = None
    status: RefundStatus | None = None


class RefundNews(Order):
    """What becomes of a refund."""

    status: Literal["succeeded", "failed", "canceled", "pending", "requires_action"]
    failure_reason: str = "unknown"


class ReviewOrder(Payment):
    """Why a payment is to be looked at: a rule of Radar's, or a person."""

    manual: bool = False


class ReviewNews(Order):
    """What came of it."""

    reason: ClosedReason = "approved"


class PayoutOrder(Payment):
    """A payment of the account whose balance is paid out, in the payment's currency."""


class PayoutNews(Order):
    """What becomes of a payout."""

    status: Literal["in_transit", "paid", "failed", "canceled"]
    failure_code: str = "account_closed"


class DisputeOrder(Payment):
    """A buyer's complaint; `warning` is one that only warns."""

    amount: Amount | None = None
    reason: str = "fraudulent"
    kind: Literal["chargeback", "inquiry", "warning"] = "chargeback"


class DisputeNews(Order):
    """How a dispute goes on."""

    status: Literal["won", "lost", "warning_closed", "needs_response"]


@post("/_local/refunds", status_code=200)
async def refund_by_hand(request: PlainRequest, desk: TheDesk) -> Response[bytes]:
    """Refund as in the dashboard: no request is behind its events."""
    order = await order_of(request, DashboardRefund)
    with desk.call(owner_of(desk, _named(order))) as call:
        params = RefundCreate(charge=_charge(call, order).id, amount=order.amount, reason=order.reason)
        return answer(refunds.make(call, params, order.status))


@post("/_local/refunds/{refund:str}", status_code=200)
async def move_refund(request: PlainRequest, desk: TheDesk, refund: FromPath[str]) -> Response[bytes]:
    """Let the bank say something about a refund: a succeeded one can still fail."""
    order = await order_of(request, RefundNews)
    with desk.call(owner_of(desk, refund)) as call:
        found = records.get(call, refunds.KIND, refund, Refund)
        refunds.move(call, found, order.status, order.failure_reason)
    return answer(found)


@post("/_local/disputes", status_code=200)
async def dispute(request: PlainRequest, desk: TheDesk) -> Response[bytes]:
    """A buyer goes to their bank."""
    order = await order_of(request, DisputeOrder)
    with desk.call(owner_of(desk, _named(order))) as call:
        charge = _charge(call, order)
        if charge.status != "succeeded":
            raise StripeError("Only a payment that succeeded can be disputed.")
        if order.kind == "warning":
            return answer(disputes.warn(call, charge))
        complaint = Complaint(reason=order.reason, inquiry=order.kind == "inquiry", amount=order.amount)
        return answer(disputes.befall(call, charge, complaint))


@post("/_local/disputes/{dispute:str}", status_code=200)
async def move_dispute(request: PlainRequest, desk: TheDesk, dispute: FromPath[str]) -> Response[bytes]:
    """Let the bank decide; `needs_response` makes a chargeback of an inquiry."""
    order = await order_of(request, DisputeNews)
    with desk.call(owner_of(desk, dispute)) as call:
        found = records.get(call, disputes.KIND, dispute, Dispute)
        if order.status == "needs_response":
            disputes.escalate(call, found)
        else:
            disputes.end(call, found, order.status)
    return answer(found)


@post("/_local/reviews", status_code=200)
async def review(request: PlainRequest, desk: TheDesk) -> Response[bytes]:
    """Radar, or somebody by hand, wants a person to look at a payment."""
    order = await order_of(request, ReviewOrder)
    with desk.call(owner_of(desk, _named(order))) as call:
        charge = _charge(call, order)
        if charge.status != "succeeded" or charge.review is not None:
            raise StripeError("Only a payment that succeeded and is not under review already can be reviewed.")
        return answer(radar.begin(call, charge, order.manual))


@post("/_local/reviews/{review:str}", status_code=200)
async def close_review(request: PlainRequest, desk: TheDesk, review: FromPath[str]) -> Response[bytes]:
    """Somebody has looked."""
    order = await order_of(request, ReviewNews)
    with desk.call(owner_of(desk, review)) as call:
        return answer(radar.close(call, records.get(call, radar.KIND, review, Review), order.reason))


@post("/_local/payouts", status_code=200)
async def pay_out(request: PlainRequest, desk: TheDesk) -> Response[bytes]:
    """Stripe's daily payout comes, now, of all that is available; of the account that owns what is named."""
    order = await order_of(request, PayoutOrder)
    with desk.call(owner_of(desk, _named(order))) as call:
        return answer(payouts.sweep(call, _charge(call, order).currency))


@post("/_local/payouts/{payout:str}", status_code=200)
async def move_payout(request: PlainRequest, desk: TheDesk, payout: FromPath[str]) -> Response[bytes]:
    """Let the shop's bank say something: one that is paid can still fail."""
    order = await order_of(request, PayoutNews)
    with desk.call(owner_of(desk, payout)) as call:
        found = records.get(call, payouts.KIND, payout, Payout)
        payouts.move(call, found, order.status, order.failure_code)
    return answer(found)


def handlers() -> list[HTTPRouteHandler]:
    """Everything here."""
    return [
        *(refund_by_hand, move_refund, dispute, move_dispute),
        *(review, close_review, pay_out, move_payout),
    ]


def _named(order: Payment) -> str:
    found = order.charge or order.payment_intent or order.session
    if found is None:
        raise parameter("Name a charge, a payment_intent or a session.", "charge", "parameter_missing")
    return found


def _charge(call: Call, order: Payment) -> Charge:
    intent = order.payment_intent
    if order.session is not None:
        intent = load(call, order.session).intent
    charge = order.charge
    if charge is None and intent is not None:
        charge = records.get(call, "payment_intent", intent, PaymentIntent).latest_charge
    return records.get(call, "charge", charge or "", Charge, "charge")
