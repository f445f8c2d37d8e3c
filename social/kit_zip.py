"""The kit as a ZIP file: pictures, texts, links and tags to publish by hand, and the kit for programs.

The same post gives the same bytes, so that the entity tag is strong: names, order, times and rights are fixed, and
nothing is compressed (pictures are already, and zlib's output changes from version to version).
"""

import hashlib
import io
from collections.abc import AsyncIterator
from zipfile import ZIP_STORED, ZipFile, ZipInfo

import msgspec
from slugify import slugify

from core.db import Database
from core.settings import Settings
from core.shops import Shop
from media.storage.storage import Storage
from social import kit, readme
from social.kit import Material
from social.network import Placement, network
from social.schemas import KitLinkOut, KitOut, KitPictureOut

LAYOUT = 1  # Goes up with every change of what stands where.
_EARLIEST = (1980, 1, 1, 0, 0, 0)
_READABLE = 0o100644 << 16
_UNIX = 3


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """What is in the ZIP, in its order: texts whole, pictures by their keys in the storage."""

    name: str
    etag: str
    texts: list[tuple[str, bytes]]
    pictures: list[tuple[str, str]]


async def pack(db: Database, storage: Storage, settings: Settings, shop: Shop, post_id: str) -> Parcel:
    """What belongs into the ZIP of a post; all its pictures are there, so that a download ends as it began.

    Refuses PostNotFound, ObjectNotFound, StorageUnavailable.
    """
    async with db.read() as session:
        material = await kit.gather(session, storage, settings, shop, post_id)
    for each in material.pictures:
        await storage.stat(each.visual.storage_key)
    return parcel(material, kit.build(material))


def parcel(material: Material, built: KitOut) -> Parcel:
    """The ZIP's content as a pure function of what is stored."""
    placement = network(built.network).placement(built.placement)
    keys = [each.visual.storage_key for each in material.pictures]
    names = [_name(*each) for each in zip(range(1, len(keys) + 1), built.pictures, keys, strict=True)]
    texts, pictures = _texts(placement, built, names), list(zip(names, keys, strict=True))
    digest = hashlib.sha256(msgspec.msgpack.encode((LAYOUT, texts, pictures))).hexdigest()
    name = f"{built.network}-{built.placement}-{built.post_id}.zip"
    return Parcel(name=name, etag=f'"{digest}"', texts=texts, pictures=pictures)


async def stream(storage: Storage, content: Parcel) -> AsyncIterator[bytes]:
    """The ZIP's bytes, piece by piece; no picture is ever whole in memory."""
    out = _Pieces()
    with ZipFile(out, "w", ZIP_STORED) as archive:
        for name, text in content.texts:
            archive.writestr(_entry(name), text)
        yield out.drain()
        for name, key in content.pictures:
            with archive.open(_entry(name), "w") as file:
                async for piece in storage.stream(key):
                    file.write(piece)
                    yield out.drain()
    yield out.drain()


def _texts(placement: Placement, built: KitOut, names: list[str]) -> list[tuple[str, bytes]]:
    own = any(each.title or each.caption or each.link_url for each in built.pictures)
    files = {
        "title": [("title.txt", _line(built.title))] if built.title else [],
        "caption": [("caption.txt", _line(built.caption))] if built.caption else [],
        "alt": _numbered("alt-texts", [each.alt_text for each in built.pictures]),
        "texts": _numbered("texts", [_own_text(each) for each in built.pictures]) if own else [],
        "tags": [("tags.json", _json(_tags(built, names)))] if any(each.tags for each in built.pictures) else [],
    }
    parts = frozenset(name for name, found in files.items() if found)
    read = [(f"README.{each}.txt", readme.write(placement, parts, each).encode()) for each in readme.LANGUAGES]
    links = ("links.txt", "".join(_link(each) for each in built.links).encode())
    return [*read, *(file for found in files.values() for file in found), links, ("kit.json", _json(built))]


def _numbered(folder: str, texts: list[str]) -> list[tuple[str, bytes]]:
    return [(f"{folder}/{number:02}.txt", _line(text)) for number, text in enumerate(texts, 1) if text]


def _own_text(picture: KitPictureOut) -> str:
    return "\n\n".join(part for part in (picture.title, picture.caption, picture.link_url) if part)


def _tags(built: KitOut, names: list[str]) -> list[dict[str, object]]:
    return [
        {"picture": name, "width": each.width, "height": each.height, "tags": each.tags}
        for name, each in zip(names, built.pictures, strict=True)
    ]


def _link(link: KitLinkOut) -> str:
    return f"{' '.join(link.title.split())}\n{link.url}\n{link.long_url}\n\n"


def _name(number: int, picture: KitPictureOut, key: str) -> str:
    """`pictures/01-bougie-ambre.jpg`: ASCII, and safe on every system."""
    words = slugify(picture.alt_text, max_length=40, word_boundary=True)
    return f"pictures/{number:02}{'-' if words else ''}{words}.{key.rpartition('.')[2]}"


def _line(text: str) -> bytes:
    return f"{text}\n".encode()


def _json(value: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"


def _entry(name: str) -> ZipInfo:
    info = ZipInfo(name, _EARLIEST)
    info.create_system, info.external_attr = _UNIX, _READABLE
    return info


class _Pieces(io.RawIOBase):
    """Takes what the ZIP writer writes until somebody fetches it; it cannot be gone back in."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: "bytes | bytearray | memoryview[int]", /) -> int:  # type: ignore[override]  # Any buffer, of which there are these.
        self._pieces.append(bytes(data))
        return len(data)

    def drain(self) -> bytes:
        found = b"".join(self._pieces)
        self._pieces.clear()
        return found
