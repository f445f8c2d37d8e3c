"""What a tap costs: `/l/{slug}` with its click stored, against a bare 302 on the same server with the same settings.

Server and worker run as `vitrine up` runs them: the worker folds the clicks into the database, and it ends when every
click is there. Counted is the CPU per request, of the server process alone and together with the worker's; the load
comes from this process over keep-alive connections, so that its own speed decides nothing. One link is tapped by 200
user agents, ten thousand by as many. Both servers are asked in turns, a block each; the ratio is bare over ours, the
median of all blocks: 1 would be free.
"""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median

import sqlalchemy as sa
from sqlmodel import select

from bench.row import Row
from bench.serving import cpu, server, worker
from catalog import products
from catalog.schemas import PriceIn, ProductCreate, VariantCreate
from core import migrations, shops
from core.db import Database
from social.links import links
from social.links.models import Click
from social.links.schemas import LinkCreate

BLOCK = 800
BLOCKS = 80
CONNECTIONS = 16
WARM_UP = 1600
PHONES = 200
_AGENT = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/22B{} Instagram 406.0.0"


async def bare(scope: dict[str, object], _: object, send: Callable[[dict[str, object]], Awaitable[None]]) -> None:
    """The least that a redirect can be."""
    if scope["type"] != "http":
        return
    headers = [(b"location", b"http://127.0.0.1/go/abcdefghk?sl=x"), (b"cache-control", b"private, no-store")]
    await send({"type": "http.response.start", "status": 302, "headers": [*headers, (b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def rows() -> list[Row]:
    """One hot link, and ten thousand of them, all in use."""
    found = [asyncio.run(_rows(count, promised)) for count, promised in ((1, 0.6), (10_000, 0.55))]
    return [row for rows in found for row in rows]


async def _rows(count: int, promised: float) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        db, slugs = await links_in(place, count)
        try:
            async with server(place, ours=False) as plain, server(place) as ours, worker(place) as folding:
                first = -(-max(WARM_UP, count) // BLOCK)
                await _in_turns(plain, ours, slugs, range(first))
                await stored(db, first * BLOCK)
                before = cpu(folding)
                blocks = await _in_turns(plain, ours, slugs, range(first, first + BLOCKS))
                await stored(db, (first + BLOCKS) * BLOCK)
                folded = (cpu(folding) - before) / BLOCKS / BLOCK
        finally:
            await db.close()
    name = "one hot link" if count == 1 else f"{count:,} links"
    least, mine, behind = *(median(each) * 1e6 for each in zip(*blocks, strict=True)), folded * 1e6
    how = f"median of {BLOCKS} blocks of {BLOCK} requests to each in turns, every click stored, SQLite"
    alone = f"CPU of the server process: {least:.0f} µs for a bare 302 ÷ {mine:.0f} µs for a tap; {how}"
    both = f"CPU of server and worker together: {least:.0f} µs ÷ {mine + behind:.0f} µs, {behind:.0f} in the worker"
    return [
        Row(f"/l/{{slug}}, {name}", median(a / b for a, b in blocks), promised, better="higher", note=alone),
        Row(
            f"/l/{{slug}}, {name}, folding included",
            median(a / (b + folded) for a, b in blocks),
            0.3,
            better="higher",
            note=both,
        ),
    ]


async def _in_turns(
    plain: tuple[int, int], ours: tuple[int, int], slugs: list[str], blocks: range
) -> list[tuple[float, float]]:
    """Seconds of CPU per request of both servers, block by block: what else the machine does slows down both."""
    paths = [f"/l/{slug}" for slug in slugs]
    found = []
    for block in blocks:
        spent = []
        for (pid, port), asked in ((plain, ["/l/x"]), (ours, paths)):
            before = _cpu_of_threads(pid)
            await load(port, asked, BLOCK, block, max(PHONES, len(slugs)))
            spent.append((_cpu_of_threads(pid) - before) / BLOCK)
        found.append((spent[0], spent[1]))
    return found


def _cpu_of_threads(pid: int) -> float:
    """As `cpu`, to the nanosecond, of the threads that there are: a block takes only two or three clock ticks."""
    return sum(int(each.read_text().split()[0]) for each in Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9


async def links_in(folder: Path, count: int) -> tuple[Database, list[str]]:
    """A database in the folder with so many links in it, and their slugs."""
    url = f"sqlite:///{folder / 'vitrine.db'}"
    await asyncio.to_thread(migrations.upgrade, url)
    db = Database(url)
    async with db.transaction() as session:
        shop = await shops.create(session, "Atelier Lune", "EUR")
        variant = VariantCreate(available=5, prices=[PriceIn(amount=4900, currency="EUR")])
        product = await products.create(session, shop, ProductCreate(title="Vase Aube", variants=[variant]))
        made = [
            await links.create(session, shop, LinkCreate(product_id=product.id, network="instagram"))
            for _ in range(count)
        ]
    return db, [link.slug for link in made]


async def _clicks(db: Database) -> int:
    async with db.read() as session:
        return (await session.exec(select(sa.func.count()).select_from(Click))).one()


async def stored(db: Database, wanted: int) -> None:
    """Until every click is in the database."""
    end = time.monotonic() + 60
    while (found := await _clicks(db)) < wanted:
        if time.monotonic() > end:
            raise RuntimeError(f"{wanted - found} clicks are missing.")
        await asyncio.sleep(0.1)


async def load(port: int, paths: list[str], requests: int, block: int, phones: int = PHONES) -> None:
    """So many requests over a few connections; every answer is a 302. Blocks one after the other go round the paths."""
    each = requests // CONNECTIONS
    await asyncio.gather(
        *(_connection(port, paths, block * requests + number * each, each, phones) for number in range(CONNECTIONS))
    )


async def _connection(port: int, paths: list[str], first: int, requests: int, phones: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for number in range(first, first + requests):
        path, agent = paths[number % len(paths)], _AGENT.format(number % phones)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUser-Agent: {agent}\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 302"):
            raise RuntimeError(head.decode("latin-1"))
    writer.close()
