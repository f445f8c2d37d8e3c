"""Links over HTTP."""

from io import BytesIO
from xml.etree import ElementTree as ET

import httpx2
import pytest
import segno
import zxingcpp
from PIL import Image

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
    assert again.json() == link
    assert again.headers["etag"].startswith('"1-')
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


async def test_a_link_says_when_for_whom_and_where_it_leads(client: httpx2.AsyncClient, vase: str) -> None:
    fallback = (await client.post("/v1/links", json={"product_id": vase})).json()
    body = {
        "product_id": vase,
        "starts_at": "2026-12-01T08:00:00+01:00",
        "ends_at": "2026-12-24T23:00:00Z",
        "ended": "link",
        "fallback_link_id": fallback["id"],
        "rules": [{"countries": ["US"], "to": {}}],
        "variants": [{"weight": 9, "to": {}}, {"weight": 1, "to": {"product_id": vase}}],
    }
    made = await client.post("/v1/links", json=body)
    link = made.json()
    assert made.status_code == 201
    assert (link["starts_at"], link["ends_at"]) == ("2026-12-01T07:00:00Z", "2026-12-24T23:00:00Z")
    assert (link["ended"], link["fallback_link_id"]) == ("link", fallback["id"])
    anywhere = {"target": "landing", "product_id": None, "variant_id": None, "url": None}
    assert link["rules"] == [{"countries": ["US"], "devices": [], "to": anywhere}]
    assert link["variants"] == [{"weight": 9, "to": anywhere}, {"weight": 1, "to": anywhere | {"product_id": vase}}]
    assert link["landing_url"].startswith(f"http://127.0.0.1:8000/go/{link['slug']}?utm_source=vitrine&")
    path, headers = f"/v1/links/{link['id']}", {"If-Match": made.headers["etag"]}
    changed = await client.patch(path, json={"ended": "page", "fallback_link_id": None, "rules": []}, headers=headers)
    assert (changed.status_code, changed.json()["rules"], changed.json()["ended"]) == (200, [], "page")
    assert (await client.get(path)).json() == changed.json()


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize(
    ("wrong", "slug"),
    [
        ({"ended": "link"}, "bad-link-terms"),
        ({"target": "pay"}, "bad-link-terms"),
        ({"target": "external", "target_url": "https://evil.example/"}, "host-not-verified"),
        ({"target": "external", "target_url": "https://shop.example@evil.example/"}, "bad-link-address"),
        ({"starts_at": "2026-12-01T08:00:00"}, "validation-failed"),
        ({"starts_at": 5}, "validation-failed"),
        ({"rules": [{"to": {}}]}, "bad-link-terms"),
        ({"rules": [{"countries": ["usa"], "to": {}}]}, "validation-failed"),
        ({"rules": [{"devices": ["fridge"], "to": {}}]}, "validation-failed"),
        (
            {"rules": [{"devices": ["phone"], "to": {"target": "external", "url": "javascript:alert(1)"}}]},
            "validation-failed",
        ),
        ({"rules": [{"devices": ["phone"], "to": {}}] * 21}, "validation-failed"),
        ({"variants": [{"weight": -1, "to": {}}]}, "validation-failed"),
        ({"variants": [{"weight": 1, "to": {}}] * 11}, "validation-failed"),
        ({"variants": [{"weight": 0, "to": {}}]}, "bad-link-terms"),
        ({"creator_id": "creator_00000000000000000000000000"}, "unknown-link-item"),
        ({"leaves": True}, "validation-failed"),
    ],
)
async def test_terms_that_mean_nothing_are_refused(
    client: httpx2.AsyncClient, vase: str, wrong: dict[str, object], slug: str
) -> None:
    answer = await client.post("/v1/links", json={"product_id": vase} | wrong)
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (422, slug)


async def test_the_arms_of_an_experiment_stay_what_they_were(client: httpx2.AsyncClient, vase: str) -> None:
    body = {"product_id": vase, "variants": [{"weight": 1, "to": {}}, {"weight": 1, "to": {"product_id": vase}}]}
    link = (await client.post("/v1/links", json=body)).json()
    answer = await client.patch(f"/v1/links/{link['id']}", json={"variants": []}, headers={"If-Match": "*"})
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (409, "variants-are-fixed")


async def test_a_host_is_put_on_the_list_and_taken_off_it(
    client: httpx2.AsyncClient, app: Application, db: Database
) -> None:
    made = await client.post("/v1/link-hosts", json={"host": "boutique.example"})
    host = made.json()
    assert (made.status_code, host["verified_at"], host["failure"]) == (201, None, None)
    assert host["proof_url"] == "https://boutique.example/.well-known/vitrine.txt"
    assert host["proof"].startswith("vitrine-")
    path = f"/v1/link-hosts/{host['id']}"
    assert (await client.get(path)).json() == host
    assert (await client.get("/v1/link-hosts")).json()["items"] == [host]
    assert (await client.post(f"{path}/verify")).json() == host
    again = await client.post("/v1/link-hosts", json={"host": "boutique.example"})
    assert (again.status_code, again.json()["type"].rpartition("/")[2]) == (409, "link-host-taken")
    async with db.transaction() as session:
        _, other = await keys.create(session, await shops.create(session, "Another", "EUR"))
    async with calling(app, other) as stranger:
        assert (await stranger.get(path)).status_code == 404
        assert (await stranger.post(f"{path}/verify")).status_code == 404
        assert (await stranger.delete(path)).status_code == 404
    assert (await client.delete(path)).status_code == 204
    assert (await client.get(path)).status_code == 404


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "127.0.0.1",
        "evil.example/",
        "evil.example:0",
        "EVIL.example",
        "a@evil.example",
        "",
        "x.local",
        "é.fr",
    ],
)
async def test_a_host_that_cannot_be_a_site_is_refused(client: httpx2.AsyncClient, host: str) -> None:
    assert (await client.post("/v1/link-hosts", json={"host": host})).status_code == 422


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_a_storefront_changes_neither_hosts_nor_creators(storefront: httpx2.AsyncClient) -> None:
    assert (await storefront.post("/v1/link-hosts", json={"host": "boutique.example"})).status_code == 403
    assert (await storefront.post("/v1/creators", json={"name": "Camille"})).status_code == 403


