"""The HTTP server: granian inside of this very process, so that its pid is the server's.

Embedded, not with granian's own supervisor: that one forks a worker, whose parent would take SIGKILL and leave the
port to an orphan. Measured with granian 2.8.7: its stop lets requests in flight finish, closes idle connections at
once and runs the application's shutdown, but resets what the kernel has connected and nobody accepted (hence
`drain`). A header block larger than the buffer is answered with 431, a repeated Content-Length with 400; with
Transfer-Encoding beside it, Content-Length is dropped and the connection closed.
A missing Host arrives as an empty one and a repeated one arrives twice: the border refuses both.
"""

import asyncio
import contextlib
import logging

import uvloop
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server

from api.app import Application, create_app
from api.running import garbage, ports
from api.running.drain import Draining, drain
from api.running.signals import on_ending

HEADERS_MAX_BYTES = 64 * 1024
HEADERS_MAX_MILLISECONDS = 15_000
DRAIN_SECONDS = 20


async def serve(app: Application, host: str, port: int, *, tethered: bool = False) -> None:
    """Answer requests until SIGTERM or SIGINT; returns when those in flight are answered and the application is shut.

    Requests that take longer than `DRAIN_SECONDS` more are cut off. Raises AddressTaken, or what the application's
    start-up raised.
    """
    ports.claim(host, port)
    draining = Draining(app, app.settings)
    server = Server(
        draining,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(
            header_read_timeout=HEADERS_MAX_MILLISECONDS, keep_alive=True, max_buffer_size=HEADERS_MAX_BYTES
        ),
        websockets=False,
        backlog=1024,
        log_enabled=False,
    )
    server.workers_kill_timeout = DRAIN_SECONDS
    stopping: set[asyncio.Task[None]] = set()

    def stop() -> None:
        if not stopping:  # However often it is told.
            stopping.add(asyncio.create_task(drain(draining, server.stop, port, app.settings.drain_seconds)))

    on_ending(stop, tethered=tethered)
    with contextlib.suppress(TimeoutError):  # Of the drain: whoever still waits has waited long enough.
        await server.serve()


def run(host: str, port: int, *, tethered: bool = False) -> None:
    """The server as a process of its own, with settings from the environment."""
    logging.getLogger("_granian").setLevel(logging.ERROR)
    app = create_app()
    garbage.settle()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(app, host, port, tethered=tethered))
