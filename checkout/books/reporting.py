"""How the books stand, in one look."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col

from checkout.books import allowance, comparing, failures, ledger, turns
from checkout.books.models import Reading
from checkout.books.schemas import (
    BalanceOut,
    BreakerOut,
    EventCountsOut,
    FailureOut,
    OrphanOut,
    ReadsOut,
    ReconciledDayOut,
    ReconciliationOut,
    RoundOut,
    SetApartOut,
)
from checkout.models import StripeEvent
from checkout.stripe import breaker, orphans
from core.db import AsyncSession
from core.shops import Shop

_DAYS, _ORPHANS, _FAILURES = 30, 20, 20


async def report(session: AsyncSession, shop: Shop, now: datetime) -> ReconciliationOut:
    """How far the shop has read in Stripe's books, what differs, and how asking Stripe stands `now`."""
    counted = sa.select(
        col(StripeEvent.outcome),
        sa.func.count(),
        sa.func.max(col(StripeEvent.received_at)),
        sa.func.count(col(StripeEvent.other_version)),
    )
    mine = counted.where(col(StripeEvent.shop_id) == shop.id).group_by(col(StripeEvent.outcome))
    events = (await (await session.connection()).execute(mine)).all()
    reading = await session.get(Reading, shop.id)
    count, apart = await failures.newest(session, shop, _FAILURES)
    outcomes = {outcome: number for outcome, number, _, _ in events} | {"other_version": sum(row[3] for row in events)}
    return ReconciliationOut(
        swept_at=reading.swept_at if reading else None,
        heard_at=max((heard_at for _, _, heard_at, _ in events), default=None),
        recovered=reading.recovered if reading else 0,
        rounds=[RoundOut.of(each) for each in await turns.all_of(session, shop)],
        set_apart=SetApartOut(count=count, newest=[FailureOut.of(each) for each in apart]),
        reads=ReadsOut.of(await allowance.of(session, shop, now)),
        breaker=BreakerOut.of(await breaker.of(session, shop), now),
        events=EventCountsOut(**{name: outcomes.get(name, 0) for name in EventCountsOut.__struct_fields__}),
        orphans=[OrphanOut.of(each) for each in await orphans.newest(session, shop, _ORPHANS)],
        balances=[
            BalanceOut(account=account, amount=amount, currency=currency)  # type: ignore[arg-type]  # A CHECK holds it.
            for (currency, account), amount in sorted((await ledger.balances(session, shop)).items())
        ],
        days=[ReconciledDayOut.of(each) for each in await comparing.days(session, shop, _DAYS)],
    )
