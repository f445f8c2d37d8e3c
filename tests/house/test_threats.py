"""The pages of threats, of trust and of links name tests that exist."""

import re

from tests.house.source import ROOT, modules

PAGES = [ROOT / "docs" / name for name in ("threats.md", "links.md")]


def test_every_test_that_a_page_names_exists() -> None:
    named = {name for page in PAGES for name in re.findall(r"`(test_\w+)`", page.read_text())}
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
