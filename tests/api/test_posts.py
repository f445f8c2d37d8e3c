"""Posts over HTTP: made, read, changed, put away, and their kit."""

import io
import zipfile
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest

from api.app import Application
from catalog import products
from catalog.schemas import PriceIn, ProductCreate, VariantCreate
from core import keys, shops
from core.db import Database
from core.shops import Shop
from tests.conftest import calling
from tests.media.pictures import photo, saved

UNKNOWN = "post_00000000000000000000000000"


@pytest.fixture
async def candle(db: Database, shop: Shop) -> str:
    """The id of a product."""
    variant = VariantCreate(available=5, prices=[PriceIn(amount=1990, currency="EUR")])
    async with db.transaction() as session:
        return (await products.create(session, shop, ProductCreate(title="Bougie Ambre", variants=[variant]))).id


async def a_picture(client: httpx2.AsyncClient) -> str:
    """The id of an asset."""
    answer = await client.post("/v1/assets", files={"file": ("candle.jpg", saved(photo(1200, 1500)), "image/jpeg")})
    assert answer.status_code == 201
    return str(answer.json()["id"])


async def a_post(client: httpx2.AsyncClient, candle: str, **changes: object) -> httpx2.Response:
    """The answer to a new Instagram post about one tagged candle."""
    body = {
        "network": "instagram",
        "asset_id": await a_picture(client),
        "tags": [{"product_id": candle, "x": 0.5, "y": 0.5}],
    }
    return await client.post("/v1/posts", json=body | changes)


async def test_a_post_is_made_and_read_again(client: httpx2.AsyncClient, candle: str) -> None:
    made = await a_post(client, candle)
    assert made.status_code == 201
    read = await client.get(f"/v1/posts/{made.json()['id']}")
    assert read.json() == made.json()
    assert made.headers["etag"] == '"1"'
    assert read.headers["etag"].startswith('"1-')
    (product,) = read.json()["products"]
    assert product["point"] == {"x": 0.5, "y": 0.5}
    assert product["url"].startswith("http://127.0.0.1:8000/l/")


async def test_the_kit_has_the_picture_the_words_and_the_calls(client: httpx2.AsyncClient, candle: str) -> None:
    made = (await a_post(client, candle)).json()
    kit = (await client.get(f"/v1/posts/{made['id']}/kit")).json()
    (picture,) = kit["pictures"]
    shown = await client.get(picture["url"].removeprefix("http://127.0.0.1:8000"))
    assert (shown.status_code, shown.headers["content-type"], len(shown.content)) == (
        200,
        "image/jpeg",
        picture["bytes"],
    )
    body = kit["payload"]["calls"][0]["body"]
    assert body["image_url"] == picture["url"]
    assert body["caption"] == kit["caption"]
    (tag,) = picture["tags"]
    assert body["product_tags"] == [
        {"product_id": f"{{instagram_product_id:{tag['item']}}}", "x": tag["x"], "y": tag["y"]}
    ]
    assert kit["links"][0]["url"] == made["products"][0]["url"]


async def test_the_long_link_leads_where_the_short_one_does_with_its_origin_in_the_open(
    client: httpx2.AsyncClient, visitor: httpx2.AsyncClient, candle: str
) -> None:
    made = (await a_post(client, candle, campaign="noel-2026")).json()
    (link,) = (await client.get(f"/v1/posts/{made['id']}/kit")).json()["links"]
    short, long = [urlsplit((await visitor.get(link[each])).headers["location"]) for each in ("url", "long_url")]
    sent = dict(parse_qsl(urlsplit(link["long_url"]).query))
    assert sent["utm_source"] == "instagram"
    assert short[:3] == long[:3]
    for arrived in (dict(parse_qsl(short.query)), dict(parse_qsl(long.query))):
        assert {name: value for name, value in arrived.items() if name != "sl"} == sent


async def test_a_carousel_is_made_read_and_reworded(client: httpx2.AsyncClient, candle: str) -> None:
    asset = await a_picture(client)
    slides = [{"asset_id": asset, "tags": [{"product_id": candle, "x": x, "y": 0.5}]} for x in (0.25, 0.75)]
    made = await client.post("/v1/posts", json={"network": "instagram", "slides": slides})
    assert made.status_code == 201
    path = f"/v1/posts/{made.json()['id']}"
    assert [slide["tags"][0]["x"] for slide in made.json()["slides"]] == [0.25, 0.75]
    assert len(made.json()["products"]) == 1
    changed = await client.patch(
        path, json={"slides": [{}, {"alt_text": "De près"}]}, headers={"If-Match": made.headers["etag"]}
    )
    assert [each["alt_text"] for each in changed.json()["slides"]] == ["Bougie Ambre", "De près"]
    kit = (await client.get(f"{path}/kit")).json()
    assert [call["purpose"].split(":")[0] for call in kit["payload"]["calls"][2:3]] == [
        "Make the container of the whole post"
    ]
    assert [each["alt_text"] for each in kit["pictures"]] == ["Bougie Ambre", "De près"]


async def test_preflight_tells_all_at_once_and_changes_nothing(client: httpx2.AsyncClient, candle: str) -> None:
    made = await a_post(client, candle, caption="Dès {prix}", alt_text="")
    path = f"/v1/posts/{made.json()['id']}"
    answer = await client.post(f"{path}/preflight")
    assert answer.status_code == 200
    found = {each["rule"]: each for each in answer.json()["findings"]}
    assert answer.json()["ok"] is False
    assert set(found) == {
        "alt-text-missing", "link-not-https", "link-not-public", "picture-not-public", "placeholder-in-text",
        "placeholder-open",
    }  # fmt: skip
    assert found["alt-text-missing"]["source"]["checked"] == "2026-11-21"
    assert found["link-not-public"]["source"] is None
    assert (await client.get(path)).headers["etag"].startswith(made.headers["etag"].rstrip('"'))
    assert (await client.post(f"/v1/posts/{UNKNOWN}/preflight")).status_code == 404


