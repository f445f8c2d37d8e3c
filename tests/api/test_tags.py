"""Product points over HTTP: replaced as a whole by whoever read them last, and kept by the posts made before."""

import httpx2
import pytest

from api.app import Application
from catalog import products
from catalog.schemas import ProductCreate
from core import keys, shops
from core.db import Database
from core.shops import Shop
from tests.conftest import calling
from tests.media.pictures import photo, saved

ON_ONE_DATABASE = pytest.mark.parametrize("engine", ["sqlite"])


@pytest.fixture
async def candles(db: Database, shop: Shop) -> list[str]:
    """The ids of three products."""
    async with db.transaction() as session:
        made = [await products.create(session, shop, ProductCreate(title=f"Bougie {each}")) for each in "ABC"]
        return [each.id for each in made]


@pytest.fixture
async def path(client: httpx2.AsyncClient) -> str:
    """Where the tags of a new picture are."""
    answer = await client.post("/v1/assets", files={"file": ("candle.jpg", saved(photo(1200, 1500)), "image/jpeg")})
    return f"/v1/assets/{answer.json()['id']}/tags"


def point(product_id: str, x: float = 0.5, y: float = 0.5) -> dict[str, object]:
    return {"product_id": product_id, "variant_id": None, "x": x, "y": y}


async def test_tags_are_replaced_as_a_whole(client: httpx2.AsyncClient, path: str, candles: list[str]) -> None:
    empty = await client.get(path)
    assert empty.json()["tags"] == []
    first = await client.put(
        path, json={"tags": [point(candles[0], 0.25), point(candles[1])]}, headers={"If-Match": empty.headers["etag"]}
    )
    assert (first.status_code, first.headers["etag"]) == (200, '"2"')
    second = await client.put(path, json={"tags": [point(candles[2])]}, headers={"If-Match": '"2"'})
    read = await client.get(path)
    assert read.json() == second.json()
    assert (read.json()["tags"], second.headers["etag"]) == ([point(candles[2])], '"3"')
    asset = await client.get(path.removesuffix("/tags"))
    assert [each.headers["etag"].partition("-")[0] for each in (read, asset)] == ['"3', '"3']


async def test_who_has_not_read_the_latest_changes_nothing(
    client: httpx2.AsyncClient, path: str, candles: list[str]
) -> None:
    body = {"tags": [point(candles[0])]}
    assert (await client.put(path, json=body)).status_code == 428
    assert (await client.put(path, json=body, headers={"If-Match": '"1"'})).status_code == 200
    assert (await client.put(path, json={"tags": []}, headers={"If-Match": '"1"'})).status_code == 412
    assert (await client.get(path)).json()["tags"] == [point(candles[0])]


async def test_a_post_made_before_keeps_its_points(client: httpx2.AsyncClient, path: str, candles: list[str]) -> None:
    asset_id = path.split("/")[3]
    await client.put(path, json={"tags": [point(candles[0], 0.25)]}, headers={"If-Match": "*"})
    post = (await client.post("/v1/posts", json={"network": "instagram", "asset_id": asset_id})).json()
    await client.put(path, json={"tags": [point(candles[1])]}, headers={"If-Match": "*"})
    kept = (await client.get(f"/v1/posts/{post['id']}")).json()
    assert kept["slides"][0]["tags"] == [point(candles[0], 0.25)]
    later = (await client.post("/v1/posts", json={"network": "instagram", "asset_id": asset_id})).json()
    assert later["slides"][0]["tags"] == [point(candles[1])]


@ON_ONE_DATABASE
async def test_what_cannot_be_tagged_is_refused_and_the_old_tags_stay(
    client: httpx2.AsyncClient, path: str, candles: list[str], db: Database, shop: Shop
) -> None:
    async with db.transaction() as session:
        await products.archive(session, shop, candles[2])
        other = await shops.create(session, "Autre", "EUR")
        foreign = (await products.create(session, other, ProductCreate(title="Lampe"))).id
    await client.put(path, json={"tags": [point(candles[0])]}, headers={"If-Match": "*"})
    unknown_variant = point(candles[0]) | {"variant_id": "var_00000000000000000000000000"}
    for tags, slug in (
        ([point("prod_00000000000000000000000000")], "unknown-product"),
        ([point(foreign)], "unknown-product"),
        ([point(candles[2])], "unknown-product"),
        ([unknown_variant], "unknown-product"),
        ([point(candles[0], 0.1), point(candles[0], 0.9)], "duplicate-tag"),
        ([point(candles[0], 1.01)], "validation-failed"),
        ([point(candles[0])] * 21, "validation-failed"),
    ):
        answer = await client.put(path, json={"tags": tags}, headers={"If-Match": "*"})
        assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (422, slug)
    assert (await client.get(path)).json()["tags"] == [point(candles[0])]


@ON_ONE_DATABASE
async def test_another_shops_picture_answers_like_an_unknown_one(
    client: httpx2.AsyncClient, path: str, app: Application, db: Database
) -> None:
    async with db.transaction() as session:
        other = await shops.create(session, "Autre", "EUR")
        _, token = await keys.create(session, other)
    async with calling(app, token) as stranger:
        assert (await stranger.get(path)).status_code == 404
        answer = await stranger.put(path, json={"tags": []}, headers={"If-Match": "*"})
        assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (404, "asset-not-found")
    assert (await client.get(path)).status_code == 200


@ON_ONE_DATABASE
async def test_points_come_back_as_they_were_sent(client: httpx2.AsyncClient, path: str, candles: list[str]) -> None:
    sent = [point(candles[0], 0, 1), point(candles[1], 0.1, 1 / 3)]
    answer = await client.put(path, json={"tags": sent}, headers={"If-Match": "*"})
    assert answer.json()["tags"] == sent
