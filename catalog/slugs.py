"""A product's name in addresses: lower-case ASCII, one per shop."""

from collections import Counter
from collections.abc import Sequence

from slugify import slugify
from sqlmodel import col, select

from catalog.errors import SlugTaken
from catalog.models import Product
from core.db import AsyncSession
from core.shops import Shop

MAX_LENGTH = 100
_ROOM_FOR_SUFFIX = 10


def plain(text: str) -> str:
    """`Robe Jardin brodée` is `robe-jardin-brodee`; what has no letters at all is `product`.

    Letters of other scripts are written in Latin ones, so that twins that look alike fall together.
    """
    return slugify(text[:500], max_length=MAX_LENGTH - _ROOM_FOR_SUFFIX) or "product"


async def free(session: AsyncSession, shop: Shop, text: str) -> str:
    """The first slug of this text that no product of the shop has: `robe`, `robe-2`, `robe-3` …"""
    stem = plain(text)
    like = select(Product.slug).where(Product.shop_id == shop.id, col(Product.slug).startswith(stem, autoescape=True))
    taken = set((await session.exec(like)).all())
    if stem not in taken:
        return stem
    return next(slug for number in range(2, len(taken) + 3) if (slug := f"{stem}-{number}") not in taken)


async def claim(session: AsyncSession, shop: Shop, slug: str) -> str:
    """The slug itself; refuses SlugTaken."""
    if (await session.exec(select(Product.id).where(Product.shop_id == shop.id, Product.slug == slug))).first():
        raise SlugTaken(f"Another product has the slug {slug!r}.", taken=slug)
    return slug


async def near(session: AsyncSession, shop: Shop, stems: Sequence[str]) -> set[str]:
    """The shop's slugs that are in the way of these stems: themselves, and numbered ones where a stem is taken."""
    exact = select(Product.slug).where(Product.shop_id == shop.id, col(Product.slug).in_(stems))
    taken = set((await session.exec(exact)).all())
    for stem in taken | {stem for stem, times in Counter(stems).items() if times > 1}:
        numbered = select(Product.slug).where(
            Product.shop_id == shop.id, col(Product.slug).startswith(f"{stem}-", autoescape=True)
        )
        taken.update((await session.exec(numbered)).all())
    return taken
