"""Assets: a merchant's pictures, kept once however often they are sent."""

import hashlib
from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from core import clock, failpoints, ids
from core.db import AsyncSession, Database, page, table_of
from core.errors import expect
from core.shops import Shop
from core.statements import Several
from core.wire import UNSET
from media import quota
from media.errors import AssetNotFound, UnknownAsset
from media.frame import Area
from media.intake import Master
from media.models import Asset
from media.pool import PicturePool
from media.schemas import AssetChange
from media.storage.storage import Storage, new_key
from media.traits import likeness
from media.traits.likeness import Similar
from media.traits.traits import Traits


async def store(
    db: Database,
    storage: Storage,
    pool: PicturePool,
    shop: Shop,
    data: bytes,
    alt_text: str = "",
    *,
    announced: bool = False,
) -> Asset:
    """Keep an uploaded picture and give its asset; the same bytes again give the asset that is there already.

    An archived asset comes back; an alt text is taken where there was none. Decoding and writing happen outside of any
    transaction: a crash in between leaves at most a file that the next upload of the same bytes overwrites.
    What was `announced` has its room already. Refuses what `PicturePool.open_picture` refuses, StorageQuotaReached,
    StorageUnavailable.
    """
    digest = hashlib.sha256(data).hexdigest()
    async with db.read() as session:
        known = await _uploaded(session, shop, digest)
        if known is None and not announced:
            await quota.check(session, shop, pool.limits.shop_bytes, len(data), clock.now())
    if known is not None and known.archived_at is None and (known.alt_text or not alt_text):
        return known
    if known is None:
        master = await pool.open_picture(data)
        content = hashlib.sha256(master.data).hexdigest()
        kept = await storage.put(new_key("m", shop.id, digest, content), master.data)
        failpoints.reach("asset_put")
        known = _row(shop, digest, content, kept.key, master)
        async with db.read() as session:
            alike = await likeness.near(session, shop, master.traits)
        known.warnings += [likeness.warning(each) for each in alike[:1]]
    async with db.transaction() as session:
        return await _keep(session, shop, known, alt_text)


async def get(session: AsyncSession, shop: Shop, asset_id: str) -> Asset:
    """One asset, archived or not; refuses AssetNotFound."""
    found = await session.exec(select(Asset).where(Asset.id == asset_id, Asset.shop_id == shop.id))
    asset = found.first()
    if asset is None:
        raise AssetNotFound
    return asset


def traits(asset: Asset) -> Traits:
    """What was measured of the picture when it came in."""
    return msgspec.convert(asset.traits, Traits)


def subject(asset: Asset) -> Area | None:
    """Where the product is; None where nothing stands out, or where the merchant's focal point says otherwise."""
    found = traits(asset).subject
    if found is None:
        return None
    inside = found.left <= asset.focal_x <= found.right and found.top <= asset.focal_y <= found.bottom
    return found if inside else None


class Shown(NamedTuple):
    """What a page shows of a master picture."""

    storage_key: str
    width: int
    height: int
    alt_text: str
    focal_x: float
    focal_y: float


_ASSETS = Several("asset", 8)
_SHOWN = sa.select(col(Asset.id), *(table_of(Asset).c[name] for name in Shown._fields)).where(
    col(Asset.id).in_(_ASSETS.parameters), col(Asset.shop_id) == sa.bindparam("shop")
)


async def shown(session: AsyncSession, shop: Shop, asset_ids: Collection[str]) -> dict[str, Shown]:
    """These assets for a page, archived or not; one that is not there is not in the answer."""
    found = {}
    for some in _ASSETS.values(asset_ids):
        for asset_id, *facts in await session.rows(_SHOWN, {**some, "shop": shop.id}):
            found[asset_id] = Shown(*facts)
    return found


async def named(session: AsyncSession, shop: Shop, asset_id: str) -> Asset:
    """The asset that a request's body names; refuses UnknownAsset."""
    try:
        return await get(session, shop, asset_id)
    except AssetNotFound:
        raise UnknownAsset(f"There is no asset {asset_id}.", asset_id=asset_id) from None


