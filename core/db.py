"""Sessions and transactions on SQLite and PostgreSQL; the only module that commits."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2s
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core import failpoints, sqlite_driver
from core.errors import BadRequest

__all__ = [
    "AsyncSession",
    "Database",
    "DatabaseAway",
    "Json",
    "Table",
    "UtcDateTime",
    "insert",
    "insert_new",
    "insert_rows",
    "inside_shop",
    "page",
    "row_of",
    "table_of",
]

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

Json = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
_BUSY_SECONDS = 5.0
_QUEUE_SECONDS = 15.0
_PING_SECONDS = 3.0
_writer: ContextVar["asyncio.Task[object] | None"] = ContextVar("writer", default=None)


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


class DatabaseAway(ConnectionError):
    """No connection to the database can be made."""


class Table(SQLModel):
    """What every table derives from. Tables stay inside the house: they do not validate on construction."""


def inside_shop(column: str, table: type[Table]) -> sa.ForeignKeyConstraint:
    """A foreign key from `column` to a row of the same shop: no row can hang on another shop's."""
    return sa.ForeignKeyConstraint(["shop_id", column], [f"{table.__tablename__}.shop_id", f"{table.__tablename__}.id"])


class Database:
    """One pool of connections to one database."""

    def __init__(self, url: str, *, pool_size: int = 10, patience: float = _QUEUE_SECONDS) -> None:
        """`url` is `sqlite:///FILE` or `postgresql://…`. Nothing is opened before the first use.

        A writer on SQLite waits `patience` seconds for the other writers of this process.
        """
        address = sa.make_url(url)
        self.is_sqlite = address.get_backend_name() == "sqlite"
        driver = "sqlite+aiosqlite" if self.is_sqlite else "postgresql+asyncpg"
        timeout = {"timeout": _BUSY_SECONDS}
        self.engine: AsyncEngine = create_async_engine(
            address.set(drivername=driver),
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_timeout=_BUSY_SECONDS,
            pool_pre_ping=not self.is_sqlite,
            hide_parameters=True,  # Errors travel into logs; the values of our customers do not.
            connect_args=timeout if self.is_sqlite else timeout | {"command_timeout": 30},
        )
        if self.is_sqlite:
            event.listen(self.engine.sync_engine, "do_connect", sqlite_driver.connect)
            event.listen(self.engine.sync_engine, "connect", _prepare_sqlite)
            event.listen(self.engine.sync_engine, "begin", _begin_sqlite)
        else:
            event.listen(self.engine.sync_engine, "do_connect", _connect_postgresql)
        self._reader = self.engine.execution_options(
            **({"begin": sqlite_driver.READ} if self.is_sqlite else {"postgresql_readonly": True})
        )
        # SQLite has one writer. Queueing here is fair and costs no polling; other processes wait by busy_timeout.
        self._write_lock = asyncio.Lock() if self.is_sqlite else None
        self._patience = patience

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A session that only reads; PostgreSQL refuses writes in it."""
        async with AsyncSession(self._reader, expire_on_commit=False) as session:
            yield session

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """One transaction: committed when the block ends, rolled back when it raises.

        `BEGIN IMMEDIATE` on SQLite, so that two writers queue instead of failing. Opening a second one
        inside raises RuntimeError: it would wait for the first for ever.
        """
        task = asyncio.current_task()
        if task is not None and _writer.get() is task:
            raise RuntimeError("A transaction is already open in this task.")
        async with self._queue():
            _writer.set(task)
            try:
                async with AsyncSession(self.engine, expire_on_commit=False) as session:
                    yield session
                    await _commit(session)
            finally:
                _writer.set(None)

    @asynccontextmanager
    async def _queue(self) -> AsyncIterator[None]:
        """The place of the one writer on SQLite; raises SQLAlchemy's TimeoutError when it does not come free."""
        if self._write_lock is None:
            yield
            return
        try:
            async with asyncio.timeout(self._patience):
                await self._write_lock.acquire()
        except TimeoutError:
            raise sa.exc.TimeoutError("Another transaction of this process does not end.") from None
        try:
            yield
        finally:
            self._write_lock.release()

    async def ping(self) -> None:
        """One round trip to a table that migrations made, in 3 seconds at most.

        Raises what the driver raises where there is no answer, or TimeoutError.
        """
        async with asyncio.timeout(_PING_SECONDS), self.read() as session:
            await session.execute(sa.text("SELECT version_num FROM alembic_version"))

    async def close(self) -> None:
        """Give all connections back."""
        await self.engine.dispose()


async def _commit(session: AsyncSession) -> None:
    """Commit, and throw the connection away where that fails.

    SQLite keeps a transaction open whose COMMIT it refused, and SQLAlchemy takes the connection for clean: the next
    one to get it from the pool could not begin, and nobody else could write.
    """
    await session.flush()
    if not session.in_transaction():
        return
    connection = await session.connection()
    failpoints.reach("db.committing")
    try:
        await session.commit()
    except BaseException:
        await connection.invalidate()
        raise
    failpoints.reach("db.committed")


