"""Discounts over HTTP, and what strangers learn who try codes."""

import secrets

import httpx2
import pytest

from api.app import Application
from core import clock
from core.db import Database
from core.shops import Shop
from tests.api.surface import expect_problem, unknown
from tests.checkout.conftest import make_variant

LUNE = {"title": "Lune", "code": "lune10", "terms": {"kind": "percentage", "rate": 1000}}


@pytest.fixture
def engine() -> str:
    """Databases are tried where discounts are counted."""
    return "sqlite"


@pytest.fixture
async def vase(db: Database, shop: Shop) -> str:
    """A variant at 49 €."""
    return await make_variant(db, shop)


async def add(client: httpx2.AsyncClient, **changes: object) -> dict[str, object]:
    """A new discount."""
    answer = await client.post("/v1/discounts", json=LUNE | changes)
    assert answer.status_code == 201, answer.text
    made: dict[str, object] = answer.json()
    return made


async def start(client: httpx2.AsyncClient, variant: str, code: str, **more: object) -> httpx2.Response:
    """Ask for a checkout with this code."""
    body = {"items": [{"variant_id": variant, "quantity": 1}], "discount_code": code} | more
    return await client.post("/v1/checkouts", json=body, headers={"Idempotency-Key": secrets.token_hex(8)})


async def test_a_discount_is_made_found_changed_and_put_away(client: httpx2.AsyncClient) -> None:
    made = await add(client, limit_total=5, ends_at="2026-12-01T01:00:00+01:00")
    assert (made["code"], made["used"], made["ends_at"]) == ("LUNE10", 0, "2026-12-01T00:00:00Z")
    address = f"/v1/discounts/{made['id']}"
    read = await client.get(address)
    assert read.json() == made
    expect_problem(await client.patch(address, json={"title": "Soleil"}), 428, "precondition-required")
    changed = await client.patch(
        address, json={"title": "Soleil", "limit_total": None}, headers={"If-Match": read.headers["etag"]}
    )
    assert (changed.status_code, changed.json()["title"], changed.json()["limit_total"]) == (200, "Soleil", None)
    stale = await client.patch(address, json={"title": "Trop tard"}, headers={"If-Match": read.headers["etag"]})
    expect_problem(stale, 412, "precondition-failed")
    assert (await client.delete(address)).status_code == 204
    assert (await client.get("/v1/discounts")).json()["items"] == []
    assert [each["id"] for each in (await client.get("/v1/discounts?code=Lune10")).json()["items"]] == [made["id"]]
    expect_problem(await client.post("/v1/discounts", json=LUNE), 409, "code-taken")


async def test_a_discount_names_collections_of_the_shop(client: httpx2.AsyncClient) -> None:
    made = (await client.post("/v1/collections", json={"title": "Été"})).json()["id"]
    discount = await add(client, collection_ids=[made, made])
    assert discount["collection_ids"] == [made]
    answer = await client.post("/v1/discounts", json=LUNE | {"code": "AUTRE", "collection_ids": [unknown("coll")]})
    problem = expect_problem(answer, 422, "unknown-collection")
    assert problem["collection_id"] == unknown("coll")
    address = f"/v1/discounts/{discount['id']}"
    emptied = await client.patch(address, json={"collection_ids": []}, headers={"If-Match": "*"})
    assert emptied.json()["collection_ids"] == []


async def test_lists_tell_codes_from_what_everybody_gets(client: httpx2.AsyncClient) -> None:
    named = await add(client)
    always = await add(client, code=None)
    drawn = await add(client, code=None, generate_code=True)
    found = {each: (await client.get(f"/v1/discounts?automatic={each}")).json()["items"] for each in ("true", "false")}
    assert [each["id"] for each in found["true"]] == [always["id"]]
    assert [each["id"] for each in found["false"]] == [drawn["id"], named["id"]]


@pytest.mark.parametrize(
    "wrong",
    [
        {"terms": {"kind": "percentage", "rate": 10001}},
        {"terms": {"kind": "percentage", "rate": 12.5}},
        {"terms": {"kind": "fixed", "amount": 0}},
        {"terms": {"kind": "gift"}},
        {"code": "ab"},
        {"code": "DIX POUR CENT"},
        {"limit_total": 0},
        {"collection_ids": ["prod_aaaaa"]},
        {"collection_ids": [f"coll_{number:05}" for number in range(21)]},
        {"starts_at": "2026-12-01T00:00:00"},
        {"used": 3},
    ],
)
async def test_what_has_not_the_documented_shape_is_refused(
    client: httpx2.AsyncClient, wrong: dict[str, object]
) -> None:
    expect_problem(await client.post("/v1/discounts", json=LUNE | wrong), 422, "validation-failed")


