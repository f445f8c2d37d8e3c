"""Disputes: a buyer's bank asks, the merchant answers, somebody keeps the money."""

import copy
from typing import Annotated

from msgspec import Meta, Struct, structs

from checkout.sandbox import charges, expansion, identifiers, ledger, listing, metadata, parameters, radar, records
from checkout.sandbox.call import Call
from checkout.sandbox.errors import StripeError
from checkout.sandbox.events import Happening, emit, told_of_change
from checkout.sandbox.forms import Tree
from checkout.sandbox.money_objects import (
    Dispute,
    DisputedCard,
    DisputedMethod,
    DisputeStatus,
    EarlyFraudWarning,
    Evidence,
    EvidenceDetails,
)
from checkout.sandbox.parameters import MetadataChange
from checkout.sandbox.payment_objects import Charge
from checkout.sandbox.records import Place
from checkout.sandbox.session_parameters import Listing, Params, Retrieval

KIND = "dispute"
WARNING = "radar.early_fraud_warning"
ANSWER_WITHIN = 9 * 24 * 60 * 60
CLOSED = ("won", "lost", "warning_closed")
REASON_CODES = {"fraudulent": "10.4", "product_not_received": "13.1"}
LongText = Annotated[str, Meta(max_length=20_000)]


class EvidenceParams(Params):
    """`evidence`: Stripe's twenty-six fields, every one a text or a file's id; none of them can be misread."""

    access_activity_log: LongText | None = None
    billing_address: str | None = None
    cancellation_policy: str | None = None
    cancellation_policy_disclosure: LongText | None = None
    cancellation_rebuttal: LongText | None = None
    customer_communication: str | None = None
    customer_email_address: str | None = None
    customer_name: str | None = None
    customer_purchase_ip: str | None = None
    customer_signature: str | None = None
    duplicate_charge_documentation: str | None = None
    duplicate_charge_explanation: LongText | None = None
    duplicate_charge_id: str | None = None
    product_description: LongText | None = None
    receipt: str | None = None
    refund_policy: str | None = None
    refund_policy_disclosure: LongText | None = None
    refund_refusal_explanation: LongText | None = None
    service_date: str | None = None
    service_documentation: str | None = None
    shipping_address: str | None = None
    shipping_carrier: str | None = None
    shipping_date: str | None = None
    shipping_documentation: str | None = None
    shipping_tracking_number: str | None = None
    uncategorized_file: str | None = None
    uncategorized_text: LongText | None = None


class DisputeUpdate(Params):
    """What can be said to a dispute; `submit=false` only stages the evidence."""

    evidence: EvidenceParams | None = None
    expand: list[str] | None = None
    metadata: MetadataChange | None = None
    submit: bool = True


class DisputeListing(Listing):
    """What the list of disputes takes."""

    charge: str | None = None
    payment_intent: str | None = None


class Complaint(Struct, kw_only=True):
    """Why the bank asks, for how much, and whether it only asks."""

    reason: str = "fraudulent"
    inquiry: bool = False
    amount: int | None = None


def retrieve(call: Call, tree: Tree, dispute: str) -> bytes:
    """`GET /v1/disputes/{dispute}`."""
    params = parameters.read(tree, Retrieval)
    return expansion.render(call, records.get(call, KIND, dispute, Dispute), params.expand)


def list_page(call: Call, tree: Tree) -> bytes:
    """`GET /v1/disputes`, newest first."""
    return _list(call, tree, KIND, Dispute, "/v1/disputes")


def retrieve_warning(call: Call, tree: Tree, early_fraud_warning: str) -> bytes:
    """`GET /v1/radar/early_fraud_warnings/{early_fraud_warning}`."""
    params = parameters.read(tree, Retrieval)
    return expansion.render(call, records.get(call, WARNING, early_fraud_warning, EarlyFraudWarning), params.expand)


def list_warnings(call: Call, tree: Tree) -> bytes:
    """`GET /v1/radar/early_fraud_warnings`, newest first."""
    return _list(call, tree, WARNING, EarlyFraudWarning, "/v1/radar/early_fraud_warnings")


def update(call: Call, tree: Tree, dispute: str) -> bytes:
    """`POST /v1/disputes/{dispute}`: metadata, and evidence, which goes to the bank unless it is only staged."""
    params = parameters.read(tree, DisputeUpdate)
    found = records.get(call, KIND, dispute, Dispute)
    before = copy.deepcopy(found)
    found.metadata = metadata.changed(found.metadata, params.metadata)
    due = found.evidence_details.due_by
    if params.evidence is not None:
        if found.status in CLOSED:
            raise StripeError("This dispute is already closed.")
        given = structs.asdict(params.evidence)
        found.evidence = structs.replace(found.evidence, **{k: v for k, v in given.items() if v is not None})
        found.evidence_details.has_evidence = True
    if params.evidence is not None and params.submit:
        found.status = "warning_under_review" if _is_inquiry(found) else "under_review"
        found.evidence_details.submission_count += 1
        due = call.now + round(call.settings.delayed_after)
    _save(call, found, None if found.status in CLOSED else due)
    emit(call, told_of_change("charge.dispute.updated", before, found))
    return expansion.render(call, found, params.expand)


def close(call: Call, tree: Tree, dispute: str) -> bytes:
    """`POST /v1/disputes/{dispute}/close`: the merchant gives in."""
    params = parameters.read(tree, Retrieval)
    found = records.get(call, KIND, dispute, Dispute)
    end(call, found, "warning_closed" if _is_inquiry(found) else "lost")
    return expansion.render(call, found, params.expand)


