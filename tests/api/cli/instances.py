"""Two instances of one installation on PostgreSQL, and what a merchant and buyers do with them."""

import contextlib
import hashlib
import hmac
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import sqlalchemy as sa
from sqlmodel import col

from core.db import Database
from social.links.models import Click, Link
from tests.api.cli.processes import Up, environment, has_ended, up

PATIENCE = 25.0
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_{} like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148"


@contextlib.contextmanager
def local_stripe(folder: Path) -> Iterator[str]:
    """The local Stripe as a process of its own, which outlives both instances; its address."""
    folder.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "checkout.sandbox", "--port", "0", "--state", str(folder / "stripe.db")]
    process = subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["base_url"]
    finally:
        process.terminate()
        process.communicate(timeout=10)


@contextlib.contextmanager
def held_back(stripe: str) -> Iterator[None]:
    """Stripe's own webhooks wait until the block is over."""
    httpx2.post(f"{stripe}/_local/webhooks", json={"hold": True}, trust_env=False)
    yield
    httpx2.post(f"{stripe}/_local/webhooks", json={"hold": False, "release": True}, trust_env=False)


@contextlib.contextmanager
def two(folder: Path, database_url: str, stripe: str) -> Iterator["Pair"]:
    """The first instance, and the one that joins it."""
    with (
        up(folder, "--database", database_url, "--sandbox", stripe) as first,
        joined(folder, first) as second,
        Pair(first, second) as pair,
    ):
        yield pair


@contextlib.contextmanager
def joined(folder: Path, first: Up) -> Iterator[Up]:
    """A second instance beside `first`."""
    other = folder / "other"
    other.mkdir(exist_ok=True)
    with up(other, "--join", str(first.ready_file), data=False) as second:
        yield second


class Pair:
    """Both instances, and one client for each: `a` and `b`."""

    def __init__(self, first: Up, second: Up) -> None:
        self.first, self.second = first, second
        self.a, self.b = client(first), client(second)

    def __enter__(self) -> "Pair":
        return self

    def __exit__(self, *_: object) -> None:
        self.a.close()
        self.b.close()

    @property
    def clients(self) -> tuple[httpx2.Client, httpx2.Client]:
        """Both clients."""
        return self.a, self.b

    def product(self, available: int) -> tuple[str, str]:
        """A product with one variant, put on sale at A; both ids."""
        prices = [{"amount": 4900, "currency": "EUR"}]
        body = {"title": f"Vase {available}", "variants": [{"available": available, "prices": prices}]}
        made = self.a.post("/v1/products", json=body)
        assert made.status_code == 201, made.text
        product: str = made.json()["id"]
        return product, self.a.get(f"/v1/products/{product}/variants").json()["items"][0]["id"]

    def link(self, product: str) -> tuple[str, str]:
        """A link to the product, made at A; its id and its path."""
        made = self.a.post("/v1/links", json={"product_id": product, "network": "instagram"})
        assert made.status_code == 201, made.text
        return made.json()["id"], httpx2.URL(made.json()["url"]).path

    def stock(self, variant: str) -> int:
        """What is left, as B says."""
        left: int = self.b.get(f"/v1/variants/{variant}/stock").json()["available"]
        return left

    def status(self, order_id: str, wanted: str) -> str:
        """The order's status at B, once it is the wanted one; as it is when patience ends."""
        deadline = time.monotonic() + PATIENCE
        while True:
            status: str = self.b.get(f"/v1/orders/{order_id}").json()["status"]
            if status == wanted or has_ended(self.second.process, within=0.02) or time.monotonic() > deadline:
                return status

    def pay(self, stripe: str, order_id: str) -> None:
        """Pay for this order at Stripe."""
        data = httpx2.get(f"{stripe}/_local/sessions", trust_env=False).json()["data"]
        (session,) = [each["id"] for each in data if each["client_reference_id"] == order_id]
        answer = httpx2.post(f"{stripe}/_local/sessions/{session}/pay", json={}, trust_env=False)
        assert answer.status_code == 200, answer.text

    def deliver(self, stripe: str, order_id: str, to: httpx2.Client) -> int:
        """Bring the event of this order's payment to one instance, signed as Stripe would; the answer's status."""
        up_json = json.loads((self.first.ready_file.parent / "data" / "up.json").read_bytes())
        headers = {"Authorization": f"Bearer {up_json['stripe_key']}"}
        events = httpx2.get(f"{stripe}/v1/events?limit=100", headers=headers, trust_env=False).json()["data"]
        (event,) = [
            each
            for each in events
            if each["type"] == "checkout.session.completed"
            and each["data"]["object"]["client_reference_id"] == order_id
        ]
        body, at = json.dumps(event).encode(), int(time.time())
        secret = up_json["webhook_secret"].encode()
        signature = hmac.new(secret, f"{at}.".encode() + body, hashlib.sha256).hexdigest()
        return to.post(
            "/webhooks/stripe", content=body, headers={"Stripe-Signature": f"t={at},v1={signature}"}
        ).status_code


def client(running: Up) -> httpx2.Client:
    """Calls as the merchant to one instance, over connections that stay open."""
    headers = {"Authorization": f"Bearer {running.ready.secret_key}"}
    return httpx2.Client(base_url=running.ready.base_url, headers=headers, trust_env=False, timeout=20)


def buy(http: httpx2.Client, variant: str, key: str) -> httpx2.Response:
    """One checkout."""
    order = {"items": [{"variant_id": variant}], "origin": {"utm_source": "instagram"}}
    return http.post("/v1/checkouts", json=order, headers={"Idempotency-Key": key})


def tap(http: httpx2.Client, path: str, visitor: int) -> int:
    """One tap of a visitor's; the status."""
    return http.get(path, headers={"User-Agent": PHONE.format(visitor)}).status_code


async def clicks(db: Database, link: str, wanted: int) -> int:
    """How many clicks of this link are in the database, once they are so many or patience ends."""
    rows = sa.select(sa.func.count()).select_from(Click).join(Link, col(Link.number) == col(Click.link_number))
    deadline = time.monotonic() + PATIENCE
    while True:
        async with db.read() as session:
            found = await session.scalar(rows.where(col(Link.id) == link))
        if found == wanted or time.monotonic() > deadline:
            return found or 0
