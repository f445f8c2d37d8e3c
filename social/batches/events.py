"""What happens to batches, for merchants' programs."""

from typing import ClassVar

from sqlmodel import select

from core.db import AsyncSession
from core.events import Event
from core.webhooks import published
from core.wire import Out
from social.batches.models import VisualBatch
from social.batches.schemas import VisualBatchOut


class VisualBatchProgressed(Event, frozen=True, kw_only=True):
    """More pictures of a batch are drawn; told every few seconds at most."""

    kind: ClassVar[str] = "visual_batch.progressed"
    batch_id: str


class VisualBatchEnded(Event, frozen=True, kw_only=True):
    """A batch was completed or cancelled; its status says which."""

    kind: ClassVar[str] = "visual_batch.ended"
    batch_id: str


class VisualBatchData(Out, kw_only=True, frozen=True):
    """The batch as it was then."""

    visual_batch: VisualBatchOut


async def _data(session: AsyncSession, shop_id: str, batch_id: str) -> VisualBatchData:
    chosen = select(VisualBatch).where(VisualBatch.id == batch_id, VisualBatch.shop_id == shop_id)
    return VisualBatchData(visual_batch=VisualBatchOut.of((await session.exec(chosen)).one()))


@published.publish(VisualBatchProgressed, subject=lambda event: event.batch_id)
async def progressed(session: AsyncSession, shop_id: str, event: VisualBatchProgressed) -> VisualBatchData:
    """For a bar that fills."""
    return await _data(session, shop_id, event.batch_id)


@published.publish(VisualBatchEnded, subject=lambda event: event.batch_id)
async def ended(session: AsyncSession, shop_id: str, event: VisualBatchEnded) -> VisualBatchData:
    """For who fetches the visuals then."""
    return await _data(session, shop_id, event.batch_id)
