"""What tests of posts begin with: a shop's studio with a storage, picture processes and candles to show."""

import msgspec

from catalog import products
from catalog.schemas import PriceIn, ProductCreate, VariantCreate
from core import clock, ids
from core.db import Database
from core.settings import Settings
from core.shops import Shop
from media import assets
from media.frame import Point
from media.models import Asset
from media.pool import PicturePool
from media.storage import storage
from social import drafts, kit, posts
from social.models import Post
from social.schemas import KitOut, PostCreate, PostProductIn, SlideIn, TagIn
from tests.media.pictures import dotted, saved


class Studio:
    """Everything that a post is made with."""

    def __init__(self, db: Database, settings: Settings, shop: Shop, pool: PicturePool) -> None:
        self.db, self.settings, self.shop, self.pool = db, settings, shop, pool
        self.storage = storage.connect(settings)

    async def candle(self, title: str = "Bougie Ambre", amount: int = 1990, **changes: object) -> str:
        """The id of a candle with one variant."""
        variant = VariantCreate(available=5, prices=[PriceIn(amount=amount, currency="EUR")])
        fields: dict[str, object] = {
            "title": title,
            "description": "Coulée à la main à Nantes.",
            "tags": ["bougie", "cire de soja"],
            "variants": [variant],
        }
        async with self.db.transaction() as session:
            made = await products.create(session, self.shop, msgspec.convert(fields | changes, ProductCreate))
            return made.id

    async def picture(self, width: int = 1200, height: int = 1500, dot: tuple[float, float] = (0.5, 0.5)) -> str:
        """The id of a grey picture with a red dot."""
        data = saved(dotted(width, height, Point(*dot)))
        return (await assets.store(self.db, self.storage, self.pool, self.shop, data)).id

    async def post(self, network: str, asset_id: str, /, *product_ids: str, **changes: object) -> Post:
        """A post about these products."""
        named = [PostProductIn(product_id=each) for each in product_ids]
        return await self.make({"network": network, "asset_id": asset_id, "products": named} | changes)

    async def carousel(self, network: str, /, *slides: SlideIn, **changes: object) -> Post:
        """A post with these pictures."""
        return await self.make({"network": network, "slides": list(slides)} | changes)

    async def make(self, fields: dict[str, object]) -> Post:
        """A post of these fields."""
        data = PostCreate(**fields)  # type: ignore[arg-type]  # Whatever the test wants to say.
        draft = await drafts.draw(self.db, self.storage, self.pool, self.settings, self.shop, data)
        async with self.db.transaction() as session:
            return await posts.create(session, self.shop, draft)

    async def kit(self, post: Post) -> KitOut:
        """The post's kit."""
        async with self.db.read() as session:
            return await kit.read(session, self.storage, self.settings, self.shop, post.id)

    async def published(self, post: Post) -> bytes:
        """The picture behind the kit's address."""
        url = (await self.kit(post)).pictures[0].url
        return await self.storage.get(url.rpartition("/")[2])


async def bare(db: Database, shop: Shop) -> str:
    """The id of a post whose picture nobody has seen."""
    async with db.transaction() as session:
        digest, now = ids.new("sha"), clock.now()
        asset = Asset(
            id=ids.new("asset"), shop_id=shop.id, sha256=digest, content_sha256=digest, storage_key=digest, width=1,
            height=1, bytes=1, created_at=now, updated_at=now,
        )  # fmt: skip
        session.add(asset)
        post = Post(
            id=ids.new("post"), shop_id=shop.id, network="instagram", placement="feed", asset_id=asset.id,
            template="plain", format="square", title="", caption="", hashtags=[], warnings=[], created_at=now,
            updated_at=now,
        )  # fmt: skip
        session.add(post)
        return post.id


def tag(product_id: str, x: float, y: float, variant_id: str | None = None) -> TagIn:
    """A product at a point of the master picture."""
    return TagIn(product_id=product_id, variant_id=variant_id, x=x, y=y)
