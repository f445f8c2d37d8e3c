"""What a flood of pictures does to the rest: how long the server takes to say how it is, and what it grows by.

A real `vitrine up`. For some seconds more clients than the queue has places send pictures, hostile files, requests for
visuals and previews, and come again as soon as they were answered; beside them somebody asks `/livez`, `/readyz`.
"""

import asyncio
import itertools
import os
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from statistics import quantiles

import httpx2

from bench.checkout import Shopkeeper, open_shop
from bench.memory import hostile, peak, reset_peak, resident
from bench.row import Row
from tests.media.pictures import photo, saved

CLIENTS = 48
SECONDS = 20.0
PAUSE_SECONDS = 0.02
FORMATS = ["square", "portrait", "story", "pin", "link-card"]
_MIB = 2**20
_numbers = itertools.count()


def rows() -> list[Row]:
    """Latency of `/livez` and `/readyz` beside the flood, what the server grew by, and answers of 500 and above."""
    return asyncio.run(_rows())


async def _rows() -> list[Row]:
    async with open_shop() as keeper:
        flood = await _Flood.of(keeper)
        await flood.last(SECONDS / 10)
        before = resident(keeper.server)
        reset_peak(keeper.server)
        flood.said.clear()
        asked = asyncio.create_task(_health(keeper, SECONDS))
        await flood.last(SECONDS)
        waits = await asked
        grown = peak(keeper.server) - before
    parts = quantiles(waits, n=100)
    told = ", ".join(f"{number} × {status}" for status, number in sorted(flood.said.items()))
    failed = sum(number for status, number in flood.said.items() if status >= 500)
    note = f"p50 {parts[49]:.0f} ms; {CLIENTS} clients for {SECONDS:.0f} s: {told}"
    return [
        Row("health beside a flood of pictures, p99", parts[98], 500, unit="ms", note=note),
        Row("a flood of pictures adds to the server", grown / _MIB, 100, unit="MiB", note="its peak"),
        Row("a flood of pictures is answered with 5xx", failed, 0, unit="times"),
    ]


class _Flood:
    """Clients that send whatever has to do with pictures, and what they were answered."""

    def __init__(self, keeper: Shopkeeper, picture: bytes, asset_id: str) -> None:
        self._keeper, self._picture, self._asset_id = keeper, picture, asset_id
        self._hostile = itertools.cycle(hostile())
        self._ways: list[Callable[[httpx2.AsyncClient], Awaitable[httpx2.Response]]] = [
            self._upload, self._attack, self._render, self._preview,
        ]  # fmt: skip
        self.said: Counter[int] = Counter()

    @classmethod
    async def of(cls, keeper: Shopkeeper) -> "_Flood":
        picture = saved(photo(4000, 3000))
        answer = await keeper.http.post("/v1/assets", files={"file": ("x.jpg", picture, "image/jpeg")})
        return cls(keeper, picture, answer.json()["id"])

    async def last(self, seconds: float) -> None:
        """Until so many seconds have gone by and everybody is answered."""
        end = time.monotonic() + seconds
        await asyncio.gather(*(self._client(number, end) for number in range(CLIENTS)))

    async def _client(self, number: int, end: float) -> None:
        base, headers = self._keeper.http.base_url, self._keeper.http.headers
        async with httpx2.AsyncClient(base_url=base, headers=headers, trust_env=False, timeout=120) as http:
            while time.monotonic() < end:
                answer = await self._ways[number % len(self._ways)](http)
                self.said[answer.status_code] += 1
                await asyncio.sleep(PAUSE_SECONDS)

    async def _upload(self, http: httpx2.AsyncClient) -> httpx2.Response:
        return await _sent(http, self._picture + os.urandom(8))

    async def _attack(self, http: httpx2.AsyncClient) -> httpx2.Response:
        return await _sent(http, next(self._hostile))

    async def _render(self, http: httpx2.AsyncClient) -> httpx2.Response:
        return await http.post("/v1/visuals", json=self._wanted(FORMATS))

    async def _preview(self, http: httpx2.AsyncClient) -> httpx2.Response:
        return await http.post("/v1/templates/preview", json=self._wanted(FORMATS[:1]))

    def _wanted(self, formats: list[str]) -> dict[str, object]:
        """What nobody has asked for before."""
        return {
            "asset_id": self._asset_id, "template": "price", "formats": formats, "title": f"Vase {next(_numbers)}",
            "price": "89,00 €",
        }  # fmt: skip


async def _sent(http: httpx2.AsyncClient, content: bytes) -> httpx2.Response:
    return await http.post("/v1/assets", files={"file": ("x.jpg", content, "image/jpeg")})


async def _health(keeper: Shopkeeper, seconds: float) -> list[float]:
    """Milliseconds of each answer, one question after the other."""
    end, waits, paths = time.monotonic() + seconds, list[float](), itertools.cycle(("/livez", "/readyz"))
    async with httpx2.AsyncClient(base_url=keeper.http.base_url, trust_env=False, timeout=60) as http:
        while time.monotonic() < end:
            start = time.perf_counter()
            (await http.get(next(paths))).raise_for_status()
            waits.append((time.perf_counter() - start) * 1000)
            await asyncio.sleep(PAUSE_SECONDS)
    return waits
