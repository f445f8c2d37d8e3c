"""Pictures are opened and drawn in a few child processes, so that no file can hurt the server.

A child has a limit of memory and of CPU per task, and a limit of time by the clock. One that dies or hangs is
replaced; the picture that did it is refused. When the server dies, the children do.
"""

import asyncio
import os
import signal
import sys
from asyncio import IncompleteReadError
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Final
from weakref import WeakValueDictionary

import msgspec
import structlog

from media import sniff
from media.errors import (
    FONT_REFUSALS,
    IMAGE_REFUSALS,
    FontUnreadable,
    ImageTooLarge,
    ImageUnreadable,
    PicturesBusy,
    PicturesUnavailable,
)
from media.intake import Master
from media.places import Places
from media.render import Drawing, Drawn
from media.tasks import (
    LENGTH,
    Answer,
    Broken,
    DrawTask,
    Finished,
    FontTask,
    Opened,
    OpenTask,
    Refused,
    Task,
    Tried,
    pack,
    read_answer,
)
from media.typesetting import typefaces
from media.typesetting.typefaces import Typeface

MAX_BYTES: Final = 10 * 2**20
_PIECE = 256 * 1024
_ROOT = Path(__file__).resolve().parent.parent
_log = structlog.get_logger(__name__)


class ChildLost(Exception):
    """A child ended or hung in the middle of a task; `signal` is what ended it, 0 where none did."""

    def __init__(self, signal_number: int, *, hung: bool = False) -> None:
        super().__init__(f"signal {signal_number}" if not hung else "timeout")
        self.signal, self.hung = signal_number, hung


class Limits(msgspec.Struct, frozen=True):
    """What one picture may cost: address space in MiB, CPU and clock in seconds, bytes of an upload.

    `shop_bytes` are those of all pictures of one shop; 0 is any number.
    """

    megabytes: int = 1024
    cpu_seconds: int = 20
    wall_seconds: float = 30.0
    upload_bytes: int = MAX_BYTES
    shop_bytes: int = 0


