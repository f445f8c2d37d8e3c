"""The catalog's tables.

Foreign keys inside the room name the shop too, so that no row can hang on another shop's. `available` is
guarded by a conditional UPDATE and by a CHECK, and every change of it leaves a movement.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

import media.models  # noqa: F401  # Pictures of products point down to its table.
from core.db import Json, Table, UtcDateTime, inside_shop


def _unique_where(name: str, condition: str, *columns: str) -> sa.Index:
    where = sa.text(condition)
    return sa.Index(name, *columns, unique=True, sqlite_where=where, postgresql_where=where)


class Product(Table, table=True):
    """Something that is sold in one or more variants.

    `handle` is its name in the file it came from, by which the next import finds it again.
    """

    __tablename__ = "product"
    __table_args__ = (
        sa.UniqueConstraint("shop_id", "id"),
        sa.UniqueConstraint("shop_id", "slug"),
        sa.UniqueConstraint("shop_id", "handle"),
        sa.CheckConstraint("status IN ('draft', 'active', 'archived')", name="status"),
        sa.Index("ix_product_shop_id_product_type", "shop_id", "product_type"),
    )
    id: str = Field(primary_key=True)
    shop_id: str = Field(foreign_key="shop.id")
    slug: str
    handle: str | None = None
    title: str
    description: str = ""
    vendor: str = ""
    product_type: str = ""
    status: str = "active"
    version: int = 1
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class OldSlug(Table, table=True):
    """A slug that a product had before, so that its old addresses lead on; nobody else gets it."""

    __tablename__ = "old_slug"
    __table_args__ = (inside_shop("product_id", Product),)
    shop_id: str = Field(primary_key=True, foreign_key="shop.id")
    slug: str = Field(primary_key=True)
    product_id: str = Field(index=True)


class ProductOption(Table, table=True):
    """What the variants of a product differ in, such as Size; `position` 1 to 3 is the variant's column."""

    __tablename__ = "product_option"
    __table_args__ = (
        inside_shop("product_id", Product),
        sa.UniqueConstraint("product_id", "position"),
        sa.CheckConstraint("position BETWEEN 1 AND 3", name="position"),
    )
    id: str = Field(primary_key=True)
    shop_id: str = Field(foreign_key="shop.id")
    product_id: str
    position: int
    name: str


class ProductTag(Table, table=True):
    """One word that products are found by, case-folded."""

    __tablename__ = "product_tag"
    __table_args__ = (
        inside_shop("product_id", Product),
        sa.Index("ix_product_tag_shop_id_tag", "shop_id", "tag"),
    )
    product_id: str = Field(primary_key=True)
    tag: str = Field(primary_key=True)
    shop_id: str = Field(foreign_key="shop.id")
    position: int


class ProductWords(Table, table=True):
    """The folded words that a product is found by, a blank before each; apart, so that lists of products stay light."""

    __tablename__ = "product_words"
    __table_args__ = (
        inside_shop("product_id", Product),
        sa.Index("ix_product_words_shop_id", "shop_id"),
    )
    product_id: str = Field(primary_key=True)
    shop_id: str = Field(foreign_key="shop.id")
    words: str


class Collection(Table, table=True):
    """Products that belong together: named one by one in order (`manual`), or whichever meet its rules."""

    __tablename__ = "collection"
    __table_args__ = (
        sa.UniqueConstraint("shop_id", "id"),
        sa.UniqueConstraint("shop_id", "slug"),
        sa.CheckConstraint("kind IN ('manual', 'rules')", name="kind"),
        sa.CheckConstraint("matching IN ('all', 'any')", name="matching"),
    )
    id: str = Field(primary_key=True)
    shop_id: str = Field(foreign_key="shop.id")
    slug: str
    title: str
    description: str = ""
    kind: str
    matching: str = "all"
    rules: list[dict[str, object]] = Field(default_factory=list, sa_type=Json)
    version: int = 1
    archived_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class CollectionProduct(Table, table=True):
    """A product's place in a manual collection."""

    __tablename__ = "collection_product"
    __table_args__ = (
        inside_shop("collection_id", Collection),
        inside_shop("product_id", Product),
        sa.Index("ix_collection_product_product_id", "product_id"),
    )
    collection_id: str = Field(primary_key=True)
    product_id: str = Field(primary_key=True)
    shop_id: str = Field(foreign_key="shop.id")
    position: int


