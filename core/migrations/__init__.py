"""Schema changes, applied in order on SQLite and PostgreSQL by the same scripts."""

from pathlib import Path

from alembic import command
from alembic.config import Config

from core.db import Database


def _config(database: Database) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["database"] = database
    return config


def upgrade(url: str) -> None:
    """Bring the database at `url` to the newest schema. Not to be called from a running event loop."""
    command.upgrade(_config(Database(url)), "head")


def drift(url: str) -> None:
    """Raises alembic's CommandError when the tables in the code differ from the migrated database at `url`.

    The caller has imported every room, so that all tables are known.
    """
    command.check(_config(Database(url)))


def revise(url: str, message: str) -> None:
    """Write a new migration from the difference between the code and the database at `url`."""
    command.revision(_config(Database(url)), message=message, autogenerate=True)
