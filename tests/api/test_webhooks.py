"""Webhook endpoints over HTTP: made, tested, listened to, repaired; and what arrives when somebody buys."""

import httpx2
import msgspec
import pytest
import sqlalchemy as sa
import standardwebhooks

from api.app import Application
from api.operations import doctor
from core import clock, events, jobs
from core.db import Database
from core.events import Event
from core.settings import Settings
from core.shops import Shop
from core.webhooks import published
from core.webhooks.models import WebhookEndpoint
from tests.api.surface import expect_problem
from tests.api.test_orders import place
from tests.core.webhooks.receiver import OK, Message, Receiver, status
from tests.house.test_document import DOCUMENT
from tests.local_stripe import LocalStripe

ADDRESS = "https://hooks.example/in"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Receivers of tests run on this machine."""
    return settings.model_copy(update={"outbound_loopback": True})


async def made(client: httpx2.AsyncClient, url: str = ADDRESS, *types: str) -> dict[str, str]:
    """A new endpoint, with its secret."""
    answer = await client.post("/v1/webhook-endpoints", json={"url": url, "event_types": list(types) or ["*"]})
    assert answer.status_code == 201, answer.text
    document: dict[str, str] = answer.json()
    return document


async def carry(app: Application) -> None:
    """Everything that is due is sent."""
    while await jobs.run_due(app.services.resources, clock.now()):
        pass


def read(message: Message) -> tuple[str, dict[str, object]]:
    """The type of a message and its data."""
    payload = msgspec.json.decode(message.body, type=dict[str, object])
    data = payload["data"]
    assert isinstance(data, dict)
    return str(payload["type"]), data


async def test_a_merchant_hears_of_an_order_in_order_and_where_the_buyer_came_from(
    app: Application, client: httpx2.AsyncClient, sandbox: LocalStripe
) -> None:
    variant = {"available": 4, "sku": "VASE", "prices": [{"amount": 1900, "currency": "EUR"}]}
    product = (await client.post("/v1/products", json={"title": "Vase", "variants": [variant]})).json()
    stock = f"/v1/variants/{product['variants'][0]['id']}/stock"
    assert (await client.put(stock, json={"low_stock_at": 3})).json()["low_stock_at"] == 3
    async with Receiver().listening() as receiver:
        endpoint = await made(client, receiver.url)
        body = {
            "items": [{"variant_id": product["variants"][0]["id"]}],
            "origin": {"utm_source": "instagram", "utm_medium": "social"},
        }
        checkout = await client.post("/v1/checkouts", json=body, headers={"Idempotency-Key": "one"})
        (session,) = (await sandbox.http.get("/_local/sessions")).json()["data"]
        await sandbox.pay(session["id"])
        await sandbox.carry()
        await carry(app)
    told = dict(read(message) for message in receiver.got)
    about_order = [kind for kind, _ in map(read, receiver.got) if kind.startswith("order.")]
    assert about_order == ["order.placed", "order.paid"]
    assert told["stock.low"] == {
        "product_id": product["id"], "variant_id": product["variants"][0]["id"], "sku": "VASE", "available": 3,
        "threshold": 3,
    }  # fmt: skip
    order = told["order.paid"]["order"]
    assert isinstance(order, dict)
    assert order["id"] == checkout.json()["order_id"]
    assert (order["status"], order["amount_paid"], order["currency"], order["network"]) == (
        "paid", 1900, "EUR", "instagram",
    )  # fmt: skip
    verifier = standardwebhooks.Webhook(endpoint["secret"])
    assert [verifier.verify(message.body, message.headers)["version"] for message in receiver.got] == [1, 1, 1]


async def test_an_endpoint_is_made_read_changed_and_put_away(client: httpx2.AsyncClient) -> None:
    endpoint = await made(client, ADDRESS, "stock.low", "order.paid", "order.paid")
    secret, path = endpoint.pop("secret"), f"/v1/webhook-endpoints/{endpoint['id']}"
    assert secret.startswith("whsec_")
    answer = await client.get(path)
    assert (answer.json(), answer.json()["event_types"]) == (endpoint, ["order.paid", "stock.low"])
    assert secret not in (await client.get("/v1/webhook-endpoints")).text
    change = {"description": "Till", "enabled": False}
    expect_problem(await client.patch(path, json=change), 428, "precondition-required")
    changed = await client.patch(path, json=change, headers={"If-Match": answer.headers["etag"]})
    assert (changed.json()["enabled"], changed.json()["disabled_reason"]) == (False, "merchant")
    stale = await client.patch(path, json=change, headers={"If-Match": answer.headers["etag"]})
    expect_problem(stale, 412, "precondition-failed")
    expect_problem(await client.post(f"{path}/test"), 409, "webhook-endpoint-disabled")
    rotated = (await client.post(f"{path}/rotate-secret", json={"overlap_hours": 2})).json()
    assert rotated["secret"] not in (secret, "")
    assert rotated["previous_secret_until"] is not None
    assert [(await client.delete(path)).status_code for _ in range(2)] == [204, 204]
    assert (await client.get("/v1/webhook-endpoints")).json()["items"] == []
    assert (await client.get(path)).json()["archived_at"] is not None
    expect_problem(await client.post(f"{path}/rotate-secret", json={}), 410, "gone")


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_what_cannot_be_an_endpoint_is_refused(client: httpx2.AsyncClient) -> None:
    async def refused(status_code: int, slug: str, **fields: object) -> dict[str, object]:
        body = {"url": ADDRESS, "event_types": ["order.paid"]} | fields
        return expect_problem(await client.post("/v1/webhook-endpoints", json=body), status_code, slug)

    assert "order.paid" in str((await refused(422, "unknown-event-type", event_types=["order.pade"]))["known"])
    for url in (
        "http://10.0.0.1/",
        "https://169.254.169.254/latest",
        "https://user@hooks.example/",
        "https://intranet/",
    ):
        await refused(422, "forbidden-address", url=url)
    await refused(422, "validation-failed", url="ftp://hooks.example/")
    await refused(422, "validation-failed", event_types=[])
    await refused(422, "validation-failed", event_types=["Order Paid"])
    await refused(422, "validation-failed", secret="x")
    for _ in range(20):
        await made(client)
    await refused(409, "too-many-webhook-endpoints")


async def test_a_test_event_comes_at_once_and_its_log_tells_what_came_back(
    app: Application, client: httpx2.AsyncClient
) -> None:
    async with Receiver(status(500, body="Aïe"), OK).listening() as receiver:
        endpoint = await made(client, receiver.url, "order.paid")
        path = f"/v1/webhook-endpoints/{endpoint['id']}"
        asked = await client.post(f"{path}/test")
        assert (asked.status_code, asked.json()["status"], asked.json()["attempts_left"]) == (201, "pending", 1)
        await carry(app)
        log = (await client.get(f"/v1/webhook-deliveries/{asked.json()['id']}")).json()
        assert (log["status"], log["next_attempt_at"]) == ("dead", None)
        assert [(each["outcome"], each["status"], each["answer"]) for each in log["attempts"]] == [
            ("status", 500, "Aïe")
        ]
        again = await client.post(f"/v1/webhook-deliveries/{asked.json()['id']}/resend")
        assert again.status_code == 201
        await carry(app)
        assert [read(each) for each in receiver.got] == [
            ("webhook_endpoint.test", {"webhook_endpoint_id": endpoint["id"]})
        ] * 2
        assert receiver.got[0].id == receiver.got[1].id == asked.json()["event_id"]
        (listed,) = (await client.get(f"{path}/deliveries?status=delivered")).json()["items"]
        assert listed["id"] == asked.json()["id"]
        assert (await client.get(f"{path}/deliveries?event_type=order.paid")).json()["items"] == []
        settled = await client.post(f"/v1/webhook-deliveries/{asked.json()['id']}/skip")
        assert expect_problem(settled, 409, "webhook-delivery-settled")["detail"]


def example(kind: type[Event], order_id: str) -> Event:
    """An event of this kind about an order."""
    values: dict[str, object] = {}
    for field in msgspec.structs.fields(kind):
        plain = {int: 1900, str: "text", bool: False, list[str]: ["late-payment"]}
        values[field.name] = plain.get(field.type)
    return msgspec.convert(values | {"order_id": order_id}, kind)


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_every_event_of_an_order_goes_out_with_the_order_and_nobodys_name(
    app: Application, client: httpx2.AsyncClient, db: Database, shop: Shop
) -> None:
    kinds = {each.kind: each for each in Event.__subclasses__() if each.kind.startswith("order.")}
    order_id = await place(db, shop, 1, network="pinterest", status="paid", amount_paid=1900)
    async with Receiver().listening() as receiver:
        await made(client, receiver.url)
        async with db.transaction() as session:
            for kind in kinds.values():
                await events.record(session, shop.id, example(kind, order_id))
        await carry(app)
    told = dict(read(message) for message in receiver.got)
    assert told.keys() == kinds.keys()
    assert [kind for kind, _ in map(read, receiver.got)] == list(kinds), "in the order in which they happened"
    for name, data in told.items():
        order = data["order"]
        assert isinstance(order, dict), name
        assert (order["id"], order["network"], order["amount_paid"]) == (order_id, "pinterest", 1900), name
        assert not {"email", "name", "phone", "address", "click_token"} & order.keys()
    assert told["order.refunded"]["refund"] == {"id": "text", "amount": 1900, "currency": "text"}


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_the_doctor_names_endpoints_that_were_given_up(
    client: httpx2.AsyncClient, db: Database, settings: Settings
) -> None:
    endpoint = await made(client)
    async with db.transaction() as session:
        await session.execute(sa.update(WebhookEndpoint).values(disabled_at=clock.now(), disabled_reason="failing"))
    (found,) = [each for each in await doctor.examine(settings) if each.subject == "webhook endpoints disabled"]
    assert (found.state, endpoint["id"] in found.words) == ("warning", True)


def test_the_document_describes_every_message() -> None:
    document = msgspec.json.decode(DOCUMENT.read_bytes())
    assert set(document["webhooks"]) == {each.name for each in published.every()} | {"webhook_endpoint.test"}
    for name, item in document["webhooks"].items():
        properties = item["post"]["requestBody"]["content"]["application/json"]["schema"]["properties"]
        assert properties["type"] == {"const": name}
        assert properties["data"]["$ref"].rpartition("/")[2] in document["components"]["schemas"]
