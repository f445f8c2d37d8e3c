"""What clients send to the catalog and get from it."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from catalog.facts import PictureFacts, PriceFacts, ProductSheet, VariantFacts
from catalog.models import Collection, ImportRow, ImportRun, StockMovement
from catalog.rules import Matching, Rule, Rules
from core.money import Amount, CurrencyCode
from core.wire import UNSET, Barcode, Grams, Id, In, Line, Out, Sku, Slug, Stock, Text, Title, UnsetType, Word

MAX_OPTIONS = 3
MAX_VARIANTS = 100
MAX_PICTURES = 50
MAX_TAGS = 50
MAX_PRICES = 30
MAX_COLLECTED = 500

Status = Literal["draft", "active", "archived"]
LivingStatus = Literal["draft", "active"]
Tags = Annotated[list[Word], Meta(max_length=MAX_TAGS, description="Words to find the product by; case-folded.")]
OptionNames = Annotated[
    list[Word], Meta(max_length=MAX_OPTIONS, description="What the variants differ in, such as Size and Colour.")
]
OptionValues = Annotated[
    dict[Word, Word],
    Meta(max_length=MAX_OPTIONS, description='One value for each of the product\'s options: {"Size": "S"}.'),
]

ProductIds = Annotated[
    list[Id], Meta(max_length=MAX_COLLECTED, description="The products of a manual collection, in their order.")
]


class PriceIn(In, kw_only=True):
    """A price in one currency; `compare_at` is the higher price before a reduction."""

    amount: Amount
    currency: CurrencyCode
    compare_at: Amount | None = None


Prices = Annotated[list[PriceIn], Meta(max_length=MAX_PRICES)]


class PictureIn(In, kw_only=True):
    """A picture of the product and what it shows, for those who do not see it."""

    asset_id: Id
    alt_text: Line = ""


Pictures = Annotated[list[PictureIn], Meta(max_length=MAX_PICTURES, description="In the order in which they show.")]


class VariantCreate(In, kw_only=True):
    """A variant to add. Services and digital goods say `requires_shipping: false`: nobody is asked for an address."""

    options: OptionValues = msgspec.field(default_factory=dict)
    sku: Sku | None = None
    barcode: Barcode | None = None
    weight_grams: Grams | None = None
    requires_shipping: bool = True
    tracked: bool = True
    available: Stock = 0
    prices: Prices = msgspec.field(default_factory=list)


class VariantChange(In, kw_only=True):
    """New values of a variant; what is absent stays, null empties."""

    options: OptionValues | UnsetType = UNSET
    sku: Sku | UnsetType | None = UNSET
    barcode: Barcode | UnsetType | None = UNSET
    weight_grams: Grams | UnsetType | None = UNSET
    requires_shipping: bool | UnsetType = UNSET


class ProductCreate(In, kw_only=True):
    """A product to add; without a slug it gets one from its title."""

    title: Title
    slug: Slug | None = None
    description: Text = ""
    vendor: Line = ""
    product_type: Line = ""
    status: LivingStatus = "active"
    tags: Tags = msgspec.field(default_factory=list)
    options: OptionNames = msgspec.field(default_factory=list)
    pictures: Pictures = msgspec.field(default_factory=list)
    variants: Annotated[list[VariantCreate], Meta(max_length=MAX_VARIANTS)] = msgspec.field(default_factory=list)


class ProductChange(In, kw_only=True):
    """New values of a product; what is absent stays. Tags, options and pictures are replaced as a whole."""

    title: Title | UnsetType = UNSET
    slug: Slug | UnsetType = UNSET
    description: Text | UnsetType = UNSET
    vendor: Line | UnsetType = UNSET
    product_type: Line | UnsetType = UNSET
    status: Status | UnsetType = UNSET
    tags: Tags | UnsetType = UNSET
    options: OptionNames | UnsetType = UNSET
    pictures: Pictures | UnsetType = UNSET


class CollectionCreate(In, kw_only=True):
    """A collection to add: `manual` with products in order, or by `rules`. Without a slug its title gives one."""

    title: Title
    slug: Slug | None = None
    description: Text = ""
    kind: Literal["manual", "rules"] = "manual"
    product_ids: ProductIds = msgspec.field(default_factory=list)
    rules: Rules = msgspec.field(default_factory=list)
    matching: Matching = "all"


class CollectionChange(In, kw_only=True):
    """New values of a collection; what is absent stays. Products and rules are replaced as a whole."""

    title: Title | UnsetType = UNSET
    slug: Slug | UnsetType = UNSET
    description: Text | UnsetType = UNSET
    product_ids: ProductIds | UnsetType = UNSET
    rules: Rules | UnsetType = UNSET
    matching: Matching | UnsetType = UNSET
    archived: bool | UnsetType = UNSET


class PricesChange(In, kw_only=True):
    """All prices of a variant; a currency that is absent is not sold in any more."""

    prices: Prices


class StockChange(In, kw_only=True):
    """A count of what is there now, and below which number that is little (null: the shop's own)."""

    available: Stock | UnsetType = UNSET
    tracked: bool | UnsetType = UNSET
    low_stock_at: Stock | UnsetType | None = UNSET


class StockMovementCreate(In, kw_only=True):
    """Pieces that came or went outside of Vitrine."""

    delta: Annotated[int, Meta(ge=-1_000_000, le=1_000_000)]
    reference: Line = ""


class PriceOut(Out, kw_only=True, frozen=True):
    """A price in one currency, in its minor unit."""

    amount: int
    currency: str
    compare_at: int | None

    @classmethod
    def of(cls, price: PriceFacts) -> "PriceOut":
        """The price as it goes out."""
        return cls(amount=price.amount, currency=price.currency, compare_at=price.compare_at)


class PricesOut(Out, kw_only=True, frozen=True):
    """All prices of a variant."""

    prices: list[PriceOut]


class PictureOut(Out, kw_only=True, frozen=True):
    """A picture of a product, by its asset."""

    asset_id: str
    alt_text: str

    @classmethod
    def of(cls, picture: PictureFacts) -> "PictureOut":
        """The picture as it goes out."""
        return cls(asset_id=picture.asset_id, alt_text=picture.alt_text)


class VariantOut(Out, kw_only=True, frozen=True):
    """A variant with its prices. `in_stock` says whether one can be had now.

    `available` is the exact count, for front ends too (`Only 2 left`); it means nothing while `tracked` is false.
    """

    id: str
    product_id: str
    title: str
    options: dict[str, str]
    sku: str | None
    barcode: str | None
    weight_grams: int | None
    requires_shipping: bool
    tracked: bool
    available: int
    in_stock: bool
    archived_at: datetime | None
    prices: list[PriceOut]
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, variant: VariantFacts) -> "VariantOut":
        """The variant as it goes out."""
        return cls(
            id=variant.id,
            product_id=variant.product_id,
            title=variant.title,
            options=variant.options,
            sku=variant.sku,
            barcode=variant.barcode,
            weight_grams=variant.weight_grams,
            requires_shipping=variant.requires_shipping,
            tracked=variant.tracked,
            available=variant.available,
            in_stock=variant.in_stock,
            archived_at=variant.archived_at,
            prices=[PriceOut.of(price) for price in variant.prices],
            created_at=variant.created_at,
            updated_at=variant.updated_at,
        )


