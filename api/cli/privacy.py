"""`vitrine privacy`: what is kept of visitors and buyers, and for how long."""

import asyncio
from typing import TextIO

import click


@click.group()
def privacy() -> None:
    """Forget: what is too old, or what somebody wants forgotten."""


@privacy.command("purge")
def purge() -> None:
    """Delete raw clicks older than VITRINE_CLICK_RETENTION_DAYS now, and forget taps of orders older than 25 months.

    The worker does the same once a day.
    """
    from api.cli import terminal

    clicks, orders = asyncio.run(_purge())
    terminal.show("Purged", {"clicks and landings": str(clicks), "orders whose taps are forgotten": str(orders)})
    terminal.give(str(clicks + orders))


@privacy.command("erase")
@click.option("--shop", "slug", required=True, metavar="SLUG", help="Whose orders.")
@click.option("--email-file", type=click.File(), metavar="FILE", help="A buyer's e-mail address; - is stdin.")
@click.argument("order_ids", metavar="[ORDER]...", nargs=-1)
def erase(slug: str, email_file: TextIO | None, order_ids: tuple[str, ...]) -> None:
    """Forget who bought these orders, or all orders of one buyer. Amounts, lines and networks stay. Prints the ids.

    An address does not travel as an argument, which other users of the machine can read. Stripe keeps records of its
    own: ask there too.
    """
    email = email_file.read().strip() if email_file else ""
    if bool(email) == bool(order_ids):
        raise click.UsageError("Name orders, or a file with an e-mail address.")
    from api.cli import terminal

    erased = asyncio.run(_erase(slug, email, order_ids))
    terminal.show("Erased", {"shop": slug, "orders": str(len(erased))})
    for each in erased:
        terminal.give(each)


async def _purge() -> tuple[int, int]:
    from checkout import forgetting
    from core import clock, settings
    from core.db import Database
    from social.links import retention

    config = settings.load()
    database, now = Database(config.database), clock.now()
    try:
        clicks, _ = await retention.purge(database, retention.cut(now, config.click_retention_days))
        orders = 0
        while forgotten := await forgetting.forget_taps(database, now - forgetting.KEPT):
            orders += forgotten
        return clicks, orders
    finally:
        await database.close()


async def _erase(slug: str, email: str, order_ids: tuple[str, ...]) -> list[str]:
    from checkout import forgetting
    from core import clock, settings, shops
    from core.db import Database
    from core.secrets import Vault

    config = settings.load()
    database, vault = Database(config.database), Vault(config.secret_keys)
    try:
        async with database.read() as session:
            shop = await shops.by_slug(session, slug)
        if email:
            return await forgetting.erase_buyer(database, vault, shop, email, clock.now())
        await forgetting.erase_orders(database, shop, order_ids, clock.now())
        return list(order_ids)
    finally:
        await database.close()
