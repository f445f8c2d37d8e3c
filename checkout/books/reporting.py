"""How the books stand, in one look."""

import sqlalchemy as sa
from sqlmodel import col, select

from checkout.books import breaker, comparing, ledger, ration
from checkout.books.models import Reading
from checkout.books.schemas import BreakerOut, ReconciliationOut
from checkout.models import StripeEvent
from checkout.stripe import orphans
from core import clock
from core.db import AsyncSession
from core.shops import Shop

_DAYS, _ORPHANS = 30, 20


async def report(session: AsyncSession, shop: Shop) -> ReconciliationOut:
    """How far the shop has read in Stripe's books, and what differs."""
    counted = sa.select(
        col(StripeEvent.outcome),
        sa.func.count(),
        sa.func.max(col(StripeEvent.received_at)),
        sa.func.count(col(StripeEvent.other_version)),
    )
    mine = counted.where(col(StripeEvent.shop_id) == shop.id).group_by(col(StripeEvent.outcome))
    events = (await (await session.connection()).execute(mine)).all()
    now = clock.now()
    return ReconciliationOut.of(
        (await session.exec(select(Reading).where(Reading.shop_id == shop.id))).first(),
        max((heard_at for _, _, heard_at, _ in events), default=None),
        await ration.of(session, shop, now),
        BreakerOut.of(await breaker.of(session, shop), now),
        {outcome: count for outcome, count, _, _ in events} | {"other_version": sum(row[3] for row in events)},
        await orphans.newest(session, shop, _ORPHANS),
        await ledger.balances(session, shop),
        await comparing.days(session, shop, _DAYS),
    )
