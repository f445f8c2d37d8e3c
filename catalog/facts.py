"""The catalog as it is read: columns put into structs, no rows that could be changed by accident."""

from collections.abc import Sequence
from datetime import datetime

import msgspec


def variant_title(*values: str) -> str:
    """`S / Bleu`; empty where the product has no options."""
    return " / ".join(value for value in values if value)


class PriceFacts(msgspec.Struct, frozen=True):
    """A price in the minor unit of its currency."""

    amount: int
    currency: str
    compare_at: int | None


class PictureFacts(msgspec.Struct, frozen=True):
    """An attached picture."""

    asset_id: str
    alt_text: str


class VariantFacts(msgspec.Struct, frozen=True):
    """A variant, its option values by name, and its prices by currency."""

    id: str
    product_id: str
    option1: str
    option2: str
    option3: str
    sku: str | None
    barcode: str | None
    weight_grams: int | None
    requires_shipping: bool
    tracked: bool
    available: int
    low_stock_at: int | None
    version: int
    archived_at: datetime | None
    created_at: datetime
    updated_at: datetime
    option_names: Sequence[str] = ()
    prices: Sequence[PriceFacts] = ()

    @property
    def in_stock(self) -> bool:
        """Whether one piece can be had now."""
        return not self.tracked or self.available > 0

    @property
    def options(self) -> dict[str, str]:
        """`{"Size": "S", "Colour": "Bleu"}`."""
        return dict(zip(self.option_names, (self.option1, self.option2, self.option3), strict=False))

    @property
    def title(self) -> str:
        """`S / Bleu`; empty where the product has no options."""
        return variant_title(self.option1, self.option2, self.option3)


class ProductFacts(msgspec.Struct, frozen=True):
    """A product without what hangs on it."""

    id: str
    slug: str
    title: str
    description: str
    vendor: str
    product_type: str
    status: str
    version: int
    created_at: datetime
    updated_at: datetime


class ProductSheet(msgspec.Struct, frozen=True):
    """A product with its tags, options, attached pictures and living variants, each in their order."""

    product: ProductFacts
    tags: list[str]
    options: list[str]
    pictures: list[PictureFacts]
    variants: list[VariantFacts]