async def test_front_ends_neither_read_nor_make_discounts(storefront: httpx2.AsyncClient) -> None:
    expect_problem(await storefront.get("/v1/discounts"), 403, "forbidden")
    expect_problem(await storefront.post("/v1/discounts", json=LUNE), 403, "forbidden")


@pytest.mark.parametrize(
    "wrong", [{"discount": 500}, {"discounts": []}, {"price": 1}, {"amount_total": 1}, {"discount_code": ["LUNE10"]}]
)
async def test_prices_and_discounts_in_a_basket_are_refused(
    client: httpx2.AsyncClient, vase: str, wrong: dict[str, object]
) -> None:
    body = {"items": [{"variant_id": vase, "quantity": 1}]} | wrong
    answer = await client.post("/v1/checkouts", json=body, headers={"Idempotency-Key": "k"})
    expect_problem(answer, 422, "validation-failed")


async def test_a_secret_key_hears_why_and_a_publishable_one_hears_one_answer_for_all(
    client: httpx2.AsyncClient, storefront: httpx2.AsyncClient, vase: str
) -> None:
    await add(client, code="ENDED", ends_at="2020-01-01T00:00:00Z")
    gone = await add(client, code="GONE")
    await client.delete(f"/v1/discounts/{gone['id']}")
    await add(client, code="LATER", starts_at="2100-01-01T00:00:00Z")
    codes = {"NEVER": "unknown", "ENDED": "ended", "GONE": "archived", "LATER": "not-started"}
    reasons = {
        code: expect_problem(await start(client, vase, code), 409, "discount-not-applicable")["reason"]
        for code in codes
    }
    assert reasons == codes
    seen = [expect_problem(await start(storefront, vase, code), 409, "discount-not-applicable") for code in codes]
    for document in seen:
        document.pop("request_id")
    assert seen[0]["reason"] == "not-valid"
    assert all(document == seen[0] for document in seen)
    await add(client, code="CENT", minimum_amount=10000)
    told = expect_problem(await start(storefront, vase, "CENT"), 409, "discount-not-applicable")
    assert (told["reason"], told["minimum_amount"]) == ("minimum-amount", 10000)


async def test_ten_codes_a_minute_are_tried_from_one_address_and_no_more(
    client: httpx2.AsyncClient, storefront: httpx2.AsyncClient, vase: str
) -> None:
    await add(client, code="CENT", minimum_amount=10000)
    for number in range(10):
        expect_problem(await start(storefront, vase, f"GUESS{number}"), 409, "discount-not-applicable")
        if number < 5:  # A code that is good costs nothing, even where the basket is too small for it.
            await start(storefront, vase, "CENT")
    refused = expect_problem(await start(storefront, vase, "GUESS10"), 429, "too-many-requests")
    assert (refused["policy"], refused["limit"]) == ("bad-codes", 10)
    expect_problem(await start(storefront, vase, "CENT"), 429, "too-many-requests")
    expect_problem(await start(client, vase, "GUESS11"), 409, "discount-not-applicable")


@pytest.mark.parametrize("quota", [3])
async def test_a_shop_bears_so_many_tries_an_hour_from_all_addresses_together(
    app: Application, client: httpx2.AsyncClient, storefront: httpx2.AsyncClient, shop: Shop, vase: str, quota: int
) -> None:
    rates = app.services.rates
    now = clock.monotonic()
    for _ in range(rates.bad_codes_of_shop.quota - quota):
        rates.bad_codes_of_shop.take(shop.id, now)
    for number in range(quota):
        expect_problem(await start(storefront, vase, f"GUESS{number}"), 409, "discount-not-applicable")
    refused = expect_problem(await start(storefront, vase, "GUESS"), 429, "too-many-requests")
    assert (refused["policy"], refused["limit"], refused["window_seconds"]) == ("bad-codes-of-shop", 100, 3600)
