"""Checkouts, orders, their lines and holds, and the Stripe events that were seen."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from core.db import Json, Table, UtcDateTime, inside_shop, sparse_index

LIVING_STATUSES = ("creating", "open")
LIVING = sa.text("checkout.status IN ('creating', 'open')")
"""Checkouts that may still be paid."""
_ALIVE = sa.text("status IN ('creating', 'open')")
_LIVING = sa.text("page IS NOT NULL AND status IN ('creating', 'open')")
_UNDER_WAY = sa.text("status = 'processing'")


class Checkout(Table, table=True):
    """One attempt to get one order paid: the intent and the exact request, written before Stripe is called.

    `status` is creating (Stripe not heard yet), open, complete, expired, or refused. `looked_at` is when Stripe was
    last asked about one that hung (`checkout.books.overdue`).
    """

    __tablename__ = "checkout"
    __table_args__ = (
        sa.UniqueConstraint("shop_id", "key"),
        sa.CheckConstraint("status IN ('creating', 'open', 'complete', 'expired', 'refused')", name="status"),
        # However many taps and processes there are: a page has one checkout that can be paid.
        sa.Index(
            "uq_checkout_living_page", "shop_id", "page", unique=True, sqlite_where=_LIVING, postgresql_where=_LIVING
        ),
        sparse_index("checkout", "page"),
        sa.Index("ix_checkout_living", "shop_id", "expires_at", sqlite_where=_ALIVE, postgresql_where=_ALIVE),
    )
    id: str = Field(primary_key=True)
    shop_id: str = Field(foreign_key="shop.id")
    order_id: str = Field(unique=True)
    key: str
    digest: str
    page: str | None = None
    status: str = "creating"
    stripe_key: str
    stripe_session_id: str | None = Field(default=None, index=True)
    parameters: dict[str, object] = Field(sa_type=Json)
    coupon: dict[str, object] | None = Field(default=None, sa_type=Json)
    url: str | None = None
    expires_at: datetime = Field(sa_type=UtcDateTime)
    looked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)


class Order(Table, table=True):
    """What somebody wants to buy, and where they came from.

    `status`, `amount_paid`, `amount_refunded` and `amount_lost` (to banks) follow from the facts in payments, refunds
    and disputes (`checkout.facts`) and are stored for lists. `number` counts paid orders without gaps. `reviews` are
    the reasons of its open reviews, sorted. `recovers` is the order whose checkout was taken up again. `buyer` is a
    hash that limits hoarding, gone when the order has ended. `lines_session` is the paid session whose lines are still
    to be read at Stripe, because its page changed what they cost. The origin is written once and never changed;
    `in_app` is the network in whose app's browser the buyer was. Amounts in the currency's minor unit.
    """

    __tablename__ = "order"
    __table_args__ = (
        sa.UniqueConstraint("shop_id", "id"),
        sa.UniqueConstraint("shop_id", "number"),
        sa.CheckConstraint("amount_total >= 0", name="amount_total"),
        sa.CheckConstraint("amount_refunded BETWEEN 0 AND amount_paid", name="amount_refunded"),
        sa.Index("ix_order_processing", "shop_id", "created_at", sqlite_where=_UNDER_WAY, postgresql_where=_UNDER_WAY),
        sa.CheckConstraint("amount_lost BETWEEN 0 AND amount_paid - amount_refunded", name="amount_lost"),
        *(sparse_index("order", column) for column in ("buyer", "post_id", "link_id", "creator_id")),
    )
    id: str = Field(primary_key=True)
    shop_id: str = Field(foreign_key="shop.id")
    checkout_id: str = Field(foreign_key="checkout.id", unique=True)
    public_token: str = Field(unique=True)
    number: int | None = None
    status: str = "draft"
    given_up: bool = False
    cancelled: bool = False
    recovers: str | None = None
    buyer: str | None = None
    currency: str
    amount_subtotal: int = 0
    amount_discount: int = 0
    amount_shipping: int = 0
    amount_tax: int = 0
    amount_total: int = 0
    amount_paid: int = 0
    amount_refunded: int = 0
    amount_lost: int = 0
    lines_session: str | None = None
    oversold: bool = False
    reviews: list[str] = Field(default_factory=list, sa_type=Json)
    network: str = "unknown"
    placement: str | None = None
    post_id: str | None = None
    link_id: str | None = None
    click_id: str | None = None
    click_token: str | None = None
    campaign: str | None = None
    creator_id: str | None = None
    variant: int = Field(default=0, sa_type=sa.SmallInteger)
    in_app: str | None = None
    utm: dict[str, str] = Field(sa_type=Json)
    method: str
    confidence: str
    evidence: list[dict[str, str]] = Field(sa_type=Json)
    created_at: datetime = Field(sa_type=UtcDateTime)
    paid_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class OrderTouch(Table, table=True):
    """One tap that led to an order, oldest first; written with the order, never changed, only erased.

    `via` says where its token stood: in the address (`token`), or kept from before (`cookie`). `click_id` is gone once
    the buyer was forgotten.
    """

    __tablename__ = "order_touch"
    __table_args__ = (
        inside_shop("order_id", Order),
        sa.CheckConstraint("via IN ('token', 'cookie')", name="via"),
    )
    shop_id: str = Field(foreign_key="shop.id")
    order_id: str = Field(primary_key=True)
    position: int = Field(primary_key=True)
    click_id: str | None = None
    at: datetime = Field(sa_type=UtcDateTime)
    link_id: str
    post_id: str | None = None
    network: str | None = None
    placement: str | None = None
    campaign: str | None = None
    via: str


class OrderNumber(Table, table=True):
    """The last number that a shop gave to a paid order."""

    __tablename__ = "order_number"
    shop_id: str = Field(primary_key=True, foreign_key="shop.id")
    last: int


class Payment(Table, table=True):
    """One Checkout Session of an order, as far as Stripe has told: its words only move up their chains.

    `named` where its metadata, which only the shop can write at Stripe, names the order. Amounts are those of the
    completed session; `agrees` where they are what Stripe was asked for. `created_at` is Stripe's.
    """

    __tablename__ = "payment"
    __table_args__ = (inside_shop("order_id", Order), sa.Index("ix_payment_intent", "shop_id", "payment_intent"))
    shop_id: str = Field(foreign_key="shop.id", primary_key=True)
    session_id: str = Field(primary_key=True)
    order_id: str = Field(index=True)
    session_status: str
    payment_status: str
    payment_intent: str | None = None
    named: bool = False
    currency: str
    amount_subtotal: int = 0
    amount_discount: int = 0
    amount_shipping: int = 0
    amount_tax: int = 0
    amount_total: int = 0
    agrees: bool = False
    created_at: datetime = Field(sa_type=UtcDateTime)


class OrderReview(Table, table=True):
    """A reason why a person should look at an order, open until one has.

    `about` is the matter by which the same reason is known again: a session or a refund of Stripe's, or a discount.
    `told` once the shop has heard of it.
    """

    __tablename__ = "order_review"
    __table_args__ = (
        inside_shop("order_id", Order),
        sa.UniqueConstraint("order_id", "reason", "about"),
        sa.Index("ix_order_review_open", "shop_id", "resolved_at", "reason"),
    )
    id: str = Field(primary_key=True)
    shop_id: str = Field(foreign_key="shop.id")
    order_id: str
    reason: str
    about: str
    told: bool = False
    note: str | None = None
    opened_at: datetime = Field(sa_type=UtcDateTime)
    resolved_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Refund(Table, table=True):
    """Money on its way back to a buyer: asked for here (`key`, `parameters`), or made at Stripe and heard of.

    Without an amount it is for pieces alone, and Stripe never hears of it.
    `lines` is pieces by order line, `worth` what they had cost and the tax in that; `restock` that they are on the
    shelf again, which is done at `restocked_at`; they are taken again where the refund fails. `attempt` counts the
    idempotency keys under which Stripe was asked: a further one follows a failure that Stripe has stored.
    """

    __tablename__ = "refund"
    __table_args__ = (
        inside_shop("order_id", Order),
        sa.UniqueConstraint("shop_id", "key"),
        sa.UniqueConstraint("shop_id", "stripe_refund_id"),
        sa.CheckConstraint("amount >= 0", name="amount"),
    )
    id: str = Field(primary_key=True)
    shop_id: str = Field(foreign_key="shop.id")
    order_id: str = Field(index=True)
    session_id: str | None = None
    key: str | None = None
    digest: str | None = None
    parameters: dict[str, object] | None = Field(default=None, sa_type=Json)
    attempt: int = 1
    stripe_refund_id: str | None = None
    amount: int
    amount_tax: int = 0
    status: str
    reason: str | None = None
    failure: str | None = None
    lines: dict[str, int] = Field(default_factory=dict, sa_type=Json)
    worth: dict[str, list[int]] = Field(default_factory=dict, sa_type=Json)
    restock: bool = False
    restocked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)


class Dispute(Table, table=True):
    """A payment, whole or in part, that the buyer's bank questions; `id` is Stripe's, amounts are the bank's."""

    __tablename__ = "dispute"
    __table_args__ = (inside_shop("order_id", Order),)
    shop_id: str = Field(foreign_key="shop.id", primary_key=True)
    id: str = Field(primary_key=True)
    order_id: str = Field(index=True)
    session_id: str
    status: str
    reason: str
    amount: int
    currency: str
    evidence_due_by: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)


