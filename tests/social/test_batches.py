"""Batches: a collection's visuals drawn in the background, each picture once, whoever is killed meanwhile."""

import asyncio
import signal
import sys
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from catalog import collections, pictures, products
from catalog.errors import UnknownCollection, UnknownProduct
from catalog.models import ProductPicture
from catalog.schemas import CollectionCreate, PictureIn
from core import clock, ids, jobs, shops
from core.db import table_of
from core.errors import Refusal
from core.events import EventRecord
from core.jobs import Resources
from media import assets, visuals
from media.errors import TemplateArchived, UnknownFormat, UnknownTemplate
from media.looks import layout, own_templates
from media.looks.template_schemas import TemplateCreate
from media.models import Visual
from media.pool import Limits, PicturePool
from social.batches import batches
from social.batches.errors import (
    BatchEnded,
    BatchTooLarge,
    EmptyBatch,
    ProductsOrCollection,
    TooManyBatches,
    VisualBatchNotFound,
)
from social.batches.models import VisualBatch, VisualBatchItem
from social.batches.schemas import VisualBatchCreate
from social.cards import Painter
from tests.media.pictures import photo, saved
from tests.social.making import Studio

ON_ONE_DATABASE = pytest.mark.parametrize("engine", ["sqlite"])
FORMATS = ["square", "pin"]


async def shown(studio: Studio, seed: int, *more: int) -> str:
    """A product with a small picture for each seed."""
    product_id = await studio.candle(title=f"Bougie {seed}")
    await picture(studio, product_id, seed, *more)
    return product_id


async def picture(studio: Studio, product_id: str, *seeds: int) -> None:
    kept = []
    for seed in seeds:
        data = saved(photo(300 + seed, 300))
        kept.append((await assets.store(studio.db, studio.storage, studio.pool, studio.shop, data)).id)
    async with studio.db.transaction() as session:
        await pictures.replace(session, studio.shop, product_id, [PictureIn(asset_id=each) for each in kept])


async def begun(studio: Studio, **fields: object) -> VisualBatch:
    data = VisualBatchCreate(**({"formats": FORMATS, "template": "price"} | fields))  # type: ignore[arg-type]  # Whatever the test wants to say.
    async with studio.db.transaction() as session:
        return await batches.create(session, studio.shop, data)


async def refused(studio: Studio, **fields: object) -> type[Refusal]:
    with pytest.raises(Refusal) as caught:
        await begun(studio, **fields)
    return caught.type


async def work(studio: Studio, pool: PicturePool | None = None, *, hours: int = 0) -> int:
    """Let a worker do what is due; how many jobs that were."""
    resources = Resources(studio.db, Painter(studio.storage, pool or studio.pool))
    return await jobs.run_due(resources, clock.now() + timedelta(hours=hours))


async def read(studio: Studio, batch: VisualBatch) -> tuple[VisualBatch, list[VisualBatchItem]]:
    async with studio.db.read() as session:
        items, following = await batches.items_page(session, studio.shop, batch.id, 100, None)
        assert following is None
        return await batches.get(session, studio.shop, batch.id), items


async def kinds(studio: Studio) -> list[str]:
    async with studio.db.read() as session:
        rows = await session.exec(select(EventRecord).where(col(EventRecord.kind).like("visual_batch.%")))
        return [each.kind for each in rows]


async def test_a_collection_is_drawn_in_the_background_and_told_of(studio: Studio) -> None:
    named = [await shown(studio, 1), await shown(studio, 2, 3), await studio.candle(title="Sans image")]
    async with studio.db.transaction() as session:
        data = CollectionCreate(title="Bougies", kind="manual", product_ids=named)
        collection = await collections.create(session, studio.shop, data)
    batch = await begun(studio, collection_id=collection.id, pictures="all")
    assert (batch.status, batch.total, batch.drawn, batch.refused) == ("waiting", 4, 0, 0)
    assert await work(studio) == 1
    done, items = await read(studio, batch)
    assert (done.status, done.drawn, done.refused, done.ended_at is not None) == ("completed", 3, 1, True)
    assert [(each.product_id, each.status, each.refusal, each.alt_text) for each in items] == [
        (named[0], "drawn", None, "Bougie 1"),
        (named[1], "drawn", None, "Bougie 2"),
        (named[1], "drawn", None, "Bougie 2"),
        (named[2], "refused", "product-without-picture", ""),
    ]
    async with studio.db.read() as session:
        made = {each.id: each for each in await session.exec(select(Visual))}
    assert [[made[each].format for each in item.visual_ids] for item in items] == [FORMATS, FORMATS, FORMATS, []]
    assert await kinds(studio) == ["visual_batch.ended"]
    assert await work(studio) == 0


