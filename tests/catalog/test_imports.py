"""Importing files: good rows go in, bad ones are named, and the same file never doubles anything."""

import asyncio
import io

import pytest
from sqlmodel import select

from catalog import pictures, products, sheets, stock
from catalog.errors import ColumnsMissing, NotText, UnknownImportFormat
from catalog.imports import runs
from catalog.imports.importer import importers
from catalog.models import ImportRun
from catalog.products import Filters
from catalog.schemas import ProductChange, ProductCreate, ProductOut, VariantCreate
from core import clock, shops
from core.db import Database
from core.errors import NotFound, TooLarge
from core.events import EventRecord
from core.shops import Shop
from tests.catalog.making import asset

HEAD = (
    "Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Option2 Name,Option2 Value,"
    "Variant SKU,Variant Grams,Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,"
    "Variant Price,Variant Compare At Price,Variant Barcode,Image Src,Image Position,Image Alt Text,Status"
)
ROBE = """\
robe,Robe d’été,"<p>Lin &amp; coton.</p>
<p>Lavage à 30°.<script>x()</script></p>",Vitrine,Robe,"Été, lin",TRUE,Size,S,Color,Bleu,\
R-S,350,shopify,12,deny,79.00,99.00,3760000000017,pictures/robe.jpg,1,La robe,active
robe,,,,,,,,M,,Bleu,R-M,350,shopify,0,deny,79.00,,,pictures/dos.jpg,2,Le dos,
robe,,,,,,,,,,,,,,,,,,,pictures/detail.jpg,3,,
"""
SAC = "sac,Sac,,,,,FALSE,Title,Default Title,,,,,,,deny,45.5,,,,,,active\n"


async def load(db: Database, shop: Shop, text: str | bytes) -> ImportRun:
    content = text if isinstance(text, bytes) else text.encode()
    return await runs.run(db, shop, "shopify", io.BytesIO(content))


async def problems(db: Database, shop: Shop, run: ImportRun) -> list[tuple[int, str, str, str]]:
    async with db.read() as session:
        rows, _ = await runs.rows_page(session, shop, run.id, 100, None)
    return [(row.line, row.column, row.rule, row.level) for row in reversed(rows)]


async def catalog(db: Database, shop: Shop) -> dict[str, ProductOut]:
    async with db.read() as session:
        rows, _ = await products.list_page(session, shop, Filters(), 100, None)
        return {sheet.product.slug: ProductOut.of(sheet) for sheet in await sheets.of_products(session, rows)}


def row(**cells: str) -> str:
    """One line of the file, by the names of its header."""
    names = HEAD.split(",")
    values = {name.replace(" ", "_").replace("(", "").replace(")", ""): name for name in names}
    given = {values[key]: value for key, value in cells.items()}
    return ",".join('"' + given.get(name, "").replace('"', '""') + '"' for name in names) + "\n"


async def test_a_file_becomes_products(db: Database, shop: Shop) -> None:
    run = await load(db, shop, f"{HEAD}\n{ROBE}{SAC}")
    assert (run.status, run.rows_read, run.rows_refused, run.warnings) == ("done", 4, 0, 0)
    assert (run.products_created, run.variants_created) == (2, 3)
    found = await catalog(db, shop)
    robe, sac = found["robe"], found["sac"]
    assert (robe.title, robe.vendor, robe.product_type, robe.status) == ("Robe d’été", "Vitrine", "Robe", "active")
    assert robe.description == "Lin & coton.\n\nLavage à 30°."
    assert (robe.tags, robe.options) == (["été", "lin"], ["Size", "Color"])
    small, medium = robe.variants
    assert (small.title, small.sku, small.barcode, small.weight_grams) == ("S / Bleu", "R-S", "3760000000017", 350)
    assert (small.available, medium.available, medium.tracked) == (12, 0, True)
    assert [(p.amount, p.currency, p.compare_at) for p in small.prices] == [(7900, "EUR", 9900)]
    assert (sac.status, sac.options, sac.variants[0].options, sac.variants[0].tracked) == ("draft", [], {}, False)
    assert sac.variants[0].prices[0].amount == 4550


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
async def test_every_spreadsheets_text_is_read_alike(db: Database, shop: Shop, encoding: str, line_end: str) -> None:
    run = await load(db, shop, f"{HEAD}\n{ROBE}{SAC}".replace("\n", line_end).encode(encoding))
    assert (run.products_created, run.rows_refused) == (2, 0)
    assert (await catalog(db, shop))["robe"].description == "Lin & coton.\n\nLavage à 30°."


