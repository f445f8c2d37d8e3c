"""Statements that are always the same, compiled once: SQLAlchemy looks each up in its cache by its whole shape."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import zip_longest
from typing import Any, Literal, NamedTuple, TypeAlias

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.sql.dml import ReturningInsert, UpdateBase

from core.tables import Table, table_of

Processor: TypeAlias = Callable[[Any], Any]
Statement: TypeAlias = sa.Select[Any] | sa.CompoundSelect[Any] | UpdateBase
Conflict: TypeAlias = Literal["refuse", "ignore", "add up"]
_Columns: TypeAlias = ReadOnlyColumnCollection[str, sa.Column[Any]]


class Several:
    """A list in a statement that is a constant: so many `parameters`, whose `values` are a few of a longer list.

    Where fewer are asked for, the last is named again.
    """

    def __init__(self, name: str, most: int) -> None:
        self._names = [f"{name}{place}" for place in range(most)]
        self.parameters = [sa.bindparam(each, type_=sa.String()) for each in self._names]

    def values(self, given: Collection[str]) -> Iterator[dict[str, str]]:
        """The values of the parameters, as often as it takes for all that is given."""
        several = list(dict.fromkeys(given))
        for start in range(0, len(several), len(self._names)):
            some = several[start : start + len(self._names)]
            yield dict(zip_longest(self._names, some, fillvalue=some[-1]))


class Plan(NamedTuple):
    """A statement as text; which values it takes, by name, and how each is made ready for the driver.

    `fixed` are values that the statement names itself, `gives` what has to be done with some columns of its rows.
    """

    text: str
    takes: tuple[tuple[str, Processor | None], ...]
    fixed: Mapping[str, object] = {}
    gives: tuple[tuple[int, Processor], ...] = ()

    def values(self, given: Mapping[str, object]) -> tuple[object, ...]:
        """What the driver gets."""
        known = {**self.fixed, **given} if self.fixed else given
        return tuple(ready(known[name]) if ready is not None else known[name] for name, ready in self.takes)

    def rows(self, found: Sequence[Sequence[Any]]) -> Sequence[Sequence[Any]]:
        """What the driver gave, in Python's types."""
        return [self._row(each) for each in found] if self.gives else found

    def _row(self, found: Sequence[Any]) -> Sequence[Any]:
        values = list(found)
        for place, process in self.gives:
            values[place] = process(values[place])
        return values


_DIALECTS: dict[str, Dialect] = {}


def known(dialect: Dialect) -> Dialect:
    """The first dialect of this name: all of ours are set up alike, and each plan is made once for all of them."""
    return _DIALECTS.setdefault(dialect.name, dialect)


@lru_cache(maxsize=512)
def of(statement: Statement, dialect: Dialect) -> Plan:
    """The plan of a statement that is a constant of its module; raises ValueError for one that takes a list of values.

    Whatever was made for the occasion would push the constants out of this memory.
    """
    compiled = statement.compile(dialect=dialect)
    if compiled.post_compile_params:
        raise ValueError("How long a list is shows in the text: this one has no plan.")
    takes = [(name, compiled.binds[name]) for name in compiled.positiontup or ()]
    processors = [each.type._cached_result_processor(dialect, None) for each in statement.exported_columns]
    return Plan(
        str(compiled),
        tuple((name, _ready(bind.type, dialect)) for name, bind in takes),
        {name: bind.effective_value for name, bind in takes if not bind.required},
        tuple((place, process) for place, process in enumerate(processors) if process is not None),
    )


@lru_cache(maxsize=1024)
def update(table: type[Table], changed: tuple[str, ...], dialect: Dialect) -> Plan:
    """Write these columns of a row, which is found by its key."""
    columns, keys = table_of(table).c, table_of(table).primary_key
    values = {name: sa.bindparam(f"new_{name}", type_=columns[name].type) for name in changed}
    mine = [each == sa.bindparam(f"old_{each.key}", type_=each.type) for each in keys]
    takes = [each.key for each in columns if each.key in changed] + [each.key for each in keys]
    statement = sa.update(table_of(table)).where(*mine).values(values)
    return _of_columns(statement.compile(dialect=dialect), takes, columns, dialect)


@lru_cache(maxsize=512)
def insertion(table: type[Table], conflict: Conflict, dialect: Dialect) -> Plan:
    """Insert a whole row; what happens where its key is there already is the `conflict`."""
    columns = table_of(table).c
    insert = sqlite.insert(table_of(table)) if dialect.name == "sqlite" else postgresql.insert(table_of(table))
    statement: sa.Insert | ReturningInsert[tuple[int]] = insert
    if conflict == "ignore":
        statement = insert.on_conflict_do_nothing().returning(sa.literal_column("1"))
    if conflict == "add up":
        key = [each for each in columns if each.primary_key]
        sums = {each.key: each + insert.excluded[each.key] for each in columns if not each.primary_key}
        statement = insert.on_conflict_do_update(index_elements=key, set_=sums)
    return _of_columns(statement.compile(dialect=dialect, column_keys=columns.keys()), columns.keys(), columns, dialect)


def _of_columns(compiled: sa.Compiled, takes: Sequence[str], columns: _Columns, dialect: Dialect) -> Plan:
    """`takes` is the column of each value, in the order of the statement."""
    return Plan(str(compiled), tuple((name, _ready(columns[name].type, dialect)) for name in takes))


def _ready(kind: sa.types.TypeEngine[Any], dialect: Dialect) -> Processor | None:
    return kind.dialect_impl(dialect).bind_processor(dialect)
