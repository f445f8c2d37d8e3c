"""The picture children of a process, as the kernel sees them."""

import os
import select
import signal
from pathlib import Path

from tests import linux


def children(parent: int | None = None) -> list[int]:
    """The process ids of the picture children of a process, of this one unless said."""
    linux.needed("the children of each thread in /proc")
    found: list[int] = []
    for task in Path(f"/proc/{parent or os.getpid()}/task").iterdir():
        pids = [int(each) for each in (task / "children").read_text().split()]
        found += [pid for pid in pids if b"media.worker" in _read(pid, "cmdline")]
    return found


def environment(pid: int) -> dict[str, str]:
    """What a process was started with."""
    pairs = (each.decode().partition("=") for each in _read(pid, "environ").split(b"\0") if each)
    return {name: value for name, _, value in pairs}


def resident() -> int:
    """Bytes of memory that this process holds."""
    linux.needed("/proc/self/statm")
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def is_gone(pid: int) -> bool:
    """Whether a process has ended, whoever has still to take note of it."""
    return not (stat := _read(pid, "stat")) or stat.rpartition(b")")[2].split()[0] in (b"Z", b"X")


def freeze(pid: int) -> None:
    """Stop a process, as a hang would."""
    os.kill(pid, signal.SIGSTOP)


def kill(pid: int) -> None:
    """End a process without asking."""
    os.kill(pid, signal.SIGKILL)


def wait_until_gone(pid: int) -> None:
    """Block until a process has ended; it need not be a child of ours. The test's own timeout ends an endless wait."""
    linux.needed("pidfd_open")
    try:
        watch = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        select.select([watch], [], [], 30)
    finally:
        os.close(watch)


def _read(pid: int, name: str) -> bytes:
    linux.needed("/proc")
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:
        return b""