class OrderLine(Table, table=True):
    """What was ordered, at the price of that moment; amounts in the order's minor unit.

    `amount_total` is what it was to cost: unit amounts less `amount_discount`. Where Stripe's page has changed that,
    `amount_charged` is what it took for the line in the end, None where it took `amount_total`; `amount_tax` is the tax
    in it. What was ordered is never written over.
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
    requires_shipping: bool = True
    quantity: int
    unit_amount: int
    amount_discount: int = 0
    amount_total: int
    amount_charged: int | None = None
    amount_tax: int = 0

    @property
    def cost(self) -> int:
        """What the buyer paid for it, once the order is paid and its lines were read where they had to be."""
        return self.amount_total if self.amount_charged is None else self.amount_charged


class Hold(Table, table=True):
    """Stock set aside for an order: held, then sold or released, once.

    `counted` where pieces were taken off the shelf: they go back there, and those of a variant that was not tracked
    at the time do not. `restocked` of the sold ones came back.
    """

    __tablename__ = "hold"
    __table_args__ = (
        sa.UniqueConstraint("order_id", "variant_id"),
        sa.CheckConstraint("status IN ('held', 'sold', 'released')", name="status"),
        sa.CheckConstraint("quantity > 0", name="quantity"),
        sa.CheckConstraint("restocked BETWEEN 0 AND quantity", name="restocked"),
    )
    id: str = Field(primary_key=True)
    shop_id: str = Field(foreign_key="shop.id")
    order_id: str = Field(foreign_key="order.id")
    variant_id: str = Field(foreign_key="variant.id", index=True)
    quantity: int
    counted: bool = True
    restocked: int = 0
    status: str = "held"
    created_at: datetime = Field(sa_type=UtcDateTime)


class StripeEvent(Table, table=True):
    """An event that Stripe sent to a shop, stored once; what it said is in the order.

    `outcome` is applied, ignored (of a type that we do not follow), foreign (of another account or mode), orphan (its
    order is not known, or not yet: the body is kept, sealed, and tried again at `retry_at`), given_up (its order was
    never known or it can be read no more: `given_up_for` is a reason of `checkout.stripe.orphans`), or unreadable
    (signed, and not of the documented shape: kept, sealed, for a person). `other_version` is the API version that it
    was written in, where that is not ours. After 90 days all is forgotten but orphans and what is unreadable.
    """

    __tablename__ = "stripe_event"
    __table_args__ = (sa.Index("ix_stripe_event_outcome", "shop_id", "outcome", "payment_intent"),)
    shop_id: str = Field(foreign_key="shop.id", primary_key=True)
    id: str = Field(primary_key=True)
    type: str
    object_id: str
    payment_intent: str | None = None
    order_id: str | None = None
    outcome: str = "ignored"
    other_version: str | None = None
    body_sealed: bytes | None = Field(default=None, sa_type=sa.LargeBinary)
    retry_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    given_up_for: str | None = None
    created_at: datetime = Field(sa_type=UtcDateTime)
    received_at: datetime = Field(sa_type=UtcDateTime)
