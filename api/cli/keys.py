"""`vitrine key`: API keys."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from core.db import AsyncSession
    from core.keys import ApiKey


@click.group()
def key() -> None:
    """API keys."""


@key.command("create")
@click.option("--shop", "slug", required=True, metavar="SLUG", help="The shop that the key opens.")
@click.option("--scope", "scopes", multiple=True, metavar="SCOPE", help="What it may do; repeat it. All, unless given.")
@click.option("--publishable", is_flag=True, help="For front ends: look and buy, nothing else.")
@click.option("--label", default="", metavar="TEXT", help="To tell it from others.")
def create(slug: str, scopes: tuple[str, ...], publishable: bool, label: str) -> None:
    """Make an API key. Its token is printed this once and kept nowhere."""
    if publishable and scopes:
        raise click.UsageError("A publishable key has scopes of its own: leave --scope out.")
    from api.cli import terminal

    made, token = asyncio.run(_create(slug, scopes, publishable, label))
    facts = {"shop": slug, "id": made.id, "scopes": " ".join(made.scopes), "": "The token below is shown this once."}
    terminal.show("A new key", facts)
    terminal.give(token)


@key.command("list")
@click.option("--shop", "slug", required=True, metavar="SLUG", help="Whose keys.")
def list_(slug: str) -> None:
    """All keys of a shop, one per line, parted by tabs: id, beginning of the token, state, kind, label."""
    from api.cli import terminal

    for each in asyncio.run(_list(slug)):
        state = "revoked" if each.revoked_at else "works"
        kind = "publishable" if each.publishable else "secret"
        terminal.give("\t".join((each.id, f"{each.lookup}…", state, kind, each.label)))


@key.command("revoke")
@click.option("--shop", "slug", required=True, metavar="SLUG", help="Whose key.")
@click.argument("key_id", metavar="ID")
def revoke(slug: str, key_id: str) -> None:
    """Revoke the key ID, as `vitrine key list` calls it: it answers 401 from now on, on every machine."""
    from api.cli import terminal

    gone = asyncio.run(_revoke(slug, key_id))
    terminal.show("Revoked", {"shop": slug, "key": f"{gone.lookup}…", "label": gone.label})
    terminal.give(gone.id)


@asynccontextmanager
async def _transaction() -> AsyncIterator["AsyncSession"]:
    from core import settings
    from core.db import Database

    database = Database(settings.load().database)
    try:
        async with database.transaction() as session:
            yield session
    finally:
        await database.close()


async def _create(slug: str, scopes: tuple[str, ...], publishable: bool, label: str) -> tuple["ApiKey", str]:
    from core import keys, shops

    async with _transaction() as session:
        shop = await shops.by_slug(session, slug)
        return await keys.create(session, shop, scopes=scopes or keys.SCOPES, label=label, publishable=publishable)


async def _list(slug: str) -> list["ApiKey"]:
    from core import keys, shops

    async with _transaction() as session:
        return await keys.of_shop(session, await shops.by_slug(session, slug))


async def _revoke(slug: str, key_id: str) -> "ApiKey":
    from core import clock, keys, shops

    async with _transaction() as session:
        return await keys.revoke(session, await shops.by_slug(session, slug), key_id, clock.now())
