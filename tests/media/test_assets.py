"""Assets: one row and one object for one picture, however often and however concurrently it is sent."""

import asyncio
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from sqlmodel import select

from core import shops
from core.db import Database
from core.errors import PreconditionFailed
from core.settings import Settings
from core.shops import Shop
from media import assets
from media.errors import AssetNotFound, ImageUnreadable, StorageUnavailable
from media.formats import formats
from media.formats.format import Format
from media.frame import Box, Size
from media.models import Asset
from media.pool import PicturePool
from media.schemas import AssetChange, AssetOut, PointIn
from media.storage.local import LocalStorage
from media.storage.storage import Storage
from tests.media.pictures import photo, quarters, saved


async def rows(db: Database) -> list[Asset]:
    async with db.read() as session:
        return list((await session.exec(select(Asset))).all())


def objects(settings: Settings) -> list[Path]:
    return [each for each in settings.media_dir.rglob("*") if each.is_file()]


async def test_a_picture_is_kept_as_a_clean_master(
    db: Database, storage: Storage, pool: PicturePool, shop: Shop
) -> None:
    exif = Image.Exif()
    exif[0x010E] = "SECRET"
    asset = await assets.store(db, storage, pool, shop, saved(quarters(), exif=exif), "Four colours")
    kept = await storage.get(asset.storage_key)
    assert (asset.width, asset.height, asset.bytes, asset.alt_text) == (400, 300, len(kept), "Four colours")
    assert b"SECRET" not in kept
    with Image.open(BytesIO(kept)) as image:
        assert (image.format, image.size) == ("JPEG", (400, 300))


async def test_the_same_bytes_twice_are_one_asset_and_decoded_once(
    db: Database, storage: Storage, pool: PicturePool, shop: Shop, settings: Settings
) -> None:
    data = saved(photo())
    first = await assets.store(db, storage, pool, shop, data)
    await pool.close()
    second = await assets.store(db, storage, pool, shop, data)
    assert second.id == first.id
    assert len(await rows(db)) == len(objects(settings)) == 1


async def test_ten_uploads_at_once_are_one_asset(
    db: Database, storage: Storage, pool: PicturePool, shop: Shop, settings: Settings
) -> None:
    data = saved(photo(400, 300))
    stored = await asyncio.gather(*(assets.store(db, storage, pool, shop, data) for _ in range(10)))
    assert len({each.id for each in stored}) == 1
    assert len(await rows(db)) == len(objects(settings)) == 1


async def test_two_shops_do_not_share_an_asset(db: Database, storage: Storage, pool: PicturePool, shop: Shop) -> None:
    async with db.transaction() as session:
        other = await shops.create(session, "Another", "CHF")
    data = saved(photo(400, 300))
    ours = await assets.store(db, storage, pool, shop, data)
    theirs = await assets.store(db, storage, pool, other, data)
    assert ours.id != theirs.id
    assert ours.storage_key != theirs.storage_key
    async with db.read() as session:
        with pytest.raises(AssetNotFound):
            await assets.get(session, other, ours.id)


async def test_a_refused_picture_leaves_nothing(
    db: Database, storage: Storage, pool: PicturePool, shop: Shop, settings: Settings
) -> None:
    with pytest.raises(ImageUnreadable):
        await assets.store(db, storage, pool, shop, saved(photo())[:2000])
    assert await rows(db) == []
    assert objects(settings) == []


async def test_without_storage_no_row_is_written(db: Database, pool: PicturePool, shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "full").write_bytes(b"")
    with pytest.raises(StorageUnavailable):
        await assets.store(db, LocalStorage(tmp_path / "full", "http://x"), pool, shop, saved(photo(300, 300)))
    assert await rows(db) == []


async def test_an_alt_text_is_taken_where_there_was_none(
    db: Database, storage: Storage, pool: PicturePool, shop: Shop
) -> None:
    data = saved(photo(300, 300))
    await assets.store(db, storage, pool, shop, data)
    named = await assets.store(db, storage, pool, shop, data, "A vase")
    again = await assets.store(db, storage, pool, shop, data, "Something else")
    assert (named.alt_text, again.alt_text) == ("A vase", "A vase")


async def test_a_change_needs_the_version_that_was_read(
    db: Database, storage: Storage, pool: PicturePool, shop: Shop
) -> None:
    asset = await assets.store(db, storage, pool, shop, saved(photo(300, 300)))
    change = AssetChange(alt_text="A vase", focal_point=PointIn(x=0.2, y=0.9))
    async with db.transaction() as session:
        changed = await assets.change(session, shop, asset.id, change, version=1)
    assert (changed.version, changed.alt_text, changed.focal_x, changed.focal_y) == (2, "A vase", 0.2, 0.9)
    with pytest.raises(PreconditionFailed):
        async with db.transaction() as session:
            await assets.change(session, shop, asset.id, change, version=1)


