"""Links over HTTP."""

import httpx2
import pytest

from api.app import Application
from catalog import products
from catalog.schemas import ProductCreate
from core import keys, shops
from core.db import Database
from core.shops import Shop
from tests.conftest import calling

UNKNOWN = "link_00000000000000000000000000"


@pytest.fixture
async def vase(db: Database, shop: Shop) -> str:
    """The id of a product."""
    async with db.transaction() as session:
        return (await products.create(session, shop, ProductCreate(title="Vase Lune"))).id


async def test_a_link_is_made_read_and_listed(client: httpx2.AsyncClient, vase: str) -> None:
    body = {"product_id": vase, "network": "instagram", "placement": "bio", "campaign": "Noël 2026"}
    answer = await client.post("/v1/links", json=body)
    assert (answer.status_code, answer.headers["etag"]) == (201, '"1"')
    link = answer.json()
    assert link["url"] == f"http://127.0.0.1:8000/l/{link['slug']}"
    assert link["utm"] == {
        "utm_source": "instagram",
        "utm_medium": "social",
        "utm_campaign": "noel-2026",
        "utm_content": link["id"],
    }
    again = await client.get(f"/v1/links/{link['id']}")
    assert (again.json(), again.headers["etag"]) == (link, '"1"')
    listed = await client.get("/v1/links", params={"network": "instagram", "product": vase})
    assert listed.json() == {"items": [link], "next_cursor": None}
    assert (await client.get("/v1/links?network=pinterest")).json()["items"] == []


async def test_a_link_is_switched_off_by_who_read_it(client: httpx2.AsyncClient, vase: str) -> None:
    link = (await client.post("/v1/links", json={"product_id": vase})).json()
    path = f"/v1/links/{link['id']}"
    assert (await client.patch(path, json={"active": False})).status_code == 428
    assert (await client.patch(path, json={"active": False}, headers={"If-Match": '"9"'})).status_code == 412
    answer = await client.patch(path, json={"active": False}, headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.json()["active"], answer.headers["etag"]) == (200, False, '"2"')


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize(
    ("wrong", "slug"),
    [
        ({"network": "myspace"}, "unknown-network"),
        ({"placement": "billboard"}, "unknown-link-placement"),
        ({"product_id": "prod_00000000000000000000000000"}, "unknown-link-item"),
        ({"variant_id": "var_00000000000000000000000000"}, "unknown-link-item"),
        ({"post_id": "post_00000000000000000000000000"}, "unknown-link-item"),
        ({"target": "https://evil.example"}, None),
        ({"redirect_url": "https://evil.example"}, None),
    ],
)
async def test_a_link_to_nowhere_is_refused(
    client: httpx2.AsyncClient, vase: str, wrong: dict[str, str], slug: str | None
) -> None:
    answer = await client.post("/v1/links", json={"product_id": vase} | wrong)
    assert answer.status_code == 422
    assert slug is None or answer.json()["type"].endswith(f"/{slug}")


async def test_another_shops_link_is_unknown(
    client: httpx2.AsyncClient, app: Application, db: Database, vase: str
) -> None:
    link = (await client.post("/v1/links", json={"product_id": vase})).json()
    async with db.transaction() as session:
        _, token = await keys.create(session, await shops.create(session, "Another", "EUR"))
    async with calling(app, token) as other:
        assert (await other.get(f"/v1/links/{link['id']}")).status_code == 404
        assert (await other.get("/v1/links")).json()["items"] == []
        refused = await other.post("/v1/links", json={"product_id": vase})
    assert refused.status_code == 422
    assert (await client.get(f"/v1/links/{UNKNOWN}")).status_code == 404


async def test_links_need_the_scope(storefront: httpx2.AsyncClient, visitor: httpx2.AsyncClient) -> None:
    assert (await storefront.get("/v1/links")).status_code == 403
    assert (await visitor.get("/v1/links")).status_code == 401
