"""The catalog over HTTP: what a merchant's program sees."""

import pytest
from httpx2 import AsyncClient

from api.app import Application
from core import keys, shops
from core.db import Database
from core.shops import Shop
from tests.conftest import calling

UNKNOWN = "0" * 26
DRESS = {
    "title": "Robe Jardin",
    "tags": ["Lin"],
    "options": ["Size"],
    "variants": [
        {
            "options": {"Size": "S"},
            "sku": "ROBE-S",
            "available": 5,
            "prices": [{"amount": 7900, "currency": "EUR", "compare_at": 9900}],
        },
        {"options": {"Size": "M"}, "prices": [{"amount": 7900, "currency": "EUR"}]},
    ],
}
CSV = (
    b"Handle,Title,Variant Price,Variant Inventory Tracker,Variant Inventory Qty\n"
    b"robe,Robe,79.00,shopify,3\n"
    b"sac,Sac,gratuit,,\n"
)


def slug(answer: object) -> str:
    """The last part of a problem's type."""
    return str(answer.json()["type"]).rsplit("/", 1)[1]  # type: ignore[attr-defined]  # A response of httpx2.


async def a_dress(client: AsyncClient, **changes: object) -> dict[str, object]:
    answer = await client.post("/v1/products", json=DRESS | changes)
    assert answer.status_code == 201, answer.text
    product: dict[str, object] = answer.json()
    return product


async def a_variant(client: AsyncClient, **changes: object) -> str:
    product = await a_dress(client, **changes)
    variants = product["variants"]
    assert isinstance(variants, list)
    return str(variants[0]["id"])


@pytest.fixture
async def stranger(app: Application, db: Database) -> object:
    """Calls with a secret key of another shop."""
    async with db.transaction() as session:
        other = await shops.create(session, "Autre", "EUR")
        _, token = await keys.create(session, other)
    return token


async def test_a_product_is_made_read_changed_and_archived(client: AsyncClient) -> None:
    made = await client.post("/v1/products", json=DRESS)
    product = made.json()
    address = f"/v1/products/{product['id']}"
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    assert product["variants"][0]["prices"] == [{"amount": 7900, "currency": "EUR", "compare_at": 9900}]
    read = await client.get(address)
    assert read.json() == product
    head = await client.head(address)
    assert (head.status_code, head.content) == (200, b"")

    changed = await client.patch(address, json={"title": "Robe Forêt"}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.json()["title"], changed.headers["etag"]) == (200, "Robe Forêt", '"2"')
    assert changed.json()["tags"] == ["lin"]
    assert (await client.delete(address)).status_code == 204
    assert (await client.get(address)).json()["status"] == "archived"
    assert (await client.get("/v1/products")).json() == {"items": [], "next_cursor": None}


async def test_a_change_needs_the_version_that_was_read(client: AsyncClient) -> None:
    product = await a_dress(client)
    address = f"/v1/products/{product['id']}"
    without = await client.patch(address, json={"title": "A"})
    assert (without.status_code, slug(without)) == (428, "precondition-required")
    for tag, status in (('"1"', 200), ('"1"', 412), ('"nonsense"', 412), ("*", 200)):
        assert (await client.patch(address, json={"title": "A"}, headers={"If-Match": tag})).status_code == status


