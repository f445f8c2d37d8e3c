"""A till that dies: one action of a shop in a process of its own, with one failpoint armed.

`python -m tests.checkout.dying DATABASE STRIPE_STATE SECRET_KEY SHOP FAILPOINT ACTION ARGUMENT`
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

from checkout import checkouts, refunds
from checkout.books import sweeping
from checkout.schemas import CheckoutItemIn, RefundCreate
from core import clock, failpoints, jobs, shops
from core.db import Database
from core.secrets import Vault
from core.settings import Settings
from tests.checkout.conftest import Till

LATER = timedelta(hours=1)


async def _start(till: Till, variant: str) -> None:
    await till.start(CheckoutItemIn(variant_id=variant), key="only-once")


async def _hear(till: Till, _: str) -> None:
    await till.control("webhooks", release=True)
    await till.hear()


async def _cancel(till: Till, checkout: str) -> None:
    await checkouts.expire(till.gateway, till.db, till.shop, checkout, clock.now())


async def _refund(till: Till, order: str) -> None:
    wish = RefundCreate(restock=True)
    await refunds.create(till.gateway, till.db, till.shop, order, wish, "only-once", clock.now())


async def _sweep(till: Till, _: str) -> None:
    await sweeping.catch_up(till.gateway, till.db, till.vault, till.shop, clock.now())


async def _watch(till: Till, _: str) -> None:
    await jobs.run_due(till.resources, clock.now() + LATER)


ACTIONS: dict[str, Callable[[Till, str], Awaitable[None]]] = {
    "start": _start,
    "hear": _hear,
    "cancel": _cancel,
    "refund": _refund,
    "sweep": _sweep,
    "watch": _watch,
}


async def _act(database: str, state: str, secret: str, shop_id: str, action: str, argument: str) -> None:
    settings = Settings(
        database_url=database, secret_keys=(secret,), stripe_api_base="http://127.0.0.1:12111", hold_minutes=31
    )
    db = Database(database)
    async with db.read() as session:
        shop = await shops.get(session, shop_id)
    till = Till(db, settings, Vault(settings.secret_keys), shop, Path(state))
    await ACTIONS[action](till, argument)
    await till.close()
    await db.close()


if __name__ == "__main__":
    failpoints.arm(sys.argv[5])
    asyncio.run(_act(*sys.argv[1:5], *sys.argv[6:8]))
