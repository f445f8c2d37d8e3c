"""What a checkout and a webhook cost the server: CPU of its process over real HTTP, SQLite, local Stripe beside it.

From a checkout the cost of the SDK call itself is taken off, measured in the same run: the same parameters sent by the
same gateway to the same local Stripe. Latencies are told and promise nothing.
"""

import asyncio
import hashlib
import hmac
import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

import httpx2

from bench.row import Row
from bench.serving import cpu
from checkout.models import Checkout
from checkout.stripe import sessions
from checkout.stripe.client import Gateway
from core import clock, shops
from core.db import Database
from core.secrets import Vault
from core.settings import Settings
from core.shops import Shop

CHECKOUTS = 240
WARM_UP = 40
AT_ONCE = 4
_HEADERS = {"content-type": "application/json"}


class Shopkeeper(NamedTuple):
    """A running installation, and what is needed to sell there."""

    http: httpx2.AsyncClient
    stripe: httpx2.AsyncClient
    server: int
    secret: str
    variant: str
    database: Path

    def sent(self) -> dict[str, object]:
        """What the installation has sent to Stripe for one of its checkouts."""
        with closing(sqlite3.connect(self.database)) as connection:
            (text,) = connection.execute("SELECT parameters FROM checkout LIMIT 1").fetchone()
        found: dict[str, object] = json.loads(text)
        return found


def rows() -> list[Row]:
    """A checkout, and the acknowledgement of its payment."""
    return asyncio.run(_rows())


async def _rows() -> list[Row]:
    async with open_shop() as keeper:
        await _measured(keeper, [_buying(keeper, f"warm-{each}") for each in range(WARM_UP)])
        buying, waits = await _measured(keeper, [_buying(keeper, f"b-{each}") for each in range(CHECKOUTS)])
        opened = (await keeper.stripe.get("/_local/sessions")).json()["data"]
        call = await _sdk(str(keeper.stripe.base_url), keeper.sent())
        news = [_telling(keeper, each, number) for number, each in enumerate(opened)]
        await _measured(keeper, news[:WARM_UP])
        hearing, acks = await _measured(keeper, news[WARM_UP:])
    note = f"{buying * 1000:.1f} ms less {call * 1000:.1f} ms of the call, {CHECKOUTS} checkouts; {_latency(waits)}"
    return [
        Row("checkout, beside the SDK call", (buying - call) * 1000, 6.0, unit="ms CPU", note=note),
        Row("webhook, acknowledged", hearing * 1000, 3.0, unit="ms CPU", note=f"a payment each; {_latency(acks)}"),
    ]


def _latency(seconds: Sequence[float]) -> str:
    slowest = quantiles(seconds, n=100)[-1]
    return f"latency p50 {median(seconds) * 1000:.0f}, p99 {slowest * 1000:.0f} ms, {AT_ONCE} at once"


