"""Pictures as files below one folder, served by this application under `/media/`; parcels come in by `/uploads/`."""

import asyncio
import base64
import binascii
import os
import secrets
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import msgspec
from cryptography.fernet import Fernet

from core.secrets import Vault
from core.settings import Settings
from media.errors import ObjectNotFound, StorageUnavailable, UploadMismatch, UploadRefused
from media.storage.storage import (
    Backend,
    Door,
    Parcel,
    Slip,
    Stored,
    check_start,
    described,
    is_key,
    is_parcel,
    public_address,
)

_PIECE = 256 * 1024
_PURPOSE = "upload-v1"
_MAC = 16


class LocalStorage:
    """Files below `root`, spread over 256 folders; public addresses start with `address`, those of parcels with
    `public_url`. Without a vault, signatures are good for this process only.
    """

    def __init__(self, root: Path, public_url: str, vault: Vault | None = None, address: str = "") -> None:
        self._root, self._public_url = root.absolute(), public_url.rstrip("/")
        self._address = address or f"{self._public_url}/media"
        self._vault = vault or Vault([Fernet.generate_key().decode()])

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
        try:
            await self.stat(key)
        except ObjectNotFound:
            return False
        return True

    async def delete(self, key: str) -> None:
        """Remove the file if it is there."""
        with suppress(FileNotFoundError):
            self.path(key).unlink()

    async def aged(self, start: str, before: datetime) -> list[str]:
        """The keys of old files; what a crash left half written beside them is removed on the way."""
        check_start(start)
        try:
            return await asyncio.to_thread(_aged, self._root / start[2:], start, before.timestamp())
        except OSError as error:
            raise StorageUnavailable("The pictures could not be listed.", reason=error.strerror or "") from error

    def url(self, key: str) -> str:
        """The public address of an object; refuses ObjectNotFound for a text that is no key."""
        if not is_key(key):
            raise ObjectNotFound
        return f"{self._address}/{key}"

    async def sign(self, parcel: Parcel) -> Slip:
        """An address of this application, with what it allows signed in it; a form needs no fields."""
        content = msgspec.msgpack.encode(parcel)
        token = base64.urlsafe_b64encode(self._vault.sign(_PURPOSE, content, _MAC) + content).decode().rstrip("=")
        url = f"{self._public_url}/uploads/{token}"
        if parcel.method == "post":
            return Slip(url=url, method="POST", fields={"Content-Type": parcel.media_type})
        return Slip(url=url, method="PUT", headers={"Content-Type": parcel.media_type})

    async def collect(self, name: str, limit: int) -> bytes:
        """The bytes of a parcel, cut after `limit` + 1; refuses ObjectNotFound."""
        path = self._parcel(name)
        try:
            return await asyncio.to_thread(_read, path, limit + 1)
        except OSError as error:
            raise _refusal(error) from error

    async def discard(self, name: str) -> None:
        """Remove a parcel, and what a crash may have left of it."""
        path = self._parcel(name)
        try:
            for each in path.parent.glob(f"{name}*"):
                each.unlink(missing_ok=True)
        except OSError as error:
            raise StorageUnavailable("The upload could not be removed.", reason=error.strerror or "") from error

    def door(self) -> Door:
        """Parcels come in through this application."""
        return self

    def admit(self, token: str, now: datetime) -> Parcel:
        """What a token allows; refuses UploadRefused when it is forged or over."""
        try:
            signed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except (binascii.Error, ValueError):
            raise UploadRefused from None
        mac, content = signed[:_MAC], signed[_MAC:]
        if not self._vault.verify(_PURPOSE, content, mac):
            raise UploadRefused
        parcel = msgspec.msgpack.decode(content, type=Parcel)
        if now >= parcel.expires_at:
            raise UploadRefused("The time for this upload is over.")
        return parcel

    async def take_in(self, parcel: Parcel, pieces: AsyncIterable[bytes]) -> None:
        """Write beside while it comes, rename when the length is the right one."""
        path = self._parcel(parcel.name)
        beside = path.with_name(f"{parcel.name}.{secrets.token_hex(4)}")
        size = 0
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with beside.open("xb") as file:
                async for piece in pieces:
                    size += len(piece)
                    if size > parcel.bytes:
                        break
                    await asyncio.to_thread(file.write, piece)
            if size != parcel.bytes:
                raise UploadMismatch("The length is not the one announced.", announced=parcel.bytes)
            beside.replace(path)
        except OSError as error:
            raise StorageUnavailable("The upload could not be written.", reason=error.strerror or "") from error
        finally:
            with suppress(OSError):
                beside.unlink(missing_ok=True)

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

    def _parcel(self, name: str) -> Path:
        """The file of a parcel, in a folder that no key leads to."""
        if not is_parcel(name):
            raise ObjectNotFound
        return self._root / "incoming" / name


def _aged(folder: Path, start: str, before: float) -> list[str]:
    found = []
    for path in folder.iterdir() if folder.exists() else ():
        with suppress(FileNotFoundError):  # Somebody else was faster.
            if path.stat().st_mtime >= before:
                continue
            if path.name.startswith("."):
                path.unlink()
            elif path.name.startswith(start) and is_key(path.name):
                found.append(path.name)
    return found


def _read(path: Path, most: int) -> bytes:
    with path.open("rb") as file:
        return file.read(most)


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


def _open(settings: Settings) -> LocalStorage:
    return LocalStorage(settings.media_dir, settings.public_url, Vault(settings.secret_keys), public_address(settings))


STORAGE = Backend(slug="local", open=_open)
