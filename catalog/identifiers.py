"""What strangers call a variant: its id, which is ours alone, or its SKU, which is its shop's."""

from collections.abc import Collection
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import col

from catalog.models import Variant
from core.db import AsyncSession
from core.shops import Shop

_LONGEST = 64
_NAMED = sa.select(col(Variant.id), col(Variant.shop_id), col(Variant.sku), col(Variant.archived_at))
_BY_ID = _NAMED.where(col(Variant.id).in_(sa.bindparam("names", expanding=True)))
# The newest last, and those that live after all others: whoever comes last has the SKU now.
_BY_SKU = _NAMED.where(col(Variant.sku).in_(sa.bindparam("names", expanding=True))).order_by(
    col(Variant.archived_at).is_(None), col(Variant.archived_at), col(Variant.id)
)
_OF_SHOP = col(Variant.shop_id) == sa.bindparam("shop")
_BY_ID_HERE, _BY_SKU_HERE = _BY_ID.where(_OF_SHOP), _BY_SKU.where(_OF_SHOP)


class Named(NamedTuple):
    """A variant that somebody named. `by_id` where that was its id, which no other shop's variant can have."""

    name: str
    shop_id: str
    variant_id: str
    by_id: bool


async def find(session: AsyncSession, names: Collection[str], shop: Shop | None = None) -> list[Named]:
    """The variants behind these names, in this shop or in any; archived ones too, for somebody to say so.

    Within a shop each name has one variant at most: the one with this id, else the one that has this SKU now, else the
    one that had it last.
    """
    known = sorted({name for name in names if len(name) <= _LONGEST and name.isprintable()})
    if not known:
        return []
    by_sku, by_id = (_BY_SKU, _BY_ID) if shop is None else (_BY_SKU_HERE, _BY_ID_HERE)
    where = {} if shop is None else {"shop": shop.id}
    found = {}
    for row in await session.core(by_sku, {"names": known, **where}):
        found[row.sku, row.shop_id] = Named(row.sku, row.shop_id, row.id, by_id=False)
    for row in await session.core(by_id, {"names": known, **where}):
        found[row.id, row.shop_id] = Named(row.id, row.shop_id, row.id, by_id=True)
    return list(found.values())
