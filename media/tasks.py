"""What the server and its picture children say to each other: MessagePack with the length in four bytes before it."""

from collections.abc import Callable
from typing import BinaryIO

import msgspec

from media.intake import Master
from media.render import Drawing, Drawn
from media.typesetting.typefaces import Typeface

LENGTH = 4
LARGEST = 256 * 2**20  # Bytes of one message; far above what ten visuals weigh.


class OpenTask(msgspec.Struct, frozen=True, tag="open"):
    """Make a master of these bytes."""

    data: bytes


class DrawTask(msgspec.Struct, frozen=True, tag="draw"):
    """Make visuals of this master, with `others` beside it, and these font files by the names of their families."""

    master: bytes
    drawing: Drawing
    others: list[bytes] = []
    fonts: dict[str, bytes] = {}


class FontTask(msgspec.Struct, frozen=True, tag="font"):
    """Try the font of these bytes."""

    data: bytes


class Tried(msgspec.Struct, frozen=True, tag="tried"):
    """What the font is."""

    typeface: Typeface


class Opened(msgspec.Struct, frozen=True, tag="opened"):
    """The master."""

    master: Master


class Finished(msgspec.Struct, frozen=True, tag="finished"):
    """The visuals."""

    drawn: list[Drawn]


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """The picture cannot be used: one of `media.errors.IMAGE_REFUSALS`; or the font, one of `FONT_REFUSALS`."""

    slug: str
    detail: str
    facts: dict[str, str | int | float | bool | list[str] | None]


class Broken(msgspec.Struct, frozen=True, tag="broken"):
    """A mistake of ours, with where it happened, for the log."""

    trace: str


Task = OpenTask | DrawTask | FontTask
Answer = Opened | Finished | Tried | Refused | Broken

_encoder = msgspec.msgpack.Encoder()
read_task: Callable[[bytes], Task] = msgspec.msgpack.Decoder[Task](Task).decode
read_answer: Callable[[bytes], Answer] = msgspec.msgpack.Decoder[Answer](Answer).decode


def pack(message: Task | Answer) -> bytearray:
    """A message as it goes through the pipe; the only copy that is made of its bytes."""
    packed = bytearray(LENGTH)
    _encoder.encode_into(message, packed, LENGTH)
    packed[:LENGTH] = (len(packed) - LENGTH).to_bytes(LENGTH, "big")
    return packed


def take(pipe: BinaryIO) -> bytes | None:
    """The next message's body, or None when the other side is gone."""
    head = pipe.read(LENGTH)
    if len(head) < LENGTH:
        return None
    size = int.from_bytes(head, "big")
    body = pipe.read(size)
    return body if len(body) == size else None
