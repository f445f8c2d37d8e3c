"""Whether the tests would notice: bugs are put into a copy of the project, one after the other, and tests have to fail.

`python -m tests.mutants` says what was caught; it ends with 1 where a bug survives, or where the words that a change
replaces are not there any more.
"""

import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from tests.house.source import ROOT, files
from tests.mutants.changes import MUTANTS
from tests.mutants.mutant import Change

_FAILED = re.compile(r"^FAILED (?:\S*/)?(\S+?)\.py::(\w+)", re.MULTILINE)
_PATIENCE = 600
HEADING = "## Known bugs"
_HEAD = """\
`make mutants` puts each of these bugs into a copy of the project and runs the tests that should notice it, on SQLite
(on PostgreSQL where the bug is a lock that SQLite does without), until the first one fails. The first ten are the list
that the state machine of [tests/checkout/test_machine.py](../tests/checkout/test_machine.py) was built against; they
stand in [tests/mutants/changes.py](../tests/mutants/changes.py) word by word.

| Bug | In | Noticed by |
| --- | --- | --- |
"""


class Lost(Exception):
    """The words that a change replaces do not stand in their file exactly once."""


def copy_to(folder: Path) -> None:
    """Every file that git keeps or would keep."""
    for name in files():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, target)


@contextmanager
def mutated(folder: Path, changes: Sequence[Change]) -> Iterator[None]:
    """The copy with a bug in it; raises Lost."""
    healthy = {folder / each.path: (folder / each.path).read_text() for each in changes}
    for change in changes:
        path = folder / change.path
        text = path.read_text()
        if text.count(change.before) != 1:
            raise Lost(f"{change.path} has {text.count(change.before)} times: {change.before!r}")
        path.write_text(text.replace(change.before, change.after))
    try:
        yield
    finally:
        for path, text in healthy.items():
            path.write_text(text)


def first_failure(folder: Path, tests: Sequence[str], engine: str) -> str | None:
    """The first test that fails in the copy on this database; None where all of them pass."""
    chosen = engine if engine == "postgresql" else "not postgresql"
    command = [
        sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:randomly", "-p", "no:cacheprovider",
        "-k", chosen, "--hypothesis-profile=mutants", f"--basetemp={folder / '.tmp'}", *tests,
    ]  # fmt: skip
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        return "its time limit"
    if done.returncode == 0:
        return None
    found = _FAILED.search(done.stdout)
    if done.returncode != 1 or found is None or "Failed: Timeout" in done.stdout:
        raise click.ClickException(f"The tests cannot be run:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return f"{found[1]}: {found[2].removeprefix('test_').replace('_', ' ')}"


def write_part(path: Path, heading: str, text: str) -> None:
    """Replace what stands under one second-level heading of a document, or add it at the end."""
    before, found, rest = (path.read_text() if path.exists() else "").partition(f"{heading}\n")
    _, further, after = rest.partition("\n## ")
    whole = before if found else f"{before.rstrip()}\n\n"
    path.write_text(f"{whole}{heading}\n\n{text.strip()}\n{further}{after}")


@click.command()
@click.option("--write", type=click.Path(path_type=Path), help="Write the table into this document.")
@click.option("--only", default="", help="Only bugs whose description has this in it.")
def main(write: Path | None, only: str) -> None:
    """Put every bug in, and say which test has noticed."""
    chosen = [each for each in MUTANTS if only in each.bug]
    rows, survivors = [], 0
    with tempfile.TemporaryDirectory(prefix="vitrine-mutants-") as name:
        folder = Path(name)
        copy_to(folder)
        for mutant in MUTANTS:
            with mutated(folder, mutant.changes):
                pass  # The words are there: better to know before the first test runs.
        for engine in sorted({each.engine for each in chosen}):
            tests = sorted({test for each in chosen if each.engine == engine for test in each.tests})
            healthy = first_failure(folder, tests, engine)
            if healthy is not None:
                raise click.ClickException(f"A test fails without any bug: {healthy}")
        for mutant in chosen:
            began = time.monotonic()
            with mutated(folder, mutant.changes):
                caught = first_failure(folder, mutant.tests, mutant.engine)
            survivors += caught is None
            click.echo(f"{time.monotonic() - began:5.0f} s  {mutant.bug}: {caught or 'SURVIVED'}")
            places = ", ".join(f"`{path}`" for path in dict.fromkeys(each.path for each in mutant.changes))
            rows.append(f"| {mutant.bug} | {places} | {caught or '**nobody**'} |\n")
    click.echo(f"{len(chosen) - survivors} of {len(chosen)} caught")
    if write is not None:
        write_part(write, HEADING, _HEAD + "".join(rows))
    sys.exit(1 if survivors else 0)


if __name__ == "__main__":
    main()
