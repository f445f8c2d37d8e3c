"""What all pictures of one shop may weigh."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from core import clock, shops
from core.db import Database
from core.settings import Settings
from core.shops import Shop
from media import assets, quota
from media.errors import StorageQuotaReached
from media.pool import Limits, PicturePool
from media.storage.local import LocalStorage
from tests.api.surface import expect_problem
from tests.media.pictures import photo, saved

ROOM = 60_000
PICTURES = [saved(photo(300, 200 + number)) for number in range(3)]


@pytest.fixture
async def pool() -> AsyncIterator[PicturePool]:
    async with PicturePool(workers=1, limits=Limits(shop_bytes=ROOM)) as pool:
        yield pool


async def test_a_shop_fills_its_own_room_and_no_more(
    db: Database, pool: PicturePool, shop: Shop, tmp_path: Path
) -> None:
    storage = LocalStorage(tmp_path, "http://x")
    async with db.transaction() as session:
        other = await shops.create(session, "Autre", "EUR")
    first = await assets.store(db, storage, pool, shop, PICTURES[0])
    async with db.read() as session:
        assert await quota.taken(session, shop, clock.now()) == first.bytes
        assert await quota.taken(session, other, clock.now()) == 0
        await quota.check(session, shop, first.bytes + 10, 10, clock.now())
        with pytest.raises(StorageQuotaReached) as refusal:
            await quota.check(session, shop, first.bytes + 10, 11, clock.now())
    assert refusal.value.facts == {"limit_bytes": first.bytes + 10, "used_bytes": first.bytes, "bytes": 11}
    noise = saved(photo(100, 100)) + bytes(ROOM)
    with pytest.raises(StorageQuotaReached):
        await assets.store(db, storage, pool, shop, noise)
    assert (await assets.store(db, storage, pool, shop, PICTURES[0])).id == first.id, "it is there already"
    assert [each.name for each in tmp_path.rglob("*.jpg")] == [first.storage_key]


class TestOverHttp:
    """The same at every way in."""

    @pytest.fixture
    def engine(self) -> str:
        """The database plays no part here."""
        return "sqlite"

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        """Little room."""
        return settings.model_copy(update={"shop_storage_bytes": ROOM})

    async def test_what_is_announced_takes_room_until_its_time_is_over(self, client: httpx2.AsyncClient) -> None:
        announced = {"media_type": "image/jpeg", "bytes": ROOM - 20_000}
        assert (await client.post("/v1/uploads", json=announced)).status_code == 201
        document = expect_problem(await client.post("/v1/uploads", json=announced), 413, "storage-quota-reached")
        assert (document["limit_bytes"], document["used_bytes"]) == (ROOM, ROOM - 20_000)
        sent = await client.post("/v1/assets", files={"file": ("a", PICTURES[0] + bytes(20_000))})
        expect_problem(sent, 413, "storage-quota-reached")

    async def test_visuals_are_counted_and_refused_too(self, client: httpx2.AsyncClient) -> None:
        asset = (await client.post("/v1/assets", files={"file": ("a", PICTURES[0])})).json()["id"]
        wanted = {"asset_id": asset, "template": "plain", "formats": ["square", "portrait", "story", "pin"]}
        assert (await client.post("/v1/visuals", json=wanted)).status_code == 201
        again = await client.post("/v1/visuals", json=wanted)
        assert again.status_code == 201, "they are there already"
        other = await client.post("/v1/visuals", json=wanted | {"formats": ["landscape"]})
        assert int(str(expect_problem(other, 413, "storage-quota-reached")["used_bytes"])) >= ROOM
