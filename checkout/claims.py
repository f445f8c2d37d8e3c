"""Which checkout a request means: the same request means the same checkout, and two at once make one."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col, select

from checkout.models import LIVING_STATUSES, Checkout
from core import ids
from core.db import AsyncSession, insert_new, row_of
from core.idempotency import KEPT, IdempotencyKeyReused
from core.shops import Shop

_BY_KEY = select(Checkout).where(Checkout.shop_id == sa.bindparam("shop"), Checkout.key == sa.bindparam("key"))


async def of_page(session: AsyncSession, shop: Shop, page: str) -> list[Checkout]:
    """Every checkout that a page which was shown has started, the oldest first."""
    rows = select(Checkout).where(Checkout.shop_id == shop.id, Checkout.page == page).order_by(col(Checkout.id))
    return list((await session.exec(rows)).all())


async def claim(
    session: AsyncSession, shop: Shop, page: str | None, key: str | None, digest: str, until: datetime, now: datetime
) -> tuple[Checkout, bool]:
    """The checkout of a request, by its page or else its key, and whether this call made it, to live `until` then.

    The new one is no part of the session: who fills its row, writes it.

    `digest` says what is wanted. A page has one checkout at a time that can be paid: where that is of another digest,
    it has to end before there can be a new one. A key is tried anew where Stripe has refused an earlier try, or its
    checkout has ended before anybody was answered; what came more than a day ago is forgotten, as the key's answer is.
    Refuses IdempotencyKeyReused when `key` came with something else.
    """
    while page is not None:
        known = await of_page(session, shop, page)
        mine = [row for row in known if row.digest == digest]
        living = [row for row in known if row.status in LIVING_STATUSES]
        living = living or [row for row in mine if row.status == "complete"]
        if living:
            return living[-1], False
        new = _new(shop, f"page:{len(mine)}:{digest[:16]}:{page}", digest, until, now, page)
        if await insert_new(session, Checkout, row_of(new)):
            return new, True
    name, tries = key or ids.new("req"), 0
    while True:
        new = _new(shop, f"key:{tries}:{name}", digest, until, now)
        checkout, is_new = await _insert(session, shop, new)
        if is_new or checkout.created_at > now - KEPT:
            if checkout.digest != digest:
                raise IdempotencyKeyReused("Use a new key for a new request.")
            if checkout.status not in ("refused", "expired"):
                return checkout, is_new
        tries += 1


def _new(shop: Shop, name: str, digest: str, until: datetime, now: datetime, page: str | None = None) -> Checkout:
    return Checkout(
        id=ids.new("chk"), shop_id=shop.id, order_id=ids.new("ord"), key=name, digest=digest, page=page,
        stripe_key="", parameters={}, expires_at=until, created_at=now,
    )  # fmt: skip


async def _insert(session: AsyncSession, shop: Shop, new: Checkout) -> tuple[Checkout, bool]:
    if await insert_new(session, Checkout, row_of(new)):
        return new, True
    return (await session.exec(_BY_KEY, params={"shop": shop.id, "key": new.key})).one(), False
