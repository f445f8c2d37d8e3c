"""Refunds and disputes as we know them, beside what the ledger says of the same orders."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col, select

from checkout import facts, payments
from checkout.books.models import LedgerEntry
from checkout.models import Dispute, Order, Refund
from core.db import AsyncSession
from core.shops import Shop

_ACCOUNTS = ("refunds", "disputes")
_WITHDRAWN = ("needs_response", "under_review", "appeal_needs_response", "appeal_under_review", "lost")


async def differences(session: AsyncSession, shop: Shop, start: datetime, end: datetime) -> list[dict[str, object]]:
    """Orders of which money went back in the time, by one of the books, and not as much by the other.

    What a bank has not decided yet may stand in the ledger or not.
    """
    rows = select(Order).where(Order.shop_id == shop.id, col(Order.id).in_(await _moved(session, shop, start, end)))
    concerned = (await session.exec(rows.order_by(col(Order.id)))).all()
    theirs = await _theirs(session, shop, [order.id for order in concerned])
    found: list[dict[str, object]] = []
    for order in concerned:
        for account, (least, most) in (await _ours(session, order)).items():
            booked = theirs.get((order.id, account, order.currency), 0)
            elsewhere = any(key[:2] == (order.id, account) and key[2] != order.currency for key in theirs)
            if not (elsewhere or least <= booked <= most):
                ours = least if booked < least else most
                found.append(
                    {
                        "order_id": order.id,
                        "account": account,
                        "ours": ours,
                        "stripes": booked,
                        "currency": order.currency,
                    }
                )
    return found


async def _moved(session: AsyncSession, shop: Shop, start: datetime, end: datetime) -> list[str]:
    """The orders whose refunds or disputes moved in the time, in our book or in the ledger."""
    moved: sa.CompoundSelect[tuple[str]] = sa.union(
        sa.select(col(LedgerEntry.order_id)).where(
            col(LedgerEntry.shop_id) == shop.id, col(LedgerEntry.account).in_(_ACCOUNTS),
            col(LedgerEntry.order_id).is_not(None),
            col(LedgerEntry.occurred_at) >= start, col(LedgerEntry.occurred_at) < end,
        ),
        sa.select(col(Refund.order_id)).where(
            col(Refund.shop_id) == shop.id, col(Refund.created_at) >= start, col(Refund.created_at) < end
        ),
        sa.select(col(Dispute.order_id)).where(
            col(Dispute.shop_id) == shop.id, col(Dispute.created_at) >= start, col(Dispute.created_at) < end
        ),
    )  # fmt: skip
    return [order_id for (order_id,) in (await session.core(moved)).all()]


async def _theirs(session: AsyncSession, shop: Shop, order_ids: Sequence[str]) -> dict[tuple[str, str, str], int]:
    """What the ledger says went back of these orders, by account and currency."""
    rows = (
        sa.select(
            col(LedgerEntry.order_id),
            col(LedgerEntry.account),
            col(LedgerEntry.currency),
            sa.func.sum(col(LedgerEntry.amount)),
        )
        .where(col(LedgerEntry.shop_id) == shop.id, col(LedgerEntry.account).in_(_ACCOUNTS))
        .where(col(LedgerEntry.order_id).in_(order_ids))
        .group_by(col(LedgerEntry.order_id), col(LedgerEntry.account), col(LedgerEntry.currency))
    )
    return {(row[0], row[1], row[2]): int(row[3]) for row in (await session.core(rows)).all()}


async def _ours(session: AsyncSession, order: Order) -> dict[str, tuple[int, int]]:
    """What we know went back, at least and at most, by account; a stranger's payment is not the order's money."""
    checkout, known = await payments.sessions_of(session, order)
    own = {None, *(each.session_id for each in known if payments.counts(each, checkout))}
    refunds = (await session.exec(select(Refund).where(Refund.order_id == order.id))).all()
    made = [each for each in refunds if each.stripe_refund_id and each.session_id in own]
    asked = (await session.exec(select(Dispute).where(Dispute.order_id == order.id))).all()
    disputes = [each for each in asked if each.session_id in own and each.status in _WITHDRAWN]
    found = {
        "refunds": (
            sum(each.amount for each in made if each.status == "succeeded"),
            sum(each.amount for each in made if facts.is_going_back(each.status)),
        ),
        "disputes": (
            sum(each.amount for each in disputes if each.status == "lost"),
            sum(each.amount for each in disputes),
        ),
    }
    if any(each.currency != order.currency for each in disputes):
        del found["disputes"]  # The bank's currency says nothing of ours.
    return found
