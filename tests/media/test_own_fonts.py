"""A shop's own fonts: kept once, nobody else's, drawn with where its kit names them."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from pathlib import Path
from string import ascii_letters, digits

import msgspec
import pytest

from core import clock, shops
from core.db import Database
from core.settings import Settings
from core.shops import Shop, ShopChange
from media import asking, assets, quota, visuals
from media.errors import FontArchived, FontNotFound, FontUnreadable, StorageQuotaReached, TooManyFonts, UnknownFont
from media.looks import dressing
from media.models import Asset, ShopFont, Visual
from media.pool import Limits, PicturePool
from media.schemas import VisualCreate
from media.storage import storage as storages
from media.storage.storage import Storage
from media.typesetting import fonts, own_fonts, typefaces
from media.typesetting.text import Style, fit
from tests.media.lettering import lettering
from tests.media.pictures import photo, saved
from tests.media.storages import STORAGES, configured

LATIN = lettering(ascii_letters + digits + "€.,-", "Latin boxes")
TITLE = "手仕事の小さな器、毎日使う夏のリネンワンピース"
JAPANESE = lettering(f"{TITLE}あアの的中国가한국{ascii_letters}")


@pytest.fixture(params=STORAGES)
def settings(settings: Settings, request: pytest.FixtureRequest) -> Settings:
    return settings.model_copy(update=dict(configured(request, request.param)))


@pytest.fixture
async def pool() -> AsyncIterator[PicturePool]:
    async with PicturePool(workers=1) as pool:
        yield pool


@pytest.fixture
async def storage(settings: Settings) -> AsyncIterator[Storage]:
    found = storages.connect(settings)
    yield found
    await found.close()


@pytest.fixture
async def asset(db: Database, storage: Storage, pool: PicturePool, shop: Shop) -> Asset:
    return await assets.store(db, storage, pool, shop, saved(photo(600, 700)))


async def dressed(db: Database, shop: Shop, **kit: str | None) -> Shop:
    """The shop with this in its kit."""
    data = msgspec.convert(kit, ShopChange)
    async with db.transaction() as session:
        await dressing.check(session, shop, data)
        return await shops.change(session, shop, data, None)


async def drawn(
    db: Database, storage: Storage, pool: PicturePool, shop: Shop, asset: Asset, **fields: object
) -> Visual:
    values = {"asset_id": asset.id, "template": "price", "formats": ["square"], "title": "Vase", "price": "19 €"}
    data = VisualCreate(**(values | fields))  # type: ignore[arg-type]  # Each test names real fields.
    (made,) = await visuals.render(db, storage, pool, shop, asking.requested(shop, data))
    return made


async def test_a_font_is_kept_once_and_comes_back_when_it_is_sent_again(
    db: Database, storage: Storage, pool: PicturePool, shop: Shop
) -> None:
    first, again = [await own_fonts.store(db, storage, pool, shop, LATIN) for _ in range(2)]
    assert (first.id, first.name, first.lightest, first.boldest) == (again.id, "Latin boxes", 400, 400)
    assert (first.scripts, first.restricted, first.bytes) == (["Latin"], False, len(LATIN))
    assert await storage.get(first.storage_key) == LATIN
    async with db.transaction() as session:
        other = await shops.create(session, "Elsewhere", "EUR")
        for _ in range(2):
            await own_fonts.archive(session, shop, first.id)
        assert await own_fonts.all_living(session, shop) == []
    back = await own_fonts.store(db, storage, pool, shop, LATIN)
    assert (back.id, back.archived_at, back.version) == (first.id, None, 3)
    theirs = await own_fonts.store(db, storage, pool, other, LATIN)
    assert theirs.id != first.id
    assert theirs.storage_key != first.storage_key


async def test_the_kits_fonts_set_the_words_and_are_part_of_what_a_visual_is_found_by(
    db: Database, storage: Storage, pool: PicturePool, shop: Shop, asset: Asset
) -> None:
    font = await own_fonts.store(db, storage, pool, shop, LATIN)
    house = await drawn(db, storage, pool, shop, asset)
    made, own = list[Visual](), shop
    for kit in itertools.product((None, font.id), repeat=2):
        own = await dressed(db, shop, display_font_id=kit[0], text_font_id=kit[1])
        made.append(await drawn(db, storage, pool, own, asset))
    assert made[0].id == house.id
    assert len({each.id for each in made}) == 4
    assert len({await storage.get(each.storage_key) for each in made}) == 4
    assert (await drawn(db, storage, pool, own, asset)).id == made[-1].id
    plain = await drawn(db, storage, pool, own, asset, template="plain")
    shop = await dressed(db, shop, display_font_id=None, text_font_id=None)
    assert (await drawn(db, storage, pool, shop, asset, template="plain")).id == plain.id


async def test_where_a_font_was_archived_the_house_stands_in(
    db: Database, storage: Storage, pool: PicturePool, shop: Shop, asset: Asset
) -> None:
    house = await drawn(db, storage, pool, shop, asset)
    font = await own_fonts.store(db, storage, pool, shop, LATIN)
    shop = await dressed(db, shop, text_font_id=font.id)
    own = await drawn(db, storage, pool, shop, asset)
    async with db.transaction() as session:
        await own_fonts.archive(session, shop, font.id)
    assert (await drawn(db, storage, pool, shop, asset)).id == house.id != own.id
    with pytest.raises(FontArchived):
        await dressed(db, shop, text_font_id=font.id)
    assert await storage.exists(own.storage_key)


class TestOnOneStorage:
    """Where it makes no difference which storage it is."""

    @pytest.fixture
    def settings(self, database_url: str, tmp_path: Path) -> Settings:
        """Files."""
        return Settings(database_url=database_url, data_dir=tmp_path)

    async def test_another_shops_font_is_not_there(
        self, db: Database, storage: Storage, pool: PicturePool, shop: Shop
    ) -> None:
        font = await own_fonts.store(db, storage, pool, shop, LATIN)
        async with db.transaction() as session:
            other = await shops.create(session, "Elsewhere", "EUR")
            for verb in (own_fonts.get(session, other, font.id), own_fonts.archive(session, other, font.id)):
                with pytest.raises(FontNotFound):
                    await verb
            assert await own_fonts.all_living(session, other) == []
            assert await own_fonts.living(session, other, font.id) is None
        with pytest.raises(UnknownFont):
            await dressed(db, other, display_font_id=font.id)

    async def test_a_shop_has_a_limited_number_of_fonts(
        self, db: Database, storage: Storage, pool: PicturePool, shop: Shop
    ) -> None:
        made = [
            await own_fonts.store(db, storage, pool, shop, lettering(ascii_letters, f"Boxes {number}"))
            for number in range(own_fonts.MOST)
        ]
        with pytest.raises(TooManyFonts) as refused:
            await own_fonts.store(db, storage, pool, shop, LATIN)
        assert refused.value.facts == {"limit": 20}
        async with db.transaction() as session:
            await own_fonts.archive(session, shop, made[0].id)
        await own_fonts.store(db, storage, pool, shop, LATIN)
        with pytest.raises(TooManyFonts):
            await own_fonts.store(db, storage, pool, shop, lettering(ascii_letters, "Boxes 0"))

    async def test_fonts_fill_the_shops_room_too(self, db: Database, storage: Storage, shop: Shop) -> None:
        async with PicturePool(workers=1, limits=Limits(shop_bytes=len(LATIN))) as pool:
            await own_fonts.store(db, storage, pool, shop, LATIN)
            async with db.read() as session:
                assert await quota.taken(session, shop, clock.now()) == len(LATIN)
            with pytest.raises(StorageQuotaReached):
                await own_fonts.store(db, storage, pool, shop, lettering(ascii_letters))

    async def test_a_font_that_comes_several_times_at_once_is_one(
        self, db: Database, storage: Storage, pool: PicturePool, shop: Shop
    ) -> None:
        made = await asyncio.gather(*(own_fonts.store(db, storage, pool, shop, LATIN) for _ in range(4)))
        assert len({each.id for each in made}) == 1
        async with db.read() as session:
            assert len(await own_fonts.all_living(session, shop)) == 1

    async def test_a_damaged_font_leaves_nothing(
        self, db: Database, storage: Storage, pool: PicturePool, shop: Shop
    ) -> None:
        with pytest.raises(FontUnreadable):
            await own_fonts.store(db, storage, pool, shop, LATIN[:-300])
        async with db.read() as session:
            assert await own_fonts.all_living(session, shop) == []

    async def test_two_processes_draw_the_same_to_the_byte(
        self, db: Database, storage: Storage, pool: PicturePool, shop: Shop, asset: Asset
    ) -> None:
        font = await own_fonts.store(db, storage, pool, shop, LATIN)
        shop = await dressed(db, shop, display_font_id=font.id, text_font_id=font.id, logo_asset_id=asset.id)
        other = await assets.store(db, storage, pool, shop, saved(photo(500, 500)))
        data = VisualCreate(asset_id=other.id, template="new", formats=["portrait"], title="Vase", price="19 €")
        seen: set[bytes] = set()
        for _ in range(2):
            async with PicturePool(workers=1) as fresh:
                (shown,) = await visuals.preview(db, storage, fresh, shop, asking.requested(shop, data))
                seen.add(shown.data)
        assert len(seen) == 1

    async def test_fonts_of_many_shops_are_drawn_with_by_one_child(
        self, db: Database, storage: Storage, pool: PicturePool, shop: Shop, asset: Asset
    ) -> None:
        made: list[Visual] = []
        kept: list[ShopFont] = []
        for number in range(3):
            pair = [lettering(ascii_letters + digits + "€"[:number], f"Boxes {number} {part}") for part in "ab"]
            kept = [await own_fonts.store(db, storage, pool, shop, each) for each in pair]
            own = await dressed(db, shop, display_font_id=kept[0].id, text_font_id=kept[1].id)
            made.append(await drawn(db, storage, pool, own, asset))
        assert len({each.id for each in made}) == 3


def test_japanese_is_set_in_a_shops_font_and_its_lines_end_between_words() -> None:
    found = typefaces.check(JAPANESE)
    assert set(found.scripts) == {"Latin", "Japanese", "Chinese", "Korean"}
    fitted = fit(TITLE, Style(found.family, 400, 40, 40, 4), 360, 400, language="ja")
    assert fitted.missing == 0
    assert {fonts.drawing(found.family, each, "ja") for each in TITLE} == {found.family}
    assert "".join(fitted.lines) == TITLE
    assert len(fitted.lines) > 2
    words = ["手仕事の", "小さな", "器、", "毎日", "使う", "夏の", "リネンワンピース"]
    ends = set(itertools.accumulate(map(len, words)))
    assert set(itertools.accumulate(map(len, fitted.lines))) <= ends
