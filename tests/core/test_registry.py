"""Open families: a new member is one new file."""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from core import registry


@pytest.fixture
def family(tmp_path: Path) -> Iterator[ModuleType]:
    """A package with two members and a module that they share."""
    package = ModuleType("family_of_tests")
    package.__path__ = [str(tmp_path)]
    sys.modules[package.__name__] = package
    (tmp_path / "zebra.py").write_text("MEMBER = 'z'\n")
    (tmp_path / "ant.py").write_text("MEMBER = 'a'\n")
    (tmp_path / "shared_parts.py").write_text("OTHER = 1\n")
    yield package
    for name in [name for name in sys.modules if name.startswith(package.__name__)]:
        del sys.modules[name]


def test_members_come_in_the_order_of_their_modules(family: ModuleType) -> None:
    assert registry.gather(family, "MEMBER", str) == ("a", "z")


def test_a_member_of_another_kind_is_a_mistake_that_names_its_module(family: ModuleType) -> None:
    with pytest.raises(TypeError, match=r"family_of_tests\.ant\.MEMBER is no int"):
        registry.gather(family, "MEMBER", int)


def test_a_family_may_be_empty(family: ModuleType) -> None:
    assert registry.gather(family, "NOBODY", str) == ()
