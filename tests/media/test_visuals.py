"""Visuals are addressed by what goes into them: asking twice costs nothing, any difference makes another."""

import asyncio
from io import BytesIO

import msgspec
import pytest
from PIL import Image
from sqlmodel import select

from core import shops
from core.db import Database
from core.shops import Shop
from media import asking, assets, palette, visuals
from media.asking import Request
from media.errors import OutputNotTaken, UnknownAsset, UnknownFormat, UnknownTemplate, VisualNotFound
from media.formats import formats
from media.frame import Point
from media.looks import layout
from media.models import Asset, Visual
from media.pool import PicturePool
from media.schemas import AssetChange, PointIn, VisualCreate, VisualOut
from media.storage.storage import Storage
from tests.media.pictures import DOT, dot_in, dotted, saved

ALL = tuple(each.slug for each in formats.formats())
SHAPES = ("square", "portrait", "landscape", "story", "pin", "pin-square", "link-card")


def wanted(shop: Shop, asset: Asset, **fields: object) -> Request:
    values = {"asset_id": asset.id, "template": "price", "formats": list(SHAPES), "title": "Vase", "price": "19,00 €"}
    return asking.requested(shop, msgspec.convert(values | fields, VisualCreate))


async def count(db: Database) -> int:
    async with db.read() as session:
        return len((await session.exec(select(Visual))).all())


async def test_one_request_makes_every_format_in_its_order(
    db: Database, storage: Storage, pool: PicturePool, shop: Shop, asset: Asset
) -> None:
    made = await visuals.render(db, storage, pool, shop, wanted(shop, asset, formats=["story", "square"]))
    assert [(each.format, each.width, each.height) for each in made] == [("story", 1080, 1920), ("square", 1080, 1080)]
    with Image.open(BytesIO(await storage.get(made[0].storage_key))) as image:
        assert image.size == (1080, 1920)


async def test_asking_twice_draws_once(
    db: Database, storage: Storage, pool: PicturePool, shop: Shop, asset: Asset
) -> None:
    first = await visuals.render(db, storage, pool, shop, wanted(shop, asset))
    await pool.close()
    second = await visuals.render(db, storage, pool, shop, wanted(shop, asset))
    assert [each.id for each in second] == [each.id for each in first]


async def test_only_what_is_missing_is_drawn(
    db: Database, storage: Storage, pool: PicturePool, shop: Shop, asset: Asset
) -> None:
    (square,) = await visuals.render(db, storage, pool, shop, wanted(shop, asset, formats=["square"]))
    every = await visuals.render(db, storage, pool, shop, wanted(shop, asset))
    assert every[0].id == square.id
    assert await count(db) == len(SHAPES)


async def test_the_same_request_at_once_leaves_one_row_each(
    db: Database, storage: Storage, pool: PicturePool, shop: Shop, asset: Asset
) -> None:
    request = wanted(shop, asset)
    made = await asyncio.gather(*(visuals.render(db, storage, pool, shop, request) for _ in range(4)))
    assert len({tuple(each.id for each in one) for one in made}) == 1
    assert await count(db) == len(SHAPES)


@pytest.mark.parametrize(
    "difference",
    [{"title": "Other"}, {"price": "20,00 €"}, {"compare_at": "25,00 €"}, {"frame": "crop"}, {"output": "webp"}],
)
async def test_any_difference_makes_another_visual(
    db: Database, storage: Storage, pool: PicturePool, shop: Shop, asset: Asset, difference: dict[str, object]
) -> None:
    (one,) = await visuals.render(db, storage, pool, shop, wanted(shop, asset, formats=["square"]))
    (other,) = await visuals.render(db, storage, pool, shop, wanted(shop, asset, formats=["square"], **difference))
    assert one.id != other.id
    assert one.storage_key != other.storage_key


