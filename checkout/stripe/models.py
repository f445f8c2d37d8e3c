"""What the shop knows of its asking Stripe: how much it has read, and whether it was answered."""

from datetime import date, datetime

from sqlmodel import Field

from core.db import Table, UtcDateTime


class StripeReads(Table, table=True):
    """How many reads were sent to Stripe for a shop on one UTC day, every attempt counted."""

    __tablename__ = "stripe_reads"
    shop_id: str = Field(primary_key=True, foreign_key="shop.id")
    day: date = Field(primary_key=True)
    reads: int


class Circuit(Table, table=True):
    """How often in a row Stripe has failed to answer a shop's background work, and until when nobody asks it."""

    __tablename__ = "stripe_circuit"
    shop_id: str = Field(primary_key=True, foreign_key="shop.id")
    failures: int
    retry_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
