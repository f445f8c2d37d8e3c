"""A session, and the statements that it sends past the objects."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import InstanceState, make_transient_to_detached
from sqlalchemy.orm.attributes import instance_state, manager_of_class, set_committed_value
from sqlalchemy.orm.util import identity_key
from sqlalchemy.util.concurrency import greenlet_spawn
from sqlmodel.ext.asyncio.session import AsyncSession as OrmSession

from core import sqlite_driver, statements
from core.statements import Plan, Statement
from core.tables import Table, table_of, with_defaults
from core.traces import Read, Trace

R = TypeVar("R", bound=Table)
S = TypeVar("S", bound=Table)


def _made(table: type[R], row: Mapping[str, object]) -> R:
    """An object as a session makes it of a row."""
    made: R = manager_of_class(table).new_instance()
    made.__dict__.update(row)
    make_transient_to_detached(made)
    return made


class AsyncSession(OrmSession):
    """A session that also runs statements about tables as they are, for where rows need not be objects.

    It lives for one transaction. Where nothing has to be waited for (`sqlite_driver`), nothing is handed over to one of
    SQLAlchemy's greenlets either.
    """

    _connection: sa.Connection | None = None
    _is_here = False
    _trace: Trace | None = None

    @property
    def dialect(self) -> Dialect:
        """How the database is spoken to."""
        engine = cast(sa.Engine, self.sync_session.bind)
        return statements.known(engine.dialect)

    async def core(
        self, statement: sa.Executable, parameters: Mapping[str, object] | Sequence[Mapping[str, object]] | None = None
    ) -> sa.CursorResult[Any]:
        """Run a statement past the objects: what was only changed in them is not flushed, what was loaded stays."""
        connection = self._connection or await self.open()
        self.spoil()
        if self._is_here and not isinstance(parameters, Sequence):
            return connection.execute(statement, parameters)
        return await greenlet_spawn(connection.execute, statement, parameters)

    async def rows(self, statement: Statement, parameters: Mapping[str, object]) -> Sequence[Sequence[Any]]:
        """The rows that a statement which is a constant gives back: as `core` does, and faster (`statements.of`)."""
        connection = self._connection or await self.open()
        if not self._is_here:
            answer = await greenlet_spawn(connection.execute, statement, parameters)
            rows = answer.all() if answer.returns_rows else []
            if self._trace is not None:
                self._trace.add(statement, parameters, rows)
            return rows
        plan = statements.of(statement, self.dialect)
        rows = sqlite_driver.send(connection, plan.text, plan.values(parameters))
        if self._trace is not None:
            self._trace.add(statement, parameters, rows)
        return plan.rows(rows)

    def record(self, now: datetime) -> Trace:
        """Write down all that `rows` reads from here on, before anything was read; whatever else is asked spoils it."""
        self._trace = Trace(now)
        event.listen(self.sync_session, "do_orm_execute", self._trace.spoil)
        return self._trace

    def spoil(self) -> None:
        """What is being made follows from more than rows: nobody may take it for proven by them."""
        if self._trace is not None:
            self._trace.spoil()

    def ends(self, *moments: datetime | None) -> None:
        """At each of these moments something else follows from the same rows."""
        if self._trace is not None:
            self._trace.end(*moments)

    async def repeats(self, reads: Sequence[Read], now: datetime) -> bool:
        """Whether the database answers all of this now as it did."""
        for each in reads:
            if await self.rows(each.statement, each.at(now)) != each.rows:
                return False
        return True

    async def open(self) -> sa.Connection:
        """Get the connection that this session's statements go to."""
        self._connection = await greenlet_spawn(self.sync_session.connection)
        self._is_here = sqlite_driver.is_here(self._connection)
        return self._connection

    async def send(self, plan: Plan, row: Mapping[str, object]) -> bool:
        """Send a statement of ours straight to the driver, with these values; whether it gave anything back."""
        connection = self._connection or await self.open()
        self.spoil()
        values = plan.values(row)
        if self._is_here:
            return bool(sqlite_driver.send(connection, plan.text, values))
        answer = await greenlet_spawn(connection.exec_driver_sql, plan.text, values)
        return answer.returns_rows and answer.first() is not None

    async def pairs(
        self, one: type[R], other: type[S], statement: sa.Select[Any], parameters: Mapping[str, object]
    ) -> list[tuple[R, S]]:
        """As `fresh`, of a statement of all columns of two tables, the one's before the other's."""
        if self.sync_session.dirty:
            await self.flush()
        ones, others = table_of(one).c.keys(), table_of(other).c.keys()
        return [
            (
                self._object(one, dict(zip(ones, row, strict=False))),
                self._object(other, dict(zip(others, row[len(ones) :], strict=True))),
            )
            for row in await self.rows(statement, parameters)
        ]

    async def fresh(self, table: type[R], statement: sa.Select[Any], parameters: Mapping[str, object]) -> list[R]:
        """The rows of a table that a statement of all its columns finds, as the database has them now."""
        if self.sync_session.dirty:
            await self.flush()
        names = table_of(table).c.keys()
        rows = await self.rows(statement, parameters)
        return [self._object(table, dict(zip(names, row, strict=True))) for row in rows]

    async def find(self, table: type[R], statement: sa.Select[Any], key: str) -> R | None:
        """The row with this key, as `get` finds it: one that was loaded before is not asked for again.

        The statement finds all columns by the parameter `key`.
        """
        known: R | None = self.sync_session.identity_map.get(identity_key(table, (key,)))
        if known is not None:
            return known
        found = await self.fresh(table, statement, {"key": key})
        return found[0] if found else None

    def _object(self, table: type[R], found: Mapping[str, object]) -> R:
        key = identity_key(table, tuple(found[column.key] for column in table_of(table).primary_key))
        known: R | None = self.sync_session.identity_map.get(key)
        if known is not None:
            for name, value in found.items():
                set_committed_value(known, name, value)
            return known
        made = _made(table, found)
        self.sync_session.add(made)
        return made

    async def save(self, *rows: Table) -> None:
        """Write what has changed in rows that this session has read, one UPDATE each, and nothing else."""
        for row in rows:
            state: InstanceState[Table] = instance_state(row)
            old = state.committed_state
            changed = tuple(sorted(name for name, value in old.items() if getattr(row, name) != value))
            if changed and state.persistent:
                await self.send(statements.update(type(row), changed, self.dialect), vars(row))
            if state.persistent:  # There is nothing left that a flush would look for.
                state._commit_all(state.dict, self.sync_session.identity_map)

    if not TYPE_CHECKING:  # The type checker reads SQLModel's.

        async def exec(self, statement, *, params=None, **options):
            if self._connection is None:
                await self.open()
            if self._is_here and not options and not isinstance(params, Sequence):
                return self.sync_session.exec(statement, params=params)
            return await super().exec(statement, params=params, **options)

        async def connection(self, **options):
            self.spoil()
            return await super().connection(**options)

        async def flush(self, objects=None):
            if self._is_here:
                self.sync_session.flush(objects)
            else:
                await super().flush(objects)