async def test_a_long_batch_is_told_of_on_its_way(studio: Studio) -> None:
    await begun(studio, product_ids=[await studio.candle(title=f"Bougie {each}") for each in range(6)])
    await work(studio, hours=1)
    assert await kinds(studio) == ["visual_batch.progressed", "visual_batch.ended"]


async def test_pictures_that_were_drawn_before_are_found(studio: Studio) -> None:
    named = [await shown(studio, 1), await shown(studio, 2)]
    first, second = await begun(studio, product_ids=named), await begun(studio, product_ids=list(reversed(named)))
    while await work(studio):
        pass
    (_, items), (done, again) = await read(studio, first), await read(studio, second)
    assert done.status == "completed"
    assert [each.visual_ids for each in again] == [each.visual_ids for each in reversed(items)]


async def test_the_order_is_that_of_the_request_and_pages_keep_it(studio: Studio) -> None:
    named = [await studio.candle(title=f"Bougie {each}") for each in range(7)]
    batch = await begun(studio, product_ids=[*named[3:], *named[:3], named[0]])
    found: list[str] = []
    cursor: str | None = None
    async with studio.db.read() as session:
        while True:
            items, cursor = await batches.items_page(session, studio.shop, batch.id, 3, cursor)
            found += [each.product_id for each in items]
            if cursor is None:
                break
    assert found == [*named[3:], *named[:3]]


async def test_a_picture_of_an_archived_product_is_refused_and_the_others_are_drawn(studio: Studio) -> None:
    named = [await shown(studio, 1), await shown(studio, 2)]
    batch = await begun(studio, product_ids=named)
    async with studio.db.transaction() as session:
        await products.archive(session, studio.shop, named[0])
    await work(studio)
    done, items = await read(studio, batch)
    assert (done.status, [each.refusal for each in items]) == ("completed", ["unknown-product", None])


async def test_a_batch_that_is_cancelled_draws_no_more_and_keeps_what_is_drawn(studio: Studio) -> None:
    batch = await begun(studio, product_ids=[await shown(studio, 1)])
    async with studio.db.transaction() as session:
        await batches.cancel(session, studio.shop, batch.id)
        again = await batches.cancel(session, studio.shop, batch.id)
    assert (again.status, await kinds(studio)) == ("cancelled", ["visual_batch.ended"])
    assert await work(studio) == 1
    done, (item,) = await read(studio, batch)
    assert (done.status, done.drawn, item.status) == ("cancelled", 0, "waiting")
    other = await begun(studio, product_ids=[item.product_id])
    await work(studio)
    async with studio.db.transaction() as session:
        with pytest.raises(BatchEnded):
            await batches.cancel(session, studio.shop, other.id)


async def test_children_that_are_away_hinder_for_a_while_and_not_for_ever(studio: Studio) -> None:
    """A picture that no child survives is given up after five tries; the others do not wait for it."""
    batch = await begun(studio, product_ids=[await shown(studio, 1)])
    async with PicturePool(workers=1, limits=Limits(cpu_seconds=20, wall_seconds=0.0)) as pool:
        for hour in range(4):
            assert await work(studio, pool, hours=hour) == 1
            done, (item,) = await read(studio, batch)
            assert (done.status, item.status, item.attempts) == ("drawing", "waiting", hour + 1)
        assert await work(studio, pool, hours=5) == 1
    done, (item,) = await read(studio, batch)
    assert (done.status, done.refused, item.refusal) == ("completed", 1, "pictures-unavailable")


async def test_a_busy_pool_costs_no_try(studio: Studio) -> None:
    batch = await begun(studio, product_ids=[await shown(studio, 1)])
    async with PicturePool(workers=0, queue=0) as pool:
        assert await work(studio, pool) == 1
    _, (item,) = await read(studio, batch)
    assert (item.status, item.attempts) == ("waiting", 0)
    await work(studio, hours=1)
    assert (await read(studio, batch))[0].status == "completed"


