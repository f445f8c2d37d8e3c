"""What time alone brings about: sessions expire, debits are answered, refunds and payouts arrive, disputes end."""

from dataclasses import replace

import msgspec

from checkout.sandbox import disputes, ledger, payments, payouts, refunds, session_record
from checkout.sandbox.call import Call
from checkout.sandbox.money_objects import BalanceTransaction, Dispute, Refund
from checkout.sandbox.payout_objects import Payout
from checkout.sandbox.session_record import SessionRecord
from checkout.sandbox.state import State


def is_due(state: State, now: int) -> bool:
    """Whether anything waits to be done."""
    return state.read().execute("SELECT 1 FROM object WHERE due <= ? LIMIT 1", (now,)).fetchone() is not None


def pass_time(call: Call) -> None:
    """Do everything that is due, for every account."""
    rows = call.db.execute("SELECT account, kind, body FROM object WHERE due <= ? ORDER BY due, seq", (call.now,))
    for row in rows.fetchall():
        HANDS[row["kind"]](replace(call, account=row["account"], request_id=None, idempotency_key=None), row["body"])


def _session(call: Call, body: bytes) -> None:
    record = msgspec.json.decode(body, type=SessionRecord)
    if record.session.status == "open":
        payments.expire(call, record)
    else:
        payments.settle(call, record)


def _refund(call: Call, body: bytes) -> None:
    refunds.pass_time(call, msgspec.json.decode(body, type=Refund))


def _dispute(call: Call, body: bytes) -> None:
    disputes.pass_time(call, msgspec.json.decode(body, type=Dispute))


def _transaction(call: Call, body: bytes) -> None:
    ledger.become_available(call, msgspec.json.decode(body, type=BalanceTransaction))


def _payout(call: Call, body: bytes) -> None:
    payouts.pass_time(call, msgspec.json.decode(body, type=Payout))


HANDS = {
    session_record.KIND: _session,
    refunds.KIND: _refund,
    disputes.KIND: _dispute,
    ledger.KIND: _transaction,
    payouts.KIND: _payout,
}
