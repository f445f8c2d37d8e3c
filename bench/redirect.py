"""What a tap costs: `/l/{slug}` with its click stored, against a bare 302 on the same server with the same settings.

Counted is the CPU of the server process per request, folding into the database included; the load comes from this
process over keep-alive connections, so that its own speed decides nothing. The ratio is bare over ours: 1 would be
free.
"""

import asyncio
import contextlib
import os
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from statistics import median

from sqlmodel import select

from bench.row import Row
from catalog import products
from catalog.schemas import PriceIn, ProductCreate, VariantCreate
from core import migrations, shops
from core.db import Database
from social.links import links
from social.links.models import Click
from social.links.schemas import LinkCreate

REQUESTS = 12_000
CONNECTIONS = 16
WARM_UP = 160
PHONES = 200
ROUNDS = 3
_AGENT = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/22B{} Instagram 406.0.0"
_TICK = os.sysconf("SC_CLK_TCK")


async def bare(scope: dict[str, object], _: object, send: Callable[[dict[str, object]], Awaitable[None]]) -> None:
    """The least that a redirect can be."""
    if scope["type"] != "http":
        return
    headers = [(b"location", b"http://127.0.0.1/go/abcdefghk?sl=x"), (b"cache-control", b"private, no-store")]
    await send({"type": "http.response.start", "status": 302, "headers": [*headers, (b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def rows() -> list[Row]:
    """One hot link, and two hundred of them."""
    return [asyncio.run(_row(1)), asyncio.run(_row(200))]


async def _row(count: int) -> Row:
    with tempfile.TemporaryDirectory() as folder:
        db, slugs = await _links(Path(folder), count)
        ratios = []
        try:
            for _ in range(ROUNDS):
                async with _server(Path(folder), ours=False) as (pid, port):
                    least = await _cpu_per_request(pid, port, ["/l/x"])
                async with _server(Path(folder), ours=True) as (pid, port):
                    ours = await _cpu_per_request(pid, port, [f"/l/{slug}" for slug in slugs], db)
                ratios.append(least / ours)
        finally:
            await db.close()
    name = "one hot link" if count == 1 else f"{count} links"
    note = f"CPU of a bare 302 ÷ CPU of a tap, click stored; median of {ROUNDS}, {REQUESTS} requests each, SQLite"
    return Row(f"/l/{{slug}}, {name}", median(ratios), 0.5, better="higher", note=note)


async def _links(folder: Path, count: int) -> tuple[Database, list[str]]:
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
        return len((await session.exec(select(Click.variant))).all())


async def _stored(db: Database, wanted: int) -> None:
    """Until every click is in the database."""
    end = time.monotonic() + 60
    while (found := await _clicks(db)) < wanted:
        if time.monotonic() > end:
            raise RuntimeError(f"{wanted - found} clicks are missing.")
        await asyncio.sleep(0.1)


@contextlib.asynccontextmanager
async def _server(folder: Path, *, ours: bool) -> AsyncIterator[tuple[int, int]]:
    """The application's own server, or the same server around the bare application; its pid and port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    what = "ours" if ours else "bare"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VITRINE_")}
    env = kept | {"VITRINE_DATA_DIR": str(folder), "VITRINE_PUBLIC_URL": f"http://127.0.0.1:{port}"}
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "bench.serve", what, str(port), env=env)
    try:
        await _answering(port)
        yield process.pid, port
    finally:
        process.terminate()
        await process.wait()


async def _answering(port: int) -> None:
    for _ in range(1200):
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            return
        await asyncio.sleep(0.05)
    raise RuntimeError("The server did not start.")


async def _cpu_per_request(pid: int, port: int, paths: list[str], db: Database | None = None) -> float:
    """Seconds of the process' CPU per request, after a warm-up; with a database, until every click is in it."""
    known = await _clicks(db) if db else 0
    await _load(port, paths, WARM_UP)
    if db:
        await _stored(db, known + WARM_UP)
    began = cpu(pid)
    await _load(port, paths, REQUESTS)
    if db:
        await _stored(db, known + WARM_UP + REQUESTS)
    return (cpu(pid) - began) / REQUESTS


def cpu(pid: int) -> float:
    """Seconds of CPU that a process has used, in user space and for it in the kernel."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


async def _load(port: int, paths: list[str], requests: int) -> None:
    """So many requests over a few connections; every answer is a 302."""
    await asyncio.gather(*(_connection(port, paths, number, requests // CONNECTIONS) for number in range(CONNECTIONS)))


async def _connection(port: int, paths: list[str], number: int, requests: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for each in range(requests):
        path = paths[(number + each) % len(paths)]
        agent = _AGENT.format((number * requests + each) % PHONES)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUser-Agent: {agent}\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 302"):
            raise RuntimeError(head.decode("latin-1"))
    writer.close()
