"""Shipping rates; where an order goes and to whom; what was sent of it and what holds it back."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from checkout.models import Order
from core.db import Json, Table, UtcDateTime, inside_shop


class ShippingRate(Table, table=True):
    """What one way of shipping costs in some countries, in the minor unit of the shop's currency.

    `brackets` are `{"up_to": grams or amount or null, "amount": …}`, ascending; a flat rate has one. `free_above` is
    the total from which it costs nothing. `min_days` and `max_days` are business days.
    """

    __tablename__ = "shipping_rate"
    __table_args__ = (
        sa.UniqueConstraint("shop_id", "id"),
        sa.CheckConstraint("kind IN ('flat', 'by_weight', 'by_total')", name="kind"),
        sa.CheckConstraint("min_days <= max_days", name="days"),
    )
    id: str = Field(primary_key=True)
    shop_id: str = Field(foreign_key="shop.id")
    name: str
    countries: list[str] = Field(sa_type=Json)
    kind: str
    brackets: list[dict[str, int | None]] = Field(sa_type=Json)
    free_above: int | None = None
    min_days: int | None = None
    max_days: int | None = None
    position: int = 0
    version: int = 1
    archived_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class OrderShipping(Table, table=True):
    """The ways of shipping that an order's buyer was offered, as they were then; `chosen` is the place of theirs."""

    __tablename__ = "order_shipping"
    order_id: str = Field(foreign_key="order.id", primary_key=True)
    shop_id: str = Field(foreign_key="shop.id", index=True)
    country: str
    weight_grams: int
    options: list[dict[str, object]] = Field(sa_type=Json)
    chosen: int | None = None


class OrderContact(Table, table=True):
    """Who bought, and where it goes: sealed, because the database must not know it in clear.

    `sealed` is null once `erased_at` is set, and stays so whatever Stripe sends later.
    """

    __tablename__ = "order_contact"
    order_id: str = Field(foreign_key="order.id", primary_key=True)
    shop_id: str = Field(foreign_key="shop.id", index=True)
    sealed: bytes | None = Field(default=None, sa_type=sa.LargeBinary)
    erased_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Fulfilment(Table, table=True):
    """One parcel of an order: packed, shipped, delivered, and perhaps returned."""

    __tablename__ = "fulfilment"
    __table_args__ = (
        sa.UniqueConstraint("shop_id", "id"),
        sa.CheckConstraint("status IN ('packed', 'shipped', 'delivered', 'returned')", name="status"),
    )
    id: str = Field(primary_key=True)
    shop_id: str = Field(foreign_key="shop.id")
    order_id: str = Field(foreign_key="order.id", index=True)
    status: str = "packed"
    carrier: str = ""
    tracking_number: str = ""
    tracking_url: str = ""
    version: int = 1
    created_at: datetime = Field(sa_type=UtcDateTime)
    shipped_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    delivered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    returned_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class FulfilmentLine(Table, table=True):
    """So many pieces of an order's line in a parcel."""

    __tablename__ = "fulfilment_line"
    __table_args__ = (
        inside_shop("fulfilment_id", Fulfilment),
        sa.CheckConstraint("quantity > 0", name="quantity"),
    )
    fulfilment_id: str = Field(primary_key=True)
    order_line_id: str = Field(foreign_key="order_line.id", primary_key=True)
    shop_id: str = Field(foreign_key="shop.id")
    quantity: int


class FulfilmentHold(Table, table=True):
    """A reason why an order must not be shipped until `released_at`: a dispute, an open review, or what a person
    has said.

    One reason holds an order back once at a time.
    """

    __tablename__ = "fulfilment_hold"
    __table_args__ = (
        inside_shop("order_id", Order),
        sa.Index(
            "uq_fulfilment_hold_living", "order_id", "reason", unique=True, sqlite_where=sa.text("released_at IS NULL"),
            postgresql_where=sa.text("released_at IS NULL"),
        ),
    )  # fmt: skip
    id: str = Field(primary_key=True)
    shop_id: str = Field(foreign_key="shop.id")
    order_id: str = Field(index=True)
    reason: str
    note: str | None = None
    created_at: datetime = Field(sa_type=UtcDateTime)
    released_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
