"""Batches over HTTP: begun, watched, read, cancelled."""

import httpx2
import pytest

from api.app import Application
from catalog import pictures, products
from catalog.schemas import PictureIn, ProductCreate
from core import clock, jobs
from core.db import Database
from core.shops import Shop
from tests.api.surface import expect_problem
from tests.media.pictures import photo, saved


@pytest.fixture
async def product_id(client: httpx2.AsyncClient, db: Database, shop: Shop) -> str:
    """A product with one picture."""
    answer = await client.post("/v1/assets", files={"file": ("a.jpg", saved(photo(600, 600)), "image/jpeg")})
    async with db.transaction() as session:
        made = await products.create(session, shop, ProductCreate(title="Bougie"))
        await pictures.replace(session, shop, made.id, [PictureIn(asset_id=answer.json()["id"], alt_text="")])
        return made.id


async def test_a_batch_from_its_beginning_to_its_end(
    client: httpx2.AsyncClient, app: Application, product_id: str
) -> None:
    body = {"product_ids": [product_id], "template": "price", "formats": ["portrait", "square"], "output": "webp"}
    begun = await client.post("/v1/visual-batches", json=body)
    assert begun.status_code == 201
    batch = begun.json()
    assert (batch["status"], batch["total"], batch["ended_at"]) == ("waiting", 1, None)
    path = f"/v1/visual-batches/{batch['id']}"
    before = await client.get(path)
    assert before.json() == batch
    while await jobs.run_due(app.services.resources, clock.now()):
        pass
    after = await client.get(path, headers={"If-None-Match": before.headers["etag"]})
    assert (after.status_code, after.json()["status"], after.json()["drawn"]) == (200, "completed", 1)
    same = await client.get(path, headers={"If-None-Match": after.headers["etag"]})
    assert same.status_code == 304
    (item,) = (await client.get(f"{path}/items")).json()["items"]
    assert (item["status"], item["refusal"], item["alt_text"]) == ("drawn", None, "Bougie")
    assert [(each["format"], each["media_type"]) for each in item["visuals"]] == [
        ("portrait", "image/webp"),
        ("square", "image/webp"),
    ]
    (listed,) = (await client.get("/v1/visual-batches")).json()["items"]
    assert listed == after.json()
    expect_problem(await client.post(f"{path}/cancel"), 409, "batch-ended")


async def test_a_sixth_batch_is_told_when_to_come_again(client: httpx2.AsyncClient, product_id: str) -> None:
    body = {"product_ids": [product_id], "formats": ["pin"]}
    first, *_ = [await client.post("/v1/visual-batches", json=body) for _ in range(5)]
    sixth = await client.post("/v1/visual-batches", json=body)
    expect_problem(sixth, 429, "too-many-batches")
    assert int(sixth.headers["retry-after"]) > 0
    cancelled = await client.post(f"/v1/visual-batches/{first.json()['id']}/cancel")
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
    assert (await client.post("/v1/visual-batches", json=body)).status_code == 201


async def test_a_batch_takes_formats_of_the_shops_own_and_refuses_files_that_no_network_takes(
    client: httpx2.AsyncClient, app: Application, product_id: str
) -> None:
    body = {"product_ids": [product_id], "formats": ["banner"], "output": "avif"}
    expect_problem(await client.post("/v1/visual-batches", json=body), 422, "unknown-format")
    expect_problem(
        await client.post("/v1/visual-batches", json=body | {"formats": ["x-post"]}), 422, "output-not-taken"
    )
    banner = {"slug": "banner", "name": "Banner", "width": 400, "height": 300}
    assert (await client.post("/v1/formats", json=banner)).status_code == 201
    begun = await client.post("/v1/visual-batches", json=body)
    assert begun.status_code == 201, begun.text
    while await jobs.run_due(app.services.resources, clock.now()):
        pass
    (item,) = (await client.get(f"/v1/visual-batches/{begun.json()['id']}/items")).json()["items"]
    assert [(each["format"], each["width"], each["media_type"]) for each in item["visuals"]] == [
        ("banner", 400, "image/avif")
    ]
