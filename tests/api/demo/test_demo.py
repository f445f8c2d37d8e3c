"""`vitrine demo` with a merchant's own files, from the command line to the table at its end."""

import re
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from api.demo.stock import offered
from tests.api.cli.processes import environment, vitrine

CSV = """Handle,Title,Body (HTML),Tags,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Tracker,\
Variant Inventory Qty,Variant Inventory Policy,Variant Price,Variant Compare At Price,Image Src,Status
bol-lagon,Bol Lagon,<p>Grès.</p>,grès,Couleur,Lagon,BOL-1,shopify,0,deny,24.00,,https://cdn.example/Bol.jpg?v=1,active
bol-lagon,,,,,Ocre,BOL-2,shopify,5,deny,26.00,30.00,,
cabas,Cabas,<p>Cuir.</p>,cuir,Title,Default Title,CABAS,shopify,3,deny,185.00,,pictures/cabas.jpg,active
perdu,Perdu,<p>?</p>,,Title,Default Title,PERDU,shopify,3,deny,10.00,,pictures/nowhere.jpg,active
faux,Faux,<p>?</p>,,Title,Default Title,FAUX,shopify,3,deny,cheap,,pictures/cabas.jpg,active
"""


def picture(path: Path, colour: str) -> None:
    """A small picture with something in its middle."""
    image = Image.new("RGB", (480, 600), "#e8e0d4")
    ImageDraw.Draw(image).ellipse((120, 180, 360, 460), fill=colour)
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A merchant's folder."""
    folder = tmp_path / "shop"
    picture(folder / "pictures" / "cabas.jpg", "#9e5c36")
    picture(folder / "elsewhere" / "bol.jpg", "#5c747a")
    (folder / "products.csv").write_text(CSV)
    return folder


def test_a_merchants_own_files_become_posts_taps_and_paid_orders(files: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    told = vitrine(
        *("demo", "--catalog", str(files / "products.csv"), "--pictures", str(files), "--out", str(out)),
        env=environment(COLUMNS="200"),
    )
    assert told.returncode == 0, told.stdout + told.stderr
    lines = [re.findall(r"[^│┃]+", line) for line in told.stdout.splitlines() if line.startswith("│")]
    rows = [[cell.strip() for cell in line] for line in lines]
    # The bowl's first variant is sold out, so the second one is bought.
    assert rows == [
        ["Bol Lagon", "Instagram", "1", "1", "26,00\xa0€"],
        ["Cabas", "Pinterest", "1", "1", "185,00\xa0€"],
    ]
    assert "Perdu: no picture 'pictures/nowhere.jpg' was found." in told.stdout
    assert "products.csv:6 Variant Price" in told.stdout
    for network in ("instagram", "pinterest"):
        folder = out / "posts" / network
        assert {path.name for path in folder.iterdir()} == {
            "alt-text.txt", "caption.txt", "kit.json", "picture-tags.jpg", "picture.jpg",
        }  # fmt: skip
        with Image.open(folder / "picture.jpg") as plain, Image.open(folder / "picture-tags.jpg") as tagged:
            assert plain.size == tagged.size
            assert plain.tobytes() != tagged.tobytes()
    page = (out / "index.html").read_text()
    named = {name for name in re.findall(r'(?:src|href)="([^"#]+)"', page) if not name.startswith("http")}
    assert len([name for name in named if name.startswith("visuals/")]) >= 16
    assert [name for name in named if not (out / name).exists()] == []


def test_a_folder_that_no_demo_wrote_is_left_alone(tmp_path: Path) -> None:
    precious = tmp_path / "out" / "precious.txt"
    precious.parent.mkdir()
    precious.write_text("mine")
    told = vitrine("demo", "--out", str(precious.parent))
    assert told.returncode == 1
    assert "no demo wrote" in told.stderr
    assert precious.read_text() == "mine"


def test_a_file_of_which_nothing_can_be_shown_is_refused_in_one_sentence(files: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    lonely = empty / "products.csv"
    lonely.write_text(CSV)
    told = vitrine("demo", "--catalog", str(lonely), "--pictures", str(empty), "--out", str(tmp_path / "out"))
    assert told.returncode == 1
    assert "has both a picture" in told.stderr
    assert "Traceback" not in told.stderr


def test_what_is_sold_out_or_has_no_price_in_the_currency_is_not_offered() -> None:
    from tests.api.demo.making import product

    assert offered(product([("a", 0, True, "EUR")]), "EUR") is None
    assert offered(product([("a", 5, True, "USD")]), "EUR") is None
    found = offered(product([("a", 0, True, "EUR"), ("b", 0, False, "EUR")]), "EUR")
    assert found is not None
    assert found[0].title == "b"
