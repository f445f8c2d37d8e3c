"""The daily comparison: every session and every cent of a day, ours beside Stripe's."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

import msgspec
import sqlalchemy as sa
from sqlmodel import col, select

from checkout.books import allowance, failures, ledger, overdue, repairing, reversals, sweeping, turns
from checkout.books.models import LedgerEntry, ReconciledDay
from checkout.books.turns import Tools
from checkout.models import Checkout, Order, OrderReview, Payment
from checkout.stripe import events, ration, records
from checkout.stripe.client import Gateway
from checkout.stripe.records import Pages
from core import jobs, shops
from core.db import AsyncSession, Database
from core.jobs import Resources
from core.logs import logger
from core.secrets import Vault
from core.shops import Shop

_HOUR = time(3, 30, tzinfo=UTC)
_DAY = timedelta(days=1)
_AGAIN = timedelta(hours=1)
_SHOWN = 100
# For each list: a job has less than a minute.
_SECONDS = 15.0
_log = logger("books")


class Compare(msgspec.Struct):
    """The payload of `compare_yesterday`."""

    shop_id: str


async def compare(gateway: Gateway, db: Database, vault: Vault, shop: Shop, day: date, now: datetime) -> ReconciledDay:
    """Put a UTC day's orders beside Stripe's sessions and balance; take in what was missed, and say what differs.

    Refuses what `call` refuses.
    """
    start = datetime.combine(day, time(), UTC)
    await sweeping.catch_up(gateway, db, vault, shop, now)
    most = (await allowance.look_up(db, shop, now)).pages
    opened, repaired = Pages(most, seconds=_SECONDS), 0
    async for news in records.sessions(gateway, shop, start, start + _DAY, opened):
        async with failures.apart(db, shop, "session", news.id, now):
            repaired += await repairing.repair(db, vault, shop, news, now)
    await failures.write(db, shop, "session", opened.unreadable, failures.UNREADABLE, now)
    moved = Pages(most, seconds=_SECONDS)
    await ledger.book(db, shop, records.movements(gateway, shop, start - timedelta(hours=1), moved), now)
    await failures.write(db, shop, "movement", moved.unreadable, failures.UNREADABLE, now)
    await _ask_again(gateway, db, shop, start, start + _DAY, now)
    complete = not (opened.is_cut or moved.is_cut)
    async with db.transaction() as session:
        found = await _judge(session, shop, start, start + _DAY)
        row = ReconciledDay(
            shop_id=shop.id, day=day, repaired=repaired, complete=complete, checked_at=now,
            **found,  # type: ignore[arg-type]  # Named like the columns.
        )  # fmt: skip
        row = await session.merge(row)
    if row.differences:
        _log.error("books differ", shop=shop.id, day=str(day), count=len(row.differences))
    return row


async def _judge(session: AsyncSession, shop: Shop, start: datetime, end: datetime) -> dict[str, object]:
    """The paid orders of the time beside the ledger's sales, the sales of others, and what went back in it."""
    paid = select(Order.id, Order.amount_paid, Order.currency).where(
        Order.shop_id == shop.id, col(Order.paid_at) >= start, col(Order.paid_at) < end, Order.amount_paid > 0
    )
    ours = (await session.exec(paid)).all()
    taken = await _taken(session, shop, [order_id for order_id, _, _ in ours])
    differences: list[dict[str, object]] = []
    for order_id, amount, currency in ours:
        theirs = taken.get((order_id, currency), 0)
        if theirs != amount and not any(known == order_id and other != currency for known, other in taken):
            differences.append({"order_id": order_id, "ours": amount, "stripes": theirs, "currency": currency})
    for order, amount, currency in await _unpaid(session, shop, start, end):
        differences.append({"order_id": order.id, "ours": 0, "stripes": amount, "currency": currency})
    differences += await reversals.differences(session, shop, start, end)
    differences += await _unknown(session, shop, start, end)
    return {
        "orders": len(ours),
        "amount": sum(amount for _, amount, _ in ours),
        "amount_stripe": sum(taken.get((order_id, currency), 0) for order_id, _, currency in ours),
        "differences": differences[:_SHOWN],
    }


