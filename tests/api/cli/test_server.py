"""The server process on a real socket: what the wire may hold, and how it ends."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.cli.processes import await_end, environment, has_ended, vitrine
from tests.databases import SqliteTemplates


class Server:
    """A `vitrine serve` that answers."""

    def __init__(self, process: "subprocess.Popen[bytes]", port: int) -> None:
        self.process = process
        self.port = port

    def connect(self) -> socket.socket:
        """A connection; refused ones are tried again until the server is up."""
        while True:
            assert not has_ended(self.process, within=0), "the server ended"
            connection = socket.socket()
            connection.settimeout(5)
            try:
                connection.connect(("127.0.0.1", self.port))
            except ConnectionRefusedError:
                connection.close()
                has_ended(self.process, within=0.02)
                continue
            return connection

    def answer(self, request: bytes) -> bytes:
        """What comes back for these bytes, up to the end of the first answer."""
        with self.connect() as connection, contextlib.suppress(ConnectionError):
            connection.sendall(request)
            return read(connection)
        return b""


def read(connection: socket.socket) -> bytes:
    """One answer with a Content-Length."""
    with connection.makefile("rb") as file:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = file.readline()
            if not line:
                return head
            head += line
        sizes = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        return head + file.read(int(sizes[0].split(b":")[1]) if sizes else 0)


@pytest.fixture
def server(sqlite_templates: SqliteTemplates, tmp_path: Path) -> Iterator[Server]:
    """A server of the test's own, to be stopped and killed."""
    with sqlite_templates.fresh(tmp_path) as url, serving(url, tmp_path) as running:
        yield running


@pytest.fixture(scope="module")
def standing(sqlite_templates: SqliteTemplates, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for the tests that only ask."""
    folder = tmp_path_factory.mktemp("standing")
    with sqlite_templates.fresh(folder) as url, serving(url, folder) as running:
        yield running


@contextlib.contextmanager
def serving(database_url: str, folder: Path) -> Iterator[Server]:
    """`vitrine serve` in a process of its own, killed at the end if it still runs."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    env = environment(VITRINE_DATABASE_URL=database_url, VITRINE_DATA_DIR=str(folder / "data"))
    command = [sys.executable, "-m", "api.cli", "serve", "--port", str(port), "--tethered"]
    process = subprocess.Popen(command, env=env, stdin=subprocess.PIPE)
    try:
        yield Server(process, port)
    finally:
        process.kill()
        process.communicate()


def test_a_connection_serves_many_requests(standing: Server) -> None:
    with standing.connect() as connection:
        for _ in range(3):
            connection.sendall(b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n")
            assert read(connection).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    ("request_bytes", "statuses"),
    [
        (b"GET /livez HTTP/1.1\r\n\r\n", (400,)),
        (b"GET /livez HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", (400,)),
        (b"GET /livez HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 200_000 + b"\r\n\r\n", (431,)),
        (b"POST /v1/shop HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", (400,)),
        (b"GET /livez HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n", (400,)),
        (b"\x16\x03\x01\x02\x00\x01\r\n\r\n", (400,)),
    ],
    ids=["no host", "two hosts", "200 KB header", "two lengths", "folded header", "TLS"],
)
def test_a_frame_that_two_readers_could_read_differently_is_refused(
    standing: Server, request_bytes: bytes, statuses: tuple[int, ...]
) -> None:
    assert int(standing.answer(request_bytes).split(b" ")[1]) in statuses
    assert standing.answer(b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n").startswith(b"HTTP/1.1 200 ")


def test_a_chunked_body_with_a_length_cannot_hide_a_second_request(standing: Server) -> None:
    smuggled = b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n"
    body = b"0\r\n\r\n" + smuggled
    head = b"POST /v1/shop HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: %d\r\n\r\n" % len(body)
    with standing.connect() as connection, contextlib.suppress(ConnectionResetError):
        connection.sendall(head + body)
        first = read(connection)
        assert b" 200 " not in first.split(b"\r\n")[0]
        assert connection.recv(65_536) == b"", "the connection is closed after the first answer"


@pytest.mark.parametrize(
    ("path", "kind", "size", "status"),
    [
        ("/v1/shop", b"application/json", 3_000_000, b"413"),
        ("/v1/assets", b"multipart/form-data; boundary=x", 12_000_000, b"413"),
        ("/v1/assets", b"multipart/form-data; boundary=x", 9_000_000, b"401"),
        ("/v1/shop", b"text/plain", 5_000_000, b"415"),
    ],
)
def test_who_sends_too_much_hears_why_and_not_a_reset(
    standing: Server, path: str, kind: bytes, size: int, status: bytes
) -> None:
    head = b"POST %b HTTP/1.1\r\nHost: a\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n" % (
        path.encode(),
        kind,
        size,
    )
    for _ in range(3):
        with standing.connect() as connection:
            connection.sendall(head)
            connection.sendall(b"a" * size)
            answer = read(connection)
        assert answer.split(b" ")[1] == status
        assert b"application/problem+json" in answer


def test_sigterm_lets_the_request_in_flight_finish(server: Server) -> None:
    with server.connect() as connection, server.connect() as idle:
        connection.sendall(b"POST /v1/shop HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{")
        idle.sendall(b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n")
        assert read(idle).startswith(b"HTTP/1.1 200 ")
        server.process.send_signal(signal.SIGTERM)
        assert idle.recv(1) == b"", "an idle connection is closed at once"
        connection.sendall(b"}")
        assert read(connection).startswith(b"HTTP/1.1 4")
    assert server.process.wait(10) == 0


def test_it_ends_when_its_parent_is_gone(server: Server) -> None:
    server.connect().close()
    assert server.process.stdin is not None
    server.process.stdin.close()
    assert server.process.wait(10) == 0


def test_sigkill_on_its_pid_frees_the_port(server: Server) -> None:
    server.connect().close()
    os.kill(server.process.pid, signal.SIGKILL)
    assert server.process.wait(5) == -signal.SIGKILL
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", server.port)) != 0
    assert await_end([server.process.pid], 0) == []


def test_a_second_server_on_the_same_port_is_refused(standing: Server) -> None:
    standing.connect().close()
    second = vitrine("serve", "--port", str(standing.port))
    assert second.returncode == 1
    assert f"Cannot listen on 127.0.0.1:{standing.port}" in second.stderr


@pytest.mark.parametrize("engine", ["sqlite"])
def test_a_worker_ends_with_its_parent(database_url: str, tmp_path: Path) -> None:
    env = environment(VITRINE_DATABASE_URL=database_url, VITRINE_DATA_DIR=str(tmp_path / "data"))
    orphan = vitrine("worker", "--tethered", env=env)
    assert (orphan.returncode, orphan.stderr) == (0, "")
