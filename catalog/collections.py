"""Collections: products that belong together, named one by one or found by rules."""

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from catalog import rules, slugs
from catalog.errors import CollectionKindMismatch, CollectionNotFound, CollectionSlugTaken, UnknownProduct
from catalog.models import Collection, CollectionProduct, Product
from catalog.rules import Rule
from catalog.schemas import CollectionChange, CollectionCreate
from core import clock, db, ids
from core.db import AsyncSession
from core.errors import expect
from core.shops import Shop
from core.wire import UNSET

_ORDERED = "manual"


async def create(session: AsyncSession, shop: Shop, data: CollectionCreate) -> Collection:
    """Add a collection.

    Refuses CollectionSlugTaken, CollectionKindMismatch where products and rules are mixed, and UnknownProduct.
    """
    _check_kind(data.kind, data.product_ids, data.rules)
    now = clock.now()
    collection = Collection(
        id=ids.new("coll"), shop_id=shop.id, slug=data.slug or await _free_slug(session, shop, data.title),
        title=data.title, description=data.description, kind=data.kind, matching=data.matching,
        rules=msgspec.to_builtins(data.rules), created_at=now, updated_at=now,
    )  # fmt: skip
    await _keep(session, collection)
    await _place(session, shop, collection, data.product_ids)
    return collection


async def get(session: AsyncSession, shop: Shop, collection_id: str) -> Collection:
    """The collection with this id, archived ones too.

    Refuses CollectionNotFound, in the same words for another shop's.
    """
    chosen = select(Collection).where(Collection.shop_id == shop.id, Collection.id == collection_id)
    return _known((await session.exec(chosen)).first())


async def living(session: AsyncSession, shop: Shop, collection_id: str) -> Collection:
    """The collection with this id; refuses CollectionNotFound for an archived one, too."""
    collection = await get(session, shop, collection_id)
    return _known(collection if collection.archived_at is None else None)


async def list_page(
    session: AsyncSession, shop: Shop, limit: int, cursor: str | None
) -> tuple[list[Collection], str | None]:
    """One page of the shop's collections, newest first, archived ones left out."""
    chosen = select(Collection).where(Collection.shop_id == shop.id, col(Collection.archived_at).is_(None))
    return await db.page(session, chosen, Collection.id, limit, cursor)


async def change(
    session: AsyncSession, shop: Shop, collection_id: str, data: CollectionChange, version: int | None
) -> Collection:
    """Change what `data` names; a version of None is any. Its kind stays; `archived=False` brings it back.

    Refuses CollectionNotFound, PreconditionFailed, CollectionSlugTaken, CollectionKindMismatch, UnknownProduct.
    """
    collection = await _lock(session, shop, collection_id)
    expect(collection.version, version)
    product_ids = [] if data.product_ids is UNSET else data.product_ids
    wanted = _rules(collection) if data.rules is UNSET else data.rules
    _check_kind(collection.kind, product_ids, wanted)
    for name in ("slug", "title", "description", "matching"):
        if (value := getattr(data, name)) is not UNSET:
            setattr(collection, name, value)
    collection.rules = msgspec.to_builtins(wanted)
    if data.archived is not UNSET:
        collection.archived_at = (collection.archived_at or clock.now()) if data.archived else None
    await _touch(session, collection)
    if data.product_ids is not UNSET:
        await _place(session, shop, collection, product_ids)
    return collection


async def archive(session: AsyncSession, shop: Shop, collection_id: str) -> None:
    """Put the collection away; doing it twice is doing it once. Refuses CollectionNotFound."""
    collection = await _lock(session, shop, collection_id)
    if collection.archived_at is None:
        collection.archived_at = clock.now()
        await _touch(session, collection)


def holding(shop: Shop, collection: Collection) -> sa.ColumnElement[bool]:
    """What a product must be to belong to the collection now."""
    if collection.kind == _ORDERED:
        return col(Product.id).in_(
            select(CollectionProduct.product_id).where(CollectionProduct.collection_id == collection.id)
        )
    return rules.meeting(shop, _rules(collection), collection.matching)


