"""What the demo shows: pictures in the shop's hands, and which product is where on each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from catalog.schemas import ProductOut, VariantOut
from core.money import Money
from media.schemas import AssetOut


@dataclass(frozen=True)
class Point:
    """A product on a picture, 0..1 from the left and the top."""

    product: ProductOut
    x: float
    y: float


@dataclass(frozen=True)
class Picture:
    """A picture that was handed in."""

    slug: str
    asset: AssetOut
    points: Sequence[Point]


@dataclass(frozen=True)
class Stock:
    """All pictures, and the one to post on each network. `remarks`: what a merchant should know about the files."""

    pictures: Sequence[Picture]
    showcase: Mapping[str, Picture]
    remarks: Sequence[str] = field(default=())


def offered(product: ProductOut, currency: str) -> tuple[VariantOut, Money] | None:
    """The first variant that can be bought, and its price; None where nothing of it can."""
    for variant in product.variants:
        price = price_of(variant, currency)
        if price is not None and (variant.available > 0 or not variant.tracked):
            return variant, price
    return None


def price_of(variant: VariantOut, currency: str) -> Money | None:
    """What the variant costs in this currency, or None where it has no price in it."""
    for price in variant.prices:
        if price.currency == currency:
            return Money(price.amount, currency)
    return None
