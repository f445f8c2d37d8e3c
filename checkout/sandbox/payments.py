"""What a buyer does on the hosted page, and what follows from it: paid, declined, challenged, paid later or not."""

from dataclasses import dataclass, field

from msgspec import UNSET, structs

from checkout.sandbox import (
    charges,
    coupons,
    custom_fields,
    customers,
    disputes,
    identifiers,
    ledger,
    pricing,
    radar,
    records,
    sessions,
    totals,
)
from checkout.sandbox.call import Call
from checkout.sandbox.cards import Fate, Means
from checkout.sandbox.disputes import Complaint
from checkout.sandbox.errors import StripeError
from checkout.sandbox.events import Happening, emit
from checkout.sandbox.objects import Address
from checkout.sandbox.payment_objects import (
    AutomaticMethods,
    Charge,
    NextAction,
    PaymentError,
    PaymentIntent,
    Redirection,
)
from checkout.sandbox.records import Place
from checkout.sandbox.session_objects import CollectedInformation, CustomerDetails, Session
from checkout.sandbox.session_record import Buyer, Challenge, SessionRecord, save

UNAUTHENTICATED = (
    "We are unable to authenticate your payment method. Please choose a different payment method and try again."
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it went: the problem of a card, the event that a redirect waits for, or the bank's question."""

    problem: StripeError | None = None
    completed: str | None = None
    challenged: bool = False


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


def prepare(call: Call, record: SessionRecord, buyer: Buyer) -> None:
    """The total for this buyer: by the chosen shipping, and by the country that the tax depends on."""
    if buyer.rate is not None:
        totals.choose_rate(record, buyer.rate)
    known = (buyer.shipping.address if buyer.shipping else None) or buyer.address
    record.country = (known.country if known else None) or record.country
    totals.reckon(record, call.now)
    pricing.check_total(record.session.amount_total, record.session.currency)


def pay(
    call: Call, record: SessionRecord, means: Means | None, buyer: Buyer, authenticated: bool | None = None
) -> Outcome:
    """Press Pay. `means` is needed unless the total is 0; refuses a session that is not open.

    `authenticated` is what the bank's page said (3-D Secure); without it, a card that asks for it is challenged.
    """
    session = record.session
    if session.status != "open":
        raise NotOpen(session.status)
    prepare(call, record, buyer)
    if session.amount_total == 0:
        _remember(call, record, buyer)
        session.payment_status = "no_payment_required"
        return Outcome(completed=_complete(call, record, []))
    if means is None or means.type not in session.payment_method_types:
        raise StripeError("This payment method is not offered by this Checkout Session.", param="card")
    intent, news = _intent(call, record, buyer)
    if means.challenge and authenticated is None:
        return _challenge(call, record, Challenge(means=means, buyer=buyer), intent, news)
    record.challenge, intent.next_action = None, None
    if means.challenge and not authenticated:
        return _unauthenticated(call, record, intent)
    attempt = _attempt(call, record, means, buyer, intent, news)
    if means.decline is not None:
        return _decline(call, attempt, means)
    _remember(call, record, buyer)
    intent.customer = attempt.charge.customer = session.customer
    if means.settlement == "at once":
        return _succeed(call, attempt, means)
    return _wait(call, attempt, means)


def answer_challenge(call: Call, record: SessionRecord, authenticated: bool) -> Outcome:
    """The buyer has been on the bank's page; refuses where nobody was sent there."""
    waiting = record.challenge
    if waiting is None:
        raise StripeError("This payment does not wait for authentication.")
    return pay(call, record, waiting.means, waiting.buyer, authenticated)


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
    intent.next_action = None
    keep_intent(call, intent)
    emit(call, [Happening("payment_intent.canceled", intent)])


def keep_intent(call: Call, intent: PaymentIntent) -> None:
    """Keep the intent's new state."""
    records.change(call, intent.id, intent, Place(status=intent.status, reference=intent.customer))


def _intent(call: Call, record: SessionRecord, buyer: Buyer) -> tuple[PaymentIntent, list[Happening]]:
    """All attempts on one session share one PaymentIntent."""
    known = record.intent and records.find(call, "payment_intent", record.intent, PaymentIntent)
    intent = known or _new_intent(call, record)
    intent.amount, intent.shipping = record.session.amount_total, buyer.shipping
    record.intent = intent.id
    if known:
        return intent, []
    records.add(call, "payment_intent", intent.id, intent, Place(status=intent.status, reference=intent.customer))
    return intent, [Happening("payment_intent.created", structs.replace(intent))]


def _attempt(
    call: Call, record: SessionRecord, means: Means, buyer: Buyer, intent: PaymentIntent, news: list[Happening]
) -> Attempt:
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
        customer=session.customer,
        description=params.description,
        metadata=params.metadata or {},
        payment_method_types=session.payment_method_types,
        receipt_email=params.receipt_email,
        setup_future_usage=params.setup_future_usage,
        statement_descriptor=params.statement_descriptor,
        statement_descriptor_suffix=params.statement_descriptor_suffix,
        transfer_group=params.transfer_group,
    )


