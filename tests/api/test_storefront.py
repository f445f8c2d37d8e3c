"""What a publishable key sees and does: what is on sale, how to find it, how to buy it, and nothing else."""

import re
from collections.abc import Iterator

import httpx2
import pytest
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from api.app import Application
from tests.api.test_catalog import a_dress, slug
from tests.local_stripe import LocalStripe

HOME = "https://boutique.example"
ALLOWED = {
    "listProducts", "getProduct", "listVariants", "getVariant", "getPrices", "getStock", "listCollections",
    "getCollection", "createCheckout", "getCheckout", "getAsset",
}  # fmt: skip


def variant_of(product: dict[str, object]) -> str:
    variants = product["variants"]
    assert isinstance(variants, list)
    return str(variants[0]["id"])


def handlers(app: Application) -> Iterator[tuple[str, HTTPRouteHandler]]:
    """Each operation under /v1, with its path."""
    for route in app.litestar.routes:
        if isinstance(route, HTTPRoute) and route.path.startswith("/v1/"):
            yield from ((route.path, each) for each in route.route_handlers if "OPTIONS" not in each.http_methods)


async def test_a_publishable_key_reaches_the_storefront_and_nothing_else(
    app: Application, storefront: httpx2.AsyncClient
) -> None:
    reached = set()
    for template, handler in handlers(app):
        (method,) = handler.http_methods - {"HEAD"}
        path = re.sub(r"\{[^}]*\}", "x_00000000000000000000000000", template)
        headers = {"Content-Type": "application/json", "Idempotency-Key": str(handler.operation_id)}
        body = None if method in ("GET", "DELETE") else b"{}"
        answer = await storefront.request(method, path, content=body, headers=headers)
        if answer.status_code not in (403, 415):  # Forms are refused for their type, before their key.
            reached.add(handler.operation_id)
    assert reached == ALLOWED


async def test_it_sees_what_is_on_sale(client: httpx2.AsyncClient, storefront: httpx2.AsyncClient) -> None:
    shown = await a_dress(client)
    hidden = await a_dress(client, status="draft", variants=[{"options": {"Size": "S"}}])
    (listed,) = (await storefront.get("/v1/products")).json()["items"]
    assert listed == shown
    assert [each["in_stock"] for each in listed["variants"]] == [True, False]
    for path in (
        f"/v1/products/{hidden['id']}",
        f"/v1/products/{hidden['id']}/variants",
        f"/v1/variants/{variant_of(hidden)}",
        f"/v1/variants/{variant_of(hidden)}/prices",
        f"/v1/variants/{variant_of(hidden)}/stock",
    ):
        assert (await storefront.get(path)).status_code == 404, path
    assert (await storefront.get("/v1/products?q=robe")).json()["items"] == [shown]
    for status in ("draft", "archived"):
        assert (await storefront.get("/v1/products", params={"status": status})).status_code == 403
    gone = variant_of(shown)
    await client.delete(f"/v1/variants/{gone}")
    assert (await storefront.get(f"/v1/variants/{gone}")).status_code == 404
    assert gone not in (await storefront.get(f"/v1/products/{shown['id']}")).text


