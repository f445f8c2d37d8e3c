"""Batches on the wire."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from core.wire import UNSET, Id, In, Out, Slug, UnsetType
from media.frame import FrameChoice
from media.outputs import Output
from media.schemas import FormatSlugs, VisualOut
from social.batches.models import VisualBatch, VisualBatchItem

MAX_PRODUCTS = 500
Pictures = Literal["first", "all"]
BatchStatus = Literal["waiting", "drawing", "completed", "cancelled"]
ItemStatus = Literal["waiting", "drawn", "refused"]


class VisualBatchCreate(In, kw_only=True):
    """Visuals of many products: those of a collection as it is now, or those that are named; never both.

    Of each product the first picture is drawn, or all of them, with its name and its price at the time of drawing.
    """

    collection_id: Id | UnsetType = UNSET
    product_ids: Annotated[list[Id], Meta(min_length=1, max_length=MAX_PRODUCTS)] | UnsetType = UNSET
    pictures: Pictures = "first"
    template: Slug = "plain"
    formats: FormatSlugs
    frame: FrameChoice = "auto"
    output: Output = "jpeg"


class VisualBatchOut(Out, kw_only=True, frozen=True):
    """How far a batch is: of `total` pictures `drawn` have all their visuals, and `refused` get none."""

    id: str
    status: BatchStatus
    collection_id: str | None
    template: str
    formats: list[str]
    frame: FrameChoice
    output: Output
    total: int
    drawn: int
    refused: int
    created_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, batch: VisualBatch) -> "VisualBatchOut":
        """The batch as it stands."""
        return msgspec.convert(batch, cls, from_attributes=True)


class VisualBatchItemOut(Out, kw_only=True, frozen=True):
    """One picture of a batch; `refusal` is the kind of problem that kept it from being drawn.

    `alt_text` proposes what to say to who cannot see it: the picture's own text, else one made of the product's facts.
    """

    product_id: str
    asset_id: str | None
    status: ItemStatus
    refusal: str | None
    alt_text: str
    visuals: list[VisualOut]

    @classmethod
    def of(cls, item: VisualBatchItem, visuals: list[VisualOut]) -> "VisualBatchItemOut":
        """The picture with its finished visuals."""
        return cls(
            product_id=item.product_id,
            asset_id=item.asset_id,
            status=msgspec.convert(item.status, ItemStatus),
            refusal=item.refusal,
            alt_text=item.alt_text,
            visuals=visuals,
        )
