"""Schema changes, applied in order on SQLite and PostgreSQL by the same scripts."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from core.db import Database


def _config(database: Database) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["database"] = database
    return config


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database at `url` to a revision, the newest unless named. Not to be called from a running event loop.

    Any number of processes may try at once: one does it, the others wait and find it done.
    """
    command.upgrade(_config(Database(url)), revision)


def revisions() -> list[str]:
    """All revisions that this version knows, the newest first."""
    return [each.revision for each in _scripts().walk_revisions()]


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(Path(__file__).parent))


def drift(url: str) -> None:
    """Raises alembic's CommandError when the tables in the code differ from the migrated database at `url`.

    The caller has imported every room, so that all tables are known.
    """
    command.check(_config(Database(url)))
