"""Bugs that nobody thought of: mutmut changes each expression of the code that reckons, and tests have to fail.

`python -m tests.mutants.operators` runs mutmut in a copy of the project, as `[tool.mutmut]` in pyproject.toml says, and
tells the score. Who survives without a reason in `survivors.py` ends it with 1.
"""

import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

import click

from core import clock
from tests.mutants.__main__ import copy_to, write_part
from tests.mutants.survivors import REASONS

_MUTMUT = str(Path(sys.executable).with_name("mutmut"))
_VERDICT = re.compile(r"^ {4}(?P<name>\S+?)\.(?P<mutant>x[_ǁ]\S+): (?P<verdict>.+)$", re.MULTILINE)
# A test that never ends has noticed, too.
_CAUGHT = frozenset(("killed", "timeout"))
HEADING = "## Every expression"
_HEAD = """\
`make mutmut` lets mutmut change every expression of the code that reckons prices, counts discounts and holds stock,
one after the other, and runs the tests that belong to it, on SQLite: {count} bugs, last tried on {day}.

| File | Bugs | Caught | Score | Survive |
| --- | --- | --- | --- | --- |
"""
_TAIL = """
Those that survive, all of them, and why:

| Function | Change | Why no test fails |
| --- | --- | --- |
"""


class Mutant(NamedTuple):
    """A change that mutmut made: its module and mangled name, and what became of it."""

    module: str
    name: str
    verdict: str

    @property
    def path(self) -> str:
        """The file."""
        return self.module.replace(".", "/") + ".py"

    @property
    def function(self) -> str:
        """What was changed, as people call it."""
        return re.sub(r"__mutmut_\d+$", "", self.name).removeprefix("x_").removeprefix("xǁ").replace("ǁ", ".")

    @property
    def caught(self) -> bool:
        """Whether a test has failed, or never ended."""
        return self.verdict in _CAUGHT


class Survivor(NamedTuple):
    """Who was not noticed, as a line before and after; no `reason` where nobody has said why that is."""

    mutant: Mutant
    before: str
    after: str
    reason: str | None


def mutmut(folder: Path, *arguments: str, aloud: bool = False) -> str:
    """What mutmut says in this folder, where not `aloud`; raises ClickException where it cannot be run."""
    said = None if aloud else subprocess.PIPE
    done = subprocess.run([_MUTMUT, *arguments], cwd=folder, stdout=said, text=True, check=False)
    if done.returncode:
        raise click.ClickException(f"mutmut {arguments[0]} has failed.")
    return done.stdout or ""


def verdicts(folder: Path) -> list[Mutant]:
    """Every mutant that was tried in this folder."""
    return [Mutant(*found) for found in _VERDICT.findall(mutmut(folder, "results", "--all", "true"))]


def survivor(folder: Path, mutant: Mutant) -> Survivor:
    """What was changed, and why that may stay unnoticed."""
    lines = mutmut(folder, "show", f"{mutant.module}.{mutant.name}").splitlines()
    before, after = (
        " ".join(line[1:].strip() for line in lines if line.startswith(sign) and not line.startswith(sign * 3))
        for sign in "-+"
    )
    return Survivor(mutant, before, after, reason_for(mutant, after))


def reason_for(mutant: Mutant, after: str) -> str | None:
    """Why this change may stay unnoticed, if anybody has said so."""
    for each in REASONS:
        if (each.path, each.function) == (mutant.path, mutant.function) and each.after in after:
            return each.why
    return None


def report(mutants: Sequence[Mutant], survivors: Sequence[Survivor], day: date) -> str:
    """Scores by file, and who survived."""
    known, caught = Counter(each.path for each in mutants), Counter(each.path for each in mutants if each.caught)
    rows = [
        f"| `{path}` | {count} | {caught[path]} | {caught[path] / count:.1%} | {count - caught[path]} |\n"
        for path, count in sorted(known.items())
    ]
    told = [
        f"| `{each.mutant.function}` | {_code(each.after)} | {each.reason or '**nobody knows**'} |\n"
        for each in survivors
    ]
    return _HEAD.format(count=len(mutants), day=day.isoformat()) + "".join(rows) + _TAIL + "".join(told)


def _code(line: str) -> str:
    return f"`{line}`".replace("|", "\\|") if line else "the line is gone"


@click.command()
@click.option("--write", type=click.Path(path_type=Path), help="Write the scores into this document.")
@click.option("--workers", default=2, show_default=True, help="How many bugs are tried at once.")
@click.option("--folder", type=click.Path(path_type=Path), help="Keep the copy here, and verdicts of what stays.")
@click.argument("only", nargs=-1)
def main(write: Path | None, workers: int, folder: Path | None, only: Sequence[str]) -> None:
    """Let mutmut change everything, or functions by their names (`core.money.x_split*`), and tell who has noticed."""
    with tempfile.TemporaryDirectory(prefix="vitrine-mutmut-") as name:
        folder = folder or Path(name)
        copy_to(folder)
        mutmut(folder, "run", "--max-children", str(workers), *only, aloud=True)
        mutants = [each for each in verdicts(folder) if each.verdict != "not checked"]
        survivors = [survivor(folder, each) for each in mutants if not each.caught]
    text = report(mutants, survivors, clock.now().date())
    click.echo(text)
    if write is not None:
        write_part(write, HEADING, text)
    sys.exit(1 if any(each.reason is None for each in survivors) else 0)


if __name__ == "__main__":
    main()
