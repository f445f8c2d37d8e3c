"""Tests are sentences about behaviour: they assert, they wait for nothing, they replace nothing of ours."""

import ast
from collections.abc import Collection, Iterator
from typing import TypeAlias

import pytest

from tests.house.source import ROOT, called, calls, modules, nodes
from tests.mutants.changes import MUTANTS

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
ASSERTING_CALLS = ("pytest.raises", "pytest.warns", "pytest.fail", "raises")
SLEEPS = ("time.sleep", "asyncio.sleep", "anyio.sleep")


def asserts(function: ast.AST, helpers: Collection[str] = ()) -> bool:
    """Whether there is an assert, a `pytest.raises`, or a call of a helper that asserts or is named for asserting."""
    if any(isinstance(node, ast.Assert) for node in ast.walk(function)):
        return True
    names = [name for _, name in calls(function)]
    return any(
        name in ASSERTING_CALLS or name in helpers or name.rpartition(".")[2].startswith(("assert_", "expect"))
        for name in names
    )


def idle_tests(tree: ast.Module) -> Iterator[Function]:
    """The tests of a module that assert nothing, not even through a helper beside them."""
    functions = [node for node in nodes(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    helpers = {each.name for each in functions if not each.name.startswith("test_") and asserts(each)}
    for each in functions:
        if each.name.startswith("test_") and not asserts(each, helpers):
            yield each


def test_every_test_asserts() -> None:
    assert [f"{m.at(each)} {each.name}" for m in modules(tests=True) for each in idle_tests(m.tree)] == []


def test_no_test_sleeps() -> None:
    tests = [m for m in modules(tests=True) if m.path.rpartition("/")[2].startswith(("test_", "conftest"))]
    found = [f"{m.at(call)} {name}" for m in tests for call, name in calls(m.tree) if name in SLEEPS]
    assert found == [], "time is an argument; for another process, wait on its answer"


def replaces(node: ast.AST) -> bool:
    """Whether a node brings in a mock, or sets an attribute behind its owner's back.

    Lengthening a package's `__path__` is fine: that is how a test adds a member to an open family.
    """
    if isinstance(node, ast.ImportFrom):
        module = node.module or ""
        names = {alias.name for alias in node.names}
        return module.startswith(("unittest.mock", "pytest_mock")) or (module == "unittest" and "mock" in names)
    if isinstance(node, ast.Call) and called(node) == "monkeypatch.setattr":
        return not any(isinstance(each, ast.Constant) and each.value == "__path__" for each in node.args)
    return False


def test_no_test_replaces_our_own_code() -> None:
    assert [m.at(node) for m in modules(tests=True) for node in nodes(m.tree) if replaces(node)] == []


def test_every_known_bug_can_still_be_put_in() -> None:
    changes = {change for mutant in MUTANTS for change in mutant.changes}
    lost = [each for each in changes if (ROOT / each.path).read_text().count(each.before) != 1]
    assert lost == [], "the code has changed: say the same bug in today's words"


@pytest.mark.parametrize(
    ("source", "idle"),
    [
        ("def test_a():\n    x = 1", 1),
        ("def test_a():\n    assert 1", 0),
        ("def test_a():\n    with pytest.raises(ValueError):\n        f()", 0),
        ("async def test_a():\n    await expect_problem(client, 'gone')", 0),
        ("def check(x):\n    assert x\ndef test_a():\n    check(1)", 0),
        ("def check(x):\n    return x\ndef test_a():\n    check(1)", 1),
    ],
)
def test_the_rule_itself_sees_the_difference(source: str, idle: int) -> None:
    assert len(list(idle_tests(ast.parse(source)))) == idle
