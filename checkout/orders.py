"""Orders: found by those who may see them, and locked by whoever changes them."""

import secrets
from collections.abc import Sequence
from datetime import datetime

import msgspec
import sqlalchemy as sa
from sqlmodel import col, select

from checkout.errors import OrderNotFound
from checkout.models import Checkout, Order, OrderLine, OrderReview
from core import db
from core.db import AsyncSession, table_of
from core.shops import Shop

_LOCK = (
    sa.select(table_of(Order))
    .where(col(Order.shop_id) == sa.bindparam("shop"), col(Order.id) == sa.bindparam("order"))
    .with_for_update()
)


def path(order: Order, language: str = "") -> str:
    """The buyer's status page, below the public address; in the language that they chose, or their browser's."""
    return f"/orders/{order.public_token}{f'?lang={language}' if language else ''}"


def new_public_token() -> str:
    """An unguessable name for the buyer's status page: 192 bits."""
    return secrets.token_urlsafe(24)


async def lock(session: AsyncSession, shop_id: str, order_id: str) -> Order | None:
    """The order's row, held until the transaction ends, or None where the shop has no such order."""
    return next(iter(await session.fresh(Order, _LOCK, {"shop": shop_id, "order": order_id})), None)


async def own_session(session: AsyncSession, order: Order) -> str | None:
    """The Stripe session that the order's checkout opened; None while Stripe has not answered."""
    return (await session.exec(select(Checkout.stripe_session_id).where(Checkout.id == order.checkout_id))).first()


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
    """Which orders to list; None leaves out nothing. `created_from` included, `created_to` not.

    `review` is the reason of an open review; `needs_review` whether there is any.
    """

    network: str | None = None
    post_id: str | None = None
    link_id: str | None = None
    creator_id: str | None = None
    status: str | None = None
    review: str | None = None
    needs_review: bool | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None


async def list_page(
    session: AsyncSession, shop: Shop, filters: Filters, limit: int, cursor: str | None
) -> tuple[list[Order], str | None]:
    """One page of the shop's orders, newest first, and the next page's cursor."""
    chosen = select(Order).where(Order.shop_id == shop.id)
    for name in ("network", "post_id", "link_id", "creator_id", "status"):
        if (value := getattr(filters, name)) is not None:
            chosen = chosen.where(getattr(Order, name) == value)
    if filters.review is not None:
        chosen = chosen.where(_open_review(filters.review))
    if filters.needs_review is not None:
        open_review = _open_review()
        chosen = chosen.where(open_review if filters.needs_review else sa.not_(open_review))
    if filters.created_from is not None:
        chosen = chosen.where(col(Order.created_at) >= filters.created_from)
    if filters.created_to is not None:
        chosen = chosen.where(col(Order.created_at) < filters.created_to)
    return await db.page(session, chosen, Order.id, limit, cursor)


def _open_review(reason: str | None = None) -> sa.ColumnElement[bool]:
    """What an order must be to have an open review, for this reason or for any."""
    mine = sa.exists().where(col(OrderReview.shop_id) == col(Order.shop_id), col(OrderReview.order_id) == col(Order.id))
    mine = mine.where(col(OrderReview.resolved_at).is_(None))
    return mine if reason is None else mine.where(col(OrderReview.reason) == reason)
