"""S3 slow, deaf or gone: 503 within ten seconds, nothing half, and whatever needs no picture goes on (fault F8)."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from httpx2 import AsyncClient
from sqlmodel import select

from core.db import Database
from core.settings import Settings
from media.models import Asset
from tests.bad_line import BadLine, Mood, bad_line
from tests.media.pictures import photo, saved
from tests.media.storages import configured

JPEG = saved(photo(300, 200))
pytestmark = pytest.mark.parametrize("engine", ["sqlite"])


@pytest.fixture
async def line(request: pytest.FixtureRequest) -> AsyncIterator[BadLine]:
    async with bad_line(request.getfixturevalue("object_store").endpoint) as opened:
        yield opened


@pytest.fixture
def settings(settings: Settings, line: BadLine, request: pytest.FixtureRequest) -> Settings:
    found = dict(configured(request, "s3")) | {"s3_endpoint": line.address}
    return settings.model_copy(update=found)


async def upload(client: AsyncClient, content: bytes = JPEG) -> tuple[int, float]:
    start = time.monotonic()
    answer = await client.post("/v1/assets", files={"file": ("x.jpg", content, "image/jpeg")})
    if answer.status_code == 503:
        assert answer.json()["type"].endswith("/storage-unavailable")
        assert int(answer.headers["retry-after"]) > 0
    return answer.status_code, time.monotonic() - start


async def rows(db: Database) -> int:
    async with db.read() as session:
        return len((await session.exec(select(Asset))).all())


@pytest.mark.parametrize("mood", ["reset", "silent"])
async def test_an_upload_is_refused_in_time_and_leaves_no_row(
    client: AsyncClient, line: BadLine, db: Database, mood: Mood
) -> None:
    line.mood = mood
    status, seconds = await upload(client)
    assert (status, await rows(db)) == (503, 0)
    assert seconds < 10
    line.mood = "good"
    line.hang_up()
    assert ((await upload(client))[0], await rows(db)) == (201, 1)


async def test_a_slow_line_is_waited_for(client: AsyncClient, line: BadLine) -> None:
    line.mood = "slow"
    assert (await upload(client))[0] == 201


async def test_readers_of_pictures_that_hang_hold_up_nobody_else(
    client: AsyncClient, visitor: AsyncClient, line: BadLine
) -> None:
    await upload(client)
    path = (await client.get("/v1/assets")).json()["items"][0]["url"]
    line.mood = "silent"
    hanging = [asyncio.create_task(visitor.get(path)) for _ in range(40)]
    start = time.monotonic()
    for other in ("/v1/products", "/v1/assets", "/v1/orders", "/readyz"):
        assert (await client.get(other)).status_code == 200
    assert time.monotonic() - start < 5
    assert not any(each.done() for each in hanging)
    answers = await asyncio.gather(*hanging)
    assert {each.status_code for each in answers} == {503}
    assert time.monotonic() - start < 15
    line.mood = "good"
    line.hang_up()
    assert (await visitor.get(path)).content[:2] == b"\xff\xd8"


async def test_an_answer_that_breaks_off_is_never_taken_for_a_picture(
    client: AsyncClient, visitor: AsyncClient, line: BadLine
) -> None:
    await upload(client, saved(photo(1600, 1200)))
    path = (await client.get("/v1/assets")).json()["items"][0]["url"]
    line.mood = "torn"
    line.hang_up()
    assert (await visitor.get(path)).status_code == 503
    line.mood = "good"
    assert (await visitor.get(path)).status_code == 200


async def test_an_upload_that_could_not_be_completed_can_be_completed_later(
    client: AsyncClient, visitor: AsyncClient, line: BadLine, db: Database
) -> None:
    order = {"media_type": "image/jpeg", "bytes": len(JPEG)}
    announced = (await client.post("/v1/uploads", json=order)).json()
    async with AsyncClient() as network:
        sent = await network.put(announced["url"], content=JPEG, headers=announced["headers"])
    assert sent.status_code == 200
    line.mood = "reset"
    line.hang_up()
    path = f"/v1/uploads/{announced['id']}/complete"
    refused = await client.post(path)
    assert (refused.status_code, await rows(db)) == (503, 0)
    line.mood = "good"
    assert ((await client.post(path)).status_code, await rows(db)) == (201, 1)
