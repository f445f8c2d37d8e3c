"""Stripe's ration of reads: what was read in thirty days, what may be, and how slowly the rest is spent.

Stripe wants at most 500 GETs for each transaction, on the average of 30 days, and leaves everybody 10,000 a month;
writes are not rationed (docs.stripe.com/rate-limits). Every attempt of every read counts, whoever made it, and is
counted before it is sent. What only looks for news slows down once half of its share is spent, and then so that the
rest lasts; what protects money (sessions whose time is over, refunds, the lines of an order) has the rest for itself
and is never refused.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import col

from checkout.stripe.models import StripeReads
from core import clock
from core.db import AsyncSession, Database, insert_new, table_of
from core.shops import Shop

WINDOW = timedelta(days=30)
LEAST, PER_TRANSACTION = 10_000, 500
LONGEST = timedelta(hours=6)
"""However little is left, news are looked for as often as this, a page at a time."""
_PATIENCE = timedelta(hours=1)


class Ration(NamedTuple):
    """Reads of a shop in thirty days: how many were `spent`, and to how many it is `entitled`."""

    spent: int
    entitled: int

    @property
    def share(self) -> int:
        """What may be spent on looking for news."""
        return self.entitled * 4 // 5

    @property
    def left(self) -> int:
        """What is left of that share."""
        return max(0, self.share - self.spent)

    @property
    def is_slowed(self) -> bool:
        """Whether so much of the share is spent that the rest has to last."""
        return 2 * self.spent > self.share

    @property
    def pages(self) -> int:
        """How many pages one list may be read on before others get their turn."""
        return max(1, self.left // 10)

    def pause(self, wanted: timedelta, cost: int = 1) -> timedelta:
        """How long to wait before the next look where this one has cost so many reads, and such a pause was `wanted`.

        Going on like this, what is left lasts for another thirty days.
        """
        if not self.is_slowed:
            return wanted
        lasting = WINDOW * max(1, cost) / self.left if self.left else LONGEST
        return max(wanted, min(lasting, LONGEST))

    @property
    def patience(self) -> timedelta:
        """How much longer a session whose time is over waits for the sweep to bring what became of it, a page at once
        with others, before Stripe is asked about it alone."""
        return min(self.pause(timedelta(0)), _PATIENCE)


_ADD = (
    sa.update(table_of(StripeReads))
    .where(col(StripeReads.shop_id) == sa.bindparam("shop"), col(StripeReads.day) == sa.bindparam("on"))
    .values(reads=col(StripeReads.reads) + 1)
)


async def count(db: Database, shop_id: str) -> None:
    """One read of this shop's is about to be sent."""
    today = clock.now().date()
    mine = {"shop": shop_id, "on": today}
    async with db.transaction() as session:
        if not (await session.core(_ADD, mine)).rowcount:  # The day's first.
            await insert_new(session, StripeReads, {"shop_id": shop_id, "day": today, "reads": 0})
            await session.core(_ADD, mine)


async def of(session: AsyncSession, shop: Shop, transactions: int, now: datetime) -> Ration:
    """What the shop has read, and may after so many `transactions` in the same time (`checkout.books.allowance`).

    Whole days are counted, so that a little more counts as spent than Stripe counts.
    """
    read = sa.select(sa.func.sum(col(StripeReads.reads))).where(
        col(StripeReads.shop_id) == shop.id, col(StripeReads.day) >= (now - WINDOW).date()
    )
    spent = (await session.core(read)).scalar_one()
    return Ration(spent=int(spent or 0), entitled=max(LEAST, PER_TRANSACTION * transactions))


async def forget(session: AsyncSession, shop: Shop, now: datetime) -> None:
    """Forget the counts of days that count no more."""
    old = sa.delete(table_of(StripeReads)).where(
        col(StripeReads.shop_id) == shop.id, col(StripeReads.day) < (now - 2 * WINDOW).date()
    )
    await session.core(old)
