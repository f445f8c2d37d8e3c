"""A look of the merchant's own, described in JSON: drawn like those of the house, or refused by the path of a fault."""

import asyncio
from base64 import b64decode
from collections.abc import Mapping
from io import BytesIO

import httpx2
import pytest
from PIL import Image

from media.looks import layout
from tests.api.surface import expect_problem
from tests.media.pictures import photo, saved

TEXT = {"layer": "text", "text": "{title}", "size": 60}


def design(*children: Mapping[str, object]) -> dict[str, object]:
    return {"pages": [{"variants": [{"body": {"layer": "group", "children": [{"layer": "photo"}, *children]}}]}]}


@pytest.fixture
async def asset_id(client: httpx2.AsyncClient) -> str:
    answer = await client.post("/v1/assets", files={"file": ("a.jpg", saved(photo(600, 600)), "image/jpeg")})
    return str(answer.json()["id"])


async def sent(client: httpx2.AsyncClient, asset_id: str, own: object, **fields: object) -> httpx2.Response:
    body = {"asset_id": asset_id, "template": "mine", "design": own, "formats": ["square"], "title": "Vase"} | fields
    return await client.post("/v1/visuals", json=body)


async def test_a_design_of_ones_own_is_drawn_and_found_again_and_another_is_another(
    client: httpx2.AsyncClient, asset_id: str
) -> None:
    first, again = [await sent(client, asset_id, design(TEXT)) for _ in range(2)]
    assert first.status_code == 201, first.text
    assert [each["template"] for each in first.json()["items"]] == ["mine"]
    assert again.json() == first.json()
    other = await sent(client, asset_id, design(TEXT | {"size": 61}))
    assert other.json()["items"][0]["id"] != first.json()["items"][0]["id"]


async def test_a_design_of_the_house_is_one_that_a_merchant_could_send(
    client: httpx2.AsyncClient, asset_id: str
) -> None:
    house = layout.find("sale")
    assert house is not None
    answer = await sent(client, asset_id, layout.plain(house.design), price="19,00 €", compare_at="25,00 €")
    assert answer.status_code == 201, answer.text


NEST: dict[str, object] = {"layer": "group", "children": [TEXT]}
for _ in range(6):
    NEST = {"layer": "group", "children": [NEST]}


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        (design(TEXT | {"size": 10**9}), "/design/pages/0/variants/0/body/children/1/size"),
        (design(TEXT | {"text": "🎉" * 5000}), "/design/pages/0/variants/0/body/children/1/text"),
        (design({"layer": "space", "height": 2**31}), "/design/pages/0/variants/0/body/children/1/height"),
        (design(TEXT | {"text": "Neu: {titel}"}), "/design/pages/0/variants/0/body/children/1/text"),
        (design(TEXT | {"text": "{title"}), "/design/pages/0/variants/0/body/children/1/text"),
        (design(TEXT | {"colour": "url(x)"}), "/design/pages/0/variants/0/body/children/1/colour"),
        (design({"layer": "script"}), "/design/pages/0/variants/0/body/children/1"),
        (design(TEXT | {"x": 5}), "/design/pages/0/variants/0/body/children/1"),
        (design(NEST), "/design/pages/0/variants/0/body/children"),
        ({"pages": []}, "/design/pages"),
    ],
    ids=[
        "size",
        "emoji",
        "length",
        "misspelt field",
        "open brace",
        "colour",
        "unknown layer",
        "unknown field",
        "groups in groups",
        "empty",
    ],
)
async def test_what_is_wrong_is_named_by_its_path(
    client: httpx2.AsyncClient, asset_id: str, wrong: object, pointer: str
) -> None:
    answer = await sent(client, asset_id, wrong)
    expect_problem(answer, 422, "validation-failed")
    assert answer.json()["errors"][0]["pointer"].startswith(pointer)


async def test_more_layers_than_can_be_laid_out_are_refused(client: httpx2.AsyncClient, asset_id: str) -> None:
    full = {"layer": "group", "children": [TEXT] * 12}
    body = {"layer": "group", "children": [{"layer": "group", "children": [full] * 12}] * 12}
    own = {"pages": [{"variants": [{"body": body}]}]}
    expect_problem(await sent(client, asset_id, own), 422, "too-many-layers")


