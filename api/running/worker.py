"""The worker: works jobs off, in a process of its own beside the server, and folds clicks where that is its task."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from functools import partial

import uvloop
from sqlalchemy.exc import SQLAlchemyError

from api import app as _every_room  # noqa: F401  # Jobs are known by having imported the rooms that declare them.
from api.running import garbage
from api.running.signals import on_ending
from api.services import Services
from checkout import forgetting
from checkout.books import rounds
from core import clock, failpoints, jobs, logs, settings
from core.settings import Settings
from media import orphans
from social.links import gleaner, proof, retention
from social.links.gleaner import Gleaner

_log = logs.logger("worker")


async def work(config: Settings, *, tethered: bool = False) -> None:
    """Work jobs off until SIGTERM or SIGINT; the ones in hand are finished."""
    stop = asyncio.Event()
    on_ending(stop.set, tethered=tethered)
    services = Services(config)
    try:
        async with _gleaning(services):
            await _begin(services, stop)
            await jobs.work(services.resources, stop)
    finally:
        await services.close()


@contextlib.asynccontextmanager
async def _gleaning(services: Services) -> AsyncIterator[None]:
    """Fold meanwhile what the servers on this machine spool, where that is the worker's task."""
    if services.settings.click_folding != "worker":
        yield
        return
    folding = Gleaner(services.db, partial(gleaner.spools, services.settings))
    folding.open()
    try:
        yield
    finally:
        await folding.close()


async def _begin(services: Services, stop: asyncio.Event) -> None:
    """Let begin what comes round: books, orphans, proofs, forgetting. Waits for a database that is away."""
    while not stop.is_set():
        try:
            await rounds.begin(services.db, clock.now())
            async with services.db.transaction() as session:
                await orphans.begin(session)
                await retention.begin(session)
                await proof.begin(session)
                await forgetting.begin(session)
            return
        except (SQLAlchemyError, OSError) as error:
            _log.warning("database away", error=type(error).__name__)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), 1.0)


def run(*, tethered: bool = False) -> None:
    """The worker as a process of its own, with settings from the environment."""
    config = settings.load()
    logs.configure(config.log_level)
    failpoints.arm(config.failpoint)
    garbage.settle()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work(config, tethered=tethered))
