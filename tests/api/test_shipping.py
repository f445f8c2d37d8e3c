"""Shipping over HTTP: rates, countries that are not shipped to, and orders that know who bought."""

import secrets

import httpx2
import pytest

from core.db import Database
from core.shops import Shop
from tests.api.surface import expect_problem, unknown
from tests.local_stripe import LocalStripe

POST = {
    "name": "Colissimo",
    "countries": ["FR", "MC", "FR"],
    "kind": "by_weight",
    "brackets": [{"up_to": 250, "amount": 499}, {"up_to": 1000, "amount": 799}],
    "free_above": 8000,
    "delivery_days": {"min": 2, "max": 3},
}


async def vase(client: httpx2.AsyncClient) -> str:
    """The id of a variant of 800 grams at 49 euros."""
    variant = {"available": 5, "weight_grams": 800, "prices": [{"amount": 4900, "currency": "EUR"}]}
    made = await client.post("/v1/products", json={"title": "Vase", "variants": [variant]})
    return str(made.json()["variants"][0]["id"])


async def start(client: httpx2.AsyncClient, variant: str, **more: object) -> httpx2.Response:
    """Ask for a checkout of one piece."""
    body = {"items": [{"variant_id": variant}]} | more
    return await client.post("/v1/checkouts", json=body, headers={"Idempotency-Key": secrets.token_hex(8)})