@pytest.mark.parametrize(
    ("output", "pillow", "media_type"),
    [
        ("jpeg", "JPEG", "image/jpeg"),
        ("webp", "WEBP", "image/webp"),
        ("avif", "AVIF", "image/avif"),
        ("png", "PNG", "image/png"),
    ],
)
async def test_a_visual_comes_in_the_type_that_was_asked_for(
    db: Database,
    storage: Storage,
    pool: PicturePool,
    shop: Shop,
    asset: Asset,
    output: str,
    pillow: str,
    media_type: str,
) -> None:
    (made,) = await visuals.render(db, storage, pool, shop, wanted(shop, asset, formats=["square"], output=output))
    kept = await storage.get(made.storage_key)
    with Image.open(BytesIO(kept)) as image:
        assert (image.format, image.size, "icc_profile" in image.info) == (pillow, (1080, 1080), True)
    assert VisualOut.of(made, storage).media_type == media_type == (await storage.stat(made.storage_key)).media_type
    found = dot_in(kept)
    mapped = visuals.frame_of(made).map(DOT)
    assert found is not None
    assert mapped is not None
    assert abs(found.x - mapped.x) < 0.003


async def test_a_set_comes_page_by_page_and_is_found_again(
    db: Database, storage: Storage, pool: PicturePool, shop: Shop, asset: Asset
) -> None:
    other = await assets.store(db, storage, pool, shop, saved(dotted(900, 700, DOT)))
    items = [{"asset_id": asset.id, "title": "Vase"}, {"asset_id": other.id, "title": "Bol", "price": "9,00 €"}]
    fields = {"template": "carousel", "formats": ["portrait", "square"], "items": items}
    made = await visuals.render(db, storage, pool, shop, wanted(shop, asset, **fields))
    assert [(each.format, each.page) for each in made] == [(f, n) for f in ("portrait", "square") for n in (1, 2, 3, 4)]
    await pool.close()
    again = await visuals.render(db, storage, pool, shop, wanted(shop, asset, **fields))
    assert [each.id for each in again] == [each.id for each in made]
    assert [visuals.frame_of(each).map(DOT) is not None for each in made[:4]] == [True, True, False, False]


async def test_another_picture_of_an_item_makes_another_visual(
    db: Database, storage: Storage, pool: PicturePool, shop: Shop, asset: Asset
) -> None:
    others = [await assets.store(db, storage, pool, shop, saved(dotted(700, n, DOT))) for n in (600, 650)]
    made = []
    for other in others:
        items = [{"asset_id": each, "title": "Vase"} for each in (asset.id, other.id)]
        made += await visuals.render(
            db, storage, pool, shop, wanted(shop, asset, template="grid", formats=["square"], items=items)
        )
    assert len({each.key for each in made}) == 2
    nobodys = wanted(shop, asset, template="grid", items=[{"asset_id": "asset_01k2h60c4ge2t7z1w4y2a5p9qc"}])
    with pytest.raises(UnknownAsset):
        await visuals.render(db, storage, pool, shop, nobodys)


@pytest.mark.parametrize("kit", [{"fonts": "modern"}, {"corners": "round"}, {"tone": "bold"}])
async def test_the_shops_kit_dresses_its_visuals(
    db: Database, storage: Storage, pool: PicturePool, shop: Shop, asset: Asset, kit: dict[str, str]
) -> None:
    fields = {"template": "story", "formats": ["story"]}
    (plain,) = await visuals.render(db, storage, pool, shop, wanted(shop, asset, **fields))
    async with db.transaction() as session:
        dressed = await shops.change(session, shop, msgspec.convert(kit, shops.ShopChange), None)
    (other,) = await visuals.render(db, storage, pool, dressed, wanted(dressed, asset, **fields))
    assert await storage.get(plain.storage_key) != await storage.get(other.storage_key)


async def test_a_logo_stands_where_the_name_was(
    db: Database, storage: Storage, pool: PicturePool, shop: Shop, asset: Asset
) -> None:
    sign = await assets.store(db, storage, pool, shop, saved(dotted(600, 200, Point(0.5, 0.5))))
    fields = {"formats": ["square"], "logo_asset_id": sign.id}
    (made,) = await visuals.render(db, storage, pool, shop, wanted(shop, asset, **fields))
    (named,) = await visuals.render(db, storage, pool, shop, wanted(shop, asset, formats=["square"]))
    assert await storage.get(made.storage_key) != await storage.get(named.storage_key)


