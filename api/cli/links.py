"""`vitrine links`: whether the sums of clicks are what the raw hits add up to, and who is a robot by now."""

import asyncio
from collections import Counter
from datetime import date, datetime
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from social.links.proof import Difference


@click.group()
def links() -> None:
    """Look after the clicks on links."""


@links.command("verify")
@click.option("--shop", "slug", metavar="SLUG", help="One shop; without it, all of them.")
@click.option(
    "--day", "days", multiple=True, type=click.DateTime(["%Y-%m-%d"]), metavar="DAY",
    help="A UTC day such as 2026-11-22; without it, every day that is over and whose raw hits are kept.",
)  # fmt: skip
def verify(slug: str | None, days: tuple[datetime, ...]) -> None:
    """Count the raw clicks and landings again and hold them against their sums. Prints what differs, and fails then.

    The worker does the same for the last seven days every night. Nothing is changed.
    """
    from api.cli import terminal

    proved, found = asyncio.run(_verify(slug, [each.date() for each in days]))
    terminal.show("Verified", {"days": str(proved), "differences": str(len(found))})
    for each in found:
        terminal.give(f"{each.shop_id} {each.words}")
    if found:
        raise click.exceptions.Exit(1)


@links.command("sort-again")
@click.option("--shop", "slug", metavar="SLUG", help="One shop; without it, all of them.")
@click.option("--look", is_flag=True, help="Only say what would be sorted.")
def sort_again(slug: str | None, *, look: bool) -> None:
    """Run today's list of robots over the raw hits that are kept: taps of programs are clicks no more, in all sums.

    Prints the programs' names, and how many hits each has left. A hit whose user agent had nothing unusual in it stays.
    """
    from api.cli import terminal

    found = asyncio.run(_sort_again(slug, only_look=look))
    terminal.show("Robots", {"programs": str(len(found)), "hits": str(sum(found.values()))})
    for names, hits in sorted(found.items()):
        terminal.give(f"{names}: {hits}")


async def _sort_again(slug: str | None, *, only_look: bool) -> dict[str, int]:
    from core import clock, settings, shops
    from core.db import Database
    from social.links import proof, sorting

    config = settings.load()
    database, now = Database(config.database), clock.now()
    try:
        shop_id = None
        if slug is not None:
            async with database.read() as session:
                shop_id = (await shops.by_slug(session, slug)).id
        found: Counter[str] = Counter()
        for day in [now.date(), *proof.days(now, config.click_retention_days)]:
            found += await sorting.sort_again(database, day, shop_id, only_look=only_look)
        return found
    finally:
        await database.close()


async def _verify(slug: str | None, days: list[date]) -> tuple[int, list["Difference"]]:
    from core import clock, settings, shops
    from core.db import Database
    from social.links import proof

    config = settings.load()
    database = Database(config.database)
    try:
        shop_id = None
        if slug is not None:
            async with database.read() as session:
                shop_id = (await shops.by_slug(session, slug)).id
        kept = proof.days(clock.now(), config.click_retention_days)
        for each in days:
            if each not in kept:
                raise click.UsageError(
                    f"{each} is not over, or not all of its raw hits are kept: {kept[-1]} to {kept[0]}."
                )
        found: list[Difference] = []
        for each in days or kept:
            found += await proof.prove(database, each, shop_id)
        if not days:
            found += await proof.prove_spans(database, kept, shop_id, found)
        return len(days or kept), found
    finally:
        await database.close()
