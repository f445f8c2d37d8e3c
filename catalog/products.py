"""Products: add, find, list, change, archive."""

from collections.abc import Iterable

import msgspec
import sqlalchemy as sa
from sqlmodel import col, select

from catalog import pictures, rows, search, slugs, variants
from catalog.errors import OptionsInUse, OptionsMismatch, ProductNotFound
from catalog.events import ProductArchived, ProductCreated
from catalog.models import Product, ProductOption, ProductTag
from catalog.schemas import ProductChange, ProductCreate, Status
from core import clock, db, events, ids
from core.db import AsyncSession
from core.errors import expect
from core.shops import Shop
from core.wire import UNSET


class Filters(msgspec.Struct, frozen=True):
    """Which products to list; without a status, all but the archived ones."""

    status: Status | None = None
    tag: str | None = None
    product_type: str | None = None
    q: str | None = None


async def create(session: AsyncSession, shop: Shop, data: ProductCreate) -> Product:
    """Add a product with its options, variants, prices and pictures.

    Refuses SlugTaken, SlugReserved, SkuTaken, OptionsMismatch, VariantTaken, CompareAtTooLow, UnknownCurrency,
    BadAmount and UnknownAsset.
    """
    slug = await (slugs.claim(session, shop, data.slug) if data.slug else slugs.free(session, shop, data.title))
    now = clock.now()
    product = Product(
        id=ids.new("prod"), shop_id=shop.id, slug=slug, title=data.title, description=data.description,
        vendor=data.vendor, product_type=data.product_type, status=data.status, created_at=now, updated_at=now,
    )  # fmt: skip
    await rows.keep_product(session, product)
    _add_options(session, product, data.options)
    _add_tags(session, product, data.tags)
    await session.flush()
    await pictures.replace(session, shop, product.id, data.pictures)
    await variants.add_all(session, shop, product, data.options, data.variants)
    await search.index(session, shop.id, [product.id])
    await events.record(session, shop.id, ProductCreated(product_id=product.id))
    return product


async def get(session: AsyncSession, shop: Shop, product_id: str) -> Product:
    """The product with this id; refuses ProductNotFound, in the same words for another shop's."""
    return await rows.product(session, shop, product_id)


async def by_slug(session: AsyncSession, shop: Shop, slug: str) -> Product:
    """The product with this slug; refuses ProductNotFound."""
    chosen = select(Product).where(Product.shop_id == shop.id, Product.slug == slug)
    product = (await session.exec(chosen)).first()
    if product is None:
        raise ProductNotFound
    return product


async def list_page(
    session: AsyncSession, shop: Shop, filters: Filters, limit: int, cursor: str | None
) -> tuple[list[Product], str | None]:
    """One page of the shop's products, newest first, and the next page's cursor."""
    return await db.page(session, select(Product).where(*conditions(shop, filters)), Product.id, limit, cursor)


def conditions(shop: Shop, filters: Filters) -> list[sa.ColumnElement[bool]]:
    """What a product must be to pass; refuses TooManyWords."""
    found = [col(Product.shop_id) == shop.id]
    if filters.status is None:
        found.append(col(Product.status) != "archived")
    else:
        found.append(col(Product.status) == filters.status)
    if filters.product_type is not None:
        found.append(col(Product.product_type) == filters.product_type)
    if filters.tag is not None:
        tag = filters.tag.strip().casefold()
        tagged = select(ProductTag.product_id).where(ProductTag.shop_id == shop.id, ProductTag.tag == tag)
        found.append(col(Product.id).in_(tagged))
    if filters.q is not None:
        found.append(search.matching(shop, filters.q))
    return found


async def change(
    session: AsyncSession, shop: Shop, product_id: str, data: ProductChange, version: int | None
) -> Product:
    """Change what `data` names; a version of None is any.

    Refuses ProductNotFound, PreconditionFailed, SlugTaken, SlugReserved, OptionsInUse, OptionsMismatch, UnknownAsset.
    """
    product = await rows.lock_product(session, shop, product_id)
    expect(product.version, version)
    if data.slug is not UNSET and data.slug != product.slug:
        await slugs.claim(session, shop, data.slug, product.id)
        await slugs.leave(session, shop, product.slug, product.id)
    was_archived = product.status == "archived"
    given = {name: value for name in data.__struct_fields__ if (value := getattr(data, name)) is not UNSET}
    for name in given.keys() - {"tags", "options", "pictures"}:
        setattr(product, name, given[name])
    await rows.touch_product(session, shop, product, sorted(given))
    if data.tags is not UNSET:
        await session.exec(sa.delete(ProductTag).where(col(ProductTag.product_id) == product.id))
        _add_tags(session, product, data.tags)
    if data.options is not UNSET:
        await _rename_options(session, product, data.options)
    if data.pictures is not UNSET:
        await pictures.replace(session, shop, product.id, data.pictures)
    if product.status == "archived" and not was_archived:
        await events.record(session, shop.id, ProductArchived(product_id=product.id))
    await search.index(session, shop.id, [product.id])
    return product


async def archive(session: AsyncSession, shop: Shop, product_id: str) -> Product:
    """Take the product off sale; doing it twice is doing it once. Refuses ProductNotFound."""
    product = await rows.lock_product(session, shop, product_id)
    if product.status != "archived":
        product.status = "archived"
        await rows.touch_product(session, shop, product, ["status"])
        await events.record(session, shop.id, ProductArchived(product_id=product.id))
    return product


def folded(words: Iterable[str]) -> list[str]:
    """Tags as they are kept: case-folded, trimmed, each once, in order."""
    return [word for word in dict.fromkeys(word.strip().casefold() for word in words) if word]


def _add_tags(session: AsyncSession, product: Product, tags: list[str]) -> None:
    session.add_all(
        ProductTag(product_id=product.id, shop_id=product.shop_id, tag=tag, position=position)
        for position, tag in enumerate(folded(tags))
    )


def _add_options(session: AsyncSession, product: Product, names: list[str]) -> None:
    if len(set(names)) < len(names):
        raise OptionsMismatch("Two options have the same name.", given=names)
    session.add_all(
        ProductOption(id=ids.new("opt"), shop_id=product.shop_id, product_id=product.id, position=position, name=name)
        for position, name in enumerate(names, 1)
    )


async def _rename_options(session: AsyncSession, product: Product, names: list[str]) -> None:
    count = len(await rows.option_names(session, product.id))
    if len(names) != count and await rows.living_variants(session, product.id):
        raise OptionsInUse(f"Its variants have {count} values each.", options=count)
    await session.exec(sa.delete(ProductOption).where(col(ProductOption.product_id) == product.id))
    _add_options(session, product, names)
