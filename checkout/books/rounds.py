"""When the books are looked at: at the start of a server, and from then on by jobs of every connected shop."""

import asyncio
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import col

from checkout.books import comparing, sweeping, turns
from checkout.models import LIVING, Checkout, Order
from checkout.stripe import orphans
from checkout.stripe.client import Gateway
from core import clock, jobs, shops
from core.db import AsyncSession, Database
from core.logs import logger
from core.secrets import Vault
from core.shops import Shop

_PATIENCE = 10.0
_FIRST_COMPARISON = timedelta(minutes=5)
_log = logger("books")


async def begin(db: Database, now: datetime) -> None:
    """Give every connected shop its sweep, its daily comparison and a look at its orphans, where none waits already."""
    async with db.transaction() as session:
        for shop in await shops.connected(session):
            await begin_for(session, shop, now)


async def begin_for(session: AsyncSession, shop: Shop, now: datetime) -> None:
    """Give one shop its rounds; whoever connects it calls this."""
    await orphans.schedule(session, shop, now)
    await sweeping.schedule(session, shop, now)
    await comparing.schedule(session, shop, now + _FIRST_COMPARISON)
    if any(each.problem == turns.NOT_CONNECTED for each in await turns.all_of(session, shop)):
        # They wait for an hour, and may have been connected again.
        await jobs.move(session, sweeping.key_of(shop), now)
        await jobs.move(session, comparing.key_of(shop), now + _FIRST_COMPARISON)


class FirstRound:
    """What a server asks of Stripe before it says that it is ready: the news of those who were paying meanwhile."""

    def __init__(self, gateway: Gateway, db: Database, vault: Vault) -> None:
        self._gateway, self._db, self._vault = gateway, db, vault
        self._task: asyncio.Task[None] | None = None

    @property
    def is_done(self) -> bool:
        """Whether it has run, or had ten seconds to; a server that was never opened has nothing to ask."""
        return self._task is None or self._task.done()

    def open(self) -> None:
        """Start it beside the server."""
        self._task = asyncio.create_task(self._run())

    async def finished(self) -> None:
        """Wait for its end."""
        if self._task is not None:
            await asyncio.wait([self._task])

    async def close(self) -> None:
        """Stop it where it still runs."""
        if self._task is not None:
            self._task.cancel()
            await self.finished()

    async def _run(self) -> None:
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._catch_up()
        except Exception as error:  # noqa: BLE001  # Whatever it is, the jobs will try again: the server is for selling.
            _log.warning("first round not finished", error=type(error).__name__)

    async def _catch_up(self) -> None:
        paying = sa.union(
            sa.select(col(Checkout.shop_id)).where(LIVING),
            sa.select(col(Order.shop_id)).where(col(Order.status) == "processing"),
        )
        async with self._db.read() as session:
            every = [await shops.get(session, shop_id) for (shop_id,) in (await session.core(paying)).all()]
            found = [each for each in every if await sweeping.may_begin(session, each, clock.now())]
        for shop in found:
            try:
                await sweeping.catch_up(self._gateway, self._db, self._vault, shop, clock.now())
            except Exception as error:  # noqa: BLE001  # The others' buyers wait as well.
                _log.warning("first round failed", shop=shop.id, error=type(error).__name__)
