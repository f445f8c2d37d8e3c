"""A shop's own templates: kept and counted, nobody else's, and drawn with like built-in ones."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest

from core import shops
from core.db import AsyncSession, Database
from core.errors import PreconditionFailed
from core.settings import Settings
from core.shops import Shop
from media import asking, assets, visuals
from media.errors import (
    TemplateArchived,
    TemplateNotFound,
    TemplateSlugReserved,
    TemplateSlugTaken,
    TooManyLayers,
    TooManyTemplates,
    UnknownTemplate,
)
from media.looks import layout, own_templates
from media.looks.design import Design, Group3, Group4, Page, PhotoLayer, TextLayer, Variant
from media.looks.template_schemas import TemplateChange, TemplateCreate
from media.models import Asset, Visual
from media.pool import PicturePool
from media.schemas import VisualCreate
from media.storage import storage as storages
from media.storage.storage import Storage
from tests.media.pictures import photo, saved


@pytest.fixture
async def pool() -> AsyncIterator[PicturePool]:
    async with PicturePool() as pool:
        yield pool


@pytest.fixture
def storage(settings: Settings) -> Storage:
    return storages.connect(settings)


@pytest.fixture
async def asset(db: Database, storage: Storage, pool: PicturePool, shop: Shop) -> Asset:
    return await assets.store(db, storage, pool, shop, saved(photo(600, 700)))


def design(size: int = 60) -> Design:
    body = Group4(children=[PhotoLayer(), TextLayer(text="{title}", size=size)])
    return Design(pages=[Page(variants=[Variant(body=body)])])


def label(**fields: object) -> TemplateCreate:
    values = {"slug": "label", "name": "Label", "design": design()}
    return TemplateCreate(**(values | fields))  # type: ignore[arg-type]  # Each test names real fields.


async def test_a_template_is_kept_as_it_was_described(session: AsyncSession, shop: Shop) -> None:
    made = await own_templates.create(session, shop, label(description="Ours"))
    found = own_templates.look(await own_templates.get(session, shop, made.id))
    assert (found.slug, found.name, found.description, found.version) == ("label", "Label", "Ours", 1)
    assert (found.design, found.id) == (design(), made.id)
    assert [each.id for each in await own_templates.all_living(session, shop)] == [made.id]


@pytest.mark.parametrize("look", layout.templates(), ids=lambda each: each.slug)
async def test_a_built_in_template_is_never_shadowed_and_may_be_copied(
    session: AsyncSession, shop: Shop, look: layout.Template
) -> None:
    with pytest.raises(TemplateSlugReserved):
        await own_templates.create(session, shop, label(slug=look.slug))
    if look.design is not None:
        made = await own_templates.create(session, shop, label(slug=f"our-{look.slug}", design=look.design))
        assert own_templates.look(made).design == look.design


async def test_a_slug_is_a_shops_own_until_its_template_is_archived(session: AsyncSession, shop: Shop) -> None:
    other = await shops.create(session, "Elsewhere", "EUR")
    first = await own_templates.create(session, shop, label())
    await own_templates.create(session, other, label())
    with pytest.raises(TemplateSlugTaken):
        await own_templates.create(session, shop, label())
    for _ in range(2):
        await own_templates.archive(session, shop, first.id)
    with pytest.raises(TemplateArchived) as refused:
        await own_templates.named(session, shop, "label")
    assert refused.value.facts == {"template": "label", "template_id": first.id}
    second = await own_templates.create(session, shop, label())
    assert (await own_templates.named(session, shop, "label")).id == second.id
    assert (await own_templates.get(session, shop, first.id)).archived_at is not None


async def test_another_shops_template_is_not_there(session: AsyncSession, shop: Shop) -> None:
    other = await shops.create(session, "Elsewhere", "EUR")
    made = await own_templates.create(session, shop, label())
    for verb in (
        own_templates.get(session, other, made.id),
        own_templates.change(session, other, made.id, TemplateChange(name="Mine"), None),
        own_templates.archive(session, other, made.id),
    ):
        with pytest.raises(TemplateNotFound):
            await verb
    assert await own_templates.all_living(session, other) == []
    with pytest.raises(UnknownTemplate) as refused:
        await own_templates.named(session, other, "label")
    assert refused.value.facts["known"] == [each.slug for each in layout.templates()]


async def test_a_shop_has_a_limited_number_of_templates(session: AsyncSession, shop: Shop) -> None:
    made = [await own_templates.create(session, shop, label(slug=f"label-{n}")) for n in range(own_templates.MOST)]
    with pytest.raises(TooManyTemplates) as refused:
        await own_templates.create(session, shop, label())
    assert refused.value.facts == {"limit": 50}
    await own_templates.archive(session, shop, made[0].id)
    await own_templates.create(session, shop, label())


async def test_only_another_design_is_another_version(session: AsyncSession, shop: Shop) -> None:
    made = await own_templates.create(session, shop, label())
    renamed = await own_templates.change(session, shop, made.id, TemplateChange(name="Plate", design=design()), 1)
    assert (renamed.name, renamed.version, renamed.design_version) == ("Plate", 2, 1)
    with pytest.raises(PreconditionFailed):
        await own_templates.change(session, shop, made.id, TemplateChange(design=design(61)), 1)
    changed = await own_templates.change(session, shop, made.id, TemplateChange(design=design(61)), 2)
    assert (changed.version, changed.design_version, own_templates.look(changed).design) == (3, 2, design(61))
    await own_templates.archive(session, shop, made.id)
    with pytest.raises(TemplateNotFound):
        await own_templates.change(session, shop, made.id, TemplateChange(name="Label"), None)


async def test_a_design_is_held_to_the_bounds_of_one_in_a_request(session: AsyncSession, shop: Shop) -> None:
    row = Group3(children=[TextLayer(text="a") for _ in range(12)])
    body = Group4(children=[row for _ in range(12)])
    huge = Design(pages=[Page(variants=[Variant(body=body)]) for _ in range(2)])
    with pytest.raises(TooManyLayers):
        await own_templates.create(session, shop, label(design=huge))
    made = await own_templates.create(session, shop, label())
    with pytest.raises(TooManyLayers):
        await own_templates.change(session, shop, made.id, TemplateChange(design=huge), None)


async def test_of_two_who_take_one_name_at_once_one_gets_it(db: Database, shop: Shop) -> None:
    async def taken() -> str:
        async with db.transaction() as session:
            return (await own_templates.create(session, shop, label())).id

    answers = await asyncio.gather(*(taken() for _ in range(4)), return_exceptions=True)
    assert [type(each) for each in answers if not isinstance(each, str)] == [TemplateSlugTaken] * 3
    async with db.read() as session:
        assert [each.id for each in await own_templates.all_living(session, shop)] == [
            each for each in answers if isinstance(each, str)
        ]


async def rendered(
    db: Database, storage: Storage, pool: PicturePool, shop: Shop, asset: Asset, **fields: object
) -> Visual:
    values = {"asset_id": asset.id, "template": "label", "formats": ["square"], "title": "Vase"}
    data = VisualCreate(**(values | fields))  # type: ignore[arg-type]  # Each test names real fields.
    (made,) = await visuals.render(db, storage, pool, shop, asking.requested(shop, data))
    return made


async def test_visuals_say_which_version_made_them_and_stay_as_they_are(
    db: Database, storage: Storage, pool: PicturePool, shop: Shop, asset: Asset
) -> None:
    async with db.transaction() as session:
        made = await own_templates.create(session, shop, label())
    first = await rendered(db, storage, pool, shop, asset)
    assert (first.template, first.template_id, first.template_version) == ("label", made.id, 1)
    async with db.transaction() as session:
        await own_templates.change(session, shop, made.id, TemplateChange(name="Plate"), None)
    assert (await rendered(db, storage, pool, shop, asset)).id == first.id
    async with db.transaction() as session:
        await own_templates.change(session, shop, made.id, TemplateChange(design=design(90)), None)
    second = await rendered(db, storage, pool, shop, asset)
    assert (second.id != first.id, second.template_version) == (True, 2)
    assert await storage.get(first.storage_key) != await storage.get(second.storage_key)
    async with db.transaction() as session:
        await own_templates.change(session, shop, made.id, TemplateChange(design=design()), None)
    assert (await rendered(db, storage, pool, shop, asset)).id == first.id


async def test_a_design_that_comes_along_and_a_built_in_template_have_no_id(
    db: Database, storage: Storage, pool: PicturePool, shop: Shop, asset: Asset
) -> None:
    async with db.transaction() as session:
        await own_templates.create(session, shop, label())
    brought = await rendered(db, storage, pool, shop, asset, design=design())
    assert (brought.template, brought.template_id, brought.template_version) == ("label", None, None)
    kept = await rendered(db, storage, pool, shop, asset)
    assert kept.id != brought.id
    assert await storage.get(kept.storage_key) == await storage.get(brought.storage_key)
    house = layout.find("price")
    assert house is not None
    built_in = await rendered(db, storage, pool, shop, asset, template="price")
    assert (built_in.template_id, built_in.template_version) == (None, house.version)


async def test_what_is_archived_or_unknown_draws_nothing(
    db: Database, storage: Storage, pool: PicturePool, shop: Shop, asset: Asset
) -> None:
    with pytest.raises(UnknownTemplate):
        await rendered(db, storage, pool, shop, asset)
    async with db.transaction() as session:
        made = await own_templates.create(session, shop, label())
        await own_templates.archive(session, shop, made.id)
    with pytest.raises(TemplateArchived):
        await rendered(db, storage, pool, shop, asset)


def test_what_is_kept_is_whole() -> None:
    kept = layout.plain(design())
    assert msgspec.convert(kept, Design) == design()
    assert "smallest" in msgspec.json.encode(kept).decode(), "defaults of today are kept, not those of a later day"
