"""How alembic runs in this house: over the application's own async engine, in one transaction."""

import asyncio
import time
from typing import Literal

import sqlalchemy as sa
from alembic import context
from sqlalchemy.engine import Connection
from sqlmodel import SQLModel

from core import clock
from core.db import Database

# Any number will do that nobody else uses on this database.
LOCK = 0x76697472696E65
PATIENCE_SECONDS = 600.0


def _render(kind: str, item: object, _: object) -> str | Literal[False]:
    """Our own column types are written by what they are made of, so that a migration never imports the house."""
    if kind == "type" and type(item).__name__ == "UtcDateTime":
        return "sa.DateTime(timezone=True)"
    if kind == "type" and type(item).__name__ == "AutoString":
        return "sa.String()"
    if kind == "type" and type(item).__name__ == "JSON":
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    return False


def _alone(connection: Connection) -> None:
    """One process at a time: on PostgreSQL by a lock that ends with the transaction; SQLite's BEGIN IMMEDIATE is one.

    Asked for again and again, because waiting in one statement would run into the driver's time limit.
    """
    if connection.dialect.name != "postgresql":
        return
    end = clock.monotonic() + PATIENCE_SECONDS
    while not connection.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(LOCK))):
        if clock.monotonic() > end:
            raise TimeoutError("Another process has been changing the schema for ten minutes.")
        time.sleep(0.1)


def _migrate(connection: Connection) -> None:
    _alone(connection)
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        render_item=_render,
        compare_type=True,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()


async def _run() -> None:
    database: Database = context.config.attributes["database"]
    try:
        async with database.engine.begin() as connection:
            await connection.run_sync(_migrate)
    finally:
        await database.close()


asyncio.run(_run())
