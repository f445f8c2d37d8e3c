"""A shop's own formats: kept within bounds, nobody else's, and drawn on like built-in ones."""

from io import BytesIO

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from PIL import Image

from core import shops
from core.db import AsyncSession, Database
from core.errors import PreconditionFailed
from core.shops import Shop
from media import asking, render, visuals
from media.errors import (
    BadFormat,
    FormatNotFound,
    FormatSlugReserved,
    FormatSlugTaken,
    TooManyFormats,
    UnknownFormat,
)
from media.formats import own_formats
from media.formats.format import Format
from media.formats.format_schemas import BoxIn, FormatChange, FormatCreate
from media.frame import Box, Size
from media.looks import layout
from media.looks.layers import Words
from media.looks.scene import Framing, Scene
from media.models import Asset, Visual
from media.pool import PicturePool
from media.render import Drawing
from media.schemas import VisualCreate
from media.storage.storage import Storage
from tests.media.pictures import DOT, dot_in, dotted, saved


def banner(**fields: object) -> FormatCreate:
    values = {"slug": "banner", "name": "Banner", "width": 900, "height": 300}
    return FormatCreate(**(values | fields))  # type: ignore[arg-type]  # Each test names real fields.


def box(left: int, top: int, right: int, bottom: int) -> BoxIn:
    return BoxIn(left=left, top=top, right=right, bottom=bottom)


async def test_a_format_is_kept_with_a_margin_where_none_is_named(session: AsyncSession, shop: Shop) -> None:
    made = await own_formats.create(session, shop, banner())
    found = own_formats.canvas(await own_formats.get(session, shop, made.id))
    assert (found.slug, found.width, found.height, found.id) == ("banner", 900, 300, made.id)
    assert found.safe == Box(18, 18, 882, 282)
    assert [each.id for each in await own_formats.all_living(session, shop)] == [made.id]


@pytest.mark.parametrize("slug", ["square", "youtube-thumbnail", "width-800", "width-of-the-page"])
async def test_a_built_in_format_is_never_shadowed(session: AsyncSession, shop: Shop, slug: str) -> None:
    with pytest.raises(FormatSlugReserved):
        await own_formats.create(session, shop, banner(slug=slug))


async def test_a_slug_is_a_shops_own_until_its_format_is_archived(session: AsyncSession, shop: Shop) -> None:
    other = await shops.create(session, "Elsewhere", "EUR")
    first = await own_formats.create(session, shop, banner())
    await own_formats.create(session, other, banner())
    with pytest.raises(FormatSlugTaken):
        await own_formats.create(session, shop, banner())
    for _ in range(2):
        await own_formats.archive(session, shop, first.id)
    second = await own_formats.create(session, shop, banner())
    assert [each.id for each in await own_formats.all_living(session, shop)] == [second.id]
    assert (await own_formats.get(session, shop, first.id)).archived_at is not None


async def test_another_shops_format_is_not_there(session: AsyncSession, shop: Shop) -> None:
    other = await shops.create(session, "Elsewhere", "EUR")
    made = await own_formats.create(session, shop, banner())
    for verb in (
        own_formats.get(session, other, made.id),
        own_formats.change(session, other, made.id, FormatChange(name="Mine"), None),
        own_formats.archive(session, other, made.id),
    ):
        with pytest.raises(FormatNotFound):
            await verb
    assert await own_formats.all_living(session, other) == []
    assert await own_formats.named(session, other, ["banner"]) == {}


async def test_a_shop_has_a_limited_number_of_formats(session: AsyncSession, shop: Shop) -> None:
    made = [await own_formats.create(session, shop, banner(slug=f"banner-{n}")) for n in range(own_formats.MOST)]
    with pytest.raises(TooManyFormats) as refused:
        await own_formats.create(session, shop, banner())
    assert refused.value.facts == {"limit": 50}
    await own_formats.archive(session, shop, made[0].id)
    await own_formats.create(session, shop, banner())


async def test_a_change_names_the_version_that_was_read(session: AsyncSession, shop: Shop) -> None:
    made = await own_formats.create(session, shop, banner())
    changed = await own_formats.change(session, shop, made.id, FormatChange(height=400), 1)
    assert (changed.height, changed.version, changed.name) == (400, 2, "Banner")
    with pytest.raises(PreconditionFailed):
        await own_formats.change(session, shop, made.id, FormatChange(height=500), 1)
    await own_formats.archive(session, shop, made.id)
    with pytest.raises(FormatNotFound):
        await own_formats.change(session, shop, made.id, FormatChange(height=500), None)


@pytest.mark.parametrize(
    ("fields", "blamed"),
    [
        ({"width": 2000, "height": 400}, "width"),
        ({"width": 64, "height": 257}, "width"),
        ({"safe": box(0, 0, 901, 300)}, "safe"),
        ({"safe": box(500, 0, 400, 300)}, "safe"),
        ({"safe": box(0, 0, 0, 300)}, "safe"),
        ({"safe": box(0, 0, 400, 300)}, "safe"),
        ({"covered": [box(800, 200, 900, 301)]}, "covered"),
        ({"covered": [box(100, 40, 800, 260)]}, "covered"),
    ],
)
async def test_a_canvas_on_which_nothing_can_be_laid_out_is_refused(
    session: AsyncSession, shop: Shop, fields: dict[str, object], blamed: str
) -> None:
    with pytest.raises(BadFormat) as refused:
        await own_formats.create(session, shop, banner(**fields))
    assert refused.value.facts["field"] == blamed


