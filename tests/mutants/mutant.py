"""What a bug is: words of a file that become others, and the tests that have to fail."""

from typing import NamedTuple


class Change(NamedTuple):
    """`before` stands in the file once, and becomes `after`."""

    path: str
    before: str
    after: str


class Mutant(NamedTuple):
    """A bug, and where it should be noticed: these tests run one after the other until the first one fails."""

    bug: str
    changes: tuple[Change, ...]
    tests: tuple[str, ...]
    engine: str = "sqlite"


def one(bug: str, path: str, before: str, after: str, tests: tuple[str, ...], engine: str = "sqlite") -> Mutant:
    """A bug of one change."""
    return Mutant(bug, (Change(path, before, after),), tests, engine)
