"""Link cards: the picture of a link's preview, drawn when the link is made, so that no bot has to wait for it."""

from msgspec import Struct

from catalog import sheets
from core import jobs, shops
from core.db import AsyncSession, Database
from core.errors import NotFound
from core.jobs import Resources, job
from core.shops import Shop
from media import visuals
from media.formats import LINK_CARD
from media.pool import PicturePool
from media.storage.storage import Storage
from media.visuals import Request
from social.models import Post

# Without words: a preview shows title and price beside the picture, and keeps its copy when they change.
TEMPLATE = "plain"


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
    """Draw one card; nothing where there is no picture, or the product has gone meanwhile."""
    db, painter = resources.get(Database), resources.get(Painter)
    async with db.read() as session:
        shop = await shops.get(session, payload.shop_id)
        asset_id = await _asset_id(session, shop, payload)
    if asset_id is None:
        return
    request = Request(asset_id=asset_id, template=TEMPLATE, formats=(LINK_CARD.slug,))
    await visuals.render(db, painter.storage, painter.pool, shop, request)


async def _asset_id(session: AsyncSession, shop: Shop, payload: Paint) -> str | None:
    """The product's first picture, else the post's: the same that the card's page looks for."""
    try:
        sheet = await sheets.of_product(session, shop, payload.product_id)
    except NotFound:
        return None
    if sheet.pictures:
        return sheet.pictures[0].asset_id
    post = await session.get(Post, payload.post_id) if payload.post_id else None
    return post.asset_id if post is not None and post.shop_id == shop.id else None
