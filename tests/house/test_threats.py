"""The pages of threats and of trust name tests that exist."""

import re

from tests.house.source import ROOT, modules

PAGE = ROOT / "docs" / "threats.md"


def test_every_test_that_the_page_of_threats_names_exists() -> None:
    named = set(re.findall(r"`(test_\w+)`", PAGE.read_text()))
    known = {name for module in modules(tests=True) for name in re.findall(r"def (test_\w+)", module.text)}
    assert len(named) > 50
    assert sorted(named - known) == []


def test_the_commands_of_the_page_of_trust_find_tests() -> None:
    page = (ROOT / "docs" / "trust.md").read_text()
    for path in set(re.findall(r"(tests/[\w/]+\.py)", page)):
        assert (ROOT / path).is_file(), path
    known = [name for module in modules(tests=True) for name in re.findall(r"def (test_\w+)", module.text)]
    for words in re.findall(r'-k "([^"]+)"', page):
        for word in words.split(" or "):
            assert any(word in name for name in known), word