@pytest.mark.parametrize(
    ("body", "status", "problem", "pointer"),
    [
        ({}, 422, "validation-failed", "/title"),
        ({"title": ""}, 422, "validation-failed", "/title"),
        ({"title": "A", "shop_id": "shop_x"}, 422, "validation-failed", "/shop_id"),
        ({"title": "A", "id": "prod_x"}, 422, "validation-failed", "/id"),
        ({"title": "A", "status": "sold"}, 422, "validation-failed", "/status"),
        ({"title": "A\x00"}, 422, "validation-failed", "/title"),
        ({"title": "A", "options": ["a", "b", "c", "d"]}, 422, "validation-failed", "/options"),
        ({"title": "A", "variants": [{}] * 101}, 422, "validation-failed", "/variants"),
        ({"title": "A", "variants": [{"available": -1}]}, 422, "validation-failed", None),
        ({"title": "A", "variants": [{"available": 10**30}]}, 422, "validation-failed", None),
        ({"title": "A", "slug": "Not A Slug"}, 422, "validation-failed", "/slug"),
        ({"title": "A", "variants": [{}, {}]}, 409, "variant-taken", None),
        ({"title": "A", "variants": [{"options": {"Size": "S"}}]}, 422, "options-mismatch", None),
        (
            {"title": "A", "variants": [{"prices": [{"amount": 2, "currency": "EUR", "compare_at": 1}]}]},
            422,
            "compare-at-too-low",
            None,
        ),
        ({"title": "A", "variants": [{"prices": [{"amount": 2, "currency": "ABC"}]}]}, 422, "unknown-currency", None),
        ({"title": "A", "pictures": [{"asset_id": f"asset_{UNKNOWN}"}]}, 422, "unknown-asset", None),
    ],
)
async def test_a_bad_product_is_refused_at_its_field(
    client: AsyncClient, body: dict[str, object], status: int, problem: str, pointer: str | None
) -> None:
    answer = await client.post("/v1/products", json=body)
    assert (answer.status_code, slug(answer)) == (status, problem)
    assert answer.headers["content-type"] == "application/problem+json"
    if pointer is not None:
        assert answer.json()["errors"][0]["pointer"] == pointer
    assert (await client.get("/v1/products")).json()["items"] == []


async def test_a_taken_slug_and_a_taken_sku_are_conflicts(client: AsyncClient) -> None:
    await a_dress(client, slug="robe")
    for body, problem in ((DRESS | {"slug": "robe"}, "slug-taken"), (DRESS, "sku-taken")):
        answer = await client.post("/v1/products", json=body)
        assert (answer.status_code, slug(answer)) == (409, problem)
    assert len((await client.get("/v1/products")).json()["items"]) == 1


async def test_the_list_is_paged_and_filtered(client: AsyncClient) -> None:
    for number in range(3):
        await client.post("/v1/products", json={"title": f"R{number}", "product_type": "Robe", "tags": ["été"]})
    await client.post("/v1/products", json={"title": "S", "status": "draft"})
    first = (await client.get("/v1/products", params={"limit": 2, "tag": "Été"})).json()
    second = (
        await client.get("/v1/products", params={"limit": 2, "tag": "Été", "cursor": first["next_cursor"]})
    ).json()
    assert [each["title"] for page in (first, second) for each in page["items"]] == ["R2", "R1", "R0"]
    assert second["next_cursor"] is None
    drafts = (await client.get("/v1/products", params={"status": "draft"})).json()
    assert [each["title"] for each in drafts["items"]] == ["S"]


@pytest.mark.parametrize(
    "query",
    ["status=sold", "limit=0", "limit=101", "limit=x", "cursor=%27%3B--", "sort=title", "status=draft&status=active"],
)
async def test_a_query_that_means_nothing_is_refused(client: AsyncClient, query: str) -> None:
    answer = await client.get(f"/v1/products?{query}")
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")


async def test_a_front_end_sees_active_products_only(client: AsyncClient, storefront: AsyncClient) -> None:
    product = await a_dress(client)
    draft = await a_dress(client, status="draft", variants=[], title="Brouillon")
    variant = product["variants"][0]["id"]  # type: ignore[index]  # JSON.
    listed = await storefront.get("/v1/products")
    assert [each["id"] for each in listed.json()["items"]] == [product["id"]]
    assert (await storefront.get(f"/v1/products/{draft['id']}")).status_code == 404
    assert (await storefront.get(f"/v1/products/{draft['id']}/variants")).status_code == 404
    for path in (f"/v1/products/{product['id']}", f"/v1/variants/{variant}", f"/v1/variants/{variant}/prices"):
        assert (await storefront.get(path)).status_code == 200
    for path in ("/v1/products?status=draft", f"/v1/variants/{variant}/stock-movements"):
        assert (await storefront.get(path)).status_code == 403
    assert (await storefront.post("/v1/products", json=DRESS)).status_code == 403
    await client.delete(f"/v1/products/{product['id']}")
    assert (await storefront.get(f"/v1/variants/{variant}")).status_code == 404