async def test_a_design_that_asks_for_too_much_room_is_drawn_with_a_warning(
    client: httpx2.AsyncClient, asset_id: str
) -> None:
    many = [TEXT | {"size": 240, "smallest": 200}] * 11
    answer = await sent(client, asset_id, design(*many), title="Vase Galet " * 15)
    assert answer.status_code == 201, answer.text
    assert "text-cut" in [each["slug"] for each in answer.json()["items"][0]["warnings"]]


async def test_pages_of_items_or_facts_need_some(client: httpx2.AsyncClient, asset_id: str) -> None:
    for per in ("item", "facts"):
        own = design(TEXT)
        own["pages"] = [{"per": per, "variants": [{"body": {"layer": "group", "children": [TEXT]}}]}]
        expect_problem(await sent(client, asset_id, own), 422, "nothing-to-draw")


async def test_more_than_one_request_can_wait_for_is_refused(client: httpx2.AsyncClient, asset_id: str) -> None:
    for number in range(6):
        huge = {"slug": f"huge-{number}", "name": "Huge", "width": 4096, "height": 4096}
        assert (await client.post("/v1/formats", json=huge)).status_code == 201
    own = {"pages": [{"per": "item", "variants": [{"body": {"layer": "group", "children": [TEXT]}}]}]}
    slugs = [f"huge-{number}" for number in range(6)]
    answer = await sent(client, asset_id, own, formats=slugs, items=[{"title": "Vase"}] * 6)
    assert expect_problem(answer, 422, "too-much-to-draw")["pictures"] == 36
    avif = await sent(client, asset_id, design(TEXT), formats=slugs[:1], output="avif")
    assert expect_problem(avif, 422, "output-not-taken")["outputs"] == ["jpeg", "webp", "png"]


async def test_while_many_pictures_are_drawn_whoever_comes_is_asked_back(
    client: httpx2.AsyncClient, asset_id: str
) -> None:
    body = {"asset_id": asset_id, "template": "plain", "formats": ["square"]}
    answers = await asyncio.gather(*(client.post("/v1/templates/preview", json=body) for _ in range(60)))
    refused = [each for each in answers if each.status_code != 200]
    assert refused
    for each in refused:
        expect_problem(each, 429, "pictures-busy")
        assert each.headers["retry-after"] == "2"


async def test_a_preview_of_many_pages_weighs_no_more_than_one(client: httpx2.AsyncClient) -> None:
    noise = Image.effect_noise((400, 400), 200).convert("RGB")
    picture = await client.post("/v1/assets", files={"file": ("a.jpg", saved(noise), "image/jpeg")})
    own = {"pages": [{"per": "item", "variants": [{"body": {"layer": "group", "children": [{"layer": "photo"}]}}]}] * 4}
    body = {
        "asset_id": picture.json()["id"], "template": "mine", "design": own, "formats": ["pin"],
        "items": [{"title": "Vase"}] * 6,
    }  # fmt: skip
    pages = (await client.post("/v1/templates/preview", json=body)).json()["items"]
    assert [each["page"] for each in pages] == list(range(1, 25))
    assert sum(len(b64decode(each["data_url"].partition(",")[2])) for each in pages) <= 12_000_000


async def test_a_preview_is_all_in_its_answer_and_nothing_of_it_is_kept(
    client: httpx2.AsyncClient, asset_id: str
) -> None:
    body = {"asset_id": asset_id, "template": "mine", "design": design(TEXT), "formats": ["story"], "title": "Vase"}
    answer = await client.post("/v1/templates/preview", json=body)
    assert answer.status_code == 200, answer.text
    (shown,) = answer.json()["items"]
    with Image.open(BytesIO(b64decode(shown["data_url"].removeprefix("data:image/jpeg;base64,")))) as image:
        assert (image.format, image.size) == ("JPEG", (1080, 1920))
    assert (await client.get("/v1/visuals")).json()["items"] == []
    wrong = await client.post("/v1/templates/preview", json=body | {"design": design(TEXT | {"size": 10**9})})
    expect_problem(wrong, 422, "validation-failed")
    two = await client.post("/v1/templates/preview", json=body | {"formats": ["story", "square"]})
    expect_problem(two, 422, "validation-failed")
