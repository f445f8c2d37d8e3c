"""The ledger: every movement of money at Stripe as a balanced posting, written once and never changed."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlmodel import col, select

from checkout import payments
from checkout.books import failures
from checkout.books.models import LedgerEntry
from checkout.models import Checkout, Dispute, Order, Refund
from checkout.stripe.records import Movement, Source
from core import failpoints, ids
from core.db import AsyncSession, Database, insert_new
from core.logs import logger
from core.shops import Shop

# docs.stripe.com/reports/reporting-categories.
_ACCOUNTS = {
    "charge": "sales",
    "charge_failure": "sales",
    "refund": "refunds",
    "partial_capture_reversal": "refunds",
    "refund_failure": "refunds",
    "dispute": "disputes",
    "dispute_reversal": "disputes",
    "payout": "payouts",
    "payout_reversal": "payouts",
}
_BATCH = 100
_log = logger("books")


def sides(movement: Movement) -> dict[str, int]:
    """A movement as amounts by account, which add up to zero: Stripe's balance and fee, and where the rest belongs."""
    account = _ACCOUNTS.get(movement.reporting_category, "other")
    posted = {"stripe": movement.net, "fees": movement.fee, account: -movement.net - movement.fee}
    return {name: amount for name, amount in posted.items() if amount}


async def book(db: Database, shop: Shop, movements: AsyncIterator[Movement], now: datetime) -> None:
    """Write these movements into the ledger, those that stand in it once only; one that cannot be is set apart."""
    batch: list[Movement] = []
    async for each in movements:
        batch.append(each)
        if len(batch) == _BATCH:
            await _post_apart(db, shop, batch, now)
            batch = []
    if batch:
        await _post_apart(db, shop, batch, now)


async def _post_apart(db: Database, shop: Shop, movements: Sequence[Movement], now: datetime) -> None:
    """All at once, or one by one where something among them is in the way."""
    try:
        await post(db, shop, movements)
    except Exception as error:  # noqa: BLE001  # Whichever it was is found now, told and tried again.
        _log.warning("posting one by one", shop=shop.id, error=type(error).__name__)
        for each in movements:
            async with failures.apart(db, shop, "movement", each.id, now):
                await post(db, shop, [each])


async def post(db: Database, shop: Shop, movements: Sequence[Movement]) -> None:
    """Write these movements into the ledger together."""
    async with db.transaction() as session:
        for movement in movements:
            order_id = await _order(session, shop, movement)
            rows = [
                {
                    "id": ids.new("lent"),
                    "shop_id": shop.id,
                    "transaction_id": movement.id,
                    "account": account,
                    "amount": amount,
                    "currency": movement.currency.upper(),
                    "order_id": order_id,
                    "occurred_at": datetime.fromtimestamp(movement.created, UTC),
                }
                for account, amount in sides(movement).items()
            ]
            for row in rows:
                await insert_new(session, LedgerEntry, row)
    failpoints.reach("ledger.posted")


async def _order(session: AsyncSession, shop: Shop, movement: Movement) -> str | None:
    """The order behind a movement, by the payment, refund or dispute that moved it."""
    source = movement.source if isinstance(movement.source, Source) else Source(id=movement.source or "")
    if source.payment_intent and (payment := await payments.by_intent(session, shop.id, source.payment_intent)):
        # A stranger's payment names an order, and is not its money.
        order = await session.get_one(Order, payment.order_id)
        return order.id if payments.counts(payment, await session.get_one(Checkout, order.checkout_id)) else None
    by_refund = select(Refund.order_id).where(Refund.shop_id == shop.id, Refund.stripe_refund_id == source.id)
    by_dispute = select(Dispute.order_id).where(Dispute.shop_id == shop.id, Dispute.id == source.id)
    return (await session.exec(by_refund)).first() or (await session.exec(by_dispute)).first()


async def of_order(session: AsyncSession, order: Order) -> Sequence[LedgerEntry]:
    """What the ledger says of one order, in the order in which it happened."""
    rows = select(LedgerEntry).where(LedgerEntry.shop_id == order.shop_id, LedgerEntry.order_id == order.id)
    ordered = rows.order_by(col(LedgerEntry.occurred_at), col(LedgerEntry.transaction_id), col(LedgerEntry.account))
    return (await session.exec(ordered)).all()


async def balances(session: AsyncSession, shop: Shop) -> dict[tuple[str, str], int]:
    """The sum of each account by currency: all of one currency add up to zero."""
    rows = (
        sa.select(col(LedgerEntry.currency), col(LedgerEntry.account), sa.func.sum(col(LedgerEntry.amount)))
        .where(col(LedgerEntry.shop_id) == shop.id)
        .group_by(col(LedgerEntry.currency), col(LedgerEntry.account))
    )
    found = await session.core(rows)
    return {(currency, account): int(amount) for currency, account, amount in found}


async def payments_since(session: AsyncSession, shop: Shop, since: datetime) -> int:
    """How many payments the ledger has booked since then."""
    taken = sa.select(sa.func.count()).where(
        col(LedgerEntry.shop_id) == shop.id, col(LedgerEntry.account) == "sales", col(LedgerEntry.amount) < 0,
        col(LedgerEntry.occurred_at) >= since,
    )  # fmt: skip
    return int((await session.core(taken)).scalar_one())
