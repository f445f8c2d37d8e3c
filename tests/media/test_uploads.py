"""Uploads that go past us: what arrives as announced becomes an asset, and of anything else nothing is left."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Literal

import httpx2
import pytest
from sqlmodel import select

from core import clock, jobs, shops
from core.db import Database
from core.errors import Refusal
from core.jobs import Job, Resources
from core.settings import Settings
from core.shops import Shop
from media import assets, uploads
from media.errors import (
    ImageTooLarge,
    ImageTypeUnsupported,
    ImageUnreadable,
    ObjectNotFound,
    TooManyUploads,
    UploadExpired,
    UploadIncomplete,
    UploadMismatch,
    UploadNotFound,
)
from media.models import Asset, Upload
from media.pool import PicturePool
from media.storage import storage as storages
from media.storage.storage import Parcel, Slip, Storage
from media.upload_schemas import UploadCreate
from media.uploads import Sweeper
from tests.media.pictures import photo, quarters, saved
from tests.media.storages import STORAGES, configured

JPEG = saved(photo(300, 200))
BOTH = pytest.mark.parametrize("method", ["post", "put"])


@pytest.fixture(scope="module")
async def pool() -> AsyncIterator[PicturePool]:
    async with PicturePool(workers=1) as opened:
        yield opened


class Desk:
    """A shop's uploads on one storage."""

    def __init__(self, db: Database, shop: Shop, storage: Storage, pool: PicturePool) -> None:
        self.db, self.shop, self.storage, self.pool = db, shop, storage, pool

    async def announce(
        self,
        content: bytes = JPEG,
        *,
        media_type: str = "image/jpeg",
        method: Literal["post", "put"] = "put",
        digest: str | None = None,
        now: datetime | None = None,
    ) -> tuple[Upload, Slip, Parcel]:
        data = UploadCreate(media_type=media_type, bytes=len(content), method=method, sha256=digest, alt_text="Un vase")
        parcel = uploads.announced(self.shop, data, 10 * 2**20, now or clock.now())
        slip = await self.storage.sign(parcel)
        async with self.db.transaction() as session:
            return await uploads.begin(session, self.shop, data, parcel), slip, parcel

    async def send(self, parcel: Parcel, slip: Slip, content: bytes) -> bool:
        """Whether the storage took the bytes: over the network, or through the door that the route stands before."""
        door = self.storage.door()
        if door is not None:
            try:
                await door.take_in(door.admit(slip.url.rpartition("/")[2], clock.now()), _pieces(content))
            except Refusal:
                return False
            return True
        async with httpx2.AsyncClient() as client:
            if slip.method == "PUT":
                answer = await client.put(slip.url, headers=slip.headers, content=content)
            else:
                answer = await client.post(slip.url, data=slip.fields, files={"file": ("x", content)})
        return answer.is_success

    async def complete(self, upload: Upload, at: datetime | None = None) -> Asset:
        return await uploads.complete(self.db, self.storage, self.pool, self.shop, upload.id, at or clock.now())

    async def sweep(self, at: datetime) -> None:
        await jobs.run_due(Resources(self.db, Sweeper(self.storage)), at)

    async def left(self, parcel: Parcel) -> tuple[bool, int, int]:
        """Whether there are bytes; how many uploads and assets there are."""
        try:
            await self.storage.collect(parcel.name, 10)
            there = True
        except ObjectNotFound:
            there = False
        async with self.db.read() as session:
            rows = (await session.exec(select(Upload))).all()
            pictures = (await session.exec(select(Asset))).all()
        return there, len(rows), len(pictures)


async def _pieces(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 1000):
        yield content[start : start + 1000]


@pytest.fixture(params=STORAGES)
async def desk(
    request: pytest.FixtureRequest, tmp_path: Path, db: Database, shop: Shop, pool: PicturePool
) -> AsyncIterator[Desk]:
    opened = storages.connect(Settings(data_dir=tmp_path, **configured(request, request.param)))
    yield Desk(db, shop, opened, pool)
    await opened.close()


@BOTH
async def test_a_picture_that_arrives_as_announced_becomes_an_asset(desk: Desk, method: Literal["post", "put"]) -> None:
    upload, slip, parcel = await desk.announce(method=method, digest=sha256(JPEG).hexdigest())
    assert await desk.send(parcel, slip, JPEG)
    asset = await desk.complete(upload)
    assert (asset.width, asset.height, asset.alt_text, asset.sha256) == (300, 200, "Un vase", sha256(JPEG).hexdigest())
    assert await desk.storage.exists(asset.storage_key)
    assert await desk.left(parcel) == (False, 1, 1)


async def test_completing_again_gives_the_same_asset(desk: Desk) -> None:
    upload, slip, parcel = await desk.announce()
    await desk.send(parcel, slip, JPEG)
    first = await desk.complete(upload)
    assert (await desk.complete(upload)).id == first.id
    assert (await desk.complete(upload, clock.now() + timedelta(hours=3))).id == first.id


async def test_completing_at_the_same_time_makes_one_asset(desk: Desk) -> None:
    upload, slip, parcel = await desk.announce()
    await desk.send(parcel, slip, JPEG)
    found = await asyncio.gather(*(desk.complete(upload) for _ in range(5)))
    assert len({each.id for each in found}) == 1
    assert await desk.left(parcel) == (False, 1, 1)


