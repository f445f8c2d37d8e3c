"""The storefront's list: 20 products with variants, prices and pictures, by columns and as hydrated objects."""

import asyncio
import tempfile
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
from sqlmodel import col, select

from bench.row import Row
from catalog import products, sheets
from catalog.facts import PictureFacts, PriceFacts, ProductFacts, ProductSheet, VariantFacts
from catalog.models import Price, Product, ProductOption, ProductPicture, ProductTag, Variant
from catalog.products import Filters
from catalog.schemas import PictureIn, PriceIn, ProductCreate, ProductOut, VariantCreate
from core import clock, ids, migrations, shops
from core.db import AsyncSession, Database
from core.shops import Shop
from core.wire import Page, encode
from media.models import Asset
from tests import postgres

TARGET = 3.0
PRODUCTS, SIZES, PICTURES = 20, 4, 3
PRICES = [PriceIn(amount=7900, currency="EUR", compare_at=9900), PriceIn(amount=8500, currency="USD")]
ROUNDS, REPEATS = 7, 20

Way = Callable[[Database, Shop], Awaitable[bytes]]


def rows() -> list[Row]:
    """How many times cheaper, on each database; median of alternating rounds, CPU time of the client's process."""
    with tempfile.TemporaryDirectory(prefix="vitrine-") as folder:
        found = [_row("SQLite", f"sqlite:///{Path(folder) / 'bench.db'}")]
    with postgres.running() as address:
        found.append(_row("PostgreSQL", address.format("postgres")))
    return found


def _row(name: str, url: str) -> Row:
    migrations.upgrade(url)
    ratio, cost = asyncio.run(_measure(url))
    note = f"{PRODUCTS} products of {SIZES} variants, {cost * 1e6:.0f} µs a list; the same bytes"
    return Row(f"storefront list, hydrated objects ÷ columns, {name}", ratio, TARGET, "higher", note=note)


async def _measure(url: str) -> tuple[float, float]:
    db = Database(url)
    try:
        shop = await _fill(db)
        assert await by_columns(db, shop) == await by_objects(db, shop), "both ways must say the same"
        ratios, costs = [], []
        for _ in range(ROUNDS):
            slow, fast = await _cost(by_objects, db, shop), await _cost(by_columns, db, shop)
            ratios.append(slow / fast)
            costs.append(fast)
        return sorted(ratios)[ROUNDS // 2], sorted(costs)[ROUNDS // 2]
    finally:
        await db.close()


async def _cost(way: Way, db: Database, shop: Shop) -> float:
    start = time.process_time()
    for _ in range(REPEATS):
        await way(db, shop)
    return (time.process_time() - start) / REPEATS


async def by_columns(db: Database, shop: Shop) -> bytes:
    """What `GET /v1/products` does."""
    async with db.read() as session:
        found, following = await sheets.page(session, shop, Filters(status="active"), PRODUCTS, None)
        return encode(Page(items=[ProductOut.of(each) for each in found], next_cursor=following))


async def by_objects(db: Database, shop: Shop) -> bytes:
    """The same through hydrated objects of the ORM, one statement for each table."""
    async with db.read() as session:
        found, following = await products.list_page(session, shop, Filters(status="active"), PRODUCTS, None)
        whole = await _hydrated(session, found)
        return encode(Page(items=[ProductOut.of(each) for each in whole], next_cursor=following))


async def _hydrated(session: AsyncSession, found: list[Product]) -> list[ProductSheet]:
    wanted = [product.id for product in found]
    tags: dict[str, list[str]] = defaultdict(list)
    options: dict[str, list[str]] = defaultdict(list)
    pictures: dict[str, list[PictureFacts]] = defaultdict(list)
    prices: dict[str, list[PriceFacts]] = defaultdict(list)
    variants: dict[str, list[VariantFacts]] = defaultdict(list)
    for tag in await session.exec(
        select(ProductTag).where(col(ProductTag.product_id).in_(wanted)).order_by(col(ProductTag.position))
    ):
        tags[tag.product_id].append(tag.tag)
    for option in await session.exec(
        select(ProductOption).where(col(ProductOption.product_id).in_(wanted)).order_by(col(ProductOption.position))
    ):
        options[option.product_id].append(option.name)
    for picture in await session.exec(
        select(ProductPicture).where(col(ProductPicture.product_id).in_(wanted)).order_by(col(ProductPicture.position))
    ):
        pictures[picture.product_id].append(PictureFacts(picture.asset_id or "", picture.alt_text))
    living = select(Variant).where(col(Variant.product_id).in_(wanted), col(Variant.archived_at).is_(None))
    hydrated = (await session.exec(living.order_by(col(Variant.product_id), col(Variant.position)))).all()
    for price in await session.exec(
        select(Price).where(col(Price.variant_id).in_([each.id for each in hydrated])).order_by(col(Price.currency))
    ):
        prices[price.variant_id].append(PriceFacts(price.amount, price.currency, price.compare_at))
    for each in hydrated:
        facts = msgspec.convert(each, VariantFacts, from_attributes=True)
        named = msgspec.structs.replace(facts, option_names=options[each.product_id], prices=prices[each.id])
        variants[each.product_id].append(named)
    return [
        ProductSheet(
            msgspec.convert(each, ProductFacts, from_attributes=True),
            tags[each.id],
            options[each.id],
            pictures[each.id],
            variants[each.id],
        )
        for each in found
    ]


async def _fill(db: Database) -> Shop:
    async with db.transaction() as session:
        shop = await shops.create(session, "Banc", "EUR")
        for number in range(PRODUCTS):
            assets = [await _asset(session, shop) for _ in range(PICTURES)]
            sizes = [
                VariantCreate(
                    options={"Size": size},
                    sku=f"ROBE-{number}-{size}",
                    available=number,
                    prices=[
                        PriceIn(amount=7900, currency="EUR", compare_at=9900),
                        PriceIn(amount=8500, currency="USD"),
                    ],
                )
                for size in ("XS", "S", "M", "L")[:SIZES]
            ]
            data = ProductCreate(
                title=f"Robe {number}",
                description="Lin lavé, coupe droite, boutons de nacre. " * 5,
                tags=["lin", "été", "robe"],
                options=["Size"],
                pictures=[PictureIn(asset_id=each, alt_text="La robe, de face") for each in assets],
                variants=sizes,
            )
            await products.create(session, shop, data)
    return shop


async def _asset(session: AsyncSession, shop: Shop) -> str:
    """The row of a picture; its bytes do not matter here."""
    now, digest = clock.now(), ids.new("sha")
    row = Asset(
        id=ids.new("asset"), shop_id=shop.id, sha256=digest, content_sha256=digest, storage_key=digest,
        width=800, height=1000, bytes=1, created_at=now, updated_at=now,
    )  # fmt: skip
    session.add(row)
    await session.flush()
    return row.id
