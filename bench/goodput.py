"""What a server still does when twice as much is asked as it can do: checkouts that succeed, in time, per second.

First the knee: as many buyers one after the other as keep the server busy. Then twice as many come as that, at even
distances and whether or not the ones before were answered; nobody who is refused comes again.
"""

import asyncio
import itertools
import time

from bench.checkout import Shopkeeper, open_shop
from bench.row import Row

BUYERS = 12
WARM_UP_SECONDS = 2.0
SECONDS = 10.0
PATIENCE_SECONDS = 5.0
_numbers = itertools.count()


def rows() -> list[Row]:
    """Goodput at twice the knee, as a share of the knee."""
    return asyncio.run(_rows())


async def _rows() -> list[Row]:
    async with open_shop() as keeper:
        await _knee(keeper, WARM_UP_SECONDS)
        knee = await _knee(keeper, SECONDS)
        good, refused, late = await _overload(keeper, 2 * knee)
    note = f"{knee:.0f} checkouts a second at the knee, {good:.0f} while {2 * knee:.0f} are asked for"
    told = f"{note}; {refused:.0f} a second refused at once, {late:.0f} answered too late or not at all"
    return [Row("goodput at twice the knee", good / knee, 0.8, better="higher", note=told)]


async def _buy(keeper: Shopkeeper) -> int:
    """The status of one checkout; 0 where the buyer has lost patience."""
    basket = {"items": [{"variant_id": keeper.variant}], "origin": {"utm_source": "instagram"}}
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            answer = await keeper.http.post(
                "/v1/checkouts", json=basket, headers={"idempotency-key": f"goodput-{next(_numbers)}"}
            )
    except (TimeoutError, OSError):
        return 0
    return answer.status_code


async def _knee(keeper: Shopkeeper, seconds: float) -> float:
    """Checkouts a second while a handful of buyers come again as soon as they were answered."""
    end, made = time.monotonic() + seconds, 0

    async def buyer() -> None:
        nonlocal made
        while time.monotonic() < end:
            status = await _buy(keeper)
            made += status == 201

    await asyncio.gather(*(buyer() for _ in range(BUYERS)))
    return made / seconds


async def _overload(keeper: Shopkeeper, rate: float) -> tuple[float, float, float]:
    """How many a second were sold, refused, and kept waiting too long, at so many arrivals a second."""
    began, coming = time.monotonic(), list[asyncio.Task[int]]()
    for number in range(int(rate * SECONDS)):
        await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
        coming.append(asyncio.create_task(_buy(keeper)))
    answers = await asyncio.gather(*coming)
    lasted = time.monotonic() - began
    return tuple(answers.count(each) / lasted for each in (201, 503, 0))  # type: ignore[return-value]  # Three.
