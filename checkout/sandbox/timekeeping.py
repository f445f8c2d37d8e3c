"""What time alone brings about: sessions expire, bank debits are answered."""

from dataclasses import replace

import msgspec

from checkout.sandbox import payments
from checkout.sandbox.call import Call
from checkout.sandbox.session_record import SessionRecord
from checkout.sandbox.state import State


def is_due(state: State, now: int) -> bool:
    """Whether anything waits to be done."""
    return state.read().execute("SELECT 1 FROM object WHERE due <= ? LIMIT 1", (now,)).fetchone() is not None


def pass_time(call: Call) -> None:
    """Do everything that is due, for every account."""
    rows = call.db.execute("SELECT account, body FROM object WHERE due <= ? ORDER BY due, seq", (call.now,)).fetchall()
    for row in rows:
        record = msgspec.json.decode(row["body"], type=SessionRecord)
        own = replace(call, account=row["account"], request_id=None, idempotency_key=None)
        if record.session.status == "open":
            payments.expire(own, record)
        else:
            payments.settle(own, record)