async def living(session: AsyncSession, shop: Shop, asset_id: str) -> Asset | None:
    """The asset, None where it was archived or is not there."""
    chosen = select(Asset).where(Asset.id == asset_id, Asset.shop_id == shop.id, col(Asset.archived_at).is_(None))
    return (await session.exec(chosen)).first()


async def similar(session: AsyncSession, shop: Shop, asset_id: str) -> list[Similar]:
    """The near-duplicates of an asset that are not archived, the nearest first, at most 20. Refuses AssetNotFound."""
    asset = await get(session, shop, asset_id)
    return await likeness.near(session, shop, traits(asset), but=asset.id)


async def list_page(
    session: AsyncSession, shop: Shop, limit: int, cursor: str | None
) -> tuple[list[Asset], str | None]:
    """One page of the assets that are not archived, newest first, and the next page's cursor."""
    chosen = select(Asset).where(Asset.shop_id == shop.id, col(Asset.archived_at).is_(None))
    return await page(session, chosen, Asset.id, limit, cursor)


async def change(session: AsyncSession, shop: Shop, asset_id: str, data: AssetChange, version: int | None) -> Asset:
    """Set the alt text or the focal point; visuals made before stay as they are. None is any version.

    A focal point of None is the one that was found, again.

    Refuses AssetNotFound, PreconditionFailed.
    """
    asset = await _lock(session, shop, asset_id)
    expect(asset.version, version)
    if data.alt_text is not UNSET:
        asset.alt_text = data.alt_text
    if data.focal_point is not UNSET:
        wanted = traits(asset).focal if data.focal_point is None else data.focal_point
        asset.focal_x, asset.focal_y = wanted.x, wanted.y
        asset.focal_source = "found" if data.focal_point is None else "set"
    _touch(asset, clock.now())
    session.add(asset)
    await session.flush()
    return asset


async def archive(session: AsyncSession, shop: Shop, asset_id: str) -> Asset:
    """Take an asset out of the lists; what was made of it stays. Twice is as good as once. Refuses AssetNotFound."""
    asset = await _lock(session, shop, asset_id)
    if asset.archived_at is None:
        asset.archived_at = clock.now()
        _touch(asset, asset.archived_at)
        session.add(asset)
        await session.flush()
    return asset


async def _lock(session: AsyncSession, shop: Shop, asset_id: str) -> Asset:
    statement = select(Asset).where(Asset.id == asset_id, Asset.shop_id == shop.id).with_for_update()
    asset = (await session.exec(statement)).first()
    if asset is None:
        raise AssetNotFound
    return asset


async def _uploaded(session: AsyncSession, shop: Shop, digest: str) -> Asset | None:
    found = await session.exec(select(Asset).where(Asset.shop_id == shop.id, Asset.sha256 == digest))
    return found.first()


async def _keep(session: AsyncSession, shop: Shop, wanted: Asset, alt_text: str) -> Asset:
    """The one row of these bytes: the one that is there, else this one; somebody may insert it at the same time."""
    asset = await _uploaded(session, shop, wanted.sha256)
    if asset is None:
        wanted.alt_text = alt_text
        try:
            async with session.begin_nested():
                session.add(wanted)
                await session.flush()
                likeness.remember(session, wanted)
            return wanted
        except IntegrityError:
            asset = await _uploaded(session, shop, wanted.sha256)
            if asset is None:
                raise
    if asset.archived_at is not None or (alt_text and not asset.alt_text):
        asset.archived_at = None
        asset.alt_text = asset.alt_text or alt_text
        _touch(asset, clock.now())
        session.add(asset)
        await session.flush()
    return asset


def _row(shop: Shop, digest: str, content: str, key: str, master: Master) -> Asset:
    now = clock.now()
    return Asset(
        id=ids.new("asset"),
        shop_id=shop.id,
        sha256=digest,
        content_sha256=content,
        storage_key=key,
        width=master.width,
        height=master.height,
        bytes=len(master.data),
        focal_x=master.traits.focal.x,
        focal_y=master.traits.focal.y,
        traits=msgspec.to_builtins(master.traits),
        warnings=msgspec.to_builtins(master.warnings),
        created_at=now,
        updated_at=now,
    )


def _touch(asset: Asset, now: datetime) -> None:
    asset.version += 1
    asset.updated_at = now