@pytest.mark.parametrize("delimiter", [";", "\t"])
async def test_other_delimiters_are_found_by_the_header(db: Database, shop: Shop, delimiter: str) -> None:
    text = "Handle,Title,Variant Price\nsac,Sac,45.00\nsac-2,Sac 2,46.00\n".replace(",", delimiter)
    assert (await load(db, shop, text)).products_created == 2


async def test_the_newer_header_is_read_too(db: Database, shop: Shop) -> None:
    text = (
        "Title,URL handle,Description,Status,SKU,Option1 name,Option1 value,Price,Compare-at price,"
        "Inventory tracker,Inventory quantity,Product image URL,Requires shipping\n"
        "Sac,sac,Cuir,Active,S-1,Taille,U,45.00,50.00,shopify,3,https://example.com/sac.jpg,FALSE\n"
        ",sac,,,S-2,,V,45.00,,shopify,3,,\n"
    )
    run = await load(db, shop, text)
    sac = (await catalog(db, shop))["sac"]
    assert (run.rows_refused, sac.variants[0].available, sac.variants[0].prices[0].compare_at) == (0, 3, 5000)
    assert [each.requires_shipping for each in sac.variants] == [False, True]


async def test_the_same_file_again_changes_nothing(db: Database, shop: Shop) -> None:
    await load(db, shop, f"{HEAD}\n{ROBE}{SAC}")
    before = await catalog(db, shop)
    run = await load(db, shop, f"{HEAD}\n{ROBE}{SAC}")
    assert (run.products_created, run.products_changed, run.products_unchanged) == (0, 0, 2)
    assert (run.variants_created, run.variants_changed) == (0, 0)
    assert await catalog(db, shop) == before


async def test_a_file_that_brings_stock_down_to_the_threshold_tells_so_once(db: Database, shop: Shop) -> None:
    async with db.transaction() as session:
        (await shops.get(session, shop.id)).low_stock_at = 4
    shop.low_stock_at = 4
    await load(db, shop, f"{HEAD}\n{ROBE}")
    for count in ("4", "3"):
        await load(db, shop, f"{HEAD}\n{ROBE.replace(',12,', f',{count},')}")
    async with db.read() as session:
        told = (await session.exec(select(EventRecord.payload).where(EventRecord.kind == "stock.low"))).all()
    assert [(each["sku"], each["available"], each["threshold"]) for each in told] == [("R-S", 4, 4)]


async def test_a_changed_file_changes_what_it_says(db: Database, shop: Shop) -> None:
    await load(db, shop, f"{HEAD}\n{ROBE}{SAC}")
    before = (await catalog(db, shop))["robe"]
    text = ROBE.replace("Robe d’été", "Robe Azur").replace("79.00,99.00", "69.00,99.00").replace(",12,", ",4,")
    text += "robe,,,,,,,,L,,Bleu,R-L,350,shopify,2,deny,79.00,,,,,,\n"
    run = await load(db, shop, f"{HEAD}\n{text}{SAC}")
    assert (run.products_changed, run.products_unchanged, run.variants_created, run.variants_changed) == (1, 1, 1, 1)
    robe = (await catalog(db, shop))["robe"]
    assert (robe.id, robe.title) == (before.id, "Robe Azur")
    assert [(v.title, v.available, v.prices[0].amount) for v in robe.variants] == [
        ("S / Bleu", 4, 6900),
        ("M / Bleu", 0, 7900),
        ("L / Bleu", 2, 7900),
    ]
    async with db.read() as session:
        moves, _ = await stock.movements_page(session, shop, robe.variants[0].id, 9, None)
    assert (moves[0].delta, moves[0].available, moves[0].reason, moves[0].reference) == (-8, 4, "imported", run.id)


async def test_a_variant_is_known_by_its_sku_when_its_values_change(db: Database, shop: Shop) -> None:
    await load(db, shop, f"{HEAD}\n{ROBE}")
    await load(db, shop, f"{HEAD}\n{ROBE.replace('Bleu', 'Azur')}")
    assert [v.title for v in (await catalog(db, shop))["robe"].variants] == ["S / Azur", "M / Azur"]


