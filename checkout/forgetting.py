"""What tells by which tap a buyer came is forgotten after 25 months, without anybody asking for it.

The network, post and link of an order stay: they name nobody (CNIL, guidelines on audience measurement: 25 months).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from sqlmodel import col, select

from checkout import attribution, contacts, orders
from checkout.models import Order, OrderTouch
from core import jobs
from core.db import AsyncSession, Database
from core.jobs import Resources, job
from core.secrets import Vault
from core.shops import Shop

KEPT = timedelta(days=760)
_EVERY = timedelta(days=1)
_SOON = timedelta(seconds=2)
BATCH = 200
_KEY = "checkout.forget_taps"


class Forget(Struct):
    """The payload of `forget_daily`."""


async def forget_taps(db: Database, before: datetime) -> int:
    """Forget the taps of `BATCH` orders that know one from before then; of how many orders."""
    async with db.transaction() as session:
        old = select(OrderTouch.order_id).where(col(OrderTouch.at) < before, col(OrderTouch.click_id).is_not(None))
        chosen = select(Order).where(col(Order.id).in_(old.distinct().order_by(col(OrderTouch.order_id)).limit(BATCH)))
        found = (await session.exec(chosen.order_by(col(Order.id)).with_for_update())).all()
        for order in found:
            await attribution.forget(session, order)
    return len(found)


async def erase_buyer(db: Database, vault: Vault, shop: Shop, email: str, now: datetime) -> list[str]:
    """Erase every order of the shop whose buyer has this e-mail address; the ids of those orders."""
    async with db.read() as session:
        found = await contacts.orders_of(session, vault, shop, email)
    await erase_orders(db, shop, found, now)
    return found


async def erase_orders(db: Database, shop: Shop, order_ids: Sequence[str], now: datetime) -> None:
    """Forget who bought these orders and by which tap; refuses OrderNotFound before anything is erased."""
    async with db.read() as session:
        for each in order_ids:
            await orders.get(session, shop, each)
    for each in order_ids:
        async with db.transaction() as session:
            await contacts.erase(session, shop, each, now)


async def begin(session: AsyncSession) -> None:
    """Forget from now on, unless that waits already."""
    await jobs.enqueue(session, forget_daily, Forget(), key=_KEY)


@job("checkout.forget_taps", Forget)
async def forget_daily(resources: Resources, payload: Forget) -> None:
    """Forget what is too old, and come back: in a moment where there may be more of it, else tomorrow."""
    db, now = resources.get(Database), resources.now()
    whole = await forget_taps(db, now - KEPT) < BATCH
    async with db.transaction() as session:
        await jobs.enqueue(session, forget_daily, payload, key=_KEY, run_at=now + (_EVERY if whole else _SOON))
