"""The migrations make exactly the tables that the code declares, on both databases."""

from alembic.util.exc import CommandError

from core import migrations
from tests.house.source import import_everything


def test_the_migrations_make_the_tables_of_the_code(empty_database_url: str) -> None:
    import_everything()
    migrations.upgrade(empty_database_url)
    assert difference(empty_database_url) == ""


def difference(url: str) -> str:
    """What a new migration would have to change, in alembic's words; empty when nothing."""
    try:
        migrations.drift(url)
    except CommandError as error:
        return str(error)
    return ""
