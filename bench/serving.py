"""Real processes over a folder, for benchmarks that ask them questions: the server, the worker, somebody else's server.

A server takes its port by number, so another program may be faster: it is then started again on another one.
"""

import asyncio
import contextlib
import os
import random
import socket
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from statistics import quantiles
from typing import NamedTuple

import httpx2

from api.running.children import ALLOCATOR

HOST = "127.0.0.1"
_TICK = os.sysconf("SC_CLK_TCK")
_TRIES = 5
# Below where systems choose ports of their own accord (Linux: 32768): the clients of a benchmark take thousands there.
_LOWEST_PORT, _HIGHEST_PORT = 10_000, 32_767


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
    """One server process on the database `vitrine.db` of the folder, once it has answered."""
    async with server(folder) as (pid, port):
        base_url = f"http://{HOST}:{port}"
        async with httpx2.AsyncClient(base_url=base_url, headers=headers, trust_env=False, timeout=60) as http:
            await http.get("/livez")
            yield Server(pid, http)


def server(folder: Path, *, ours: bool = True) -> contextlib.AbstractAsyncContextManager[tuple[int, int]]:
    """The application's own server, or the same server around the bare application; its pid and port."""
    what = "ours" if ours else "bare"

    def command(port: int) -> list[str]:
        return [sys.executable, "-m", "bench.serve", what, str(port)]

    def surroundings(port: int) -> dict[str, str]:
        return environment(folder) | {"VITRINE_PUBLIC_URL": f"http://{HOST}:{port}"}

    return listening(command, surroundings)


@contextlib.asynccontextmanager
async def worker(folder: Path) -> AsyncIterator[int]:
    """The worker beside the server; its pid."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "api.cli", "worker", env=environment(folder))
    async with _ending(process):
        yield process.pid


def environment(folder: Path | None = None) -> dict[str, str]:
    """What a measured process inherits: the allocator of `vitrine up`, and no settings of ours but the folder's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VITRINE_")} | ALLOCATOR
    if folder is None:
        return kept
    return kept | {"VITRINE_DATA_DIR": str(folder), "VITRINE_CLICK_FOLDING": "worker"}


@contextlib.asynccontextmanager
async def listening(
    command: Callable[[int], Sequence[str | Path]],
    surroundings: Callable[[int], Mapping[str, str]],
    cwd: Path | None = None,
) -> AsyncIterator[tuple[int, int]]:
    """A server that is told its port, once it takes connections; its pid and port."""
    for _ in range(_TRIES):
        port = _free_port()
        process = await asyncio.create_subprocess_exec(*command(port), cwd=cwd, env=surroundings(port))
        async with _ending(process):
            if await _answers(process, port):
                yield process.pid, port
                return
    raise RuntimeError("The server did not start.")


def _free_port() -> int:
    """A port that nobody listens on now."""
    for port in random.sample(range(_LOWEST_PORT, _HIGHEST_PORT), 1_000):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((HOST, port))
            return port
    raise RuntimeError("No port is free.")


async def _answers(process: asyncio.subprocess.Process, port: int) -> bool:
    """Whether somebody takes connections there before the process has ended, or a minute."""
    for _ in range(1200):
        if process.returncode is not None:
            return False
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection(HOST, port)
            writer.close()
            return True
        await asyncio.sleep(0.05)
    return False


@contextlib.asynccontextmanager
async def _ending(process: asyncio.subprocess.Process) -> AsyncIterator[None]:
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


def cpu(pid: int) -> float:
    """Seconds of CPU that a process has used, in user space and for it in the kernel."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


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
