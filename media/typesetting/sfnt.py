"""What a font file says of itself: its tables, and which characters it has glyphs for.

Read by hand and with every offset checked (OpenType 1.9, "The OpenType Font File" and "cmap"): a font may come from a
stranger, and Pillow does not tell what a font covers.
"""

import struct
from bisect import bisect_right
from collections.abc import Iterable
from mmap import mmap

import msgspec

_SINGLE = (b"\0\1\0\0", b"OTTO", b"true")
_WOFF, _WOFF2, _COLLECTION = b"wOFF", b"wOF2", b"ttcf"
_MOST_TABLES = 64
_MOST_GROUPS = 100_000
_UNICODE = {(0, 3): 1, (0, 4): 2, (3, 1): 1, (3, 10): 3, (0, 6): 2}  # Platform and encoding; the higher, the better.
_LAST = 0x10FFFF


class Damaged(Exception):
    """The file is no font, or not a whole one; the words say why."""


class Coverage(msgspec.Struct, frozen=True):
    """The characters of a font as ranges, both ends included, in order."""

    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def __contains__(self, char: object) -> bool:
        code = ord(char) if isinstance(char, str) else -1
        found = bisect_right(self.starts, code) - 1
        return found >= 0 and code <= self.ends[found]

    def __len__(self) -> int:
        return sum(end - start + 1 for start, end in zip(self.starts, self.ends, strict=True))


def kind(data: bytes) -> str:
    """`sfnt`, `collection`, `woff` or `woff2` by the first bytes, empty for anything else."""
    if data.startswith(_SINGLE):
        return "sfnt"
    return {_COLLECTION: "collection", _WOFF: "woff", _WOFF2: "woff2"}.get(data[:4], "")


def table(data: bytes | mmap, tag: bytes, index: int = 0) -> bytes:
    """One table of a font file, or of the font of this number in a collection; empty where there is none."""
    offset, length = directory(data, index).get(tag, (0, 0))
    return bytes(data[offset : offset + length])


def directory(data: bytes | mmap, index: int = 0) -> dict[bytes, tuple[int, int]]:
    """Where each table lies, and its bytes. Raises Damaged."""
    try:
        start = 0
        if data[:4] == _COLLECTION:
            (count,) = struct.unpack_from(">I", data, 8)
            if index >= count:
                raise Damaged(f"the collection has {count} fonts")
            (start,) = struct.unpack_from(">I", data, 12 + 4 * index)
        if data[start : start + 4] not in _SINGLE:
            raise Damaged("this is no font")
        (count,) = struct.unpack_from(">H", data, start + 4)
        if not 0 < count <= _MOST_TABLES:
            raise Damaged(f"{count} tables")
        found = {}
        for number in range(count):
            tag, _, offset, length = struct.unpack_from(">4sIII", data, start + 12 + 16 * number)
            if offset + length > len(data):
                raise Damaged(f"the table {tag!r} ends outside the file")
            found[tag] = offset, length
        return found
    except struct.error as error:
        raise Damaged("the list of tables ends too early") from error


def coverage(cmap: bytes) -> Coverage:
    """The characters that a `cmap` table has glyphs for: formats 4 and 12, which all fonts of today have."""
    try:
        (count,) = struct.unpack_from(">H", cmap, 2)
        records = [struct.unpack_from(">HHI", cmap, 4 + 8 * number) for number in range(min(count, _MOST_TABLES))]
        ranked = sorted(
            (_UNICODE[platform, encoding], at) for platform, encoding, at in records if (platform, encoding) in _UNICODE
        )
        for _, at in reversed(ranked):
            (form,) = struct.unpack_from(">H", cmap, at)
            if form == 12:
                return _merged(_groups(cmap, at))
            if form == 4:
                return _merged(_segments(cmap, at))
    except struct.error as error:
        raise Damaged("the map of characters ends too early") from error
    raise Damaged("no map of Unicode characters")


def _groups(cmap: bytes, at: int) -> Iterable[tuple[int, int]]:
    (count,) = struct.unpack_from(">I", cmap, at + 12)
    if count > _MOST_GROUPS:
        raise Damaged(f"{count} groups of characters")
    for first, last, glyph in struct.iter_unpack(">III", cmap[at + 16 : at + 16 + 12 * count]):
        if first <= last <= _LAST:
            yield first + (glyph == 0), last


def _segments(cmap: bytes, at: int) -> Iterable[tuple[int, int]]:
    (double,) = struct.unpack_from(">H", cmap, at + 6)
    count = double // 2
    ends = struct.unpack_from(f">{count}H", cmap, at + 14)
    starts = struct.unpack_from(f">{count}H", cmap, at + 16 + double)
    deltas = struct.unpack_from(f">{count}H", cmap, at + 16 + 2 * double)
    offsets_at = at + 16 + 3 * double
    offsets = struct.unpack_from(f">{count}H", cmap, offsets_at)
    seen = 0
    for number, (first, last, delta, offset) in enumerate(zip(starts, ends, deltas, offsets, strict=True)):
        seen += max(0, last - first + 1)
        if seen > 0x20000:  # Twice all that sixteen bits can name: the segments lie over one another.
            raise Damaged("too many segments of characters")
        for code in range(first, min(last, 0xFFFE) + 1):
            place = offsets_at + 2 * number + offset + 2 * (code - first)
            glyph = int.from_bytes(cmap[place : place + 2], "big") if offset else code
            # Of a glyph that the table names, 0 is "none"; of one that is reckoned from the code, only the sum is.
            if (glyph or not offset) and (glyph + delta) & 0xFFFF:
                yield code, code


def _merged(ranges: Iterable[tuple[int, int]]) -> Coverage:
    starts: list[int] = []
    ends: list[int] = []
    for first, last in sorted(ranges):
        if ends and first <= ends[-1] + 1:
            ends[-1] = max(ends[-1], last)
        elif first <= last:
            starts.append(first)
            ends.append(last)
    return Coverage(tuple(starts), tuple(ends))
