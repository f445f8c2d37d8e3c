"""Products: what a merchant can do with them, and what is refused."""

import pytest
from sqlmodel import col, select

from catalog import products, sheets, variants
from catalog.errors import (
    CompareAtTooLow,
    OptionsInUse,
    OptionsMismatch,
    SkuTaken,
    SlugTaken,
    TooManyVariants,
    VariantTaken,
)
from catalog.models import Product
from catalog.products import Filters
from catalog.schemas import PictureIn, PriceIn, ProductChange, ProductCreate, ProductOut, VariantChange, VariantCreate
from core import shops
from core.db import AsyncSession, Database
from core.errors import Gone, NotFound, PreconditionFailed
from core.events import EventRecord
from core.money import BadAmount, UnknownCurrency
from core.shops import Shop
from media.errors import UnknownAsset
from tests.catalog.making import asset, dress


async def news(session: AsyncSession) -> list[str]:
    """The kinds of all events so far, in order."""
    return list((await session.exec(select(EventRecord.kind).order_by(col(EventRecord.id)))).all())


async def test_a_product_comes_back_as_it_was_given(session: AsyncSession, shop: Shop) -> None:
    picture = await asset(session, shop)
    product = await products.create(
        session, shop, dress(pictures=[PictureIn(asset_id=picture, alt_text="La robe")], tags=["Été", "été", "Lin "])
    )
    out = ProductOut.of(await sheets.of_product(session, shop, product.id))
    assert (out.slug, out.status, out.tags, out.options) == (
        "robe-jardin",
        "active",
        ["été", "lin"],
        ["Size", "Colour"],
    )
    assert [(p.asset_id, p.alt_text) for p in out.pictures] == [(picture, "La robe")]
    assert [(v.title, v.options, v.sku, v.available) for v in out.variants] == [
        ("S / Bleu", {"Size": "S", "Colour": "Bleu"}, "ROBE-S", 5),
        ("M / Bleu", {"Size": "M", "Colour": "Bleu"}, "ROBE-M", 0),
    ]
    assert [(p.amount, p.currency, p.compare_at) for p in out.variants[0].prices] == [
        (7900, "EUR", 9900),
        (8500, "USD", None),
    ]
    assert (await news(session))[-1] == "product.created"


async def test_the_same_title_gets_another_slug(session: AsyncSession, shop: Shop) -> None:
    rows = [await products.create(session, shop, ProductCreate(title="Été à Nîmes")) for _ in range(3)]
    assert [row.slug for row in rows] == ["ete-a-nimes", "ete-a-nimes-2", "ete-a-nimes-3"]


@pytest.mark.parametrize("title", ["!!!", "\u200b", "👗"])
async def test_a_title_without_letters_still_gets_a_slug(session: AsyncSession, shop: Shop, title: str) -> None:
    assert (await products.create(session, shop, ProductCreate(title=title))).slug == "product"


@pytest.mark.parametrize("twin", ["ROBE", "ｒｏｂｅ", "ro\u200bbe", "Robe!"])
async def test_titles_that_look_alike_do_not_share_a_slug(session: AsyncSession, shop: Shop, twin: str) -> None:
    await products.create(session, shop, ProductCreate(title="robe"))
    other = await products.create(session, shop, ProductCreate(title=twin))
    assert other.slug != "robe"
    assert other.slug.isascii()


async def test_a_taken_slug_is_refused(session: AsyncSession, shop: Shop) -> None:
    await products.create(session, shop, ProductCreate(title="A", slug="robe"))
    other = await products.create(session, shop, ProductCreate(title="B"))
    with pytest.raises(SlugTaken):
        await products.create(session, shop, ProductCreate(title="C", slug="robe"))
    with pytest.raises(SlugTaken):
        await products.change(session, shop, other.id, ProductChange(slug="robe"), 1)


async def test_two_shops_may_use_one_slug_and_sku(session: AsyncSession, shop: Shop) -> None:
    stranger = await shops.create(session, "Autre", "EUR")
    mine, theirs = [await products.create(session, each, dress()) for each in (shop, stranger)]
    assert mine.slug == theirs.slug


