"""`vitrine backup`: everything that is not made again, while the shop goes on selling.

All tables come from one snapshot (a read transaction of SQLite's WAL, REPEATABLE READ on PostgreSQL), so that the
backup is a state that was. Pictures never change under their key, so they may be copied afterwards.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path

import msgspec
import sqlalchemy as sa

from api.operations import archive, tables
from api.operations.archive import Manifest, Writer
from core import clock, settings
from core.db import AsyncSession, Database
from core.settings import Settings
from media.errors import ObjectNotFound
from media.storage import storage
from media.storage.storage import Storage

_NAMED = 1000


def run(target: Path) -> Manifest:
    """Back up what the environment's settings name. Raises FileExistsError, and what database and storage raise."""
    config = settings.load()
    with archive.writing(target) as writer:
        return asyncio.run(write(config, writer))


async def write(config: Settings, writer: Writer) -> Manifest:
    """Tables, pictures and the manifest."""
    database, pictures = Database(config.database), storage.connect(config)
    try:
        async with snapshot(database) as session:
            found = await tables.shapes(session)
            revision = str(await session.scalar(sa.text("SELECT version_num FROM alembic_version")))
            rows = {shape.name: await _table(session, shape, writer) for shape in found}
            keys = [key async for key in tables.pictures(session, found)]
        missing = [key for key in keys if not await _picture(pictures, key, writer)]
    finally:
        await pictures.close()
        await database.close()
    manifest = Manifest(
        version=version("vitrine"),
        revision=revision,
        database="sqlite" if database.is_sqlite else "postgresql",
        created_at=clock.now().isoformat(),
        rows=rows,
        pictures=len(keys) - len(missing),
        missing_pictures=len(missing),
        missing=missing[:_NAMED],
    )
    writer.begin(archive.MANIFEST)
    writer.write(msgspec.json.format(msgspec.json.encode(manifest)))
    writer.end()
    return manifest


@asynccontextmanager
async def snapshot(database: Database) -> AsyncIterator[AsyncSession]:
    """A session that sees one state of the database until its end, whatever is written meanwhile."""
    async with database.read() as session:
        if not database.is_sqlite:
            await session.core(sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        yield session


async def _table(session: AsyncSession, shape: tables.Shape, writer: Writer) -> int:
    writer.begin(f"tables/{shape.name}.jsonl")
    count = -1  # The first line names the columns.
    async for line in tables.lines(session, shape):
        writer.write(line + b"\n")
        count += 1
    writer.end()
    return count


async def _picture(pictures: Storage, key: str, writer: Writer) -> bool:
    """Copy one picture; whether the storage has it."""
    writer.begin(f"pictures/{key}")
    try:
        async for piece in pictures.stream(key):
            writer.write(piece)
    except ObjectNotFound:
        writer.undo()
        return False
    writer.end()
    return True
