"""`vitrine up`: the parent of the server, the worker and the local Stripe."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import msgspec

from api.running import installation as installations
from api.running import joining, sandbox, welcome
from api.running.children import Child, Family
from api.running.failure import Failure
from api.running.installation import Installation, Plan
from api.running.kept import write_private
from api.running.signals import on_ending
from core import clock, migrations

START_SECONDS = 60.0
_POLL_SECONDS = 0.05


class ChildEnded(Failure):
    """A child ended by itself."""


class TooSlow(Failure):
    """Something did not answer in time after its start."""


@dataclass(frozen=True)
class Running:
    """An installation whose processes all answer."""

    installation: Installation
    server: Child
    family: Family

    @property
    def base_url(self) -> str:
        """Where the server answers."""
        return self.installation.base_url


Seed = Callable[[Running], Awaitable[None]]


def run(plan: Plan, *, ready_file: Path | None = None, seed: Seed | None = None) -> int:
    """Run until SIGTERM or Ctrl-C (0), or until a child ends by itself (1). Raises OSError for what cannot start.

    `seed` fills the shop, the first time on this data folder.
    """
    with installations.locked(plan, lambda: _withdraw(ready_file)) as installation:
        migrations.upgrade(installation.settings.database)
        return asyncio.run(_until_told(installation, ready_file, seed))


def _withdraw(ready_file: Path | None) -> None:
    """Nobody is to find a ready file where nothing answers."""
    if ready_file is not None:
        ready_file.unlink(missing_ok=True)
        joining.beside(ready_file).unlink(missing_ok=True)


async def _until_told(installation: Installation, ready_file: Path | None, seed: Seed | None) -> int:
    ending = asyncio.Event()
    on_ending(ending.set)
    life = asyncio.create_task(_live(installation, ready_file, seed))
    told = asyncio.create_task(ending.wait())
    await asyncio.wait((life, told), return_when=asyncio.FIRST_COMPLETED)
    told.cancel()
    life.cancel()
    try:
        await life
    except asyncio.CancelledError:
        return 0
    except Failure as error:
        print(f"\n{error}\nThe rest was stopped.", file=sys.stderr)  # noqa: T201  # The last thing a person should see.
        return 1
    finally:
        _withdraw(ready_file)
    return 0


async def _live(installation: Installation, ready_file: Path | None, seed: Seed | None) -> None:
    async with running(installation) as alive:
        if seed is not None and not installation.kept.is_seeded:
            await alongside(alive.family, seed(alive))
            installation.kept.is_seeded = True
            installation.save()
        if ready_file is not None:
            joining.offer(ready_file, installation.shared_data, installation.environment, installation.kept)
            facts = installations.ready(installation, alive.server.pid)
            write_private(ready_file, msgspec.json.encode(facts))
        welcome.show(installation)
        raise ChildEnded((await alive.family.first_end()).obituary())


@asynccontextmanager
async def running(installation: Installation) -> AsyncIterator[Running]:
    """All processes started and answering; stopped in order at the end: server, worker, local Stripe.

    The database is migrated already. Raises ChildEnded, TooSlow, SandboxRefused.
    """
    environment = installation.environment
    async with Family(installation.data / "logs") as family:
        if installation.is_guest:
            installation.save()
        else:
            await _open_shop(installation, family)
        await family.start("worker", ["-m", "api.cli", "worker", "--tethered"], environment)
        port = str(installation.kept.port)
        server = await family.start("server", ["-m", "api.cli", "serve", "--port", port, "--tethered"], environment)
        await alongside(family, _answers(f"{installation.base_url}/readyz"))
        if not installation.plan.sandbox_url and not installation.is_guest:
            await alongside(family, _answers(f"{installation.sandbox_url}/_local/health"))
        yield Running(installation, server, family)


async def _open_shop(installation: Installation, family: Family) -> None:
    if installation.plan.sandbox_url:
        await sandbox.register(installation)
    else:
        arguments, environment = sandbox.arguments(installation), sandbox.environment(installation.environment)
        await family.start("local Stripe", arguments, environment)
    await installation.furnish()


async def alongside(family: Family, work: Awaitable[None]) -> None:
    """Do the work; raises ChildEnded as soon as a child ends meanwhile."""
    doing, ending = asyncio.ensure_future(work), asyncio.ensure_future(family.first_end())
    try:
        await asyncio.wait((doing, ending), return_when=asyncio.FIRST_COMPLETED)
        if ending.done():
            raise ChildEnded(ending.result().obituary())
        await doing
    finally:
        doing.cancel()
        ending.cancel()


async def _answers(url: str) -> None:
    """Wait until this address answers 200; raises TooSlow after `START_SECONDS`."""
    end = clock.monotonic() + START_SECONDS
    async with httpx2.AsyncClient(timeout=2, trust_env=False) as client:
        while clock.monotonic() < end:
            try:
                if (await client.get(url)).status_code == 200:
                    return
            except httpx2.HTTPError:
                pass
            await asyncio.sleep(_POLL_SECONDS)
    raise TooSlow(f"{url} did not answer within {START_SECONDS:.0f} s of its start.")
