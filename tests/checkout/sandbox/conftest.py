"""The local Stripe in-process, with a receiver that hears its webhooks and a clock that the test moves."""

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest

from checkout.sandbox.server import Sandbox, create_sandbox
from checkout.sandbox.settings import SandboxSettings, WebhookTarget
from tests.checkout.sandbox.calling import KEY, SECRET, Receiver, Wall
from tests.stripe_judge import Judge


@pytest.fixture
def receiver() -> Receiver:
    """Hears every webhook and answers 200 until told otherwise."""
    return Receiver()


@pytest.fixture
def wall() -> Wall:
    """The clock on the wall."""
    return Wall()


@pytest.fixture
def sandbox_settings(tmp_path: Path) -> SandboxSettings:
    """One endpoint, repeatable shuffling, no waiting."""
    return SandboxSettings(
        state=tmp_path / "stripe.sqlite3",
        webhooks=(WebhookTarget("http://shop.test/webhooks", SECRET),),
        redirect_wait=5.0,
        seed=7,
    )


@pytest.fixture
def judge() -> Iterator[Judge]:
    """Holds every answer and every webhook of the test to Stripe's OpenAPI file."""
    judge = Judge(strict=False)
    yield judge
    judge.acquit()


@pytest.fixture
async def sandbox(
    sandbox_settings: SandboxSettings, receiver: Receiver, wall: Wall, judge: Judge
) -> AsyncIterator[Sandbox]:
    """The server without its background task: `deliver_due` sends what is due."""
    server = create_sandbox(sandbox_settings, deliver=judge.hearing(receiver), wall=wall)
    yield server
    await server.close()


@pytest.fixture
async def living_sandbox(
    sandbox_settings: SandboxSettings, receiver: Receiver, wall: Wall, judge: Judge
) -> AsyncIterator[Sandbox]:
    """The server with its background task."""
    settings = replace(sandbox_settings, state=sandbox_settings.state.with_name("living.sqlite3"))
    async with create_sandbox(settings, deliver=judge.hearing(receiver), wall=wall) as server:
        yield server


@pytest.fixture
async def stripe_api(sandbox: Sandbox, judge: Judge) -> AsyncIterator[httpx2.AsyncClient]:
    """Calls with a test key."""
    async with calling(judge, sandbox, {"Authorization": f"Bearer {KEY}"}) as client:
        yield client


@pytest.fixture
async def living_api(living_sandbox: Sandbox, judge: Judge) -> AsyncIterator[httpx2.AsyncClient]:
    """Calls with a test key to the living server."""
    async with calling(judge, living_sandbox, {"Authorization": f"Bearer {KEY}"}) as client:
        yield client


def calling(judge: Judge, server: Sandbox, headers: Mapping[str, str]) -> httpx2.AsyncClient:
    """A client in front of a judged server, over ASGI."""
    transport = httpx2.ASGITransport(app=judge.before(server))  # type: ignore[arg-type]  # Litestar types messages more narrowly.
    return httpx2.AsyncClient(transport=transport, base_url="http://stripe.test", headers=dict(headers))
