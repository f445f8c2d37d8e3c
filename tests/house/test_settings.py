"""The page for operators names every setting there is, with its default."""

import re

from core.settings import PREFIX, Settings
from tests.house.source import ROOT

ROW = re.compile(r"^\| `(?P<name>VITRINE_[A-Z0-9_]+)` \| (?P<default>.*?) \| (?P<words>.+) \|$", re.MULTILINE)
SERVICES = ROOT / "docs" / "production"


def default(name: str) -> str:
    """A setting's default as the table writes it."""
    value = Settings.model_fields[name].default
    if name == "secret_keys":
        return "a development key"
    if isinstance(value, tuple):
        value = ",".join(value)
    return "" if value in (None, "") else f"`{value:g}`" if isinstance(value, float) else f"`{value}`"


def test_the_table_of_settings_is_the_settings() -> None:
    found = {row["name"]: row["default"] for row in ROW.finditer((ROOT / "docs" / "production.md").read_text())}
    assert found == {f"{PREFIX}{name.upper()}": default(name) for name in Settings.model_fields}


def test_the_example_of_an_environment_names_settings_only() -> None:
    text = (SERVICES / "vitrine.env").read_text()
    units = "".join(path.read_text() for path in SERVICES.glob("*.service"))
    named = set(re.findall(r"^#?VITRINE_([A-Z0-9_]+)=", text, re.MULTILINE)) | set(
        re.findall(r"VITRINE_([A-Z0-9_]+)=", units)
    )
    assert named, "there are some"
    assert {name.lower() for name in named} <= set(Settings.model_fields)
