"""The demo's parts: reading forms as a browser without scripts does, finding pictures, drawing tags."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from api.demo.buyer import Forms
from api.demo.files import Shelf
from media.studio.marks import Mark, marked

PAGE = """
<form method="get" action="/search"><input name="q"></form>
<form method="post">
<input type="hidden" name="page" value="nonce">
<input type="radio" name="variant" value="a" disabled><input type="radio" name="variant" value="b">
<input type="radio" name="variant" value="c">
<select name="quantity"><option>1</option><option selected>2</option></select>
<select name="country"><option value="BE">Belgium</option><option value="FR">France</option></select>
<input type="checkbox" name="news"><input type="checkbox" name="terms" checked value="yes">
<button name="pay" value="1">Buy</button>
</form>
"""


def test_a_form_is_filled_in_as_the_page_suggests() -> None:
    search, buy = Forms(PAGE).found
    assert (search.action, search.method, search.fields) == ("/search", "get", {"q": ""})
    assert (buy.action, buy.method) == ("", "post")
    assert buy.fields == {"page": "nonce", "variant": "b", "quantity": "2", "country": "BE", "terms": "yes"}


def test_a_checked_radio_wins_over_the_first() -> None:
    (form,) = Forms("<form><input type=radio name=v value=a><input type=radio name=v value=b checked></form>").found
    assert form.fields == {"v": "b"}


@pytest.mark.parametrize(
    ("source", "handle", "found"),
    [
        ("pictures/one.jpg", "x", "pictures/one.jpg"),
        ("/pictures/one.jpg", "x", "pictures/one.jpg"),
        ("https://cdn.example/files/ONE.JPG?v=123", "x", "pictures/one.jpg"),
        ("https://cdn.example/files/two%20b.png", "x", "deep/two b.png"),
        ("gone.webp", "one", "pictures/one.jpg"),
        ("../secret.jpg", "x", None),
        ("../../etc/passwd", "x", None),
        ("gone.jpg", "x", None),
    ],
)
def test_pictures_are_found_by_path_then_by_name_and_only_inside(
    tmp_path: Path, source: str, handle: str, found: str | None
) -> None:
    folder = tmp_path / "shop"
    for name in ("pictures/one.jpg", "deep/two b.png"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    (tmp_path / "secret.jpg").touch()
    assert Shelf(folder).find(source, handle) == (folder.resolve() / found if found else None)


@pytest.mark.parametrize(("x", "y"), [(0.5, 0.5), (0.0, 0.0), (1.0, 1.0), (0.99, 0.02)])
def test_a_tag_is_drawn_at_its_point_and_its_label_stays_in_the_picture(x: float, y: float) -> None:
    file = BytesIO()
    Image.new("RGB", (1080, 1350), "#777").save(file, "JPEG", quality=95)
    drawn = Image.open(BytesIO(marked(file.getvalue(), [Mark(x, y, "Bougie Figuier")])))
    assert drawn.size == (1080, 1350)
    changed = ImageChops.difference(drawn.convert("L"), Image.new("L", drawn.size, 0x77)).point(
        lambda v: 255 * (v > 24)
    )
    box = changed.getbbox()
    assert box is not None
    assert box[0] - 2 <= min(x * 1080, 1079) <= box[2] + 2
    assert box[1] - 2 <= min(y * 1350, 1349) <= box[3] + 2
    assert box[2] - box[0] > 150, "the label is there"
