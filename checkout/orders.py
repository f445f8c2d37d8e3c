"""Orders: facts from Stripe are merged upward, and the status is a pure function of them.

Stripe may deliver paid before created, twice, or days late. Merging along strict total orders is commutative,
associative and idempotent, so every arrival order ends in the same order.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlmodel import col, select

from checkout import holds
from checkout.errors import OrderNotFound
from checkout.events import OrderExpired, OrderPaid, OrderPaymentFailed
from checkout.models import Checkout, Order, OrderLine
from core import db, events
from core.db import AsyncSession
from core.shops import Shop

# The ranks are chains: with ties the result would depend on the order of arrival.
SESSION_RANKS = ("open", "expired", "complete")
PAYMENT_RANKS = ("unpaid", "failed", "no_payment_required", "paid")
PAID = frozenset(("paid", "no_payment_required"))


class Facts(msgspec.Struct, frozen=True):
    """What one message from Stripe says about an order. `amount` in the minor unit where money moved."""

    session_status: str = "open"
    payment_status: str = "unpaid"
    amount: int | None = None
    currency: str | None = None
    payment_intent: str | None = None


def status(session_status: str, payment_status: str) -> str:
    """The order's status, from its facts alone."""
    if payment_status in PAID:
        return "paid"
    if payment_status == "failed":
        return "payment_failed"
    return {"complete": "processing", "expired": "expired"}.get(session_status, "awaiting_payment")


def _higher(ranks: Sequence[str], current: str, news: str) -> str:
    """The higher of two facts; a word that we do not know changes nothing."""
    return news if news in ranks and ranks.index(news) > ranks.index(current) else current


def path(order: Order) -> str:
    """The buyer's status page, below the public address."""
    return f"/orders/{order.public_token}"


def new_public_token() -> str:
    """An unguessable name for the buyer's status page: 192 bits."""
    return secrets.token_urlsafe(24)


async def merge(session: AsyncSession, shop: Shop, order: Order, facts: Facts, now: datetime) -> None:
    """Take facts in, and let what follows from them happen once: stock sold or given back, news recorded.

    The caller holds a lock on the order's row (`lock`).
    """
    before = order.status
    order.session_status = _higher(SESSION_RANKS, order.session_status, facts.session_status)
    order.payment_status = _higher(PAYMENT_RANKS, order.payment_status, facts.payment_status)
    order.payment_intent = order.payment_intent or facts.payment_intent
    order.status = status(order.session_status, order.payment_status)
    if facts.payment_status in PAID and facts.amount is not None:
        order.amount_paid = max(order.amount_paid, facts.amount)
        if facts.amount != order.amount_total or (facts.currency or order.currency).upper() != order.currency:
            # Somebody must look: what Stripe took is not what the order says.
            order.review = "amount-mismatch"
    session.add(order)
    if order.status == before:
        return
    if order.status == "paid":
        order.paid_at = now
        order.oversold = not await holds.sell(session, shop, order)
        await events.record(session, shop.id, _paid(order))
    elif order.status == "expired":
        await holds.release(session, shop, order)
        await events.record(session, shop.id, OrderExpired(order_id=order.id))
    elif order.status == "payment_failed":
        await holds.release(session, shop, order)
        await events.record(session, shop.id, OrderPaymentFailed(order_id=order.id))
    await _close_checkout(session, order)
    await session.flush()


def _paid(order: Order) -> OrderPaid:
    return OrderPaid(
        order_id=order.id,
        amount=order.amount_paid,
        currency=order.currency,
        network=order.network,
        oversold=order.oversold,
    )


async def _close_checkout(session: AsyncSession, order: Order) -> None:
    checkout = await session.get(Checkout, order.checkout_id)
    if checkout is not None and checkout.status != "refused" and order.session_status != "open":
        checkout.status = order.session_status
        session.add(checkout)


async def lock(session: AsyncSession, shop_id: str, order_id: str) -> Order | None:
    """The order's row, held until the transaction ends, or None where the shop has no such order."""
    rows = select(Order).where(Order.id == order_id, Order.shop_id == shop_id).with_for_update()
    return (await session.exec(rows.execution_options(populate_existing=True))).first()


async def get(session: AsyncSession, shop: Shop, order_id: str) -> Order:
    """One order of this shop; refuses OrderNotFound."""
    found = (await session.exec(select(Order).where(Order.id == order_id, Order.shop_id == shop.id))).first()
    if found is None:
        raise OrderNotFound
    return found


async def by_public_token(session: AsyncSession, token: str) -> tuple[Order, list[OrderLine]]:
    """The order behind a buyer's status page; refuses OrderNotFound."""
    order = (await session.exec(select(Order).where(Order.public_token == token))).first()
    if order is None:
        raise OrderNotFound
    return order, (await lines(session, [order]))[order.id]


async def lines(session: AsyncSession, of: Sequence[Order]) -> dict[str, list[OrderLine]]:
    """The lines of each of these orders, in their order on the receipt, by order id."""
    found: dict[str, list[OrderLine]] = {order.id: [] for order in of}
    rows = select(OrderLine).where(col(OrderLine.order_id).in_(list(found))).order_by(col(OrderLine.position))
    for line in (await session.exec(rows)).all():
        found[line.order_id].append(line)
    return found


class Filters(msgspec.Struct, frozen=True):
    """Which orders to list; None leaves out nothing. `created_from` included, `created_to` not."""

    network: str | None = None
    post_id: str | None = None
    link_id: str | None = None
    status: str | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None


async def list_page(
    session: AsyncSession, shop: Shop, filters: Filters, limit: int, cursor: str | None
) -> tuple[list[Order], str | None]:
    """One page of the shop's orders, newest first, and the next page's cursor."""
    chosen = select(Order).where(Order.shop_id == shop.id)
    for name in ("network", "post_id", "link_id", "status"):
        if (value := getattr(filters, name)) is not None:
            chosen = chosen.where(getattr(Order, name) == value)
    if filters.created_from is not None:
        chosen = chosen.where(col(Order.created_at) >= filters.created_from)
    if filters.created_to is not None:
        chosen = chosen.where(col(Order.created_at) < filters.created_to)
    return await db.page(session, chosen, Order.id, limit, cursor)
