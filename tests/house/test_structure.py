"""Sizes, names and the few things that only one module may do."""

import ast
import re

import pytest

from tests.house.source import ROOMS, ROOT, Module, calls, files, modules, nodes, texts

LINES_OF_A_MODULE = 400
LINES_OF_A_FUNCTION = 60
DRAWERS = {"base", "common", "helpers", "lib", "manager", "managers", "misc", "shared", "stuff", "util", "utils"}
# Core is the likeliest junk drawer: a new file here is a decision, not a convenience.
CORE = {
    "__init__", "clock", "db", "errors", "events", "failpoints", "idempotency", "ids", "jobs", "keys", "legal", "logs",
    "memory", "migrations", "money", "outbound", "registry", "secrets", "session", "settings", "shops",
    "sqlite_driver", "statements", "tables", "traces", "webhooks", "wire",
}  # fmt: skip
CLOCKS = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns", "func.now"}
NO_STRING_ANNOTATIONS = re.compile(r"(^|/)(models|schemas)\.py$|^api/routes/")
# alembic writes those, one table after the other.
WRITTEN_BY_A_PROGRAM = "core/migrations/versions/"
SILENCED = re.compile(
    r"#\s*(noqa|type:\s*ignore|pragma:\s*no cover)(?P<code>[:\[][A-Za-z0-9, \-\[\]]*)?(?P<reason>.*)$"
)


def test_modules_stay_short() -> None:
    long = {m.path: n for m in _all() if (n := m.text.count("\n")) > LINES_OF_A_MODULE}
    assert not long, f"more than {LINES_OF_A_MODULE} lines"


def test_functions_stay_short() -> None:
    long = {
        f"{module.at(node)} {node.name}": lines
        for module in _all()
        for node in nodes(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > LINES_OF_A_FUNCTION
    }
    assert not long, f"more than {LINES_OF_A_FUNCTION} lines"


def test_there_is_no_drawer_for_everything() -> None:
    parts = [(path, part.removesuffix(".py")) for path in files() if path.endswith(".py") for part in path.split("/")]
    assert [path for path, part in parts if part in DRAWERS] == []


def test_the_list_of_cores_files_is_closed() -> None:
    found = {path.split("/")[1].removesuffix(".py") for path in files() if path.startswith("core/")}
    assert found <= CORE, "a new file in core is a decision: add it to the list above and say why in the commit"


def test_only_core_db_commits() -> None:
    found = [m.at(call) for m in modules() for call, name in calls(m.tree) if name.endswith(".commit")]
    assert [place for place in found if not place.startswith("core/db.py:")] == []


def test_only_core_clock_reads_the_clock() -> None:
    found = [
        f"{m.at(call)} {name}"
        for m in modules()
        if m.path != "core/clock.py"
        for call, name in calls(m.tree)
        if ".".join(name.split(".")[-2:]) in CLOCKS
    ]
    assert found == []


def test_models_schemas_and_routes_keep_real_annotations() -> None:
    found = [
        module.path
        for module in modules()
        if NO_STRING_ANNOTATIONS.search(module.path)
        for node in module.tree.body
        if isinstance(node, ast.ImportFrom) and node.module == "__future__"
    ]
    assert found == [], "SQLModel, msgspec and Litestar read annotations as types"


def test_nothing_but_core_says_any() -> None:
    found = [
        module.at(node)
        for module in modules()
        if module.room != "core"
        for node in nodes(module.tree)
        if isinstance(node, ast.ImportFrom) and node.module == "typing" and any(n.name == "Any" for n in node.names)
    ]
    assert found == []


def test_a_silenced_check_says_why() -> None:
    found = [
        f"{path}:{number} {line.strip()}"
        for path, text in texts()
        if path.endswith(".py") and not path.startswith(WRITTEN_BY_A_PROGRAM)
        for number, line in enumerate(text.splitlines(), 1)
        if (match := SILENCED.search(line)) and "SILENCED" not in line and not any(map(str.isalpha, match["reason"]))
    ]
    assert found == [], "after the code, in words: why"


@pytest.mark.parametrize("room", ROOMS)
def test_each_room_says_what_it_is_for(room: str) -> None:
    text = (ROOT / room / "__init__.py").read_text()
    assert ast.get_docstring(ast.parse(text)), f"{room}/__init__.py has no docstring"


def _all() -> tuple[Module, ...]:
    return tuple(m for m in modules() + modules(tests=True) if not m.path.startswith(WRITTEN_BY_A_PROGRAM))