async def _taken(session: AsyncSession, shop: Shop, order_ids: Sequence[str]) -> dict[tuple[str, str], int]:
    """What the ledger says was taken for these orders, less the further payments that their reviews tell of."""
    booked = (
        sa.select(col(LedgerEntry.order_id), col(LedgerEntry.currency), sa.func.sum(col(LedgerEntry.amount)))
        .where(col(LedgerEntry.shop_id) == shop.id, col(LedgerEntry.account) == "sales")
        .where(col(LedgerEntry.order_id).in_(order_ids))
        .group_by(col(LedgerEntry.order_id), col(LedgerEntry.currency))
    )
    again = (
        sa.select(col(Payment.order_id), col(Payment.currency), sa.func.sum(col(Payment.amount_total)))
        .join(
            OrderReview,
            sa.and_(
                col(OrderReview.order_id) == col(Payment.order_id), col(OrderReview.about) == col(Payment.session_id)
            ),
        )
        .where(col(OrderReview.reason) == "duplicate-payment", col(Payment.order_id).in_(order_ids))
        .group_by(col(Payment.order_id), col(Payment.currency))
    )
    taken = {(order_id, currency): -int(amount) for order_id, currency, amount in await session.core(booked)}
    for order_id, currency, amount in await session.core(again):
        taken[order_id, currency] = taken.get((order_id, currency), 0) - int(amount)
    return taken


async def _unpaid(session: AsyncSession, shop: Shop, start: datetime, end: datetime) -> list[tuple[Order, int, str]]:
    """The orders that are not paid and of which the ledger has sales in the time, and what it has of each in all."""
    moved = select(LedgerEntry.order_id).where(
        LedgerEntry.shop_id == shop.id, LedgerEntry.account == "sales",
        LedgerEntry.occurred_at >= start, LedgerEntry.occurred_at < end,
    )  # fmt: skip
    rows = select(Order).where(Order.shop_id == shop.id, Order.amount_paid == 0, col(Order.id).in_(moved))
    found = {order.id: order for order in (await session.exec(rows.order_by(col(Order.id)))).all()}
    taken = await _taken(session, shop, list(found))
    return [(found[order_id], amount, currency) for (order_id, currency), amount in taken.items() if amount]


async def _ask_again(gateway: Gateway, db: Database, shop: Shop, start: datetime, end: datetime, now: datetime) -> None:
    """Ask Stripe about those before anything is said of them: it may be that nobody told us."""
    async with db.read() as session:
        unpaid = [order.checkout_id for order, _, _ in await _unpaid(session, shop, start, end)]
        rows = select(Checkout).where(col(Checkout.id).in_(unpaid)).order_by(col(Checkout.id))
        found = (await session.exec(rows.limit(overdue.AT_ONCE))).all()
    for checkout in found:
        await overdue.ask_after(gateway, db, shop, checkout, now)


async def _unknown(session: AsyncSession, shop: Shop, start: datetime, end: datetime) -> list[dict[str, object]]:
    """Money that Stripe took in the time and that belongs to no order of ours."""
    rows = select(LedgerEntry).where(
        LedgerEntry.shop_id == shop.id, LedgerEntry.account == "sales", col(LedgerEntry.order_id).is_(None),
        LedgerEntry.occurred_at >= start, LedgerEntry.occurred_at < end,
    )  # fmt: skip
    return [
        {"transaction_id": each.transaction_id, "ours": 0, "stripes": -each.amount, "currency": each.currency}
        for each in (await session.exec(rows)).all()
    ]


@jobs.job("books.compare", Compare, lasting=True)
async def compare_yesterday(resources: Resources, payload: Compare) -> None:
    """Compare the day that has ended, forget what nobody needs any more, and come back tomorrow; in an hour where that
    failed, whatever was the matter."""
    gateway, db, vault, now = Tools.of(resources)
    async with db.read() as session:
        shop = await shops.get(session, payload.shop_id)
        before = await allowance.of(session, shop, now)
    again = datetime.combine(now.date(), _HOUR)
    again = again if again > now else again + _DAY
    yesterday = now.date() - _DAY
    failed = await turns.take(db, shop, "comparison", now, lambda: compare(gateway, db, vault, shop, yesterday, now))
    if failed is not None:
        after = await allowance.look_up(db, shop, now)
        again = now + after.pause(_AGAIN, after.spent - before.spent)
    async with db.transaction() as session:
        await events.purge(session, shop, now)
        await ration.forget(session, shop, now)
        await schedule(session, shop, again)


def key_of(shop: Shop) -> str:
    """The key of the shop's next comparison."""
    return f"books.compare {shop.id}"


async def schedule(session: AsyncSession, shop: Shop, at: datetime) -> None:
    """Let the shop's next comparison run then, where none waits already."""
    key = key_of(shop)
    await jobs.enqueue(session, compare_yesterday, Compare(shop.id), shop_id=shop.id, run_at=at, key=key)


async def days(session: AsyncSession, shop: Shop, limit: int) -> Sequence[ReconciledDay]:
    """The last days that were compared, newest first."""
    rows = select(ReconciledDay).where(ReconciledDay.shop_id == shop.id).order_by(col(ReconciledDay.day).desc())
    return (await session.exec(rows.limit(limit))).all()