def befall(call: Call, charge: Charge, complaint: Complaint) -> Dispute:
    """A dispute arrives. An inquiry only asks; anything else takes the money, and a fee, at once."""
    dispute = Dispute(
        id=identifiers.new("du"),
        amount=complaint.amount or charge.amount,
        charge=charge.id,
        created=call.now,
        currency=charge.currency,
        evidence=Evidence(
            customer_email_address=charge.billing_details.email, customer_name=charge.billing_details.name
        ),
        evidence_details=EvidenceDetails(due_by=call.now + ANSWER_WITHIN),
        is_charge_refundable=complaint.inquiry,
        payment_intent=charge.payment_intent,
        reason=complaint.reason,
        status="warning_needs_response" if complaint.inquiry else "needs_response",
    )
    card = charge.payment_method_details.card
    if card:
        shown = DisputedCard(
            brand=card.brand,
            case_type="inquiry" if complaint.inquiry else "chargeback",
            network_reason_code=REASON_CODES.get(complaint.reason),
        )
        dispute.payment_method_details = DisputedMethod(card=shown)
    news = [Happening("charge.dispute.created", copy.deepcopy(dispute))]
    if not complaint.inquiry:
        news += _withdraw(call, dispute, charge)
    before = copy.deepcopy(charge)
    charge.disputed = True
    charges.save(call, charge)
    _save(call, dispute, dispute.evidence_details.due_by, new=True)
    emit(call, [*news, *told_of_change("charge.updated", before, charge)])
    radar.close_of(call, charge, "disputed")
    return dispute


def warn(call: Call, charge: Charge) -> EarlyFraudWarning:
    """The network warns early; whoever refunds now is spared the dispute."""
    warning = EarlyFraudWarning(id=identifiers.new("issfr"), charge=charge.id, created=call.now)
    if charge.payment_intent:
        warning.payment_intent = charge.payment_intent
    records.add(call, WARNING, warning.id, warning, Place(reference=charge.id))
    emit(call, [Happening("radar.early_fraud_warning.created", warning)])
    return warning


def pass_time(call: Call, dispute: Dispute) -> None:
    """The bank has decided by the evidence, or nobody answered in time."""
    said = " ".join(text for text in structs.asdict(dispute.evidence).values() if isinstance(text, str))
    if dispute.status in ("under_review", "warning_under_review") and "escalate_inquiry_evidence" in said:
        escalate(call, dispute)
    elif _is_inquiry(dispute):
        end(call, dispute, "warning_closed")
    else:
        end(call, dispute, "won" if dispute.status == "under_review" and "winning_evidence" in said else "lost")


def escalate(call: Call, dispute: Dispute) -> None:
    """The bank was not content: an inquiry becomes a chargeback, which takes the money."""
    charge = records.get(call, "charge", dispute.charge, Charge)
    before = copy.deepcopy(dispute)
    dispute.status, dispute.is_charge_refundable = "needs_response", False
    dispute.evidence, dispute.evidence_details = Evidence(), EvidenceDetails(due_by=call.now + ANSWER_WITHIN)
    if dispute.payment_method_details and dispute.payment_method_details.card:
        dispute.payment_method_details.card.case_type = "chargeback"
    news = _withdraw(call, dispute, charge)
    _save(call, dispute, dispute.evidence_details.due_by)
    emit(call, [*news, *told_of_change("charge.dispute.updated", before, dispute)])


def end(call: Call, dispute: Dispute, status: DisputeStatus) -> None:
    """Decided; a dispute that is won gives the money back, without the fee."""
    if dispute.status in CLOSED:
        raise StripeError("This dispute is already closed.")
    dispute.evidence_details.past_due = (dispute.evidence_details.due_by or 0) <= call.now
    dispute.status = status
    dispute.is_charge_refundable = status != "lost"
    news = []
    if status == "won" and dispute.balance_transactions:
        charge = records.get(call, "charge", dispute.charge, Charge)
        dispute.balance_transactions.append(ledger.book(call, "adjustment", dispute.amount, charge, dispute.id))
        news.append(Happening("charge.dispute.funds_reinstated", dispute))
    _save(call, dispute, None)
    emit(call, [Happening("charge.dispute.closed", dispute), *news])


def _withdraw(call: Call, dispute: Dispute, charge: Charge) -> list[Happening]:
    taken = ledger.book(call, "adjustment", -dispute.amount, charge, dispute.id, ledger.DISPUTE_FEE)
    dispute.balance_transactions.append(taken)
    return [Happening("charge.dispute.funds_withdrawn", dispute)]


def _is_inquiry(dispute: Dispute) -> bool:
    return dispute.status.startswith("warning")


def _list(call: Call, tree: Tree, kind: str, shape: type[Dispute] | type[EarlyFraudWarning], url: str) -> bytes:
    params = parameters.read(tree, DisputeListing)
    query = records.Query(kind)
    query.where("reference = ?", params.charge)
    query.where("json_extract(body, '$.payment_intent') = ?", params.payment_intent)
    found, more = listing.page(call, query, params, shape)
    return listing.render(call, found, more, url, params.expand)


def _save(call: Call, dispute: Dispute, due: int | None, new: bool = False) -> None:
    place = Place(status=dispute.status, reference=dispute.charge, due=due)
    if new:
        records.add(call, KIND, dispute.id, dispute, place)
    else:
        records.change(call, dispute.id, dispute, place)
