"""The pictures behind a link, drawn when it is made: its preview's card, so that no bot has to wait for it, and what
its landing page and the shop's gallery show, in sizes that a phone can take.
"""

from contextlib import suppress

from msgspec import Struct
from sqlmodel import col, select

from catalog import sheets
from core import jobs, shops
from core.db import AsyncSession, Database
from core.errors import NotFound
from core.jobs import Resources, job
from core.shops import Shop
from media import visuals
from media.asking import Request
from media.errors import StorageQuotaReached
from media.formats.formats import LINK_CARD
from media.outputs import Output
from media.pool import PicturePool
from media.storage.storage import Storage
from social.models import PostSlide

# Without words: a preview shows title and price beside the picture, and keeps its copy when they change.
TEMPLATE = "plain"
# A landing page shows so many pictures. The widths are those of a phone's screen with two and with three device pixels
# to each of its own, a little rounded up, and of half a screen.
MOST = 6
WIDTHS = (400, 800, 1200)
# JPEG first: every browser shows it, and what it costs to draw is next to nothing beside the others.
OUTPUTS: tuple[Output, ...] = ("jpeg", "avif", "webp")


class Painter(Struct, frozen=True):
    """What paints: a job finds the pool and the storage of its process in it."""

    storage: Storage
    pool: PicturePool


class Paint(Struct):
    """Whose card to draw: a product's, or where it has no picture, that of the post it is in."""

    shop_id: str
    product_id: str
    post_id: str | None


async def want(session: AsyncSession, shop: Shop, product_id: str, post_id: str | None) -> None:
    """Have the card of a link drawn soon; a card that is there is found, not drawn again."""
    wanted = Paint(shop_id=shop.id, product_id=product_id, post_id=post_id)
    key = f"link-card:{product_id}:{post_id or ''}"
    await jobs.enqueue(session, paint, wanted, shop_id=shop.id, key=key)


@job("social.paint_link_card", Paint)
async def paint(resources: Resources, payload: Paint) -> None:
    """Draw one card and the page's pictures; nothing where there is none, or the product has gone meanwhile."""
    db, painter = resources.get(Database), resources.get(Painter)
    async with db.read() as session:
        shop = await shops.get(session, payload.shop_id)
        found = await _assets(session, shop, payload)
        posted = await _posted(session, shop, payload.post_id)
    cards = [Request(asset_id=each, template=TEMPLATE, formats=(LINK_CARD.slug,)) for each in found[:1]]
    shown = dict.fromkeys((*found, *posted))
    screens = [
        Request(asset_id=each, template=TEMPLATE, widths=WIDTHS, output=output) for output in OUTPUTS for each in shown
    ]
    for request in (*cards, *screens):
        with suppress(StorageQuotaReached):  # A link without a card leads on all the same.
            await visuals.render(db, painter.storage, painter.pool, shop, request)


async def _assets(session: AsyncSession, shop: Shop, payload: Paint) -> list[str]:
    """The product's first pictures, else the post's: the same that the card and the page look for."""
    try:
        sheet = await sheets.of_product(session, shop, payload.product_id)
    except NotFound:
        return []
    if sheet.pictures:
        return list(dict.fromkeys(each.asset_id for each in sheet.pictures[:MOST]))
    return (await _posted(session, shop, payload.post_id))[:1]


async def _posted(session: AsyncSession, shop: Shop, post_id: str | None) -> list[str]:
    """The pictures of a post that the shop's gallery shows."""
    if post_id is None:
        return []
    slides = select(PostSlide.asset_id).where(PostSlide.shop_id == shop.id, PostSlide.post_id == post_id)
    return list((await session.exec(slides.order_by(col(PostSlide.position)).limit(MOST))).all())