async def test_a_creator_is_made_read_changed_and_put_away(client: httpx2.AsyncClient) -> None:
    made = await client.post("/v1/creators", json={"name": "Camille Roy", "handle": "camille.roy", "code": "camille10"})
    creator = made.json()
    assert (made.status_code, creator["code"], made.headers["etag"]) == (201, "CAMILLE10", '"1"')
    path = f"/v1/creators/{creator['id']}"
    assert (await client.get(path)).json() == creator
    assert (await client.get("/v1/creators")).json()["items"] == [creator]
    assert (await client.patch(path, json={"handle": None})).status_code == 428
    changed = await client.patch(path, json={"handle": None}, headers={"If-Match": '"1"'})
    assert (changed.json()["handle"], changed.headers["etag"]) == (None, '"2"')
    twice = await client.post("/v1/creators", json={"name": "Noé", "code": "Camille10"})
    assert (twice.status_code, twice.json()["type"].rpartition("/")[2]) == (409, "creator-code-taken")
    assert (await client.post("/v1/creators", json={"name": "Noé", "handle": "@noe"})).status_code == 422
    assert (await client.delete(path)).status_code == 204
    assert (await client.get("/v1/creators")).json()["items"] == []


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


def read_code(content: bytes) -> tuple[str, str]:
    """What a camera's reader sees in a PNG, and how much of it may be torn."""
    with Image.open(BytesIO(content)) as image:
        (found,) = zxingcpp.read_barcodes(image.convert("RGB"))
    return found.text, found.ec_level


@pytest.mark.parametrize("size", [64, 200, 512, 2048])
async def test_a_links_code_leads_to_its_address(client: httpx2.AsyncClient, vase: str, size: int) -> None:
    link = (await client.post("/v1/links", json={"product_id": vase})).json()
    answer = await client.get(f"/v1/links/{link['id']}/qr", params={"format": "png", "size": size})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    text, level = read_code(answer.content)
    assert text == link["url"]
    assert level in ("Q", "H")
    with Image.open(BytesIO(answer.content)) as image:
        assert image.width == image.height
        assert size - 45 < image.width <= max(size, 41)


async def test_a_code_as_svg_is_as_large_as_wanted_and_has_the_same_modules(
    client: httpx2.AsyncClient, vase: str
) -> None:
    link = (await client.post("/v1/links", json={"product_id": vase})).json()
    answer = await client.get(f"/v1/links/{link['id']}/qr?size=300")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")
    root = ET.fromstring(answer.text)  # noqa: S314  # Our own output.
    assert float(root.attrib["width"]) == pytest.approx(300)
    expected = BytesIO()
    segno.make_qr(link["url"], error="q").save(expected, kind="svg", border=4)
    drawn = [each.attrib["d"] for each in root.iter() if each.attrib.get("stroke")]
    assert drawn[0] in expected.getvalue().decode()


async def test_a_code_is_fetched_once(client: httpx2.AsyncClient, vase: str) -> None:
    link = (await client.post("/v1/links", json={"product_id": vase})).json()
    first = await client.get(f"/v1/links/{link['id']}/qr")
    again = await client.get(f"/v1/links/{link['id']}/qr", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert "max-age" in first.headers["cache-control"]
    larger = await client.get(f"/v1/links/{link['id']}/qr?size=900")
    assert larger.headers["etag"] != first.headers["etag"]


@pytest.mark.parametrize(
    ("ink", "ground", "seen"),
    [
        ("#123456", "#fdf6d8", {(0x12, 0x34, 0x56), (0xFD, 0xF6, 0xD8)}),
        ("#b4552d", "#f4a58d", {(0, 0, 0), (255, 255, 255)}),
        ("#ffffff", "#000000", {(0, 0, 0), (255, 255, 255)}),
    ],
)
async def test_a_code_wears_the_brands_colours_only_where_it_stays_readable(
    client: httpx2.AsyncClient, vase: str, ink: str, ground: str, seen: set[tuple[int, int, int]]
) -> None:
    etag = (await client.get("/v1/shop")).headers["etag"]
    change = {"ink_colour": ink, "background_colour": ground}
    assert (await client.patch("/v1/shop", json=change, headers={"If-Match": etag})).status_code == 200
    link = (await client.post("/v1/links", json={"product_id": vase})).json()
    content = (await client.get(f"/v1/links/{link['id']}/qr?format=png")).content
    with Image.open(BytesIO(content)) as image:
        colours = image.convert("RGB").getcolors(4)
    assert {colour for _, colour in colours or []} == seen
    assert read_code(content)[0] == link["url"]


@pytest.mark.parametrize("query", ["format=gif", "size=63", "size=2049", "size=x", "kind=svg"])
async def test_a_code_of_no_known_type_or_size_is_refused(client: httpx2.AsyncClient, vase: str, query: str) -> None:
    link = (await client.post("/v1/links", json={"product_id": vase})).json()
    answer = await client.get(f"/v1/links/{link['id']}/qr?{query}")
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert (await client.get(f"/v1/links/{UNKNOWN}/qr")).status_code == 404
