"""Which port to listen on: the one of last time where possible, because links that were shared name it."""

import socket
import time

from core import clock

HOST = "127.0.0.1"
PATIENCE = 1.5


class AddressTaken(OSError):
    """Somebody else listens on this address."""


def claim(host: str, port: int) -> None:
    """Raises AddressTaken where somebody listens already.

    Granian binds with SO_REUSEPORT: without this look, a second server on the same port would share its requests.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise AddressTaken(f"Cannot listen on {host}:{port}: {error.strerror}.") from None


def choose(asked: int | None, *candidates: int | None) -> int:
    """The port that was asked for, else the first candidate that is free, else any free one.

    A port that processes of the run before are just giving up is waited for, `PATIENCE` seconds at most. Raises
    AddressTaken when the port that was asked for stays taken.
    """
    if asked:
        _await_free(asked)
        return asked
    for port in candidates:
        if port is not None and is_free(port):
            return port
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def is_free(port: int) -> bool:
    """Whether this port can be listened on, perhaps after a moment."""
    try:
        _await_free(port)
    except AddressTaken:
        return False
    return True


def _await_free(port: int) -> None:
    end = clock.monotonic() + PATIENCE
    while True:
        try:
            claim(HOST, port)
        except AddressTaken:
            if clock.monotonic() > end:
                raise
            time.sleep(0.05)
        else:
            return
