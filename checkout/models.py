"""Checkouts, orders, their lines and holds, and the Stripe events that were seen."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from core.db import Json, Table, UtcDateTime


class Checkout(Table, table=True):
    """One attempt to get one order paid: the intent and the exact request, written before Stripe is called.

    `status` is creating (Stripe not heard yet), open, complete, expired, or refused.
    """

    __tablename__ = "checkout"
    __table_args__ = (
        sa.UniqueConstraint("shop_id", "key"),
        sa.CheckConstraint("status IN ('creating', 'open', 'complete', 'expired', 'refused')", name="status"),
    )
    id: str = Field(primary_key=True)
    shop_id: str = Field(foreign_key="shop.id")
    order_id: str = Field(unique=True)
    key: str
    digest: str
    page: str | None = Field(default=None, index=True)
    status: str = "creating"
    stripe_key: str
    stripe_session_id: str | None = Field(default=None, index=True)
    parameters: dict[str, object] = Field(sa_type=Json)
    url: str | None = None
    expires_at: datetime = Field(sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)


class Order(Table, table=True):
    """What somebody wants to buy, and where they came from.

    `session_status` and `payment_status` are facts from Stripe that only move up; `status` is computed from
    them and stored for lists. The origin is written once and never changed.
    """

    __tablename__ = "order"
    __table_args__ = (sa.CheckConstraint("amount_total >= 0", name="amount_total"),)
    id: str = Field(primary_key=True)
    shop_id: str = Field(foreign_key="shop.id", index=True)
    checkout_id: str = Field(foreign_key="checkout.id", unique=True)
    public_token: str = Field(unique=True)
    status: str = "awaiting_payment"
    session_status: str = "open"
    payment_status: str = "unpaid"
    currency: str
    amount_subtotal: int = 0
    amount_discount: int = 0
    amount_shipping: int = 0
    amount_tax: int = 0
    amount_total: int = 0
    amount_paid: int = 0
    payment_intent: str | None = None
    oversold: bool = False
    review: str | None = None
    network: str = Field(default="unknown", index=True)
    placement: str | None = None
    post_id: str | None = Field(default=None, index=True)
    link_id: str | None = Field(default=None, index=True)
    click_id: str | None = None
    click_token: str | None = None
    campaign: str | None = None
    utm: dict[str, str] = Field(sa_type=Json)
    method: str
    confidence: str
    evidence: list[dict[str, str]] = Field(sa_type=Json)
    created_at: datetime = Field(sa_type=UtcDateTime)
    paid_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class OrderLine(Table, table=True):
    """What was ordered, at the price of that moment; amounts in the order's minor unit.

    `amount_total` is what the line costs: unit amounts less `amount_discount`.
    """

    __tablename__ = "order_line"
    id: str = Field(primary_key=True)
    shop_id: str = Field(foreign_key="shop.id")
    order_id: str = Field(foreign_key="order.id", index=True)
    position: int
    variant_id: str = Field(foreign_key="variant.id")
    product_id: str = Field(foreign_key="product.id", index=True)
    title: str
    variant_title: str
    sku: str
    quantity: int
    unit_amount: int
    amount_discount: int = 0
    amount_tax: int = 0
    amount_total: int


class Hold(Table, table=True):
    """Stock set aside for an order: held, then sold or released, once.

    `counted` where pieces were taken off the shelf: they go back there, and those of a variant that was not tracked
    at the time do not.
    """

    __tablename__ = "hold"
    __table_args__ = (
        sa.UniqueConstraint("order_id", "variant_id"),
        sa.CheckConstraint("status IN ('held', 'sold', 'released')", name="status"),
        sa.CheckConstraint("quantity > 0", name="quantity"),
    )
    id: str = Field(primary_key=True)
    shop_id: str = Field(foreign_key="shop.id")
    order_id: str = Field(foreign_key="order.id")
    variant_id: str = Field(foreign_key="variant.id", index=True)
    quantity: int
    counted: bool = True
    status: str = "held"
    created_at: datetime = Field(sa_type=UtcDateTime)


class StripeEvent(Table, table=True):
    """An event that Stripe sent to a shop, stored once; what it said is in the order.

    `outcome` is applied, ignored (a type or an order that is not ours to follow) or orphan (ours, but no such order:
    the body is kept, sealed).
    """

    __tablename__ = "stripe_event"
    shop_id: str = Field(foreign_key="shop.id", primary_key=True)
    id: str = Field(primary_key=True)
    type: str
    object_id: str
    order_id: str | None = None
    outcome: str = "ignored"
    body_sealed: bytes | None = Field(default=None, sa_type=sa.LargeBinary)
    created_at: datetime = Field(sa_type=UtcDateTime)
    received_at: datetime = Field(sa_type=UtcDateTime)
