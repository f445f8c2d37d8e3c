"""What pages cost: CPU of the server process for each as a person's browser asks for it, SQLite, keep-alive.

`/go/{slug}` as a tap leads there, `/s/{shop}/{product}` with four others below, and `/s/{shop}` with twelve products.
Each product has two options, six variants, three pictures in three sizes each; two ways of shipping.
"""

import asyncio
import secrets
import tempfile
from pathlib import Path
from statistics import median

from bench.row import Row
from bench.serving import Cost, Server, cost, serving
from catalog import products
from catalog.models import Product
from catalog.schemas import PictureIn, PriceIn, ProductCreate, VariantCreate
from checkout.shipping import rates
from checkout.shipping.schemas import BracketIn, DeliveryDays, ShippingRateCreate
from core import clock, ids, migrations, shops
from core.db import AsyncSession, Database
from core.shops import Shop
from media.formats.formats import LINK_CARD
from media.models import Asset, Visual
from social import cards
from social.links import links
from social.links.schemas import LinkCreate

ROUNDS, TIMES = 5, 400
MOST, MOST_OF_PRODUCT, MOST_OF_GALLERY = 1.5, 8.0, 10.0
_PRODUCTS = 13
_AGENT = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/22B83 Instagram 406.0.0"


def rows() -> list[Row]:
    """Three pages."""
    return asyncio.run(_rows())


async def _rows() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        slug, own_page = await fill(Path(folder))
        async with serving(Path(folder), {"user-agent": _AGENT}) as server:
            landed = await measured(server, await _landing(server, slug))
            product = await measured(server, own_page)
            gallery = await measured(server, own_page.rpartition("/")[0])
    return [
        _row("landing page", landed, MOST, "six variants, three pictures, shipping"),
        _row("a product's own page", product, MOST_OF_PRODUCT, "the same, with four other products"),
        _row("a shop's page", gallery, MOST_OF_GALLERY, "twelve products, each with a picture"),
    ]


def _row(name: str, found: list[Cost], most: float, shown: str) -> Row:
    latency = f"latency p50 {median(each.p50 for each in found):.1f}, p95 {median(each.p95 for each in found):.1f} ms"
    note = f"median of {ROUNDS} rounds of {TIMES}; {shown}; {latency}"
    return Row(name, median(each.cpu for each in found), most, unit="ms CPU", note=note)


async def _landing(server: Server, slug: str) -> str:
    """The address of the page that a tap on the link leads to."""
    tap = await server.http.get(f"/l/{slug}", follow_redirects=False)
    return tap.headers["location"]


async def measured(server: Server, address: str) -> list[Cost]:
    """Rounds of a page."""

    async def look(_: int) -> None:
        answer = await server.http.get(address)
        assert answer.status_code == 200, answer.text

    await cost(server, TIMES, look)
    return [await cost(server, TIMES, look) for _ in range(ROUNDS)]


async def fill(folder: Path) -> tuple[str, str]:
    """A shop with products in `vitrine.db` of the folder: a link's slug, and the path of its product's own page."""
    url = f"sqlite:///{folder / 'vitrine.db'}"
    await asyncio.to_thread(migrations.upgrade, url)
    db = Database(url)
    try:
        async with db.transaction() as session:
            shop = await shops.create(session, "Atelier Lune", "EUR")
            shop.country = "FR"
            for countries, amount in (("FR", 690), ("DE BE", 1290)):
                rate = ShippingRateCreate(
                    name="Colissimo",
                    countries=countries.split(),
                    brackets=[BracketIn(amount=amount)],
                    free_above=20_000,
                    delivery_days=DeliveryDays(min=2, max=4),
                )
                await rates.create(session, shop, rate)
            product = [await _product(session, shop, number) for number in range(_PRODUCTS)][-1]
            link = await links.create(session, shop, LinkCreate(product_id=product.id, network="instagram"))
            return link.slug, f"/s/{shop.slug}/{product.slug}"
    finally:
        await db.close()


async def _product(session: AsyncSession, shop: Shop, number: int) -> Product:
    assets = [await _pictured(session, shop) for _ in range(3)]
    sizes = [
        VariantCreate(
            options={"Colour": colour, "Size": size},
            available=7,
            weight_grams=400,
            prices=[PriceIn(amount=7900, currency="EUR", compare_at=9900)],
        )
        for colour in ("Brume", "Encre")
        for size in ("S", "M", "L")
    ]
    data = ProductCreate(
        title=f"Robe Brume {number}",
        description="Lin lavé, coupe droite, boutons de nacre.\n" * 4,
        options=["Colour", "Size"],
        pictures=[PictureIn(asset_id=each, alt_text="La robe, de face") for each in assets],
        variants=sizes,
    )
    return await products.create(session, shop, data)


async def _pictured(session: AsyncSession, shop: Shop) -> str:
    """The rows of a picture and of what was drawn of it; its bytes do not matter here."""
    now, digest = clock.now(), secrets.token_hex(32)
    asset = Asset(
        id=ids.new("asset"), shop_id=shop.id, sha256=digest, content_sha256=digest, storage_key=f"m-{digest}.jpg",
        width=1600, height=2000, bytes=1, created_at=now, updated_at=now,
    )  # fmt: skip
    session.add(asset)
    await session.flush()
    for name, width in ((LINK_CARD.slug, 1200), *((f"width-{each}", each) for each in cards.WIDTHS)):
        key = secrets.token_hex(32)
        session.add(
            Visual(
                id=ids.new("vis"), shop_id=shop.id, asset_id=asset.id, template=cards.TEMPLATE, format=name, key=key,
                storage_key=f"v-{key}.jpg", width=width, height=width, bytes=1, frame={}, created_at=now,
            )
        )  # fmt: skip
    return asset.id
