"""A backup on disk: a folder, or a `.tar` of one.

manifest.json       what it is: version, schema, when, how many rows
tables/NAME.jsonl   one per table, see `tables`
pictures/KEY        the pictures, by their keys
SHA256SUMS          of all the others, as `sha256sum --check` reads it
"""

import hashlib
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

import msgspec

from api.running.failure import Failure

FORMAT = "vitrine-backup/1"
MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"
_PIECE = 2**20


class BadArchive(Failure):
    """This is not a whole backup."""


class Manifest(msgspec.Struct, kw_only=True, frozen=True):
    """What a backup is. `missing`: pictures that rows name and the storage did not have, at most 1000."""

    format: str = FORMAT
    version: str
    revision: str
    database: str
    created_at: str
    rows: dict[str, int]
    pictures: int
    missing_pictures: int
    missing: list[str]


class Writer:
    """Files into a folder, each with its sum."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sums = (folder / SUMS).open("w")
        self._digest = hashlib.sha256()
        self._path = ""

    def begin(self, path: str) -> None:
        """A new file; what is written from now on is its."""
        target = self._folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        self._file = target.open("xb")
        self._digest, self._path = hashlib.sha256(), path

    def write(self, content: bytes) -> None:
        """More of the file that was begun."""
        self._digest.update(content)
        self._file.write(content)

    def end(self) -> None:
        """The file is whole, and on the disk."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._sums.write(f"{self._digest.hexdigest()}  {self._path}\n")

    def undo(self) -> None:
        """Forget the file that was begun."""
        self._file.close()
        (self._folder / self._path).unlink()

    def close(self) -> None:
        """The sums are on the disk as well."""
        self._sums.flush()
        os.fsync(self._sums.fileno())
        self._sums.close()


@contextmanager
def writing(target: Path) -> Iterator[Writer]:
    """A backup that appears at `target` when the block ends, whole; for the owner's eyes only.

    A name that ends in `.tar` becomes one file, any other a folder. Raises FileExistsError.
    """
    if target.exists():
        raise FileExistsError(f"{target} is there already: a backup never overwrites one.")
    target.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        writer = Writer(work)
        yield writer
        writer.close()
        if target.suffix == ".tar":
            _pack(work, target)
        else:
            work.rename(target)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _pack(folder: Path, target: Path) -> None:
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with (
            os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file,
            tarfile.open(fileobj=file, mode="w|") as tar,
        ):
            for path in sorted(folder.rglob("*")):
                if path.is_file():
                    tar.add(path, path.relative_to(folder).as_posix(), recursive=False)
        beside.rename(target)
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def opened(source: Path, scratch: Path) -> Iterator[Path]:
    """The folder of a backup; a `.tar` is unpacked below `scratch` for the time of the block. Raises BadArchive."""
    if source.is_dir():
        yield source
        return
    scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".restore.", dir=scratch) as folder:
        try:
            with tarfile.open(source, mode="r|") as tar:
                _unpack(tar, Path(folder))
        except (tarfile.TarError, EOFError) as error:
            raise BadArchive(f"{source} cannot be unpacked: {error}.") from None
        yield Path(folder)


def _unpack(tar: tarfile.TarFile, folder: Path) -> None:
    """The archive's files, and nothing that would land elsewhere. Raises BadArchive.

    By hand: `extractall` knows its `filter` since Python 3.11.4 only, and Debian 12 has 3.11.2.
    """
    for member in tar:
        path = PurePosixPath(member.name)
        if member.isdir():
            continue
        file = tar.extractfile(member) if member.isreg() else None
        if file is None or path.is_absolute() or ".." in path.parts:
            raise BadArchive(f"{member.name} is nothing that a backup holds.")
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with file, target.open("xb") as out:
            shutil.copyfileobj(file, out, _PIECE)


def verify(folder: Path) -> Manifest:
    """The manifest, once every file is there, no other is, and each has its sum. Raises BadArchive."""
    listed = {}
    try:
        for line in (folder / SUMS).read_text().splitlines():
            digest, _, path = line.partition("  ")
            listed[path] = digest
    except (FileNotFoundError, UnicodeDecodeError):
        raise BadArchive(f"{folder} holds no {SUMS}: it is no backup, or not a whole one.") from None
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {SUMS}
    if there != set(listed):
        odd = sorted(there ^ set(listed))
        raise BadArchive(f"{len(odd)} files are missing or too many, {odd[0]} among them.")
    for path, digest in listed.items():
        if ".." in PurePosixPath(path).parts or _sum(folder / path) != digest:
            raise BadArchive(f"{path} is not what was written: its checksum is wrong.")
    try:
        manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except (FileNotFoundError, msgspec.MsgspecError):
        raise BadArchive(f"{MANIFEST} is missing or cannot be read.") from None
    if manifest.format != FORMAT:
        raise BadArchive(f"This version reads {FORMAT}, not {manifest.format}.")
    return manifest


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def content(folder: Path, path: str) -> Iterator[bytes]:
    """A file's lines without their ends."""
    with (folder / path).open("rb") as file:
        for line in file:
            yield line.rstrip(b"\n")
