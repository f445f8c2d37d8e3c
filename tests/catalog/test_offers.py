"""Offers: what pages and the checkout know of a variant, in one currency."""

import pytest

from catalog import offers, prices, products, variants
from catalog.schemas import PictureIn, PriceIn, ProductChange, VariantCreate
from core import shops
from core.db import AsyncSession
from core.errors import NotFound, PreconditionFailed
from core.money import Money
from core.shops import Shop
from tests.catalog.making import asset, dress


async def test_a_product_offers_its_variants_in_order(session: AsyncSession, shop: Shop) -> None:
    front, back = [await asset(session, shop) for _ in range(2)]
    product = await products.create(
        session, shop, dress(pictures=[PictureIn(asset_id=front), PictureIn(asset_id=back)])
    )
    found = await offers.of_product(session, shop, product.id, "EUR")
    assert (found.title, found.slug, found.option_names) == ("Robe Jardin", "robe-jardin", ["Size", "Colour"])
    assert [each.asset_id for each in found.pictures] == [front, back]
    small, medium = found.offers
    assert (small.variant_title, small.price, small.compare_at) == ("S / Bleu", Money(7900, "EUR"), Money(9900, "EUR"))
    assert (small.sellable, small.in_stock, medium.sellable, medium.in_stock) == (True, True, True, False)
    assert small.asset_id == front


async def test_without_a_price_in_this_currency_nothing_is_sellable(session: AsyncSession, shop: Shop) -> None:
    product = await products.create(session, shop, dress())
    found = await offers.of_product(session, shop, product.id, "JPY")
    assert [(offer.price, offer.sellable) for offer in found.offers] == [(None, False), (None, False)]


async def test_a_draft_and_an_archived_variant_are_not_sellable(session: AsyncSession, shop: Shop) -> None:
    product = await products.create(session, shop, dress())
    small, medium = (await offers.of_product(session, shop, product.id, "EUR")).offers
    await variants.archive(session, shop, medium.variant_id)
    known = await offers.of_variants(session, shop, [small.variant_id, medium.variant_id], "EUR")
    assert [known[each.variant_id].sellable for each in (small, medium)] == [True, False]
    await products.change(session, shop, product.id, ProductChange(status="draft"), None)
    known = await offers.of_variants(session, shop, [small.variant_id], "EUR")
    assert known[small.variant_id].sellable is False


async def test_another_shops_variants_are_not_offered(session: AsyncSession, shop: Shop) -> None:
    stranger = await shops.create(session, "Autre", "EUR")
    product = await products.create(session, stranger, dress())
    theirs = (await offers.of_product(session, stranger, product.id, "EUR")).offers[0]
    assert await offers.of_variants(session, shop, [theirs.variant_id, "var_0"], "EUR") == {}
    with pytest.raises(NotFound):
        await offers.of_product(session, shop, product.id, "EUR")


async def test_prices_are_replaced_as_a_whole(session: AsyncSession, shop: Shop) -> None:
    product = await products.create(session, shop, dress())
    variant = await variants.add(session, shop, product.id, VariantCreate(options={"Size": "L", "Colour": "Bleu"}))
    wanted = [PriceIn(amount=5000, currency="EUR"), PriceIn(amount=800, currency="JPY", compare_at=900)]
    await prices.replace(session, shop, variant.id, wanted, 1)
    await prices.replace(session, shop, variant.id, wanted[1:], 2)
    found = await prices.of_variant(session, shop, variant.id)
    assert [(p.currency, p.amount, p.compare_at) for p in found] == [("JPY", 800, 900)]
    same = await prices.replace(session, shop, variant.id, wanted[1:], 3)
    assert same.version == 3
    with pytest.raises(PreconditionFailed):
        await prices.replace(session, shop, variant.id, [], 2)
