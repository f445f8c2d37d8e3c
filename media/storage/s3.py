"""Pictures in a bucket that speaks S3: Amazon's, or another's at `VITRINE_S3_ENDPOINT`.

boto3 blocks, so that it works in a few threads of its own: when S3 hangs, these threads hang, and nothing else does.
Nobody waits for longer than `Patience.total` seconds.
"""

import asyncio
import base64
import hashlib
import threading
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from io import BytesIO
from typing import BinaryIO, Protocol, TypedDict, TypeVar

import msgspec

from core import clock
from core.logs import logger
from core.settings import Settings
from media.errors import ObjectNotFound, StorageUnavailable
from media.storage.storage import (
    Backend,
    Parcel,
    Slip,
    Stored,
    check_start,
    described,
    is_key,
    is_parcel,
    public_address,
)

_THREADS = 16
_PIECE = 2**20  # Most visuals are smaller: one request each.
_PART = 8 * 2**20  # Larger objects go up in parts of this size, each tried again for itself.
_SECONDS_TO_BEGIN = 30  # Libraries are read from the disk, and credentials from wherever they are.
_FOREVER = "public, max-age=31536000, immutable"
_MISSING = frozenset(("404", "NoSuchKey", "NotFound"))
_log = logger("storage")

T = TypeVar("T")


class Patience(msgspec.Struct, frozen=True):
    """Seconds to wait: for a connection, for the next byte, and for everything together, repetitions included."""

    connect: float = 2.0
    read: float = 3.0
    total: float = 8.0


class _Body(Protocol):
    def read(self) -> bytes: ...
    def close(self) -> None: ...


class _Answer(TypedDict):
    Body: _Body
    ContentLength: int
    ContentRange: str


class _Entry(TypedDict):
    Key: str
    LastModified: datetime


class _Listing(TypedDict, total=False):
    Contents: list[_Entry]
    NextContinuationToken: str


class _Form(TypedDict):
    url: str
    fields: dict[str, str]


class _Client(Protocol):
    """What we use of boto3's S3 client, which has no types of its own."""

    def put_object(self, **words: object) -> object: ...
    def upload_fileobj(self, file: BinaryIO, bucket: str, key: str, **words: object) -> None: ...
    def get_object(self, **words: str) -> _Answer: ...
    def head_object(self, **words: str) -> _Answer: ...
    def delete_object(self, **words: str) -> object: ...
    def list_objects_v2(self, **words: str) -> _Listing: ...
    def generate_presigned_url(self, method: str, **words: object) -> str: ...
    def generate_presigned_post(
        self, bucket: str, key: str, fields: Mapping[str, str], conditions: Sequence[object], expires: int
    ) -> _Form: ...
    def close(self) -> None: ...


class Bucket(msgspec.Struct, frozen=True, kw_only=True):
    """Where the objects lie. Empty texts leave the choice to boto3: Amazon's endpoint, region, credential chain."""

    name: str
    prefix: str = ""
    endpoint: str = ""
    region: str = ""
    access_key_id: str = ""
    secret_access_key: str = ""