async def members(
    session: AsyncSession, shop: Shop, collection_ids: Sequence[str], product_ids: Sequence[str]
) -> dict[str, frozenset[str]]:
    """Which of these products belong to each of these collections at this moment, by its id.

    Collections that are put away, or another shop's, are left out.
    """
    chosen = select(Collection).where(Collection.shop_id == shop.id, col(Collection.archived_at).is_(None))
    living = (await session.exec(chosen.where(col(Collection.id).in_(collection_ids)))).all()
    if not living:
        return {}
    mine = (col(Product.shop_id) == shop.id, col(Product.id).in_(product_ids))
    belonging = (sa.select(sa.literal(each.id), col(Product.id)).where(*mine, holding(shop, each)) for each in living)
    rows = (await (await session.connection()).execute(sa.union_all(*belonging))).all()
    return {each.id: frozenset(product for name, product in rows if name == each.id) for each in living}


def place(collection: Collection) -> sa.ScalarSelect[int] | None:
    """Where a product stands in the merchant's own order; None for rules, which have none."""
    if collection.kind != _ORDERED:
        return None
    return _position(collection, col(Product.id))


def after(collection: Collection, product_id: str) -> sa.ColumnElement[bool]:
    """What comes after this product in the merchant's own order."""
    return _position(collection, col(Product.id)) > _position(collection, sa.literal(product_id))


def _position(collection: Collection, product_id: sa.SQLColumnExpression[str]) -> sa.ScalarSelect[int]:
    return (
        sa.select(col(CollectionProduct.position))
        .where(col(CollectionProduct.collection_id) == collection.id, col(CollectionProduct.product_id) == product_id)
        .scalar_subquery()
    )


def _rules(collection: Collection) -> list[Rule]:
    return msgspec.convert(collection.rules, list[Rule])


def _check_kind(kind: str, product_ids: Sequence[str], wanted: Sequence[Rule]) -> None:
    if kind == _ORDERED and wanted:
        raise CollectionKindMismatch("A manual collection has products, not rules.", kind=kind)
    if kind != _ORDERED and (product_ids or not wanted):
        raise CollectionKindMismatch("A collection by rules has at least one rule, and no products.", kind=kind)


def _known(collection: Collection | None) -> Collection:
    if collection is None:
        raise CollectionNotFound
    return collection


async def _lock(session: AsyncSession, shop: Shop, collection_id: str) -> Collection:
    chosen = select(Collection).where(Collection.shop_id == shop.id, Collection.id == collection_id).with_for_update()
    return _known((await session.exec(chosen.execution_options(populate_existing=True))).first())


async def _touch(session: AsyncSession, collection: Collection) -> None:
    collection.version, collection.updated_at = collection.version + 1, clock.now()
    await _keep(session, collection)


async def _keep(session: AsyncSession, collection: Collection) -> None:
    """Flush in a savepoint: another request may have taken the slug."""
    slug = collection.slug
    try:
        async with session.begin_nested():
            session.add(collection)
            await session.flush()
    except IntegrityError:
        raise CollectionSlugTaken(f"Another collection has the slug {slug!r}.", taken=slug) from None


async def _free_slug(session: AsyncSession, shop: Shop, title: str) -> str:
    stem = slugs.plain(title)
    like = col(Collection.slug).startswith(stem, autoescape=True)
    taken = set((await session.exec(select(Collection.slug).where(Collection.shop_id == shop.id, like))).all())
    if stem not in taken:
        return stem
    return next(slug for number in range(2, len(taken) + 3) if (slug := f"{stem}-{number}") not in taken)


async def _place(session: AsyncSession, shop: Shop, collection: Collection, product_ids: Sequence[str]) -> None:
    """Make these the collection's products, in this order, each once."""
    wanted = list(dict.fromkeys(product_ids))
    own = select(Product.id).where(Product.shop_id == shop.id, col(Product.id).in_(wanted))
    known = set((await session.exec(own)).all())
    for product_id in wanted:
        if product_id not in known:
            raise UnknownProduct(f"There is no product {product_id}.", product_id=product_id)
    gone = sa.delete(CollectionProduct).where(col(CollectionProduct.collection_id) == collection.id)
    await session.exec(gone)
    if wanted:
        places = [
            {"collection_id": collection.id, "product_id": each, "shop_id": shop.id, "position": position}
            for position, each in enumerate(wanted, 1)
        ]
        await session.exec(sa.insert(CollectionProduct), params=places)
