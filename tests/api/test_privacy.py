"""Logs tell what happened and to which request, and nothing about whom."""

import json
import logging
from collections.abc import Iterator

import httpx2
import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from core import clock, ids, jobs, logs
from core.db import Database
from core.jobs import Job, Resources
from core.settings import Settings
from tests.api.surface import unknown
from tests.conftest import STRIPE_WEBHOOK_SECRET
from tests.local_stripe import LocalStripe

PERSONAL = {
    "e-mail": "marie.dupont@example.com",
    "user agent": "Mozilla/5.0 DistinctivePhone/77.7",
    "address": "203.0.113.77",
    "name": "Marie-Antoinette",
    "card": "4242424242424242",
    "click": "tracking-word-of-marie",
}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Settings that log all there is."""
    return settings.model_copy(update={"log_level": "debug"})


@pytest.fixture
def every_library(settings: Settings) -> Iterator[None]:
    """Also what other people's libraries have to say, down to the last detail."""
    root = logging.getLogger()
    before, handler = root.level, logging.StreamHandler()
    handler.setFormatter(logs.LineFormatter("%(levelname)s %(name)s %(message)s"))
    quiet = {name: logging.getLogger(name).level for name in ("httpx2", "httpcore2", "hypothesis")}
    for name in quiet:  # The test's own client, which is not part of what we ship.
        logging.getLogger(name).setLevel(logging.ERROR)
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield
    root.removeHandler(handler)
    root.setLevel(before)
    for name, level in quiet.items():
        logging.getLogger(name).setLevel(level)


async def live(client: httpx2.AsyncClient, visitor: httpx2.AsyncClient) -> None:
    """Requests that carry personal data wherever a request can, those that fail above all."""
    mail, agent, address, name, card, click = PERSONAL.values()
    headers = {
        "User-Agent": agent,
        "X-Forwarded-For": address,
        "Referer": f"https://mail.example/{mail}",
        "Cookie": name,
    }
    made = await client.post("/v1/products", json={"title": name, "slug": "same"}, headers=headers)
    assert made.status_code == 201
    product = made.json()["id"]
    link = (await client.post("/v1/links", json={"product_id": product}, headers=headers)).json()
    await visitor.get(f"/l/{link['slug']}?email={mail}", headers=headers)
    await visitor.get(f"/go/{link['slug']}?sl={click}&email={mail}", headers=headers)
    await visitor.post(f"/go/{link['slug']}", data={"email": mail, "card": card}, headers=headers)
    for body in ({"title": name, "slug": "same"}, {"title": mail, "email": mail}, {"title": {"card": card}}):
        await client.post("/v1/products", json=body, headers=headers | {"Idempotency-Key": mail})
    checkout = {"items": [{"variant_id": unknown("var")}], "origin": {"utm_source": click}}
    await client.post("/v1/checkouts", json=checkout, headers=headers | {"Idempotency-Key": name})
    await client.get(f"/v1/orders?{mail}", headers=headers)
    await client.get(f"/v1/orders/{mail}", headers=headers)
    await visitor.get(f"/orders/{mail}", headers=headers | {"Accept": "text/html"})
    await visitor.post("/webhooks/stripe", content=mail.encode(), headers=headers | {"Stripe-Signature": card})
    await visitor.get("/v1/shop", headers=headers | {"Authorization": f"Bearer {card}"})


async def test_no_line_holds_anybodys_data_or_a_secret(
    client: httpx2.AsyncClient,
    visitor: httpx2.AsyncClient,
    settings: Settings,
    every_library: None,
    capfd: pytest.CaptureFixture[str],
) -> None:
    await live(client, visitor)
    written = "".join(capfd.readouterr())
    token = client.headers["authorization"].removeprefix("Bearer ")
    secrets = {
        "key": token[16:],
        "webhook": STRIPE_WEBHOOK_SECRET,
        "stripe": "sk_test_",
        "vault": settings.secret_keys[0],
    }
    found = [what for what, text in {**PERSONAL, **secrets}.items() if text in written]
    assert found == []


async def test_no_row_holds_a_secret_a_card_an_address_or_a_user_agent(
    client: httpx2.AsyncClient, visitor: httpx2.AsyncClient, sandbox: LocalStripe, db: Database, settings: Settings
) -> None:
    await live(client, visitor)
    prices = [{"amount": 4900, "currency": "EUR"}]
    body = {"title": "Vase", "variants": [{"available": 3, "prices": prices}]}
    product = (await client.post("/v1/products", json=body)).json()["id"]
    variant = (await client.get(f"/v1/products/{product}/variants")).json()["items"][0]["id"]
    order = {"items": [{"variant_id": variant}]}
    made = await client.post("/v1/checkouts", json=order, headers={"Idempotency-Key": "one"})
    assert made.status_code == 201
    paid = made.json()
    await sandbox.pay(paid["url"].rstrip("/").rpartition("/")[2].partition("?")[0], PERSONAL["card"])
    assert await sandbox.carry()
    found = await rows(db)
    assert paid["order_id"].encode() in found
    token = client.headers["authorization"].removeprefix("Bearer ")
    secrets = {
        "card": PERSONAL["card"], "user agent": PERSONAL["user agent"], "address": PERSONAL["address"],
        "peer": '"127.0.0.1"', "e-mail of a stranger": PERSONAL["e-mail"], "key": token[16:],
        "webhook": STRIPE_WEBHOOK_SECRET, "any webhook": "whsec_", "stripe": "sk_test_",
        "vault": settings.secret_keys[0],
    }  # fmt: skip
    assert [what for what, text in secrets.items() if text.encode() in found] == []


async def rows(db: Database) -> bytes:
    """Every value of every table."""
    lines: list[bytes] = []
    async with db.read() as session:
        for table in SQLModel.metadata.sorted_tables:
            for row in (await session.execute(sa.select(table))).all():
                lines += [value if isinstance(value, bytes) else str(value).encode() for value in row]
    return b"\n".join(lines)


@pytest.mark.parametrize("engine", ["postgresql"])
async def test_what_breaks_is_told_with_its_request_and_without_its_values(
    client: httpx2.AsyncClient, visitor: httpx2.AsyncClient, db: Database, every_library: None,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    async with db.transaction() as session:
        await session.execute(sa.text("ALTER TABLE shop ADD CONSTRAINT nobody CHECK (name NOT LIKE '%Marie%')"))
    answer = await client.patch("/v1/shop", json={"name": PERSONAL["name"]}, headers={"If-Match": "*"})
    assert answer.status_code == 500
    written = "".join(capfd.readouterr())
    lines = [json.loads(line) for line in written.splitlines() if line.startswith("{")]
    (line,) = [line for line in lines if line["event"] == "unexpected error"]
    assert line["request_id"] == answer.json()["request_id"]
    assert "IntegrityError" in line["exception"]
    assert [what for what, text in PERSONAL.items() if text in written] == []


async def test_a_job_that_fails_is_told_by_its_kind(db: Database, capfd: pytest.CaptureFixture[str]) -> None:
    now = clock.now()
    async with db.transaction() as session:
        payload: dict[str, object] = {"order_id": [PERSONAL["e-mail"]]}
        session.add(Job(id=ids.new("job"), name="checkout.watch", payload=payload, run_at=now, created_at=now))
    await jobs.run_due(Resources(db), now)
    written = "".join(capfd.readouterr())
    assert "ValidationError" in written
    assert PERSONAL["e-mail"] not in written
