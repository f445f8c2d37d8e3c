"""One of two instances goes, in order or by SIGKILL, while people tap and buy."""

import os
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import TypeVar

import httpx2
import pytest

from core.db import Database
from tests.api.cli.instances import Pair, buy, clicks, joined, local_stripe, tap, two
from tests.api.cli.processes import Up
from tests.databases import PostgresTemplates

WORKERS = 8
LOAD_SECONDS = 6.0

T = TypeVar("T")


@pytest.fixture
def url(postgresql_templates: PostgresTemplates, tmp_path: Path) -> Iterator[str]:
    """The address of the database that both instances share."""
    with postgresql_templates.fresh(tmp_path) as url:
        yield url


@pytest.fixture
def stripe(tmp_path: Path) -> Iterator[str]:
    """The address of the local Stripe, which outlives both."""
    with local_stripe(tmp_path / "stripe") as address:
        yield address


@pytest.fixture
def pair(url: str, stripe: str, tmp_path: Path) -> Iterator[Pair]:
    """Two instances, one of which will go."""
    with two(tmp_path, url, stripe) as pair:
        yield pair


@pytest.fixture
async def db(url: str) -> AsyncIterator[Database]:
    """The database behind both."""
    database = Database(url)
    yield database
    await database.close()


class Visitor:
    """A client that asks one instance for as long as that takes connections, then the other; it repeats nothing else.

    What it counts as lost is a request that was sent and not answered.
    """

    def __init__(self, instances: list[Up], *, keeps: bool) -> None:
        header = {"Authorization": f"Bearer {instances[0].ready.secret_key}"}
        limits = httpx2.Limits(max_keepalive_connections=4 if keeps else 0)
        self._clients = [
            httpx2.Client(base_url=each.ready.base_url, headers=header, limits=limits, trust_env=False, timeout=20)
            for each in instances
        ]
        self.outcomes: Counter[str] = Counter()

    def __enter__(self) -> "Visitor":
        return self

    def __exit__(self, *_: object) -> None:
        for client in self._clients:
            client.close()

    def ask(self, method: str, path: str, **options: object) -> None:
        """One request; tried at the next instance only where the connection was refused."""
        for client in self._clients:
            try:
                answer = client.request(method, path, **options)  # type: ignore[arg-type]  # json and headers.
            except httpx2.ConnectError:
                continue
            except httpx2.HTTPError as error:
                self.outcomes[f"lost: {type(error).__name__}"] += 1
                return
            self.outcomes[str(answer.status_code)] += 1
            return
        self.outcomes["nobody there"] += 1


@pytest.mark.chaos
@pytest.mark.timeout(120)
@pytest.mark.parametrize("keeps", [True, False], ids=["kept connections", "a connection each"])
async def test_one_that_is_told_to_stop_under_load_drops_nothing(pair: Pair, db: Database, keeps: bool) -> None:
    product, variant = pair.product(1000)
    link, path = pair.link(product)
    end = time.monotonic() + LOAD_SECONDS

    def visit(number: int) -> Counter[str]:
        turn = 0
        with Visitor([pair.second, pair.first], keeps=keeps) as visitor:
            while time.monotonic() < end:
                turn += 1
                visitor.ask("GET", path)
                visitor.ask("GET", "/v1/products?limit=1")
                if turn % 8 == 0:
                    order = {"items": [{"variant_id": variant}]}
                    visitor.ask("POST", "/v1/checkouts", json=order, headers={"Idempotency-Key": f"{number}-{turn}"})
            return visitor.outcomes

    with ThreadPoolExecutor(WORKERS) as pool:
        visits = [pool.submit(visit, number) for number in range(WORKERS)]
        _half_way(visits)
        assert pair.second.stop(signal.SIGTERM) == 0
        outcomes = sum((each.result() for each in visits), Counter[str]())
    assert set(outcomes) == {"200", "201", "302"}, outcomes
    assert outcomes.total() > 50
    assert await clicks(db, link, outcomes["302"]) == outcomes["302"]
    assert pair.a.get(f"/v1/variants/{variant}/stock").json()["available"] == 1000 - outcomes["201"]


@pytest.mark.chaos
@pytest.mark.timeout(120)
async def test_one_that_is_killed_loses_no_tap_and_no_paid_order(
    pair: Pair, stripe: str, db: Database, tmp_path: Path
) -> None:
    product, variant = pair.product(100)
    link, path = pair.link(product)
    order = buy(pair.b, variant, "paid-while-it-dies").json()["order_id"]
    end = time.monotonic() + LOAD_SECONDS

    def visit(number: int) -> int:
        answered = 0
        while time.monotonic() < end:
            try:
                answered += tap(pair.b, path, number) == 302
            except httpx2.HTTPError:
                break
        return answered

    with ThreadPoolExecutor(WORKERS) as pool:
        visits = [pool.submit(visit, number) for number in range(WORKERS)]
        _half_way(visits)
        pair.pay(stripe, order)
        os.kill(pair.second.ready.pid, signal.SIGKILL)
        assert pair.second.process.wait(15) == 1
        answered = sum(each.result() for each in visits)
    assert answered > 20
    data = {each["id"]: each["status"] for each in pair.a.get("/v1/orders").json()["items"]}
    assert set(data) == {order}
    with joined(tmp_path, pair.first) as again:
        stored = await clicks(db, link, answered)
        # A tap whose answer did not arrive is kept as well: one for each of those who were asking.
        assert answered <= stored <= answered + WORKERS
        pair.second = again
        with Pair(pair.first, again) as both:
            assert both.status(order, "paid") == "paid"
            assert both.stock(variant) == 99


def _half_way(visits: list[Future[T]]) -> None:
    """Let the load run for half its time."""
    wait(visits, LOAD_SECONDS / 2)
