"""What a shop keeps at Stripe: made, changed, found, listed, deleted; searched only after a while."""

from typing import cast

import httpx2
import msgspec
import pytest

from tests.checkout.sandbox.calling import SESSIONS, SHIRT, Json, Wall, error_of, open_session, pay, post, session_of


def read(answer: httpx2.Response) -> dict[str, Json]:
    assert answer.status_code == 200, answer.text
    return cast(dict[str, Json], msgspec.json.decode(answer.content))


@pytest.mark.parametrize(
    ("path", "params", "change"),
    [
        ("coupons", {"percent_off": "10", "name": "Ten"}, {"name": "Tenth"}),
        ("customers", {"email": "ada@example.com", "name": "Ada"}, {"name": "Ada L."}),
        ("products", {"name": "Mug"}, {"name": "Cup"}),
        ("tax_rates", {"display_name": "VAT", "percentage": "19", "inclusive": "true"}, {"display_name": "MwSt"}),
        (
            "shipping_rates",
            {"display_name": "Bike", "fixed_amount[amount]": "0", "fixed_amount[currency]": "eur"},
            {"active": "false"},
        ),
        (
            "prices",
            {"currency": "eur", "unit_amount": "900", "product_data[name]": "Mug", "lookup_key": "mug"},
            {"nickname": "List price"},
        ),
    ],
)
async def test_a_resource_lives(
    stripe_api: httpx2.AsyncClient, path: str, params: dict[str, str], change: dict[str, str]
) -> None:
    made = read(await post(stripe_api, f"/v1/{path}", params | {"metadata[shelf]": "3"}))
    changed = read(await post(stripe_api, f"/v1/{path}/{made['id']}", change | {"metadata[shelf]": ""}))
    assert changed["metadata"] == {}
    assert read(await stripe_api.get(f"/v1/{path}/{made['id']}")) == changed
    listed = read(await stripe_api.get(f"/v1/{path}", params={"limit": "1"}))
    assert listed["data"] == [changed]
    if path in ("coupons", "customers", "products"):
        assert read(await stripe_api.delete(f"/v1/{path}/{made['id']}"))["deleted"] is True
        assert error_of(await stripe_api.get(f"/v1/{path}/{made['id']}")).code == "resource_missing"


async def test_a_session_sells_a_known_price_to_a_known_customer(stripe_api: httpx2.AsyncClient) -> None:
    price = read(
        await post(stripe_api, "/v1/prices", {"currency": "eur", "unit_amount": "900", "product_data[name]": "Mug"})
    )
    customer = read(await post(stripe_api, "/v1/customers", {"email": "ada@example.com"}))
    params = {name: value for name, value in SHIRT.items() if not name.startswith("line_items")}
    params |= {
        "line_items[0][price]": str(price["id"]),
        "line_items[0][quantity]": "3",
        "customer": str(customer["id"]),
    }
    session = session_of(await post(stripe_api, SESSIONS, params))
    assert session.amount_total == 2700
    paid = session_of(await pay(stripe_api, session))
    intent = read(await stripe_api.get(f"/v1/payment_intents/{paid.payment_intent}", params={"expand[]": "customer"}))
    assert cast(dict[str, Json], intent["customer"])["email"] == "ada@example.com"
    await post(stripe_api, f"/v1/prices/{price['id']}", {"active": "false"})
    assert error_of(await post(stripe_api, SESSIONS, params)).param == "line_items[0][price]"


async def test_a_session_makes_a_customer_when_told_to(stripe_api: httpx2.AsyncClient) -> None:
    await pay(stripe_api, await open_session(stripe_api, customer_creation="always", customer_email="eve@example.com"))
    found = read(await stripe_api.get("/v1/customers", params={"email": "eve@example.com"}))
    assert len(cast(list[Json], found["data"])) == 1


async def test_search_finds_what_is_a_minute_old(stripe_api: httpx2.AsyncClient, wall: Wall) -> None:
    paid = session_of(await pay(stripe_api, await open_session(stripe_api)))

    async def found(query: str, kind: str = "payment_intents") -> list[Json]:
        answer = read(await stripe_api.get(f"/v1/{kind}/search", params={"query": query}))
        return [cast(dict[str, Json], each)["id"] for each in cast(list[Json], answer["data"])]

    query = "metadata['order']:'ord_1' AND status:'succeeded'"
    assert await found(query) == []
    wall.time += 61
    assert await found(query) == [paid.payment_intent]
    assert await found("amount>9000 AND -currency:'usd'") == [paid.payment_intent]
    assert await found("metadata['order']:'ord_2' OR status:'canceled'") == []
    assert len(await found("amount=9800", "charges")) == 1
    for wrong in ("status", "a:'1' AND b:'2' OR c:'3'"):
        answer = await stripe_api.get("/v1/charges/search", params={"query": wrong})
        assert error_of(answer).param == "query"


async def test_a_payment_link_opens_a_session_for_everyone_until_its_limit(stripe_api: httpx2.AsyncClient) -> None:
    price = "line_items[0][price_data]"
    params = {
        "line_items[0][quantity]": "1",
        f"{price}[currency]": "eur",
        f"{price}[unit_amount]": "2500",
        f"{price}[product_data][name]": "Mug",
        "restrictions[completed_sessions][limit]": "1",
        "metadata[post]": "post_1",
    }
    link = read(await post(stripe_api, "/v1/payment_links", params))
    path = f"/v1/payment_links/{link['id']}"
    lines = cast(list[dict[str, Json]], read(await stripe_api.get(f"{path}/line_items"))["data"])
    assert [line["amount_total"] for line in lines] == [2500]
    visit = await stripe_api.get(
        str(link["url"]), params={"client_reference_id": "click_1", "prefilled_email": "a@b.de"}
    )
    session = session_of(await stripe_api.get(f"{SESSIONS}/{visit.headers['Location'].rpartition('/')[2]}"))
    assert (session.client_reference_id, session.metadata) == ("click_1", {"post": "post_1"})
    await pay(stripe_api, session)
    found = read(await stripe_api.get(SESSIONS, params={"payment_link": str(link["id"])}))
    assert len(cast(list[Json], found["data"])) == 1
    assert read(await stripe_api.get(path))["active"] is False
    assert (await stripe_api.get(str(link["url"]))).status_code == 410
    assert read(await post(stripe_api, path, {"active": "false", "inactive_message": "Sold out"}))["active"] is False
    listed = read(await stripe_api.get("/v1/payment_links", params={"active": "false"}))
    assert len(cast(list[Json], listed["data"])) == 1