async def test_a_renamed_product_is_still_known_by_its_handle(db: Database, shop: Shop) -> None:
    await load(db, shop, f"{HEAD}\n{SAC}")
    async with db.transaction() as session:
        sac = await products.by_slug(session, shop, "sac")
        await products.change(session, shop, sac.id, ProductChange(slug="besace"), None)
    run = await load(db, shop, f"{HEAD}\n{SAC}")
    assert (run.products_created, list(await catalog(db, shop))) == (0, ["besace"])


async def test_a_product_made_by_hand_is_taken_over_by_its_slug(db: Database, shop: Shop) -> None:
    async with db.transaction() as session:
        await products.create(session, shop, ProductCreate(title="Sac", variants=[VariantCreate(available=7)]))
    run = await load(db, shop, f"{HEAD}\n{SAC}")
    assert (run.products_created, run.products_changed, run.variants_created) == (0, 1, 0)


async def test_handles_that_look_alike_stay_two_products(db: Database, shop: Shop) -> None:
    text = row(Handle="Été", Title="A", Variant_Price="1") + row(Handle="ete", Title="B", Variant_Price="1")
    for _ in range(2):
        await load(db, shop, f"{HEAD}\n{text}")
    assert {slug: each.title for slug, each in (await catalog(db, shop)).items()} == {"ete": "A", "ete-2": "B"}


BAD = [
    (row(Title="Sans", Variant_Price="1"), (2, "Handle", "bad-handle", "error")),
    (row(Handle="x", Title="X"), (2, "Variant Price", "price-missing", "error")),
    (row(Handle="x", Title="X", Variant_Price="abc"), (2, "Variant Price", "bad-price", "error")),
    (row(Handle="x", Title="X", Variant_Price="1.999"), (2, "Variant Price", "bad-price", "error")),
    (row(Handle="x", Title="X", Variant_Price="1e3"), (2, "Variant Price", "bad-price", "error")),
    (row(Handle="x", Title="X", Variant_Price="-5"), (2, "Variant Price", "bad-price", "error")),
    (row(Handle="x", Title="X", Variant_Price="9" * 11), (2, "Variant Price", "bad-price", "error")),
    (row(Handle="x", Title="X" * 201, Variant_Price="1"), (2, "Title", "too-long", "error")),
    (row(Handle="x", Variant_Price="1"), (2, "Title", "title-missing", "error")),
    (row(Handle="x", Title="X", Variant_Price="1", Status="sold"), (2, "Status", "bad-status", "error")),
    (row(Handle="x", Title="X\x07", Variant_Price="1"), (2, "Title", "bad-text", "error")),
    (row(Handle="x", Title="X\u202e", Variant_Price="1"), (2, "Title", "bad-text", "error")),
    (
        row(Handle="x", Title="X", Variant_Price="1", Option1_Name="Size"),
        (2, "Option1 Value", "value-missing", "error"),
    ),
    ("x,X,too,many" + ",cells" * 30 + "\n", (2, "", "too-many-cells", "error")),
    (row(Handle="x", Title="X", Variant_Price="1", Variant_SKU="R-S"), (2, "Variant SKU", "sku-taken", "error")),
]


@pytest.mark.parametrize(("bad", "expected"), BAD, ids=[each[1][2] + str(number) for number, each in enumerate(BAD)])
async def test_a_bad_row_is_named_and_the_others_go_in(
    db: Database, shop: Shop, bad: str, expected: tuple[int, str, str, str]
) -> None:
    await load(db, shop, f"{HEAD}\n{ROBE}")
    run = await load(db, shop, f"{HEAD}\n{bad}{SAC}")
    assert await problems(db, shop, run) == [expected]
    assert (run.rows_refused, run.products_created) == (1, 1)
    assert set(await catalog(db, shop)) == {"robe", "sac"}


