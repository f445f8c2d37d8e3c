"""The products of a post, each with its point on the master picture and its link."""

from collections.abc import Sequence

import msgspec
from sqlmodel import col, select

from core.db import AsyncSession
from media.frame import Point
from social.links.models import Link
from social.models import Post, PostProduct
from social.scenes import ProductRef
from social.tags import TagPoint


class Item(msgspec.Struct, frozen=True):
    """A product as a post shows it; `point` is on the master picture, None where it is not tagged."""

    product: ProductRef
    point: Point | None
    link: Link

    @property
    def tag(self) -> TagPoint | None:
        """The product's point, as tags are carried into visuals."""
        return TagPoint(self.product, self.point) if self.point else None


async def of_posts(session: AsyncSession, posts: Sequence[Post]) -> list[list[Item]]:
    """The items of each of these posts in their order, in one statement."""
    chosen = (
        select(PostProduct, Link)
        .join(Link, col(Link.id) == col(PostProduct.link_id))
        .where(col(PostProduct.post_id).in_([post.id for post in posts]))
        .order_by(col(PostProduct.post_id), col(PostProduct.position))
    )
    found: dict[str, list[Item]] = {post.id: [] for post in posts}
    for row, link in (await session.exec(chosen)).all():
        point = Point(row.x, row.y) if row.x is not None and row.y is not None else None
        found[row.post_id].append(Item(ProductRef(row.product_id, row.variant_id), point, link))
    return [found[post.id] for post in posts]


async def of_post(session: AsyncSession, post: Post) -> list[Item]:
    """The items of one post."""
    return (await of_posts(session, [post]))[0]
