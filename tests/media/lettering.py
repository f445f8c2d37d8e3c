"""Fonts made for tests: TrueType files in which every letter is the same box (OpenType 1.9)."""

import struct

_PER_EM = 1000
_BOX = (60, 0, 940, 800)  # Left, bottom, right, top.


def lettering(characters: str, name: str = "Boxes") -> bytes:
    """A font of this name with these characters; each stands on the line and is nearly as wide as high."""
    codes = sorted({ord(each) for each in characters} - {32})
    left, bottom, right, top = _BOX
    points = [(left, bottom), (left, top), (right, top), (right, bottom)]
    box = struct.pack(">hhhhhHH", 1, left, bottom, right, top, len(points) - 1, 0) + b"\1" * len(points)
    for axis in (0, 1):
        before = 0
        for point in points:
            box += struct.pack(">h", point[axis] - before)
            before = point[axis]
    box += b"\0" * (-len(box) % 4)
    groups = [(32, 32, 2), *((code, code, 1) for code in codes)]
    mapping = struct.pack(">HHIII", 12, 0, 16 + 12 * len(groups), 0, len(groups))
    mapping += b"".join(struct.pack(">III", *each) for each in groups)
    label = name.encode("utf-16-be")
    tables = {
        b"OS/2": struct.pack(">HhHHH", 4, 900, 400, 5, 0) + bytes(86),
        b"cmap": struct.pack(">HHHHI", 0, 1, 3, 10, 12) + mapping,
        b"glyf": box,
        b"head": struct.pack(
            ">IIIIHHqqhhhhHHhhh", 0x10000, 0x10000, 0, 0x5F0F3CF5, 0, _PER_EM, 0, 0, *_BOX, 0, 8, 2, 1, 0
        ),
        b"hhea": struct.pack(">IhhhHhhhhhh10xH", 0x10000, 800, -200, 0, 1000, 0, 0, 0, 1, 0, 0, 3),
        b"hmtx": struct.pack(">HhHhHh", 1000, 0, 1000, left, 300, 0),
        b"loca": struct.pack(">IIII", 0, 0, len(box), len(box)),
        b"maxp": struct.pack(">IH26x", 0x10000, 3),
        b"name": struct.pack(">HHHHHHHHH", 0, 1, 18, 3, 1, 0x409, 1, len(label), 0) + label,
        b"post": struct.pack(">I28x", 0x30000),
    }
    directory, body, at = b"", b"", 12 + 16 * len(tables)
    for tag, content in sorted(tables.items()):
        directory += struct.pack(">4sIII", tag, 0, at + len(body), len(content))
        body += content + b"\0" * (-len(content) % 4)
    return struct.pack(">IHHHH", 0x10000, len(tables), 128, 3, 32) + directory + body
