"""The S3 server of the tests: it lets nobody in without a signature, and ends however the test run ends."""

import os
import signal
import subprocess
import sys
from urllib.parse import urlsplit

import httpx2
import pytest

from tests.api.cli.processes import await_end, children
from tests.object_store import ObjectStore

RUN = """
import sys
from tests import object_store
with object_store.running() as store:
    print(store.endpoint, flush=True)
    sys.stdin.read()
"""

TAKEN = """
import socket
from tests import object_store
with socket.socket() as other:
    other.bind(("127.0.0.1", 0))
    other.listen()
    draws = iter([{**object_store.free_ports(), "filer.port": other.getsockname()[1]}, object_store.free_ports()])
    object_store.guard(draws.__next__)
"""


def test_a_stranger_is_refused(object_store: ObjectStore) -> None:
    address = f"{object_store.endpoint}/{object_store.bucket}"
    assert httpx2.get(address).status_code == 403
    assert httpx2.put(f"{address}/media/x", content=b"x").status_code == 403


@pytest.mark.skipif("TEST_S3_ENDPOINT" in os.environ, reason="the server is not ours")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_the_s3_server_ends_with_a_test_run_that_is_killed(how: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", RUN], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        port = urlsplit(run.stdout.readline().strip()).port
        assert httpx2.get(f"http://127.0.0.1:{port}/").status_code == 403
        (guard,) = children(run.pid)
        run.send_signal(how)
        run.wait()
    assert await_end([guard], 50) == []
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(f"http://127.0.0.1:{port}/")


@pytest.mark.skipif("TEST_S3_ENDPOINT" in os.environ, reason="the server is not ours")
def test_a_port_that_another_program_took_costs_a_second_try() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", TAKEN], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as guard:
        assert guard.stdout is not None
        endpoint = guard.stdout.readline().strip()
        assert httpx2.get(f"{endpoint}/vitrine-test").status_code == 403
        guard.communicate()
    assert guard.returncode == 0
