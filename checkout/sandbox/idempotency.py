"""Idempotency keys as Stripe keeps them (docs.stripe.com/api/idempotent_requests)."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from checkout.sandbox.call import Call
from checkout.sandbox.errors import StripeError
from checkout.sandbox.exchange import Answer, Exchange

KEPT_FOR = 24 * 60 * 60
MAX_LENGTH = 255


@contextmanager
def claim(in_flight: set[tuple[str, str]], exchange: Exchange) -> Iterator[None]:
    """Only one request per key at a time; the second is told so with 409."""
    key = exchange.key
    if key is None:
        yield
        return
    if not key or len(key) > MAX_LENGTH:
        raise StripeError(
            f"Invalid idempotency key: it must have between 1 and {MAX_LENGTH} characters.",
            kind="idempotency_error",
            stored=False,
        )
    claimed = (exchange.account or "", key)
    if claimed in in_flight:
        raise StripeError(
            "There is currently another in-progress request using this Idempotent Key (that probably means you "
            f"submitted twice, and the other request is still going through): {key}. Please try your request again "
            "later, or use a different key.",
            status=409,
            kind="idempotency_error",
            code="idempotency_key_in_use",
            stored=False,
            retry=True,
        )
    in_flight.add(claimed)
    try:
        yield
    finally:
        in_flight.discard(claimed)


def recall(call: Call, exchange: Exchange) -> Answer | None:
    """The first answer to this key, if there was one; the same key for another request is refused."""
    if exchange.key is None:
        return None
    row = call.db.execute(
        "SELECT * FROM idempotency WHERE account = ? AND key = ? AND created > ?",
        (call.account, exchange.key, call.now - KEPT_FOR),
    ).fetchone()
    if row is None:
        return None
    if row["endpoint"] != exchange.endpoint:
        raise _misused(
            "Keys for idempotent requests can only be used for the same endpoint they were first used for "
            f"('{exchange.path}' vs '{row['endpoint'].partition(' ')[2]}').",
            exchange.key,
        )
    if row["fingerprint"] != _fingerprint(exchange):
        raise _misused(
            "Keys for idempotent requests can only be used with the same parameters they were first used with.",
            exchange.key,
        )
    return Answer(row["status"], row["body"], stored=False, replays=row["request_id"])


def store(call: Call, exchange: Exchange, answer: Answer) -> None:
    """Keep the answer in the transaction of its effect."""
    if exchange.key is None or not answer.stored:
        return
    call.db.execute(
        "INSERT OR REPLACE INTO idempotency (account, key, endpoint, fingerprint, status, body, request_id, created) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            call.account,
            exchange.key,
            exchange.endpoint,
            _fingerprint(exchange),
            answer.status,
            answer.body,
            exchange.request_id,
            call.now,
        ),
    )


def _misused(message: str, key: str) -> StripeError:
    return StripeError(
        f"{message} Try using a key other than '{key}' if you meant to execute a different request.",
        kind="idempotency_error",
        stored=False,
    )


def _fingerprint(exchange: Exchange) -> str:
    return hashlib.sha256(msgspec.json.encode(exchange.params, order="sorted")).hexdigest()
