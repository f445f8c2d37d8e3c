"""The closed grammar of a collection's rules, and what each means for a product."""

from typing import Annotated, Literal, TypeAlias

import sqlalchemy as sa
from msgspec import Meta
from sqlmodel import col

from catalog.models import Price, Product, ProductTag, Variant
from core.money import Amount
from core.shops import Shop
from core.wire import In, Line, Word

MAX_RULES = 20
Matching = Literal["all", "any"]


class TagRule(In, kw_only=True, tag_field="rule", tag="tag"):
    """The product has this tag."""

    value: Word


class ProductTypeRule(In, kw_only=True, tag_field="rule", tag="product_type"):
    """The product is of this type, spelt exactly so."""

    value: Line


class VendorRule(In, kw_only=True, tag_field="rule", tag="vendor"):
    """The product comes from this vendor, spelt exactly so."""

    value: Line


class PriceBelowRule(In, kw_only=True, tag_field="rule", tag="price_below"):
    """A variant costs less than this in the shop's currency."""

    amount: Amount


class PriceAboveRule(In, kw_only=True, tag_field="rule", tag="price_above"):
    """A variant costs more than this in the shop's currency."""

    amount: Amount


class InStockRule(In, kw_only=True, tag_field="rule", tag="in_stock"):
    """A variant can be had now."""


Rule: TypeAlias = TagRule | ProductTypeRule | VendorRule | PriceBelowRule | PriceAboveRule | InStockRule
Rules = Annotated[list[Rule], Meta(max_length=MAX_RULES, description="What a product must be; see `matching`.")]


def meeting(shop: Shop, rules: list[Rule], matching: str) -> sa.ColumnElement[bool]:
    """What a product must be to meet all of these rules, or any of them."""
    joined = sa.and_ if matching == "all" else sa.or_
    return joined(*(_condition(shop, rule) for rule in rules))


def _condition(shop: Shop, rule: Rule) -> sa.ColumnElement[bool]:
    match rule:
        case TagRule(value=value):
            tagged = sa.select(col(ProductTag.product_id)).where(
                col(ProductTag.shop_id) == shop.id, col(ProductTag.tag) == value.strip().casefold()
            )
            return col(Product.id).in_(tagged)
        case ProductTypeRule(value=value):
            return col(Product.product_type) == value
        case VendorRule(value=value):
            return col(Product.vendor) == value
        case PriceBelowRule(amount=amount):
            return _priced(shop, col(Price.amount) < amount)
        case PriceAboveRule(amount=amount):
            return _priced(shop, col(Price.amount) > amount)
        case InStockRule():
            return _some_variant(sa.or_(col(Variant.tracked).is_(False), col(Variant.available) > 0))


def _priced(shop: Shop, condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    priced = sa.exists().where(
        col(Price.variant_id) == col(Variant.id), col(Price.currency) == shop.currency, condition
    )
    return _some_variant(priced)


def _some_variant(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return sa.exists().where(col(Variant.product_id) == col(Product.id), col(Variant.archived_at).is_(None), condition)
