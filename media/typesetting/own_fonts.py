"""A shop's own fonts: tried once in a picture child, kept beside its pictures, and drawn with as its kit says."""

import hashlib

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, func, select

from core import clock, ids
from core.db import AsyncSession, Database
from core.shops import Shop
from media import quota
from media.errors import FontArchived, FontNotFound, TooManyFonts, UnknownFont
from media.models import ShopFont
from media.pool import PicturePool
from media.storage.storage import Storage, new_key

MOST = 20


async def store(db: Database, storage: Storage, pool: PicturePool, shop: Shop, data: bytes) -> ShopFont:
    """Keep a font file; the same bytes again give the font that is there already, and bring back an archived one.

    Trying and writing happen outside of any transaction. Refuses what `PicturePool.open_font` refuses, TooManyFonts,
    StorageQuotaReached, StorageUnavailable.
    """
    digest = hashlib.sha256(data).hexdigest()
    async with db.read() as session:
        known = await _uploaded(session, shop, digest)
        if known is not None and known.archived_at is None:
            return known
        await _check_room(session, shop)
        if known is None:
            await quota.check(session, shop, pool.limits.shop_bytes, len(data), clock.now())
    if known is None:
        found = await pool.open_font(data)
        kept = await storage.put(new_key("f", shop.id, digest, extension="font"), data)
        now = clock.now()
        known = ShopFont(
            id=ids.new("font"),
            shop_id=shop.id,
            sha256=digest,
            storage_key=kept.key,
            bytes=len(data),
            name=found.name,
            lightest=found.lightest,
            boldest=found.boldest,
            scripts=list(found.scripts),
            restricted=found.restricted,
            created_at=now,
            updated_at=now,
        )
    async with db.transaction() as session:
        return await _keep(session, shop, known)


async def get(session: AsyncSession, shop: Shop, font_id: str) -> ShopFont:
    """One font, archived or not; refuses FontNotFound, also for another shop's."""
    row = (await session.exec(select(ShopFont).where(ShopFont.shop_id == shop.id, ShopFont.id == font_id))).first()
    if row is None:
        raise FontNotFound
    return row


async def all_living(session: AsyncSession, shop: Shop) -> list[ShopFont]:
    """The fonts that are not archived, newest first; there are at most twenty."""
    chosen = select(ShopFont).where(ShopFont.shop_id == shop.id, col(ShopFont.archived_at).is_(None))
    return list((await session.exec(chosen.order_by(col(ShopFont.id).desc()))).all())


async def archive(session: AsyncSession, shop: Shop, font_id: str) -> None:
    """Put the font away: nothing is drawn with it any more, and what was drawn stays. Twice is as good as once.

    Refuses FontNotFound.
    """
    chosen = select(ShopFont).where(ShopFont.shop_id == shop.id, ShopFont.id == font_id).with_for_update()
    row = (await session.exec(chosen.execution_options(populate_existing=True))).first()
    if row is None:
        raise FontNotFound
    if row.archived_at is None:
        await _set(session, row, archived=True)


async def check(session: AsyncSession, shop: Shop, font_id: str) -> None:
    """Refuses UnknownFont and FontArchived for what a kit cannot name."""
    try:
        row = await get(session, shop, font_id)
    except FontNotFound:
        raise UnknownFont(f"There is no font {font_id}.", font_id=font_id) from None
    if row.archived_at is not None:
        raise FontArchived(f"The font {row.name} was archived.", font_id=font_id)


async def living(session: AsyncSession, shop: Shop, font_id: str | None) -> ShopFont | None:
    """The font that a kit names, None where it names none, or one that was archived since."""
    if font_id is None:
        return None
    chosen = select(ShopFont).where(ShopFont.shop_id == shop.id, ShopFont.id == font_id)
    return (await session.exec(chosen.where(col(ShopFont.archived_at).is_(None)))).first()


async def _check_room(session: AsyncSession, shop: Shop) -> None:
    chosen = select(func.count()).where(ShopFont.shop_id == shop.id, col(ShopFont.archived_at).is_(None))
    if (await session.exec(chosen)).one() >= MOST:
        raise TooManyFonts(f"A shop has at most {MOST} fonts.", limit=MOST)


async def _uploaded(session: AsyncSession, shop: Shop, digest: str) -> ShopFont | None:
    found = await session.exec(select(ShopFont).where(ShopFont.shop_id == shop.id, ShopFont.sha256 == digest))
    return found.first()


async def _keep(session: AsyncSession, shop: Shop, wanted: ShopFont) -> ShopFont:
    """The one row of these bytes: the one that is there, else this one; somebody may insert it at the same time."""
    row = await _uploaded(session, shop, wanted.sha256)
    if row is None:
        try:
            async with session.begin_nested():
                session.add(wanted)
            return wanted
        except IntegrityError:
            row = await _uploaded(session, shop, wanted.sha256)
            if row is None:
                raise
    if row.archived_at is not None:
        await _set(session, row, archived=False)
    return row


async def _set(session: AsyncSession, row: ShopFont, *, archived: bool) -> None:
    row.updated_at = clock.now()
    row.archived_at, row.version = row.updated_at if archived else None, row.version + 1
    session.add(row)
    await session.flush()
