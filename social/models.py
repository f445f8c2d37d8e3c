"""Tables of posts, of their pictures and of the products on them, and of who brings buyers.

Points are 0..1 of the master picture, from its left and top.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from catalog.models import Product, Variant
from core.db import Json, Table, UtcDateTime, inside_shop
from media.warnings import Warnings

_INSIDE = "x >= 0 AND x <= 1 AND y >= 0 AND y <= 1"


class Tag(Table, table=True):
    """A product's point on a master picture."""

    __tablename__ = "tag"
    __table_args__ = (
        inside_shop("product_id", Product),
        inside_shop("variant_id", Variant),
        sa.UniqueConstraint("asset_id", "position"),
        sa.CheckConstraint(_INSIDE, name="inside"),
    )
    id: str = Field(primary_key=True)
    shop_id: str = Field(foreign_key="shop.id")
    asset_id: str = Field(foreign_key="asset.id")
    product_id: str
    variant_id: str | None = None
    x: float
    y: float
    position: int


class Creator(Table, table=True):
    """Somebody who brings buyers: the orders of their links, and of their `code` (kept in capitals), are theirs.

    `network` is where they are at home: where no link says from where a code of theirs came, it came from there.
    """

    __tablename__ = "creator"
    __table_args__ = (sa.UniqueConstraint("shop_id", "id"), sa.UniqueConstraint("shop_id", "code"))
    id: str = Field(primary_key=True)
    shop_id: str = Field(foreign_key="shop.id")
    name: str
    handle: str | None = None
    code: str | None = None
    network: str | None = None
    version: int = 1
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    archived_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Post(Table, table=True):
    """One picture or several for one placement of one network, with its words; `asset_id` is the first picture's.

    `caption` is the text without the hashtags, which are added when the kit is made. `warnings` is what the merchant
    should know about the post: words that were cut, points that a crop lost.
    """

    __tablename__ = "post"
    __table_args__ = (
        sa.UniqueConstraint("shop_id", "id"),
        sa.CheckConstraint("status IN ('draft', 'archived')", name="status"),
    )
    id: str = Field(primary_key=True)
    shop_id: str = Field(foreign_key="shop.id")
    network: str
    placement: str
    status: str = "draft"
    asset_id: str = Field(foreign_key="asset.id", index=True)
    template: str
    format: str
    title: str
    caption: str
    hashtags: list[str] = Field(sa_type=Json)
    warnings: Warnings = Field(sa_type=Json)
    version: int = 1
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    archived_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class PostSlide(Table, table=True):
    """One of a post's pictures, from 0 in their order; a post with a single picture has this one.

    `title` and `caption` are the picture's own, empty where a post has one picture.
    """

    __tablename__ = "post_slide"
    __table_args__ = (inside_shop("post_id", Post),)
    post_id: str = Field(primary_key=True)
    position: int = Field(primary_key=True)
    shop_id: str = Field(foreign_key="shop.id")
    asset_id: str = Field(foreign_key="asset.id")
    visual_id: str = Field(foreign_key="visual.id")
    alt_text: str
    title: str
    caption: str


class PostProduct(Table, table=True):
    """A product that a post shows, once however many pictures show it, with its link."""

    __tablename__ = "post_product"
    __table_args__ = (
        inside_shop("post_id", Post),
        inside_shop("product_id", Product),
        inside_shop("variant_id", Variant),
        sa.Index("ix_post_product_product_id", "product_id"),
    )
    post_id: str = Field(primary_key=True)
    position: int = Field(primary_key=True)
    shop_id: str = Field(foreign_key="shop.id")
    product_id: str
    variant_id: str | None = None
    link_id: str = Field(foreign_key="link.id", unique=True)


class SlideProduct(Table, table=True):
    """A post's product on one of its pictures: the point where it was tagged when the post was made, if it was.

    `slide` and `product` are positions among the post's slides and products, `position` is the order on the slide.
    """

    __tablename__ = "slide_product"
    __table_args__ = (
        sa.ForeignKeyConstraint(["post_id", "slide"], ["post_slide.post_id", "post_slide.position"]),
        sa.ForeignKeyConstraint(["post_id", "product"], ["post_product.post_id", "post_product.position"]),
        sa.UniqueConstraint("post_id", "slide", "product"),
        sa.CheckConstraint(f"(x IS NULL AND y IS NULL) OR ({_INSIDE})", name="inside"),
    )
    post_id: str = Field(primary_key=True)
    slide: int = Field(primary_key=True)
    position: int = Field(primary_key=True)
    shop_id: str = Field(foreign_key="shop.id")
    product: int
    x: float | None = None
    y: float | None = None
