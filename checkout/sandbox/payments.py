"""What a buyer does on the hosted page, and what follows from it: paid, declined, paid later or not."""

from dataclasses import dataclass, field

from msgspec import UNSET, structs

from checkout.sandbox import charges, disputes, identifiers, ledger, records, sessions
from checkout.sandbox.call import Call
from checkout.sandbox.cards import Fate, Means
from checkout.sandbox.disputes import Complaint
from checkout.sandbox.errors import StripeError
from checkout.sandbox.events import Happening, emit
from checkout.sandbox.objects import Address, CollectedInformation, CustomerDetails, Session, ShippingDetails
from checkout.sandbox.payment_objects import AutomaticMethods, Charge, PaymentError, PaymentIntent
from checkout.sandbox.session_record import SessionRecord, choose_rate, save


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who pays, as the page asked."""

    email: str
    name: str | None = None
    phone: str | None = None
    address: Address | None = None
    shipping: ShippingDetails | None = None
    rate: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it went: the declined card's problem, or the event that a redirect waits for."""

    problem: StripeError | None = None
    completed: str | None = None


@dataclass(slots=True)
class Attempt:
    """One try to pay: the session, its intent, the charge, and what there is to tell."""

    record: SessionRecord
    intent: PaymentIntent
    charge: Charge
    news: list[Happening] = field(default_factory=list)


class NotOpen(StripeError):
    """The session was paid or has expired."""

    def __init__(self, status: str) -> None:
        super().__init__(f"This Checkout Session cannot be paid: it has a status of `{status}`.")


def pay(call: Call, record: SessionRecord, means: Means | None, buyer: Buyer) -> Outcome:
    """Press Pay. `means` is needed unless the total is 0; refuses a session that is not open."""
    session = record.session
    if session.status != "open":
        raise NotOpen(session.status)
    if buyer.rate is not None:
        _ship_by(record, buyer.rate)
    if session.amount_total == 0:
        _remember(session, buyer)
        session.payment_status = "no_payment_required"
        return Outcome(completed=_complete(call, record, []))
    if means is None or means.type not in session.payment_method_types:
        raise StripeError("This payment method is not offered by this Checkout Session.", param="card")
    attempt = _attempt(call, record, means, buyer)
    if means.decline is not None:
        return _decline(call, attempt, means)
    _remember(session, buyer)
    if means.settlement == "at once":
        return _succeed(call, attempt, means)
    return _wait(call, attempt, means)


def settle(call: Call, record: SessionRecord) -> None:
    """The bank has answered: a complete but unpaid session is paid, or never will be."""
    intent = records.get(call, "payment_intent", str(record.intent), PaymentIntent)
    charge = records.get(call, "charge", str(intent.latest_charge), Charge)
    attempt = Attempt(record, intent, charge)
    record.due = None
    if record.delayed_success:
        charges.capture(charge)
        ledger.take(call, charge)
        intent.status, intent.amount_received = "succeeded", intent.amount
        record.session.payment_status = "paid"
        told = ("charge.succeeded", "payment_intent.succeeded", "checkout.session.async_payment_succeeded")
    else:
        charges.bounce(charge)
        intent.status, intent.last_payment_error = "requires_payment_method", _payment_error(charge)
        told = ("charge.failed", "payment_intent.payment_failed", "checkout.session.async_payment_failed")
    _keep(call, attempt)
    save(call, record)
    emit(call, [Happening(*pair) for pair in zip(told, (charge, intent, record.session), strict=True)])


def expire(call: Call, record: SessionRecord) -> None:
    """The time is up: the session closes, and with it a payment that was tried in vain."""
    sessions.close_expired(call, record)
    if record.intent is None:
        return
    intent = records.get(call, "payment_intent", record.intent, PaymentIntent)
    intent.status, intent.canceled_at, intent.cancellation_reason = "canceled", call.now, "expired"
    records.change(call, intent.id, intent)
    emit(call, [Happening("payment_intent.canceled", intent)])


def _attempt(call: Call, record: SessionRecord, means: Means, buyer: Buyer) -> Attempt:
    """All attempts on one session share one PaymentIntent."""
    known = record.intent and records.find(call, "payment_intent", record.intent, PaymentIntent)
    intent = known or _new_intent(call, record)
    news = []
    if not known:
        records.add(call, "payment_intent", intent.id, intent)
        news.append(Happening("payment_intent.created", structs.replace(intent)))
    record.intent = intent.id
    intent.amount, intent.shipping = record.session.amount_total, buyer.shipping
    charge = charges.new(call, intent, means, buyer.email, buyer.name, buyer.address)
    charges.save(call, charge, new=True)
    intent.latest_charge = charge.id
    return Attempt(record, intent, charge, news)


