"""`/v1/fonts` over HTTP: fonts come in whole or not at all, and never go out again."""

from string import ascii_letters

import httpx2
import pytest

from api.app import Application
from media.storage.storage import new_key
from media.typesetting import typefaces
from tests.api.surface import expect_problem
from tests.media.lettering import lettering
from tests.media.pictures import photo, saved

BOXES = lettering(ascii_letters + "€0123456789")


async def sent(client: httpx2.AsyncClient, content: bytes = BOXES) -> httpx2.Response:
    return await client.post("/v1/fonts", files={"file": ("../../font.ttf", content, "image/jpeg")})


async def test_a_font_is_brought_used_and_put_away(client: httpx2.AsyncClient, visitor: httpx2.AsyncClient) -> None:
    answer = await sent(client)
    assert answer.status_code == 201, answer.text
    font = answer.json()
    assert (font["name"], font["scripts"], font["bytes"]) == ("Boxes", ["Latin"], len(BOXES))
    assert (await sent(client)).json() == font
    assert (await client.get("/v1/fonts")).json() == {"items": [font], "next_cursor": None}
    assert (await client.get(f"/v1/fonts/{font['id']}")).json() == font
    picture = {"file": ("a.jpg", saved(photo(600, 600)), "image/jpeg")}
    asset = (await client.post("/v1/assets", files=picture)).json()["id"]
    wanted = {"asset_id": asset, "template": "price", "formats": ["square"], "title": "Vase"}
    house = (await client.post("/v1/visuals", json=wanted)).json()["items"][0]
    kit = {"display_font_id": font["id"], "text_font_id": font["id"]}
    shop = await client.patch("/v1/shop", json=kit, headers={"If-Match": "*"})
    assert (shop.status_code, {name: shop.json()[name] for name in kit}) == (200, kit)
    own = (await client.post("/v1/visuals", json=wanted)).json()["items"][0]
    pictures = [(await visitor.get(each["url"])).content for each in (house, own)]
    assert pictures[0] != pictures[1]
    assert (await client.delete(f"/v1/fonts/{font['id']}")).status_code == 204
    assert (await client.get("/v1/fonts")).json()["items"] == []
    assert (await client.get(f"/v1/fonts/{font['id']}")).json()["archived_at"] is not None
    assert (await client.post("/v1/visuals", json=wanted)).json()["items"][0] == house
    expect_problem(await client.patch("/v1/shop", json=kit, headers={"If-Match": "*"}), 422, "font-archived")
    none = await client.patch("/v1/shop", json={"display_font_id": None}, headers={"If-Match": "*"})
    assert (none.status_code, none.json()["display_font_id"]) == (200, None)


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize(
    ("content", "status", "slug"),
    [
        (b"", 400, "bad-request"),
        (saved(photo(100, 100)), 422, "font-type-unsupported"),
        (b"ttcf" + BOXES, 422, "font-type-unsupported"),
        (BOXES[:-200], 422, "font-unreadable"),
        (b"wOF2" + bytes(60), 422, "font-unreadable"),
        (BOXES + bytes(typefaces.MAX_BYTES), 422, "font-too-large"),
        (BOXES + bytes(typefaces.MAX_BYTES + 2**20), 413, "too-large"),
    ],
    ids=["empty", "picture", "collection", "cut off", "not what it says", "large", "far too large"],
)
async def test_what_is_no_font_is_refused_by_its_kind(
    client: httpx2.AsyncClient, content: bytes, status: int, slug: str
) -> None:
    expect_problem(await sent(client, content), status, slug)
    assert (await client.get("/v1/fonts")).json()["items"] == []


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_the_files_of_fonts_are_handed_out_to_nobody(
    app: Application, client: httpx2.AsyncClient, visitor: httpx2.AsyncClient
) -> None:
    await sent(client)
    key = new_key("f", "whatever", extension="font")
    await app.services.storage.put(key, BOXES)
    for caller in (client, visitor):
        for method in ("GET", "HEAD"):
            assert (await caller.request(method, f"/media/{key}")).status_code == 404
