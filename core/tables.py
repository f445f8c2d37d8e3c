"""What tables are made of, alike on SQLite and PostgreSQL."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

Json = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time on both databases; a naive one is refused."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware in; SQLite stores the UTC wall clock."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A time without a zone.")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  # SQLAlchemy's.
        """Always aware UTC out."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Table(SQLModel):
    """What every table derives from. Tables stay inside the house: they do not validate on construction.

    SQLModel's own construction asks each field of each new row for its annotations and the signature of its default,
    and its assignment goes through Pydantic: a new order cost 0.4 ms. A new row needs no history of its values either.
    """

    if not TYPE_CHECKING:  # The type checker reads the fields.

        def __init__(self, **values: object) -> None:
            vars(self).update(with_defaults(type(self), values))

        __setattr__ = object.__setattr__  # SQLAlchemy's descriptors do the rest.


class _Fields(NamedTuple):
    """A table's fields, and their defaults: those that are values, and those that are made anew for each row."""

    names: frozenset[str]
    fixed: dict[str, object]
    made: dict[str, Callable[[], object]]


@lru_cache(maxsize=256)
def _fields(table: type[Table]) -> _Fields:
    optional = {name: field for name, field in table.model_fields.items() if not field.is_required()}
    made = {name: field.default_factory for name, field in optional.items() if field.default_factory is not None}
    fixed = {name: field.default for name, field in optional.items() if name not in made}
    return _Fields(frozenset(table.model_fields), fixed, cast(dict[str, Callable[[], object]], made))


def inside_shop(column: str, table: type[Table]) -> sa.ForeignKeyConstraint:
    """A foreign key from `column` to a row of the same shop: no row can hang on another shop's."""
    return sa.ForeignKeyConstraint(["shop_id", column], [f"{table.__tablename__}.shop_id", f"{table.__tablename__}.id"])


def sparse_index(table: str, column: str) -> sa.Index:
    """An index of the rows that have a value there: for what most rows leave empty, and pay nothing for then."""
    known = sa.text(f"{column} IS NOT NULL")
    return sa.Index(f"ix_{table}_{column}", column, sqlite_where=known, postgresql_where=known)


def table_of(table: type[Table]) -> sa.Table:
    """The table itself: statements about it pass the session's memory by."""
    core: sa.Table = table.__table__  # type: ignore[attr-defined]  # SQLModel declares it on tables only.
    return core


def row_of(row: Table) -> dict[str, object]:
    """What `insert` takes, of an object that no session has seen."""
    return {name: value for name, value in vars(row).items() if name != "_sa_instance_state"}


def with_defaults(table: type[Table], row: Mapping[str, object]) -> dict[str, object]:
    """A whole row: what it names, and the defaults of the rest. Raises TypeError for a column that is not there."""
    names, fixed, made = _fields(table)
    whole = {**fixed, **{name: make() for name, make in made.items() if name not in row}, **row}
    if whole.keys() != names:
        odd = sorted(whole.keys() ^ names)
        raise TypeError(f"{table.__name__}: these columns are missing, or are none: {odd}.")
    return whole
