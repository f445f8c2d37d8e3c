"""Tables of this room: pictures that were given, and pictures that were made of them."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from core.db import Json, Table, UtcDateTime, inside_shop
from media.warnings import Warnings


class Asset(Table, table=True):
    """A merchant's picture. `sha256` is of the bytes as uploaded, `content_sha256` of the master that was kept.

    Width and height are the master's in pixels; the focal point is 0..1 of them, "found" when the picture came in or
    "set" by the merchant. `traits` is `media.traits.traits.Traits`: what was measured then.
    """

    __tablename__ = "asset"
    __table_args__ = (
        sa.UniqueConstraint("shop_id", "sha256", name="uq_asset_upload"),
        sa.Index("ix_asset_newest", "shop_id", "id"),
        sa.CheckConstraint("focal_x >= 0 AND focal_x <= 1 AND focal_y >= 0 AND focal_y <= 1", name="focal"),
        sa.CheckConstraint("focal_source IN ('found', 'set')", name="focal_source"),
        sa.CheckConstraint("width > 0 AND height > 0 AND bytes > 0", name="extent"),
    )
    id: str = Field(primary_key=True)
    shop_id: str = Field(foreign_key="shop.id")
    sha256: str
    content_sha256: str
    storage_key: str
    width: int
    height: int
    bytes: int
    alt_text: str = ""
    focal_x: float = 0.5
    focal_y: float = 0.5
    focal_source: str = "found"
    traits: dict[str, object] = Field(default_factory=dict, sa_type=Json)
    warnings: Warnings = Field(default_factory=list, sa_type=Json)
    version: int = 1
    archived_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class AssetBand(Table, table=True):
    """A quarter of the bits of an asset's difference hash (`media.traits.dhash`), by which duplicates are found.

    The primary key is all that a look-up reads.
    """

    __tablename__ = "asset_band"
    shop_id: str = Field(primary_key=True, foreign_key="shop.id")
    band: int = Field(primary_key=True)
    dhash: int = Field(primary_key=True, sa_type=sa.BigInteger)
    asset_id: str = Field(primary_key=True, foreign_key="asset.id")


class ShopTemplate(Table, table=True):
    """A look of a shop's own; `design` is `media.looks.design.Design`, `design_version` counts those that it had.

    A living one's slug is its name in requests; an archived one's is free.
    """

    __tablename__ = "shop_template"
    __table_args__ = (
        sa.UniqueConstraint("shop_id", "id"),
        sa.Index("ix_shop_template_newest", "shop_id", "id"),
        sa.Index(
            "uq_shop_template_living", "shop_id", "slug", unique=True, sqlite_where=sa.text("archived_at IS NULL"),
            postgresql_where=sa.text("archived_at IS NULL"),
        ),
    )  # fmt: skip
    id: str = Field(primary_key=True)
    shop_id: str = Field(foreign_key="shop.id")
    slug: str
    name: str
    description: str = ""
    design: dict[str, object] = Field(sa_type=Json)
    design_version: int = 1
    version: int = 1
    archived_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class Visual(Table, table=True):
    """One picture made of an asset by a template in a format; `key` is the hash of everything that went into it.

    `frame` is `media.frame.Frame`: how the master lies in the visual. `page` counts the pictures of a set from 1.
    `template_id` stands where the template is the shop's own; a design that came with its request has no version.
    """

    __tablename__ = "visual"
    __table_args__ = (
        inside_shop("template_id", ShopTemplate),
        sa.UniqueConstraint("shop_id", "key", name="uq_visual_key"),
        sa.Index("ix_visual_newest", "shop_id", "id"),
    )
    id: str = Field(primary_key=True)
    shop_id: str = Field(foreign_key="shop.id")
    asset_id: str = Field(foreign_key="asset.id", index=True)
    template: str
    template_id: str | None = None
    template_version: int | None = None
    format: str
    key: str
    storage_key: str
    width: int
    height: int
    bytes: int
    frame: dict[str, object] = Field(sa_type=Json)
    page: int = 1
    warnings: Warnings = Field(default_factory=list, sa_type=Json)
    created_at: datetime = Field(sa_type=UtcDateTime)


class ShopFormat(Table, table=True):
    """A canvas of a shop's own: sides in pixels; `safe` and `covered` are `media.frame.Box` in pixels of it.

    A living one's slug is its name in requests; an archived one's is free.
    """

    __tablename__ = "shop_format"
    __table_args__ = (
        sa.Index(
            "uq_shop_format_living", "shop_id", "slug", unique=True, sqlite_where=sa.text("archived_at IS NULL"),
            postgresql_where=sa.text("archived_at IS NULL"),
        ),
        sa.CheckConstraint("width BETWEEN 64 AND 4096 AND height BETWEEN 64 AND 4096", name="extent"),
        sa.CheckConstraint("max_bytes > 0", name="weight"),
    )  # fmt: skip
    id: str = Field(primary_key=True)
    shop_id: str = Field(foreign_key="shop.id")
    slug: str
    name: str
    width: int
    height: int
    safe: dict[str, int] = Field(sa_type=Json)
    covered: list[dict[str, int]] = Field(default_factory=list, sa_type=Json)
    max_bytes: int
    version: int = 1
    archived_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class ShopFont(Table, table=True):
    """A font that a shop has brought, known by its bytes; what it is was found when it came in."""

    __tablename__ = "shop_font"
    __table_args__ = (
        sa.UniqueConstraint("shop_id", "sha256", name="uq_shop_font_upload"),
        sa.Index("ix_shop_font_newest", "shop_id", "id"),
        sa.CheckConstraint("bytes > 0", name="extent"),
        sa.CheckConstraint("lightest BETWEEN 1 AND boldest AND boldest <= 1000", name="weights"),
    )
    id: str = Field(primary_key=True)
    shop_id: str = Field(foreign_key="shop.id")
    sha256: str
    storage_key: str
    bytes: int
    name: str
    lightest: int
    boldest: int
    scripts: list[str] = Field(default_factory=list, sa_type=Json)
    restricted: bool = False
    version: int = 1
    archived_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class Upload(Table, table=True):
    """A picture that a client may send straight to the storage. `parcel` is its name there, `bytes` its exact length.

    `asset_id` stands when it is complete; without one the row goes with the parcel, at the latest a day after its time.
    """

    __tablename__ = "upload"
    __table_args__ = (
        sa.Index("ix_upload_open", "shop_id", "expires_at"),
        sa.CheckConstraint("bytes > 0", name="extent"),
    )
    id: str = Field(primary_key=True)
    shop_id: str = Field(foreign_key="shop.id")
    parcel: str
    media_type: str
    bytes: int
    sha256: str | None = None
    alt_text: str = ""
    asset_id: str | None = Field(default=None, foreign_key="asset.id")
    expires_at: datetime = Field(sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