class ProductOut(Out, kw_only=True, frozen=True):
    """A product with its options, pictures and living variants, in their order."""

    id: str
    slug: str
    title: str
    description: str
    vendor: str
    product_type: str
    status: Status
    tags: list[str]
    options: list[str]
    pictures: list[PictureOut]
    variants: list[VariantOut]
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, sheet: ProductSheet) -> "ProductOut":
        """The product as it goes out."""
        return cls(
            id=sheet.product.id,
            slug=sheet.product.slug,
            title=sheet.product.title,
            description=sheet.product.description,
            vendor=sheet.product.vendor,
            product_type=sheet.product.product_type,
            status=msgspec.convert(sheet.product.status, Status),
            tags=sheet.tags,
            options=sheet.options,
            pictures=[PictureOut.of(picture) for picture in sheet.pictures],
            variants=[VariantOut.of(variant) for variant in sheet.variants],
            created_at=sheet.product.created_at,
            updated_at=sheet.product.updated_at,
        )


class CollectionOut(Out, kw_only=True, frozen=True):
    """A collection; its products are `GET /v1/products?collection=ID`, in the merchant's order where it is manual."""

    id: str
    slug: str
    title: str
    description: str
    kind: Literal["manual", "rules"]
    rules: list[Rule]
    matching: Matching
    archived_at: datetime | None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, collection: Collection) -> "CollectionOut":
        """The collection as it goes out."""
        return msgspec.convert(collection, cls, from_attributes=True)


class StockOut(Out, kw_only=True, frozen=True):
    """What is left of a variant; `available` means nothing while `tracked` is false.

    `stock.low` is told when it falls to `low_stock_at`, or to the shop's own number where that is null.
    """

    variant_id: str
    available: int
    tracked: bool
    low_stock_at: int | None

    @classmethod
    def of(cls, variant: VariantFacts) -> "StockOut":
        """The variant's stock as it goes out."""
        return cls(
            variant_id=variant.id,
            available=variant.available,
            tracked=variant.tracked,
            low_stock_at=variant.low_stock_at,
        )


class StockMovementOut(Out, kw_only=True, frozen=True):
    """Pieces that came or went, and how many were left then."""

    id: str
    variant_id: str
    delta: int
    available: int
    reason: str
    reference: str
    created_at: datetime

    @classmethod
    def of(cls, movement: StockMovement) -> "StockMovementOut":
        """The movement as it goes out."""
        return msgspec.convert(movement, cls, from_attributes=True)


class ImportOut(Out, kw_only=True, frozen=True):
    """One file that was read, and what became of its rows."""

    id: str
    format: str
    status: Literal["running", "done"]
    rows_read: int
    rows_refused: int
    warnings: int
    products_created: int
    products_changed: int
    products_unchanged: int
    variants_created: int
    variants_changed: int
    created_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, run: ImportRun) -> "ImportOut":
        """The import as it goes out."""
        return msgspec.convert(run, cls, from_attributes=True)


class ImportRowOut(Out, kw_only=True, frozen=True):
    """What was wrong with one row: `error` left it out, `warning` left one value out.

    `line` is the line of the file where the row begins, `column` the name in its header (empty for the whole row).
    """

    id: str
    line: int
    column: str
    level: Literal["error", "warning"]
    rule: str
    detail: str
    value: str

    @classmethod
    def of(cls, row: ImportRow) -> "ImportRowOut":
        """The row's problem as it goes out."""
        return msgspec.convert(row, cls, from_attributes=True)
