"""Sessions and transactions on SQLite and PostgreSQL; the only module that commits."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import lru_cache
from hashlib import blake2s
from typing import Any, NamedTuple, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.util.concurrency import greenlet_spawn
from sqlmodel import Session
from sqlmodel.sql.expression import SelectOfScalar

from core import failpoints, sqlite_driver, statements
from core.errors import BadRequest, Unavailable
from core.session import AsyncSession, insert, insert_new, insert_rows, lock_name
from core.tables import Json, Table, UtcDateTime, inside_shop, row_of, sparse_index, table_of
from core.traces import Trace

__all__ = [
    "HURRIED",
    "PATIENT",
    "AsyncSession",
    "Database",
    "DatabaseAway",
    "Json",
    "Overloaded",
    "Patience",
    "Table",
    "UtcDateTime",
    "insert",
    "insert_new",
    "insert_rows",
    "inside_shop",
    "lock_name",
    "page",
    "row_of",
    "sparse_index",
    "table_of",
]

_PING_SECONDS = 3.0
_writer: ContextVar["asyncio.Task[object] | None"] = ContextVar("writer", default=None)
# Whether the present task has written before: a request that was let in is not refused half-way.
_admitted: ContextVar[bool] = ContextVar("admitted", default=False)


class Patience(NamedTuple):
    """How many seconds somebody waits.

    On SQLite in the `queue` of this process's writers, and while another process is `busy` writing; on PostgreSQL for
    an `answer`, be it a connection or the rows of one statement, and for a `goodbye`.
    """

    queue: float = 15.0
    busy: float = 5.0
    answer: float = 30.0
    goodbye: float = 2.0


PATIENT = Patience()
"""For jobs, commands and migrations, which nobody stands and waits for."""
HURRIED = Patience(queue=3.0, busy=1.5, answer=4.0, goodbye=0.5)
"""For requests: where the database hangs, they are to hear of it within five seconds."""


class DatabaseAway(ConnectionError):
    """No connection to the database can be made."""


class Overloaded(Unavailable):
    """More is asked than this server can do; try again in a moment."""

    slug = "overloaded"

    def __init__(self, detail: str = "", *, retry_after: int = 1) -> None:
        super().__init__(detail, retry_after=retry_after)


class Database:
    """One pool of connections to one database."""

    def __init__(
        self, url: str, *, pool_size: int = 10, patience: Patience = PATIENT, writers: int | None = None
    ) -> None:
        """`url` is `sqlite:///FILE` or `postgresql://…`. Nothing is opened before the first use.

        While `writers` of this process write or wait, who has not written before in the same task is refused: to finish
        what was begun comes first.
        """
        address = sa.make_url(url)
        self.is_sqlite = address.get_backend_name() == "sqlite"
        driver = "sqlite+aiosqlite" if self.is_sqlite else "postgresql+asyncpg"
        self.engine: AsyncEngine = create_async_engine(
            address.set(drivername=driver),
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_timeout=min(5.0, patience.answer),
            pool_pre_ping=not self.is_sqlite,
            json_serializer=_to_json,
            json_deserializer=msgspec.json.decode,
            hide_parameters=True,  # Errors travel into logs; the values of our customers do not.
            connect_args={"timeout": patience.busy}
            if self.is_sqlite
            else {"timeout": min(5.0, patience.answer), "command_timeout": patience.answer},
        )
        if self.is_sqlite:
            event.listen(self.engine.sync_engine, "do_connect", sqlite_driver.connect)
            event.listen(self.engine.sync_engine, "connect", self._prepare_sqlite)
            event.listen(self.engine.sync_engine, "begin", _begin_sqlite)
        else:
            event.listen(self.engine.sync_engine, "do_connect", self._connect_postgresql)
        self._reader = self._reading(sqlite_driver.READ)
        self._glancer = self._reading(sqlite_driver.GLANCE)
        # SQLite has one writer. Queueing here is fair and costs no polling; other processes wait by busy_timeout.
        self._write_lock = asyncio.Lock() if self.is_sqlite else None
        self._patience = patience
        self._most_writers, self._writers = writers, 0

    def _reading(self, begin: str) -> AsyncEngine:
        return self.engine.execution_options(**({"begin": begin} if self.is_sqlite else {"postgresql_readonly": True}))

    def read(self) -> AbstractAsyncContextManager[AsyncSession]:
        """A session that only reads; PostgreSQL refuses writes in it."""
        return self._read(self._reader)

    def glance(self) -> AbstractAsyncContextManager[AsyncSession]:
        """As `read`, for rows that are asked for all the time, so that they are in memory, and found by an index.

        On SQLite its statements run where they stand, without crossing threads, and everybody else waits so long: a few
        rows each, as the page of one product reads them, and never a list that grows with the shop.
        """
        return self._read(self._glancer)

    async def repeats(self, trace: Trace, now: datetime) -> bool:
        """Whether all that a glance has read is as it was, and what followed from it follows still."""
        if not trace.lasts(now):
            return False
        if not self.is_sqlite:
            async with self.glance() as session:
                return await session.repeats(trace.reads, now)
        # Past SQLAlchemy's session and transaction: they cost as much as ten such statements.
        pooled, dialect = await self.engine.raw_connection(), statements.known(self.engine.dialect)
        try:
            sqlite_driver.send(pooled, sqlite_driver.GLANCE, ())
            plans = ((each, statements.of(each.statement, dialect)) for each in trace.reads)
            return all(
                sqlite_driver.send(pooled, plan.text, plan.values(each.at(now))) == each.rows for each, plan in plans
            )
        finally:
            await greenlet_spawn(pooled.close)

    @asynccontextmanager
    async def _read(self, engine: AsyncEngine) -> AsyncIterator[AsyncSession]:
        session = AsyncSession(engine, expire_on_commit=False)
        try:
            await self._reach(session)
            yield session
        except BaseException:
            await _leave(session)
            raise
        if self.is_sqlite:  # It has nothing to wait for.
            await greenlet_spawn(session.sync_session.close)
        else:
            await _leave(session)

    @property
    def is_crowded(self) -> bool:
        """Whether as many write or wait as may at a time."""
        return self._most_writers is not None and self._writers >= self._most_writers

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """One transaction: committed when the block ends, rolled back when it raises.

        `BEGIN IMMEDIATE` on SQLite, so that two writers queue instead of failing. Opening a second one
        inside raises RuntimeError: it would wait for the first for ever. Refuses Overloaded where too many write.
        """
        task = asyncio.current_task()
        if task is not None and _writer.get() is task:
            raise RuntimeError("A transaction is already open in this task.")
        if self.is_crowded and not _admitted.get():
            raise Overloaded("Everybody wants something at this moment.")
        _admitted.set(True)
        self._writers += 1
        try:
            await self._queue()
        except BaseException:
            self._writers -= 1
            raise
        _writer.set(task)
        session = AsyncSession(self.engine, expire_on_commit=False)
        try:
            await self._reach(session)
            yield session
            await greenlet_spawn(_commit, session.sync_session)
        except BaseException:
            await _leave(session)
            raise
        finally:
            _writer.set(None)
            self._writers -= 1
            if self._write_lock is not None:
                self._write_lock.release()

    async def _queue(self) -> None:
        """Take the place of the one writer on SQLite; raises SQLAlchemy's TimeoutError when it does not come free."""
        if self._write_lock is None:
            return
        if self._writers == 1:  # Nobody else writes or waits.
            await self._write_lock.acquire()
            return
        try:
            async with asyncio.timeout(self._patience.queue):
                await self._write_lock.acquire()
        except TimeoutError:
            raise sa.exc.TimeoutError("Another transaction of this process does not end.") from None

    async def _reach(self, session: AsyncSession) -> None:
        """Get a connection that answers; raises TimeoutError where none does, however many had to be tried."""
        if not self.is_sqlite:
            async with asyncio.timeout(self._patience.answer):
                await session.open()

    def _prepare_sqlite(self, connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        # The driver's own BEGIN is always deferred and fails at once under concurrent writers: we send our own.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={int(self._patience.busy * 1000)}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def _connect_postgresql(
        self, dialect: Dialect, _: ConnectionPoolEntry, arguments: tuple[Any, ...], options: dict[str, Any]
    ) -> DBAPIConnection:
        # asyncpg's own errors pass SQLAlchemy untranslated here ("starting up", "too many clients", no socket).
        driver: Any = dialect.loaded_dbapi
        leaving = _leaving(driver.asyncpg.Connection, self._patience.goodbye)
        try:
            return dialect.connect(*arguments, **options, connection_class=leaving)
        except Exception as error:
            raise DatabaseAway(f"PostgreSQL cannot be reached: {type(error).__name__}.") from error

    async def ping(self) -> None:
        """One round trip to a table that migrations made, in 3 seconds at most.

        Raises what the driver raises where there is no answer, or TimeoutError.
        """
        async with asyncio.timeout(_PING_SECONDS), self.read() as session:
            await session.execute(sa.text("SELECT version_num FROM alembic_version"))

    async def close(self) -> None:
        """Give all connections back."""
        await self.engine.dispose()