async def test_the_kit_is_a_file_with_a_strong_tag(client: httpx2.AsyncClient, candle: str) -> None:
    path = f"/v1/posts/{(await a_post(client, candle)).json()['id']}/kit.zip"
    answer = await client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    assert answer.headers["content-disposition"].startswith('attachment; filename="instagram-feed-post_')
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        assert "kit.json" in archive.namelist()
    assert (await client.get(path)).content == answer.content
    head = await client.head(path)
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", answer.headers["etag"])
    assert not answer.headers["etag"].startswith("W/")
    again = await client.get(path, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    await client.patch(path.removesuffix("/kit.zip"), json={"caption": "Autre"}, headers={"If-Match": "*"})
    assert (await client.get(path, headers={"If-None-Match": answer.headers["etag"]})).status_code == 200
    assert (await client.get(f"/v1/posts/{UNKNOWN}/kit.zip")).status_code == 404


async def test_the_same_request_with_the_same_key_makes_one_post(client: httpx2.AsyncClient, candle: str) -> None:
    body = {"network": "pinterest", "asset_id": await a_picture(client), "products": [{"product_id": candle}]}
    first, second = [
        await client.post("/v1/posts", json=body, headers={"Idempotency-Key": "one-pin"}) for _ in range(2)
    ]
    assert first.status_code == 201
    assert second.content == first.content
    assert len((await client.get("/v1/posts")).json()["items"]) == 1


async def test_words_change_for_who_has_read_the_latest(client: httpx2.AsyncClient, candle: str) -> None:
    path = f"/v1/posts/{(await a_post(client, candle)).json()['id']}"
    assert (await client.patch(path, json={"caption": "Un"})).status_code == 428
    changed = await client.patch(path, json={"caption": "Un"}, headers={"If-Match": '"1"'})
    assert (changed.json()["caption"], changed.headers["etag"]) == ("Un", '"2"')
    assert (await client.patch(path, json={"caption": "Deux"}, headers={"If-Match": '"1"'})).status_code == 412
    again = await client.patch(path, json={"caption": None}, headers={"If-Match": '"2"'})
    assert again.json()["caption"].startswith("Bougie Ambre — 19,90\u00a0€")


async def test_an_archived_post_leaves_the_list(client: httpx2.AsyncClient, candle: str) -> None:
    path = f"/v1/posts/{(await a_post(client, candle)).json()['id']}"
    assert (await client.delete(path)).status_code == 204
    assert (await client.get("/v1/posts")).json() == {"items": [], "next_cursor": None}
    archived = (await client.get("/v1/posts", params={"status": "archived", "network": "instagram"})).json()["items"]
    assert [each["status"] for each in archived] == ["archived"]
    assert (await client.get(path)).json()["archived_at"] is not None


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize(
    ("changes", "status", "slug"),
    [
        ({"network": "myspace"}, 422, "unknown-network"),
        ({"network": "pinterest", "placement": "feed"}, 422, "unknown-placement"),
        ({"format": "pin"}, 422, "format-not-taken"),
        ({"tags": []}, 422, "nothing-to-show"),
        ({"tags": [{"product_id": "prod_00000000000000000000000000", "x": 0, "y": 1}]}, 422, "unknown-product"),
        ({"tags": [{"product_id": "prod_00000000000000000000000000", "x": 1.5, "y": 1}]}, 422, "validation-failed"),
        ({"caption": "x" * 2201}, 422, "caption-too-long"),
        ({"hashtags": ["deux mots"]}, 422, "bad-hashtag"),
        ({"asset_id": "asset_00000000000000000000000000"}, 422, "unknown-asset"),
        ({"surprise": True}, 422, "validation-failed"),
        ({"slides": [{"asset_id": "asset_00000000000000000000000000"}]}, 422, "picture-or-slides"),
        ({"slides": []}, 422, "validation-failed"),
    ],
)
async def test_what_cannot_be_made_is_refused_with_its_reason(
    client: httpx2.AsyncClient, candle: str, changes: dict[str, object], status: int, slug: str
) -> None:
    answer = await a_post(client, candle, **changes)
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (status, slug)
    assert answer.headers["content-type"] == "application/problem+json"
    assert (await client.get("/v1/posts")).json()["items"] == []


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_another_shops_post_answers_like_an_unknown_one(
    client: httpx2.AsyncClient, candle: str, app: Application, db: Database
) -> None:
    post_id = (await a_post(client, candle)).json()["id"]
    async with db.transaction() as session:
        other = await shops.create(session, "Autre", "EUR")
        _, token = await keys.create(session, other)
    async with calling(app, token) as stranger:
        for path in (f"/v1/posts/{post_id}", f"/v1/posts/{post_id}/kit", f"/v1/posts/{post_id}/kit.zip"):
            theirs, unknown = await stranger.get(path), await stranger.get(path.replace(post_id, UNKNOWN))
            assert (theirs.status_code, theirs.json()["detail"]) == (404, unknown.json()["detail"])
        assert (await stranger.delete(f"/v1/posts/{post_id}")).status_code == 404


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_posts_are_for_secret_keys(storefront: httpx2.AsyncClient, visitor: httpx2.AsyncClient) -> None:
    assert (await storefront.get("/v1/posts")).status_code == 403
    assert (await visitor.get("/v1/posts")).status_code == 401