async def test_a_rate_is_added_changed_put_away_and_brought_back(client: httpx2.AsyncClient) -> None:
    made = await client.post("/v1/shipping-rates", json=POST)
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    rate = made.json()
    assert (rate["countries"], rate["delivery_days"], rate["position"]) == (["FR", "MC"], {"min": 2, "max": 3}, 0)
    address = f"/v1/shipping-rates/{rate['id']}"
    news = {"name": "Lettre suivie", "free_above": None, "kind": "flat", "brackets": [{"amount": 299}]}
    changed = await client.patch(address, json=news, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    assert changed.json()["brackets"] == [{"amount": 299, "up_to": None}]
    expect_problem(await client.patch(address, json={}, headers={"If-Match": '"1"'}), 412, "precondition-failed")
    assert (await client.delete(address)).status_code == 204
    assert (await client.get("/v1/shipping-rates")).json()["items"] == []
    back = await client.patch(address, json={"archived": False}, headers={"If-Match": "*"})
    assert (await client.get("/v1/shipping-rates")).json()["items"] == [back.json()]


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_a_rate_that_means_nothing_is_refused(client: httpx2.AsyncClient) -> None:
    for news, status, slug in (
        ({"countries": ["ZZ"]}, 422, "unknown-country"),
        ({"countries": ["fr"]}, 422, "validation-failed"),
        ({"countries": []}, 422, "validation-failed"),
        ({"kind": "flat"}, 422, "bad-brackets"),
        ({"brackets": [{"amount": 1}, {"up_to": 5, "amount": 2}]}, 422, "bad-brackets"),
        ({"brackets": [{"up_to": 5, "amount": 1}, {"up_to": 5, "amount": 2}]}, 422, "bad-brackets"),
        ({"brackets": [{"up_to": 5, "amount": -1}]}, 422, "validation-failed"),
        ({"delivery_days": {"min": 4, "max": 2}}, 422, "bad-brackets"),
        ({"name": ""}, 422, "validation-failed"),
    ):
        expect_problem(await client.post("/v1/shipping-rates", json=POST | news), status, slug)


async def test_a_front_end_sees_no_rates_and_is_told_where_the_shop_ships(
    sandbox: LocalStripe, client: httpx2.AsyncClient, storefront: httpx2.AsyncClient
) -> None:
    variant = await vase(client)
    await client.post("/v1/shipping-rates", json=POST)
    expect_problem(await storefront.get("/v1/shipping-rates"), 403, "forbidden")
    refused = await start(storefront, variant, ship_to="DE")
    expect_problem(refused, 409, "not-shipped-there")
    assert refused.json()["countries"] == ["FR", "MC"]
    expect_problem(await start(storefront, variant, ship_to="Deutschland"), 422, "validation-failed")
    assert (await start(storefront, variant, ship_to="MC")).status_code == 201


async def hold_back_and_let_go(client: httpx2.AsyncClient, address: str) -> None:
    """A person does not let an order go, says why, and lets it go in the end."""
    wanted = {"reason": "incorrect-address", "note": "House number?"}
    answer = await client.post(f"{address}/fulfilment-holds", json=wanted)
    held = answer.json()
    assert (answer.status_code, held["reason"], held["note"], held["released_at"]) == (201, *wanted.values(), None)
    assert (await client.get(address)).json()["fulfilment"] == "on_hold"
    assert (await client.get(f"{address}/fulfilments")).json()["holds"] == ["incorrect-address"]
    refused = await client.post(f"{address}/fulfilments", json={})
    assert expect_problem(refused, 409, "not-to-be-shipped")["holds"] == ["incorrect-address"]
    for bad in ({"reason": "dispute"}, {"reason": "bored"}, {}, {"reason": "other", "note": "x" * 501}):
        expect_problem(await client.post(f"{address}/fulfilment-holds", json=bad), 422, "validation-failed")
    for _ in range(2):
        assert (await client.delete(f"{address}/fulfilment-holds/{held['id']}")).status_code == 204
    (shown,) = (await client.get(f"{address}/fulfilment-holds")).json()["items"]
    assert shown == held | {"released_at": shown["released_at"]}
    assert shown["released_at"] is not None
    nobodys = await client.delete(f"{address}/fulfilment-holds/{unknown('fhold')}")
    expect_problem(nobodys, 404, "fulfilment-hold-not-found")


async def test_an_order_shows_who_bought_and_how_far_it_is_until_that_is_erased(
    sandbox: LocalStripe, client: httpx2.AsyncClient, visitor: httpx2.AsyncClient, db: Database, shop: Shop
) -> None:
    await client.post("/v1/shipping-rates", json=POST)
    checkout = (await start(client, await vase(client))).json()
    address = f"/v1/orders/{checkout['order_id']}"
    before = (await client.get(address)).json()
    assert (before["customer"], before["delivery"]["address"], before["fulfilment"]) == (None, None, "unfulfilled")
    session_id = next(each for each in checkout["url"].split("/") if each.startswith("cs_"))
    assert (await sandbox.pay(session_id)).status_code == 200
    await sandbox.carry()
    order = (await client.get(address)).json()
    assert order["customer"] == {"email": "ada@example.com", "name": "Ada Buyer", "phone": None}
    delivery = order["delivery"]
    assert (delivery["name"], delivery["amount"]["amount"], delivery["delivery_days"]) == (
        "Colissimo", 799, {"min": 2, "max": 3},
    )  # fmt: skip
    assert (delivery["recipient"], delivery["address"]["city"]) == ("Ada Buyer", "Sampleton")
    assert (await client.get("/v1/orders")).json()["items"] == [order]
    page = await visitor.get(order["status_url"])
    assert page.status_code == 200
    assert not [word for word in ("ada@", "Ada", "Sampleton") if word in page.text]
    parcel = await client.post(f"{address}/fulfilments", json={"tracking_number": "6A1"})
    assert (parcel.status_code, parcel.json()["status"], parcel.headers["etag"]) == (201, "packed", '"1"')
    await hold_back_and_let_go(client, address)
    tracked = f"{address}/fulfilments/{parcel.json()['id']}"
    news = {"status": "shipped", "tracking_url": "https://example.com/6A1"}
    sent = await client.patch(tracked, json=news, headers={"If-Match": '"1"'})
    assert (sent.json()["status"], sent.json()["tracking_number"]) == ("shipped", "6A1")
    assert (await client.get(tracked)).json() == sent.json()
    expect_problem(await client.delete(tracked), 409, "wrong-step")
    for bad in ("javascript:alert(1)", "ftp://example.com/x"):
        refused = await client.patch(tracked, json={"tracking_url": bad}, headers={"If-Match": "*"})
        expect_problem(refused, 422, "validation-failed")
    assert (await client.get(f"{address}/fulfilments")).json()["status"] == "shipped"
    assert (await client.delete(f"{address}/contact")).status_code == 204
    after = (await client.get(address)).json()
    delivery |= {"recipient": None, "address": None}
    assert after == order | {"customer": None, "delivery": delivery, "fulfilment": "shipped"}
