"""Discounts as they go over the wire."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from checkout.discounts.models import Discount, Redemption
from checkout.discounts.terms import BuyXGetY, Collections, Fixed, FreeShipping, Percentage, Products, Tiers
from core.money import Amount, Money
from core.wire import UNSET, DiscountCode, In, Out, Title, UnsetType

Limit = Annotated[int, Meta(ge=1, le=1_000_000_000)]
Moment = Annotated[datetime, Meta(tz=True)]


class DiscountCreate(In, kw_only=True):
    """A discount: with a `code`, one that is drawn (`generate_code`), or without any, for everybody.

    It is for `product_ids` and whatever is in `collection_ids` when it is used, none of both meaning all; those must
    cost `minimum_amount` together. `combines` says whether it goes together with others. Days are UTC; `starts_at` is
    included, `ends_at` is not.
    """

    title: Title
    terms: Percentage | Fixed | FreeShipping | BuyXGetY | Tiers
    code: DiscountCode | None = None
    generate_code: bool = False
    product_ids: Products = []
    collection_ids: Collections = []
    minimum_amount: Amount = 0
    combines: bool = True
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    limit_total: Limit | None = None
    limit_per_day: Limit | None = None
    limit_per_customer: Limit | None = None


class DiscountChange(In, kw_only=True):
    """New settings; what is absent stays. Orders keep what they were given. The code itself never changes."""

    title: Title | UnsetType = UNSET
    terms: Percentage | Fixed | FreeShipping | BuyXGetY | Tiers | UnsetType = UNSET
    product_ids: Products | UnsetType = UNSET
    collection_ids: Collections | UnsetType = UNSET
    minimum_amount: Amount | UnsetType = UNSET
    combines: bool | UnsetType = UNSET
    starts_at: Moment | UnsetType | None = UNSET
    ends_at: Moment | UnsetType | None = UNSET
    limit_total: Limit | UnsetType | None = UNSET
    limit_per_day: Limit | UnsetType | None = UNSET
    limit_per_customer: Limit | UnsetType | None = UNSET
    archived: bool | UnsetType = UNSET


class DiscountOut(Out, kw_only=True, frozen=True):
    """A discount. `used` counts the orders that hold it or were paid with it."""

    id: str
    title: str
    code: str | None
    terms: Percentage | Fixed | FreeShipping | BuyXGetY | Tiers
    product_ids: list[str]
    collection_ids: list[str]
    minimum_amount: int
    combines: bool
    starts_at: datetime | None
    ends_at: datetime | None
    limit_total: int | None
    limit_per_day: int | None
    limit_per_customer: int | None
    used: int
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None

    @classmethod
    def of(cls, discount: Discount) -> "DiscountOut":
        """The discount as the shop sees it."""
        return msgspec.convert(discount, cls, from_attributes=True)


class OrderDiscountOut(Out, kw_only=True, frozen=True):
    """A discount that an order was given, as it was then; `code` is null where the shop gave it by itself."""

    discount_id: str
    title: str
    code: str | None
    amount: Money
    free_shipping: bool

    @classmethod
    def of(cls, redemption: Redemption, currency: str) -> "OrderDiscountOut":
        """The discount in its order's currency."""
        return cls(
            discount_id=redemption.discount_id,
            title=redemption.title,
            code=redemption.code,
            amount=Money(redemption.amount, currency),
            free_shipping=redemption.free_shipping,
        )