async def test_another_shops_product_answers_like_an_unknown_one(session: AsyncSession, shop: Shop) -> None:
    stranger = await shops.create(session, "Autre", "EUR")
    theirs = await products.create(session, stranger, dress())
    words = []
    for product_id in (theirs.id, "prod_00000000000000000000000000"):
        for attempt in (
            products.get(session, shop, product_id),
            products.change(session, shop, product_id, ProductChange(title="x"), 1),
            products.archive(session, shop, product_id),
            variants.add(session, shop, product_id, VariantCreate()),
            sheets.of_product(session, shop, product_id),
        ):
            with pytest.raises(NotFound) as refusal:
                await attempt
            words.append((str(refusal.value), refusal.value.facts))
    assert words[:5] == words[5:]


async def test_a_change_leaves_what_it_does_not_name(session: AsyncSession, shop: Shop) -> None:
    product = await products.create(session, shop, dress(description="Lin.", tags=["lin"]))
    await products.change(session, shop, product.id, ProductChange(title="Robe Forêt"), 1)
    out = ProductOut.of(await sheets.of_product(session, shop, product.id))
    assert (out.title, out.description, out.tags, out.slug) == ("Robe Forêt", "Lin.", ["lin"], "robe-jardin")
    assert product.version == 2


async def test_the_slower_of_two_changes_is_refused(session: AsyncSession, shop: Shop) -> None:
    product = await products.create(session, shop, ProductCreate(title="Robe"))
    await products.change(session, shop, product.id, ProductChange(title="Jupe"), 1)
    with pytest.raises(PreconditionFailed):
        await products.change(session, shop, product.id, ProductChange(title="Pull"), 1)
    assert (await products.get(session, shop, product.id)).title == "Jupe"


async def test_two_writers_at_once_never_both_win(db: Database, shop: Shop) -> None:
    async with db.transaction() as session:
        product = await products.create(session, shop, ProductCreate(title="Robe"))
    async with db.transaction() as first:
        await products.change(first, shop, product.id, ProductChange(title="Jupe"), 1)
    with pytest.raises(PreconditionFailed):
        async with db.transaction() as second:
            await products.change(second, shop, product.id, ProductChange(title="Pull"), 1)
    async with db.read() as session:
        assert (await products.get(session, shop, product.id)).title == "Jupe"


async def test_options_are_renamed_but_not_dropped_under_variants(session: AsyncSession, shop: Shop) -> None:
    product = await products.create(session, shop, dress())
    await products.change(session, shop, product.id, ProductChange(options=["Taille", "Couleur"]), 1)
    sheet = await sheets.of_product(session, shop, product.id)
    assert sheet.variants[0].options == {"Taille": "S", "Couleur": "Bleu"}
    with pytest.raises(OptionsInUse):
        await products.change(session, shop, product.id, ProductChange(options=["Taille"]), 2)


async def test_pictures_are_replaced_in_the_order_given(session: AsyncSession, shop: Shop) -> None:
    first, second, third = [await asset(session, shop) for _ in range(3)]
    product = await products.create(
        session, shop, ProductCreate(title="Robe", pictures=[PictureIn(asset_id=first), PictureIn(asset_id=second)])
    )
    wanted = [PictureIn(asset_id=third, alt_text="dos"), PictureIn(asset_id=first)]
    await products.change(session, shop, product.id, ProductChange(pictures=wanted), 1)
    sheet = await sheets.of_product(session, shop, product.id)
    assert [(p.asset_id, p.alt_text) for p in sheet.pictures] == [(third, "dos"), (first, "")]


async def test_another_shops_picture_is_refused_like_an_unknown_one(session: AsyncSession, shop: Shop) -> None:
    stranger = await shops.create(session, "Autre", "EUR")
    theirs = await asset(session, stranger)
    for asset_id in (theirs, "asset_00000000000000000000000000"):
        with pytest.raises(UnknownAsset):
            await products.create(session, shop, ProductCreate(title="R", pictures=[PictureIn(asset_id=asset_id)]))


async def test_an_archived_product_leaves_the_list_and_can_come_back(session: AsyncSession, shop: Shop) -> None:
    product = await products.create(session, shop, dress())
    await products.archive(session, shop, product.id)
    await products.archive(session, shop, product.id)
    assert (await products.list_page(session, shop, Filters(), 10, None))[0] == []
    assert [p.id for p in (await products.list_page(session, shop, Filters(status="archived"), 10, None))[0]]
    assert (await news(session)).count("product.archived") == 1
    await products.change(session, shop, product.id, ProductChange(status="active"), 2)
    assert len((await products.list_page(session, shop, Filters(), 10, None))[0]) == 1