async def test_the_same_picture_by_whatever_way_is_one_asset(desk: Desk) -> None:
    stored = await assets.store(desk.db, desk.storage, desk.pool, desk.shop, JPEG)
    upload, slip, parcel = await desk.announce()
    await desk.send(parcel, slip, JPEG)
    assert (await desk.complete(upload)).id == stored.id


async def test_completing_before_the_bytes_are_there_says_so_and_changes_nothing(desk: Desk) -> None:
    upload, slip, parcel = await desk.announce()
    with pytest.raises(UploadIncomplete):
        await desk.complete(upload)
    assert await desk.send(parcel, slip, JPEG)
    assert (await desk.complete(upload)).width == 300


@BOTH
@pytest.mark.parametrize("change", [b"x", b"-1"], ids=["longer", "shorter"])
async def test_another_length_never_gets_in(desk: Desk, method: Literal["post", "put"], change: bytes) -> None:
    upload, slip, parcel = await desk.announce(method=method)
    try:
        taken = await desk.send(parcel, slip, JPEG[:-1] if change == b"-1" else JPEG + change)
    except httpx2.TransportError:
        taken = False
    assert taken is False
    with pytest.raises(UploadIncomplete):
        await desk.complete(upload)
    await desk.sweep(parcel.expires_at + uploads.GRACE)
    assert await desk.left(parcel) == (False, 0, 0)


@pytest.mark.parametrize(
    ("content", "media_type", "refusal"),
    [
        (saved(quarters(), "PNG"), "image/jpeg", UploadMismatch),
        (JPEG, "image/png", UploadMismatch),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "image/jpeg", ImageTypeUnsupported),
        (JPEG[:700], "image/jpeg", ImageUnreadable),
    ],
    ids=["png", "jpeg", "svg", "torn"],
)
async def test_what_is_no_picture_of_that_type_is_refused_and_gone(
    desk: Desk, content: bytes, media_type: str, refusal: type[Refusal]
) -> None:
    upload, slip, parcel = await desk.announce(content, media_type=media_type)
    assert await desk.send(parcel, slip, content)
    with pytest.raises(refusal):
        await desk.complete(upload)
    assert await desk.left(parcel) == (False, 0, 0)
    with pytest.raises(UploadNotFound):
        await desk.complete(upload)


async def test_another_picture_than_the_announced_one_is_refused_and_gone(desk: Desk) -> None:
    upload, slip, parcel = await desk.announce(digest="0" * 64)
    await desk.send(parcel, slip, JPEG)
    with pytest.raises(UploadMismatch):
        await desk.complete(upload)
    assert await desk.left(parcel) == (False, 0, 0)


async def test_what_is_never_completed_is_swept_away(desk: Desk) -> None:
    upload, slip, parcel = await desk.announce()
    await desk.send(parcel, slip, JPEG)
    await desk.sweep(parcel.expires_at)
    assert await desk.left(parcel) == (True, 1, 0)
    await desk.sweep(parcel.expires_at + uploads.GRACE)
    assert await desk.left(parcel) == (False, 0, 0)
    with pytest.raises(UploadNotFound):
        await desk.complete(upload)


async def test_what_is_completed_too_late_is_refused_and_gone(desk: Desk) -> None:
    upload, slip, parcel = await desk.announce()
    await desk.send(parcel, slip, JPEG)
    with pytest.raises(UploadExpired):
        await desk.complete(upload, parcel.expires_at + uploads.GRACE)
    assert await desk.left(parcel) == (False, 0, 0)


async def test_bytes_sent_again_after_completing_are_swept_away_and_the_answer_stays(desk: Desk) -> None:
    upload, slip, parcel = await desk.announce()
    await desk.send(parcel, slip, JPEG)
    asset = await desk.complete(upload)
    assert await desk.send(parcel, slip, JPEG)
    await desk.sweep(parcel.expires_at + uploads.GRACE)
    assert await desk.left(parcel) == (False, 1, 1)
    assert (await desk.complete(upload)).id == asset.id
    await desk.sweep(parcel.expires_at + uploads.KEPT)
    assert await desk.left(parcel) == (False, 0, 1)


async def test_the_upload_of_another_shop_is_not_there(desk: Desk) -> None:
    upload, slip, parcel = await desk.announce()
    await desk.send(parcel, slip, JPEG)
    async with desk.db.transaction() as session:
        stranger = await shops.create(session, "Another", "EUR")
    with pytest.raises(UploadNotFound):
        await uploads.complete(desk.db, desk.storage, desk.pool, stranger, upload.id, clock.now())
    assert await desk.left(parcel) == (True, 1, 0)


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_what_cannot_become_an_asset_is_refused_before_a_byte_is_sent(shop: Shop) -> None:
    for wrong, refusal in (
        (UploadCreate(media_type="image/jpeg", bytes=1001), ImageTooLarge),
        (UploadCreate(media_type="image/svg+xml", bytes=10), ImageTypeUnsupported),
    ):
        with pytest.raises(refusal):
            uploads.announced(shop, wrong, 1000, clock.now())


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_one_shop_cannot_open_uploads_without_end(desk: Desk) -> None:
    async with desk.db.transaction() as session:
        for number in range(uploads.MOST_OPEN):
            session.add(
                Upload(
                    id=f"upl_{number}", shop_id=desk.shop.id, parcel=str(number), media_type="image/jpeg", bytes=1,
                    expires_at=clock.now() + timedelta(minutes=1), created_at=clock.now(),
                )
            )  # fmt: skip
    with pytest.raises(TooManyUploads):
        await desk.announce()
    async with desk.db.read() as session:
        assert (await session.exec(select(Job))).all() == []
