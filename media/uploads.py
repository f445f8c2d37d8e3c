"""Uploads: pictures that clients send straight to the storage, and that become assets when the client says so.

The storage itself refuses what is late, of another length or of another declared type. What arrives all the same is
looked at by `complete`; what nobody completes is swept away, and so is what comes through a signature a second time.
"""

from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import sha256

import sqlalchemy as sa
from msgspec import Struct
from sqlmodel import col, select

from core import clock, failpoints, ids, jobs
from core.db import AsyncSession, Database
from core.jobs import Resources, job
from core.shops import Shop
from media import assets, quota, sniff
from media.errors import (
    ImageRefused,
    ImageTooLarge,
    ImageTypeUnsupported,
    ObjectNotFound,
    StorageUnavailable,
    TooManyUploads,
    UploadExpired,
    UploadIncomplete,
    UploadMismatch,
    UploadNotFound,
)
from media.models import Asset, Upload
from media.pool import PicturePool
from media.storage.storage import Parcel, Storage, new_parcel
from media.upload_schemas import UploadCreate

OPEN_FOR = timedelta(minutes=15)
# A body that began in time may end later; then it may still be completed.
GRACE = timedelta(minutes=5)
# An answer can be asked for again for as long as an Idempotency-Key is kept.
KEPT = timedelta(hours=24)
MOST_OPEN = 200


class Sweeper(Struct, frozen=True):
    """What sweeps: a job finds the storage of its process in it."""

    storage: Storage


class Sweep(Struct):
    """The parcel to sweep away, and the upload that it was meant for."""

    upload_id: str
    parcel: str


def announced(shop: Shop, data: UploadCreate, largest: int, now: datetime) -> Parcel:
    """The parcel that a client announces, open for 15 minutes; `largest` in bytes.

    Refuses ImageTooLarge and ImageTypeUnsupported before a byte is sent.
    """
    if data.bytes > largest:
        raise ImageTooLarge(f"A picture has at most {largest} bytes.", bytes=data.bytes, maximum=largest)
    accepted = [f"image/{each.lower()}" for each in sniff.ACCEPTED]
    if data.media_type not in accepted:
        raise ImageTypeUnsupported(f"{data.media_type} is not accepted.", found=data.media_type, accepted=accepted)
    return Parcel(
        name=new_parcel(), shop_id=shop.id, media_type=data.media_type, bytes=data.bytes, method=data.method,
        expires_at=now + OPEN_FOR,
    )  # fmt: skip


async def begin(
    session: AsyncSession, shop: Shop, data: UploadCreate, parcel: Parcel, *, shop_bytes: int = 0
) -> Upload:
    """Expect a parcel; whatever becomes of it, it is swept away after its time.

    `shop_bytes` is what all pictures of the shop may weigh, 0 for any number. Refuses TooManyUploads and
    StorageQuotaReached, before a byte is sent.
    """
    await _bound(session, shop, clock.now())
    await quota.check(session, shop, shop_bytes, parcel.bytes, clock.now())
    upload = Upload(
        id=ids.new("upl"), shop_id=shop.id, parcel=parcel.name, media_type=parcel.media_type, bytes=parcel.bytes,
        sha256=data.sha256, alt_text=data.alt_text, expires_at=parcel.expires_at, created_at=clock.now(),
    )  # fmt: skip
    session.add(upload)
    swept = Sweep(upload.id, parcel.name)
    for at in (parcel.expires_at + GRACE, parcel.expires_at + KEPT):
        await jobs.enqueue(session, sweep, swept, shop_id=shop.id, run_at=at)
    await session.flush()
    return upload


