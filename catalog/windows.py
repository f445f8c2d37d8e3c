"""Which products a shop shows beside one another: ids alone, for `catalog.offers` to tell the rest."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import col

from catalog.models import Product, ProductTag
from core import db
from core.db import AsyncSession
from core.shops import Shop

_SHOWN = (col(Product.shop_id) == sa.bindparam("shop"), col(Product.status) == "active")
_MOST = sa.bindparam("most", type_=sa.Integer())
_NEWEST = sa.select(col(Product.id)).where(*_SHOWN).order_by(col(Product.id).desc()).limit(_MOST)
_OLDER = _NEWEST.where(col(Product.id) < sa.bindparam("before"))
_MINE = (col(ProductTag.shop_id) == sa.bindparam("shop"), col(ProductTag.product_id) == sa.bindparam("product"))
_ALIKE = (
    sa.select(col(ProductTag.product_id).label("id"), sa.func.count().label("tags"))
    .where(
        col(ProductTag.shop_id) == sa.bindparam("shop"),
        col(ProductTag.product_id) != sa.bindparam("product"),
        col(ProductTag.tag).in_(sa.select(col(ProductTag.tag)).where(*_MINE)),
    )
    .group_by(col(ProductTag.product_id))
    .subquery()
)
_RESEMBLING = (
    sa.select(col(Product.id))
    .join(_ALIKE, _ALIKE.c.id == col(Product.id))
    .where(*_SHOWN)
    .order_by(_ALIKE.c.tags.desc(), col(Product.id).desc())
    .limit(_MOST)
)


async def newest(
    session: AsyncSession, shop: Shop, limit: int, cursor: str | None = None
) -> tuple[list[str], str | None]:
    """One page of the active products, newest first, and the next page's cursor, which `products.list_page` gives too.

    Refuses BadRequest for a cursor that neither gave.
    """
    which: dict[str, object] = {"shop": shop.id, "most": limit + 1}
    if cursor is not None:
        which["before"] = db.place_of(Product.id, cursor)
    found = _ids(await session.rows(_NEWEST if cursor is None else _OLDER, which))
    return found[:limit], db.cursor_after(Product.id, found[limit - 1]) if len(found) > limit else None


async def resembling(session: AsyncSession, shop: Shop, product_id: str, limit: int) -> list[str]:
    """Active products that share tags with this one, those with most of them first, then the newest."""
    return _ids(await session.rows(_RESEMBLING, {"shop": shop.id, "product": product_id, "most": limit}))


def _ids(rows: Sequence[Sequence[str]]) -> list[str]:
    return [product_id for (product_id,) in rows]