class PicturePool:
    """At most `workers` children, started when they are first needed, and at most `queue` who wait for one."""

    def __init__(self, workers: int = 2, queue: int = 64, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._slots = asyncio.Semaphore(workers)
        # Of one shop, one in each child's hands and the next; and one of another shop, however many that one sends.
        self._of_one = workers + 1
        self._turns = asyncio.Semaphore(self._of_one + 1)
        self._shares: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()
        self._places = Places(queue + workers + 2)
        self._most, self._running = workers + queue, 0
        self._idle: list[_Child] = []
        self._busy: set[_Child] = set()
        self._closed = False

    async def __aenter__(self) -> "PicturePool":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @asynccontextmanager
    async def turn(self, shop_id: str) -> AsyncIterator[None]:
        """`async with pool.turn(shop.id)`: hold the bytes of a picture in memory. Before one's turn they lie on a disk.

        A shop that sends many keeps others waiting for no more than the pictures that are being worked on.
        Refuses PicturesBusy where `queue` others are waiting for theirs, or half as many of the same shop.
        """
        with self._places.one(shop_id) as found:
            if not found:
                raise _busy()
            share = self._shares.setdefault(shop_id, asyncio.Semaphore(self._of_one))
            async with share, self._turns:
                yield

    async def open_picture(self, data: bytes) -> Master:
        """A safe master picture of untrusted bytes.

        Refuses ImageTooLarge (bytes), ImageTypeUnsupported, ImageTooManyPixels, ImageTooSmall, ImageUnreadable (also
        when decoding took too much memory or time), PicturesBusy, PicturesUnavailable.
        """
        if len(data) > self.limits.upload_bytes:
            raise ImageTooLarge(
                f"The file has {len(data)} bytes, {self.limits.upload_bytes} are allowed.",
                bytes=len(data),
                maximum=self.limits.upload_bytes,
            )
        kind = sniff.kind(data)
        try:
            answer = await self._ask(OpenTask(data))
        except ChildLost as lost:
            _log.warning("picture_child_lost", task="open", cause=str(lost), bytes=len(data))
            reason = "time" if lost.hung or lost.signal == signal.SIGXCPU else "memory"
            raise ImageUnreadable(f"This {kind} takes too much {reason} to decode.", reason=reason) from lost
        if isinstance(answer, Opened):
            return answer.master
        raise _failure(answer)

    async def render(
        self,
        master: bytes,
        drawing: Drawing,
        others: Sequence[bytes] = (),
        fonts: Mapping[str, bytes] | None = None,
    ) -> list[Drawn]:
        """The visuals of one master with `others` beside it, in the order of the drawing's formats and their pages.

        `fonts` are the files of the families that the scene's brand names.
        Refuses PicturesBusy and PicturesUnavailable; the template and the formats must exist.
        """
        try:
            answer = await self._ask(DrawTask(master, drawing, list(others), dict(fonts or {})))
        except ChildLost as lost:
            _log.warning("picture_child_lost", task="draw", cause=str(lost), template=drawing.template)
            raise PicturesUnavailable("Drawing took too much memory or time.", retry_after=5) from lost
        if isinstance(answer, Finished):
            return answer.drawn
        raise _failure(answer)

    async def open_font(self, data: bytes) -> Typeface:
        """What a stranger's font is; only what is let pass here may be drawn with.

        Refuses FontTooLarge, FontTypeUnsupported, FontUnreadable (also when it took too much memory or time, or the
        child with it), PicturesBusy, PicturesUnavailable.
        """
        typefaces.sift(data)
        try:
            answer = await self._ask(FontTask(data))
        except ChildLost as lost:
            _log.warning("picture_child_lost", task="font", cause=str(lost), bytes=len(data))
            raise FontUnreadable("This font takes too much to draw with.") from lost
        if isinstance(answer, Tried):
            return answer.typeface
        raise _failure(answer)

    async def close(self) -> None:
        """End the children; tasks that still run are refused."""
        self._closed = True
        for child in [*self._idle, *self._busy]:
            await child.end()
        self._idle.clear()

    async def _ask(self, task: Task) -> Answer:
        """One task by one child; once more by a fresh one when it was killed from outside."""
        for attempt in (1, 2):
            async with self._child() as child:
                try:  # Packed here and not before: what waits for a child needs no second copy of its bytes.
                    return await asyncio.wait_for(child.ask(pack(task)), self.limits.wall_seconds)
                except TimeoutError:
                    raise ChildLost(0, hung=True) from None
                except ChildLost as lost:
                    if lost.signal != signal.SIGKILL or attempt == 2:
                        raise
        raise AssertionError("unreachable")

    @asynccontextmanager
    async def _child(self) -> AsyncIterator["_Child"]:
        """A child of one's own; it is put back only when it has answered."""
        if self._running >= self._most:
            raise _busy()
        self._running += 1
        try:
            async with self._slots:
                child = await self._ready()
                self._busy.add(child)
                try:
                    yield child
                except BaseException:
                    await child.end()
                    raise
                finally:
                    self._busy.discard(child)
                if child.broken or self._closed:
                    await child.end()
                else:
                    self._idle.append(child)
        finally:
            self._running -= 1

    async def _ready(self) -> "_Child":
        if self._closed:
            raise PicturesUnavailable("The server is going down.", retry_after=5)
        while self._idle:
            child = self._idle.pop()
            if child.alive:
                return child
            await child.end()
        try:
            return await _Child.start(self.limits)
        except OSError as error:
            raise PicturesUnavailable("No picture process could be started.", retry_after=5) from error


class _Child:
    """One running `media.worker`."""

    def __init__(self, process: Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process, self._in, self._out = process, process.stdin, process.stdout
        self.broken = True  # Until it has answered.

    @classmethod
    async def start(cls, limits: Limits) -> "_Child":
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "media.worker", str(limits.megabytes), str(limits.cpu_seconds)),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            cwd=_ROOT,
            env=environment(),
            limit=2**20,
        )
        return cls(process)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.returncode is None and not self._out.at_eof()

    async def ask(self, message: bytearray) -> Answer:
        """Send a task and wait for the answer; ChildLost when there is none."""
        self.broken = True
        try:
            await self._send(message)
            del message
            size = int.from_bytes(await self._out.readexactly(LENGTH), "big")
            answer = read_answer(await self._out.readexactly(size))
        except (IncompleteReadError, ConnectionError) as error:
            code = await self._process.wait()
            raise ChildLost(-code if code < 0 else 0) from error
        self.broken = False
        return answer

    async def _send(self, message: bytearray) -> None:
        """Write it all; ConnectionError where nobody reads any more."""
        for start in range(0, len(message), _PIECE):  # Whatever the pipe does not take at once, it copies.
            try:
                self._in.write(message[start : start + _PIECE])
            except RuntimeError as error:  # uvloop's word for a pipe that was found closed by the piece before.
                raise ConnectionResetError from error
            await self._in.drain()

    async def end(self) -> None:
        """Kill and wait; the pipes are closed with it."""
        with suppress(ProcessLookupError):
            if self._process.returncode is None:
                self._process.kill()
        self._in.close()
        await self._process.wait()


def environment() -> dict[str, str]:
    """Nothing of the server's own: no secret can be read in a child. The allocator settings make Pillow 3 x faster."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LD_LIBRARY_PATH", "VIRTUAL_ENV") if name in os.environ}
    return kept | {
        "PYTHONMALLOC": "malloc",
        "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1:glibc.malloc.arena_max=1",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1",
    }


def _busy() -> PicturesBusy:
    return PicturesBusy("Many pictures are being worked on.", retry_after=2)


def _failure(answer: Answer) -> Exception:
    if isinstance(answer, Refused) and answer.slug in FONT_REFUSALS:
        return FONT_REFUSALS[answer.slug](answer.detail, **answer.facts)
    if isinstance(answer, Refused):
        return IMAGE_REFUSALS.get(answer.slug, ImageUnreadable)(answer.detail, **answer.facts)
    _log.error("picture_task_failed", trace=answer.trace if isinstance(answer, Broken) else "wrong answer")
    return PicturesUnavailable("The picture could not be drawn.", retry_after=5)
