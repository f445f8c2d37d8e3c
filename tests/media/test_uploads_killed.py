"""Killed in the middle of completing an upload: whoever asks again gets one asset, and no bytes stay (fault F2)."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlmodel import select

from core import clock
from core.db import Database
from core.shops import Shop
from media import uploads
from media.models import Asset, Upload
from media.pool import PicturePool
from media.schemas import UploadCreate
from media.storage.local import LocalStorage
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