def _challenge(
    call: Call, record: SessionRecord, waiting: Challenge, intent: PaymentIntent, news: list[Happening]
) -> Outcome:
    record.challenge = waiting
    page = f"{call.settings.base_url or record.origin}/c/pay/{record.session.id}"
    intent.status = "requires_action"
    intent.next_action = NextAction(redirect_to_url=Redirection(return_url=page, url=f"{page}/3ds"))
    keep_intent(call, intent)
    save(call, record)
    emit(call, [*news, Happening("payment_intent.requires_action", intent)])
    return Outcome(challenged=True)


def _unauthenticated(call: Call, record: SessionRecord, intent: PaymentIntent) -> Outcome:
    code = "payment_intent_authentication_failure"
    intent.status = "requires_payment_method"
    intent.last_payment_error = PaymentError(
        code=code,
        doc_url=f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}",
        message="The provided PaymentMethod has failed authentication.",
        type="invalid_request_error",
    )
    keep_intent(call, intent)
    save(call, record)
    emit(call, [Happening("payment_intent.payment_failed", intent)])
    return Outcome(problem=StripeError(UNAUTHENTICATED, status=402, kind="card_error", code=code))


def _decline(call: Call, attempt: Attempt, means: Means) -> Outcome:
    problem = means.decline.problem() if means.decline else None
    if problem is not None:
        problem.charge, problem.payment_intent = attempt.charge.id, attempt.intent
    attempt.intent.status = "requires_payment_method"
    attempt.intent.last_payment_error = _payment_error(attempt.charge)
    _keep(call, attempt)
    save(call, attempt.record)
    attempt.news.append(Happening("charge.failed", attempt.charge))
    attempt.news.append(Happening("payment_intent.payment_failed", attempt.intent))
    emit(call, attempt.news)
    return Outcome(problem=problem)


def _succeed(call: Call, attempt: Attempt, means: Means) -> Outcome:
    charge, intent, news = attempt.charge, attempt.intent, attempt.news
    intent.last_payment_error, intent.payment_method = None, charge.payment_method
    charges.doom(call, charge, means.fate)
    if intent.capture_method == "manual":
        charges.authorize(charge)
        intent.status, intent.amount_capturable = "requires_capture", intent.amount
        news.append(Happening("charge.succeeded", charge))
        news.append(Happening("payment_intent.amount_capturable_updated", intent))
    else:
        charges.capture(charge)
        intent.status, intent.amount_received = "succeeded", intent.amount
        before_balance = structs.replace(charge)
        ledger.take(call, charge, at_once=means.fate == "available at once")
        attempt.record.session.payment_status = "paid"
        news.append(Happening("charge.succeeded", before_balance))
        news.append(Happening("payment_intent.succeeded", intent))
        news.append(Happening("charge.updated", charge, {"balance_transaction": None}))
    _keep(call, attempt)
    outcome = Outcome(completed=_complete(call, attempt.record, news))
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
    elif fate == "review":
        radar.begin(call, charge)


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
    if record.coupon is not None:
        coupons.redeem(call, record.coupon.id, record.code)
    save(call, record)
    return emit(call, [Happening("checkout.session.completed", session), *news])[0]


def _keep(call: Call, attempt: Attempt) -> None:
    keep_intent(call, attempt.intent)
    charges.save(call, attempt.charge)


def _payment_error(charge: Charge) -> PaymentError:
    code = charge.failure_code or "generic_decline"
    reason = charge.outcome.reason if charge.outcome else None
    return PaymentError(
        advice_code=(charge.outcome.advice_code if charge.outcome else None) or UNSET,
        charge=charge.id,
        code=code,
        decline_code=reason if code == "card_declined" and reason else UNSET,
        doc_url=f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}",
        message=charge.failure_message or "",
    )


def _remember(call: Call, record: SessionRecord, buyer: Buyer) -> None:
    """What the page asked for, and the customer that a session is told to make of it."""
    session: Session = record.session
    session.customer_details = CustomerDetails(
        email=buyer.email, name=buyer.name, phone=buyer.phone, address=buyer.address or Address()
    )
    session.collected_information = CollectedInformation(shipping_details=buyer.shipping)
    custom_fields.keep(session, buyer.answers, buyer.terms, buyer.promotions)
    if session.customer is None and session.customer_creation == "always":
        session.customer = customers.from_checkout(call, session.customer_details).id