def _new_intent(call: Call, record: SessionRecord) -> PaymentIntent:
    session, params = record.session, record.intent_params
    identifier = identifiers.new("pi")
    return PaymentIntent(
        id=identifier,
        amount=session.amount_total,
        automatic_payment_methods=AutomaticMethods() if session.allowed_payment_method_types is None else None,
        capture_method=params.capture_method or "automatic_async",
        client_secret=f"{identifier}_secret_{identifiers.new('x')[2:]}",
        created=call.now,
        currency=session.currency,
        description=params.description,
        metadata=params.metadata or {},
        payment_method_types=session.payment_method_types,
        receipt_email=params.receipt_email,
        setup_future_usage=params.setup_future_usage,
        statement_descriptor=params.statement_descriptor,
        statement_descriptor_suffix=params.statement_descriptor_suffix,
        transfer_group=params.transfer_group,
    )


def _decline(call: Call, attempt: Attempt, means: Means) -> Outcome:
    problem = means.decline.problem() if means.decline else None
    attempt.intent.last_payment_error = _payment_error(attempt.charge)
    _keep(call, attempt)
    save(call, attempt.record)
    attempt.news.append(Happening("charge.failed", attempt.charge))
    attempt.news.append(Happening("payment_intent.payment_failed", attempt.intent))
    emit(call, attempt.news)
    return Outcome(problem=problem)


def _succeed(call: Call, attempt: Attempt, means: Means) -> Outcome:
    charge, intent = attempt.charge, attempt.intent
    charges.capture(charge)
    intent.status, intent.amount_received, intent.last_payment_error = "succeeded", intent.amount, None
    intent.payment_method = charge.payment_method
    before_balance = structs.replace(charge)
    ledger.take(call, charge, at_once=means.fate == "available at once")
    charges.doom(call, charge, means.fate)
    _keep(call, attempt)
    attempt.record.session.payment_status = "paid"
    attempt.news.append(Happening("charge.succeeded", before_balance))
    attempt.news.append(Happening("payment_intent.succeeded", intent))
    attempt.news.append(Happening("charge.updated", charge, {"balance_transaction": None}))
    outcome = Outcome(completed=_complete(call, attempt.record, attempt.news))
    _strike(call, charge, means.fate)
    return outcome


def _strike(call: Call, charge: Charge, fate: Fate) -> None:
    """The trouble that some test cards bring at once."""
    if fate in ("fraudulent", "product_not_received"):
        disputes.befall(call, charge, Complaint(reason=fate))
    elif fate == "inquiry":
        disputes.befall(call, charge, Complaint(inquiry=True))
    elif fate == "warning":
        disputes.warn(call, charge)


def _wait(call: Call, attempt: Attempt, means: Means) -> Outcome:
    attempt.intent.status = "processing"
    attempt.intent.payment_method = attempt.charge.payment_method
    _keep(call, attempt)
    attempt.record.delayed_success = means.settlement == "succeeds later"
    attempt.record.due = call.now + round(call.settings.delayed_after)
    attempt.news.append(Happening("charge.pending", attempt.charge))
    attempt.news.append(Happening("payment_intent.processing", attempt.intent))
    return Outcome(completed=_complete(call, attempt.record, attempt.news, attempt.record.due))


def _complete(call: Call, record: SessionRecord, news: list[Happening], due: int | None = None) -> str:
    session = record.session
    session.status, session.url, session.payment_intent, record.due = "complete", None, record.intent, due
    save(call, record)
    return emit(call, [Happening("checkout.session.completed", session), *news])[0]


def _keep(call: Call, attempt: Attempt) -> None:
    records.change(call, attempt.intent.id, attempt.intent)
    charges.save(call, attempt.charge)


def _payment_error(charge: Charge) -> PaymentError:
    code = charge.failure_code or "generic_decline"
    reason = charge.outcome.reason if charge.outcome else None
    return PaymentError(
        charge=charge.id,
        code=code,
        decline_code=reason if code == "card_declined" and reason else UNSET,
        doc_url=f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}",
        message=charge.failure_message or "",
    )


def _ship_by(record: SessionRecord, identifier: str) -> None:
    rate = next((rate for rate in record.rates if rate.id == identifier), None)
    if rate is None:
        raise StripeError(f"No such shipping rate: '{identifier}'", code="resource_missing", param="shipping_rate")
    choose_rate(record, rate)


def _remember(session: Session, buyer: Buyer) -> None:
    session.customer_details = CustomerDetails(
        email=buyer.email, name=buyer.name, phone=buyer.phone, address=buyer.address or Address()
    )
    session.collected_information = CollectedInformation(shipping_details=buyer.shipping)
