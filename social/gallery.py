"""What a shop's gallery shows of its posts: pictures that are framed alike, with products at points of them."""

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa
from sqlmodel import col, select

from catalog import offers
from core import db
from core.db import AsyncSession
from core.shops import Shop
from media import frame
from media.frame import Box, Frame, Point, Size
from social import contents, tags
from social.contents import Content
from social.models import Post, PostProduct
from social.tags import Placed, TagPoint

# Pictures stand side by side: all of them have the proportions that feeds like best.
CANVAS = Size(800, 1000)
_WINDOW = Box(0, 0, CANVAS.width, CANVAS.height)
_CENTRE = Point(0.5, 0.5)


class Framed(msgspec.Struct, frozen=True):
    """How a picture fills its frame: what of it is seen, and where each tag lies there, None where it is not seen.

    `position` is where the seen part lies in the whole, 0..1 from the left and from the top, as the CSS property
    `object-position` counts.
    """

    position: Point
    placed: Sequence[Placed]


async def page(
    session: AsyncSession, shop: Shop, limit: int, cursor: str | None
) -> tuple[list[tuple[Post, Content]], str | None]:
    """The shop's posts that are not archived and show something on sale, newest first, and the cursor of the next page.

    One picture was often posted in several places: the newest of these posts stands for all of them.
    """
    shows = select(PostProduct.post_id).where(
        PostProduct.post_id == Post.id, col(PostProduct.product_id).in_(offers.on_sale(shop))
    )
    newest = (
        select(sa.func.max(col(Post.id)))
        .where(Post.shop_id == shop.id, col(Post.archived_at).is_(None), shows.exists())
        .group_by(col(Post.asset_id))
    )
    found, following = await db.page(session, select(Post).where(col(Post.id).in_(newest)), Post.id, limit, cursor)
    return list(zip(found, await contents.of_posts(session, found), strict=True)) if found else [], following


def after(post: Post) -> str:
    """The cursor of the page that goes on after this post."""
    return db.cursor_after(Post.id, post.id)


def framed(master: Size, focal: Point, points: Sequence[TagPoint]) -> Framed:
    """The picture about its focal point, or about its tags where more of them are seen so."""
    ways = [frame.crop(master, CANVAS, _WINDOW, each) for each in (focal, _middle(points) or focal)]
    best = max(ways, key=lambda each: -len(each.lost([tag.point for tag in points])))
    return Framed(_position(best), tags.place(points, best))


def _middle(points: Sequence[TagPoint]) -> Point | None:
    across, down = [each.point.x for each in points], [each.point.y for each in points]
    return Point((min(across) + max(across)) / 2, (min(down) + max(down)) / 2) if points else None


def _position(seen: Frame) -> Point:
    rest_x = seen.master.width * seen.scale - CANVAS.width
    rest_y = seen.master.height * seen.scale - CANVAS.height
    return Point(
        -seen.x / rest_x if rest_x > 1 else _CENTRE.x,
        -seen.y / rest_y if rest_y > 1 else _CENTRE.y,
    )
