"""Every table as lines of JSON, written from one snapshot and read back into either kind of database.

The first line names the columns; each other line is a row, an array in that order. Times are RFC 3339 in UTC, bytes
Base64, columns of JSON a text with sorted keys: equal rows make equal lines on SQLite and PostgreSQL.
"""

from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Literal, TypeAlias, cast

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Connection
from sqlalchemy.types import TypeEngine

from api.operations.archive import BadArchive
from core.db import AsyncSession

# The salts that make visitors' hashes are deleted after 48 hours: a backup would keep them for ever.
LEFT_OUT = frozenset(("alembic_version", "visitor_salt"))
PICTURE_COLUMN = "storage_key"
_ROWS = 500

Kind = Literal["plain", "number", "bool", "json", "bytes", "time"]
Value: TypeAlias = str | int | float | bool | bytes | datetime | None
Told: TypeAlias = str | int | float | bool | None
Column: TypeAlias = sa.ColumnElement[Value] | sa.ColumnElement[str]


class Shape(msgspec.Struct, frozen=True):
    """One table as the database itself describes it."""

    name: str
    columns: dict[str, Kind]
    key: tuple[str, ...]

    def column(self, name: str) -> sa.ColumnElement[Value]:
        """The column, typed by its kind."""
        if self.columns[name] == "bytes":
            return sa.type_coerce(sa.column(name), cast("TypeEngine[Value]", sa.LargeBinary()))
        if self.columns[name] == "bool":
            return sa.type_coerce(sa.column(name), cast("TypeEngine[Value]", sa.Boolean()))
        if self.columns[name] == "time":
            return sa.type_coerce(sa.column(name), cast("TypeEngine[Value]", sa.DateTime(timezone=True)))
        return sa.column(name)


async def shapes(session: AsyncSession) -> list[Shape]:
    """All tables, those that others refer to first."""
    return await (await session.connection()).run_sync(_shapes)


def _shapes(connection: Connection) -> list[Shape]:
    inspector = sa.inspect(connection)
    found = []
    for name, _ in inspector.get_sorted_table_and_fkc_names():
        if name is not None and name not in LEFT_OUT:
            columns: dict[str, Kind] = {each["name"]: _kind(each["type"]) for each in inspector.get_columns(name)}
            found.append(Shape(name, columns, tuple(inspector.get_pk_constraint(name)["constrained_columns"])))
    return found


def _kind(kind: sa.types.TypeEngine[object]) -> Kind:
    if isinstance(kind, sa.JSON):
        return "json"
    if isinstance(kind, sa.LargeBinary):
        return "bytes"
    if isinstance(kind, sa.Boolean):
        return "bool"
    if isinstance(kind, sa.Integer | sa.Numeric):
        return "number"
    return "time" if isinstance(kind, sa.DateTime) else "plain"


async def lines(session: AsyncSession, shape: Shape) -> AsyncIterator[bytes]:
    """The table's lines, by its key; a few rows are in memory at a time."""
    yield msgspec.json.encode(list(shape.columns))
    kinds = list(shape.columns.values())
    wanted = [_selected(shape, name, kind) for name, kind in shape.columns.items()]
    statement = sa.select(*wanted).select_from(sa.table(shape.name)).order_by(*_order(session, shape))
    async for row in await session.stream(statement, execution_options={"yield_per": _ROWS}):
        yield msgspec.json.encode([_told(kind, value) for kind, value in zip(kinds, row, strict=True)])


def _selected(shape: Shape, name: str, kind: Kind) -> Column:
    # As text, because a JSON null and no value at all would look the same as objects.
    column = shape.column(name)
    return sa.cast(column, sa.Text).label(name) if kind == "json" else column


def _order(session: AsyncSession, shape: Shape) -> Iterator[Column]:
    """Texts by bytes and not by a language's rules, numbers by size: so both databases agree."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    for name in shape.key:
        column = shape.column(name)
        if shape.columns[name] in ("bytes", "number") or is_sqlite:
            yield column
        else:
            yield sa.collate(sa.cast(column, sa.Text), "C")


def _told(kind: Kind, value: Value) -> Told:
    if value is None:
        return None
    if kind == "json" and isinstance(value, str):
        return msgspec.json.encode(msgspec.json.decode(value), order="sorted").decode()
    if isinstance(value, bytes):
        return b64encode(value).decode()
    if isinstance(value, datetime):
        return (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)).isoformat()
    return value


async def fill(session: AsyncSession, shape: Shape, source: Iterable[bytes]) -> int:
    """Put a table's lines into the table of this shape; how many rows. Raises BadArchive for other columns."""
    rest = iter(source)
    names: list[str] = msgspec.json.decode(next(rest), type=list[str])
    if set(names) != set(shape.columns):
        raise BadArchive(f"The table {shape.name} has other columns here: this backup is of another version.")
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    given = {name: _given(shape, name, is_sqlite=is_sqlite) for name in names}
    statement = sa.insert(sa.table(shape.name, *(sa.column(name) for name in names))).values(given)
    kinds = [shape.columns[name] for name in names]
    count = 0
    while batch := list(islice(rest, _ROWS)):
        rows = [msgspec.json.decode(line, type=list[Told]) for line in batch]
        values = [
            {n: _read(k, value, is_sqlite=is_sqlite) for n, k, value in zip(names, kinds, row, strict=True)}
            for row in rows
        ]
        await session.execute(statement, values)
        count += len(values)
    return count


def _given(shape: Shape, name: str, *, is_sqlite: bool) -> Column:
    kind = shape.columns[name]
    if kind == "json":
        text = sa.bindparam(name, type_=sa.Text())
        return text if is_sqlite else sa.cast(text, postgresql.JSONB)
    return sa.bindparam(name, type_=shape.column(name).type)


def _read(kind: Kind, value: Told, *, is_sqlite: bool) -> Value:
    if not isinstance(value, str) or kind in ("plain", "json"):
        return value
    if kind == "bytes":
        return b64decode(value)
    at = datetime.fromisoformat(value)
    return at.replace(tzinfo=None) if is_sqlite else at


async def pictures(session: AsyncSession, found: Iterable[Shape]) -> AsyncIterator[str]:
    """The key of every picture that a row speaks of, each once."""
    asked = [
        sa.select(sa.column(PICTURE_COLUMN, sa.Text())).select_from(sa.table(shape.name))
        for shape in found
        if PICTURE_COLUMN in shape.columns
    ]
    if asked:
        async for (key,) in await session.stream(sa.union(*asked), execution_options={"yield_per": _ROWS}):
            if key is not None:
                yield key


async def rows(session: AsyncSession, found: Iterable[Shape]) -> int:
    """How many tables have a row."""
    filled = 0
    for shape in found:
        first = await session.execute(sa.select(sa.literal(1)).select_from(sa.table(shape.name)).limit(1))
        filled += first.first() is not None
    return filled