WARNED = [
    ({"Variant_Compare_At_Price": "0.50"}, "Variant Compare At Price", "compare-at-too-low"),
    ({"Variant_Compare_At_Price": "n/a"}, "Variant Compare At Price", "bad-price"),
    (
        {"Variant_Inventory_Qty": "-3", "Variant_Inventory_Tracker": "shopify"},
        "Variant Inventory Qty",
        "negative-stock",
    ),
    ({"Variant_Inventory_Qty": "many"}, "Variant Inventory Qty", "bad-number"),
    ({"Variant_Barcode": "123"}, "Variant Barcode", "bad-value"),
    ({"Variant_SKU": "A B"}, "Variant SKU", "bad-value"),
    ({"Body_HTML": "a" * 5001}, "Body (HTML)", "too-long"),
    ({"Tags": "t" * 61}, "Tags", "too-long"),
]


@pytest.mark.parametrize(("cells", "column", "rule"), WARNED, ids=[each[2] + each[1] for each in WARNED])
async def test_a_bad_extra_costs_only_itself(
    db: Database, shop: Shop, cells: dict[str, str], column: str, rule: str
) -> None:
    run = await load(db, shop, HEAD + "\n" + row(Handle="x", Title="X", Variant_Price="1", **cells))
    assert await problems(db, shop, run) == [(2, column, rule, "warning")]
    assert (run.products_created, run.rows_refused, run.warnings) == (1, 0, 1)


async def test_lines_are_those_of_the_file_after_quoted_line_breaks(db: Database, shop: Shop) -> None:
    run = await load(db, shop, f"{HEAD}\n{ROBE}\n{row(Handle='x', Title='X', Variant_Price='?')}")
    assert await problems(db, shop, run) == [(7, "Variant Price", "bad-price", "error")]


async def test_a_byte_that_is_no_text_costs_its_row_only(db: Database, shop: Shop) -> None:
    text = f"{HEAD}\n{row(Handle='x', Title='X?', Variant_Price='1')}{SAC}".encode().replace(b"X?", b"X\xff")
    run = await load(db, shop, text)
    assert await problems(db, shop, run) == [(2, "Title", "bad-text", "error")]
    assert list(await catalog(db, shop)) == ["sac"]


async def test_rows_of_a_refused_product_are_all_accounted_for(db: Database, shop: Shop) -> None:
    text = row(Handle="x", Title="X" * 300, Variant_Price="1") + row(Handle="x", Variant_Price="2") * 2
    run = await load(db, shop, f"{HEAD}\n{text}{SAC}")
    assert [each[2] for each in await problems(db, shop, run)] == ["too-long", "product-refused", "product-refused"]
    assert (run.rows_read, run.rows_refused, run.products_created) == (4, 3, 1)


async def test_one_variant_twice_goes_in_once(db: Database, shop: Shop) -> None:
    text = row(Handle="x", Title="X", Variant_Price="1", Option1_Name="Size", Option1_Value="S")
    run = await load(db, shop, HEAD + "\n" + text + row(Handle="x", Variant_Price="2", Option1_Value="S"))
    assert await problems(db, shop, run) == [(3, "Option1 Value", "variant-twice", "error")]
    assert [v.prices[0].amount for v in (await catalog(db, shop))["x"].variants] == [100]


async def test_the_hundred_and_first_variant_is_reported(db: Database, shop: Shop) -> None:
    text = "".join(
        row(Handle="x", Title="" if n else "X", Variant_Price="1", Option1_Name="" if n else "N", Option1_Value=str(n))
        for n in range(102)
    )
    run = await load(db, shop, f"{HEAD}\n{text}")
    assert (run.variants_created, [each[2] for each in await problems(db, shop, run)]) == (
        100,
        ["too-many-variants"] * 2,
    )


