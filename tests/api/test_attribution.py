"""What an order tells of where it came from."""

import httpx2
import pytest

from checkout.models import OrderTouch
from core.db import Database
from tests.api.surface import expect_problem, unknown
from tests.api.test_checkouts import PHONE, count, start, vase
from tests.local_stripe import LocalStripe

__all__ = ["vase"]


async def tap(
    client: httpx2.AsyncClient, visitor: httpx2.AsyncClient, variant: str, network: str | None
) -> tuple[str, str]:
    """A link's id, and the token of somebody's tap on it."""
    product = (await client.get(f"/v1/variants/{variant}")).json()["product_id"]
    link = (await client.post("/v1/links", json={"product_id": product, "network": network})).json()
    answer = await visitor.get(f"/l/{link['slug']}", headers={"User-Agent": PHONE})
    return link["id"], httpx2.URL(answer.headers["location"]).params["sl"]


async def attribution(client: httpx2.AsyncClient, made: httpx2.Response) -> dict[str, object]:
    """Where the order of this checkout came from."""
    assert made.status_code == 201, made.text
    answer = await client.get(f"/v1/orders/{made.json()['order_id']}/attribution")
    assert answer.status_code == 200
    return dict(answer.json())


async def test_every_tap_and_the_rule_that_decided_are_told(
    sandbox: LocalStripe, client: httpx2.AsyncClient, storefront: httpx2.AsyncClient, visitor: httpx2.AsyncClient,
    vase: str,
) -> None:  # fmt: skip
    first, earlier = await tap(client, visitor, vase, "pinterest")
    second, now = await tap(client, visitor, vase, "instagram")
    told = await attribution(client, await start(storefront, vase, origin={"click_token": now, "touches": [earlier]}))
    assert (told["network"], told["method"], told["link_id"]) == ("instagram", "token", second)
    touches = told["touches"]
    assert isinstance(touches, list)
    assert [(each["link_id"], each["network"], each["via"], each["credited"]) for each in touches] == [
        (first, "pinterest", "cookie", False),
        (second, "instagram", "token", True),
    ]
    rule = told["rule"]
    assert isinstance(rule, dict)
    assert rule["en"].endswith("says instagram: it outdoes every other sign.")
    assert rule["fr"].startswith("Le jeton signé du lien touché")


async def test_an_address_that_a_front_end_tells_gives_all_its_signs(
    sandbox: LocalStripe, client: httpx2.AsyncClient, storefront: httpx2.AsyncClient, visitor: httpx2.AsyncClient,
    vase: str,
) -> None:  # fmt: skip
    link, text = await tap(client, visitor, vase, None)
    where = f"https://shop.example/vase?sl={text}&epik=dj0y&fbclid=a&fbclid=b&utm_source=tiktok"
    told = await attribution(
        client, await start(storefront, vase, origin={"landing_url": where, "referrer": "https://t.co/x"})
    )
    assert (told["network"], told["method"], told["link_id"]) == ("pinterest", "click_id", link)
    assert isinstance(told["evidence"], list)
    assert [(each["method"], each["network"]) for each in told["evidence"]] == [
        ("click_id", "pinterest"), ("utm", "tiktok"), ("referrer", "x"),
    ]  # fmt: skip


async def test_earlier_taps_of_a_buyer_who_objects_are_not_looked_at(
    sandbox: LocalStripe, client: httpx2.AsyncClient, storefront: httpx2.AsyncClient, visitor: httpx2.AsyncClient,
    vase: str,
) -> None:  # fmt: skip
    link, earlier = await tap(client, visitor, vase, "pinterest")
    for header, known in (("sec-gpc", False), ("dnt", False), ("accept", True)):
        headers = {"Idempotency-Key": header * 3, header: "1"}
        body = {"items": [{"variant_id": vase}], "origin": {"touches": [earlier]}}
        made = await storefront.post("/v1/checkouts", json=body, headers=headers)
        told = await attribution(client, made)
        assert (told["link_id"] == link) == known, header
        await client.post(f"/v1/checkouts/{made.json()['id']}/expire")


async def test_who_asks_without_any_sign_writes_no_touch(
    sandbox: LocalStripe, client: httpx2.AsyncClient, db: Database, vase: str
) -> None:
    told = await attribution(client, await start(client, vase, origin={"touches": ["A" * 51]}))
    assert (told["network"], told["method"], told["touches"]) == ("unknown", "none", [])
    assert told["rule"] == {
        "fr": "Rien ne dit d’où vient cet achat : il reste inconnu et n’est attribué à personne.",
        "en": "Nothing tells where this order came from: it stays unknown and is credited to nobody.",
    }
    assert await count(db, OrderTouch) == 0


async def test_the_buyers_own_browser_counts_and_the_shops_server_does_not(
    sandbox: LocalStripe, client: httpx2.AsyncClient, storefront: httpx2.AsyncClient, vase: str
) -> None:
    for asking, network in ((storefront, "instagram"), (client, "unknown")):
        asking.headers["user-agent"] = PHONE
        assert (await attribution(client, await start(asking, vase)))["network"] == network


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_strange_origins_are_refused_by_name_or_tell_nothing(
    sandbox: LocalStripe, client: httpx2.AsyncClient, vase: str
) -> None:
    for wrong in (
        {"touches": ["A" * 50]}, {"touches": ["A" * 51] * 6}, {"touches": "A" * 51}, {"touches": [None]},
        {"landing_url": ""}, {"landing_url": "a" * 2049}, {"referrer": "r" * 2049}, {"referrer": 1},
    ):  # fmt: skip
        expect_problem(await start(client, vase, origin=wrong), 422, "validation-failed")
    for odd in ("https://[", "javascript:alert(1)", "?" + "&".join(["a=1"] * 300), "//\\", "https://a/%00?sl=%ff"):
        made = await start(client, vase, origin={"landing_url": odd, "referrer": odd})
        assert (await attribution(client, made))["method"] == "none"
        await client.post(f"/v1/checkouts/{made.json()['id']}/expire")
    expect_problem(await client.get(f"/v1/orders/{unknown('ord')}/attribution"), 404, "order-not-found")
