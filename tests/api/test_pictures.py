"""`/media/{key}`: whole pictures, parts of them and validators, the same from files and from S3."""

import pytest
from httpx2 import AsyncClient

from api.app import Application
from core.settings import Settings
from media.storage.storage import new_key
from tests.media.storages import STORAGES, configured

DATA = bytes(index % 251 for index in range(1_500_000))
KEY = new_key("v", "ranges")
PATH = f"/media/{KEY}"
SIZE = len(DATA)
pytestmark = pytest.mark.parametrize("engine", ["sqlite"])


@pytest.fixture(params=STORAGES)
def settings(settings: Settings, request: pytest.FixtureRequest) -> Settings:
    return settings.model_copy(update=dict(configured(request, request.param)))


@pytest.fixture
async def kept(app: Application, visitor: AsyncClient) -> AsyncClient:
    """Somebody in front of a storage with one object."""
    await app.services.storage.put(KEY, DATA)
    return visitor


async def test_a_whole_picture_has_its_length_and_a_strong_validator(kept: AsyncClient) -> None:
    answer = await kept.get(PATH)
    assert (answer.status_code, answer.content) == (200, DATA)
    assert (answer.headers["content-length"], answer.headers["accept-ranges"]) == (str(SIZE), "bytes")
    assert answer.headers["etag"] == f'"{KEY.removesuffix(".jpg")}"'
    assert "immutable" in answer.headers["cache-control"]
    assert "content-range" not in answer.headers


async def test_every_answer_has_a_request_id_of_its_own(kept: AsyncClient) -> None:
    etag = (await kept.head(PATH)).headers["etag"]
    answers = [
        await kept.get(PATH),
        await kept.head(PATH),
        await kept.get(PATH, headers={"If-None-Match": etag}),
        await kept.get(PATH, headers={"Range": "bytes=0-9"}),
        await kept.get(PATH, headers={"Range": f"bytes={SIZE}-"}),
        await kept.get(f"/media/{new_key('v', 'nobody')}"),
        await kept.post(PATH),
    ]
    assert [each.status_code for each in answers] == [200, 200, 304, 206, 416, 404, 405]
    assert len({each.headers["request-id"] for each in answers}) == len(answers)


async def test_any_part_comes_to_the_byte(kept: AsyncClient) -> None:
    for asked, start, end in (
        ("bytes=0-0", 0, 1),
        ("bytes=0-", 0, SIZE),
        ("bytes=1048570-1048590", 1_048_570, 1_048_591),
        ("bytes=1499999-", SIZE - 1, SIZE),
        ("bytes=-5", SIZE - 5, SIZE),
        ("bytes=-99999999", 0, SIZE),
        ("bytes=1400000-99999999", 1_400_000, SIZE),
    ):
        answer = await kept.get(PATH, headers={"Range": asked})
        assert (answer.status_code, answer.content) == (206, DATA[start:end]), asked
        assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{SIZE}"
        assert answer.headers["content-length"] == str(end - start)


async def test_a_part_beyond_the_end_is_refused_with_the_size(kept: AsyncClient) -> None:
    for asked in (f"bytes={SIZE}-", "bytes=99999999-", "bytes=-0"):
        answer = await kept.get(PATH, headers={"Range": asked})
        assert (answer.status_code, answer.headers["content-range"]) == (416, f"bytes */{SIZE}"), asked
        assert answer.content == b""


async def test_what_is_not_one_range_of_bytes_gives_everything(kept: AsyncClient) -> None:
    for asked in (
        "bytes=0-1,5-6",
        "bytes=5-2",
        "bytes=-",
        "lines=1-2",
        "bytes=a-b",
        "bytes=٣-٤",
        "bytes=" + "9" * 40 + "-",
    ):
        answer = await kept.get(PATH, headers={b"Range": asked.encode()})
        assert (answer.status_code, len(answer.content)) == (200, SIZE), asked


async def test_a_part_of_another_object_gives_everything(kept: AsyncClient) -> None:
    tag = (await kept.head(PATH)).headers["etag"]
    for condition, status in ((tag, 206), ('"other"', 200), (f"W/{tag}", 200), ("Sat, 21 Nov 2026 12:00:00 GMT", 200)):
        answer = await kept.get(PATH, headers={"Range": "bytes=0-9", "If-Range": condition})
        assert answer.status_code == status, condition


async def test_who_has_it_already_gets_304_also_for_a_part(kept: AsyncClient) -> None:
    tag = (await kept.head(PATH)).headers["etag"]
    for condition in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        answer = await kept.get(PATH, headers={"If-None-Match": condition, "Range": "bytes=0-9"})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
    assert (await kept.get(PATH, headers={"If-None-Match": '"x"'})).status_code == 200


async def test_who_wants_only_what_they_know_gets_nothing_else(kept: AsyncClient) -> None:
    etag = (await kept.head(PATH)).headers["etag"]
    for known, status in ((etag, 206), (f'"x", {etag}', 206), ("*", 206), ('"x"', 412), (f"W/{etag}", 412)):
        answer = await kept.get(PATH, headers={"If-Match": known, "Range": "bytes=0-9"})
        assert (answer.status_code, len(answer.content)) == (status, 10 if status == 206 else 0)


async def test_head_tells_everything_but_the_bytes(kept: AsyncClient) -> None:
    answer = await kept.head(PATH, headers={"Range": "bytes=0-9"})
    assert (answer.status_code, answer.content, answer.headers["content-length"]) == (200, b"", str(SIZE))
    assert answer.headers["content-type"] == "image/jpeg"


async def test_what_is_not_there_is_404_with_and_without_a_range(kept: AsyncClient) -> None:
    for path in (f"/media/{new_key('v', 'nothing')}", "/media/incoming/" + "0" * 32, "/media/" + "0" * 32):
        assert (await kept.get(path)).status_code == 404
        assert (await kept.head(path, headers={"Range": "bytes=0-9"})).status_code == 404