@pytest.mark.parametrize("point", ["visual_batch.drawn", "db.committing", "db.committed", "jobs.ran"])
async def test_a_worker_that_is_killed_loses_nothing_and_counts_nothing_twice(
    studio: Studio, database_url: str, point: str
) -> None:
    named = [await shown(studio, each) for each in range(6)]
    batch = await begun(studio, product_ids=named)
    killed = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.social.batching", database_url, str(studio.settings.media_dir), point),
        cwd=Path(__file__).parents[2],
    )
    assert await killed.wait() == -signal.SIGKILL
    for hour in range(1, 4):
        await work(studio, hours=hour)
    done, items = await read(studio, batch)
    assert (done.status, done.drawn, done.refused) == ("completed", 6, 0)
    assert [(each.status, len(each.visual_ids)) for each in items] == [("drawn", 2)] * 6
    async with studio.db.read() as session:
        assert len((await session.exec(select(Visual))).all()) == 12
    assert (await kinds(studio)).count("visual_batch.ended") == 1


@ON_ONE_DATABASE
async def test_what_a_batch_refuses(studio: Studio) -> None:
    product_id = await shown(studio, 1)
    nothing = ids.new("coll")
    assert await refused(studio) is ProductsOrCollection
    assert await refused(studio, product_ids=[product_id], collection_id=nothing) is ProductsOrCollection
    assert await refused(studio, collection_id=nothing) is UnknownCollection
    assert await refused(studio, product_ids=[product_id, ids.new("prod")]) is UnknownProduct
    assert await refused(studio, product_ids=[product_id], template="no") is UnknownTemplate
    assert await refused(studio, product_ids=[product_id], formats=["no"]) is UnknownFormat
    async with studio.db.transaction() as session:
        empty = await collections.create(session, studio.shop, CollectionCreate(title="Vide", kind="manual"))
    assert await refused(studio, collection_id=empty.id) is EmptyBatch
    for _ in range(batches.MOST_OPEN):
        await begun(studio, product_ids=[product_id])
    assert await refused(studio, product_ids=[product_id]) is TooManyBatches
    await work(studio)
    await begun(studio, product_ids=[product_id])


@ON_ONE_DATABASE
async def test_another_shops_batch_is_like_none(studio: Studio) -> None:
    batch = await begun(studio, product_ids=[await shown(studio, 1)])
    async with studio.db.transaction() as session:
        stranger = await shops.create(session, "Autre", "EUR")
        for verb in (batches.get, batches.cancel):
            with pytest.raises(VisualBatchNotFound):
                await verb(session, stranger, batch.id)
        with pytest.raises(VisualBatchNotFound):
            await batches.items_page(session, stranger, batch.id, 10, None)
        assert await batches.list_page(session, stranger, 10, None) == ([], None)


@ON_ONE_DATABASE
async def test_more_pictures_than_a_batch_takes_are_refused(studio: Studio) -> None:
    """41 products with fifty pictures each are 2,050 pictures."""
    kept = [await assets.store(studio.db, studio.storage, studio.pool, studio.shop, saved(photo(300, 300)))]
    named = [await studio.candle(title=f"Bougie {each}") for each in range(41)]
    async with studio.db.transaction() as session:
        rows = [
            {
                "id": ids.new("pic"),
                "shop_id": studio.shop.id,
                "product_id": each,
                "asset_id": kept[0].id,
                "position": at,
            }
            for each in named
            for at in range(50)
        ]
        await session.execute(sa.insert(table_of(ProductPicture)), rows)
    assert await refused(studio, product_ids=named, pictures="all") is BatchTooLarge
    assert (await begun(studio, product_ids=named)).total == 41


async def test_a_batch_is_drawn_with_the_shops_own_template_as_it_is_then(studio: Studio) -> None:
    house = layout.find("price")
    assert house is not None
    assert house.design is not None
    async with studio.db.transaction() as session:
        wanted = TemplateCreate(slug="ours", name="Ours", design=house.design)
        own = await own_templates.create(session, studio.shop, wanted)
    first, second = await shown(studio, 1), await shown(studio, 2)
    batch = await begun(studio, product_ids=[first], template="ours")
    await work(studio)
    _, (item,) = await read(studio, batch)
    async with studio.db.transaction() as session:
        made = await visuals.of_ids(session, studio.shop, item.visual_ids)
        assert {(each.template, each.template_id, each.template_version) for each in made.values()} == {
            ("ours", own.id, 1)
        }
        assert len(made) == len(FORMATS)
    late = await begun(studio, product_ids=[second], template="ours")
    async with studio.db.transaction() as session:
        await own_templates.archive(session, studio.shop, own.id)
    await work(studio)
    done, (item,) = await read(studio, late)
    assert (done.status, item.refusal) == ("completed", "template-archived")
    assert await refused(studio, product_ids=[second], template="ours") is TemplateArchived
