"""The server dies at the worst moments of a checkout, by SIGKILL; nothing that was paid is lost, nothing doubled."""

import asyncio
import contextlib
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
import sqlalchemy as sa

from core import clock
from core.db import Database
from core.idempotency import IdempotencyKey
from tests.api.cli.processes import Up, environment, has_ended, up

PATIENCE = 25.0


@contextlib.contextmanager
def local_stripe(folder: Path) -> Iterator[str]:
    """The local Stripe as a process of its own, which outlives the server; its address."""
    command = [sys.executable, "-m", "checkout.sandbox", "--port", "0", "--state", str(folder / "stripe.db")]
    process = subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["base_url"]
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=10)


class Merchant:
    """A shop's calls over real HTTP."""

    def __init__(self, running: Up) -> None:
        self.process = running.process
        headers = {"Authorization": f"Bearer {running.ready.secret_key}"}
        self.http = httpx2.Client(base_url=running.ready.base_url, headers=headers, trust_env=False, timeout=10)

    def __enter__(self) -> "Merchant":
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def vase(self) -> str:
        """One piece of one variant on sale; its id."""
        made = self.http.post(
            "/v1/products",
            json={
                "title": "Vase Aube",
                "variants": [{"available": 1, "prices": [{"amount": 4900, "currency": "EUR"}]}],
            },
        )
        assert made.status_code == 201, made.text
        variant: str = self.variants(made.json()["id"])[0]["id"]
        return variant

    def variants(self, product_id: str) -> list[dict[str, str]]:
        """The product's variants."""
        found: list[dict[str, str]] = self.http.get(f"/v1/products/{product_id}/variants").json()["items"]
        return found

    def buy(self, variant: str) -> httpx2.Response:
        """The same request each time."""
        order = {"items": [{"variant_id": variant}], "origin": {"utm_source": "instagram"}}
        return self.http.post("/v1/checkouts", json=order, headers={"Idempotency-Key": "only-once"})

    def paid(self) -> list[dict[str, object]]:
        """The orders, once one of them is paid; as they are when patience ends."""
        deadline = time.monotonic() + PATIENCE
        while True:
            orders: list[dict[str, object]] = self.http.get("/v1/orders").json()["items"]
            if any(order["status"] == "paid" for order in orders) or time.monotonic() > deadline:
                return orders
            has_ended(self.process, within=0.02)


def sessions(stripe: str) -> list[dict[str, object]]:
    """Every session that the local Stripe knows."""
    found: list[dict[str, object]] = httpx2.get(f"{stripe}/_local/sessions", trust_env=False).json()["data"]
    return found


async def let_leases_end(database_url: str) -> None:
    """What half a minute of waiting does: the dead server's claim on its Idempotency-Key runs out."""
    database = Database(database_url)
    async with database.transaction() as session:
        past = clock.now() - timedelta(seconds=1)
        await session.execute(sa.update(IdempotencyKey).values(lease_until=past))
    await database.close()


@pytest.mark.timeout(90)
def test_a_server_killed_between_stripes_answer_and_our_commit_finds_the_order_paid_after_its_restart(
    tmp_path: Path, database_url: str
) -> None:
    with local_stripe(tmp_path) as stripe:
        options = ("--sandbox", stripe, "--database", database_url)
        with (
            up(tmp_path, *options, env=environment(VITRINE_FAILPOINT="checkout.answered")) as doomed,
            Merchant(doomed) as merchant,
        ):
            variant = merchant.vase()
            with pytest.raises(httpx2.HTTPError):
                merchant.buy(variant)
            assert doomed.process.wait(15) == 1
        (session,) = sessions(stripe)
        answer = httpx2.post(f"{stripe}/_local/sessions/{session['id']}/pay", json={}, trust_env=False)
        assert answer.status_code == 200, answer.text
        with up(tmp_path, *options) as running, Merchant(running) as merchant:
            (order,) = merchant.paid()
            assert (order["status"], order["id"]) == ("paid", session["client_reference_id"])
            assert order["attribution"]["network"] == "instagram"  # type: ignore[index]  # JSON.
            asyncio.run(let_leases_end(database_url))
            again = merchant.buy(variant)
            assert (again.status_code, again.json()["order_id"]) == (201, order["id"])
            stock = merchant.http.get(f"/v1/variants/{variant}/stock").json()
            assert stock["available"] == 0
            assert len(merchant.http.get("/v1/orders").json()["items"]) == 1
        assert len(sessions(stripe)) == 1
