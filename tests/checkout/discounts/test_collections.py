"""Discounts for collections: what is in one when the order is placed, however it came there."""

from typing import NamedTuple

import pytest

from catalog import collections, offers, products
from catalog.errors import UnknownCollection
from catalog.models import Collection
from catalog.rules import TagRule
from catalog.schemas import CollectionChange, CollectionCreate, PriceIn, ProductChange, ProductCreate, VariantCreate
from checkout.discounts import discounts, redemptions
from checkout.discounts.calculation import Line
from checkout.discounts.errors import BadDiscount, DiscountNotApplicable
from checkout.discounts.schemas import DiscountChange
from core import ids, shops
from core.db import Database
from core.settings import Settings
from core.shops import Shop
from core.wire import UNSET
from tests.checkout.discounts.conftest import NOON, Counter


class Thing(NamedTuple):
    """A product with one variant."""

    product: str
    variant: str


class Shelf(Counter):
    """Products that can be put into collections, and ordered."""

    async def thing(self, *tags: str) -> Thing:
        """A product at 49 €."""
        variant = VariantCreate(available=10, prices=[PriceIn(amount=4900, currency=self.shop.currency)])
        async with self.db.transaction() as session:
            data = ProductCreate(title="Vase", tags=list(tags), variants=[variant])
            made = await products.create(session, self.shop, data)
            found = await offers.of_product(session, self.shop, made.id, self.shop.currency)
        return Thing(made.id, found.offers[0].variant_id)

    async def tag(self, thing: Thing, *tags: str) -> None:
        """Give it other tags."""
        async with self.db.transaction() as session:
            await products.change(session, self.shop, thing.product, ProductChange(tags=list(tags)), None)

    async def collection(self, *things: Thing, tag: str | None = None) -> Collection:
        """A collection by hand, or of all that has this tag."""
        data = CollectionCreate(title="Été", product_ids=[each.product for each in things])
        if tag:
            data = CollectionCreate(title="Été", kind="rules", rules=[TagRule(value=tag)])
        async with self.db.transaction() as session:
            return await collections.create(session, self.shop, data)

    async def fill(self, collection: Collection, *things: Thing) -> None:
        """These and no others."""
        data = CollectionChange(product_ids=[each.product for each in things])
        async with self.db.transaction() as session:
            await collections.change(session, self.shop, collection.id, data, None)

    async def off(self, thing: Thing) -> int:
        """What is taken off when it is ordered."""
        return (await self.place(thing.variant)).amount_discount


@pytest.fixture
def shelf(db: Database, settings: Settings, shop: Shop) -> Shelf:
    """Where orders are placed."""
    return Shelf(db, settings, shop)


async def test_what_joins_a_collection_later_is_covered_and_what_leaves_is_not(shelf: Shelf) -> None:
    first, later = await shelf.thing(), await shelf.thing()
    summer = await shelf.collection(first)
    await shelf.discount(collection_ids=[summer.id])
    assert [await shelf.off(each) for each in (first, later)] == [490, 0]
    await shelf.fill(summer, later)
    assert [await shelf.off(each) for each in (first, later)] == [0, 490]


async def test_a_collection_by_rules_is_asked_when_the_order_is_placed(shelf: Shelf) -> None:
    linen, cotton = await shelf.thing("lin"), await shelf.thing("coton")
    await shelf.discount(collection_ids=[(await shelf.collection(tag="lin")).id])
    assert [await shelf.off(each) for each in (linen, cotton)] == [490, 0]
    await shelf.tag(cotton, "coton", "lin")
    assert await shelf.off(cotton) == 490


async def test_products_and_collections_are_one_scope(shelf: Shelf) -> None:
    named, collected, other = [await shelf.thing() for _ in range(3)]
    both = [await shelf.collection(collected), await shelf.collection(collected, named)]
    await shelf.discount(product_ids=[named.product], collection_ids=[each.id for each in both])
    assert [await shelf.off(each) for each in (named, collected, other)] == [490, 490, 0]


async def test_a_collection_that_holds_nothing_or_was_put_away_reduces_nothing(shelf: Shelf) -> None:
    vase = await shelf.thing()
    summer = await shelf.collection(vase)
    await shelf.discount(code="ETE", collection_ids=[summer.id])
    assert (await shelf.place(vase.variant, "ETE")).amount_discount == 490
    async with shelf.db.transaction() as session:
        await collections.archive(session, shelf.shop, summer.id)
    with pytest.raises(DiscountNotApplicable) as caught:
        await shelf.place(vase.variant, "ETE")
    assert caught.value.facts["reason"] == "nothing-to-reduce"
    await shelf.discount(collection_ids=[(await shelf.collection()).id])
    assert await shelf.off(vase) == 0


async def test_the_page_shows_what_the_order_will_get(shelf: Shelf) -> None:
    vase, bowl = await shelf.thing(), await shelf.thing()
    summer = await shelf.discount(collection_ids=[(await shelf.collection(vase)).id])
    lines = [Line(key=each.variant, product_id=each.product, unit_amount=4900, quantity=1) for each in (vase, bowl)]
    async with shelf.db.read() as session:
        found = await redemptions.preview(session, shelf.shop, lines, None, NOON)
    assert [(each.id, amount) for each, amount in found] == [(summer.id, 490)]


async def test_what_is_got_for_a_collection_does_not_count_as_bought(shelf: Shelf) -> None:
    vase, card = await shelf.thing(), await shelf.thing()
    summer = await shelf.collection(vase, card)
    terms = {"kind": "buy_x_get_y", "buy": 1, "get": 1, "get_product_ids": [card.product]}
    await shelf.discount(collection_ids=[summer.id], terms=terms)
    assert await shelf.off(card) == 0
    with pytest.raises(BadDiscount):
        await shelf.discount(terms=terms)


async def test_a_collection_that_is_not_there_is_refused(shelf: Shelf) -> None:
    async with shelf.db.transaction() as session:
        elsewhere = await shops.create(session, "Elsewhere", "EUR")
        foreign = await collections.create(session, elsewhere, CollectionCreate(title="Winter"))
        gone = await collections.create(session, shelf.shop, CollectionCreate(title="Winter"))
        await collections.archive(session, shelf.shop, gone.id)
    for each in (ids.new("coll"), foreign.id, gone.id):
        with pytest.raises(UnknownCollection):
            await shelf.discount(collection_ids=[each])
    known = await shelf.discount(collection_ids=[(await shelf.collection()).id])
    async with shelf.db.transaction() as session:
        change = DiscountChange(collection_ids=[foreign.id])
        with pytest.raises(UnknownCollection):
            await discounts.change(session, shelf.shop, known.id, change, None)


async def test_a_discount_outlives_its_collection_and_may_be_given_another(shelf: Shelf) -> None:
    vase = await shelf.thing()
    winter, summer = await shelf.collection(), await shelf.collection(vase)
    known = await shelf.discount(collection_ids=[winter.id])
    for wanted, off in ((UNSET, 0), ([summer.id], 490), ([], 490)):
        async with shelf.db.transaction() as session:
            await collections.archive(session, shelf.shop, winter.id)
            change = DiscountChange(title="Soldes", collection_ids=wanted)
            changed = await discounts.change(session, shelf.shop, known.id, change, None)
        assert changed.title == "Soldes"
        assert await shelf.off(vase) == off
