"""How many reads Stripe grants a shop (`checkout.stripe.ration`) for what its ledger has booked."""

from datetime import datetime, timedelta

from checkout.books import ledger
from checkout.errors import PaymentProviderUnavailable, PaymentsNotConnected
from checkout.stripe import ration
from checkout.stripe.ration import Ration
from core.db import AsyncSession, Database
from core.shops import Shop

_AWAY, _NOT_CONNECTED = timedelta(minutes=1), timedelta(hours=1)


async def of(session: AsyncSession, shop: Shop, now: datetime) -> Ration:
    """What the shop has read, and may. Transactions that the ledger has not booked yet do not count."""
    return await ration.of(session, shop, await ledger.payments_since(session, shop, now - ration.WINDOW), now)


async def look_up(db: Database, shop: Shop, now: datetime) -> Ration:
    """The same, for whoever has no session open."""
    async with db.read() as session:
        return await of(session, shop, now)


async def retry_after(
    session: AsyncSession, shop: Shop, away: PaymentProviderUnavailable | PaymentsNotConnected, now: datetime
) -> timedelta:
    """After what time to ask a Stripe again that was away, or that the shop has left; later where reads must last."""
    wanted = _AWAY if isinstance(away, PaymentProviderUnavailable) else _NOT_CONNECTED
    return max(wanted, (await of(session, shop, now)).patience)
