"""Files come in a few at a time, through a file of their own where they are large."""

import asyncio
import hashlib
from collections.abc import AsyncIterator

import httpx2
import pytest
from litestar.types import HTTPReceiveMessage

from api.spooled import Spooled
from core.settings import Settings
from tests.api.surface import expect_problem
from tests.media.pictures import photo, saved

FORM = {"Content-Type": "multipart/form-data; boundary=x"}
HEAD = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'


@pytest.fixture
def engine() -> str:
    """The database plays no part here."""
    return "sqlite"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Settings that let one file in at a time."""
    return settings.model_copy(update={"uploads_at_once": 1})


async def test_who_comes_when_all_places_are_taken_is_asked_back_at_once(client: httpx2.AsyncClient) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()
    read: list[bytes] = []

    async def slow() -> AsyncIterator[bytes]:
        yield HEAD
        begun.set()
        await go_on.wait()
        yield saved(photo(100, 100)) + b"\r\n--x--\r\n"

    async def second() -> AsyncIterator[bytes]:
        read.append(HEAD)
        yield HEAD

    first = asyncio.create_task(client.post("/v1/assets", content=slow(), headers=FORM))
    await begun.wait()
    refused = await client.post("/v1/assets", content=second(), headers=FORM)
    document = expect_problem(refused, 429, "too-many-requests")
    assert (document["policy"], document["limit"], refused.headers["retry-after"]) == ("uploads", 1, "2")
    assert (await client.get("/v1/assets")).status_code == 200
    go_on.set()
    assert (await first).status_code == 201
    again = await client.post("/v1/assets", files={"file": ("a", saved(photo(200, 100)))})
    assert again.status_code == 201


@pytest.mark.parametrize("size", [0, 1, 5000, 3_000_000])
@pytest.mark.parametrize("piece", [1000, 70_000])
async def test_a_body_comes_back_as_it_was_and_its_boundary_makes_no_difference(size: int, piece: int) -> None:
    digests = []
    for boundary in (b"a", b"--", b"long-boundary-" * 5):
        body = (b"--" + boundary + b"\r\n" + bytes(range(256)) * (size // 256 + 1))[: size + 1] + b"--" + boundary
        whole = body.replace(b"--" + boundary, b"--")
        pieces = [body[start : start + piece] for start in range(0, len(body), piece)]
        async with Spooled(b"query", boundary) as spooled:
            digests.append(await spooled.fill(Receiver(pieces)))
            assert digests[-1] == hashlib.sha256(b"query\n" + whole).hexdigest()
            assert await everything(spooled) == body


class Receiver:
    """A `receive` that gives these pieces."""

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = list(pieces)

    async def __call__(self) -> HTTPReceiveMessage:
        piece = self._pieces.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(self._pieces)}


async def everything(spooled: Spooled) -> bytes:
    """All that it gives again."""
    receive, found, more = spooled.replay(Receiver([])), b"", True
    while more:
        message = await receive()
        assert message["type"] == "http.request"
        found, more = found + message["body"], message["more_body"]
    return found