async def test_a_formula_stays_text(db: Database, shop: Shop) -> None:
    await load(db, shop, HEAD + "\n" + row(Handle="x", Title='=HYPERLINK("http://evil")', Variant_Price="1"))
    assert (await catalog(db, shop))["x"].title == '=HYPERLINK("http://evil")'


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", ColumnsMissing),
        (b"a,b,c\n1,2,3\n", ColumnsMissing),
        (b"PK\x03\x04\x00\x00\x00\x08\x00\x00!\x00", NotText),
        (b"Handle,Title,Variant Price\n" + b"x,X,1\n" * 100_001, TooLarge),
        (b"Handle,Title,Variant Price\n" + b"x" * (20 * 2**20), TooLarge),
    ],
    ids=["empty", "other columns", "zip", "rows", "bytes"],
)
async def test_a_file_that_is_no_such_file_is_refused_whole(
    db: Database, shop: Shop, content: bytes, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        await load(db, shop, content)
    assert await catalog(db, shop) == {}


async def test_an_unknown_format_names_the_known_ones(db: Database, shop: Shop) -> None:
    with pytest.raises(UnknownImportFormat) as refusal:
        await runs.run(db, shop, "lotus", io.BytesIO(b""))
    assert "shopify" in str(refusal.value.facts["known"])


async def test_prices_are_read_in_the_shops_currency(db: Database) -> None:
    async with db.transaction() as session:
        tokyo = await shops.create(session, "Tokyo", "JPY")
    run = await load(db, tokyo, f"{HEAD}\n{ROBE}{row(Handle='x', Title='X', Variant_Price='79.50')}")
    assert [each[2] for each in await problems(db, tokyo, run)] == ["bad-price"]
    assert (await catalog(db, tokyo))["robe"].variants[0].prices[0].amount == 79


async def test_another_shops_import_answers_like_an_unknown_one(db: Database, shop: Shop) -> None:
    run = await load(db, shop, f"{HEAD}\n{SAC}")
    async with db.transaction() as session:
        stranger = await shops.create(session, "Autre", "EUR")
        for import_id in (run.id, "imp_00000000000000000000000000"):
            with pytest.raises(NotFound):
                await runs.get(session, stranger, import_id)
            with pytest.raises(NotFound):
                await runs.rows_page(session, stranger, import_id, 10, None)


async def test_promised_pictures_are_attached_when_they_are_found(db: Database, shop: Shop) -> None:
    await load(db, shop, f"{HEAD}\n{ROBE}")
    async with db.transaction() as session:
        known = {source: await asset(session, shop) for source in ("pictures/dos.jpg", "pictures/robe.jpg")}
    asked: list[str] = []

    async def resolve(source: str) -> str | None:
        asked.append(source)
        return known.get(source)

    attached = await pictures.attach(db, shop, resolve)
    assert (attached.found, attached.missing) == (2, ("pictures/detail.jpg",))
    robe = (await catalog(db, shop))["robe"]
    assert [(p.asset_id, p.alt_text) for p in robe.pictures] == [
        (known["pictures/robe.jpg"], "La robe"),
        (known["pictures/dos.jpg"], "Le dos"),
    ]
    await load(db, shop, f"{HEAD}\n{ROBE}")
    await pictures.attach(db, shop, resolve)
    assert asked.count("pictures/robe.jpg") == 1
    assert (await catalog(db, shop))["robe"].pictures == robe.pictures


async def test_five_thousand_rows_go_in_within_seconds(db: Database, shop: Shop) -> None:
    lines = []
    for number in range(2500):
        lines.append(
            row(
                Handle=f"robe-{number}", Title=f"Robe {number}", Body_HTML="<p>Lin &amp; coton.</p>", Tags="a,b,c",
                Option1_Name="Size", Option1_Value="S", Variant_SKU=f"R-{number}-S", Variant_Price="19.90",
                Variant_Inventory_Tracker="shopify", Variant_Inventory_Qty="3", Image_Src=f"pictures/{number}.jpg",
            )
        )  # fmt: skip
        lines.append(
            row(Handle=f"robe-{number}", Option1_Value="M", Variant_SKU=f"R-{number}-M", Variant_Price="19.90")
        )
    began = clock.monotonic()
    run = await load(db, shop, HEAD + "\n" + "".join(lines))
    assert (run.rows_read, run.products_created, run.variants_created) == (5000, 2500, 5000)
    assert clock.monotonic() - began < 30, "a busy machine included; 2 seconds on an idle one"


def test_every_importer_says_where_its_format_is_described() -> None:
    assert [each.slug for each in importers()] == ["shopify"]
    assert all(each.source.startswith("https://") and each.checked for each in importers())


async def test_a_file_of_many_empty_lines_keeps_nobody_waiting(db: Database, shop: Shop) -> None:
    content = HEAD.encode() + b"\n" * 4_000_000 + SAC.encode()
    running = asyncio.create_task(load(db, shop, content))
    began, longest = clock.monotonic(), 0.0
    while not running.done():
        await asyncio.wait({running}, timeout=0.01)
        now = clock.monotonic()
        longest, began = max(longest, now - began), now
    assert (await running).products_created == 1
    assert longest < 0.5
