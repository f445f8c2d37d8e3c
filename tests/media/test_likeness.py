"""Near-duplicates: found in another size, compression or crop; never in another shop; nothing else taken for one."""

from collections.abc import Callable
from functools import cache
from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageEnhance

from core import clock, ids, shops
from core.db import AsyncSession, Database
from core.shops import Shop
from media import assets
from media.errors import AssetNotFound
from media.models import Asset
from media.pool import PicturePool
from media.storage.storage import Storage
from media.traits import dhash, likeness, traits
from tests.media.pictures import saved


@cache
def garment(seed: int, colour: tuple[int, int, int] = (150, 40, 60)) -> Image.Image:
    """Patches of shades of a colour on a sheet that lies in folds: 900 x 1200."""
    chance = Random(seed)
    folds = Image.frombytes("L", (9, 12), chance.randbytes(108)).resize((900, 1200), Image.Resampling.BICUBIC)
    image = Image.blend(Image.new("L", (900, 1200), 215), folds, 0.15).convert("RGB")
    pen = ImageDraw.Draw(image)
    for _ in range(14):
        x, y, size = chance.randrange(200, 600), chance.randrange(250, 850), chance.randrange(60, 260)
        shade = chance.uniform(0.4, 1.4)
        pen.rectangle((x, y, x + size, y + size), fill=tuple(min(255, int(value * shade)) for value in colour))
    return image


CHANGES: dict[str, Callable[[Image.Image], bytes]] = {
    "compressed": lambda image: saved(image, quality=40),
    "smaller": lambda image: saved(image.resize((450, 600), Image.Resampling.LANCZOS)),
    "larger": lambda image: saved(image.resize((1350, 1800), Image.Resampling.BICUBIC)),
    "brighter": lambda image: saved(ImageEnhance.Brightness(image).enhance(1.15)),
    "cropped": lambda image: saved(image.crop((12, 16, 888, 1184))),
    "as PNG": lambda image: saved(image, "PNG"),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_the_same_photo_in_another_way_is_warned_of_and_listed(
    db: Database, storage: Storage, pool: PicturePool, shop: Shop, change: str
) -> None:
    first = await assets.store(db, storage, pool, shop, saved(garment(1)))
    await assets.store(db, storage, pool, shop, saved(garment(2)))
    second = await assets.store(db, storage, pool, shop, CHANGES[change](garment(1)))
    assert first.warnings == []
    warned = [each for each in second.warnings if each["slug"] == "near-duplicate"]
    assert [each["asset_id"] for each in warned] == [first.id]
    async with db.read() as session:
        for one, other in ((first, second), (second, first)):
            found = await assets.similar(session, shop, one.id)
            assert [each.asset.id for each in found] == [other.id]
            assert found[0].distance == warned[0]["distance"]


async def test_other_pictures_and_other_colours_are_no_duplicates(
    db: Database, storage: Storage, pool: PicturePool, shop: Shop
) -> None:
    made = [await assets.store(db, storage, pool, shop, saved(garment(seed))) for seed in range(1, 6)]
    made.append(await assets.store(db, storage, pool, shop, saved(garment(1, (40, 70, 150)))))
    assert [each.warnings for each in made] == [[]] * 6
    async with db.read() as session:
        assert [await assets.similar(session, shop, each.id) for each in made] == [[]] * 6


async def test_the_nearest_come_first_and_archived_ones_not_at_all(
    db: Database, storage: Storage, pool: PicturePool, shop: Shop
) -> None:
    made = [await assets.store(db, storage, pool, shop, saved(garment(1)))]
    made += [await assets.store(db, storage, pool, shop, change(garment(1))) for change in CHANGES.values()]
    async with db.transaction() as session:
        await assets.archive(session, shop, made[2].id)
        found = await assets.similar(session, shop, made[0].id)
    assert sorted(each.asset.id for each in found) == sorted(each.id for each in (made[1], *made[3:]))
    assert [each.distance for each in found] == sorted(each.distance for each in found)


async def test_another_shop_has_pictures_of_its_own(
    db: Database, storage: Storage, pool: PicturePool, shop: Shop
) -> None:
    async with db.transaction() as session:
        other = await shops.create(session, "Other", "EUR")
    theirs = await assets.store(db, storage, pool, other, saved(garment(1)))
    ours = await assets.store(db, storage, pool, shop, CHANGES["smaller"](garment(1)))
    assert ours.warnings == []
    async with db.read() as session:
        assert await assets.similar(session, shop, ours.id) == []
        with pytest.raises(AssetNotFound):
            await assets.similar(session, shop, theirs.id)


async def test_the_same_bytes_again_are_no_duplicate_of_themselves(
    db: Database, storage: Storage, pool: PicturePool, shop: Shop
) -> None:
    data = saved(garment(1))
    first = await assets.store(db, storage, pool, shop, data)
    again = await assets.store(db, storage, pool, shop, data, "A shirt")
    assert (again.id, again.warnings) == (first.id, [])
    async with db.read() as session:
        assert await assets.similar(session, shop, first.id) == []


async def test_of_many_duplicates_the_twenty_nearest_are_told(session: AsyncSession, shop: Shop) -> None:
    measured = traits.measure(garment(1))
    bits = int(measured.dhash, 16)
    for count in range(36):
        other = f"{bits ^ (2 ** (count % 9) - 1):016x}"
        now, name = clock.now(), ids.new("asset")
        asset = Asset(
            id=name, shop_id=shop.id, sha256=name, content_sha256=name, storage_key=name, width=1, height=1, bytes=1,
            traits=msgspec.to_builtins(msgspec.structs.replace(measured, dhash=other)), created_at=now, updated_at=now,
        )  # fmt: skip
        session.add(asset)
        await session.flush()
        likeness.remember(session, asset)
    found = await likeness.near(session, shop, measured)
    assert [each.distance for each in found] == sorted([*range(9)] * 4)[:20]


@given(st.integers(0, 2**64 - 1), st.sets(st.integers(0, 63), max_size=dhash.FARTHEST))
def test_every_hash_that_is_near_has_a_band_that_is_looked_up(bits: int, flipped: set[int]) -> None:
    other = bits
    for place in flipped:
        other ^= 1 << place
    one, another = f"{bits:016x}", f"{other:016x}"
    assert dhash.distance(dhash.number(one), dhash.number(another)) == len(flipped)
    assert set(dhash.bands(another)) & set(dhash.near_bands(one))
    assert len(set(dhash.near_bands(one))) == dhash.NEAR_BANDS == 548