async def test_a_change_is_held_to_the_same_bounds(session: AsyncSession, shop: Shop) -> None:
    made = await own_formats.create(session, shop, banner())
    with pytest.raises(BadFormat):
        await own_formats.change(session, shop, made.id, FormatChange(width=400), None)


async def rendered(
    db: Database, storage: Storage, pool: PicturePool, shop: Shop, asset: Asset, **fields: object
) -> list[Visual]:
    values = {"asset_id": asset.id, "template": "price", "formats": ["banner"], "title": "Vase", "price": "19 €"}
    data = VisualCreate(**(values | fields))  # type: ignore[arg-type]  # Each test names real fields.
    return await visuals.render(db, storage, pool, shop, asking.requested(shop, data))


async def test_visuals_come_in_own_formats_beside_built_in_ones(
    db: Database, storage: Storage, pool: PicturePool, shop: Shop, asset: Asset
) -> None:
    async with db.transaction() as session:
        made = await own_formats.create(session, shop, banner())
        other = await shops.create(session, "Elsewhere", "EUR")
    both = {"formats": ["square", "banner"], "output": "webp"}
    _, own = await rendered(db, storage, pool, shop, asset, **both)
    kept = await storage.get(own.storage_key)
    with Image.open(BytesIO(kept)) as image:
        assert (image.size, own.format) == ((900, 300), "banner")
    found, mapped = dot_in(kept), visuals.frame_of(own).map(DOT)
    assert found is not None
    assert mapped is not None
    assert (found.x, found.y) == pytest.approx((mapped.x, mapped.y), abs=0.01)
    with pytest.raises(UnknownFormat) as refused:
        await rendered(db, storage, pool, other, asset, **both)
    assert "banner" not in str(refused.value.facts["known"])
    async with db.transaction() as session:
        await own_formats.archive(session, shop, made.id)
    with pytest.raises(UnknownFormat):
        await rendered(db, storage, pool, shop, asset, **both)


async def test_a_changed_format_makes_another_visual_and_a_new_name_does_not(
    db: Database, storage: Storage, pool: PicturePool, shop: Shop, asset: Asset
) -> None:
    async with db.transaction() as session:
        made = await own_formats.create(session, shop, banner())
    (first,) = await rendered(db, storage, pool, shop, asset)
    async with db.transaction() as session:
        await own_formats.change(session, shop, made.id, FormatChange(name="Head of the page"), None)
    (same,) = await rendered(db, storage, pool, shop, asset)
    async with db.transaction() as session:
        await own_formats.change(session, shop, made.id, FormatChange(safe=box(100, 20, 880, 280)), None)
    (other,) = await rendered(db, storage, pool, shop, asset)
    assert first.id == same.id != other.id
    assert await storage.exists(first.storage_key)


sides = st.integers(min_value=64, max_value=4096)
edges = st.floats(min_value=0, max_value=0.45)


@given(sides, sides, edges, edges, edges, edges, st.sampled_from(layout.templates()))
def test_words_have_room_on_every_canvas_that_a_shop_may_have(
    width: int, height: int, left: float, top: float, right: float, bottom: float, template: layout.Template
) -> None:
    safe = Box(
        round(left * width), round(top * height), round((1 - right) * width), round((1 - bottom) * height)
    )  # fmt: skip
    canvas = Format("own", "Own", width, height, safe, "", id="format_1")
    try:
        own_formats.check(canvas)
    except BadFormat:
        assume(False)
    scene = Scene(title="Vase Galet", price="89,00 €", compare_at="120,00 €", shop_name="Maison")
    drawing = Drawing(template.slug, ["own"], scene, Framing(), "jpeg", (canvas,))
    for plan in render._plans("own", [Size(900, 1200)], drawing):
        words = [each.box for each in plan.composition.layers if isinstance(each, Words)]
        room = canvas.times(plan.factor).safe
        assert [each for each in words if not room.holds(each)] == []


def test_a_small_canvas_is_drawn_larger_and_reduced_with_its_points() -> None:
    canvas = Format("own", "Own", 120, 150, Box(10, 10, 110, 140), "", id="format_1")
    scene = Scene(title="Vase", price="19 €")
    drawing = Drawing("price", ["own"], scene, Framing("crop", DOT), "jpeg", (canvas,))
    (drawn,) = render.draw(saved(dotted(800, 1000, DOT)), drawing)
    with Image.open(BytesIO(drawn.data)) as image:
        assert image.size == (drawn.width, drawn.height) == (120, 150)
    assert drawn.warnings == []
    found, mapped = dot_in(drawn.data), drawn.frame.map(DOT)
    assert found is not None
    assert mapped is not None
    assert (found.x, found.y) == pytest.approx((mapped.x, mapped.y), abs=0.015)


def test_what_no_quality_makes_light_enough_says_so() -> None:
    canvas = Format("own", "Own", 1000, 1000, Box(0, 0, 1000, 1000), "", max_bytes=20_000, id="format_1")
    noise = saved(Image.effect_noise((1000, 1000), 120).convert("RGB"))
    (drawn,) = render.draw(noise, Drawing("plain", ["own"], Scene(), Framing(), "jpeg", (canvas,)))
    assert drawn.warnings == [{"slug": "too-heavy", "bytes": len(drawn.data), "maximum": 20_000}]