async def test_lists_are_filtered_and_paged_newest_first(session: AsyncSession, shop: Shop) -> None:
    for number in range(5):
        data = ProductCreate(title=f"R{number}", tags=["été"], product_type="Robe" if number % 2 else "Jupe")
        await products.create(session, shop, data)
    await products.create(session, shop, ProductCreate(title="Brouillon", status="draft"))

    async def titles(filters: Filters) -> list[list[str]]:
        pages, cursor = [], None
        while True:
            rows, cursor = await products.list_page(session, shop, filters, 2, cursor)
            pages.append([row.title for row in rows])
            if cursor is None:
                return pages

    assert await titles(Filters(tag="ÉTÉ")) == [["R4", "R3"], ["R2", "R1"], ["R0"]]
    assert await titles(Filters(product_type="Robe")) == [["R3", "R1"]]
    assert await titles(Filters(status="draft")) == [["Brouillon"]]
    assert await titles(Filters(tag="hiver")) == [[]]


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (dress(options=["Size"]), OptionsMismatch),
        (dress(options=["Size", "Size"]), OptionsMismatch),
        (ProductCreate(title="R", variants=[VariantCreate(), VariantCreate()]), VariantTaken),
        (
            ProductCreate(
                title="R", options=["S"], variants=[VariantCreate(options={"S": each}, sku="TWIN") for each in "ab"]
            ),
            SkuTaken,
        ),
        (
            ProductCreate(
                title="R", variants=[VariantCreate(prices=[PriceIn(amount=100, currency="EUR", compare_at=100)])]
            ),
            CompareAtTooLow,
        ),
        (
            ProductCreate(title="R", variants=[VariantCreate(prices=[PriceIn(amount=1, currency="XXX")])]),
            UnknownCurrency,
        ),
        (ProductCreate(title="R", variants=[VariantCreate(prices=[PriceIn(amount=150, currency="ISK")])]), BadAmount),
    ],
    ids=["option missing", "option twice", "two without options", "sku twice", "no reduction", "currency", "step"],
)
async def test_what_cannot_be_sold_is_refused(
    session: AsyncSession, shop: Shop, data: ProductCreate, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        await products.create(session, shop, data)


async def test_the_hundred_and_first_variant_is_refused(session: AsyncSession, shop: Shop) -> None:
    hundred = [VariantCreate(options={"N": str(number)}) for number in range(100)]
    product = await products.create(session, shop, ProductCreate(title="Perles", options=["N"], variants=hundred))
    with pytest.raises(TooManyVariants) as refusal:
        await variants.add(session, shop, product.id, VariantCreate(options={"N": "100"}))
    assert refusal.value.facts == {"limit": 100}


async def test_a_variant_changes_archives_and_frees_its_sku(session: AsyncSession, shop: Shop) -> None:
    product = await products.create(session, shop, dress())
    small, medium = (await sheets.of_product(session, shop, product.id)).variants
    with pytest.raises(SkuTaken):
        await variants.change(session, shop, small.id, VariantChange(sku="ROBE-M"), 1)
    change = VariantChange(options={"Size": "M", "Colour": "Bleu"})
    with pytest.raises(VariantTaken):
        await variants.change(session, shop, small.id, change, 1)
    await variants.archive(session, shop, medium.id)
    await variants.archive(session, shop, medium.id)
    changed = await variants.change(session, shop, small.id, VariantChange(sku="ROBE-M", barcode=None), 1)
    assert (changed.sku, changed.version) == ("ROBE-M", 2)
    assert [v.id for v in (await sheets.of_product(session, shop, product.id)).variants] == [small.id]
    assert (await sheets.of_variant(session, shop, medium.id)).archived_at is not None
    with pytest.raises(Gone):
        await variants.change(session, shop, medium.id, VariantChange(sku=None), None)


async def test_a_front_end_sees_what_is_on_sale_only(session: AsyncSession, shop: Shop) -> None:
    product = await products.create(session, shop, dress(status="draft"))
    variant = (await sheets.of_product(session, shop, product.id)).variants[0]
    with pytest.raises(NotFound):
        await sheets.of_product(session, shop, product.id, on_sale=True)
    with pytest.raises(NotFound):
        await sheets.of_variant(session, shop, variant.id, on_sale=True)
    await products.change(session, shop, product.id, ProductChange(status="active"), 1)
    assert (await sheets.of_variant(session, shop, variant.id, on_sale=True)).id == variant.id


async def test_a_new_column_does_not_become_public_by_itself() -> None:
    assert "shop_id" in Product.model_fields
    assert "shop_id" not in ProductOut.__struct_fields__
