"""The application's own server over a folder, for benchmarks that ask it questions."""

import asyncio
import contextlib
import os
import socket
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from statistics import quantiles
from typing import NamedTuple

import httpx2

from api.running.children import ALLOCATOR
from bench.redirect import cpu


class Server(NamedTuple):
    """A running server: its process, and a client that keeps its connection."""

    pid: int
    http: httpx2.AsyncClient


class Cost(NamedTuple):
    """Milliseconds: the server's CPU for each request, and half and 95 % of the answers were there within."""

    cpu: float
    p50: float
    p95: float


@contextlib.asynccontextmanager
async def serving(folder: Path, headers: dict[str, str] | None = None) -> AsyncIterator[Server]:
    """One server process on the database `vitrine.db` of the folder."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VITRINE_")}
    env = kept | ALLOCATOR | {"VITRINE_DATA_DIR": str(folder), "VITRINE_CLICK_FOLDING": "worker"}
    env |= {"VITRINE_PUBLIC_URL": f"http://127.0.0.1:{port}"}
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "bench.serve", "ours", str(port), env=env)
    try:
        async with httpx2.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", headers=headers, trust_env=False, timeout=60
        ) as http:
            await _answering(http)
            yield Server(process.pid, http)
    finally:
        process.terminate()
        await process.wait()


async def _answering(http: httpx2.AsyncClient) -> None:
    for _ in range(1200):
        with contextlib.suppress(httpx2.TransportError):
            await http.get("/healthz")
            return
        await asyncio.sleep(0.05)
    raise RuntimeError("The server did not start.")


async def cost(server: Server, times: int, ask: Callable[[int], Awaitable[None]]) -> Cost:
    """What so many requests cost, one after the other; `ask` is told which it is."""
    began, waits = cpu(server.pid), []
    for number in range(times):
        start = time.perf_counter()
        await ask(number)
        waits.append((time.perf_counter() - start) * 1000)
    spent = (cpu(server.pid) - began) / times * 1000
    parts = quantiles(waits, n=20)
    return Cost(spent, parts[9], parts[18])
