"""The spool: every hit is in a file before its redirect is answered, and in the database a moment later.

Each process appends to a segment of its own under a lock that dies with it. A frame is its length, its CRC-32
and the hit; a tail that was torn by a power cut is known by its sum and dropped. When the disk is full or the
spool too large, hits are dropped and counted, and people are redirected all the same.
Whoever folds may read a segment that is still written (`is_live`): a frame that is not whole yet is left for later.
"""

import fcntl
import os
import secrets
import struct
import zlib
from bisect import bisect_right
from collections.abc import Sequence
from contextlib import suppress
from itertools import accumulate
from pathlib import Path

import msgspec

from core import clock
from core.logs import logger
from social.links.visitors import Device, Kind

SEGMENT_BYTES = 8 * 2**20
SEGMENT_SECONDS = 60.0
CAP_BYTES = 2**30
SUFFIX = ".hits"
_FRAME = struct.Struct(">HI")
_ALARM_SECONDS = 10.0
# More than the longest frame, so that every reading gets on.
_WINDOW = 2**19
_log = logger("links")


class Hit(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One hit as it lies in the spool. New fields go to the end, with defaults: older segments must stay readable.

    With `landed_at_ms` it is no hit but tells that its tap has led to the landing page, then; with `seconds` besides,
    for how long that was in sight.
    """

    click_id: bytes
    link_number: int
    variant: int
    kind: Kind
    device: Device
    visitor_day: bytes | None = None
    referrer_host: str | None = None
    in_app: str | None = None
    landed_at_ms: int | None = None
    seconds: int | None = None
    family: str | None = None

    @property
    def at_ms(self) -> int:
        """When, in milliseconds since 1970: the first bytes of the click's id."""
        return int.from_bytes(self.click_id[:6])


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Hit).decode


class Segment:
    """One file of the spool. `size` is what was written, `folded` what the database has (None: it must say)."""

    def __init__(self, path: Path, descriptor: int, folded: int | None) -> None:
        self.path = path
        self.descriptor = descriptor
        self.size = os.fstat(descriptor).st_size
        self.folded = folded
        self.unsynced = False
        self.is_live = False
        self.opened_at = clock.monotonic()

    @property
    def name(self) -> str:
        """What the checkpoint knows it by; unique among all machines."""
        return self.path.name

    def read(self, limit: int) -> tuple[list[Hit], int]:
        """The next hits that are not in the database yet, `limit` at most, and the offset after them."""
        start = self.folded or 0
        content = os.pread(self.descriptor, max(0, min(self.size - start, _WINDOW)), start)
        hits: list[Hit] = []
        offset = 0
        while len(hits) < limit and offset < len(content):
            payload = _payload(content, offset)
            if payload is None:
                if not self.is_live and (not offset or start + len(content) >= self.size):
                    self._drop_tail(start + offset)
                break
            offset += _FRAME.size + len(payload)
            try:
                hits.append(_decode(payload))
            except msgspec.DecodeError as error:
                _log.error("a hit of another version was passed over", segment=self.name, reason=str(error))
        return hits, start + offset

    def _drop_tail(self, size: int) -> None:
        _log.warning("a torn tail of the click spool was dropped", segment=self.name, bytes=self.size - size)
        os.ftruncate(self.descriptor, size)
        self.size = size

    def sync(self) -> None:
        """Make what was written survive a power cut."""
        self.unsynced = False
        os.fdatasync(self.descriptor)

    def remove(self) -> None:
        """Delete the file and let go of its lock, in this order: nobody may take it up in between."""
        self.path.unlink(missing_ok=True)
        os.close(self.descriptor)


def _frame(hit: Hit) -> bytes:
    payload = _encode(hit)
    return _FRAME.pack(len(payload), zlib.crc32(payload)) + payload


def _payload(content: bytes, offset: int) -> bytes | None:
    """The payload of the frame at `offset`; None where it is cut off or its sum is wrong."""
    if offset + _FRAME.size > len(content):
        return None
    length, checksum = _FRAME.unpack_from(content, offset)
    payload = content[offset + _FRAME.size : offset + _FRAME.size + length]
    return payload if length and len(payload) == length and zlib.crc32(payload) == checksum else None


