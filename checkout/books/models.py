"""What the shop knows of Stripe's books, and how far it has read in them."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field

from core.db import Json, Table, UtcDateTime


class LedgerEntry(Table, table=True):
    """One side of a movement of money at Stripe; the sides of one `transaction_id` add up to zero. Never changed.

    `amount` in the minor unit of the balance's currency: what an account gains is positive. `stripe` is what Stripe
    owes the shop, `fees` what Stripe kept; `sales`, `refunds`, `disputes`, `payouts` and `other` say where the money
    came from or went to, with the opposite sign.
    """

    __tablename__ = "ledger_entry"
    __table_args__ = (
        sa.UniqueConstraint("shop_id", "transaction_id", "account"),
        sa.CheckConstraint(
            "account IN ('stripe', 'fees', 'sales', 'refunds', 'disputes', 'payouts', 'other')", name="account"
        ),
    )
    id: str = Field(primary_key=True)
    shop_id: str = Field(foreign_key="shop.id")
    transaction_id: str
    account: str
    amount: int = Field(sa_type=sa.BigInteger)
    currency: str
    order_id: str | None = Field(default=None, index=True)
    occurred_at: datetime = Field(sa_type=UtcDateTime, index=True)


class Reading(Table, table=True):
    """How far a shop has read in Stripe's events and balance, in Stripe's time."""

    __tablename__ = "reconciliation"
    shop_id: str = Field(primary_key=True, foreign_key="shop.id")
    events_until: datetime = Field(sa_type=UtcDateTime)
    balance_until: datetime = Field(sa_type=UtcDateTime)
    swept_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    recovered: int = 0


class ReconciledDay(Table, table=True):
    """One UTC day of the shop's orders beside Stripe's books; `differences` is empty where they agree.

    Not `complete` where Stripe's ration of reads did not allow to see all of its sessions and movements.
    """

    __tablename__ = "reconciled_day"
    shop_id: str = Field(primary_key=True, foreign_key="shop.id")
    day: date = Field(primary_key=True)
    orders: int
    amount: int = Field(sa_type=sa.BigInteger)
    amount_stripe: int = Field(sa_type=sa.BigInteger)
    repaired: int
    complete: bool
    differences: list[dict[str, object]] = Field(sa_type=Json)
    checked_at: datetime = Field(sa_type=UtcDateTime)


class BookRound(Table, table=True):
    """How the last turn of a round went: a sweep, a comparison, or what either left to be read on.

    `failures` in a row; `problem` is a refusal's slug, `out-of-time` or `unexpected`, None where all went well. Where
    it began and has not ended, it runs, or its process died.
    """

    __tablename__ = "book_round"
    shop_id: str = Field(primary_key=True, foreign_key="shop.id")
    name: str = Field(primary_key=True)
    begun_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    failures: int = 0
    problem: str | None = None


class ReadingFailure(Table, table=True):
    """Something of Stripe's that could not be taken in, set apart so that the rest could be; tried again at `retry_at`.

    `kind` is event, movement, session or checkout (`object_id` is ours then); `reason` names the error.
    """

    __tablename__ = "reading_failure"
    __table_args__ = (sa.Index("ix_reading_failure_retry", "shop_id", "retry_at"),)
    shop_id: str = Field(primary_key=True, foreign_key="shop.id")
    kind: str = Field(primary_key=True)
    object_id: str = Field(primary_key=True)
    reason: str
    times: int
    failed_at: datetime = Field(sa_type=UtcDateTime)
    retry_at: datetime = Field(sa_type=UtcDateTime)
