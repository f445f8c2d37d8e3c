"""Tests are sentences about behaviour: they assert, they wait for nothing, they replace nothing of ours."""

import ast

import pytest

from tests.house.source import called, calls, modules

ASSERTING_CALLS = ("pytest.raises", "pytest.warns", "pytest.fail", "raises")
SLEEPS = ("time.sleep", "asyncio.sleep", "anyio.sleep")


def asserts(function: ast.AST) -> bool:
    """Whether there is an assert, a `pytest.raises`, or a call of a helper that is named for asserting."""
    if any(isinstance(node, ast.Assert) for node in ast.walk(function)):
        return True
    names = [name for _, name in calls(function)]
    return any(n in ASSERTING_CALLS or n.rpartition(".")[2].startswith(("assert_", "expect")) for n in names)


def test_every_test_asserts() -> None:
    found = [
        f"{module.at(node)} {node.name}"
        for module in modules(tests=True)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and not asserts(node)
    ]
    assert found == []


def test_no_test_sleeps() -> None:
    found = [f"{m.at(call)} {name}" for m in modules(tests=True) for call, name in calls(m.tree) if name in SLEEPS]
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
    assert [m.at(node) for m in modules(tests=True) for node in ast.walk(m.tree) if replaces(node)] == []


@pytest.mark.parametrize(
    ("source", "verdict"),
    [
        ("def test_a():\n    x = 1", False),
        ("def test_a():\n    assert 1", True),
        ("def test_a():\n    with pytest.raises(ValueError):\n        f()", True),
        ("async def test_a():\n    await expect_problem(client, 'gone')", True),
    ],
)
def test_the_rule_itself_sees_the_difference(source: str, verdict: bool) -> None:
    assert asserts(ast.parse(source)) is verdict
