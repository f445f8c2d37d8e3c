"""`vitrine restore`: a backup into an empty database of either kind, all of it or nothing.

The checksums come first, then the pictures (putting one twice is no harm), and last all rows in one transaction.
"""

import asyncio
from pathlib import Path

import sqlalchemy as sa

from api.operations import archive, tables
from api.operations.archive import Manifest
from api.running.failure import Failure
from core import migrations, settings
from core.db import Database
from core.settings import Settings
from media.storage import storage


class NotEmpty(Failure):
    """Restoring never touches what is there."""


class NewerSchema(Failure):
    """The backup was made by a version with a schema that this one does not know."""


def run(source: Path) -> Manifest:
    """Restore into what the environment's settings name. Raises BadArchive, NotEmpty, NewerSchema."""
    config = settings.load()
    with archive.opened(source, config.data_dir) as folder:
        manifest = archive.verify(folder)
        if manifest.revision not in migrations.revisions():
            raise NewerSchema(f"The schema {manifest.revision} is unknown to this version of Vitrine.")
        config.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        if asyncio.run(_prepared(config, manifest)):
            migrations.upgrade(config.database)
        else:
            migrations.upgrade(config.database, manifest.revision)
        asyncio.run(fill(config, folder, manifest))
        migrations.upgrade(config.database)
    return manifest


async def _prepared(config: Settings, manifest: Manifest) -> bool:
    """Whether the database has its tables already. Raises NotEmpty for rows, or tables of another revision."""
    database = Database(config.database)
    try:
        async with database.read() as session:
            found = await tables.shapes(session)
            if not found:
                return False
            revision = await session.scalar(sa.text("SELECT version_num FROM alembic_version"))
            if revision != manifest.revision:
                raise NotEmpty("The database has tables of another version: restore into one without any.")
            if filled := await tables.rows(session, found):
                raise NotEmpty(f"{filled} tables have rows: restore into an empty database.")
            return True
    finally:
        await database.close()


async def fill(config: Settings, folder: Path, manifest: Manifest) -> None:
    """Pictures, then rows. Raises BadArchive where a table is not what the manifest says, and nothing was written."""
    database, pictures = Database(config.database), storage.connect(config)
    try:
        for path in sorted((folder / "pictures").glob("*")):
            await pictures.put(path.name, path.read_bytes())
        async with database.transaction() as session:
            found = await tables.shapes(session)
            if await tables.rows(session, found):
                raise NotEmpty("Somebody was faster: the database has rows.")
            for shape in found:
                if shape.name not in manifest.rows:
                    raise archive.BadArchive(f"The table {shape.name} is not in the backup.")
                lines = archive.content(folder, f"tables/{shape.name}.jsonl")
                count = await tables.fill(session, shape, lines)
                if count != manifest.rows[shape.name]:
                    raise archive.BadArchive(f"The table {shape.name} has {count} rows.")
    finally:
        await pictures.close()
        await database.close()