async def test_collections_are_made_read_changed_and_archived(
    client: httpx2.AsyncClient, storefront: httpx2.AsyncClient
) -> None:
    first, second = await a_dress(client), await a_dress(client, variants=[])
    draft = await a_dress(client, status="draft", variants=[])
    ids = [each["id"] for each in (first, draft, second)]
    made = await client.post("/v1/collections", json={"title": "Été", "product_ids": ids})
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    path, query = f"/v1/collections/{made.json()['id']}", {"collection": made.json()["id"]}
    read = await storefront.get(path)
    assert read.json() == made.json()
    assert (await storefront.get(path, headers={"If-None-Match": read.headers["etag"]})).status_code == 304
    assert (await storefront.get("/v1/collections")).json() == {"items": [made.json()], "next_cursor": None}
    seen = (await storefront.get("/v1/products", params=query)).json()["items"]
    assert [each["id"] for each in seen] == [first["id"], second["id"]]
    page = (await storefront.get("/v1/products", params={**query, "limit": 1})).json()
    rest = (await storefront.get("/v1/products", params={**query, "cursor": page["next_cursor"]})).json()
    assert [each["id"] for each in rest["items"]] == [second["id"]]

    changed = await client.patch(path, json={"product_ids": ids[:1]}, headers={"If-Match": read.headers["etag"]})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    assert (await client.patch(path, json={"title": "A"})).status_code == 428
    assert (await client.patch(path, json={"title": "A"}, headers={"If-Match": '"1"'})).status_code == 412
    assert (await storefront.delete(path)).status_code == 403
    assert [(await client.delete(path)).status_code for _ in range(2)] == [204, 204]
    assert (await storefront.get(path)).status_code == 404
    gone = await storefront.get("/v1/products", params=query)
    assert (gone.status_code, slug(gone)) == (404, "collection-not-found")
    assert (await client.get(path)).json()["archived_at"] is not None
    assert (await client.get("/v1/collections")).json()["items"] == []


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"title": "A", "rules": [{"rule": "tag"}]}, "validation-failed"),
        ({"title": "A", "rules": [{"rule": "colour", "value": "x"}]}, "validation-failed"),
        ({"title": "A", "rules": [{"rule": "in_stock", "value": "x"}]}, "validation-failed"),
        ({"title": "A", "rules": [{"rule": "price_below", "amount": -1}]}, "validation-failed"),
        ({"title": "A", "kind": "rules", "rules": [{"rule": "in_stock"}] * 21}, "validation-failed"),
        ({"title": "A", "kind": "smart"}, "validation-failed"),
        ({"title": "A", "product_ids": ["prod_00000000000000000000000000"] * 501}, "validation-failed"),
        ({"title": "A", "rules": [{"rule": "in_stock"}]}, "collection-kind-mismatch"),
        ({"title": "A", "product_ids": ["prod_00000000000000000000000000"]}, "unknown-product"),
    ],
)
async def test_a_collection_that_makes_no_sense_is_refused(
    client: httpx2.AsyncClient, body: dict[str, object], problem: str
) -> None:
    answer = await client.post("/v1/collections", json=body)
    assert (answer.status_code, slug(answer)) == (422, problem)


async def test_a_search_is_bounded(client: httpx2.AsyncClient) -> None:
    for question, status in (("a" * 201, 400), ("", 400), ("a b c d e f g h i j k", 422), ("%_\\'\"", 200)):
        assert (await client.get("/v1/products", params={"q": question})).status_code == status
    for collection in ("nonsense", "prod_x!"):
        assert (await client.get("/v1/products", params={"collection": collection})).status_code == 400


async def test_a_front_end_sends_the_buyer_to_pay_and_the_order_knows_the_post(
    client: httpx2.AsyncClient, storefront: httpx2.AsyncClient, visitor: httpx2.AsyncClient, sandbox: LocalStripe
) -> None:
    await client.patch("/v1/shop", json={"origins": [HOME]}, headers={"If-Match": "*"})
    product = await a_dress(client)
    link = (await client.post("/v1/links", json={"product_id": product["id"], "network": "instagram"})).json()
    tap = await visitor.get(f"/l/{link['slug']}", headers={"User-Agent": "Mozilla/5.0 (iPhone) Instagram 300.0"})
    token = re.search(r"[?&]sl=([A-Za-z0-9_-]{51})", tap.headers["location"])
    assert token is not None
    body = {
        "items": [{"variant_id": variant_of(product), "quantity": 2}],
        "origin": {"click_token": token[1]},
        "success_url": f"{HOME}/merci",
        "cancel_url": f"{HOME}/panier",
    }
    from_page = {"Origin": HOME, "Idempotency-Key": "basket-1"}
    made = await storefront.post("/v1/checkouts", json=body, headers=from_page)
    assert (made.status_code, made.headers["access-control-allow-origin"]) == (201, HOME)
    again = await storefront.post("/v1/checkouts", json=body, headers=from_page)
    assert (again.content, again.headers["idempotent-replayed"]) == (made.content, "true")
    assert again.headers["access-control-allow-origin"] == HOME
    assert "no-store" in (await storefront.get(f"/v1/checkouts/{made.json()['id']}")).headers["cache-control"]
    elsewhere = {**body, "success_url": "https://evil.example/"}
    refused = await storefront.post("/v1/checkouts", json=elsewhere, headers={**from_page, "Idempotency-Key": "b"})
    assert refused.status_code in (400, 422)
    order = (await client.get(f"/v1/orders/{made.json()['order_id']}")).json()
    assert (order["attribution"]["network"], order["attribution"]["link_id"]) == ("instagram", link["id"])
    assert order["attribution"]["method"] == "token"