async def test_another_shops_ids_answer_like_unknown_ones(app: Application, client: AsyncClient, stranger: str) -> None:
    product = await a_dress(client)
    variant = product["variants"][0]["id"]  # type: ignore[index]  # JSON.
    run = (await client.post("/v1/imports", files={"file": ("p.csv", CSV)})).json()["id"]
    tries: list[tuple[str, str, object, dict[str, object] | None]] = [
        ("GET", "/v1/products/{}", product["id"], None),
        ("PATCH", "/v1/products/{}", product["id"], {"title": "Mine"}),
        ("DELETE", "/v1/products/{}", product["id"], None),
        ("GET", "/v1/products/{}/variants", product["id"], None),
        ("POST", "/v1/products/{}/variants", product["id"], {"options": {"Size": "L"}}),
        ("GET", "/v1/variants/{}", variant, None),
        ("PATCH", "/v1/variants/{}", variant, {"sku": "MINE"}),
        ("DELETE", "/v1/variants/{}", variant, None),
        ("GET", "/v1/variants/{}/prices", variant, None),
        ("PUT", "/v1/variants/{}/prices", variant, {"prices": []}),
        ("GET", "/v1/variants/{}/stock", variant, None),
        ("PUT", "/v1/variants/{}/stock", variant, {"available": 0}),
        ("GET", "/v1/variants/{}/stock-movements", variant, None),
        ("POST", "/v1/variants/{}/stock-movements", variant, {"delta": 1}),
        ("GET", "/v1/imports/{}", run, None),
        ("GET", "/v1/imports/{}/rows", run, None),
    ]
    async with calling(app, stranger) as thief:
        for method, path, theirs, body in tries:
            unknown = f"{str(theirs).partition('_')[0]}_{UNKNOWN}"
            seen = []
            for each in (theirs, unknown):
                answer = await thief.request(method, path.format(each), json=body, headers={"If-Match": "*"})
                problem = {k: v for k, v in answer.json().items() if k not in ("instance", "request_id")}
                seen.append((answer.status_code, problem))
            assert seen[0] == seen[1], (method, path)
            assert seen[0][0] == 404, (method, path)
    assert (await client.get(f"/v1/products/{product['id']}")).json() == product


async def test_a_variant_is_added_changed_and_archived(client: AsyncClient) -> None:
    product = await a_dress(client)
    made = await client.post(f"/v1/products/{product['id']}/variants", json={"options": {"Size": "L"}, "sku": "L"})
    assert (made.status_code, made.headers["etag"], made.json()["title"]) == (201, '"1"', "L")
    address = f"/v1/variants/{made.json()['id']}"
    news = {"sku": None, "weight_grams": 300, "requires_shipping": False}
    changed = await client.patch(address, json=news, headers={"If-Match": '"1"'})
    assert {name: changed.json()[name] for name in news} == news
    assert changed.headers["etag"] == '"2"'
    assert (await client.delete(address)).status_code == 204
    assert (await client.get(address)).json()["archived_at"] is not None
    listed = await client.get(f"/v1/products/{product['id']}/variants", params={"limit": 1})
    assert [each["title"] for each in listed.json()["items"]] == ["M"]
    assert listed.json()["next_cursor"]
    gone = await client.patch(address, json={"sku": "X"}, headers={"If-Match": "*"})
    assert gone.status_code == 410


