"""Pictures over HTTP: multipart in, safe masters and visuals out."""

import pytest
from httpx2 import AsyncClient

from core.settings import Settings
from tests.core.webhooks.receiver import Receiver
from tests.media import pictures
from tests.media.samples import HEIC

JPEG = ("photo.jpg", pictures.saved(pictures.photo(1200, 1500)), "image/jpeg")


async def upload(client: AsyncClient, content: bytes = JPEG[1], name: str = "../../x\r\n.png") -> dict[str, object]:
    answer = await client.post("/v1/assets", files={"file": (name, content, "image/png")}, data={"alt_text": "Un vase"})
    assert answer.status_code == 201, answer.text
    asset: dict[str, object] = answer.json()
    return asset


async def test_a_picture_goes_in_and_comes_out_clean(client: AsyncClient, visitor: AsyncClient) -> None:
    asset = await upload(client)
    assert (asset["width"], asset["height"], asset["alt_text"]) == (1200, 1500, "Un vase")
    served = await visitor.get(str(asset["url"]))
    assert served.status_code == 200
    assert served.headers["content-type"] == "image/jpeg"
    assert served.headers["x-content-type-options"] == "nosniff"
    assert b"Exif" not in served.content
    again = await visitor.get(str(asset["url"]), headers={"if-none-match": served.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    head = await visitor.head(str(asset["url"]))
    assert (head.status_code, head.headers["content-length"]) == (200, str(len(served.content)))


async def test_what_a_picture_is_like_is_told_and_what_is_like_it(client: AsyncClient, visitor: AsyncClient) -> None:
    asset = await upload(client)
    assert (asset["focal_source"], asset["background"]) == ("found", None)
    too_small = asset["too_small_for"]
    assert isinstance(too_small, list)
    assert ("story" in too_small, "portrait" in too_small) == (True, False)
    smaller = await upload(client, pictures.saved(pictures.photo(600, 750)))
    answer = await client.get(f"/v1/assets/{asset['id']}/similar")
    assert [each["asset"]["id"] for each in answer.json()["items"]] == [smaller["id"]]
    assert answer.json()["items"][0]["distance"] <= 9
    assert (await visitor.get(f"/v1/assets/{asset['id']}/similar")).status_code == 401


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "AVIF", "HEIC"])
async def test_two_uploads_of_one_picture_keep_one(client: AsyncClient, visitor: AsyncClient, kind: str) -> None:
    content = HEIC if kind == "HEIC" else pictures.saved(pictures.photo(120, 150), kind)
    first, second = await upload(client, content), await upload(client, content, name="other.jpg")
    assert first["id"] == second["id"]
    assert len((await client.get("/v1/assets")).json()["items"]) == 1
    served = await visitor.get(str(first["url"]))
    assert (served.headers["content-type"], served.content[:3]) == ("image/jpeg", b"\xff\xd8\xff")


@pytest.mark.parametrize(
    ("content", "slug"),
    [
        (b"BM" + b"\0" * 100, "image-type-unsupported"),
        (b"GIF89a" + b"\0" * 100, "image-unreadable"),
        (pictures.gif((65_535, 65_535), (0, 0, 9, 9)), "image-too-many-pixels"),
        (JPEG[1][:2000], "image-unreadable"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "image-type-unsupported"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 64, "image-unreadable"),
    ],
)
async def test_a_bad_picture_is_refused_with_its_reason(client: AsyncClient, content: bytes, slug: str) -> None:
    answer = await client.post("/v1/assets", files={"file": ("x.jpg", content, "image/jpeg")})
    assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[1]) == (422, slug)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_form_without_its_picture_or_with_strange_fields_is_refused(client: AsyncClient) -> None:
    for files in ({"picture": JPEG}, {"file": JPEG, "other": JPEG}):
        answer = await client.post("/v1/assets", files=files)
        assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json"), answer.text
    assert (await client.post("/v1/assets", json={})).status_code == 415
    empty = await client.post("/v1/assets", files={"file": ("x.jpg", b"", "image/jpeg")})
    assert empty.status_code == 400
    twice = await client.post("/v1/assets", files=[("file", JPEG), ("file", JPEG)])
    assert (twice.status_code, twice.json()["field"]) == (400, "file")


async def test_an_upload_that_is_too_large_is_refused_before_it_is_read(client: AsyncClient) -> None:
    answer = await client.post("/v1/assets", files={"file": ("x.jpg", b"\xff" * (10 * 2**20 + 70_000), "image/jpeg")})
    assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[1]) == (413, "too-large")


async def test_visuals_are_rendered_once_and_found_again(client: AsyncClient) -> None:
    asset = await upload(client)
    order = {
        "asset_id": asset["id"],
        "template": "price",
        "formats": ["square", "pin"],
        "title": "Vase",
        "price": "49 €",
    }
    first = await client.post("/v1/visuals", json=order)
    again = await client.post("/v1/visuals", json=order)
    assert first.status_code == 201, first.text
    assert first.content == again.content
    sizes = [(each["width"], each["height"]) for each in first.json()["items"]]
    assert sizes == [(1080, 1080), (1000, 1500)]
    listed = (await client.get("/v1/visuals", params={"asset": str(asset["id"])})).json()["items"]
    assert {each["id"] for each in listed} == {each["id"] for each in first.json()["items"]}