def _prepare_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    # The driver's own BEGIN is always deferred and fails at once under concurrent writers: we send our own.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={sqlite_driver.BUSY_MILLISECONDS}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _connect_postgresql(
    dialect: Dialect, _: ConnectionPoolEntry, arguments: tuple[Any, ...], options: dict[str, Any]
) -> DBAPIConnection:
    # asyncpg's own errors pass SQLAlchemy untranslated here ("starting up", "too many clients", no socket, no answer).
    try:
        return dialect.connect(*arguments, **options)
    except Exception as error:
        raise DatabaseAway(f"PostgreSQL cannot be reached: {type(error).__name__}.") from error


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("begin", sqlite_driver.WRITE))


async def insert(session: AsyncSession, table: type[Table], *rows: Mapping[str, object]) -> None:
    """Insert rows that nobody needs as objects; columns left out get the table's defaults."""
    if rows:
        await _flush_new(session)
        connection = await session.connection()
        await connection.execute(_insert(table), rows[0] if len(rows) == 1 else rows)


def row_of(row: Table) -> dict[str, object]:
    """What `insert` takes, of an object that no session has seen."""
    return {name: value for name, value in vars(row).items() if name != "_sa_instance_state"}


async def insert_new(session: AsyncSession, table: type[Table], row: Mapping[str, object]) -> bool:
    """Insert a row unless one with a key of its own is there already; whether it was inserted."""
    await _flush_new(session)
    connection = await session.connection()
    statement = _insert_new(table, connection.dialect, tuple(row))
    return (await connection.execute(statement, row)).first() is not None


async def _flush_new(session: AsyncSession) -> None:
    """Write the objects that a row might point to; those that only changed wait, so that they are written once."""
    if session.new:
        await session.flush()


@lru_cache(maxsize=256)
def _insert(table: type[Table]) -> sa.Insert:
    return sa.insert(table_of(table))


@lru_cache(maxsize=256)
def _insert_new(table: type[Table], dialect: Dialect, columns: tuple[str, ...]) -> sa.Executable:
    """Compiled here: SQLAlchemy remembers no INSERT with an ON CONFLICT, and would compile it every time."""
    insert = sqlite.insert(table_of(table)) if dialect.name == "sqlite" else postgresql.insert(table_of(table))
    statement = insert.on_conflict_do_nothing().returning(sa.literal(1))
    return cast(sa.Executable, statement.compile(dialect=dialect, column_keys=columns))


def table_of(table: type[Table]) -> sa.Table:
    """The table itself: statements about it pass the session's memory by."""
    core: sa.Table = table.__table__  # type: ignore[attr-defined]  # SQLModel declares it on tables only.
    return core


async def insert_rows(
    session: AsyncSession, table: type[Table], rows: Sequence[tuple[object, ...]], *, adding_up: bool = False
) -> None:
    """Insert many rows, past everything that costs more than the inserts themselves.

    A row holds all columns in the order of the table, and goes to the driver as it is: for plain numbers, texts and
    bytes. With `adding_up`, a row whose key is there already gets its numbers added to those.
    """
    if rows:
        connection = await session.connection()
        await connection.exec_driver_sql(_insert_text(table, adding_up, connection.dialect), list(rows))


@lru_cache(maxsize=64)
def _insert_text(table: type[Table], adding_up: bool, dialect: Dialect) -> str:
    columns = table_of(table).c
    insert = sqlite.insert(table) if dialect.name == "sqlite" else postgresql.insert(table)
    if adding_up:
        key = [each for each in columns if each.primary_key]
        sums = {each.key: each + insert.excluded[each.key] for each in columns if not each.primary_key}
        insert = insert.on_conflict_do_update(index_elements=key, set_=sums)
    return str(insert.compile(dialect=dialect, column_keys=columns.keys()))


T = TypeVar("T")


async def page(
    session: AsyncSession, statement: SelectOfScalar[T], id_column: Any, limit: int, cursor: str | None
) -> tuple[list[T], str | None]:
    """One page of `statement` by keyset, newest first, and the cursor of the next page or None.

    `id_column` is a time-ordered TypeID; the cursor names the last row of the page before. `limit` rows at most.
    """
    ordered = statement.order_by(id_column.desc())
    chosen = ordered if cursor is None else ordered.where(id_column < place_of(id_column, cursor))
    rows = list((await session.exec(chosen.limit(limit + 1))).all())
    more = len(rows) > limit
    rows = rows[:limit]
    return rows, cursor_after(id_column, getattr(rows[-1], id_column.key)) if more else None


def cursor_after(id_column: Any, row_id: str) -> str:
    """The cursor that goes on after this row: its id, and a check sum, so that a change by accident is noticed.

    It is no secret and opens nothing: a list shows its own shop's rows wherever it begins.
    """
    return f"{row_id}_{blake2s(f'{id_column} {row_id}'.encode(), digest_size=4).hexdigest()}"


def place_of(id_column: Any, cursor: str) -> str:
    """The id after which a cursor goes on; refuses BadRequest for all that no list by this column gave out."""
    row_id = cursor.rpartition("_")[0]
    if cursor != cursor_after(id_column, row_id):
        raise BadRequest("This cursor was not given out by this list.", parameter="cursor")
    return row_id


if sqlite3.sqlite_version_info < (3, 35):  # pragma: no cover - RETURNING is used all over the house.
    raise RuntimeError("SQLite 3.35 or newer is needed.")
