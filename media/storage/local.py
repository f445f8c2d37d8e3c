"""Pictures as files below one folder, served by this application under `/media/`."""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

from media.errors import ObjectNotFound, StorageUnavailable
from media.storage.storage import Backend, Stored, described, is_key

_PIECE = 256 * 1024


class LocalStorage:
    """Files below `root`, spread over 256 folders; addresses start with `public_url`."""

    def __init__(self, root: Path, public_url: str) -> None:
        self._root, self._public_url = root.absolute(), public_url.rstrip("/")

    async def put(self, key: str, data: bytes) -> Stored:
        """Write beside, sync, rename: a reader sees the whole object or none, also after a power cut."""
        path = self.path(key)
        try:
            await asyncio.to_thread(_write, path, data)
        except OSError as error:
            raise StorageUnavailable("The picture could not be written.", reason=error.strerror or "") from error
        return described(key, len(data))

    async def get(self, key: str) -> bytes:
        """All bytes of an object; refuses ObjectNotFound."""
        path = self.path(key)
        try:
            return await asyncio.to_thread(path.read_bytes)
        except OSError as error:
            raise _refusal(error) from error

    async def stream(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from `start` up to `end` in pieces of 256 KiB; refuses ObjectNotFound."""
        path = self.path(key)
        try:
            file = await asyncio.to_thread(path.open, "rb")
        except OSError as error:
            raise _refusal(error) from error
        with file:
            left = max(0, (os.fstat(file.fileno()).st_size if end is None else end) - start)
            file.seek(start)
            while left and (piece := await asyncio.to_thread(file.read, min(_PIECE, left))):
                left -= len(piece)
                yield piece

    async def stat(self, key: str) -> Stored:
        """Size, type and validator; refuses ObjectNotFound."""
        try:
            return described(key, self.path(key).stat().st_size)
        except OSError as error:
            raise _refusal(error) from error

    async def exists(self, key: str) -> bool:
        """Whether the file is there; a text that is no key is not."""
        return is_key(key) and self.path(key).is_file()

    async def delete(self, key: str) -> None:
        """Remove the file if it is there."""
        with suppress(FileNotFoundError):
            self.path(key).unlink()

    def url(self, key: str) -> str:
        """`{public_url}/media/{key}`."""
        self.path(key)
        return f"{self._public_url}/media/{key}"

    async def close(self) -> None:
        """Nothing is open between two calls."""

    def path(self, key: str) -> Path:
        """The file of a key; refuses ObjectNotFound for a text that is no key or leads out of the root."""
        if not is_key(key):
            raise ObjectNotFound
        path = self._root / key[2:4] / key
        # The shape of a key leaves no way out; a link put into the folder by hand might.
        if self._root.resolve() not in path.resolve().parents:
            raise ObjectNotFound
        return path


def _refusal(error: OSError) -> ObjectNotFound | StorageUnavailable:
    if isinstance(error, FileNotFoundError | IsADirectoryError):
        return ObjectNotFound()
    return StorageUnavailable("The picture could not be read.", reason=error.strerror or "")


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{secrets.token_hex(8)}")
    try:
        with beside.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


STORAGE = Backend(slug="local", open=lambda settings: LocalStorage(settings.media_dir, settings.public_url))
