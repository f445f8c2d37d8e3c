"""Slugs: old ones lead to their product for ever, and two words are the shop's own."""

import pytest

from catalog import products, slugs
from catalog.errors import SlugReserved, SlugTaken
from catalog.schemas import ProductChange, ProductCreate
from core import shops
from core.db import AsyncSession
from core.shops import Shop


async def made(session: AsyncSession, shop: Shop, slug: str) -> str:
    """The id of a product with this slug."""
    return (await products.create(session, shop, ProductCreate(title="Robe", slug=slug))).id


async def called(session: AsyncSession, shop: Shop, product_id: str, slug: str) -> None:
    """Give a product another slug."""
    await products.change(session, shop, product_id, ProductChange(slug=slug), None)


async def test_every_slug_that_a_product_had_leads_to_it(session: AsyncSession, shop: Shop) -> None:
    product = await made(session, shop, "a")
    for slug in ("b", "c", "a", "d", "b"):
        await called(session, shop, product, slug)
    assert [await slugs.bearer(session, shop, slug) for slug in "abcd"] == [product] * 4
    assert await slugs.bearer(session, shop, "e") is None


async def test_nobody_else_gets_a_slug_that_a_product_had(session: AsyncSession, shop: Shop) -> None:
    first, second = await made(session, shop, "a"), await made(session, shop, "b")
    await called(session, shop, first, "x")
    with pytest.raises(SlugTaken):
        await called(session, shop, second, "a")
    with pytest.raises(SlugTaken):
        await made(session, shop, "a")
    assert [await slugs.bearer(session, shop, slug) for slug in "abx"] == [first, second, first]


async def test_a_title_that_was_anothers_gets_a_number(session: AsyncSession, shop: Shop) -> None:
    first = await products.create(session, shop, ProductCreate(title="Robe Brume"))
    await called(session, shop, first.id, "robe-de-brume")
    second = await products.create(session, shop, ProductCreate(title="Robe Brume"))
    assert second.slug == "robe-brume-2"
    assert await slugs.near(session, shop, ["robe-brume"]) == {"robe-brume", "robe-brume-2"}


async def test_another_shop_knows_nothing_of_them(session: AsyncSession, shop: Shop) -> None:
    other = await shops.create(session, "Autre", "EUR")
    await called(session, shop, await made(session, shop, "a"), "b")
    assert [await slugs.bearer(session, other, slug) for slug in "ab"] == [None, None]


@pytest.mark.parametrize("word", ["buy", "checkout"])
async def test_what_is_an_address_of_the_shops_own_is_no_products(session: AsyncSession, shop: Shop, word: str) -> None:
    product = await products.create(session, shop, ProductCreate(title=word.title()))
    assert product.slug == f"{word}-product"
    with pytest.raises(SlugReserved):
        await made(session, shop, word)
    with pytest.raises(SlugReserved):
        await called(session, shop, product.id, word)
