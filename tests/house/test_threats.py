"""The page of threats names tests that exist."""

import re

from tests.house.source import ROOT, modules

PAGE = ROOT / "docs" / "threats.md"


def test_every_test_that_the_page_of_threats_names_exists() -> None:
    named = set(re.findall(r"`(test_\w+)`", PAGE.read_text()))
    known = {name for module in modules(tests=True) for name in re.findall(r"def (test_\w+)", module.text)}
    assert len(named) > 50
    assert sorted(named - known) == []
