"""Which checkout a request means: the same request means the same checkout, and two at once make one."""

from datetime import datetime

from sqlmodel import col, select

from checkout.models import Checkout
from core import ids
from core.db import AsyncSession, insert_new
from core.idempotency import IdempotencyKeyReused
from core.shops import Shop


async def of_page(session: AsyncSession, shop: Shop, page: str) -> list[Checkout]:
    """Every checkout that a page which was shown has started, the oldest first."""
    rows = select(Checkout).where(Checkout.shop_id == shop.id, Checkout.page == page).order_by(col(Checkout.id))
    return list((await session.exec(rows)).all())


async def claim(
    session: AsyncSession, shop: Shop, page: str | None, key: str | None, digest: str, until: datetime, now: datetime
) -> tuple[Checkout, bool]:
    """The checkout of a request, by its page or else its key, and whether this call made it, to live `until` then.

    `digest` says what is wanted. Where Stripe has refused an earlier try, the request is tried anew.
    Refuses IdempotencyKeyReused when `key` came with something else.
    """
    if page is not None:
        earlier = [row for row in await of_page(session, shop, page) if row.digest == digest]
        living = [row for row in earlier if row.status in ("creating", "open", "complete")]
        if living:
            return living[-1], False
        new = _new(shop, f"page:{len(earlier)}:{digest[:16]}:{page}", digest, until, now, page)
        return await _insert(session, shop, new)
    name, tries = key or ids.new("req"), 0
    while True:
        new = _new(shop, f"key:{tries}:{name}", digest, until, now)
        checkout, is_new = await _insert(session, shop, new)
        if checkout.digest != digest:
            raise IdempotencyKeyReused("Use a new key for a new request.")
        if checkout.status != "refused":
            return checkout, is_new
        tries += 1


def _new(
    shop: Shop, name: str, digest: str, until: datetime, now: datetime, page: str | None = None
) -> dict[str, object]:
    return {
        "id": ids.new("chk"),
        "shop_id": shop.id,
        "order_id": ids.new("ord"),
        "key": name,
        "digest": digest,
        "page": page,
        "status": "creating",
        "stripe_key": "",
        "parameters": {},
        "expires_at": until,
        "created_at": now,
    }


async def _insert(session: AsyncSession, shop: Shop, values: dict[str, object]) -> tuple[Checkout, bool]:
    is_new = await insert_new(session, Checkout, values)
    rows = select(Checkout).where(Checkout.shop_id == shop.id, Checkout.key == values["key"])
    return (await session.exec(rows)).one(), is_new
