"""Finding products by words."""

import io

import pytest

from catalog import products, search, sheets, variants
from catalog.errors import TooManyWords
from catalog.imports import runs
from catalog.products import Filters
from catalog.schemas import ProductChange, ProductCreate, VariantChange, VariantCreate
from core import shops
from core.db import AsyncSession, Database
from core.shops import Shop
from tests.catalog.making import dress


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Été à Nîmes, réf. AB-12", "ete a nimes ref ab 12"),
        ("ŒUVRE Straße ĐẸP Łódź", "oeuvre strasse dep lodz"),
        ("ＦＵＬＬ İstanbul ı", "full istanbul i"),
        ("100 % lin_lavé", "100 lin lave"),
        ("Ёлка Άνοιξη", "елка ανοιξη"),
        ("!?  —", ""),
    ],
)
def test_words_are_folded(text: str, folded: str) -> None:
    assert " ".join(search.words(text)) == folded


async def found(session: AsyncSession, shop: Shop, question: str) -> list[str]:
    rows, _ = await products.list_page(session, shop, Filters(q=question), 100, None)
    sheet, _ = await sheets.page(session, shop, Filters(q=question), 100, None)
    assert [each.product.id for each in sheet] == [row.id for row in rows]
    return [row.title for row in rows]


async def test_every_word_must_begin_one_of_the_products(session: AsyncSession, shop: Shop) -> None:
    await products.create(
        session, shop, dress(title="Robe d'Été", vendor="Maison Œillet", product_type="Robes", tags=["Lin lavé"])
    )
    await products.create(session, shop, ProductCreate(title="Câlin", description="Une garde-robe entière"))
    for question in ("robe ETE", "ROBE-S", "oeillet", "lin", "lave lin", "œil", "robe-m robes"):
        assert await found(session, shop, question) == ["Robe d'Été"], question
    assert await found(session, shop, "robe") == ["Câlin", "Robe d'Été"]
    for question in ("robe hiver", "obe", "%", "_", "'", "100%", "robe_s%", "\\"):
        assert await found(session, shop, question) in ([], ["Robe d'Été"]), question
    assert await found(session, shop, "%") == []
    assert await found(session, shop, "obe") == []


async def test_scripts_without_blanks_are_found_inside(session: AsyncSession, shop: Shop) -> None:
    await products.create(session, shop, ProductCreate(title="夏のワンピース"))
    assert await found(session, shop, "ワンピース") == ["夏のワンピース"]
    assert await found(session, shop, "冬") == []


async def test_words_follow_every_change(session: AsyncSession, shop: Shop) -> None:
    product = await products.create(session, shop, dress(tags=["lin"]))
    await products.change(session, shop, product.id, ProductChange(title="Jupe", tags=["soie"]), None)
    assert [await found(session, shop, each) for each in ("jardin", "lin", "soie")] == [[], [], ["Jupe"]]
    options = {"Size": "L", "Colour": "Bleu"}
    variant = await variants.add(session, shop, product.id, VariantCreate(options=options, sku="GRANDE"))
    assert await found(session, shop, "grande") == ["Jupe"]
    await variants.change(session, shop, variant.id, VariantChange(sku="IMMENSE"), None)
    assert [await found(session, shop, each) for each in ("grande", "immense")] == [[], ["Jupe"]]
    await variants.archive(session, shop, variant.id)
    assert await found(session, shop, "immense") == []


async def test_an_import_is_found(db: Database, shop: Shop) -> None:
    for title in ("Sac Épicé", "Sac Doux"):
        file = io.BytesIO(f"Handle,Title,Variant Price\nsac,{title},79.00\n".encode())
        await runs.run(db, shop, "shopify", file)
    async with db.read() as session:
        assert [await found(session, shop, each) for each in ("doux", "epice")] == [["Sac Doux"], []]


async def test_another_shop_finds_nothing(session: AsyncSession, shop: Shop) -> None:
    await products.create(session, shop, dress())
    other = await shops.create(session, "Autre", "EUR")
    assert await found(session, other, "robe") == []


async def test_long_texts_and_questions_are_bounded(session: AsyncSession, shop: Shop) -> None:
    long = " ".join(f"mot{number}" for number in range(700))
    await products.create(session, shop, ProductCreate(title="Livre", description=long))
    assert await found(session, shop, "mot1 mot2 livre") == ["Livre"]
    with pytest.raises(TooManyWords):
        await found(session, shop, "a b c d e f g h i j k")
    assert await found(session, shop, "livre " * 30) == ["Livre"]
