"""Products as the API shows them."""

from collections.abc import Sequence
from datetime import UTC, datetime

from catalog.schemas import PriceOut, ProductOut, VariantOut

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def product(variants: Sequence[tuple[str, int, bool, str]]) -> ProductOut:
    """A product whose variants are (title, available, tracked, currency)."""
    return ProductOut(
        id="prod_1", slug="bol", title="Bol", description="", vendor="", product_type="", status="active", tags=[],
        options=[], pictures=[], variants=[_variant(*each) for each in variants], created_at=NOW, updated_at=NOW,
    )  # fmt: skip


def _variant(title: str, available: int, tracked: bool, currency: str) -> VariantOut:
    return VariantOut(
        id=f"var_{title}", product_id="prod_1", title=title, options={}, sku=None, barcode=None, weight_grams=None,
        requires_shipping=True, tracked=tracked, available=available, in_stock=not tracked or available > 0,
        archived_at=None, created_at=NOW, updated_at=NOW,
        prices=[PriceOut(amount=100, currency=currency, compare_at=None)],
    )  # fmt: skip
