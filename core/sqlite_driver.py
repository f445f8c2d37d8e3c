"""SQLite's driver with fewer journeys: SQLAlchemy's own adapter of aiosqlite crosses threads four times a statement.

A crossing costs more than most statements do. Here a statement that may have to wait, for the disk or for another
writer, crosses once: what a reader asks, `COMMIT`, statements of many rows, and `BEGIN IMMEDIATE` while another
process writes. Statements of an open write transaction need not wait for anybody, and run where they stand; so do those
of who only glances at a few rows.
"""

import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, cast

import aiosqlite
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
    AsyncAdapt_aiosqlite_ss_cursor,
)
from sqlalchemy.engine import Connection as SqlConnection
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DatabaseError, IntegrityError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection
from sqlalchemy.util.concurrency import await_only, in_greenlet

WRITE = "BEGIN IMMEDIATE"
"""What opens a write transaction: nobody else writes from here to its end."""
READ = "BEGIN"
"""What opens a transaction that only reads: it sees one state of everything from its first statement on."""
GLANCE = "BEGIN DEFERRED"
"""The same, for a few rows by their keys: a reader waits for nobody, and such rows are in memory all the time."""
# More than we have: each of them is prepared once in a connection.
_STATEMENTS = 1024


_KINDS: dict[type[sqlite3.Error], type[DatabaseError]] = {
    sqlite3.IntegrityError: IntegrityError,
    sqlite3.OperationalError: OperationalError,
}


class _Answer(NamedTuple):
    description: Any = None
    rows: Sequence[Any] = ()
    lastrowid: int = 0
    rowcount: int = -1


def _ask(connection: sqlite3.Connection, statement: str, parameters: Sequence[object]) -> _Answer:
    cursor = connection.execute(statement, parameters)
    try:
        rows = cursor.fetchall() if cursor.description else ()
        return _Answer(cursor.description, rows, cursor.lastrowid or 0, cursor.rowcount)
    finally:
        cursor.close()


def _begin_and_ask(connection: sqlite3.Connection, statement: str, parameters: Sequence[object]) -> _Answer:
    connection.execute(READ)
    return _ask(connection, statement, parameters)


def _takes_the_pen(connection: sqlite3.Connection) -> bool:
    """Begin to write, if nobody else does at this moment."""
    (patience,) = connection.execute("PRAGMA busy_timeout").fetchone()
    connection.execute("PRAGMA busy_timeout=0")
    try:
        connection.execute(WRITE)
    except sqlite3.OperationalError:
        return False
    finally:
        connection.execute(f"PRAGMA busy_timeout={patience}")
    return True


async def _nothing() -> None:
    pass


def _promised() -> None:
    """Wait for nothing: in a greenlet, SQLAlchemy insists that somebody waits."""
    if in_greenlet():
        await_only(_nothing())


class _Cursor(AsyncAdapt_aiosqlite_cursor):
    """A cursor that has its rows when `execute` returns."""

    __slots__ = ()
    _adapt_connection: "Connection"

    def execute(self, operation: Any, parameters: Any = None) -> None:
        """Run one statement and fetch all of its rows."""
        answer = self._adapt_connection.ask(operation, parameters or ())
        self.description = answer.description
        self._rows = deque(answer.rows)
        if answer.description:
            self.lastrowid = self.rowcount = -1
        else:
            self.lastrowid, self.rowcount = answer.lastrowid, answer.rowcount

    def executemany(self, operation: Any, seq_of_parameters: Any) -> None:
        """Run one statement for many rows, in the thread where somebody can wait for it."""
        if not in_greenlet():
            self.rowcount = self._adapt_connection.ask_many(operation, seq_of_parameters)
            return
        self._adapt_connection.begin_now()
        super().executemany(operation, seq_of_parameters)


