"""What a discount takes off: a closed family, as it comes in, is stored and goes out."""

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta

from core.money import MAXIMUM
from core.wire import In

WHOLE = 10_000
MAX_TIERS = 20
MAX_PRODUCTS = 200
MAX_COLLECTIONS = 20

ProductId = Annotated[str, Meta(min_length=5, max_length=64, pattern=r"^prod_[0-9a-z]+$")]
Products = Annotated[list[ProductId], Meta(max_length=MAX_PRODUCTS)]
CollectionId = Annotated[str, Meta(min_length=5, max_length=64, pattern=r"^coll_[0-9a-z]+$")]
Collections = Annotated[list[CollectionId], Meta(max_length=MAX_COLLECTIONS)]
Rate = Annotated[int, Meta(ge=0, le=WHOLE, description="Hundredths of a percent: 1250 is 12.5 %.")]
Off = Annotated[int, Meta(ge=1, le=MAXIMUM, description="Minor unit of the shop's currency.")]
Pieces = Annotated[int, Meta(ge=1, le=999)]


class ProductRate(In, kw_only=True):
    """A rate of one product's own."""

    product_id: ProductId
    rate: Rate


class Percentage(In, kw_only=True, tag_field="kind", tag="percentage"):
    """A share of the price; a product in `product_rates` has its own, and takes part whatever `product_ids` says."""

    rate: Rate
    product_rates: Annotated[list[ProductRate], Meta(max_length=MAX_PRODUCTS)] = []


class Fixed(In, kw_only=True, tag_field="kind", tag="fixed"):
    """An amount off the whole basket, shared out over its lines by what they cost."""

    amount: Off


class FreeShipping(In, kw_only=True, tag_field="kind", tag="free_shipping"):
    """The buyer pays nothing for the cheapest way; dearer ones keep their price."""


class BuyXGetY(In, kw_only=True, tag_field="kind", tag="buy_x_get_y"):
    """For every `buy` pieces, `get` more at `rate` less (10000: for nothing), the cheapest ones, `times` at most.

    Without `get_product_ids` both are of the same products; with them, the discount's `product_ids` must be bought, or
    what is in its collections and is not one of these.
    """

    buy: Pieces
    get: Pieces
    rate: Rate = WHOLE
    get_product_ids: Products = []
    times: Pieces = 999


class Tier(In, kw_only=True):
    """From `at_least` on: either a `rate` or an `amount`."""

    at_least: Off
    rate: Rate | None = None
    amount: Off | None = None


class Tiers(In, kw_only=True, tag_field="kind", tag="tiers"):
    """The more, the cheaper: the highest tier that is reached counts, by what the goods cost or by their pieces."""

    by: Literal["amount", "quantity"]
    tiers: Annotated[list[Tier], Meta(min_length=1, max_length=MAX_TIERS)]


Terms: TypeAlias = Percentage | Fixed | FreeShipping | BuyXGetY | Tiers
