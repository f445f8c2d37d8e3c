"""Child processes that cannot outlive their parent."""

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

# Measured on virtual machines: the C library's allocator with huge pages and one arena halves the cost of a request
# that loads objects. Both are read before the first line of Python runs, so only a parent can set them.
ALLOCATOR = {"PYTHONMALLOC": "malloc", "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1:glibc.malloc.arena_max=1"}

LOG_MAX_BYTES = 8 * 2**20
# Longer than a call to Stripe may take, so that whoever is paying gets an answer.
GRACE_SECONDS = 12.0
_PR_SET_PDEATHSIG = 1


class Child:
    """One running child."""

    def __init__(self, name: str, process: asyncio.subprocess.Process, log: Path) -> None:
        self.name = name
        self.log = log
        self._process = process

    @property
    def pid(self) -> int:
        """The process' id."""
        return self._process.pid

    async def ended(self) -> "Child":
        """Itself, once it has ended."""
        await self._process.wait()
        return self

    async def stop(self, grace: float) -> None:
        """SIGTERM; after `grace` seconds SIGKILL. Whatever it has left behind in its session goes too."""
        if self._process.returncode is None:
            self._process.terminate()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), grace)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        await self._process.wait()

    def obituary(self) -> str:
        """How it ended, and its last words."""
        code = self._process.returncode or 0
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        words = self.log.read_text(errors="replace").splitlines()[-12:] if self.log.exists() else []
        return "\n".join([f"The {self.name} {how}.", *(f"  {line}" for line in words)])


class Family:
    """Children started one after the other, and stopped in reverse; none of them lives longer than this process."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._children: list[Child] = []

    async def __aenter__(self) -> "Family":
        self._logs.mkdir(parents=True, exist_ok=True)
        return self

    async def __aexit__(self, *_: object) -> None:
        for child in reversed(self._children):
            await child.stop(grace=GRACE_SECONDS)

    async def start(self, name: str, arguments: Sequence[str], environment: Mapping[str, str]) -> Child:
        """Start this Python with `arguments`; what it prints goes to `NAME.log`.

        Its standard input is a pipe that ends when this process does, and on Linux the kernel kills it then. It has
        a session of its own, so that Ctrl-C at the terminal reaches the parent alone, which stops all in order.
        """
        log = self._logs / f"{name.replace(' ', '-')}.log"
        if log.exists() and log.stat().st_size > LOG_MAX_BYTES:
            log.replace(log.with_suffix(".log.old"))
        with log.open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *arguments,
                stdin=asyncio.subprocess.PIPE,
                stdout=output,
                stderr=output,
                env={**environment, **ALLOCATOR},
                start_new_session=True,
                preexec_fn=_tie(),
            )
        child = Child(name, process, log)
        self._children.append(child)
        return child

    async def first_end(self) -> Child:
        """The first child that ends by itself."""
        waiting = [asyncio.ensure_future(child.ended()) for child in self._children]
        try:
            done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            return next(iter(done)).result()
        finally:
            for task in waiting:
                task.cancel()


def _tie() -> Callable[[], None] | None:
    """What a child runs between fork and exec: from then on the kernel kills it when this process ends."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def tie() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # It went while we were being born.
            os._exit(1)

    return tie
