"""`vitrine key`: API keys."""

import asyncio

import click


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

    granted, token = asyncio.run(_create(slug, scopes, publishable, label))
    terminal.show("A new key", {"shop": slug, "scopes": " ".join(granted), "": "The token below is shown this once."})
    terminal.give(token)


async def _create(slug: str, scopes: tuple[str, ...], publishable: bool, label: str) -> tuple[list[str], str]:
    from core import keys, settings, shops
    from core.db import Database

    database = Database(settings.load().database)
    try:
        async with database.transaction() as session:
            shop = await shops.by_slug(session, slug)
            made, token = await keys.create(
                session, shop, scopes=scopes or keys.SCOPES, label=label, publishable=publishable
            )
            return made.scopes, token
    finally:
        await database.close()
