"""Product tags: points on a master picture, carried into every visual that is made of it."""

from collections.abc import Mapping, Sequence

import msgspec
import sqlalchemy as sa
from sqlmodel import col, select

from core import ids
from core.db import AsyncSession, Database
from core.shops import Shop
from media import assets
from media.frame import Frame, Point
from media.models import Asset
from media.schemas import AssetChange
from social import scenes
from social.errors import DuplicateTag, TooManyTags
from social.models import Tag
from social.network import Placement
from social.scenes import ProductRef


class TagPoint(msgspec.Struct, frozen=True):
    """A product at a point of the master picture."""

    product: ProductRef
    point: Point


class Placed(msgspec.Struct, frozen=True):
    """A tag on one visual: where it lies there, 0..1, or None where the crop has lost it."""

    tag: TagPoint
    point: Point | None


async def put(
    session: AsyncSession, shop: Shop, asset_id: str, points: Sequence[TagPoint], version: int | None
) -> Asset:
    """Give a picture these tags and no others; posts made before keep theirs. None is any version of the picture.

    Refuses AssetNotFound, PreconditionFailed, DuplicateTag, UnknownProduct.
    """
    refs = [each.product for each in points]
    scenes.check_for_sale(refs, await scenes.shown(session, shop, refs))
    return await replace(session, shop, asset_id, points, version)


async def replace(
    session: AsyncSession, shop: Shop, asset_id: str, points: Sequence[TagPoint], version: int | None = None
) -> Asset:
    """Write these tags over the picture's, whose version rises.

    Refuses AssetNotFound, PreconditionFailed, DuplicateTag.
    """
    check_unique([each.product for each in points])
    asset = await assets.change(session, shop, asset_id, AssetChange(), version)
    await session.exec(sa.delete(Tag).where(col(Tag.asset_id) == asset_id, col(Tag.shop_id) == shop.id))
    tags = [
        Tag(
            id=ids.new("tag"),
            shop_id=shop.id,
            asset_id=asset_id,
            product_id=each.product.product_id,
            variant_id=each.product.variant_id,
            x=each.point.x,
            y=each.point.y,
            position=position,
        )
        for position, each in enumerate(points)
    ]
    session.add_all(tags)
    await session.flush()
    return asset


async def of_asset(session: AsyncSession, shop: Shop, asset_id: str) -> list[TagPoint]:
    """The tags of a picture in their order; none for a picture that is not there."""
    chosen = select(Tag).where(Tag.asset_id == asset_id, Tag.shop_id == shop.id).order_by(col(Tag.position))
    rows = (await session.exec(chosen)).all()
    return [TagPoint(ProductRef(row.product_id, row.variant_id), Point(row.x, row.y)) for row in rows]


async def points(db: Database, shop: Shop, asset_id: str) -> list[Point]:
    """Where a picture's tags lie, 0..1 of it, in their order; opens a transaction of its own."""
    async with db.read() as session:
        return [each.point for each in await of_asset(session, shop, asset_id)]


def check_unique(products: Sequence[ProductRef]) -> None:
    """Refuses DuplicateTag where a product, or the same variant of it, is named twice."""
    seen: set[ProductRef] = set()
    for each in products:
        if each in seen:
            raise DuplicateTag(
                f"{each.variant_id or each.product_id} is named twice.",
                product_id=each.product_id,
                variant_id=each.variant_id,
            )
        seen.add(each)


def check(placement: Placement, slides: Sequence[Sequence[TagPoint]], items: Mapping[ProductRef, str]) -> None:
    """Whether the network takes these tags on each picture: refuses TooManyTags, and DuplicateTag where two on one
    picture name one catalog item.

    `items` gives each product's id in the shop's catalog feed. A network without tags takes any: they are not sent.
    """
    rule = placement.tags
    if not rule.supported:
        return
    for points in slides:
        _check_count(len(points), min(rule.per_image, rule.per_post), f"{placement.name} takes", "on a picture")
        check_unique([ProductRef(each.product.product_id, items[each.product]) for each in points])
    _check_count(sum(map(len, slides)), rule.per_post, f"{placement.name} takes", "in a post")


def _check_count(tags: int, most: int, takes: str, where: str) -> None:
    if tags > most:
        raise TooManyTags(f"{takes} {most} product tags {where}, not {tags}.", tags=tags, max=most)


def place(points: Sequence[TagPoint], frame: Frame) -> list[Placed]:
    """Where each tag lies on the visual that shows the master through this frame."""
    return [Placed(each, frame.map(each.point)) for each in points]