class S3Storage:
    """Objects under `{prefix}media/`, which may be public, and parcels under `{prefix}incoming/`, which must not be."""

    def __init__(self, bucket: Bucket, address: str, patience: Patience | None = None) -> None:
        """`address` stands before `/{key}` in public addresses. Nothing is opened before the first use."""
        self._bucket, self._address, self._patience = bucket, address.rstrip("/"), patience or Patience()
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="s3")
        self._lock = threading.Lock()
        self._made: _Client | None = None

    async def put(self, key: str, data: bytes) -> Stored:
        """Keep bytes under a key; S3 shows an object when all of it is there, in parts or not."""
        name = self._object(key)
        known = described(key, len(data))
        words = {"ContentType": known.media_type, "CacheControl": _FOREVER}
        await self._call(lambda client: _put(client, self._bucket.name, name, data, words))
        return known

    async def get(self, key: str) -> bytes:
        """All bytes of an object; refuses ObjectNotFound."""
        pieces = [piece async for piece in self.stream(key)]
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    async def stream(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from `start` up to `end` in pieces of 1 MiB, each a request: a slow reader holds no connection."""
        name = self._object(key)
        place, last = start, end
        while last is None or place < last:
            upto = place + _PIECE if last is None else min(place + _PIECE, last)
            piece, size = await self._call(partial(self._ranged, name=name, start=place, end=upto))
            last = size if last is None else min(last, size)
            if not piece:
                return
            yield piece
            place += len(piece)

    async def stat(self, key: str) -> Stored:
        """Size, type and validator; refuses ObjectNotFound."""
        name = self._object(key)
        head = await self._call(lambda client: client.head_object(Bucket=self._bucket.name, Key=name))
        return described(key, head["ContentLength"])

    async def exists(self, key: str) -> bool:
        """Whether the object is there; a text that is no key is not."""
        try:
            await self.stat(key)
        except ObjectNotFound:
            return False
        return True

    async def delete(self, key: str) -> None:
        """Remove the object if it is there."""
        await self._delete(self._object(key))

    async def aged(self, start: str, before: datetime) -> list[str]:
        """The keys of old objects, a thousand in each request."""
        check_start(start)
        folder, found, token = f"{self._bucket.prefix}media/", list[str](), ""
        while True:
            words = {"Bucket": self._bucket.name, "Prefix": f"{folder}{start}"}
            words |= {"ContinuationToken": token} if token else {}
            page = await self._call(partial(_listed, words=words))
            names = [
                each["Key"].removeprefix(folder) for each in page.get("Contents", ()) if each["LastModified"] < before
            ]
            found += filter(is_key, names)
            token = page.get("NextContinuationToken", "")
            if not token:
                return found

    def url(self, key: str) -> str:
        """The public address of an object; refuses ObjectNotFound for a text that is no key."""
        self._object(key)
        return f"{self._address}/{key}"

    async def sign(self, parcel: Parcel) -> Slip:
        """An address of the bucket's server; length and type are part of the signature or of the policy."""
        name = self._incoming(parcel.name)
        seconds = max(1, int((parcel.expires_at - clock.now()).total_seconds()))
        if parcel.method == "post":
            return await self._call(lambda client: self._form(client, parcel, name, seconds))
        words = {
            "Bucket": self._bucket.name, "Key": name,
            "ContentType": parcel.media_type, "ContentLength": parcel.bytes,
        }  # fmt: skip
        url = await self._call(
            lambda client: client.generate_presigned_url("put_object", Params=words, ExpiresIn=seconds)
        )
        return Slip(url=url, method="PUT", headers={"Content-Type": parcel.media_type})

    async def collect(self, name: str, limit: int) -> bytes:
        """The bytes of a parcel, cut after `limit` + 1; refuses ObjectNotFound."""
        place = self._incoming(name)
        content, _ = await self._call(lambda client: self._ranged(client, place, 0, limit + 1))
        return content

    async def discard(self, name: str) -> None:
        """Remove a parcel if it is there."""
        await self._delete(self._incoming(name))

    def door(self) -> None:
        """Parcels go to the bucket's own server."""

    async def close(self) -> None:
        """Give back connections; calls that still hang are left to their time limits."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        if self._made is not None:
            self._made.close()

    def _object(self, key: str) -> str:
        if not is_key(key):
            raise ObjectNotFound
        return f"{self._bucket.prefix}media/{key}"

    def _incoming(self, name: str) -> str:
        if not is_parcel(name):
            raise ObjectNotFound
        return f"{self._bucket.prefix}incoming/{name}"

    async def _delete(self, name: str) -> None:
        await self._call(lambda client: client.delete_object(Bucket=self._bucket.name, Key=name))

    def _form(self, client: _Client, parcel: Parcel, name: str, seconds: int) -> Slip:
        conditions = [{"Content-Type": parcel.media_type}, ["content-length-range", parcel.bytes, parcel.bytes]]
        form = client.generate_presigned_post(
            self._bucket.name, name, {"Content-Type": parcel.media_type}, conditions, seconds
        )
        return Slip(url=form["url"], method="POST", fields=form["fields"])

    def _ranged(self, client: _Client, name: str, start: int, end: int) -> tuple[bytes, int]:
        """The bytes from `start` up to `end`, and the size of the whole; once more when the answer breaks off."""
        from botocore.exceptions import ClientError, HTTPClientError, IncompleteReadError, ResponseStreamingError

        for last_try in (False, True):
            try:
                answer = client.get_object(Bucket=self._bucket.name, Key=name, Range=f"bytes={start}-{end - 1}")
                return _whole(answer["Body"]), _size(answer)
            except ClientError as error:
                if _code(error) == "InvalidRange":  # Nothing begins there: an empty object, or its end.
                    return b"", start
                raise
            except (HTTPClientError, IncompleteReadError, ResponseStreamingError):
                if last_try:
                    raise
        raise AssertionError("unreachable")

    async def _call(self, work: Callable[[_Client], T]) -> T:
        """Run one call in a thread, for as long as there is patience; making the client does not count."""
        loop = asyncio.get_running_loop()
        try:
            if self._made is None:
                async with asyncio.timeout(_SECONDS_TO_BEGIN):
                    await loop.run_in_executor(self._threads, self._attempt, _nothing)
            async with asyncio.timeout(self._patience.total):
                return await loop.run_in_executor(self._threads, self._attempt, work)
        except (TimeoutError, RuntimeError) as error:  # RuntimeError: the threads are shut down with the server.
            _log.warning("storage away", error=type(error).__name__)
            raise StorageUnavailable("The picture storage does not answer.") from error

    def _attempt(self, work: Callable[[_Client], T]) -> T:
        """In a thread: whatever goes wrong at the other side is StorageUnavailable."""
        from boto3.exceptions import Boto3Error
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return work(self._client())
        except ClientError as error:
            if _code(error) in _MISSING:
                raise ObjectNotFound from None
            _log.warning("storage refuses", code=_code(error))
            raise StorageUnavailable("The picture storage refuses.") from error
        except (BotoCoreError, Boto3Error, OSError) as error:
            _log.warning("storage away", error=type(error).__name__)
            raise StorageUnavailable("The picture storage does not answer.") from error

    def _client(self) -> _Client:
        with self._lock:
            if self._made is None:
                self._made = _connect(self._bucket, self._patience)
            return self._made


def _nothing(_: _Client) -> None:
    """Asks for nothing but a client."""


def _connect(bucket: Bucket, patience: Patience) -> _Client:
    """A client, safe to share between threads; making one takes 0.4 s and 20 MiB, so that it is made late and once."""
    import boto3.session
    from botocore.config import Config

    session = boto3.session.Session(
        aws_access_key_id=bucket.access_key_id or None,
        aws_secret_access_key=bucket.secret_access_key or None,
        region_name=bucket.region or ("us-east-1" if bucket.endpoint else None),
    )
    config = Config(
        signature_version="s3v4",
        connect_timeout=patience.connect,
        read_timeout=patience.read,
        retries={"mode": "standard", "total_max_attempts": 2},
        max_pool_connections=_THREADS,
        s3={"addressing_style": "path" if bucket.endpoint else "virtual"},
        # Others than Amazon do not know the newer checksums; a Content-MD5 goes with every object instead.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    client: _Client = session.client("s3", endpoint_url=bucket.endpoint or None, config=config)
    return client


def _put(client: _Client, bucket: str, name: str, data: bytes, words: dict[str, str]) -> None:
    if len(data) < _PART:
        digest = base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()
        client.put_object(Bucket=bucket, Key=name, Body=data, ContentMD5=digest, **words)
        return
    from boto3.s3.transfer import TransferConfig

    config = TransferConfig(multipart_threshold=_PART, multipart_chunksize=_PART, use_threads=False)
    client.upload_fileobj(BytesIO(data), bucket, name, ExtraArgs=words, Config=config)


def _listed(client: _Client, words: dict[str, str]) -> _Listing:
    return client.list_objects_v2(**words)


def _whole(body: _Body) -> bytes:
    try:
        return body.read()
    finally:
        body.close()


def _size(answer: _Answer) -> int:
    """The size of the whole object, as `bytes 0-99/1234` tells it."""
    return int(answer["ContentRange"].rpartition("/")[2])


def _code(error: Exception) -> str:
    response: Mapping[str, Mapping[str, str]] = getattr(error, "response", {})
    return str(response.get("Error", {}).get("Code", ""))


def _open(settings: Settings) -> S3Storage:
    prefix = settings.s3_prefix.strip("/")
    bucket = Bucket(
        name=settings.s3_bucket,
        prefix=f"{prefix}/" if prefix else "",
        endpoint=settings.s3_endpoint,
        region=settings.s3_region,
        access_key_id=settings.s3_access_key_id,
        secret_access_key=settings.s3_secret_access_key,
    )
    return S3Storage(bucket, public_address(settings))


STORAGE = Backend(slug="s3", open=_open)
