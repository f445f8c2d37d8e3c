"""A product's name in addresses: lower-case ASCII, one per shop. What it was called before leads to it for ever."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from typing import TypeAlias

import sqlalchemy as sa
from slugify import slugify
from sqlalchemy.orm import Mapped
from sqlmodel import col, select

from catalog.errors import SlugReserved, SlugTaken
from catalog.models import OldSlug, Product
from core.db import AsyncSession, insert_new
from core.shops import Shop

MAX_LENGTH = 100
# Below the shop's address these are pages of another kind (`api/pages/permalinks.py`).
RESERVED = frozenset(("buy", "checkout"))
_ROOM_FOR_SUFFIX = 10
_Chosen: TypeAlias = Callable[[Mapped[str]], sa.ColumnElement[bool]]
# In one statement: between two, the product might be renamed.
_BEARER = sa.union_all(
    *(
        sa.select(key).where(col(table.shop_id) == sa.bindparam("shop"), col(table.slug) == sa.bindparam("slug"))
        for table, key in ((Product, col(Product.id)), (OldSlug, col(OldSlug.product_id)))
    )
)


def plain(text: str) -> str:
    """`Robe Jardin brodée` is `robe-jardin-brodee`; what has no letters at all is `product`.

    Letters of other scripts are written in Latin ones, so that twins that look alike fall together. What is reserved
    gets a second word.
    """
    found = slugify(text[:500], max_length=MAX_LENGTH - _ROOM_FOR_SUFFIX) or "product"
    return f"{found}-product" if found in RESERVED else found


async def free(session: AsyncSession, shop: Shop, text: str) -> str:
    """The first slug of this text that no product of the shop has or had: `robe`, `robe-2`, `robe-3` …"""
    stem = plain(text)
    taken = await _among(session, shop, lambda slug: slug.startswith(stem, autoescape=True))
    if stem not in taken:
        return stem
    return next(slug for number in range(2, len(taken) + 3) if (slug := f"{stem}-{number}") not in taken)


async def claim(session: AsyncSession, shop: Shop, slug: str, product_id: str | None = None) -> str:
    """The slug itself, for a new product or for this one; refuses SlugReserved, SlugTaken.

    What another product had is taken, too: addresses that were shared lead to what they were shared for, for ever.
    """
    if slug in RESERVED:
        raise SlugReserved(f"{slug!r} is an address of the shop's own.", reserved=slug)
    if await bearer(session, shop, slug) not in (None, product_id):
        raise SlugTaken(f"Another product has, or had, the slug {slug!r}.", taken=slug)
    return slug


async def leave(session: AsyncSession, shop: Shop, slug: str, product_id: str) -> None:
    """Have a slug that its product gives up lead on to it."""
    await insert_new(session, OldSlug, {"shop_id": shop.id, "slug": slug, "product_id": product_id})


async def bearer(session: AsyncSession, shop: Shop, slug: str) -> str | None:
    """The product that has this slug, or had it; None where none ever did."""
    found = await session.rows(_BEARER, {"shop": shop.id, "slug": slug})
    return str(found[0][0]) if found else None


async def of(session: AsyncSession, shop: Shop, product_ids: Collection[str]) -> dict[str, str]:
    """The slugs of these products, by their ids; what is unknown or another shop's is not in the answer."""
    chosen = select(Product.id, Product.slug).where(Product.shop_id == shop.id, col(Product.id).in_(product_ids))
    return dict((await session.exec(chosen)).all())


async def near(session: AsyncSession, shop: Shop, stems: Sequence[str]) -> set[str]:
    """The shop's slugs that are in the way of these stems: themselves, and numbered ones where a stem is taken."""
    taken = await _among(session, shop, lambda slug: slug.in_(stems))
    for stem in taken | {stem for stem, times in Counter(stems).items() if times > 1}:
        taken |= await _among(session, shop, _numbered(stem))
    return taken


def _numbered(stem: str) -> _Chosen:
    return lambda slug: slug.startswith(f"{stem}-", autoescape=True)


async def _among(session: AsyncSession, shop: Shop, chosen: _Chosen) -> set[str]:
    """Those of the slugs that products of the shop have or had."""
    slugs = (
        sa.select(col(table.slug)).where(col(table.shop_id) == shop.id, chosen(col(table.slug)))
        for table in (Product, OldSlug)
    )
    return {slug for (slug,) in await session.core(sa.union_all(*slugs))}
