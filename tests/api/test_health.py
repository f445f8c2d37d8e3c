"""What operators ask: does it live, can it work."""

import asyncio
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest

from api.app import Application, create_app
from api.readiness import places
from core import clock, ids
from core.db import Database
from core.jobs import Job
from core.settings import Settings
from media.storage.storage import new_key
from tests.bad_line import bad_line
from tests.conftest import calling
from tests.local_stripe import LocalStripe
from tests.media.storages import configured


async def test_a_healthy_process_is_ready(app: Application, visitor: httpx2.AsyncClient) -> None:
    await app.services.first_round.finished()
    for path in ("/livez", "/readyz"):
        answer = await visitor.get(path)
        assert answer.status_code == 200
        head = await visitor.head(path)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == answer.headers["content-length"]


@pytest.mark.parametrize("address", ["postgresql://nobody@/nothing?host={}", "postgresql://nobody@127.0.0.1:9/nothing"])
async def test_without_its_database_it_lives_and_is_not_ready(tmp_path: Path, address: str) -> None:
    app = create_app(Settings(database_url=address.format(tmp_path), data_dir=tmp_path))
    async with calling(app, "vt_sk_" + "0" * 60) as client:
        assert (await client.get("/livez")).status_code == 200
        begun = clock.monotonic()
        answer = await client.get("/readyz")
        assert clock.monotonic() - begun < 5
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["retry-after"] == "5"
        assert answer.json()["type"].endswith("/problems/unavailable")
        assert (answer.json()["database"], answer.json()["disk"], answer.json()["jobs"]) == ("away", "ok", "unknown")
        assert str(tmp_path) not in answer.text
    await app.services.close()


async def test_without_its_database_the_api_asks_to_come_back(tmp_path: Path, client: httpx2.AsyncClient) -> None:
    app = create_app(Settings(database_url=f"postgresql://nobody@/nothing?host={tmp_path}", data_dir=tmp_path))
    token = client.headers["authorization"].removeprefix("Bearer ")
    async with calling(app, token) as cut_off:
        for answer in (await cut_off.get("/v1/shop"), await cut_off.post("/v1/products", json={"title": "a"})):
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
            assert answer.headers["content-type"] == "application/problem+json"
    await app.services.close()


async def test_without_tables_it_is_not_ready(empty_database_url: str, tmp_path: Path) -> None:
    app = create_app(Settings(database_url=empty_database_url, data_dir=tmp_path))
    async with calling(app) as client:
        assert (await client.get("/readyz")).status_code in (500, 503)
    await app.services.close()


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_stripe_is_told_apart(settings: Settings) -> None:
    async def listen(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    stripe = await asyncio.start_server(listen, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{stripe.sockets[0].getsockname()[1]}"
    parts: dict[str, object] = {
        "dropped_clicks": 0,
        "database": "ok",
        "disk": "ok",
        "storage": "ok",
        "jobs": "ok",
        "books": "ok",
        "clicks": "ok",
    }
    async with stripe:
        assert await readiness(settings, stripe_api_base=address) == (200, {**parts, "status": "ok", "stripe": "ok"})
    away = await readiness(settings, stripe_api_base=address)
    assert away == (200, {**parts, "status": "degraded", "stripe": "away"})


class Gate(httpx2.AsyncBaseTransport):
    """A way to Stripe on which every request hangs until `opened`."""

    def __init__(self, behind: httpx2.AsyncBaseTransport) -> None:
        self.behind, self.asked, self.opened = behind, asyncio.Event(), asyncio.Event()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.set()
        await self.opened.wait()
        return await self.behind.handle_async_request(request)


async def test_it_is_not_ready_before_stripe_was_asked_for_what_was_missed(
    sandbox: LocalStripe, client: httpx2.AsyncClient, settings: Settings
) -> None:
    goods = {"title": "Vase", "variants": [{"available": 1, "prices": [{"amount": 1900, "currency": "EUR"}]}]}
    product = (await client.post("/v1/products", json=goods)).json()["id"]
    (variant,) = (await client.get(f"/v1/products/{product}/variants")).json()["items"]
    items = {"items": [{"variant_id": variant["id"]}]}
    made = await client.post("/v1/checkouts", json=items, headers={"Idempotency-Key": "k"})
    assert made.status_code == 201
    line = Gate(sandbox.transport)
    app = create_app(settings, stripe_transport=line)
    async with app.litestar.lifespan():
        await line.asked.wait()
        status, found = await asked(app)
        assert (status, found["books"], found["database"]) == (503, "catching_up", "ok")
        assert "Stripe" in found["detail"]
        line.opened.set()
        await app.services.first_round.finished()
        status, found = await asked(app)
        assert (status, found["books"]) == (200, "ok")


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_a_full_disk_is_not_ready(settings: Settings) -> None:
    status, found = await readiness(settings, disk_min_bytes=2**60)
    assert (status, found["disk"], found["database"], found["detail"]) == (503, "full", "ok", "The disk is full.")


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_a_folder_of_pictures_that_cannot_be_read_is_told(settings: Settings) -> None:
    assert settings.media_dir.absolute() in places(settings)
    settings.media_dir.parent.mkdir(parents=True, exist_ok=True)
    settings.media_dir.write_bytes(b"a file where the folder should be")
    status, found = await readiness(settings)
    assert (status, found["status"], found["storage"]) == (200, "degraded", "away")


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_a_storage_that_is_away_or_silent_costs_the_pictures_only(
    settings: Settings, request: pytest.FixtureRequest
) -> None:
    s3 = dict(configured(request, "s3"))
    async with bad_line(str(s3["s3_endpoint"])) as line:
        app = create_app(settings.model_copy(update=s3 | {"s3_endpoint": line.address}))
        assert not await app.services.storage.exists(new_key("m", "first")), "its libraries are loaded now"
        assert (await asked(app))[1]["storage"] == "ok"
        line.mood = "silent"
        begun = clock.monotonic()
        assert (await asked(app))[1]["storage"] == "away"
        assert clock.monotonic() - begun < 5
        line.mood = "reset"
        line.hang_up()
        status, found = await asked(app)
        assert (status, found["status"], found["storage"], found["database"]) == (200, "degraded", "away", "ok")
    await app.services.close()


async def test_jobs_that_wait_for_a_worker_are_told(settings: Settings, db: Database) -> None:
    for minutes, expected in ((-60, "ok"), (4, "ok"), (6, "late")):
        due = clock.now() - timedelta(minutes=minutes)
        async with db.transaction() as session:
            session.add(Job(id=ids.new("job"), name="x", payload={}, run_at=due, created_at=due))
        assert (await readiness(settings))[1]["jobs"] == expected


async def readiness(settings: Settings, **changed: object) -> tuple[int, dict[str, str]]:
    """What a server with these settings answers."""
    app = create_app(settings.model_copy(update=changed))
    try:
        return await asked(app)
    finally:
        await app.services.close()


async def asked(app: Application) -> tuple[int, dict[str, str]]:
    """What it answers to whoever wants to know."""
    async with calling(app) as client:
        answer = await client.get("/readyz")
        return answer.status_code, answer.json()
