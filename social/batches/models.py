"""Tables of batches and of the pictures in them."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from catalog.models import Product
from core.db import Json, Table, UtcDateTime, inside_shop


class VisualBatch(Table, table=True):
    """Many pictures that one template draws in some formats.

    `total` pictures are in it, `drawn` have all their visuals, `refused` get none; it is completed when these two make
    the first.
    """

    __tablename__ = "visual_batch"
    __table_args__ = (
        sa.UniqueConstraint("shop_id", "id"),
        sa.CheckConstraint("status IN ('waiting', 'drawing', 'completed', 'cancelled')", name="status"),
        sa.CheckConstraint("drawn >= 0 AND refused >= 0 AND drawn + refused <= total", name="counts"),
        sa.Index("ix_visual_batch_open", "shop_id", "status"),
    )
    id: str = Field(primary_key=True)
    shop_id: str = Field(foreign_key="shop.id")
    status: str = "waiting"
    collection_id: str | None = None
    template: str
    formats: list[str] = Field(sa_type=Json)
    frame: str
    output: str
    total: int
    drawn: int = 0
    refused: int = 0
    told_at: datetime = Field(sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class VisualBatchItem(Table, table=True):
    """One picture of a batch and what became of it: its visuals in the order of the batch's formats, or a refusal.

    `asset_id` is null where the product has no picture. `alt_text` is what the picture shows, in words.
    """

    __tablename__ = "visual_batch_item"
    __table_args__ = (
        inside_shop("batch_id", VisualBatch),
        inside_shop("product_id", Product),
        sa.UniqueConstraint("batch_id", "position"),
        sa.CheckConstraint("status IN ('waiting', 'drawn', 'refused')", name="status"),
        sa.Index("ix_visual_batch_item_next", "batch_id", "status", "position"),
    )
    id: str = Field(primary_key=True)
    shop_id: str = Field(foreign_key="shop.id")
    batch_id: str
    position: int
    product_id: str
    asset_id: str | None = Field(default=None, foreign_key="asset.id")
    status: str = "waiting"
    refusal: str | None = None
    attempts: int = 0
    visual_ids: list[str] = Field(default_factory=list, sa_type=Json)
    alt_text: str = ""
