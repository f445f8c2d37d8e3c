"""What a post is made of: its products, each with its link, and its pictures, each with the products on it."""

from collections.abc import Sequence

import msgspec
from sqlmodel import col, select

from core.db import AsyncSession
from media.frame import Point
from social.links.models import Link
from social.models import Post, PostProduct, PostSlide, SlideProduct
from social.scenes import ProductRef
from social.tags import TagPoint


class Item(msgspec.Struct, frozen=True):
    """A product that a post shows, and its link."""

    product: ProductRef
    link: Link


class Placing(msgspec.Struct, frozen=True):
    """A product on a picture: `item` is its place among the post's items, `point` is on the master picture."""

    item: int
    product: ProductRef
    point: Point | None

    @property
    def tag(self) -> TagPoint | None:
        """The product's point, as tags are carried into visuals; None where it is not tagged."""
        return TagPoint(self.product, self.point) if self.point else None


class Slide(msgspec.Struct, frozen=True, kw_only=True):
    """One of a post's pictures, with its own words and the products on it in their order."""

    asset_id: str
    visual_id: str
    alt_text: str
    title: str
    caption: str
    placings: list[Placing]

    @property
    def points(self) -> list[TagPoint]:
        """The tags on the master picture."""
        return [each.tag for each in self.placings if each.tag is not None]


class Content(msgspec.Struct, frozen=True):
    """A post's items and slides, each in their order; there is one of either at least."""

    items: list[Item]
    slides: list[Slide]

    def point_of(self, item: int) -> Point | None:
        """Where a product is tagged, on the first picture that has it."""
        found = (each.point for slide in self.slides for each in slide.placings if each.item == item and each.point)
        return next(found, None)


async def of_posts(session: AsyncSession, posts: Sequence[Post]) -> list[Content]:
    """The content of each of these posts, in three statements however many they are."""
    wanted = [post.id for post in posts]
    found = {post_id: Content([], []) for post_id in wanted}
    products = (
        select(PostProduct, Link)
        .join(Link, col(Link.id) == col(PostProduct.link_id))
        .where(col(PostProduct.post_id).in_(wanted))
        .order_by(col(PostProduct.post_id), col(PostProduct.position))
    )
    for row, link in (await session.exec(products)).all():
        found[row.post_id].items.append(Item(ProductRef(row.product_id, row.variant_id), link))
    slides = select(PostSlide).where(col(PostSlide.post_id).in_(wanted))
    for slide in (await session.exec(slides.order_by(col(PostSlide.post_id), col(PostSlide.position)))).all():
        found[slide.post_id].slides.append(_slide(slide))
    placings = select(SlideProduct).where(col(SlideProduct.post_id).in_(wanted))
    order = (col(SlideProduct.post_id), col(SlideProduct.slide), col(SlideProduct.position))
    for each in (await session.exec(placings.order_by(*order))).all():
        content = found[each.post_id]
        point = Point(each.x, each.y) if each.x is not None and each.y is not None else None
        placing = Placing(each.product, content.items[each.product].product, point)
        content.slides[each.slide].placings.append(placing)
    return list(found.values())


async def of_post(session: AsyncSession, post: Post) -> Content:
    """The content of one post."""
    return (await of_posts(session, [post]))[0]


def _slide(row: PostSlide) -> Slide:
    return Slide(
        asset_id=row.asset_id,
        visual_id=row.visual_id,
        alt_text=row.alt_text,
        title=row.title,
        caption=row.caption,
        placings=[],
    )
