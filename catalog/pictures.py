"""A product's pictures: assets in order, and names of pictures that a file promised."""

from collections.abc import Awaitable, Callable, Sequence

import msgspec
import sqlalchemy as sa
from sqlmodel import col, select

from catalog import collections, rows
from catalog.errors import UnknownProduct
from catalog.models import Collection, Product, ProductPicture
from catalog.schemas import PictureIn
from core import ids
from core.db import AsyncSession, Database
from core.shops import Shop
from media import assets

Resolver = Callable[[str], Awaitable[str | None]]


class Attached(msgspec.Struct, frozen=True):
    """How many promised pictures were found, and the sources of those that were not."""

    found: int
    missing: tuple[str, ...]


async def replace(session: AsyncSession, shop: Shop, product_id: str, wanted: Sequence[PictureIn]) -> None:
    """Make these the attached pictures of a product, in this order; promised ones stay promised.

    Refuses UnknownAsset for an asset that is unknown or another shop's.
    """
    chosen = select(ProductPicture).where(
        ProductPicture.product_id == product_id, col(ProductPicture.asset_id).is_not(None)
    )
    standing = {picture.asset_id: picture for picture in (await session.exec(chosen)).all()}
    for position, new in enumerate(wanted, 1):
        picture = standing.pop(new.asset_id, None)
        if picture is None:
            await assets.named(session, shop, new.asset_id)
            picture = ProductPicture(
                id=ids.new("pic"), shop_id=shop.id, product_id=product_id, asset_id=new.asset_id, position=0
            )
        picture.position, picture.alt_text = position, new.alt_text
        session.add(picture)
    for picture in standing.values():
        await session.delete(picture)
    await session.flush()


async def of_products(
    session: AsyncSession, shop: Shop, collection: Collection | None, named: Sequence[str] | None, *, first: bool
) -> list[tuple[str, str | None]]:
    """Products with the asset of each of their pictures, or None where there is none; with `first` no more than one.

    Those of a collection in its order, or those that are named in theirs; without archived ones.
    Refuses UnknownProduct for a name that is not among them.
    """
    standing = col(Product.shop_id) == shop.id, col(Product.status) != "archived"
    belonging = collections.holding(shop, collection) if collection else col(Product.id).in_(named or ())
    place = collections.place(collection) if collection else None
    pictured = (col(ProductPicture.product_id) == col(Product.id)) & col(ProductPicture.asset_id).is_not(None)
    chosen = (
        sa.select(col(Product.id), col(ProductPicture.asset_id))
        .join(ProductPicture, pictured, isouter=True)
        .where(*standing, belonging)
        .order_by(col(Product.id).desc() if place is None else place, col(Product.id), col(ProductPicture.position))
    )
    found: dict[str, list[str | None]] = {}
    for product_id, asset_id in await session.core(chosen):
        found.setdefault(product_id, []).append(asset_id)
    for product_id in named or ():
        if product_id not in found:
            raise UnknownProduct(f"There is no product {product_id}.", product_id=product_id)
    order = dict.fromkeys(named) if named is not None else found
    return [(each, asset_id) for each in order for asset_id in found[each][: 1 if first else None]]


async def attach(db: Database, shop: Shop, resolve: Resolver) -> Attached:
    """Attach what imports have promised: `resolve` gives the asset id for a source, or None where it has none.

    A source is a path or an address as the file has it; whether anything is read from there is the resolver's
    business. It runs outside of any transaction, because making an asset takes time.
    """
    async with db.read() as session:
        chosen = select(ProductPicture.id, ProductPicture.source).where(
            ProductPicture.shop_id == shop.id, col(ProductPicture.asset_id).is_(None)
        )
        promised = [(each, source) for each, source in (await session.exec(chosen)).all() if source is not None]
    known: dict[str, str | None] = {}
    missing: list[str] = []
    for picture_id, source in promised:
        if source not in known:
            known[source] = await resolve(source)
        asset_id = known[source]
        if asset_id is None:
            missing.append(source)
            continue
        async with db.transaction() as session:
            await _fill(session, shop, picture_id, asset_id)
    return Attached(len(promised) - len(missing), tuple(dict.fromkeys(missing)))


async def _fill(session: AsyncSession, shop: Shop, picture_id: str, asset_id: str) -> None:
    await assets.named(session, shop, asset_id)
    chosen = select(ProductPicture).where(ProductPicture.id == picture_id, ProductPicture.shop_id == shop.id)
    picture = (await session.exec(chosen.with_for_update())).first()
    if picture is None:
        return
    picture.asset_id = asset_id
    session.add(picture)
    product: Product = await rows.lock_product(session, shop, picture.product_id)
    await rows.touch_product(session, shop, product, ["pictures"])
