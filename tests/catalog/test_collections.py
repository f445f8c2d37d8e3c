"""Collections: by hand in order, or by rules."""

import msgspec
import pytest

from catalog import collections, products, sheets, stock
from catalog.errors import CollectionKindMismatch, CollectionNotFound, CollectionSlugTaken, UnknownProduct
from catalog.models import Collection
from catalog.products import Filters
from catalog.rules import Rule
from catalog.schemas import CollectionChange, CollectionCreate, PriceIn, ProductCreate, VariantCreate
from core import shops
from core.db import AsyncSession
from core.errors import PreconditionFailed
from core.shops import Shop


async def goods(session: AsyncSession, shop: Shop) -> dict[str, str]:
    """Ids of products by title, the oldest first."""
    made = {}
    for title, amount, left, tags, kind in (
        ("Robe", 7900, 3, ["lin", "été"], "Vêtement"),
        ("Sac", 4900, 0, ["cuir"], "Sac"),
        ("Jupe", 3900, 1, ["lin"], "Vêtement"),
        ("Bol", 1900, 0, [], "Maison"),
    ):
        variant = VariantCreate(available=left, tracked=title != "Bol", prices=[PriceIn(amount=amount, currency="EUR")])
        data = ProductCreate(title=title, tags=tags, product_type=kind, vendor="Atelier", variants=[variant])
        made[title] = (await products.create(session, shop, data)).id
    return made


async def titles(session: AsyncSession, shop: Shop, collection: Collection, limit: int = 100) -> list[list[str]]:
    """The pages of a collection."""
    pages, cursor = [], None
    while True:
        found, cursor = await sheets.page(session, shop, Filters(), limit, cursor, collection)
        pages.append([sheet.product.title for sheet in found])
        if cursor is None:
            return pages


def by_rules(*rules: dict[str, object], matching: str = "all") -> CollectionCreate:
    body = {"title": "C", "kind": "rules", "rules": list(rules), "matching": matching}
    return msgspec.convert(body, CollectionCreate)


async def test_a_manual_collection_keeps_its_order(session: AsyncSession, shop: Shop) -> None:
    ids = await goods(session, shop)
    wanted = [ids[title] for title in ("Sac", "Bol", "Robe", "Jupe", "Bol")]
    made = await collections.create(session, shop, CollectionCreate(title="Été 26", product_ids=wanted))
    assert (made.slug, made.kind, made.version) == ("ete-26", "manual", 1)
    assert await titles(session, shop, made) == [["Sac", "Bol", "Robe", "Jupe"]]
    assert await titles(session, shop, made, 3) == [["Sac", "Bol", "Robe"], ["Jupe"]]
    await products.archive(session, shop, ids["Bol"])
    assert await titles(session, shop, made, 2) == [["Sac", "Robe"], ["Jupe"]]
    data = CollectionChange(product_ids=[ids["Jupe"], ids["Sac"]])
    changed = await collections.change(session, shop, made.id, data, 1)
    assert (changed.version, await titles(session, shop, changed)) == (2, [["Jupe", "Sac"]])
    emptied = await collections.change(session, shop, made.id, CollectionChange(product_ids=[]), None)
    assert await titles(session, shop, emptied) == [[]]


@pytest.mark.parametrize(
    ("rules", "matching", "expected"),
    [
        ([{"rule": "tag", "value": "LIN "}], "all", ["Jupe", "Robe"]),
        ([{"rule": "product_type", "value": "Sac"}], "all", ["Sac"]),
        ([{"rule": "product_type", "value": "sac"}], "all", []),
        ([{"rule": "vendor", "value": "Atelier"}], "all", ["Bol", "Jupe", "Sac", "Robe"]),
        ([{"rule": "price_below", "amount": 4900}], "all", ["Bol", "Jupe"]),
        ([{"rule": "price_above", "amount": 4900}], "all", ["Robe"]),
        ([{"rule": "in_stock"}], "all", ["Bol", "Jupe", "Robe"]),
        ([{"rule": "tag", "value": "lin"}, {"rule": "price_below", "amount": 5000}], "all", ["Jupe"]),
        ([{"rule": "tag", "value": "cuir"}, {"rule": "price_below", "amount": 2000}], "any", ["Bol", "Sac"]),
    ],
)
async def test_rules_find_their_products(
    session: AsyncSession, shop: Shop, rules: list[dict[str, object]], matching: str, expected: list[str]
) -> None:
    await goods(session, shop)
    other = await shops.create(session, "Autre", "EUR")
    await goods(session, other)
    made = await collections.create(session, shop, by_rules(*rules, matching=matching))
    assert await titles(session, shop, made) == [expected]
    assert [title for page in await titles(session, shop, made, 1) for title in page] == expected


async def test_a_collection_by_rules_follows_the_catalog(session: AsyncSession, shop: Shop) -> None:
    ids = await goods(session, shop)
    made = await collections.create(session, shop, by_rules({"rule": "in_stock"}))
    jupe = await sheets.of_product(session, shop, ids["Jupe"])
    await stock.take(session, shop, {jupe.variants[0].id: 1})
    assert await titles(session, shop, made) == [["Bol", "Robe"]]


async def test_names_products_and_kinds_are_checked(session: AsyncSession, shop: Shop) -> None:
    ids = await goods(session, shop)
    other = await shops.create(session, "Autre", "EUR")
    theirs = (await products.create(session, other, ProductCreate(title="A"))).id
    first = await collections.create(session, shop, CollectionCreate(title="Été"))
    assert (await collections.create(session, shop, CollectionCreate(title="Été"))).slug == "ete-2"
    with pytest.raises(CollectionSlugTaken):
        await collections.create(session, shop, CollectionCreate(title="A", slug="ete"))
    for product_id in (theirs, "prod_00000000000000000000000000"):
        with pytest.raises(UnknownProduct):
            await collections.create(session, shop, CollectionCreate(title="A", product_ids=[product_id]))
    rule: list[Rule] = by_rules({"rule": "in_stock"}).rules
    for data in (
        CollectionCreate(title="A", rules=rule),
        CollectionCreate(title="A", kind="rules"),
        CollectionCreate(title="A", kind="rules", rules=rule, product_ids=[ids["Sac"]]),
    ):
        with pytest.raises(CollectionKindMismatch):
            await collections.create(session, shop, data)
    with pytest.raises(CollectionKindMismatch):
        await collections.change(session, shop, first.id, CollectionChange(rules=rule), None)
    with pytest.raises(PreconditionFailed):
        await collections.change(session, shop, first.id, CollectionChange(title="B"), 7)
    with pytest.raises(CollectionNotFound):
        await collections.get(session, other, first.id)


async def test_an_archived_collection_leaves_the_list_and_can_come_back(session: AsyncSession, shop: Shop) -> None:
    made = await collections.create(session, shop, CollectionCreate(title="Été"))
    await collections.archive(session, shop, made.id)
    await collections.archive(session, shop, made.id)
    assert await collections.list_page(session, shop, 10, None) == ([], None)
    with pytest.raises(CollectionNotFound):
        await collections.living(session, shop, made.id)
    assert (await collections.get(session, shop, made.id)).version == 2
    await collections.change(session, shop, made.id, CollectionChange(archived=False), None)
    assert (await collections.list_page(session, shop, 10, None))[0] == [made]
