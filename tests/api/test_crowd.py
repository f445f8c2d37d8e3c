"""When everybody comes at once: reading goes on, writing is refused at the door, and the door opens again."""

import asyncio

import httpx2
import pytest

from api.app import Application
from core.settings import Settings
from tests.api.surface import expect_problem


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """One writer at a time."""
    return settings.model_copy(update={"writers_at_once": 1})


async def test_whoever_comes_to_write_is_told_at_the_door(app: Application, client: httpx2.AsyncClient) -> None:
    inside, go_on = asyncio.Event(), asyncio.Event()

    async def writing() -> None:
        async with app.services.db.transaction():
            inside.set()
            await go_on.wait()

    writer = asyncio.create_task(writing())
    await inside.wait()
    refused = await client.post("/v1/products", json={"title": "Vase"})
    expect_problem(refused, 503, "overloaded")
    assert refused.headers["retry-after"] == "1"
    assert (await client.get("/v1/products")).status_code == 200
    go_on.set()
    await writer
    assert (await client.post("/v1/products", json={"title": "Vase"})).status_code == 201
