"""The project's own source, read as text and as trees, for the rules of the house."""

import ast
import importlib
import pkgutil
import subprocess
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
# From the top of the house down: a room may import those to its right.
ROOMS = ("api", "openapi", "insights", "checkout", "social", "catalog", "media", "core")


class Module(NamedTuple):
    """One Python file: its path from the root of the project, its text and its tree."""

    path: str
    text: str
    tree: ast.Module

    @property
    def room(self) -> str:
        """The top-level package, or `tests`."""
        return self.path.partition("/")[0]

    def at(self, node: ast.AST) -> str:
        """`path:line` of a node, as editors take it."""
        return f"{self.path}:{getattr(node, 'lineno', 1)}"


@cache
def files() -> tuple[str, ...]:
    """Every file that git keeps or would keep, from the root of the project."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    return tuple(sorted(name for name in listing.stdout.decode().split("\0") if name and (ROOT / name).is_file()))


@cache
def texts() -> tuple[tuple[str, str], ...]:
    """Path and text of every file that is text."""
    found = []
    for name in files():
        content = (ROOT / name).read_bytes()
        if b"\0" not in content[:8192]:
            found.append((name, content.decode("utf-8")))
    return tuple(found)


@cache
def modules(*, tests: bool = False) -> tuple[Module, ...]:
    """Every module of the rooms, or of the tests."""
    wanted = ("tests",) if tests else ROOMS
    return tuple(
        Module(path, text, ast.parse(text, path))
        for path, text in texts()
        if path.endswith(".py") and path.partition("/")[0] in wanted
    )


@cache
def import_everything() -> int:
    """Import each module of each room, so that every table and struct is known; how many there are."""
    count = 0
    for room in ROOMS:
        package = importlib.import_module(room)
        for info in pkgutil.walk_packages(package.__path__, f"{room}."):
            if (
                not info.name.endswith("__main__")
                and ".migrations.versions" not in info.name
                and ".env" not in info.name
            ):
                importlib.import_module(info.name)
                count += 1
    return count


def called(node: ast.Call) -> str:
    """The dotted name of what is called, as far as it is written out: `datetime.now`, `session.commit`."""
    parts: list[str] = []
    target = node.func
    while isinstance(target, ast.Attribute):
        parts.append(target.attr)
        target = target.value
    parts.append(target.id if isinstance(target, ast.Name) else "")
    return ".".join(reversed(parts))


@cache
def nodes(tree: ast.AST) -> tuple[ast.AST, ...]:
    """Every node below one, itself included: walked once for all the rules."""
    return tuple(ast.walk(tree))


@cache
def calls(tree: ast.AST) -> tuple[tuple[ast.Call, str], ...]:
    """Every call below a node, with the name of what is called."""
    return tuple((node, called(node)) for node in nodes(tree) if isinstance(node, ast.Call))
