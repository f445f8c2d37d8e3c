"""The logo of a shop's kit: shown where a look has a place for one, and nowhere else."""

from collections.abc import AsyncIterator
from io import BytesIO

import msgspec
import pytest
from PIL import Image, ImageChops

from core import shops
from core.db import Database
from core.settings import Settings
from core.shops import Shop, ShopChange
from media import asking, assets, visuals
from media.errors import AssetArchived, UnknownAsset
from media.looks import dressing, layout
from media.models import Asset, Visual
from media.pool import PicturePool
from media.schemas import VisualCreate
from media.storage import storage as storages
from media.storage.storage import Storage
from tests.media.pictures import photo, saved

GREEN = (20, 160, 60)
FORMATS = ("portrait", "story", "landscape")


@pytest.fixture
async def pool() -> AsyncIterator[PicturePool]:
    async with PicturePool(workers=1) as pool:
        yield pool


@pytest.fixture
def storage(settings: Settings) -> Storage:
    return storages.connect(settings)


@pytest.fixture
async def asset(db: Database, storage: Storage, pool: PicturePool, shop: Shop) -> Asset:
    return await assets.store(db, storage, pool, shop, saved(Image.new("RGB", (600, 700), (190, 180, 170))))


@pytest.fixture
async def sign(db: Database, storage: Storage, pool: PicturePool, shop: Shop) -> Asset:
    return await assets.store(db, storage, pool, shop, saved(Image.new("RGB", (300, 100), GREEN), "PNG"))


async def with_logo(db: Database, shop: Shop, asset_id: str | None) -> Shop:
    data = ShopChange(logo_asset_id=asset_id)
    async with db.transaction() as session:
        await dressing.check(session, shop, data)
        return await shops.change(session, shop, data, None)


async def drawn(
    db: Database, storage: Storage, pool: PicturePool, shop: Shop, asset: Asset, **fields: object
) -> Visual:
    values = {"asset_id": asset.id, "template": "price", "formats": ["square"], "title": "Vase"}
    data = msgspec.convert(values | fields, VisualCreate)
    found = await visuals.render(db, storage, pool, shop, asking.requested(shop, data))
    return found[0]


async def greens(storage: Storage, visual: Visual) -> int:
    """How many pixels of the visual are as green as the sign."""
    with Image.open(BytesIO(await storage.get(visual.storage_key))) as image:
        far = ImageChops.difference(image.convert("RGB"), Image.new("RGB", image.size, GREEN)).convert("L")
    return sum(far.histogram()[:20])


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize("template", [each for each in layout.templates() if each.worded], ids=lambda each: each.slug)
async def test_every_look_with_words_has_a_place_for_it(
    db: Database, storage: Storage, pool: PicturePool, shop: Shop, asset: Asset, sign: Asset, template: layout.Template
) -> None:
    fields: dict[str, object] = {
        "template": template.slug,
        "items": [{"title": "Vase", "asset_id": asset.id}, {"title": "Bol", "asset_id": asset.id}],
        "quote": "Belle",
    }
    assert dressing.has_logo(template.design)
    found: list[int] = []
    for dressed in (shop, await with_logo(db, shop, sign.id)):
        made = [await drawn(db, storage, pool, dressed, asset, **fields, formats=[each]) for each in FORMATS]
        found.append(max([await greens(storage, each) for each in made]))
    assert found[0] == 0
    assert found[1] > 400


async def test_a_look_without_a_place_for_it_is_the_same_with_and_without(
    db: Database, storage: Storage, pool: PicturePool, shop: Shop, asset: Asset, sign: Asset
) -> None:
    body = {"layer": "group", "children": [{"layer": "photo"}, {"layer": "text", "text": "{title}"}]}
    own = {"pages": [{"variants": [{"body": body}]}]}
    looks: list[dict[str, object]] = [{"template": "plain"}, {"template": "ours", "design": own}]
    before = [await drawn(db, storage, pool, shop, asset, **each) for each in looks]
    shop = await with_logo(db, shop, sign.id)
    assert [(await drawn(db, storage, pool, shop, asset, **each)).id for each in looks] == [each.id for each in before]


async def test_a_request_shows_another_one_or_none(
    db: Database, storage: Storage, pool: PicturePool, shop: Shop, asset: Asset, sign: Asset
) -> None:
    nothing = await drawn(db, storage, pool, shop, asset)
    other = await assets.store(db, storage, pool, shop, saved(photo(300, 90)))
    theirs = await drawn(db, storage, pool, shop, asset, logo_asset_id=other.id)
    named = await drawn(db, storage, pool, shop, asset, logo_asset_id=sign.id)
    shop = await with_logo(db, shop, sign.id)
    assert (await drawn(db, storage, pool, shop, asset, logo_asset_id=None)).id == nothing.id
    assert (await drawn(db, storage, pool, shop, asset, logo_asset_id=other.id)).id == theirs.id
    assert (await drawn(db, storage, pool, shop, asset)).id == named.id
    assert (await drawn(db, storage, pool, shop, sign)).id == (
        await drawn(db, storage, pool, shop, sign, logo_asset_id=None)
    ).id


async def test_an_archived_logo_gives_its_place_to_the_name(
    db: Database, storage: Storage, pool: PicturePool, shop: Shop, asset: Asset, sign: Asset
) -> None:
    nothing = await drawn(db, storage, pool, shop, asset)
    shop = await with_logo(db, shop, sign.id)
    made = await drawn(db, storage, pool, shop, asset)
    async with db.transaction() as session:
        await assets.archive(session, shop, sign.id)
    assert (await drawn(db, storage, pool, shop, asset)).id == nothing.id != made.id
    with pytest.raises(AssetArchived):
        await with_logo(db, shop, sign.id)
    shop = await with_logo(db, shop, None)
    assert (await drawn(db, storage, pool, shop, asset)).id == nothing.id


async def test_a_logo_is_a_picture_of_the_shops_own(db: Database, shop: Shop, sign: Asset) -> None:
    async with db.transaction() as session:
        other = await shops.create(session, "Elsewhere", "EUR")
    for asset_id in (sign.id, "asset_00000000000000000000000000"):
        with pytest.raises(UnknownAsset):
            await with_logo(db, other, asset_id)
