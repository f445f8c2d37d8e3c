"""How a server stops without losing a request: say so, take nothing new, finish what is here.

Balancers see `/readyz` answer 503; clients that hold a connection are told to close it; then new connections are
turned away before the kernel makes any, and the listening socket is closed when its queue is empty. A client that is
refused has lost nothing, and tries another instance.
"""

import asyncio
import ctypes
import os
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from api import problems
from core import ids
from core.errors import Unavailable
from core.settings import Settings

# Long enough for a client in a loop to send its next request and be told to close; too short to be noticed.
FAREWELL_SECONDS = 0.3
# How long connections that the kernel has made already may wait to be taken up.
QUEUE_SECONDS = 0.2
_SO_ATTACH_FILTER = 26
_CLOSE = (b"connection", b"close")


class Draining:
    """The application, which says goodbye once `begin` was called."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        self._ending = False

    def begin(self) -> None:
        """From now on this instance is not ready, and closes connections after their next answer."""
        self._ending = True

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        # Not a coroutine of its own: every request would pay for it.
        if not self._ending or scope["type"] != ScopeType.HTTP:
            return self._app(scope, receive, send)
        return self._say_goodbye(scope, receive, send)

    async def _say_goodbye(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        async def closing(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], _CLOSE]
            await send(message)

        if scope["path"] == "/readyz":
            await self._decline(scope, closing)
        else:
            await self._app(scope, receive, closing)

    async def _decline(self, scope: HTTPScope, send: Send) -> None:
        scope.setdefault("state", {})["request_id"] = ids.new("req")
        await problems.send(Unavailable("This instance is stopping.", retry_after=1), scope, send, self._settings)


async def drain(app: Draining, stop: Callable[[], None], port: int, seconds: float) -> None:
    """Stop the server on this port, after `seconds` in which balancers may notice; who connects meanwhile is served.

    `stop` takes no more connections and lets the requests in flight finish.
    """
    app.begin()
    await asyncio.sleep(max(seconds, FAREWELL_SECONDS))
    with listening(port) as listeners:
        for each in listeners:
            turn_away(each)
        if listeners:
            await asyncio.sleep(QUEUE_SECONDS)
    stop()


@contextmanager
def listening(port: int) -> Iterator[list[socket.socket]]:
    """Handles of our own on the sockets of this process that listen on this port, where the system tells (Linux)."""
    with ExitStack() as stack:
        yield [stack.enter_context(each) for each in _listening(port)]


def _listening(port: int) -> Iterator[socket.socket]:
    # The server makes its socket where Python does not see it.
    for path in Path("/proc/self/fd").glob("*"):
        if not path.is_socket():
            continue
        found = socket.socket(fileno=os.dup(int(path.name)))
        internet = found.family in (socket.AF_INET, socket.AF_INET6) and found.type == socket.SOCK_STREAM
        if internet and found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN) and found.getsockname()[1] == port:
            yield found
        else:
            found.close()


class _Instruction(ctypes.Structure):
    _fields_ = [("code", ctypes.c_ushort), ("jt", ctypes.c_ubyte), ("jf", ctypes.c_ubyte), ("k", ctypes.c_uint)]


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.POINTER(_Instruction))]


def turn_away(listener: socket.socket) -> bool:
    """Let the kernel ignore every attempt to connect; whether it does (Linux).

    A packet filter on the socket drops what has no ACK flag, which is the first packet of a connection alone.
    Closing without it would reset the connections that the kernel has made and nobody has taken up yet. Clients try
    again within a second, and are refused then.
    """
    if not sys.platform.startswith("linux"):
        return False
    load_flags, if_ack = _Instruction(0x30, 0, 0, 13), _Instruction(0x45, 0, 1, 0x10)
    accept, drop = _Instruction(0x06, 0, 0, 0xFFFFFFFF), _Instruction(0x06, 0, 0, 0)
    program = _Program(4, (_Instruction * 4)(load_flags, if_ack, accept, drop))
    try:
        listener.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, bytes(program))
    except OSError:
        return False
    return True
