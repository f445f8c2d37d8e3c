"""Stock: never below zero, never two buyers on one piece, and every movement is written down."""

import asyncio

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from catalog import products, sheets, stock
from catalog.errors import OutOfStock
from catalog.models import Variant
from catalog.schemas import ProductCreate, StockChange, VariantCreate
from core import shops
from core.db import AsyncSession, Database
from core.errors import NotFound
from core.events import EventRecord
from core.shops import Shop


async def pieces(session: AsyncSession, shop: Shop, available: int, *, tracked: bool = True, sku: str = "BAG") -> str:
    """A variant of which so many are there."""
    data = ProductCreate(title="Sac", variants=[VariantCreate(available=available, tracked=tracked, sku=sku)])
    product = await products.create(session, shop, data)
    return (await sheets.of_product(session, shop, product.id)).variants[0].id


async def left(session: AsyncSession, shop: Shop, variant_id: str) -> int:
    return (await sheets.of_variant(session, shop, variant_id)).available


async def log(session: AsyncSession, shop: Shop, variant_id: str) -> list[tuple[int, int, str, str]]:
    rows, _ = await stock.movements_page(session, shop, variant_id, 100, None)
    return [(row.delta, row.available, row.reason, row.reference) for row in reversed(rows)]


async def test_fifty_buyers_at_once_on_five_pieces_get_five(db: Database, shop: Shop) -> None:
    async with db.transaction() as session:
        variant = await pieces(session, shop, 5)

    async def buy(number: int) -> bool:
        try:
            async with db.transaction() as session:
                await stock.take(session, shop, {variant: 1}, reference=f"ord_{number}")
        except OutOfStock:
            return False
        return True

    bought = await asyncio.gather(*(buy(number) for number in range(50)))
    assert sum(bought) == 5
    async with db.read() as session:
        assert await left(session, shop, variant) == 0
        sold = [entry for entry in await log(session, shop, variant) if entry[2] == "sold"]
        assert sorted(entry[1] for entry in sold) == [0, 1, 2, 3, 4]


async def test_carts_that_share_articles_do_not_lock_each_other_up(db: Database, shop: Shop) -> None:
    async with db.transaction() as session:
        first, second = [await pieces(session, shop, 40, sku=sku) for sku in ("A", "B")]

    async def buy(number: int) -> None:
        cart = {first: 1, second: 1} if number % 2 else {second: 1, first: 1}
        async with db.transaction() as session:
            await stock.take(session, shop, cart)

    await asyncio.gather(*(buy(number) for number in range(40)))
    async with db.read() as session:
        assert [await left(session, shop, variant) for variant in (first, second)] == [0, 0]


async def test_a_cart_that_cannot_be_filled_takes_nothing(db: Database, shop: Shop) -> None:
    async with db.transaction() as session:
        plenty, few = [await pieces(session, shop, count, sku=f"SKU-{count}") for count in (9, 1)]
    with pytest.raises(OutOfStock) as refusal:
        async with db.transaction() as session:
            await stock.take(session, shop, {plenty: 2, few: 2})
    assert (refusal.value.facts["sku"], refusal.value.facts["left"], refusal.value.facts["wanted"]) == ("SKU-1", 1, 2)
    async with db.read() as session:
        assert [await left(session, shop, variant) for variant in (plenty, few)] == [9, 1]


async def test_what_is_given_back_is_there_again(session: AsyncSession, shop: Shop) -> None:
    variant = await pieces(session, shop, 3)
    await stock.take(session, shop, {variant: 2}, reference="ord_1")
    await stock.give_back(session, shop, {variant: 2}, reference="ord_1")
    assert await left(session, shop, variant) == 3
    assert await log(session, shop, variant) == [
        (3, 3, "created", ""),
        (-2, 1, "sold", "ord_1"),
        (2, 3, "returned", "ord_1"),
    ]


async def test_untracked_variants_are_never_counted(session: AsyncSession, shop: Shop) -> None:
    variant = await pieces(session, shop, 0, tracked=False)
    assert await stock.take(session, shop, {variant: 900}) == frozenset()
    assert (await left(session, shop, variant), await log(session, shop, variant)) == (0, [])


