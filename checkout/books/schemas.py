"""The books as they go over the wire."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Literal

from msgspec import Meta

from checkout.books.failures import Kind
from checkout.books.models import BookRound, LedgerEntry, ReadingFailure, ReconciledDay
from checkout.models import StripeEvent
from checkout.stripe import breaker
from checkout.stripe.breaker import State
from checkout.stripe.models import Circuit
from checkout.stripe.orphans import Reason
from checkout.stripe.ration import Ration
from core.money import Money
from core.wire import Out

Account = Literal["stripe", "fees", "sales", "refunds", "disputes", "payouts", "other"]


class LedgerEntryOut(Out, kw_only=True, frozen=True):
    """One side of a movement of money; the sides of one `transaction_id` add up to zero."""

    transaction_id: str
    account: Account
    amount: int
    currency: str
    occurred_at: datetime

    @classmethod
    def of(cls, entry: LedgerEntry) -> "LedgerEntryOut":
        """The entry without what only we need to know."""
        return cls(
            transaction_id=entry.transaction_id,
            account=entry.account,  # type: ignore[arg-type]  # A CHECK holds it.
            amount=entry.amount,
            currency=entry.currency,
            occurred_at=entry.occurred_at,
        )


class BalanceOut(Out, kw_only=True, frozen=True):
    """The sum of one account: what an account gained is positive, and all of one currency add up to zero."""

    account: Account
    amount: int
    currency: str


class DifferenceOut(Out, kw_only=True, frozen=True):
    """Where ours and Stripe's disagree: an order's money (`account` says whether taken, refunded or charged back), or
    money of no order of ours."""

    order_id: str | None
    transaction_id: str | None
    account: Account
    ours: Money
    stripes: Money


class ReconciledDayOut(Out, kw_only=True, frozen=True):
    """A UTC day of paid orders: `amount` is ours, `amount_stripe` what the ledger has for the same orders.

    `repaired` sessions were at Stripe further than here, and are not any more. Not `complete` where Stripe's ration of
    reads did not allow to look at everything.
    """

    day: date
    orders: int
    amount: int
    amount_stripe: int
    repaired: int
    complete: bool
    differences: list[DifferenceOut]
    checked_at: datetime

    @classmethod
    def of(cls, row: ReconciledDay) -> "ReconciledDayOut":
        """The day with each difference as money."""
        return cls(
            day=row.day,
            orders=row.orders,
            amount=row.amount,
            amount_stripe=row.amount_stripe,
            repaired=row.repaired,
            complete=row.complete,
            differences=[_difference(each) for each in row.differences],
            checked_at=row.checked_at,
        )


def _difference(stored: Mapping[str, object]) -> DifferenceOut:
    currency = str(stored["currency"])
    order_id, transaction_id = stored.get("order_id"), stored.get("transaction_id")
    return DifferenceOut(
        order_id=str(order_id) if order_id else None,
        transaction_id=str(transaction_id) if transaction_id else None,
        account=stored.get("account", "sales"),  # type: ignore[arg-type]  # Written by us.
        ours=Money(int(str(stored["ours"])), currency),
        stripes=Money(int(str(stored["stripes"])), currency),
    )


class EventCountsOut(Out, kw_only=True, frozen=True):
    """Stripe's signed events by what became of them, each counted once however often it came.

    They count for ninety days, those that are orphans or unreadable for as long as they are.

    `applied` changed or confirmed an order; `ignored` are of types that nobody follows; `foreign` of another account or
    mode than the shop's; `orphan` about an order that is not known, or not yet, and tried again; `given_up` of these,
    after a week; `unreadable` not of the documented shape. `other_version` of them all were written in another API
    version than this installation reads.
    """

    applied: int
    ignored: int
    foreign: int
    orphan: int
    given_up: int
    unreadable: int
    other_version: int


class OrphanOut(Out, kw_only=True, frozen=True):
    """A signed event whose order is not known: tried again at `retry_at`, or given up for a reason.

    It names an order that is none of ours (`unknown-order`), a payment that is none of ours (`unknown-payment`) or
    nothing at all (`names-no-order`), or what was kept of it can be read no more (`unreadable`). `object_id` is
    Stripe's name of the session, refund or dispute.
    """

    event_id: str
    type: str
    object_id: str
    received_at: datetime
    retry_at: datetime | None
    given_up_for: Reason | None

    @classmethod
    def of(cls, event: StripeEvent) -> "OrphanOut":
        """The event without its content."""
        return cls(
            event_id=event.id,
            type=event.type,
            object_id=event.object_id,
            received_at=event.received_at,
            retry_at=event.retry_at,
            given_up_for=event.given_up_for,  # type: ignore[arg-type]  # Written by us.
        )


class ReadsOut(Out, kw_only=True, frozen=True):
    """Reads that Stripe was sent in thirty days, and how many it grants by what the ledger has: 500 for each payment,
    10,000 at least.

    `slowed` where so much is spent that news are looked for less often; what protects money is always read.
    """

    spent: int
    entitled: int
    slowed: bool

    @classmethod
    def of(cls, ration: Ration) -> "ReadsOut":
        """The ration."""
        return cls(spent=ration.spent, entitled=ration.entitled, slowed=ration.is_slowed)


class BreakerOut(Out, kw_only=True, frozen=True):
    """Whether the work behind the scenes asks Stripe at the moment: `closed`, it does; `open`, Stripe has failed to
    answer so many times in a row that nobody asks before `retry_at`; `half_open`, one who tries decides.

    Buyers' own requests are always sent.
    """

    state: State
    failures: int
    retry_at: datetime | None

    @classmethod
    def of(cls, circuit: Circuit | None, now: datetime) -> "BreakerOut":
        """The breaker; one that never failed is closed."""
        return cls(
            state=breaker.state(circuit, now),
            failures=circuit.failures if circuit else 0,
            retry_at=circuit.retry_at if circuit else None,
        )


class RoundOut(Out, kw_only=True, frozen=True):
    """How the last turn of a round went: `sweep`, the search for what no webhook brought; `comparison`, of a day with
    Stripe's books; `reading-on`, of what either left unread.

    `failures` in a row. `problem` is `payments-not-connected` (Stripe does not accept the key), a refusal of Stripe's,
    `out-of-time` (the next turn goes on from there) or `unexpected` (the log says what); null where all went well.
    Every round comes back by itself. One that has begun and not ended runs, or its process died.
    """

    name: str
    begun_at: datetime
    ended_at: datetime | None
    failures: int
    problem: str | None

    @classmethod
    def of(cls, row: BookRound) -> "RoundOut":
        """The round."""
        return cls(
            name=row.name, begun_at=row.begun_at, ended_at=row.ended_at, failures=row.failures, problem=row.problem
        )


class FailureOut(Out, kw_only=True, frozen=True):
    """Something that could not be taken in: an event, movement of money or session of Stripe's, or a checkout of ours.

    `reason` is `unreadable`, or names our error; it has failed so many `times` and is tried again at `retry_at`.
    """

    kind: Kind
    object_id: str
    reason: str
    times: int
    failed_at: datetime
    retry_at: datetime

    @classmethod
    def of(cls, row: ReadingFailure) -> "FailureOut":
        """What was set apart."""
        return cls(
            kind=row.kind,  # type: ignore[arg-type]  # Written by us.
            object_id=row.object_id,
            reason=row.reason,
            times=row.times,
            failed_at=row.failed_at,
            retry_at=row.retry_at,
        )


class SetApartOut(Out, kw_only=True, frozen=True):
    """What could not be taken in, and was left out so that everything else could be."""

    count: int
    newest: Annotated[list[FailureOut], Meta(description="Newest first, twenty at most.")]


class ReconciliationOut(Out, kw_only=True, frozen=True):
    """How far the shop's books are read, and whether they agree with Stripe's.

    `heard_at` is when the last event came. `recovered` of the `events` were fetched because no webhook brought them.
    `balances` is the ledger's.
    """

    swept_at: datetime | None
    heard_at: datetime | None
    recovered: int
    rounds: list[RoundOut]
    set_apart: SetApartOut
    reads: ReadsOut
    breaker: BreakerOut
    events: EventCountsOut
    orphans: Annotated[list[OrphanOut], Meta(description="Newest first, twenty at most.")]
    balances: list[BalanceOut]
    days: Annotated[list[ReconciledDayOut], Meta(description="Newest first, thirty at most.")]
