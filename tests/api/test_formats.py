"""`/v1/formats` over HTTP: built-in formats and a shop's own."""

from httpx2 import AsyncClient

from media.formats import formats
from tests.api.surface import expect_problem
from tests.media.pictures import photo, saved

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


async def test_pictures_tell_which_formats_of_ones_own_they_are_too_small_for(client: AsyncClient) -> None:
    wide = (await client.post("/v1/formats", json={**BANNER, "slug": "wide", "width": 1000})).json()["id"]
    await client.post("/v1/formats", json=BANNER)
    picture = {"file": ("a.jpg", saved(photo(950, 900)), "image/jpeg")}
    made = (await client.post("/v1/assets", files=picture)).json()
    path = f"/v1/assets/{made['id']}"
    read = await client.get(path)
    listed = (await client.get("/v1/assets")).json()["items"]
    changed = await client.patch(path, json={"alt_text": "Vase"}, headers={"If-Match": read.headers["etag"]})
    for each in (made, read.json(), *listed, changed.json()):
        assert {"wide", "banner"} & set(each["too_small_for"]) == {"wide"}
    await client.delete(f"/v1/formats/{wide}")
    again = await client.get(path, headers={"If-None-Match": changed.headers["etag"]})
    assert (again.status_code, "wide" in again.json()["too_small_for"]) == (200, False)


async def test_a_post_takes_a_format_of_ones_own_that_its_network_takes(client: AsyncClient) -> None:
    for change in ({"slug": "poster", "width": 1000, "height": 1100}, {"slug": "ribbon"}):
        assert (await client.post("/v1/formats", json=BANNER | change)).status_code == 201
    picture = {"file": ("a.jpg", saved(photo(1200, 1200)), "image/jpeg")}
    asset = (await client.post("/v1/assets", files=picture)).json()["id"]
    product = (await client.post("/v1/products", json={"title": "Vase"})).json()["id"]
    body = {"network": "instagram", "asset_id": asset, "products": [{"product_id": product}]}
    post = await client.post("/v1/posts", json=body | {"format": "poster"})
    assert (post.status_code, post.json()["format"]) == (201, "poster"), post.text
    (visual,) = (await client.get("/v1/visuals")).json()["items"]
    assert (visual["format"], visual["width"], visual["height"]) == ("poster", 1000, 1100)
    refused = expect_problem(await client.post("/v1/posts", json=body | {"format": "ribbon"}), 422, "format-not-taken")
    assert (refused["ratio_max"], refused["max_bytes"]) == (1.91, 8 * 2**20)
