"""Presigned uploads over HTTP: the same three steps whether the bytes go to S3 or to our own door."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx2
import msgspec
import pytest
import time_machine
from httpx2 import AsyncClient
from msgspec import Struct
from msgspec.structs import replace

from api.app import Application
from core import clock, jobs, keys, shops
from core.db import Database
from core.settings import Settings
from media import uploads
from tests.conftest import calling
from tests.media.pictures import photo, quarters, saved
from tests.media.storages import STORAGES, configured

JPEG = saved(photo(300, 200))
LOCAL = pytest.mark.parametrize("storage", ["local"])
METHODS = pytest.mark.parametrize("method", ["post", "put"])


@pytest.fixture(params=STORAGES)
def storage(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def settings(settings: Settings, storage: str, request: pytest.FixtureRequest) -> Settings:
    return settings.model_copy(update=dict(configured(request, storage)))


class Announced(Struct):
    """An answer of POST /v1/uploads."""

    id: str
    url: str
    method: str
    fields: dict[str, str]
    headers: dict[str, str]


async def announce(client: AsyncClient, content: bytes = JPEG, **more: object) -> Announced:
    order = {"media_type": "image/jpeg", "bytes": len(content)} | more
    answer = await client.post("/v1/uploads", json=order)
    assert answer.status_code == 201, answer.text
    return msgspec.convert(answer.json(), Announced)


async def send(app: Application, upload: Announced, content: bytes = JPEG, **headers: str) -> httpx2.Response:
    """What a client does with the answer: no key of ours, whatever server the address names."""
    here = upload.url.startswith(app.settings.public_url)
    transport = httpx2.ASGITransport(app=app) if here else None  # type: ignore[arg-type]  # As in tests/conftest.py.
    async with httpx2.AsyncClient(transport=transport) as client:
        if upload.method == "PUT":
            named = {**upload.headers, **headers}
            return await client.put(upload.url, content=content, headers=named)
        return await client.post(upload.url, data=upload.fields, files={"file": ("../x.png", content)}, headers=headers)


async def left(settings: Settings, app: Application) -> list[str]:
    """The names of everything in the storage."""
    if settings.storage == "local":
        return sorted(each.name for each in settings.media_dir.rglob("*") if each.is_file())
    from boto3.session import Session

    session = Session(settings.s3_access_key_id, settings.s3_secret_access_key, region_name="us-east-1")
    bucket = session.client("s3", endpoint_url=settings.s3_endpoint)
    try:
        found = bucket.list_objects_v2(Bucket=settings.s3_bucket, Prefix=settings.s3_prefix + "/")
    finally:
        bucket.close()
    return [str(each["Key"]).rpartition("/")[2] for each in found.get("Contents", [])]


@METHODS
async def test_announce_send_complete(
    client: AsyncClient, visitor: AsyncClient, app: Application, settings: Settings, method: str
) -> None:
    upload = await announce(client, method=method, alt_text="Un vase")
    assert upload.id.startswith("upl_")
    assert (await send(app, upload)).is_success
    answer = await client.post(f"/v1/uploads/{upload.id}/complete")
    assert answer.status_code == 201, answer.text
    asset = answer.json()
    assert (asset["width"], asset["height"], asset["alt_text"]) == (300, 200, "Un vase")
    assert answer.headers["etag"] == '"1"'
    served = await visitor.get(asset["url"])
    assert (served.status_code, served.headers["content-type"]) == (200, "image/jpeg")
    assert await left(settings, app) == [asset["url"].rpartition("/")[2]]
    again = await client.post(f"/v1/uploads/{upload.id}/complete")
    assert again.content == answer.content


async def test_completing_five_times_at_once_makes_one_asset(client: AsyncClient, app: Application) -> None:
    upload = await announce(client)
    await send(app, upload)
    path = f"/v1/uploads/{upload.id}/complete"
    answers = await asyncio.gather(*(client.post(path) for _ in range(5)))
    assert {each.status_code for each in answers} == {201}
    assert len((await client.get("/v1/assets")).json()["items"]) == 1


@METHODS
async def test_too_large_too_late_and_of_another_type_leave_nothing(
    client: AsyncClient, app: Application, db: Database, settings: Settings, method: str
) -> None:
    large = await announce(client, method=method)
    try:
        assert (await send(app, large, JPEG * 200)).status_code in (400, 403, 413)
    except httpx2.TransportError:
        assert settings.storage == "s3"  # The server hangs up on a body that is too long.
    png = saved(quarters(), "PNG")
    typed = await announce(client, png, method=method)
    assert (await send(app, typed, png)).is_success
    refused = await client.post(f"/v1/uploads/{typed.id}/complete")
    assert (refused.status_code, refused.json()["type"].rsplit("/", 1)[1]) == (422, "upload-mismatch")
    assert await left(settings, app) == []
    late = clock.now() + uploads.OPEN_FOR + uploads.GRACE
    assert (await client.post(f"/v1/uploads/{large.id}/complete")).status_code == 409
    while await jobs.run_due(app.services.resources, late):
        pass
    assert (await client.post(f"/v1/uploads/{large.id}/complete")).status_code == 404
    assert (await client.get("/v1/assets")).json()["items"] == []


async def test_an_address_that_is_over_takes_nothing(client: AsyncClient, app: Application, settings: Settings) -> None:
    with time_machine.travel(clock.now() - uploads.OPEN_FOR - timedelta(seconds=5)):
        put, post = await announce(client), await announce(client, method="post")
    for upload in (put, post):
        assert (await send(app, upload)).status_code == 403
    assert await left(settings, app) == []


@METHODS
async def test_a_tampered_address_or_form_takes_nothing(
    client: AsyncClient, app: Application, settings: Settings, method: str
) -> None:
    upload = await announce(client, method=method)
    if method == "put":
        forged = [replace(upload, url=upload.url[:-3] + ("abc" if upload.url[-3:] != "abc" else "xyz"))]
        forged.append(replace(upload, headers={"Content-Type": "text/html"}))
    else:
        forged = [replace(upload, fields={**upload.fields, "Content-Type": "text/html"})]
        signed = {name: value for name, value in upload.fields.items() if name != "x-amz-signature"}
        if "x-amz-signature" in upload.fields:
            forged.append(replace(upload, fields={**signed, "x-amz-signature": "0" * 64}))
            forged.append(replace(upload, fields={**upload.fields, "key": "elsewhere"}))
    for each in forged:
        assert (await send(app, each)).status_code in (400, 403, 422), each
    assert await left(settings, app) == []


async def test_another_shops_upload_is_unknown(client: AsyncClient, app: Application, db: Database) -> None:
    upload = await announce(client)
    async with db.transaction() as session:
        _, token = await keys.create(session, await shops.create(session, "Another", "EUR"))
    async with calling(app, token) as stranger:
        answer = await stranger.post(f"/v1/uploads/{upload.id}/complete")
        unknown = await stranger.post("/v1/uploads/upl_00000000000000000000000000/complete")
    assert (answer.status_code, unknown.status_code) == (404, 404)
    assert answer.json()["type"] == unknown.json()["type"]


@LOCAL
async def test_only_a_key_that_may_write_media_gets_an_address(
    storefront: AsyncClient, visitor: AsyncClient, client: AsyncClient
) -> None:
    order = {"media_type": "image/jpeg", "bytes": 10}
    assert (await storefront.post("/v1/uploads", json=order)).status_code == 403
    assert (await visitor.post("/v1/uploads", json=order)).status_code == 401
    assert (await client.post("/v1/uploads", json=order | {"bytes": 11 * 2**20})).status_code == 422
    assert (await client.post("/v1/uploads", json=order | {"media_type": "image/svg+xml"})).status_code == 422


@LOCAL
async def test_the_same_idempotency_key_gives_the_same_address(client: AsyncClient) -> None:
    order = {"media_type": "image/jpeg", "bytes": 10}
    first, second = [await client.post("/v1/uploads", json=order, headers={"Idempotency-Key": "one"}) for _ in range(2)]
    assert (first.content, second.headers["idempotent-replayed"]) == (second.content, "true")


@LOCAL
async def test_a_page_of_another_origin_may_send(client: AsyncClient, visitor: AsyncClient) -> None:
    upload = await announce(client)
    asked = {"Origin": "https://front.example", "Access-Control-Request-Method": "PUT"}
    preflight = await visitor.options(upload.url, headers=asked)
    assert (preflight.status_code, preflight.headers["access-control-allow-methods"]) == (204, "PUT, POST")
    sent = await visitor.put(upload.url, content=JPEG, headers={**upload.headers, **asked})
    assert (sent.status_code, sent.headers["access-control-allow-origin"]) == (200, "*")


@LOCAL
async def test_a_body_without_a_length_is_counted_while_it_comes(
    client: AsyncClient, visitor: AsyncClient, settings: Settings, app: Application
) -> None:
    async def dripping(times: int) -> AsyncIterator[bytes]:
        for _ in range(times):
            yield JPEG

    upload = await announce(client)
    for times, status in ((2, 413), (0, 422)):
        answer = await visitor.put(upload.url, content=dripping(times), headers=upload.headers)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert await left(settings, app) == []
    whole = await visitor.put(upload.url, content=dripping(1), headers=upload.headers)
    assert whole.status_code == 200


@LOCAL
@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("image/jpeg", JPEG),
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=b", b""),
        ("multipart/form-data; boundary=b", b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\n' + JPEG),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="Content-Type"\r\n\r\nimage/jpeg\r\n--b--\r\n',
        ),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="Content-Type"\r\n\r\n' + b"x" * 5000 + b"\r\n--b--\r\n",
        ),
        ("multipart/form-data; boundary=b", b"junk" * 5000),
    ],
    ids=["no form", "no boundary", "nothing", "no type", "no file", "long field", "junk"],
)
async def test_a_form_that_is_none_takes_nothing(
    client: AsyncClient, visitor: AsyncClient, settings: Settings, app: Application, kind: str, body: bytes
) -> None:
    upload = await announce(client, method="post")
    answer = await visitor.post(upload.url, content=body, headers={"Content-Type": kind})
    assert answer.status_code in (400, 422), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert await left(settings, app) == []


@LOCAL
async def test_an_address_takes_its_own_method_only(client: AsyncClient, visitor: AsyncClient) -> None:
    upload = await announce(client)
    for method in ("POST", "GET", "DELETE", "PATCH"):
        assert (await visitor.request(method, upload.url)).status_code == 403
    assert (await visitor.put("/uploads/", content=JPEG)).status_code == 403
    assert (await visitor.put("/uploads/%00%ff", content=JPEG)).status_code in (400, 403)


@pytest.mark.parametrize("storage", ["s3"])
async def test_our_own_door_is_shut_where_the_storage_has_one(visitor: AsyncClient) -> None:
    assert (await visitor.put("/uploads/x", content=JPEG)).status_code == 404


@LOCAL
async def test_what_a_crash_left_of_an_upload_is_swept_away(
    client: AsyncClient, app: Application, settings: Settings, tmp_path: Path
) -> None:
    upload = await announce(client)
    await send(app, upload)
    (parcel,) = (settings.media_dir / "incoming").iterdir()
    parcel.with_name(f"{parcel.name}.1234abcd").write_bytes(b"half")
    await jobs.run_due(app.services.resources, clock.now() + uploads.OPEN_FOR + uploads.GRACE)
    assert await left(settings, app) == []