async def test_words_make_no_difference_to_a_template_that_shows_none(
    db: Database, storage: Storage, pool: PicturePool, shop: Shop, asset: Asset
) -> None:
    plain = {"template": "plain", "formats": ["square"]}
    (one,) = await visuals.render(db, storage, pool, shop, wanted(shop, asset, **plain))
    (other,) = await visuals.render(db, storage, pool, shop, wanted(shop, asset, **plain, title="Other"))
    assert one.id == other.id


async def test_a_new_focal_point_makes_another_visual_and_leaves_the_old_one(
    db: Database, storage: Storage, pool: PicturePool, shop: Shop, asset: Asset
) -> None:
    (one,) = await visuals.render(db, storage, pool, shop, wanted(shop, asset, formats=["square"], frame="crop"))
    async with db.transaction() as session:
        await assets.change(session, shop, asset.id, AssetChange(focal_point=PointIn(x=0.5, y=0.0)), None)
    (other,) = await visuals.render(db, storage, pool, shop, wanted(shop, asset, formats=["square"], frame="crop"))
    assert one.id != other.id
    assert await storage.exists(one.storage_key)


async def test_points_to_keep_move_a_crop_and_make_another_visual_of_it_alone(
    db: Database, storage: Storage, pool: PicturePool, shop: Shop
) -> None:
    dot = Point(0.06, 0.5)
    wide = await assets.store(db, storage, pool, shop, saved(dotted(2400, 1200, dot)))
    async with db.transaction() as session:  # Not the dot, which is found, and would be seen whole anyway.
        middle = AssetChange(focal_point=PointIn(x=0.5, y=0.05))
        wide = await assets.change(session, shop, wide.id, middle, None)
    at_left, both = [PointIn(x=0.06, y=0.5)], [PointIn(x=x, y=0.5) for x in (0.9, 0.06)]
    for frame, keep, warned in (
        ("crop", at_left, []),
        ("crop", both, [{"slug": "point-lost", "x": 0.06, "y": 0.5}]),
        ("crop", [], []),
        ("pad", at_left, []),
    ):
        asked = wanted(shop, wide, template="plain", formats=["square"], frame=frame, keep=keep)
        (made,) = await visuals.render(db, storage, pool, shop, asked)
        assert made.warnings == warned
        found, mapped = dot_in(await storage.get(made.storage_key)), visuals.frame_of(made).map(dot)
        assert (found is None) == (mapped is None) == (keep != at_left)
        if found is not None and mapped is not None:
            assert (found.x, found.y) == pytest.approx((mapped.x, mapped.y), abs=0.003)
    assert await count(db) == 4
    asked = wanted(shop, wide, template="plain", formats=["square"], frame="pad", keep=both)
    await visuals.render(db, storage, pool, shop, asked)
    assert await count(db) == 4, "a padded picture shows all of it anyway"


async def test_a_background_is_the_shops_colour_or_the_one_that_is_named(
    db: Database, storage: Storage, pool: PicturePool, shop: Shop, asset: Asset
) -> None:
    found = []
    for fields in (
        {"background": "colour", "colour": "#204060"},
        {"background": "colour"},
        {"background": "blur"},
        {"background": "blur", "colour": "#204060"},
        {},
    ):
        asked = wanted(shop, asset, template="plain", formats=["square"], frame="pad", **fields)
        (made,) = await visuals.render(db, storage, pool, shop, asked)
        with Image.open(BytesIO(await storage.get(made.storage_key))) as image:
            found.append((made.id, image.convert("RGB").getpixel((5, 5))))
    colours = [colour for _, colour in found]
    assert colours[0] == pytest.approx((32, 64, 96), abs=2), "as near as a JPEG comes"
    assert colours[1] == palette.rgb(shop.background_colour)
    assert found[2] == found[3], "a colour means nothing to what has none"
    assert len({each for each, _ in found}) == 4