async def complete(
    db: Database, storage: Storage, pool: PicturePool, shop: Shop, upload_id: str, now: datetime
) -> Asset:
    """The asset of a parcel that has arrived; asked again, the same one.

    Opens transactions of its own. Refuses UploadNotFound, UploadExpired, UploadIncomplete (send the bytes, then ask
    again), UploadMismatch, and what `assets.store` refuses; when the picture itself is refused, nothing of it is left.
    """
    upload, asset = await _known(db, shop, upload_id)
    if asset is not None:
        return asset
    if now >= upload.expires_at + GRACE:
        await _forget(db, storage, upload)
        raise UploadExpired
    try:
        async with pool.turn(shop.id):
            content = await storage.collect(upload.parcel, upload.bytes)
            failpoints.reach("upload_collected")
            _check(upload, content)
            asset = await assets.store(db, storage, pool, shop, content, upload.alt_text, announced=True)
    except ObjectNotFound:
        return await _completed_meanwhile(db, shop, upload_id)
    except (ImageRefused, UploadMismatch):
        await _forget(db, storage, upload)
        raise
    failpoints.reach("upload_stored")
    async with db.transaction() as session:
        await session.execute(sa.update(Upload).where(col(Upload.id) == upload.id).values(asset_id=asset.id))
    failpoints.reach("upload_completed")
    await _discard(storage, upload)
    return asset


@job("media.sweep_upload", Sweep)
async def sweep(resources: Resources, payload: Sweep) -> None:
    """Remove the bytes whatever became of them, and the row unless its answer may still be asked for."""
    await resources.get(Sweeper).storage.discard(payload.parcel)
    over = sa.or_(col(Upload.asset_id).is_(None), col(Upload.expires_at) <= resources.now() - KEPT)
    async with resources.get(Database).transaction() as session:
        await session.execute(sa.delete(Upload).where(col(Upload.id) == payload.upload_id, over))


async def _bound(session: AsyncSession, shop: Shop, now: datetime) -> None:
    """One shop's open uploads cannot fill the disk."""
    waiting = sa.and_(col(Upload.shop_id) == shop.id, col(Upload.asset_id).is_(None), col(Upload.expires_at) > now)
    count = await session.scalar(select(sa.func.count()).select_from(Upload).where(waiting))
    if (count or 0) >= MOST_OPEN:
        raise TooManyUploads(f"{MOST_OPEN} uploads are open.", retry_after=60, maximum=MOST_OPEN)


async def _known(db: Database, shop: Shop, upload_id: str) -> tuple[Upload, Asset | None]:
    """The upload, and its asset where it is complete."""
    async with db.read() as session:
        found = await session.exec(select(Upload).where(Upload.id == upload_id, Upload.shop_id == shop.id))
        upload = found.first()
        if upload is None:
            raise UploadNotFound
        return upload, await assets.get(session, shop, upload.asset_id) if upload.asset_id else None


async def _completed_meanwhile(db: Database, shop: Shop, upload_id: str) -> Asset:
    """Somebody else may have taken the bytes away: who completes writes that down before."""
    _, asset = await _known(db, shop, upload_id)
    if asset is None:
        raise UploadIncomplete("Send the bytes first, then complete the upload.")
    return asset


def _check(upload: Upload, content: bytes) -> None:
    """What arrived is what was announced, by length, by hash and by content; refuses UploadMismatch."""
    if len(content) != upload.bytes:
        raise UploadMismatch("The length is not the one announced.", announced=upload.bytes)
    found = sha256(content).hexdigest()
    if upload.sha256 is not None and found != upload.sha256:
        raise UploadMismatch("The hash is not the one announced.", announced=upload.sha256, found=found)
    kind = f"image/{sniff.kind(content).lower()}"
    if kind != upload.media_type:
        raise UploadMismatch("The type is not the one announced.", announced=upload.media_type, found=kind)


async def _forget(db: Database, storage: Storage, upload: Upload) -> None:
    """Leave nothing behind: first the row, so that nobody completes it meanwhile, then the bytes."""
    async with db.transaction() as session:
        await session.execute(sa.delete(Upload).where(col(Upload.id) == upload.id, col(Upload.asset_id).is_(None)))
    await _discard(storage, upload)


async def _discard(storage: Storage, upload: Upload) -> None:
    """Remove the bytes now; where the storage is away, the sweeper does it later."""
    with suppress(StorageUnavailable):
        await storage.discard(upload.parcel)
