"""What happened in the catalog, for the rooms above."""

from typing import ClassVar

from core.db import AsyncSession
from core.events import Event
from core.webhooks import published
from core.wire import Out


class ProductCreated(Event, frozen=True, kw_only=True):
    """A product was added."""

    kind: ClassVar[str] = "product.created"
    product_id: str


class ProductChanged(Event, frozen=True, kw_only=True):
    """A product, its pictures or one of its variants was changed."""

    kind: ClassVar[str] = "product.changed"
    product_id: str
    fields: list[str]


class ProductArchived(Event, frozen=True, kw_only=True):
    """A product is not sold any more."""

    kind: ClassVar[str] = "product.archived"
    product_id: str


class PriceChanged(Event, frozen=True, kw_only=True):
    """A variant costs something else in one currency; None where there is or was no price. Minor units."""

    kind: ClassVar[str] = "price.changed"
    product_id: str
    variant_id: str
    currency: str
    before: int | None
    after: int | None


class StockLow(Event, frozen=True, kw_only=True):
    """A tracked variant fell to its threshold, or below: told once each time that happens."""

    kind: ClassVar[str] = "stock.low"
    product_id: str
    variant_id: str
    sku: str | None
    available: int
    threshold: int


class StockLowData(Out, kw_only=True, frozen=True):
    """What is left of the variant, and the threshold that it fell to."""

    product_id: str
    variant_id: str
    sku: str | None
    available: int
    threshold: int


@published.publish(StockLow, subject=lambda event: event.variant_id)
async def stock_low(_: AsyncSession, __: str, event: StockLow) -> StockLowData:
    """For those who order more."""
    return StockLowData(
        product_id=event.product_id,
        variant_id=event.variant_id,
        sku=event.sku,
        available=event.available,
        threshold=event.threshold,
    )


class ProductsImported(Event, frozen=True, kw_only=True):
    """One batch of a file went in; stands for the single events of its products."""

    kind: ClassVar[str] = "products.imported"
    import_id: str
    created: list[str]
    changed: list[str]