async def _leave(session: AsyncSession) -> None:
    """Close a session whatever happens to the task meanwhile: SQLAlchemy does it in a task of its own, shielded."""
    await session.__aexit__(None, None, None)


def _commit(session: Session) -> None:
    """Commit and close, and throw the connection away where that fails.

    SQLite keeps a transaction open whose COMMIT it refused, and SQLAlchemy takes the connection for clean: the next
    one to get it from the pool could not begin, and nobody else could write.
    """
    session.flush()
    if session.in_transaction():
        connection = session.connection()
        failpoints.reach("db.committing")
        try:
            session.commit()
        except BaseException:
            connection.invalidate()
            raise
        failpoints.reach("db.committed")
    session.close()


def _to_json(value: object) -> str:
    return msgspec.json.encode(value).decode()


@lru_cache(maxsize=8)
def _leaving(connection: Any, seconds: float) -> Any:
    """A connection of asyncpg's that waits so long for the server to say goodbye, and SQLAlchemy's 2 s at most."""

    class Leaving(connection):  # type: ignore[misc]  # asyncpg is not typed.
        async def close(self, *, timeout: float | None = None) -> None:  # asyncpg's signature.
            await super().close(timeout=seconds if timeout is None else min(timeout, seconds))

    return Leaving


def _begin_sqlite(connection: Connection) -> None:
    how = connection.get_execution_options().get("begin", sqlite_driver.WRITE)
    sqlite_driver.send(connection, how, ())


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
