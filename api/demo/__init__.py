"""`vitrine demo`: the whole job on real input, as a merchant and two buyers would go through it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from rich.console import Console
from rich.table import Table

from api.demo import exhibition, files, goods, story
from api.demo.merchant import Merchant
from api.demo.stock import Picture, Stock
from api.demo.story import Rendered, Result
from api.running import installation as installations
from api.running import up
from api.running.installation import Installation, Plan
from api.running.up import Running
from core import clock, migrations
from core.shops import ShopOut

_AT_ONCE = 3
Load = Callable[[Merchant], Awaitable[Stock]]


def run(*, out: Path, catalog: Path | None, pictures: Path | None, currency: str, locale: str) -> int:
    """Play the demo into the folder `out`. 0 only if the shop's database says what was really bought, else 1.

    Raises NotOurs, NothingToShow, Refused, ChildEnded.
    """
    exhibition.prepare(out)
    began = clock.monotonic()

    async def load(merchant: Merchant) -> Stock:
        if catalog is None:
            return await goods.load(merchant)
        return await files.load(merchant, catalog, pictures, currency)

    with TemporaryDirectory(prefix="vitrine-demo-") as folder:
        plan = Plan(port=0, data=Path(folder) / "data", currency="EUR" if catalog is None else currency, locale=locale)
        with installations.locked(plan) as installation:
            migrations.upgrade(installation.settings.database)
            return asyncio.run(_play(installation, load, out, began))


async def seed(running: Running) -> None:
    """Fill a fresh shop with the demo's goods and posts, and keep the links to play with."""
    kept = running.installation.kept
    async with Merchant(running.base_url, kept.secret_key) as merchant:
        kept.links["the shop's gallery"] = f"/s/{(await merchant.shop()).slug}"
        for published in await story.publish_all(merchant, await goods.load(merchant)):
            for link in published.kit.links:
                kept.links[f"{published.post.network}: {link.title}"] = urlsplit(link.url).path


async def _play(installation: Installation, load: Load, out: Path, began: float) -> int:
    console = Console(highlight=False)

    def say(text: str) -> None:
        console.print(f"[dim]{clock.monotonic() - began:5.1f} s[/dim]  {text}", soft_wrap=True)

    async with (
        up.running(installation) as running,
        Merchant(running.base_url, installation.kept.secret_key) as merchant,
    ):
        say(f"server, worker and local Stripe answer on {running.base_url} and {installation.sandbox_url}")
        stock = await load(merchant)
        shop = await merchant.shop()
        products = {point.product.id for picture in stock.pictures for point in picture.points}
        say(f"{len(products)} products and {len(stock.pictures)} pictures are in the shop")
        rendered = await _render(merchant, shop, stock.pictures)
        visuals = exhibition.write_visuals(out, rendered)
        say(f"{len(rendered)} visuals are drawn")
        posts = await story.publish_all(merchant, stock)
        say(f"{len(posts)} posts are made: {', '.join(each.post.network for each in posts)}")
        visited = {each.post.network: await story.visit(each) for each in posts}
        say(f"{sum(visited.values())} links are tapped and paid for; bots, previews and prefetches have looked too")
        found = await story.results(merchant, visited, posts)
        sheet = exhibition.write_contact_sheet(out, shop, visuals, found, stock.remarks)
        say(f"everything is in {sheet}")
    console.print(_table(found, shop))
    for remark in stock.remarks[:20]:
        console.print(f"[dim]note:[/dim] {remark}")
    faults = [f"{each.published.post.network}: {fault}" for each in found for fault in each.faults]
    for fault in faults:
        console.print(f"[bold red]wrong:[/bold red] {fault}")
    return 1 if faults else 0


async def _render(merchant: Merchant, shop: ShopOut, pictures: Sequence[Picture]) -> list[Rendered]:
    """Every picture in every look and format, a few at a time."""
    room = asyncio.Semaphore(_AT_ONCE)

    async def one(picture: Picture) -> list[Rendered]:
        async with room:
            return await story.render(merchant, shop, picture)

    return [each for found in await asyncio.gather(*(one(picture) for picture in pictures)) for each in found]


def _table(results: Sequence[Result], shop: ShopOut) -> Table:
    table = Table(title="What came of it", title_justify="left", title_style="bold")
    table.add_column("Post")
    table.add_column("Network")
    for heading in ("Clicks", "Orders", "Revenue"):
        table.add_column(heading, justify="right")
    for each in results:
        post = each.published.post
        revenue = exhibition.revenue(each.revenue, shop.locale)
        table.add_row(post.title, post.network.capitalize(), str(each.clicks), str(len(each.orders)), revenue)
    return table