async def test_what_a_change_does_not_name_stays(db: Database, storage: Storage, pool: PicturePool, shop: Shop) -> None:
    asset = await assets.store(db, storage, pool, shop, saved(photo(300, 300)), "A vase")
    async with db.transaction() as session:
        changed = await assets.change(session, shop, asset.id, AssetChange(focal_point=PointIn(x=0.0, y=1.0)), None)
    assert changed.alt_text == "A vase"


async def test_pages_go_from_the_newest_to_the_oldest(
    db: Database, storage: Storage, pool: PicturePool, shop: Shop
) -> None:
    made = [await assets.store(db, storage, pool, shop, saved(photo(300, 300 + n))) for n in range(5)]
    seen, cursor = [], None
    async with db.read() as session:
        for _ in range(3):
            items, cursor = await assets.list_page(session, shop, 2, cursor)
            seen += [each.id for each in items]
    assert seen == [each.id for each in reversed(made)]
    assert cursor is None


async def test_an_archived_asset_leaves_the_list_and_comes_back_when_it_is_sent_again(
    db: Database, storage: Storage, pool: PicturePool, shop: Shop
) -> None:
    data = saved(photo(300, 300))
    asset = await assets.store(db, storage, pool, shop, data)
    async with db.transaction() as session:
        await assets.archive(session, shop, asset.id)
        await assets.archive(session, shop, asset.id)
    async with db.read() as session:
        assert (await assets.list_page(session, shop, 10, None))[0] == []
        assert (await assets.get(session, shop, asset.id)).archived_at is not None
    assert (await assets.store(db, storage, pool, shop, data)).archived_at is None


async def test_an_asset_goes_out_with_its_public_address(
    db: Database, storage: Storage, pool: PicturePool, shop: Shop, settings: Settings
) -> None:
    asset = await assets.store(db, storage, pool, shop, saved(photo(300, 300)))
    out = AssetOut.of(asset, storage, [])
    assert out.url == f"{settings.public_url}/media/{asset.storage_key}"
    assert (out.focal_source, out.warnings) == ("found", [])
    assert abs(out.focal_point.x - 0.5) < 0.02
    assert abs(out.focal_point.y - 0.5) < 0.02
    assert out.subject is not None
    assert out.subject.left < 0.4
    assert out.subject.right > 0.6
    assert out.palette
    assert out.thumbhash
    assert out.sharpness


async def test_a_focal_point_that_was_set_stays_until_it_is_given_back(
    db: Database, storage: Storage, pool: PicturePool, shop: Shop
) -> None:
    data = saved(photo(300, 300))
    asset = await assets.store(db, storage, pool, shop, data)
    found = asset.focal_x, asset.focal_y
    async with db.transaction() as session:
        point = PointIn(x=0.1, y=0.9)
        changed = await assets.change(session, shop, asset.id, AssetChange(focal_point=point), None)
        assert (changed.focal_x, changed.focal_y, changed.focal_source) == (0.1, 0.9, "set")
        assert assets.subject(changed) is None
    again = await assets.store(db, storage, pool, shop, data, "A vase")
    assert (again.focal_x, again.focal_y, again.focal_source) == (0.1, 0.9, "set")
    async with db.transaction() as session:
        back = await assets.change(session, shop, asset.id, AssetChange(focal_point=None), None)
        assert ((back.focal_x, back.focal_y), back.focal_source) == (found, "found")
        assert assets.subject(back) == assets.traits(asset).subject


@pytest.mark.parametrize(
    ("width", "height", "fitting"),
    [
        (2400, 3000, {"square", "portrait", "story", "pin", "pin-square", "landscape", "link-card"}),
        (1080, 1080, {"square", "landscape", "pin-square"}),
        (1030, 2000, {"pin", "pin-square"}),
        (1079, 1079, {"pin-square"}),
        (400, 500, set()),
    ],
)
def test_formats_that_a_master_is_too_small_for_are_named(width: int, height: int, fitting: set[str]) -> None:
    some = {"square", "portrait", "story", "pin", "pin-square", "landscape", "link-card"}
    assert some - set(formats.too_large(Size(width, height))) == fitting


def test_formats_of_the_shops_own_that_a_master_is_too_small_for_are_named() -> None:
    own = [Format(f"own-{width}", "Own", width, 300, Box(0, 0, width, 300), "") for width in (900, 901)]
    assert set(formats.too_large(Size(900, 400), own)) - set(formats.too_large(Size(900, 400))) == {"own-901"}