class Connection(AsyncAdapt_aiosqlite_connection):
    """A connection that knows where its statements run, and whether it has something under way."""

    __slots__ = ("_begins", "_busy", "_is_here", "_writes")

    def __init__(self, dbapi: Any, connection: Any) -> None:
        super().__init__(dbapi, connection)
        # A `READ` that goes along with the first statement; a call into the thread that has not come back.
        self._begins = self._busy = False
        # Whether the transaction's statements run here, and whether it is one that writes.
        self._is_here = self._writes = False

    def cursor(self, server_side: bool = False) -> AsyncAdapt_aiosqlite_cursor:
        """A cursor of ours; one that streams stays the library's."""
        if not server_side:
            return _Cursor(self)
        self.begin_now()
        return AsyncAdapt_aiosqlite_ss_cursor(self)

    def ask(self, statement: str, parameters: Sequence[object]) -> _Answer:
        """Run a statement here or in the connection's own thread, whichever it takes."""
        driver: Any = self._connection
        try:
            if self.is_here:
                _promised()
                return _ask(driver._conn, statement, parameters)
            self._begins, self._is_here = self._begins or statement == READ, False
            if statement == READ:
                return _Answer()
            if statement == GLANCE or (statement == WRITE and _takes_the_pen(driver._conn)):
                if statement == GLANCE:
                    driver._conn.execute(GLANCE)
                self._begins, self._is_here, self._writes = False, True, statement == WRITE
                return _Answer()
            answer = self._in_thread(_begin_and_ask if self._begins else _ask, statement, parameters)
            self._is_here = self._writes = statement == WRITE
        except ValueError as error:  # The connection is closed: said in SQLAlchemy's words.
            self._handle_exception(error)
        return answer

    @property
    def is_here(self) -> bool:
        """Whether a transaction is open whose statements run where they stand."""
        driver: Any = self._connection
        return self._is_here and bool(driver._conn.in_transaction)

    def ask_many(self, statement: str, rows: Sequence[Sequence[object]]) -> int:
        """Run one statement for some rows, here; how many rows it touched."""
        driver: Any = self._connection
        touched: int = driver._conn.executemany(statement, rows).rowcount
        return touched

    def begin_now(self) -> None:
        """Begin what was to begin with its first statement."""
        if self._begins:
            self._in_thread(_ask, READ, ())

    def _in_thread(self, work: Callable[[sqlite3.Connection, str, Sequence[object]], _Answer], *what: Any) -> _Answer:
        driver: Any = self._connection
        self._begins, self._busy = False, True
        answer: _Answer = self.await_(driver._execute(work, driver._conn, *what))
        self._busy = False
        return answer

    def rollback(self) -> None:
        """End the transaction, if there is one: SQLAlchemy asks twice, and a reader need not wait to stop reading."""
        driver: Any = self._connection
        if self._begins:
            self._begins = False
        elif self._busy or (self._writes and self.is_here):
            self._busy = False
            if in_greenlet():
                super().rollback()
            else:  # A flush that failed where it stands.
                driver._conn.rollback()
        elif driver._conn.in_transaction:
            driver._conn.rollback()


def connect(
    dialect: Dialect, _: ConnectionPoolEntry, arguments: tuple[Any, ...], options: dict[str, Any]
) -> Connection:
    """What SQLAlchemy's `do_connect` asks for."""
    known = {"check_same_thread": False, "cached_statements": _STATEMENTS}
    driver = aiosqlite.connect(*arguments, **options | known)
    driver._thread.daemon = True  # As SQLAlchemy does: a forgotten connection must not keep the process alive.
    return Connection(dialect.dbapi, await_only(driver))


def send(
    connection: SqlConnection | PoolProxiedConnection, statement: str, parameters: Sequence[object]
) -> Sequence[Any]:
    """Run a statement past SQLAlchemy, its rows; what the driver raises, it raises in SQLAlchemy's words."""
    pooled = connection.connection if isinstance(connection, SqlConnection) else connection
    try:
        return cast(Connection, pooled.dbapi_connection).ask(statement, parameters).rows
    except sqlite3.Error as error:
        kind = _KINDS.get(type(error), DatabaseError)
        raise kind(statement, None, error, hide_parameters=True) from error


def is_here(connection: SqlConnection) -> bool:
    """Whether statements of this connection run where they stand."""
    found: object = connection.connection.dbapi_connection
    return isinstance(found, Connection) and found.is_here
