"""`/v1/formats` over HTTP: built-in formats and a shop's own."""

from httpx2 import AsyncClient

from media.formats import formats
from tests.api.surface import expect_problem

BANNER = {"slug": "banner", "name": "Banner", "width": 900, "height": 300}


async def test_built_in_formats_say_all_that_is_known_of_them(client: AsyncClient) -> None:
    listed = (await client.get("/v1/formats")).json()
    assert listed["next_cursor"] is None
    assert [each["slug"] for each in listed["items"]] == [each.slug for each in formats.formats()]
    (photo,) = [each for each in listed["items"] if each["slug"] == "tiktok-photo"]
    assert photo["covered"] == [{"left": 780, "top": 960, "right": 1080, "bottom": 1920}]
    assert (photo["outputs"], photo["networks"], photo["max_bytes"]) == (["jpeg", "webp"], ["tiktok"], 20_000_000)
    assert (photo["id"], "2026-11" in photo["source"]) == (None, True)


async def test_a_format_of_ones_own_is_made_listed_changed_and_put_away(client: AsyncClient) -> None:
    answer = await client.post("/v1/formats", json=BANNER)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert made["id"].startswith("format_")
    assert made["safe"] == {"left": 18, "top": 18, "right": 882, "bottom": 282}
    assert (await client.get("/v1/formats")).json()["items"][-1] == made
    path = f"/v1/formats/{made['id']}"
    read = await client.get(path)
    assert read.json() == made
    changed = await client.patch(path, json={"height": 400}, headers={"if-match": read.headers["etag"]})
    assert (changed.status_code, changed.json()["height"]) == (200, 400)
    expect_problem(
        await client.patch(path, json={"height": 500}, headers={"if-match": read.headers["etag"]}),
        412,
        "precondition-failed",
    )
    expect_problem(await client.patch(path, json={"height": 500}), 428, "precondition-required")
    assert (await client.delete(path)).status_code == 204
    assert len((await client.get("/v1/formats")).json()["items"]) == len(formats.formats())
    assert (await client.get(path)).status_code == 200


async def test_what_no_canvas_can_be_is_refused_with_the_field(client: AsyncClient) -> None:
    for change, slug in (
        ({"slug": "square"}, "format-slug-reserved"),
        ({"width": 2000}, "bad-format"),
        ({"safe": {"left": 0, "top": 0, "right": 901, "bottom": 300}}, "bad-format"),
        ({"width": 4097}, "validation-failed"),
        ({"height": 63}, "validation-failed"),
        ({"width": 2**31}, "validation-failed"),
        ({"max_bytes": 1}, "validation-failed"),
        ({"covered": [{"left": 0, "top": 0, "right": 1, "bottom": 1}] * 9}, "validation-failed"),
        ({"outputs": ["bmp"]}, "validation-failed"),
    ):
        expect_problem(await client.post("/v1/formats", json=BANNER | change), 422, slug)
    assert len((await client.get("/v1/formats")).json()["items"]) == len(formats.formats())