@asynccontextmanager
async def open_shop() -> AsyncIterator[Shopkeeper]:
    """A new installation in a folder of its own, which is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        async with _installation(Path(folder)) as keeper:
            yield keeper


@asynccontextmanager
async def _installation(folder: Path) -> AsyncIterator[Shopkeeper]:
    """`vitrine up` on an empty folder, with one product of which there is plenty."""
    ready = folder / "ready.json"
    command = ["-m", "api.cli", "up", "--port", "0", "--data", str(folder / "data"), "--ready-file", str(ready)]
    process = await asyncio.create_subprocess_exec(sys.executable, *command, stdout=asyncio.subprocess.DEVNULL)
    try:
        known = await _said(ready)
        secret_key = {"authorization": f"Bearer {known['secret_key']}"}
        async with (
            httpx2.AsyncClient(base_url=known["base_url"], headers=secret_key, trust_env=False, timeout=30) as http,
            httpx2.AsyncClient(base_url=known["sandbox_url"], trust_env=False, timeout=30) as stripe,
        ):
            made = await http.post("/v1/products", json=_PLENTY)
            variant = (await http.get(f"/v1/products/{made.json()['id']}/variants")).json()["items"][0]["id"]
            database = folder / "data" / "vitrine.db"
            yield Shopkeeper(http, stripe, _server_of(process.pid), known["webhook_secret"], variant, database)
    finally:
        process.terminate()
        await process.wait()


_PLENTY = {"title": "Vase Aube", "variants": [{"available": 99999, "prices": [{"amount": 4900, "currency": "EUR"}]}]}


async def _said(ready: Path) -> dict[str, str]:
    for _ in range(1200):
        if ready.exists():
            found: dict[str, str] = json.loads(ready.read_text())
            return found
        await asyncio.sleep(0.05)
    raise RuntimeError("The installation did not start.")


def _server_of(parent: int) -> int:
    """The server among the children of `vitrine up`."""
    for thread in Path(f"/proc/{parent}/task").iterdir():
        for child in (thread / "children").read_text().split():
            if b"\x00serve\x00" in Path(f"/proc/{child}/cmdline").read_bytes():
                return int(child)
    raise RuntimeError("There is no server.")


def _buying(keeper: Shopkeeper, key: str) -> Callable[[], Awaitable[None]]:
    async def buy() -> None:
        basket = {"items": [{"variant_id": keeper.variant}], "origin": {"utm_source": "instagram"}}
        answer = await keeper.http.post("/v1/checkouts", json=basket, headers={"idempotency-key": key})
        assert answer.status_code == 201, answer.text

    return buy


def _telling(keeper: Shopkeeper, session: dict[str, object], number: int) -> Callable[[], Awaitable[None]]:
    """That this session was paid, as Stripe would send it."""
    about = session | {"status": "complete", "payment_status": "paid", "payment_intent": f"pi_bench{number}"}
    event = {"id": f"evt_bench{number}", "type": "checkout.session.completed", "created": 1, "data": {"object": about}}
    body = json.dumps(event).encode()

    async def tell() -> None:
        at = int(clock.now().timestamp())
        mac = hmac.new(keeper.secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
        signed = _HEADERS | {"stripe-signature": f"t={at},v1={mac}"}
        answer = await keeper.http.post("/webhooks/stripe", content=body, headers=signed)
        assert answer.status_code == 200, answer.text

    return tell


async def _measured(keeper: Shopkeeper, tasks: Sequence[Callable[[], Awaitable[None]]]) -> tuple[float, list[float]]:
    """Seconds of the server's CPU per task, a few at once, and how long each took."""
    waits: list[float] = []
    waiting = iter(tasks)

    async def work() -> None:
        for task in waiting:
            began = time.perf_counter()
            await task()
            waits.append(time.perf_counter() - began)

    began = cpu(keeper.server)
    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    return (cpu(keeper.server) - began) / len(tasks), waits


async def _sdk(stripe: str, parameters: dict[str, object]) -> float:
    """Seconds of CPU that one call of the SDK with these parameters costs whoever makes it."""
    settings = Settings(stripe_api_base=stripe.rstrip("/"))
    vault = Vault(settings.secret_keys)
    shop = Shop(id="shop_bench", slug="bench", name="Bench", currency="EUR", created_at=clock.now())
    shops.connect_stripe(shop, vault, "sk_test_bench", [])
    db = Database(settings.database)  # Nothing is read, and so nothing counted.
    gateway = Gateway(settings, vault, db)

    async def call(number: int) -> None:
        checkout = Checkout(
            id=f"chk_{number}", shop_id=shop.id, order_id="", key="", digest="", stripe_key=f"bench:{number}",
            parameters=parameters, expires_at=clock.now(), created_at=clock.now(),
        )  # fmt: skip
        await sessions.create(gateway, shop, checkout)

    try:
        for number in range(WARM_UP):
            await call(number)
        began = time.process_time()
        for number in range(WARM_UP, WARM_UP + CHECKOUTS):
            await call(number)
        return (time.process_time() - began) / CHECKOUTS
    finally:
        await gateway.close()
        await db.close()
