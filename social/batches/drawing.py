"""The job that draws a batch: a slice of some seconds, then it makes room for others and comes back.

Each picture's outcome is committed when it is there. A worker that is killed leaves a lease to run out; the next one
goes on, and finds what was drawn without its outcome.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from core import clock, events, jobs, shops
from core.db import AsyncSession, Database
from core.errors import Refusal, TooManyRequests, Unavailable
from core.failpoints import reach
from core.jobs import Resources, job
from core.shops import Shop
from media import assets, visuals
from media.asking import Request
from media.errors import PicturesUnavailable
from media.frame import FrameChoice
from media.outputs import Output
from social import captions, scenes, tags
from social.batches.events import VisualBatchEnded, VisualBatchProgressed
from social.batches.models import VisualBatch, VisualBatchItem
from social.cards import Painter
from social.scenes import ProductRef

OPEN = ("waiting", "drawing")
_SLICE_SECONDS = 10.0
_AT_ONCE = 4  # While the two picture children of a small machine draw, two are read or stored.
_TELL_EVERY = timedelta(seconds=5)
_COME_AGAIN = timedelta(seconds=5)
_MOST_ATTEMPTS = 5  # Of a picture that its child does not survive.


class Slice(msgspec.Struct, frozen=True):
    """Which batch to go on with."""

    shop_id: str
    batch_id: str


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one picture: its visuals, a refusal's slug, or neither where it is to be tried again."""

    item_id: str
    visual_ids: list[str] = []
    alt_text: str = ""
    refusal: str | None = None
    failed: bool = False

    @property
    def over(self) -> bool:
        """Whether there is nothing more to be done."""
        return bool(self.visual_ids) or self.refusal is not None


@job("social.draw_visual_batch", Slice, patient=True, lasting=True)
async def draw(resources: Resources, payload: Slice) -> None:
    """Draw pictures of the batch for some seconds, then stand in line again; nothing when it has ended."""
    db, painter = resources.get(Database), resources.get(Painter)
    until = clock.monotonic() + _SLICE_SECONDS
    going_on = True
    while going_on:
        async with db.read() as session:
            shop = await shops.get(session, payload.shop_id)
            batch, items = await _next(session, payload)
        if not items:
            return
        outcomes = await asyncio.gather(*(_outcome(db, painter, shop, batch, each) for each in items))
        reach("visual_batch.drawn")
        hindered = not all(each.over for each in outcomes)
        rests = hindered or clock.monotonic() >= until
        now = resources.now()
        again = (now + _COME_AGAIN if hindered else now) if rests else None
        async with db.transaction() as session:
            left = await _keep(session, payload, outcomes, now)
            if left and again is not None:
                await jobs.enqueue(session, draw, payload, shop_id=shop.id, run_at=again, key=payload.batch_id)
        going_on = left > 0 and not rests


async def _next(session: AsyncSession, wanted: Slice) -> tuple[VisualBatch, Sequence[VisualBatchItem]]:
    """The batch, and the pictures that come next; none when it has ended."""
    batch = (await session.exec(select(VisualBatch).where(VisualBatch.id == wanted.batch_id))).one()
    if batch.status not in OPEN:
        return batch, []
    waiting = _waiting(wanted.batch_id).order_by(col(VisualBatchItem.position)).limit(_AT_ONCE)
    return batch, (await session.exec(waiting)).all()


async def _outcome(db: Database, painter: Painter, shop: Shop, batch: VisualBatch, item: VisualBatchItem) -> Outcome:
    """Draw one picture with what its product is called and costs now."""
    if item.asset_id is None:
        return Outcome(item_id=item.id, refusal="product-without-picture")
    try:
        async with db.read() as session:
            ref = ProductRef(item.product_id)
            shown = await scenes.shown(session, shop, [ref])
            asset = await assets.get(session, shop, item.asset_id)
            tagged = await tags.of_asset(session, shop, item.asset_id)
        scenes.check_for_sale([ref], shown)
        request = Request(
            asset_id=asset.id,
            template=batch.template,
            formats=tuple(batch.formats),
            scene=scenes.scene(shop, shown, captions.headline(shown, shop.locale)),
            frame=msgspec.convert(batch.frame, FrameChoice),
            keep=tuple(each.point for each in tagged),
            output=msgspec.convert(batch.output, Output),
        )
        made = await visuals.render(db, painter.storage, painter.pool, shop, request)
    except PicturesUnavailable as refusal:
        given_up = item.attempts + 1 >= _MOST_ATTEMPTS
        return Outcome(item_id=item.id, refusal=refusal.slug if given_up else None, failed=True)
    except (TooManyRequests, Unavailable):
        return Outcome(item_id=item.id)
    except Refusal as refusal:
        return Outcome(item_id=item.id, refusal=refusal.slug)
    said = asset.alt_text or captions.seen(shown, shop.locale)
    return Outcome(item_id=item.id, visual_ids=[each.id for each in made], alt_text=said)


async def _keep(session: AsyncSession, wanted: Slice, outcomes: Sequence[Outcome], now: datetime) -> int:
    """Write the outcomes down, and tell of them; how many pictures are left to draw."""
    locked = select(VisualBatch).where(VisualBatch.id == wanted.batch_id).with_for_update()
    batch = (await session.exec(locked)).one()
    if batch.status not in OPEN:
        return 0
    by_id = {each.item_id: each for each in outcomes}
    # Another worker may have written them meanwhile: only what still waits is counted.
    for item in (await session.exec(_waiting(batch.id).where(col(VisualBatchItem.id).in_(by_id)))).all():
        outcome = by_id[item.id]
        item.attempts += outcome.failed
        if outcome.over:
            item.status = "refused" if outcome.refusal else "drawn"
            item.refusal, item.visual_ids, item.alt_text = outcome.refusal, outcome.visual_ids, outcome.alt_text
            batch.drawn += item.status == "drawn"
            batch.refused += item.status == "refused"
        session.add(item)
    left = batch.total - batch.drawn - batch.refused
    batch.status = "drawing" if left else "completed"
    tells = not left or (now - batch.told_at >= _TELL_EVERY and any(each.over for each in outcomes))
    batch.told_at, batch.ended_at = now if tells else batch.told_at, None if left else now
    session.add(batch)
    await session.flush()
    if tells:
        event = VisualBatchProgressed(batch_id=batch.id) if left else VisualBatchEnded(batch_id=batch.id)
        await events.record(session, batch.shop_id, event)
    return left


def _waiting(batch_id: str) -> SelectOfScalar[VisualBatchItem]:
    return select(VisualBatchItem).where(VisualBatchItem.batch_id == batch_id, VisualBatchItem.status == "waiting")