async def test_prices_are_replaced_by_currency(client: AsyncClient) -> None:
    variant = await a_variant(client)
    wanted = {"prices": [{"amount": 800, "currency": "JPY"}, {"amount": 7000, "currency": "EUR", "compare_at": 9000}]}
    answer = await client.put(f"/v1/variants/{variant}/prices", json=wanted, headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.headers["etag"]) == (200, '"2"')
    read = (await client.get(f"/v1/variants/{variant}/prices")).json()
    assert read == {
        "prices": [
            {"amount": 7000, "currency": "EUR", "compare_at": 9000},
            {"amount": 800, "currency": "JPY", "compare_at": None},
        ]
    }
    stale = await client.put(f"/v1/variants/{variant}/prices", json=wanted, headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    twice = await client.put(f"/v1/variants/{variant}/prices", json={"prices": [{"amount": 1, "currency": "EUR"}] * 2})
    assert (twice.status_code, slug(twice)) == (422, "duplicate-currency")


async def test_stock_is_counted_moved_and_written_down(client: AsyncClient) -> None:
    variant = await a_variant(client)
    counted = await client.put(f"/v1/variants/{variant}/stock", json={"available": 8})
    assert counted.json() == {"variant_id": variant, "available": 8, "tracked": True, "low_stock_at": None}
    moved = await client.post(f"/v1/variants/{variant}/stock-movements", json={"delta": -2, "reference": "broken"})
    assert (moved.status_code, moved.json()["available"]) == (201, 6)
    short = await client.post(f"/v1/variants/{variant}/stock-movements", json={"delta": -7})
    assert (short.status_code, slug(short), short.json()["left"]) == (409, "out-of-stock", 6)
    log = (await client.get(f"/v1/variants/{variant}/stock-movements")).json()["items"]
    assert [(each["delta"], each["available"], each["reason"]) for each in log] == [
        (-2, 6, "corrected"),
        (3, 8, "corrected"),
        (5, 5, "created"),
    ]


async def test_an_import_says_what_became_of_each_row(client: AsyncClient) -> None:
    made = await client.post("/v1/imports", files={"file": ("p.csv", CSV, "text/csv")}, data={"format": "shopify"})
    assert made.status_code == 201, made.text
    run = made.json()
    assert (run["status"], run["rows_read"], run["rows_refused"], run["products_created"]) == ("done", 2, 1, 1)
    assert (await client.get(f"/v1/imports/{run['id']}")).json() == run
    (row,) = (await client.get(f"/v1/imports/{run['id']}/rows")).json()["items"]
    assert {k: row[k] for k in ("line", "column", "rule", "level", "value")} == {
        "line": 3, "column": "Variant Price", "rule": "bad-price", "level": "error", "value": "gratuit",
    }  # fmt: skip
    (robe,) = (await client.get("/v1/products")).json()["items"]
    assert (robe["slug"], robe["variants"][0]["available"]) == ("robe", 3)
    again = await client.post("/v1/imports", files={"file": ("p.csv", CSV, "text/csv")})
    assert (again.json()["products_created"], again.json()["products_unchanged"]) == (0, 1)


async def test_an_import_with_an_idempotency_key_runs_once(client: AsyncClient) -> None:
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="p.csv"\r\n\r\n'
    content = head + CSV + b"\r\n--b--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=b", "Idempotency-Key": "once"}
    first, second = [await client.post("/v1/imports", content=content, headers=headers) for _ in range(2)]
    assert (first.status_code, first.content) == (201, second.content)
    assert second.headers["idempotent-replayed"] == "true"


@pytest.mark.parametrize(
    ("content", "form", "status", "problem"),
    [
        (b"a,b\n1,2\n", {}, 422, "import-columns-missing"),
        (b"PK\x03\x04\x00\x00", {}, 422, "import-not-text"),
        (b"", {}, 422, "import-columns-missing"),
        (CSV, {"format": "lotus"}, 422, "unknown-import-format"),
        (CSV, {"colour": "red"}, 422, "validation-failed"),
        (b"Handle,Title,Variant Price\n" + b"x,X,1\n" * 100_001, {}, 413, "too-large"),
        (b"x" * (20 * 2**20 + 1), {}, 413, "too-large"),
    ],
    ids=["columns", "zip", "empty", "format", "field", "rows", "bytes"],
)
async def test_a_file_that_cannot_be_read_is_refused_whole(
    client: AsyncClient, content: bytes, form: dict[str, str], status: int, problem: str
) -> None:
    answer = await client.post("/v1/imports", files={"file": ("p.csv", content)}, data=form)
    assert (answer.status_code, slug(answer)) == (status, problem), answer.text
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_form_without_file_and_a_json_body_are_refused(client: AsyncClient) -> None:
    assert (await client.post("/v1/imports", files={"csv": ("p.csv", CSV)})).status_code == 422
    assert (await client.post("/v1/imports", json={"file": "x"})).status_code == 415


async def test_the_key_needs_the_scope(app: Application, db: Database, shop: Shop) -> None:
    async with db.transaction() as session:
        _, token = await keys.create(session, shop, scopes=["catalog:read"])
    async with calling(app, token) as reader:
        assert (await reader.get("/v1/products")).status_code == 200
        answer = await reader.post("/v1/products", json=DRESS)
    assert (answer.status_code, answer.json()["scope"]) == (403, "catalog:write")
