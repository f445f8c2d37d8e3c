"""What operators ask: does it live, can it work."""

from pathlib import Path

import httpx2
import pytest

from api.app import create_app
from core import clock
from core.settings import Settings
from tests.conftest import calling


async def test_a_healthy_process_is_ready(visitor: httpx2.AsyncClient) -> None:
    for path in ("/livez", "/readyz"):
        answer = await visitor.get(path)
        assert (answer.status_code, answer.json()["status"]) == (200, "ok")
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
