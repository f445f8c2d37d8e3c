"""Real `vitrine` processes for tests."""

import contextlib
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx2
import msgspec

from tests import linux


class Ready(msgspec.Struct, forbid_unknown_fields=True):
    """What the ready file holds."""

    base_url: str
    sandbox_url: str
    secret_key: str
    publishable_key: str
    webhook_secret: str
    shop_id: str
    pid: int


class Up:
    """One `vitrine up` that runs."""

    def __init__(self, process: "subprocess.Popen[str]", ready_file: Path) -> None:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("http://127.0.0.1:"), process.stderr and process.stderr.read()
        self.process = process
        self.ready_file = ready_file
        self.ready = msgspec.json.decode(ready_file.read_bytes(), type=Ready)

    def get(self, path: str) -> httpx2.Response:
        """As the merchant."""
        headers = {"Authorization": f"Bearer {self.ready.secret_key}"}
        return httpx2.get(f"{self.ready.base_url}{path}", headers=headers, trust_env=False, timeout=10)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal; the exit code."""
        self.process.send_signal(number)
        return self.process.wait(15)

    def children(self) -> list[int]:
        """The ids of its children."""
        return children(self.process.pid)

    def descendants(self) -> list[int]:
        """The ids of its children, and of theirs."""
        return [found for child in self.children() for found in (child, *children(child))]


def children(pid: int) -> list[int]:
    """The ids of a process' children, whichever of its threads started them."""
    linux.needed("the children of each thread in /proc")
    found: list[int] = []
    for thread in Path(f"/proc/{pid}/task").iterdir():
        found += [int(each) for each in (thread / "children").read_text().split()]
    return found


def environment(**extra: str) -> dict[str, str]:
    """This environment without any settings of Vitrine's but `extra`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VITRINE_")}
    return {**kept, **extra}


def vitrine(
    *arguments: str, env: Mapping[str, str] | None = None, text: str = "", seconds: float = 30
) -> "subprocess.CompletedProcess[str]":
    """Run one command to its end, which comes within so many seconds."""
    command = [sys.executable, "-m", "api.cli", *arguments]
    return subprocess.run(
        command, env=env or environment(), input=text, capture_output=True, text=True, timeout=seconds, check=False
    )


@contextlib.contextmanager
def up(folder: Path, *arguments: str, env: Mapping[str, str] | None = None, data: bool = True) -> Iterator[Up]:
    """`vitrine up --port 0` on `folder`/data, answering; killed at the end if it still runs."""
    ready_file = folder / "ready.json"
    command = [sys.executable, "-m", "api.cli", "up", "--port", "0"]
    command += ["--data", str(folder / "data")] if data else []
    process = subprocess.Popen(
        [*command, "--ready-file", str(ready_file), *arguments],
        env=env or environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield Up(process, ready_file)
    finally:
        process.kill()
        process.communicate()


def has_ended(process: "subprocess.Popen[str] | subprocess.Popen[bytes]", within: float) -> bool:
    """Whether it ends within so many seconds; in between two questions this leaves it the CPU to answer with."""
    try:
        process.wait(within)
    except subprocess.TimeoutExpired:
        return False
    return True


def await_end(pids: list[int], seconds: float) -> list[int]:
    """Those of these processes that are still there after so many seconds."""
    linux.needed("pidfd_open")
    left = []
    for pid in pids:
        try:
            handle = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        try:
            poll = select.poll()
            poll.register(handle, select.POLLIN)
            if not poll.poll(seconds * 1000):
                left.append(pid)
        finally:
            os.close(handle)
    return left