class ProductPicture(Table, table=True):
    """A picture of a product: attached (`asset_id`), or only named by a file (`source`: a path or an address)."""

    __tablename__ = "product_picture"
    __table_args__ = (
        inside_shop("product_id", Product),
        sa.UniqueConstraint("product_id", "source"),
        sa.CheckConstraint("asset_id IS NOT NULL OR source IS NOT NULL", name="something"),
    )
    id: str = Field(primary_key=True)
    shop_id: str = Field(foreign_key="shop.id")
    product_id: str
    asset_id: str | None = Field(default=None, foreign_key="asset.id")
    source: str | None = None
    position: int
    alt_text: str = ""


class Variant(Table, table=True):
    """What lies in the cart: one combination of option values, empty where the product has fewer options.

    `available` counts pieces that nobody has bought or holds; it means nothing while `tracked` is false. The shop hears
    of it when it falls to `low_stock_at` (the shop's own number where that is null). What needs no shipping
    (`requires_shipping`) is bought without an address.
    """

    __tablename__ = "variant"
    __table_args__ = (
        inside_shop("product_id", Product),
        sa.UniqueConstraint("shop_id", "id"),
        sa.CheckConstraint("available >= 0", name="available_not_negative"),
        sa.Index("ix_variant_product_id", "product_id"),
        # Strangers name variants by SKUs, old ones too, and do not always say in which shop.
        sa.Index("ix_variant_sku_shop_id", "sku", "shop_id"),
        _unique_where("uq_variant_living_sku", "sku IS NOT NULL AND archived_at IS NULL", "shop_id", "sku"),
        _unique_where(
            "uq_variant_living_options", "archived_at IS NULL", "product_id", "option1", "option2", "option3"
        ),
    )
    id: str = Field(primary_key=True)
    shop_id: str = Field(foreign_key="shop.id")
    product_id: str
    position: int
    option1: str = ""
    option2: str = ""
    option3: str = ""
    sku: str | None = None
    barcode: str | None = None
    weight_grams: int | None = None
    requires_shipping: bool = True
    tracked: bool = True
    available: int = 0
    low_stock_at: int | None = None
    version: int = 1
    archived_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class Price(Table, table=True):
    """What a variant costs in one currency, in its minor unit; `compare_at` is the price before a reduction."""

    __tablename__ = "price"
    __table_args__ = (
        inside_shop("variant_id", Variant),
        sa.UniqueConstraint("variant_id", "currency"),
        sa.CheckConstraint("amount >= 0", name="amount_not_negative"),
        sa.CheckConstraint("compare_at > amount", name="compare_at_greater"),
    )
    id: str = Field(primary_key=True)
    shop_id: str = Field(foreign_key="shop.id")
    variant_id: str
    currency: str
    amount: int
    compare_at: int | None = None


class StockMovement(Table, table=True):
    """Pieces that came (`delta` > 0) or went; `reference` names the order, import or person. Never changed."""

    __tablename__ = "stock_movement"
    __table_args__ = (
        inside_shop("variant_id", Variant),
        sa.CheckConstraint("reason IN ('created', 'sold', 'returned', 'corrected', 'imported')", name="reason"),
        sa.Index("ix_stock_movement_variant_id_id", "variant_id", "id"),
    )
    id: str = Field(primary_key=True)
    shop_id: str = Field(foreign_key="shop.id")
    variant_id: str
    delta: int
    available: int
    reason: str
    reference: str = ""
    created_at: datetime = Field(sa_type=UtcDateTime)


class ImportRun(Table, table=True):
    """One file that was read, and what became of its rows. `running` after a crash means: send the file again."""

    __tablename__ = "import_run"
    __table_args__ = (
        sa.UniqueConstraint("shop_id", "id"),
        sa.CheckConstraint("status IN ('running', 'done')", name="status"),
    )
    id: str = Field(primary_key=True)
    shop_id: str = Field(foreign_key="shop.id")
    format: str
    status: str = "running"
    rows_read: int = 0
    rows_refused: int = 0
    warnings: int = 0
    products_created: int = 0
    products_changed: int = 0
    products_unchanged: int = 0
    variants_created: int = 0
    variants_changed: int = 0
    created_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ImportRow(Table, table=True):
    """What was wrong with one row: `error` left it out, `warning` left one value out."""

    __tablename__ = "import_row"
    __table_args__ = (
        inside_shop("import_id", ImportRun),
        sa.CheckConstraint("level IN ('error', 'warning')", name="level"),
        sa.Index("ix_import_row_import_id_id", "import_id", "id"),
    )
    id: str = Field(primary_key=True)
    shop_id: str = Field(foreign_key="shop.id")
    import_id: str
    line: int
    column: str
    level: str
    rule: str
    detail: str
    value: str