@pytest.mark.parametrize("template", ["plain", "price"])
async def test_a_tag_lands_on_its_dot_in_every_stored_visual(
    db: Database, storage: Storage, pool: PicturePool, shop: Shop, asset: Asset, template: str
) -> None:
    made = await visuals.render(db, storage, pool, shop, wanted(shop, asset, template=template))
    async with db.read() as session:
        kept = [await visuals.get(session, shop, each.id) for each in made]
    for visual in kept:
        found, mapped = dot_in(await storage.get(visual.storage_key)), visuals.frame_of(visual).map(DOT)
        assert found is not None
        assert mapped is not None
        assert abs(found.x - mapped.x) * visual.width < 3
        assert abs(found.y - mapped.y) * visual.height < 3


async def test_the_placement_that_goes_out_says_the_same_as_the_map(
    db: Database, storage: Storage, pool: PicturePool, shop: Shop, asset: Asset
) -> None:
    for visual in await visuals.render(db, storage, pool, shop, wanted(shop, asset)):
        out, mapped = VisualOut.of(visual, storage), visuals.frame_of(visual).map(DOT)
        assert mapped is not None
        assert out.placement.left + DOT.x * out.placement.width == pytest.approx(mapped.x)
        assert out.placement.top + DOT.y * out.placement.height == pytest.approx(mapped.y)


async def test_a_small_picture_keeps_its_warning(db: Database, storage: Storage, pool: PicturePool, shop: Shop) -> None:
    small = await assets.store(db, storage, pool, shop, saved(dotted(400, 500, DOT)))
    (made,) = await visuals.render(db, storage, pool, shop, wanted(shop, small, template="plain", formats=["portrait"]))
    async with db.read() as session:
        kept = await visuals.get(session, shop, made.id)
    assert VisualOut.of(kept, storage).warnings == [{"slug": "enlarged", "scale": 2.7}]


async def test_unknown_names_are_refused_with_the_known_ones(
    db: Database, storage: Storage, pool: PicturePool, shop: Shop, asset: Asset
) -> None:
    with pytest.raises(UnknownTemplate) as template:
        await visuals.render(db, storage, pool, shop, wanted(shop, asset, template="nonsense"))
    with pytest.raises(UnknownFormat) as canvas:
        await visuals.render(db, storage, pool, shop, wanted(shop, asset, formats=["square", "nonsense"]))
    assert template.value.facts["known"] == [each.slug for each in layout.templates()]
    assert canvas.value.facts["known"] == list(ALL)


async def test_a_type_of_file_that_the_networks_of_a_format_do_not_take_is_refused(
    db: Database, storage: Storage, pool: PicturePool, shop: Shop, asset: Asset
) -> None:
    for canvas, output, taken in (("x-post", "avif", ["jpeg", "webp"]), ("pin", "webp", ["jpeg"])):
        with pytest.raises(OutputNotTaken) as refused:
            await visuals.render(
                db, storage, pool, shop, wanted(shop, asset, formats=["square", canvas], output=output)
            )
        assert refused.value.facts == {"format": canvas, "output": output, "outputs": taken}
    assert await count(db) == 0


async def test_another_shops_pictures_are_unknown(
    db: Database, storage: Storage, pool: PicturePool, shop: Shop, asset: Asset
) -> None:
    (made,) = await visuals.render(db, storage, pool, shop, wanted(shop, asset, formats=["square"]))
    async with db.transaction() as session:
        other = await shops.create(session, "Another", "CHF")
    with pytest.raises(UnknownAsset):
        await visuals.render(db, storage, pool, other, wanted(other, asset))
    async with db.read() as session:
        with pytest.raises(VisualNotFound):
            await visuals.get(session, other, made.id)
        assert await visuals.list_page(session, other, None, 10, None) == ([], None)


async def test_visuals_are_listed_newest_first_and_by_asset(
    db: Database, storage: Storage, pool: PicturePool, shop: Shop, asset: Asset
) -> None:
    made = await visuals.render(db, storage, pool, shop, wanted(shop, asset))
    async with db.read() as session:
        items, cursor = await visuals.list_page(session, shop, None, 4, None)
        rest, end = await visuals.list_page(session, shop, None, 4, cursor)
        none, _ = await visuals.list_page(session, shop, "asset_unknown", 3, None)
    assert [each.id for each in [*items, *rest]] == sorted((each.id for each in made), reverse=True)
    assert (len(items), end, none) == (4, None, [])
