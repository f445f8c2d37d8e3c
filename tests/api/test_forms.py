"""Forms with files: what is broken in them is refused in one shape, and what is kept is clean."""

import pytest
from httpx2 import AsyncClient

from tests.media import pictures

PICTURE = pictures.saved(pictures.photo(200, 200))
KIND = {"content-type": "multipart/form-data; boundary=cut"}


def form(*fields: tuple[bytes, bytes]) -> bytes:
    """Fields, each with the rest of its headers before an empty line, and a picture."""
    picture = b'name="file"; filename="a.jpg"\r\n\r\n' + PICTURE
    parts = [*(b'name="' + name + b'"' + rest for name, rest in fields), picture]
    return b"".join(b"--cut\r\nContent-Disposition: form-data; " + part + b"\r\n" for part in parts) + b"--cut--\r\n"


@pytest.mark.parametrize("path", ["/v1/assets", "/v1/fonts", "/v1/imports"])
@pytest.mark.parametrize(
    ("content", "status", "slug"),
    [
        (form((b"alt_text", b"\r\n\r\n\xff\xfe")), 400, "bad-request"),
        (form((b"alt_text", b"\r\nContent-Type: text/plain; charset=nonsense\r\n\r\nx")), 400, "bad-request"),
        (form(*[(b"more", b"\r\n\r\nx")] * 2000), 413, "too-large"),
        (form((b"alt_text", b'; filename="' + b"x" * 100_000 + b'"\r\n\r\nx')), 413, "too-large"),
        (form()[:-20], 422, "validation-failed"),
    ],
    ids=["not UTF-8", "no such encoding", "2,000 parts", "a name of 100 KB", "cut off"],
)
async def test_a_broken_form_is_refused(client: AsyncClient, path: str, content: bytes, status: int, slug: str) -> None:
    answer = await client.post(path, content=content, headers=KIND)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["type"].endswith(f"/problems/{slug}")


async def test_an_alternative_text_is_cleaned_like_any_text(client: AsyncClient) -> None:
    for text in ("a\x00b", "a\u202eb", "a\x1bb"):
        answer = await client.post("/v1/assets", files={"file": ("a.jpg", PICTURE)}, data={"alt_text": text})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/alt_text")
    answer = await client.post("/v1/assets", files={"file": ("a.jpg", PICTURE)}, data={"alt_text": "cafe\u0301"})
    assert (answer.status_code, answer.json()["alt_text"]) == (201, "caf\u00e9")


@pytest.mark.parametrize(
    "value", ["2026-11-21T09:30:00", "2026-11-21", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "soon"]
)
async def test_a_time_that_could_be_any_moment_or_none_is_refused(client: AsyncClient, value: str) -> None:
    for name in ("created_from", "created_to"):
        answer = await client.get("/v1/orders", params={name: value})
        assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[1]) == (400, "bad-request")
    answer = await client.get("/v1/orders", params={"created_from": "2026-11-21T09:30:00+01:00"})
    assert answer.status_code == 200