class Spool:
    """The segments that this process writes, and those that it took over from processes which died."""

    def __init__(
        self,
        folder: Path,
        *,
        sync_always: bool = False,
        segment_bytes: int = SEGMENT_BYTES,
        cap_bytes: int = CAP_BYTES,
    ) -> None:
        """Nothing is opened before the first hit. `sync_always` waits for the disk at each hit."""
        self._folder = folder
        self._sync_always = sync_always
        self._segment_bytes = segment_bytes
        self._cap_bytes = cap_bytes
        self._live: Segment | None = None
        self._sealed: list[Segment] = []
        self._handed_over_bytes = 0
        self._alarmed_at = -_ALARM_SECONDS
        self.dropped = 0

    def append(self, hit: Hit) -> bool:
        """Write one hit, with one system call; False where it had to be dropped. Never raises for a full disk."""
        return self.extend((hit,))

    def extend(self, hits: Sequence[Hit]) -> bool:
        """Write these hits with one system call; False where some had to be dropped."""
        frames = list(map(_frame, hits))
        content = b"".join(frames)
        try:
            live = self._live
            if live is None or live.size + len(content) > self._segment_bytes:
                live = self._next()
            written = os.write(live.descriptor, content)
            live.unsynced = True
            if written != len(content):
                self._mend(live, frames, written)
                return False
            live.size += written
            if self._sync_always:
                live.sync()
        except OSError as error:
            self._drop(error, len(hits))
            return False
        return True

    def _next(self) -> Segment:
        self.seal()
        if self.waiting_bytes >= self._cap_bytes:
            raise OSError("the spool is full")
        self._folder.mkdir(parents=True, exist_ok=True)
        self._live = _create(self._folder)
        return self._live

    def _mend(self, live: Segment, frames: list[bytes], written: int) -> None:
        """Cut half a frame off again; where even that fails, write no more to this segment.

        Whole frames stay: who folds may have read them already.
        """
        ends = list(accumulate(map(len, frames)))
        whole = bisect_right(ends, written)
        live.size += ends[whole - 1] if whole else 0
        self._drop(OSError("short write"), len(frames) - whole)
        try:
            os.ftruncate(live.descriptor, live.size)
        except OSError:
            self.seal()

    def _drop(self, error: OSError, hits: int) -> None:
        self.dropped += hits
        if clock.monotonic() - self._alarmed_at >= _ALARM_SECONDS:
            self._alarmed_at = clock.monotonic()
            with suppress(OSError):  # The log may lie on the same full disk.
                _log.error("clicks are being dropped", reason=str(error), dropped=self.dropped)

    @property
    def waiting_bytes(self) -> int:
        """How much is written and not in the database."""
        return self._handed_over_bytes + sum(each.size - (each.folded or 0) for each in self.segments())

    def segments(self) -> list[Segment]:
        """Oldest first."""
        return [*self._sealed, self._live] if self._live else list(self._sealed)

    def finished(self) -> list[Segment]:
        """Segments that get no more hits and are in the database whole."""
        return [each for each in self._sealed if each.folded is not None and each.folded >= each.size]

    def discard(self, segment: Segment) -> None:
        """Delete a finished segment."""
        self._sealed.remove(segment)
        segment.remove()

    def seal(self, older_than: float = 0) -> None:
        """Write no more to a segment that is `older_than` so many seconds; the next hit opens another."""
        live = self._live
        if live is not None and clock.monotonic() - live.opened_at >= older_than:
            self._sealed.append(live)
            self._live = None

    def unsynced(self) -> list[int]:
        """Descriptors, the caller's own, of what a power cut could still lose; to be synced in a thread and closed."""
        found = [each for each in self.segments() if each.unsynced]
        for each in found:
            each.unsynced = False
        return [os.dup(each.descriptor) for each in found]

    def adopt(self) -> int:
        """Take over the segments of processes that have died; how many there were."""
        mine = {each.path for each in self.segments()}
        adopted = [
            segment
            for path in sorted(self._folder.glob(f"*{SUFFIX}"))
            if path not in mine and (segment := _lock(path)) is not None
        ]
        self._sealed = adopted + self._sealed
        return len(adopted)

    def hand_over(self) -> None:
        """Leave sealed segments to another process that folds them, and see how much it has still to do."""
        for each in [each for each in self._sealed if not each.unsynced]:
            self._sealed.remove(each)
            os.close(each.descriptor)
        mine = {each.path for each in self.segments()}
        self._handed_over_bytes = 0
        for path in self._folder.glob(f"*{SUFFIX}"):
            if path not in mine:
                with suppress(FileNotFoundError):
                    self._handed_over_bytes += path.stat().st_size

    def close(self) -> None:
        """Let go of everything; what is not in the database stays for the next process."""
        self.seal()
        for each in self._sealed:
            if each.unsynced:
                each.sync()
            os.close(each.descriptor)
        self._sealed = []


def _create(folder: Path) -> Segment:
    """A new segment under this process' lock. One that another process locks first is left to it."""
    while True:
        path = folder / f"{clock.now():%Y%m%dT%H%M%S}-{secrets.token_hex(8)}{SUFFIX}"
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL, 0o600)
        if _locked(descriptor):
            _sync_folder(folder)
            return Segment(path, descriptor, 0)
        os.close(descriptor)


def _lock(path: Path) -> Segment | None:
    """A segment whose writer is dead, or None."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND)
    except FileNotFoundError:
        return None
    if _locked(descriptor):
        return Segment(path, descriptor, None)
    os.close(descriptor)
    return None


def _locked(descriptor: int) -> bool:
    """Whether the lock is ours now, and the file still there."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return os.fstat(descriptor).st_nlink > 0


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
