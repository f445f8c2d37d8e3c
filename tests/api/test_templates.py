"""`/v1/templates` over HTTP: built-in looks and a shop's own, named wherever a look can be."""

import httpx2
import pytest

from media.looks import layout
from openapi.examples import BODIES
from tests.api.surface import expect_problem
from tests.media.pictures import photo, saved

OURS = BODIES["createTemplate"]
SLUG = OURS["slug"]


@pytest.fixture
async def asset_id(client: httpx2.AsyncClient) -> str:
    answer = await client.post("/v1/assets", files={"file": ("a.jpg", saved(photo(600, 600)), "image/jpeg")})
    return str(answer.json()["id"])


def design(**changes: object) -> dict[str, object]:
    text = {"layer": "text", "text": "{title}", "size": 60} | changes
    return {"pages": [{"variants": [{"body": {"layer": "group", "children": [{"layer": "photo"}, text]}}]}]}


async def test_a_template_of_ones_own_is_made_listed_changed_and_put_away(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/v1/templates", json=OURS)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert (made["id"][:9], made["version"], answer.headers["etag"]) == ("template_", 1, '"1"')
    listed = (await client.get("/v1/templates")).json()["items"]
    assert [each["slug"] for each in listed] == [*(each.slug for each in layout.templates()), SLUG]
    assert [each["id"] for each in listed] == [*(None for _ in layout.templates()), made["id"]]
    path = f"/v1/templates/{made['id']}"
    read = await client.get(path)
    assert read.json() == made
    changed = await client.patch(path, json={"design": design()}, headers={"if-match": read.headers["etag"]})
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    stale = await client.patch(path, json={"name": "Late"}, headers={"if-match": read.headers["etag"]})
    expect_problem(stale, 412, "precondition-failed")
    expect_problem(await client.patch(path, json={"name": "Late"}), 428, "precondition-required")
    assert (await client.delete(path)).status_code == 204
    assert len((await client.get("/v1/templates")).json()["items"]) == len(layout.templates())
    assert (await client.get(path)).json()["archived_at"] is not None


async def test_what_is_read_can_be_sent_back(client: httpx2.AsyncClient) -> None:
    made = (await client.post("/v1/templates", json=OURS)).json()
    path = f"/v1/templates/{made['id']}"
    again = await client.patch(path, json={"design": made["design"]}, headers={"if-match": "*"})
    assert (again.status_code, again.json()["version"]) == (200, 1)


async def test_what_is_wrong_is_refused_by_its_kind(client: httpx2.AsyncClient) -> None:
    assert (await client.post("/v1/templates", json=OURS)).status_code == 201
    full = {"layer": "group", "children": [{"layer": "space"}] * 12}
    body = {"layer": "group", "children": [{"layer": "group", "children": [full] * 12}] * 12}
    for change, status, slug in (
        ({}, 409, "template-slug-taken"),
        ({"slug": "price"}, 422, "template-slug-reserved"),
        ({"slug": "Not a slug"}, 422, "validation-failed"),
        ({"slug": "other", "design": {"pages": [{"variants": [{"body": body}]}]}}, 422, "too-many-layers"),
    ):
        expect_problem(await client.post("/v1/templates", json={**OURS, **change}), status, slug)


async def test_a_fault_has_the_same_path_kept_changed_and_previewed(client: httpx2.AsyncClient, asset_id: str) -> None:
    made = (await client.post("/v1/templates", json=OURS)).json()
    wrong = design(size=10**9)
    answers = [
        await client.post("/v1/templates", json={**OURS, "slug": "other", "design": wrong}),
        await client.patch(f"/v1/templates/{made['id']}", json={"design": wrong}, headers={"if-match": "*"}),
        await client.post("/v1/templates/preview", json={"asset_id": asset_id, "formats": ["square"], "design": wrong}),
    ]
    for each in answers:
        expect_problem(each, 422, "validation-failed")
        assert each.json()["errors"] == answers[0].json()["errors"]
    assert answers[0].json()["errors"][0]["pointer"] == "/design/pages/0/variants/0/body/children/1/size"


async def test_an_own_template_is_named_like_a_built_in_one(client: httpx2.AsyncClient, asset_id: str) -> None:
    made = (await client.post("/v1/templates", json=OURS)).json()
    body = {"asset_id": asset_id, "template": SLUG, "formats": ["square"], "title": "Vase"}
    drawn = await client.post("/v1/visuals", json=body)
    assert drawn.status_code == 201, drawn.text
    (visual,) = drawn.json()["items"]
    assert (visual["template"], visual["template_id"], visual["template_version"]) == (SLUG, made["id"], 1)
    shown = await client.post("/v1/templates/preview", json=body)
    assert (shown.status_code, len(shown.json()["items"])) == (200, 1)
    product = (await client.post("/v1/products", json={"title": "Vase"})).json()["id"]
    post = await client.post(
        "/v1/posts",
        json={"network": "instagram", "asset_id": asset_id, "template": SLUG, "products": [{"product_id": product}]},
    )
    assert (post.status_code, post.json()["template"]) == (201, SLUG), post.text
    await client.delete(f"/v1/templates/{made['id']}")
    assert (await client.get(f"/v1/visuals/{visual['id']}")).json() == visual
    for path, wanted in (
        ("/v1/visuals", body),
        ("/v1/templates/preview", body),
        ("/v1/visual-batches", {"product_ids": [product], "template": SLUG, "formats": ["square"]}),
        (
            "/v1/posts",
            {"network": "instagram", "asset_id": asset_id, "template": SLUG, "products": [{"product_id": product}]},
        ),
    ):
        expect_problem(await client.post(path, json=wanted), 422, "template-archived")


async def test_a_key_makes_one_template_however_often_it_is_sent(client: httpx2.AsyncClient) -> None:
    key = {"Idempotency-Key": "once"}
    first, again = [await client.post("/v1/templates", json=OURS, headers=key) for _ in range(2)]
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert again.headers["idempotent-replayed"] == "true"
