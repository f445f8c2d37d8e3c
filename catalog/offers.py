"""What pages, tags, templates and the checkout know of a variant: a handful of columns, in one currency."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec
import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from catalog.errors import ProductNotFound
from catalog.facts import PictureFacts, variant_title
from catalog.models import Price, Product, ProductOption, ProductPicture, Variant
from core.db import AsyncSession
from core.money import Money
from core.shops import Shop
from core.statements import Several


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """A variant as it is sold in one currency.

    `sellable` when its product is active, it is not archived and has a price; stock is another matter: `in_stock`.
    Of a `draft` strangers hear nothing.
    """

    variant_id: str
    product_id: str
    product_title: str
    variant_title: str
    sku: str | None
    price: Money | None
    compare_at: Money | None
    available: int
    tracked: bool
    weight_grams: int | None
    requires_shipping: bool
    sellable: bool
    asset_id: str | None
    draft: bool = False

    @property
    def in_stock(self) -> bool:
        """Whether one piece can be had now."""
        return not self.tracked or self.available > 0


class ProductOffers(msgspec.Struct, frozen=True, kw_only=True):
    """A product, its offers in position order, and its attached pictures in theirs."""

    product_id: str
    slug: str
    title: str
    description: str
    vendor: str
    product_type: str
    status: str
    option_names: list[str]
    offers: list[Offer]
    pictures: list[PictureFacts]


class _Row(NamedTuple):
    """The columns of `_OFFERS`."""

    id: str
    product_id: str
    title: str
    status: str
    option1: str
    option2: str
    option3: str
    sku: str | None
    available: int
    tracked: bool
    archived_at: datetime | None
    weight_grams: int | None
    requires_shipping: bool
    amount: int | None
    compare_at: int | None
    asset_id: str | None


_FIRST_PICTURE = (
    sa.select(col(ProductPicture.asset_id))
    .where(col(ProductPicture.product_id) == col(Variant.product_id), col(ProductPicture.asset_id).is_not(None))
    .order_by(col(ProductPicture.position), col(ProductPicture.id))
    .limit(1)
    .scalar_subquery()
)
_OFFERS = (
    sa.select(
        col(Variant.id), col(Variant.product_id), col(Product.title), col(Product.status), col(Variant.option1),
        col(Variant.option2), col(Variant.option3), col(Variant.sku), col(Variant.available), col(Variant.tracked),
        col(Variant.archived_at), col(Variant.weight_grams), col(Variant.requires_shipping), col(Price.amount),
        col(Price.compare_at), _FIRST_PICTURE.label("asset_id"),
    )
    .join(Product, col(Product.id) == col(Variant.product_id))
    .outerjoin(
        Price, sa.and_(col(Price.variant_id) == col(Variant.id), col(Price.currency) == sa.bindparam("currency"))
    )
    .where(col(Variant.shop_id) == sa.bindparam("shop"))
    .order_by(col(Variant.product_id), col(Variant.position))
)  # fmt: skip
_OF_VARIANTS = _OFFERS.where(col(Variant.id).in_(sa.bindparam("variants", expanding=True)))
_MINE = (col(Product.shop_id) == sa.bindparam("shop"), col(Product.id) == sa.bindparam("product"))
_FACTS = (
    col(Product.slug), col(Product.title), col(Product.description), col(Product.vendor), col(Product.product_type),
    col(Product.status),
)  # fmt: skip
_PRODUCT = sa.select(*_FACTS).where(*_MINE)
_OPTIONS = sa.select(col(ProductOption.name)).order_by(col(ProductOption.position))
_PICTURES = (
    sa.select(col(ProductPicture.asset_id), col(ProductPicture.alt_text))
    .where(col(ProductPicture.asset_id).is_not(None))
    .order_by(col(ProductPicture.position), col(ProductPicture.id))
)
_OPTIONS_OF_ONE = _OPTIONS.where(col(ProductOption.product_id) == sa.bindparam("product"))
_PICTURES_OF_ONE = _PICTURES.where(col(ProductPicture.product_id) == sa.bindparam("product"))
_LIVING = _OFFERS.where(col(Variant.archived_at).is_(None))
_OF_PRODUCT = _LIVING.where(col(Variant.product_id) == sa.bindparam("product"))
_SEVERAL = Several("product", 16)
_PRODUCTS = sa.select(col(Product.id), *_FACTS).where(
    col(Product.shop_id) == sa.bindparam("shop"), col(Product.id).in_(_SEVERAL.parameters)
)
_OPTIONS_OF = _OPTIONS.with_only_columns(col(ProductOption.product_id), col(ProductOption.name)).where(
    col(ProductOption.product_id).in_(_SEVERAL.parameters)
)
_PICTURES_OF = _PICTURES.with_only_columns(
    col(ProductPicture.product_id), col(ProductPicture.asset_id), col(ProductPicture.alt_text)
).where(col(ProductPicture.product_id).in_(_SEVERAL.parameters))
_OF_PRODUCTS = _LIVING.where(col(Variant.product_id).in_(_SEVERAL.parameters))


async def of_variants(
    session: AsyncSession, shop: Shop, variant_ids: Collection[str], currency: str
) -> dict[str, Offer]:
    """The offers behind these ids; what is unknown or another shop's is not in the answer."""
    which = {"shop": shop.id, "currency": currency, "variants": list(variant_ids)}
    found = await session.core(_OF_VARIANTS, which)
    return {offer.variant_id: offer for offer in _offers(found.all(), currency)}


