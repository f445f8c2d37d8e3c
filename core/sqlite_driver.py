"""SQLite's driver with fewer journeys: SQLAlchemy's own adapter of aiosqlite crosses threads four times a statement.

A crossing costs more than most statements do. Here a statement that may have to wait, for the disk or for another
writer, crosses once: everything a reader asks, `BEGIN`, `COMMIT` and statements of many rows. Statements of an open
write transaction need not wait for anybody, and run where they stand.
"""

import sqlite3
from collections import deque
from collections.abc import Sequence
from typing import Any, NamedTuple

import aiosqlite
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
    AsyncAdapt_aiosqlite_ss_cursor,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.util.concurrency import await_only

WRITE = "BEGIN IMMEDIATE"
"""What opens a write transaction: nobody else writes from here to its end."""


class _Answer(NamedTuple):
    description: Any
    rows: Sequence[Any]
    lastrowid: int
    rowcount: int


def _ask(connection: sqlite3.Connection, statement: str, parameters: Sequence[object]) -> _Answer:
    cursor = connection.execute(statement, parameters)
    try:
        rows = cursor.fetchall() if cursor.description else ()
        return _Answer(cursor.description, rows, cursor.lastrowid or 0, cursor.rowcount)
    finally:
        cursor.close()


async def _here(connection: sqlite3.Connection, statement: str, parameters: Sequence[object]) -> _Answer:
    return _ask(connection, statement, parameters)


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


class Connection(AsyncAdapt_aiosqlite_connection):
    """A connection that knows whether it is the writer."""

    __slots__ = ("_writes",)

    def __init__(self, dbapi: Any, connection: Any) -> None:
        super().__init__(dbapi, connection)
        self._writes = False

    def cursor(self, server_side: bool = False) -> AsyncAdapt_aiosqlite_cursor:
        """A cursor of ours; one that streams stays the library's."""
        return AsyncAdapt_aiosqlite_ss_cursor(self) if server_side else _Cursor(self)

    def ask(self, statement: str, parameters: Sequence[object]) -> _Answer:
        """Run a statement here or in the connection's own thread, whichever it takes."""
        driver: Any = self._connection
        try:
            if self._writes and driver._conn.in_transaction:
                answer: _Answer = self.await_(_here(driver._conn, statement, parameters))
            else:
                answer = self.await_(driver._execute(_ask, driver._conn, statement, parameters))
                self._writes = statement == WRITE
        except ValueError as error:  # The connection is closed: said in SQLAlchemy's words.
            self._handle_exception(error)
        return answer


def connect(
    dialect: Dialect, _: ConnectionPoolEntry, arguments: tuple[Any, ...], options: dict[str, Any]
) -> Connection:
    """What SQLAlchemy's `do_connect` asks for."""
    driver = aiosqlite.connect(*arguments, **options | {"check_same_thread": False})
    driver._thread.daemon = True  # As SQLAlchemy does: a forgotten connection must not keep the process alive.
    return Connection(dialect.dbapi, await_only(driver))