async def test_a_crop_moves_for_a_pictures_product_tags_unless_other_points_are_named(client: AsyncClient) -> None:
    asset = await upload(client, pictures.saved(pictures.photo(2400, 1200)))
    elsewhere = {"focal_point": {"x": 0.5, "y": 0.05}}  # Not what was found, which would be seen whole first.
    changed = await client.patch(f"/v1/assets/{asset['id']}", json=elsewhere, headers={"if-match": "*"})
    assert changed.status_code == 200, changed.text
    product = (await client.post("/v1/products", json={"title": "Vase"})).json()["id"]
    path = f"/v1/assets/{asset['id']}"
    tag = (await client.get(f"{path}/tags")).headers["etag"]
    tags = {"tags": [{"product_id": product, "x": 0.1, "y": 0.5}]}
    assert (await client.put(f"{path}/tags", json=tags, headers={"if-match": tag})).status_code == 200
    order = {"asset_id": asset["id"], "formats": ["square"], "frame": "crop"}
    lefts = []
    others: tuple[dict[str, object], ...] = ({}, {"keep": []}, {"keep": [{"x": 0.9, "y": 0.5}]})
    for keep in others:
        answer = await client.post("/v1/visuals", json=order | keep)
        assert answer.status_code == 201, answer.text
        (made,) = answer.json()["items"]
        lefts.append(made["placement"]["left"])
        assert made["warnings"] == []
    assert lefts == pytest.approx([-0.16, -0.5, -0.84])


async def test_unknown_looks_and_formats_are_named(client: AsyncClient) -> None:
    asset = await upload(client)
    for change, slug in (({"template": "nope"}, "unknown-template"), ({"formats": ["nope"]}, "unknown-format")):
        order = {"asset_id": asset["id"], "template": "plain", "formats": ["square"]} | change
        answer = await client.post("/v1/visuals", json=order)
        assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[1]) == (422, slug)
        assert answer.json()["known"]


async def test_keys_that_were_never_given_out_are_not_found(visitor: AsyncClient) -> None:
    for key in ("x", "..%2f..%2fetc%2fpasswd", "m-" + "0" * 64 + ".jpg", "%00"):
        assert (await visitor.get(f"/media/{key}")).status_code == 404
    assert (await visitor.post("/media/x")).status_code == 405


async def test_a_stale_change_is_refused(client: AsyncClient) -> None:
    asset = await upload(client)
    path = f"/v1/assets/{asset['id']}"
    tag = (await client.get(path)).headers["etag"]
    change = {"alt_text": "Un autre", "focal_point": {"x": 0.2, "y": 0.9}}
    assert (await client.patch(path, json=change)).status_code == 428
    assert (await client.patch(path, json=change, headers={"if-match": tag})).status_code == 200
    assert (await client.patch(path, json=change, headers={"if-match": tag})).status_code == 412
    assert (await client.delete(path)).status_code == 204
    assert (await client.get("/v1/assets")).json()["items"] == []


class TestImport:
    """Pictures that lie on the web; here on this machine, which development allows."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        """The web of tests is this machine."""
        return settings.model_copy(update={"outbound_loopback": True})

    async def test_a_picture_of_the_web_is_the_asset_that_its_bytes_would_be(self, client: AsyncClient) -> None:
        answer = f"HTTP/1.1 200 OK\r\nContent-Length: {len(JPEG[1])}\r\n\r\n".encode() + JPEG[1]
        async with Receiver(answer).listening() as web:
            made = await client.post("/v1/assets/import", json={"url": web.url, "alt_text": "Un vase"})
            assert made.status_code == 201, made.text
            assert made.headers["etag"]
            assert (made.json()["width"], made.json()["alt_text"]) == (1200, "Un vase")
            again = await upload(client)
            assert again["id"] == made.json()["id"]

    @pytest.mark.parametrize(
        ("answer", "slug"),
        [
            (b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>", "image-type-unsupported"),
            (b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", "image-not-fetched"),
        ],
    )
    async def test_what_is_no_picture_is_refused(self, client: AsyncClient, answer: bytes, slug: str) -> None:
        async with Receiver(answer).listening() as web:
            refused = await client.post("/v1/assets/import", json={"url": web.url})
        assert (refused.status_code, refused.json()["type"].rsplit("/", 1)[1]) == (422, slug)


@pytest.mark.parametrize(
    "url",
    ["http://pictures.example/a.jpg", "https://127.0.0.1/a.jpg", "https://pictures.example:22/", "https://[::1]/"],
)
async def test_only_the_public_web_is_asked(client: AsyncClient, url: str) -> None:
    refused = await client.post("/v1/assets/import", json={"url": url})
    assert (refused.status_code, refused.json()["type"].rsplit("/", 1)[1]) == (422, "forbidden-address")
