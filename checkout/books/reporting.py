"""How the books stand, in one look."""

import sqlalchemy as sa
from sqlmodel import col, select

from checkout.books import comparing, ledger
from checkout.books.models import Reading
from checkout.books.schemas import ReconciliationOut
from checkout.models import StripeEvent
from core.db import AsyncSession
from core.shops import Shop

_DAYS = 30


async def report(session: AsyncSession, shop: Shop) -> ReconciliationOut:
    """How far the shop has read in Stripe's books, and what differs."""
    heard = select(sa.func.max(col(StripeEvent.received_at))).where(StripeEvent.shop_id == shop.id)
    orphans = select(sa.func.count()).where(StripeEvent.shop_id == shop.id, StripeEvent.outcome == "orphan")
    return ReconciliationOut.of(
        (await session.exec(select(Reading).where(Reading.shop_id == shop.id))).first(),
        (await session.exec(heard)).first(),
        (await session.exec(orphans)).one(),
        await ledger.balances(session, shop),
        await comparing.days(session, shop, _DAYS),
    )