_LOCK_NAME = sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")


async def lock_name(session: AsyncSession, name: str) -> None:
    """Keep everybody else who locks this name waiting until the transaction ends: for what is counted, then added to.

    What was read before is old by then. SQLite has one writer anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        await session.core(_LOCK_NAME, {"name": name})


async def insert(session: AsyncSession, table: type[Table], *rows: Mapping[str, object]) -> None:
    """Insert rows that nobody needs as objects; columns left out get the table's defaults."""
    await _flush_new(session)
    for row in rows:
        await session.send(statements.insertion(table, "refuse", session.dialect), with_defaults(table, row))


async def insert_new(session: AsyncSession, table: type[Table], row: Mapping[str, object]) -> bool:
    """Insert a row unless one with a key of its own is there already; whether it was inserted."""
    await _flush_new(session)
    return await session.send(statements.insertion(table, "ignore", session.dialect), with_defaults(table, row))


async def _flush_new(session: AsyncSession) -> None:
    """Write the objects that a row might point to; those that only changed wait, so that they are written once."""
    if session.new:
        await session.flush()


async def insert_rows(
    session: AsyncSession, table: type[Table], rows: Sequence[tuple[object, ...]], *, adding_up: bool = False
) -> None:
    """Insert many rows, past everything that costs more than the inserts themselves.

    A row holds all columns in the order of the table, and goes to the driver as it is: for plain numbers, texts and
    bytes. With `adding_up`, a row whose key is there already gets its numbers added to those.
    """
    if rows:
        connection = await session.connection()
        plan = statements.insertion(table, "add up" if adding_up else "refuse", statements.known(connection.dialect))
        await connection.exec_driver_sql(plan.text, list(rows))
