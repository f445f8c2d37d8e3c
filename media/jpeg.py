"""What a JPEG says of itself before its first pixel; nothing is decoded."""

from collections.abc import Iterator

import msgspec

# Enough for the headers of any picture that we write: the profile is half a kilobyte.
HEAD_BYTES = 64 * 1024
_SIZES = frozenset((*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0)))
_BASELINE = 0xC0
_SCAN = 0xDA
_PROFILE = b"ICC_PROFILE\0"


class JpegFacts(msgspec.Struct, frozen=True):
    """`baseline` when it is neither progressive nor otherwise extended, `srgb` when its three channels are sRGB's."""

    baseline: bool
    srgb: bool


def describe(head: bytes) -> JpegFacts | None:
    """The facts in the first bytes of a file; None for what is no JPEG, or ends before it has said its size."""
    profile, frame = b"", None
    for marker, content in _segments(head):
        if marker == 0xE2 and content.startswith(_PROFILE):
            profile += content[len(_PROFILE) + 2 :]
        if marker in _SIZES:
            frame = marker, content
    if frame is None or len(frame[1]) < 6:
        return None
    named = not profile or b"sRGB" in profile or "sRGB".encode("utf-16-be") in profile
    return JpegFacts(baseline=frame[0] == _BASELINE, srgb=frame[1][5] == 3 and named)


def _segments(head: bytes) -> Iterator[tuple[int, bytes]]:
    """Marker and content of each segment before the first scan (ITU-T T.81, annex B)."""
    if not head.startswith(b"\xff\xd8"):
        return
    at = 2
    while at + 4 <= len(head) and head[at] == 0xFF:
        marker, length = head[at + 1], int.from_bytes(head[at + 2 : at + 4], "big")
        if marker == _SCAN or length < 2:
            return
        yield marker, head[at + 4 : at + 2 + length]
        at += 2 + length