async def test_what_was_counted_comes_back_when_the_variant_is_not_tracked_any_more(
    session: AsyncSession, shop: Shop
) -> None:
    variant = await pieces(session, shop, 5)
    assert await stock.take(session, shop, {variant: 2}) == {variant}
    await stock.set_available(session, shop, variant, StockChange(tracked=False))
    await stock.give_back(session, shop, {variant: 2})
    assert await left(session, shop, variant) == 5


async def test_another_shops_variant_is_refused_like_an_unknown_one(session: AsyncSession, shop: Shop) -> None:
    stranger = await shops.create(session, "Autre", "EUR")
    theirs = await pieces(session, stranger, 5)
    for variant in (theirs, "var_00000000000000000000000000"):
        for verb in (stock.take, stock.give_back):
            with pytest.raises(NotFound):
                await verb(session, shop, {variant: 1})
        with pytest.raises(NotFound):
            await stock.adjust(session, shop, variant, 1)
        with pytest.raises(NotFound):
            await stock.set_available(session, shop, variant, StockChange(available=1))
    assert await left(session, stranger, theirs) == 5


async def test_a_count_and_a_delivery_are_written_down(session: AsyncSession, shop: Shop) -> None:
    variant = await pieces(session, shop, 3)
    await stock.set_available(session, shop, variant, StockChange(available=10))
    await stock.set_available(session, shop, variant, StockChange(available=10))
    await stock.adjust(session, shop, variant, -4, "broken")
    with pytest.raises(OutOfStock):
        await stock.adjust(session, shop, variant, -7)
    assert (await log(session, shop, variant))[1:] == [(7, 10, "corrected", ""), (-4, 6, "corrected", "broken")]


async def test_a_count_that_meets_a_sale_loses_neither(db: Database, shop: Shop) -> None:
    async with db.transaction() as session:
        variant = await pieces(session, shop, 20)

    async def sell() -> None:
        async with db.transaction() as session:
            await stock.take(session, shop, {variant: 1})

    async def deliver() -> None:
        async with db.transaction() as session:
            await stock.adjust(session, shop, variant, 1)

    await asyncio.gather(*(each() for _ in range(10) for each in (sell, deliver)))
    async with db.read() as session:
        assert await left(session, shop, variant) == 20
        assert sum(entry[0] for entry in await log(session, shop, variant)) == 20


async def test_the_database_itself_refuses_less_than_nothing(session: AsyncSession, shop: Shop) -> None:
    variant = await pieces(session, shop, 1)
    with pytest.raises(IntegrityError):
        await session.exec(sa.update(Variant).where(col(Variant.id) == variant).values(available=-1))
    await session.rollback()


async def warnings(session: AsyncSession) -> list[tuple[int, int]]:
    """What was told of low stock: how many were left, and what the threshold was."""
    rows = select(EventRecord.payload).where(EventRecord.kind == "stock.low").order_by(col(EventRecord.id))
    return [(int(str(each["available"])), int(str(each["threshold"]))) for each in (await session.exec(rows)).all()]


async def test_low_stock_is_told_once_each_time_that_it_falls_to_the_threshold(
    session: AsyncSession, shop: Shop
) -> None:
    variant = await pieces(session, shop, 10)
    await stock.set_available(session, shop, variant, StockChange(low_stock_at=3))
    for quantity in (6, 1, 1, 1):
        await stock.take(session, shop, {variant: quantity})
    assert await warnings(session) == [(3, 3)]
    await stock.give_back(session, shop, {variant: 4})
    await stock.take(session, shop, {variant: 3})
    await stock.adjust(session, shop, variant, 5)
    await stock.set_available(session, shop, variant, StockChange(available=0))
    assert await warnings(session) == [(3, 3), (2, 3), (0, 3)]


async def test_the_shops_own_threshold_is_for_variants_without_one_that_are_counted(
    session: AsyncSession, shop: Shop
) -> None:
    shop.low_stock_at = 5
    plain, own, uncounted = [await pieces(session, shop, 6, sku=sku) for sku in "ABC"]
    await stock.set_available(session, shop, own, StockChange(low_stock_at=0))
    await stock.set_available(session, shop, uncounted, StockChange(tracked=False))
    await stock.take(session, shop, {plain: 1, own: 1, uncounted: 1})
    assert await warnings(session) == [(5, 5)]
    shop.low_stock_at = None
    await stock.take(session, shop, {plain: 5})
    assert await warnings(session) == [(5, 5)]
