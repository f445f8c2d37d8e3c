"""Batches: many products' visuals in one call, drawn in the background slice by slice."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col, select

from catalog import collections, pictures
from catalog.errors import CollectionNotFound, UnknownCollection
from catalog.models import Collection
from core import clock, db, events, ids, jobs
from core.db import AsyncSession, table_of
from core.shops import Shop
from core.wire import UNSET
from media import visuals
from social.batches import drawing
from social.batches.errors import (
    BatchEnded,
    BatchTooLarge,
    EmptyBatch,
    ProductsOrCollection,
    TooManyBatches,
    VisualBatchNotFound,
)
from social.batches.events import VisualBatchEnded
from social.batches.models import VisualBatch, VisualBatchItem
from social.batches.schemas import VisualBatchCreate

MOST_PICTURES = 2000
MOST_OPEN = 5
_SECONDS_BEFORE_NEXT = 30


async def create(session: AsyncSession, shop: Shop, data: VisualBatchCreate) -> VisualBatch:
    """Take down which pictures are to be drawn, and have them drawn; what was drawn before is found, not drawn again.

    Refuses ProductsOrCollection, UnknownCollection, UnknownProduct, UnknownTemplate, UnknownFormat, OutputNotTaken,
    EmptyBatch, BatchTooLarge, and TooManyBatches while five of the shop's are open.
    """
    if (data.collection_id is UNSET) == (data.product_ids is UNSET):
        raise ProductsOrCollection("Send either collection_id or product_ids.")
    await visuals.check(session, shop, data.template, data.formats, data.output)
    await _check_open(session, shop)
    collection = None if data.collection_id is UNSET else await _collection(session, shop, data.collection_id)
    named = None if data.product_ids is UNSET else data.product_ids
    found = await pictures.of_products(session, shop, collection, named, first=data.pictures == "first")
    if not found:
        raise EmptyBatch("There is no product to draw.")
    if len(found) > MOST_PICTURES:
        raise BatchTooLarge(
            f"A batch takes {MOST_PICTURES} pictures, not {len(found)}.", pictures=len(found), max=MOST_PICTURES
        )
    now = clock.now()
    batch = VisualBatch(
        id=ids.new("vbat"), shop_id=shop.id, collection_id=collection.id if collection else None,
        template=data.template, formats=list(dict.fromkeys(data.formats)), frame=data.frame, output=data.output,
        total=len(found), told_at=now, created_at=now,
    )  # fmt: skip
    session.add(batch)
    await session.flush()
    rows: list[dict[str, object]] = [
        {
            "id": ids.new("vbit"), "shop_id": shop.id, "batch_id": batch.id, "position": position,
            "product_id": product_id, "asset_id": asset_id, "status": "waiting",
            "attempts": 0, "visual_ids": [], "alt_text": "",
        }
        for position, (product_id, asset_id) in enumerate(found)
    ]  # fmt: skip
    await session.execute(sa.insert(table_of(VisualBatchItem)), rows)
    await jobs.enqueue(session, drawing.draw, drawing.Slice(shop.id, batch.id), shop_id=shop.id, key=batch.id)
    return batch


async def get(session: AsyncSession, shop: Shop, batch_id: str) -> VisualBatch:
    """One batch; refuses VisualBatchNotFound."""
    chosen = select(VisualBatch).where(VisualBatch.id == batch_id, VisualBatch.shop_id == shop.id)
    return _known((await session.exec(chosen)).first())


async def list_page(
    session: AsyncSession, shop: Shop, limit: int, cursor: str | None
) -> tuple[list[VisualBatch], str | None]:
    """One page of the shop's batches, newest first, and the next page's cursor."""
    return await db.page(
        session, select(VisualBatch).where(VisualBatch.shop_id == shop.id), VisualBatch.id, limit, cursor
    )


async def items_page(
    session: AsyncSession, shop: Shop, batch_id: str, limit: int, cursor: str | None
) -> tuple[list[VisualBatchItem], str | None]:
    """One page of a batch's pictures, in its order, and the next page's cursor. Refuses VisualBatchNotFound."""
    batch = await get(session, shop, batch_id)
    chosen = select(VisualBatchItem).where(VisualBatchItem.batch_id == batch.id)
    if cursor is not None:
        last = db.place_of(VisualBatchItem.id, cursor)
        place = sa.select(col(VisualBatchItem.position)).where(col(VisualBatchItem.id) == last).scalar_subquery()
        chosen = chosen.where(col(VisualBatchItem.position) > place)
    rows = list((await session.exec(chosen.order_by(col(VisualBatchItem.position)).limit(limit + 1))).all())
    following = db.cursor_after(VisualBatchItem.id, rows[limit - 1].id) if len(rows) > limit else None
    return rows[:limit], following


async def cancel(session: AsyncSession, shop: Shop, batch_id: str) -> VisualBatch:
    """Draw no more of this batch; what is drawn stays. Twice is as good as once.

    Refuses VisualBatchNotFound, and BatchEnded for one that was completed.
    """
    chosen = select(VisualBatch).where(VisualBatch.id == batch_id, VisualBatch.shop_id == shop.id).with_for_update()
    batch = _known((await session.exec(chosen)).first())
    if batch.status == "completed":
        raise BatchEnded("It was completed before.")
    if batch.status != "cancelled":
        await _end(session, batch, clock.now())
    return batch


async def _end(session: AsyncSession, batch: VisualBatch, now: datetime) -> None:
    batch.status, batch.ended_at = "cancelled", now
    session.add(batch)
    await session.flush()
    await events.record(session, batch.shop_id, VisualBatchEnded(batch_id=batch.id))


async def _check_open(session: AsyncSession, shop: Shop) -> None:
    chosen = select(sa.func.count()).where(VisualBatch.shop_id == shop.id, col(VisualBatch.status).in_(drawing.OPEN))
    count = (await session.exec(chosen)).one()
    if count >= MOST_OPEN:
        raise TooManyBatches(
            f"{count} batches are being drawn.", retry_after=_SECONDS_BEFORE_NEXT, open=count, max=MOST_OPEN
        )


async def _collection(session: AsyncSession, shop: Shop, collection_id: str) -> Collection:
    try:
        return await collections.living(session, shop, collection_id)
    except CollectionNotFound:
        raise UnknownCollection(f"There is no collection {collection_id}.", collection_id=collection_id) from None


def _known(batch: VisualBatch | None) -> VisualBatch:
    if batch is None:
        raise VisualBatchNotFound
    return batch
