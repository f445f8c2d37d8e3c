"""`vitrine gallery`: the sheets that docs/gallery shows are the ones that the command makes."""

import re
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from api.demo.gallery_scenes import EXHIBITS, SCRIPTS
from media.looks import layout
from tests.api.cli.processes import vitrine

GALLERY = Path(__file__).parents[3] / "docs" / "gallery"
LARGEST = 3_000_000  # Bytes of the folder, which everybody clones.
_SHOWN = re.compile(r"!\[([^\]]*)\]\(([^)]*)\)")


def test_the_page_shows_every_look_says_what_it_is_for_and_names_every_script() -> None:
    page = (GALLERY / "README.md").read_text()
    shown = {file: name for name, file in _SHOWN.findall(page)}
    assert shown == {f"{each.slug}.webp": each.name for each in layout.templates()} | {"scripts.webp": "Scripts"}
    assert set(EXHIBITS) == {each.slug for each in layout.templates()}
    assert [each.purpose for each in EXHIBITS.values() if each.purpose not in page] == []
    assert [script for script in SCRIPTS if script not in page] == []
    assert {each.name for each in GALLERY.iterdir()} == {"README.md", *shown}
    assert sum(each.stat().st_size for each in GALLERY.iterdir()) < LARGEST


@pytest.mark.timeout(300)
def test_the_command_makes_what_the_page_shows_the_same_each_time(tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "other"]
    for out in folders:
        told = vitrine("gallery", "--out", str(out), "--format", "square", "--format", "story", seconds=140)
        assert told.returncode == 0, told.stderr
        assert told.stdout.strip() == str(out / "README.md")
    one, other = ({each.name: each.read_bytes() for each in out.iterdir()} for out in folders)
    assert one == other
    assert set(one) == {each.name for each in GALLERY.iterdir()}
    page, committed = one.pop("README.md").decode(), (GALLERY / "README.md").read_text()
    assert page.replace("in 2 formats", "") == committed.replace("in 18 formats", "")
    # Other processors may round otherwise, but what is shown is what is drawn today.
    with Image.open(GALLERY / "scripts.webp") as then, Image.open(folders[0] / "scripts.webp") as now:
        assert then.size == now.size
        apart = ImageStat.Stat(ImageChops.difference(then.convert("RGB").reduce(4), now.convert("RGB").reduce(4)))
        assert max(apart.mean) < 0.5
    for name in one:
        with Image.open(folders[0] / name) as sheet:
            assert (sheet.format, sheet.width) == ("WEBP", 1600)


def test_a_folder_with_anything_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Do not lose me.")
    told = vitrine("gallery", "--out", str(tmp_path), "--format", "square")
    assert told.returncode == 1
    assert "name another folder with --out" in told.stderr
    assert [each.name for each in tmp_path.iterdir()] == ["letter.txt"]


def test_the_formats_are_named_where_one_is_unknown(tmp_path: Path) -> None:
    told = vitrine("gallery", "--out", str(tmp_path / "gallery"), "--format", "tiktok")
    assert told.returncode == 2
    assert "'tiktok' is none of square, portrait" in told.stderr
    assert not (tmp_path / "gallery").exists()