async def of_product(session: AsyncSession, shop: Shop, product_id: str, currency: str) -> ProductOffers:
    """One product with the offers of its living variants; refuses ProductNotFound."""
    which = {"shop": shop.id, "product": product_id}
    found = await session.rows(_PRODUCT, which)
    if not found:
        raise ProductNotFound
    slug, title, description, vendor, product_type, status = found[0]
    return ProductOffers(
        product_id=product_id,
        slug=slug,
        title=title,
        description=description,
        vendor=vendor,
        product_type=product_type,
        status=status,
        option_names=[name for (name,) in await session.rows(_OPTIONS_OF_ONE, which)],
        offers=_offers(await session.rows(_OF_PRODUCT, {**which, "currency": currency}), currency),
        pictures=[PictureFacts(*row) for row in await session.rows(_PICTURES_OF_ONE, which)],
    )


async def of_products(
    session: AsyncSession, shop: Shop, product_ids: Collection[str], currency: str
) -> dict[str, ProductOffers]:
    """These products as `of_product` gives them, in four statements for so many at a time.

    What is unknown or another shop's is not in the answer.
    """
    found: dict[str, ProductOffers] = {}
    for some in _SEVERAL.values(product_ids):
        which = {**some, "shop": shop.id}
        names = _by_product(await session.rows(_OPTIONS_OF, which))
        pictures = _by_product(await session.rows(_PICTURES_OF, which))
        sold: dict[str, list[Offer]] = {}
        for offer in _offers(await session.rows(_OF_PRODUCTS, {**which, "currency": currency}), currency):
            sold.setdefault(offer.product_id, []).append(offer)
        for product_id, slug, title, description, vendor, product_type, status in await session.rows(_PRODUCTS, which):
            found[product_id] = ProductOffers(
                product_id=product_id,
                slug=slug,
                title=title,
                description=description,
                vendor=vendor,
                product_type=product_type,
                status=status,
                option_names=[name for (name,) in names.get(product_id, ())],
                offers=sold.get(product_id, []),
                pictures=[PictureFacts(*row) for row in pictures.get(product_id, ())],
            )
    return found


def _by_product(rows: Sequence[Sequence[str]]) -> dict[str, list[Sequence[str]]]:
    """What follows a product's id in each row, by that id."""
    found: dict[str, list[Sequence[str]]] = {}
    for product_id, *facts in rows:
        found.setdefault(product_id, []).append(facts)
    return found


def on_sale(shop: Shop) -> SelectOfScalar[str]:
    """Chooses the ids of the shop's products of which something is `sellable` in its currency, in stock or not."""
    return (
        select(Variant.product_id)
        .join(Product, col(Product.id) == col(Variant.product_id))
        .join(Price, col(Price.variant_id) == col(Variant.id))
        .where(
            Variant.shop_id == shop.id,
            Product.status == "active",
            col(Variant.archived_at).is_(None),
            Price.currency == shop.currency,
        )
    )


def _offers(found: Sequence[Sequence[object]], currency: str) -> list[Offer]:
    """Of rows as `_OFFERS` chooses them."""
    return [_offer(_Row(*row), currency) for row in found]  # type: ignore[arg-type]  # As the statement chooses them.


def _offer(row: _Row, currency: str) -> Offer:
    return Offer(
        variant_id=row.id,
        product_id=row.product_id,
        product_title=row.title,
        variant_title=variant_title(row.option1, row.option2, row.option3),
        sku=row.sku,
        price=None if row.amount is None else Money(row.amount, currency),
        compare_at=None if row.compare_at is None else Money(row.compare_at, currency),
        available=row.available,
        tracked=row.tracked,
        weight_grams=row.weight_grams,
        requires_shipping=row.requires_shipping,
        sellable=row.status == "active" and row.archived_at is None and row.amount is not None,
        asset_id=row.asset_id,
        draft=row.status == "draft",
    )
