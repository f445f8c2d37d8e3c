"""How long a shop with ten million clicks waits for its figures, over real HTTP on SQLite; see `bench.history`.

Ranges end on other days each time, because how many rows add up to a range depends on where it begins.
"""

import asyncio
import re
import tempfile
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

from bench.history import History, build
from bench.row import Row
from bench.serving import Server, cost, serving

TIMES = 60
ANY, ONE = 50.0, 10.0


def rows() -> list[Row]:
    """Networks, and the funnel by network, post and link, over ranges; then one link alone."""
    return asyncio.run(_rows())


async def _rows() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        history = await build(Path(folder))
        async with serving(Path(folder), {"authorization": f"Bearer {history.token}"}) as server:
            return await measured(server, history)


async def measured(server: Server, history: History) -> list[Row]:
    """The rows, of a server over that history."""
    every = ("networks", "funnel?by=network", "funnel?by=post", "funnel?by=link")
    asked: list[tuple[str, int | None, float]] = [(about, days, ANY) for about in every for days in (30, 90, None)]
    asked += [
        ("funnel?by=link&network=instagram", 90, ANY),
        (f"funnel?by=network&post={history.posts[3]}", 90, ANY),
        (f"funnel?by=link&link={history.links[7]}", 90, ONE),
    ]
    return [await _row(server, history, *each) for each in asked]


async def _row(server: Server, history: History, about: str, days: int | None, most: float) -> Row:
    ask = _asking(server, history, about, days)
    for number in range(5):
        await ask(number)
    spent = await cost(server, TIMES, ask)
    name = f"/v1/insights/{re.sub('_[0-9a-z]{26}', '_…', about)}, {f'{days} days' if days else 'all time'}"
    note = f"p95 of {TIMES}; p50 {spent.p50:.0f} ms, {spent.cpu:.0f} ms of CPU; 10 million clicks, SQLite"
    return Row(name, spent.p95, most, unit="ms", note=note)


def _asking(server: Server, history: History, about: str, days: int | None) -> Callable[[int], Awaitable[None]]:
    path = f"/v1/insights/{about}"

    async def ask(number: int) -> None:
        query = ""
        if days is not None:
            last = history.last - timedelta(days=number * 7 % 100)
            query = f"first_day={last - timedelta(days=days - 1):%Y-%m-%d}&last_day={last:%Y-%m-%d}"
        answer = await server.http.get(f"{path}{'&' if '?' in path else '?'}{query}")
        assert answer.status_code == 200, answer.text
        assert answer.json()["items"], answer.text

    return ask
