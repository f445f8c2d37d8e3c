"""Killed in the middle of completing an upload: whoever asks again gets one asset, and no bytes stay (fault F2)."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from core import clock
from core.db import Database
from core.jobs import Job, Resources
from core.shops import Shop
from media import assets, orphans, uploads
from media.models import Asset, Upload
from media.pool import PicturePool
from media.storage.local import LocalStorage
from media.upload_schemas import UploadCreate
from media.uploads import Sweep, Sweeper
from tests.media.pictures import photo, saved

JPEG = saved(photo(300, 200))


async def whole() -> AsyncIterator[bytes]:
    yield JPEG


@pytest.mark.parametrize("point", ["upload_collected", "upload_stored", "upload_completed"])
async def test_a_killed_completion_is_finished_by_the_next(
    db: Database, database_url: str, shop: Shop, tmp_path: Path, point: str
) -> None:
    storage = LocalStorage(tmp_path, "http://x")
    data = UploadCreate(media_type="image/jpeg", bytes=len(JPEG))
    parcel = uploads.announced(shop, data, 10 * 2**20, clock.now())
    async with db.transaction() as session:
        upload = await uploads.begin(session, shop, data, parcel)
    await storage.take_in(parcel, whole())
    killed = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.media.completing", database_url, str(tmp_path), shop.id, upload.id, point),
        cwd=Path(__file__).parents[2],
    )
    assert await killed.wait() == -signal.SIGKILL
    async with PicturePool(workers=1) as pool:
        first = await uploads.complete(db, storage, pool, shop, upload.id, clock.now())
        again = await uploads.complete(db, storage, pool, shop, upload.id, clock.now())
    assert first.id == again.id
    async with db.read() as session:
        assert len((await session.exec(select(Asset))).all()) == 1
        assert [each.asset_id for each in await session.exec(select(Upload))] == [first.id]
    if point == "upload_completed":
        await storage.discard(parcel.name)  # What the sweeper does at the end of the time.
    kept = [each.name for each in tmp_path.rglob("*.jpg")]
    assert (kept, list((tmp_path / "incoming").iterdir())) == ([first.storage_key], [])


async def test_a_master_whose_row_was_never_written_is_swept_away_and_no_other(
    db: Database, database_url: str, shop: Shop, tmp_path: Path
) -> None:
    storage = LocalStorage(tmp_path, "http://x")
    parcel = uploads.announced(shop, UploadCreate(media_type="image/jpeg", bytes=len(JPEG)), 10 * 2**20, clock.now())
    async with db.transaction() as session:
        upload = await uploads.begin(session, shop, UploadCreate(media_type="image/jpeg", bytes=len(JPEG)), parcel)
    await storage.take_in(parcel, whole())
    killed = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.media.completing", database_url, str(tmp_path), shop.id, upload.id, "asset_put"),
        cwd=Path(__file__).parents[2],
    )
    assert await killed.wait() == -signal.SIGKILL
    (orphan,) = [each.name for each in tmp_path.rglob("*.jpg")]
    beside = tmp_path / orphan[2:4] / ".half-written"
    beside.write_bytes(JPEG[:100])
    async with PicturePool(workers=1) as pool:
        asset = await assets.store(db, storage, pool, shop, saved(photo(200, 200)))
    resources = Resources(db, Sweeper(storage))
    later = clock.now() + orphans.YOUNG + timedelta(minutes=1)
    await uploads.sweep.run(resources.at(later), Sweep(upload.id, parcel.name))
    for at in (clock.now() + timedelta(minutes=30), later):
        assert orphan in [each.name for each in tmp_path.rglob("*.jpg")]
        for key in (orphan, asset.storage_key):
            await orphans.sweep.run(resources.at(at), orphans.Part(int(key[2:4], 16)))
    assert [each.name for each in tmp_path.glob("*/*")] == [asset.storage_key]
    async with db.read() as session:
        waiting = (await session.exec(select(Job).where(Job.name == "media.sweep_orphans"))).all()
    assert len(waiting) == 1, "the next part waits, once"
