"""Discounts, what counts their uses, and which order used which."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from checkout.models import Order
from core.db import Json, Table, UtcDateTime, inside_shop


class Discount(Table, table=True):
    """A reduction that the shop gives: to everybody, or to who knows its `code` (kept in capitals).

    `terms` is one of `checkout.discounts.terms`. It is for `product_ids` and for what is in `collection_ids` when it is
    used, and for everything where neither is named. `used` counts orders that hold or have used it, and never passes
    `limit_total`.
    """

    __tablename__ = "discount"
    __table_args__ = (
        sa.UniqueConstraint("shop_id", "code"),
        sa.UniqueConstraint("shop_id", "id"),
        sa.CheckConstraint("used >= 0", name="used"),
    )
    id: str = Field(primary_key=True)
    shop_id: str = Field(foreign_key="shop.id")
    title: str
    code: str | None = None
    terms: dict[str, object] = Field(sa_type=Json)
    product_ids: list[str] = Field(default_factory=list, sa_type=Json)
    collection_ids: list[str] = Field(default_factory=list, sa_type=Json)
    minimum_amount: int = 0
    combines: bool = True
    starts_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ends_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    limit_total: int | None = None
    limit_per_day: int | None = None
    limit_per_customer: int | None = None
    used: int = 0
    version: int = 1
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    archived_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class DiscountUse(Table, table=True):
    """How often a discount was used in one bucket: a UTC day (`day:2026-11-22`), or a visitor or buyer by a hash."""

    __tablename__ = "discount_use"
    __table_args__ = (inside_shop("discount_id", Discount), sa.CheckConstraint("used >= 0", name="used"))
    shop_id: str = Field(foreign_key="shop.id")
    discount_id: str = Field(primary_key=True)
    bucket: str = Field(primary_key=True)
    used: int = 0


class Redemption(Table, table=True):
    """A discount as one order has it: reserved with the order, then redeemed or released, once.

    Title and code as they were; `amount` in the order's minor unit. `buckets` are those in which it is counted.
    """

    __tablename__ = "discount_redemption"
    __table_args__ = (
        inside_shop("order_id", Order),
        inside_shop("discount_id", Discount),
        sa.CheckConstraint("status IN ('reserved', 'redeemed', 'released')", name="status"),
        sa.CheckConstraint("amount >= 0", name="amount"),
    )
    shop_id: str = Field(foreign_key="shop.id")
    order_id: str = Field(primary_key=True)
    discount_id: str = Field(primary_key=True, index=True)
    position: int
    title: str
    code: str | None = None
    amount: int
    free_shipping: bool
    buckets: list[str] = Field(default_factory=list, sa_type=Json)
    status: str = "reserved"
    created_at: datetime = Field(sa_type=UtcDateTime)
