"""The worker: works jobs off, in a process of its own beside the server."""

import asyncio

import uvloop

from api import app as _every_room  # noqa: F401  # Jobs are known by having imported the rooms that declare them.
from api.running.signals import on_ending
from api.services import Services
from core import failpoints, jobs, logs, settings
from core.settings import Settings


async def work(config: Settings, *, tethered: bool = False) -> None:
    """Work jobs off until SIGTERM or SIGINT; the ones in hand are finished."""
    stop = asyncio.Event()
    on_ending(stop.set, tethered=tethered)
    services = Services(config)
    try:
        await jobs.work(services.resources, stop)
    finally:
        await services.close()


def run(*, tethered: bool = False) -> None:
    """The worker as a process of its own, with settings from the environment."""
    config = settings.load()
    logs.configure(config.log_level)
    failpoints.arm(config.failpoint)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work(config, tethered=tethered))
