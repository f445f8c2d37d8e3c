"""`python -m bench [NAME …]`: run the modules of this folder that have `rows()`, all or the named ones; one table.

`--write FILE` writes the table as Markdown as well, with the machine and the commit.
"""

import argparse
import os
import pkgutil
import platform
import subprocess
import sys
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from rich.console import Console
from rich.table import Table

import bench
from bench.row import Row


def main() -> int:
    """Print the table; 1 when a promise is not kept."""
    asked = argparse.ArgumentParser(prog="python -m bench", description=bench.__doc__)
    asked.add_argument("names", nargs="*", metavar="NAME", help="modules of bench/ to run; all unless said")
    asked.add_argument("--write", type=Path, metavar="FILE", help="write the table as Markdown, too")
    given = asked.parse_args()
    console, found = Console(), []
    for name in given.names or _modules():
        module = import_module(f"bench.{name}")
        if hasattr(module, "rows"):
            with console.status(f"{name} …"):
                found += module.rows()
    _show(console, found)
    if given.write:
        given.write.write_text(_markdown(found), encoding="utf-8")
    return 0 if all(row.ok for row in found) else 1


def _modules() -> list[str]:
    return [each.name for each in pkgutil.iter_modules(bench.__path__) if not each.name.startswith("_")]


def _cells(row: Row) -> tuple[str, str, str, str, str]:
    sign = "≤" if row.better == "lower" else "≥"
    return (
        row.name,
        f"{row.value:.3g} {row.unit}",
        f"{sign} {row.target:g} {row.unit}",
        "yes" if row.ok else "NO",
        row.note,
    )


def _show(console: Console, rows: list[Row]) -> None:
    table = Table("what", "measured", "promised", "kept", "how")
    for row in rows:
        table.add_row(*_cells(row), style=None if row.ok else "red")
    console.print(table)


def _markdown(rows: list[Row]) -> str:
    lines = ["| what | measured | promised | kept | how |", "|---|---|---|---|---|"]
    lines += [f"| {' | '.join(_cells(row))} |" for row in rows]
    return "\n".join(
        [
            "# Benchmarks",
            "",
            "`make bench` measures, prints the table and writes this page. Values are ratios within one run, or sizes,",
            "so that they can be compared between machines; no test asserts a time.",
            "",
            f"Last run: {datetime.now(UTC):%Y-%m-%d}, commit {_commit()}, {_machine()}.",
            "",
            *lines,
            "",
        ]
    )


def _commit() -> str:
    said = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return said.stdout.strip() or "unknown"


def _machine() -> str:
    """What the processor calls itself, how many cores, which Python; nothing that names the machine."""
    kind = platform.processor() or platform.machine()
    for line in Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []:
        if line.startswith("model name"):
            kind = line.partition(":")[2].strip()
            break
    cores = len(os.sched_getaffinity(0))
    return f"{kind}, {cores} cores, Linux, Python {platform.python_version()}"


if __name__ == "__main__":
    sys.exit(main())
