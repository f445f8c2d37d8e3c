"""Who hears of events, what each one gets, and how that went."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from core.db import Json, Table, UtcDateTime, inside_shop


class WebhookEndpoint(Table, table=True):
    """An address of a merchant's that hears of events; its secrets are sealed.

    `failures` in a row since `failing_since`; nothing is tried before `paused_until`. `disabled_reason` is merchant,
    failing or gone. The lease belongs to the one job that sends at the moment.
    """

    __tablename__ = "webhook_endpoint"
    __table_args__ = (sa.UniqueConstraint("shop_id", "id"),)
    id: str = Field(primary_key=True)
    shop_id: str = Field(foreign_key="shop.id", index=True)
    url: str
    description: str = ""
    event_types: list[str] = Field(sa_type=Json)
    secret_sealed: bytes = Field(sa_type=sa.LargeBinary)
    previous_secret_sealed: bytes | None = Field(default=None, sa_type=sa.LargeBinary)
    previous_secret_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    failures: int = 0
    failing_since: datetime | None = Field(default=None, sa_type=UtcDateTime)
    paused_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_delivered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    disabled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    disabled_reason: str | None = None
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    lease_holder: str | None = None
    version: int = 1
    archived_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class WebhookDelivery(Table, table=True):
    """One event for one endpoint, with the very body that is sent each time.

    Deliveries about one `subject` go out by their `sequence`: one waits for those before it that are pending or dead.
    `attempts_left` says how often a pending one may still be tried, `due_at` when next.
    """

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        inside_shop("endpoint_id", WebhookEndpoint),
        sa.CheckConstraint("status IN ('pending', 'delivered', 'dead', 'skipped')", name="status"),
        sa.Index("ix_webhook_delivery_due", "endpoint_id", "status", "due_at"),
        sa.Index("ix_webhook_delivery_subject", "endpoint_id", "subject", "sequence"),
        sa.Index("ix_webhook_delivery_age", "endpoint_id", "created_at"),
    )
    id: str = Field(primary_key=True)
    shop_id: str = Field(foreign_key="shop.id")
    endpoint_id: str
    event_id: str
    event_type: str
    subject: str
    sequence: int
    body: str
    status: str = "pending"
    attempts_left: int
    due_at: datetime = Field(sa_type=UtcDateTime)
    delivered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)


class WebhookAttempt(Table, table=True):
    """One try: the status that came back or why none did, and how the answer began (1 KB at most)."""

    __tablename__ = "webhook_attempt"
    id: str = Field(primary_key=True)
    shop_id: str = Field(foreign_key="shop.id")
    delivery_id: str = Field(foreign_key="webhook_delivery.id", index=True)
    outcome: str
    status: int | None = None
    answer: str = ""
    milliseconds: int
    created_at: datetime = Field(sa_type=UtcDateTime)
