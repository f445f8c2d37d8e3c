"""What was set apart (`checkout.books.failures`), fetched from Stripe and tried again."""

from datetime import datetime

import msgspec

from checkout import checkouts
from checkout.books import allowance, failures, ledger, repairing
from checkout.books.models import ReadingFailure
from checkout.stripe import events, records, sessions
from checkout.stripe.client import Gateway
from core.db import Database
from core.secrets import Vault
from core.shops import Shop

_AT_ONCE = 5


async def retry(gateway: Gateway, db: Database, vault: Vault, shop: Shop, now: datetime) -> None:
    """Try those again that are due, a few at once, as the ration allows it."""
    async with db.read() as session:
        if not (await allowance.of(session, shop, now)).left:
            return
        found = await failures.due(session, shop, now, _AT_ONCE)
    for each in found:
        async with failures.apart(db, shop, each.kind, each.object_id, now):  # type: ignore[arg-type]  # Written by us.
            await _try(gateway, db, vault, shop, each, now)
            async with db.transaction() as session:
                await failures.clear(session, shop, each)


async def _try(
    gateway: Gateway, db: Database, vault: Vault, shop: Shop, failure: ReadingFailure, now: datetime
) -> None:
    match failure.kind:
        case "event":
            found = await records.event(gateway, shop, failure.object_id)
            await events.recover(db, vault, shop, msgspec.json.encode(found), now)
        case "movement":
            await ledger.post(db, shop, [await records.movement(gateway, shop, failure.object_id)])
        case "session":
            news = await sessions.retrieve(gateway, shop, failure.object_id)
            await repairing.repair(db, vault, shop, news, now)
        case _:
            async with db.read() as session:
                checkout = await checkouts.get(session, shop, failure.object_id)
            await checkouts.look_up(gateway, db, shop, checkout, now)
