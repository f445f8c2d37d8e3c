"""What every storage back end does; a new one joins by one more entry in STORAGES."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from core import clock
from core.settings import Settings, UnknownSetting
from media.errors import ObjectNotFound, StorageUnavailable
from media.storage import storage as storages
from media.storage.local import LocalStorage
from media.storage.storage import Storage, new_key, new_parcel
from tests.media.storages import STORAGES, configured

KEY = new_key("m", "shop", "content")
HOSTILE = [
    "",
    ".",
    "..",
    "../../etc/passwd",
    "/etc/passwd",
    f"../{KEY}",
    f"{KEY}/..",
    f"{KEY}\0",
    f"{KEY}\n",
    f"{KEY}.jpg",
    KEY.upper(),
    KEY.replace("jpg", "html"),
    "m-" + "а" * 64 + ".jpg",
    "m-" + "\u202e" * 64 + ".jpg",
    "x" * 5000,
]


@pytest.fixture(params=STORAGES)
async def storage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Storage]:
    settings = Settings(data_dir=tmp_path, public_url="http://shop.example", **configured(request, request.param))
    opened = storages.connect(settings)
    yield opened
    await opened.close()


async def collected(storage: Storage, key: str, start: int = 0, end: int | None = None) -> bytes:
    return b"".join([piece async for piece in storage.stream(key, start, end)])


async def test_what_was_put_is_got_and_streamed(storage: Storage) -> None:
    data = bytes(range(256)) * 4000
    await storage.put(KEY, data)
    assert await storage.get(KEY) == data
    assert await collected(storage, KEY) == data


@pytest.mark.parametrize(
    ("start", "end"), [(0, 1), (10, 20), (999_990, None), (0, 1_000_000), (300_000, 900_000), (5, 5)]
)
async def test_a_range_is_streamed_to_the_byte(storage: Storage, start: int, end: int | None) -> None:
    data = bytes(index % 251 for index in range(1_000_000))
    await storage.put(KEY, data)
    assert await collected(storage, KEY, start, end) == data[start:end]


async def test_stat_tells_size_type_and_a_strong_validator(storage: Storage) -> None:
    kept = await storage.put(KEY, b"12345")
    known = await storage.stat(KEY)
    assert known == kept
    assert (known.bytes, known.media_type) == (5, "image/jpeg")
    assert known.etag == f'"{KEY.removesuffix(".jpg")}"'


async def test_putting_the_same_key_again_is_no_error(storage: Storage) -> None:
    await storage.put(KEY, b"same")
    await storage.put(KEY, b"same")
    assert await storage.get(KEY) == b"same"


async def test_a_reader_never_sees_half_an_object(storage: Storage) -> None:
    data = b"x" * 3_000_000
    await storage.put(KEY, data)
    reads = [storage.get(KEY) for _ in range(10)]
    writes = [storage.put(KEY, data) for _ in range(10)]
    found = await asyncio.gather(*reads, *writes)
    assert all(each == data for each in found[:10])


async def test_what_is_not_there_is_refused(storage: Storage) -> None:
    assert await storage.exists(KEY) is False
    for ask in (storage.get, storage.stat):
        with pytest.raises(ObjectNotFound):
            await ask(KEY)
    with pytest.raises(ObjectNotFound):
        await collected(storage, KEY)


async def test_what_is_old_is_listed_by_the_beginning_of_its_key(storage: Storage) -> None:
    keys = [new_key(kind, "aged", str(number)) for kind in "mv" for number in range(3)]
    for key in keys:
        await storage.put(key, b"data")
    start, soon = keys[0][:4], clock.now() + timedelta(hours=1)
    assert await storage.aged(start, clock.now() - timedelta(hours=1)) == []
    assert sorted(await storage.aged(start, soon)) == sorted(key for key in keys if key.startswith(start))
    assert await storage.aged("z-00", soon) == []
    for wrong in ("m-", "../x", "m-zz", "", "m-000"):
        with pytest.raises(ValueError, match="beginning"):
            await storage.aged(wrong, soon)


async def test_deleting_forgets_and_may_be_repeated(storage: Storage) -> None:
    await storage.put(KEY, b"gone soon")
    await storage.delete(KEY)
    await storage.delete(KEY)
    assert await storage.exists(KEY) is False


@pytest.mark.parametrize("key", HOSTILE)
async def test_a_text_that_is_no_key_is_like_an_unknown_object(storage: Storage, key: str) -> None:
    assert await storage.exists(key) is False
    for refused in (storage.get(key), storage.stat(key), storage.put(key, b""), storage.delete(key)):
        with pytest.raises(ObjectNotFound):
            await refused
    with pytest.raises(ObjectNotFound):
        storage.url(key)


async def test_the_public_address_is_plain_ascii_and_ends_in_the_key(storage: Storage) -> None:
    address = storage.url(KEY)
    assert address.isascii()
    assert address.startswith("http://")
    assert address.endswith(KEY)


def test_keys_come_from_parts_and_nothing_of_them_shows() -> None:
    assert new_key("v", "a", "b") == new_key("v", "a", "b")
    assert new_key("v", "a", "b") != new_key("v", "ab", "")
    assert "shop" not in KEY
    with pytest.raises(ValueError, match="makes no key"):
        new_key("../", "a")


async def test_objects_larger_than_one_part_arrive_whole(storage: Storage) -> None:
    data = bytes(range(256)) * 70_000
    await storage.put(KEY, data)
    assert (await storage.stat(KEY)).bytes == len(data)
    assert await storage.get(KEY) == data
    assert await collected(storage, KEY, 8_388_600, 8_388_620) == data[8_388_600:8_388_620]


async def test_an_empty_object_is_an_object(storage: Storage) -> None:
    await storage.put(KEY, b"")
    assert (await storage.get(KEY), (await storage.stat(KEY)).bytes) == (b"", 0)


async def test_parcels_are_no_objects(storage: Storage) -> None:
    for name in (new_parcel(), "..", f"../{KEY}", ""):
        assert await storage.exists(name) is False
        with pytest.raises(ObjectNotFound):
            await storage.get(name)
        with pytest.raises(ObjectNotFound):
            await storage.collect(name, 10)
    with pytest.raises(ObjectNotFound):
        await storage.discard(KEY)


@pytest.mark.parametrize("slug", STORAGES)
async def test_public_addresses_come_from_a_cdn_when_there_is_one(
    request: pytest.FixtureRequest, tmp_path: Path, slug: str
) -> None:
    settings = Settings(data_dir=tmp_path, media_url="https://cdn.example/pictures/", **configured(request, slug))
    opened = storages.connect(settings)
    assert opened.url(KEY) == f"https://cdn.example/pictures/{KEY}"
    await opened.close()


def test_the_settings_open_the_local_storage_by_default(tmp_path: Path) -> None:
    opened = storages.connect(Settings(data_dir=tmp_path, public_url="http://127.0.0.1:1234"))
    assert [each.slug for each in storages.backends()] == list(STORAGES)
    assert opened.url(KEY) == f"http://127.0.0.1:1234/media/{KEY}"


def test_a_storage_that_nobody_knows_refuses_to_open() -> None:
    with pytest.raises(UnknownSetting, match="Known: local, s3"):
        storages.connect(Settings(storage="tape"))


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"storage": "s3"}, "VITRINE_S3_BUCKET"),
        ({"s3_access_key_id": "half"}, "come together"),
        ({"s3_endpoint": "minio:9000"}, "http"),
        ({"media_url": "https://cdn.example/?a=b"}, "http"),
        ({"s3_prefix": "a b"}, "pattern"),
    ],
)
def test_half_a_configuration_refuses_to_boot(wrong: dict[str, str], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Settings.model_validate(wrong)


async def test_local_files_leave_nothing_beside_them(tmp_path: Path) -> None:
    local = LocalStorage(tmp_path, "http://x")
    await asyncio.gather(*(local.put(new_key("m", str(number)), b"data") for number in range(20)))
    files = [each for each in tmp_path.rglob("*") if each.is_file()]
    assert len(files) == 20
    assert not [each for each in files if each.name.startswith(".")]


async def test_a_link_out_of_the_local_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / KEY).write_bytes(b"private")
    root = tmp_path / "media"
    root.mkdir()
    (root / KEY[2:4]).symlink_to(tmp_path / "outside")
    with pytest.raises(ObjectNotFound):
        await LocalStorage(root, "http://x").get(KEY)


async def test_a_disk_that_refuses_is_storage_unavailable(tmp_path: Path) -> None:
    (tmp_path / "media").write_bytes(b"a file where the folder should be")
    storage = LocalStorage(tmp_path / "media", "http://x")
    with pytest.raises(StorageUnavailable) as refusal:
        await storage.put(KEY, b"data")
    assert refusal.value.status == 503
    with pytest.raises(StorageUnavailable):
        await storage.exists(KEY)
