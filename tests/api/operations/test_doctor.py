"""`vitrine doctor` finds what is wrong and says so without a secret, and has a code for programs."""

import os
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import httpx2
import pytest
import sqlalchemy as sa
from PIL import Image

from api.operations import doctor
from api.operations.doctor import Finding
from core import clock, ids
from core.db import Database
from core.jobs import Job
from core.settings import Settings
from core.shops import Shop
from tests.api.cli.instances import local_stripe
from tests.api.cli.processes import environment, vitrine


def state(findings: list[Finding], subject: str) -> str:
    """What was found about one thing."""
    (found,) = [each for each in findings if each.subject == subject]
    return found.state


@pytest.fixture
async def asset(client: httpx2.AsyncClient) -> str:
    """The storage key of a picture that the shop has."""
    file = BytesIO()
    Image.new("RGB", (64, 64), "#b4552d").save(file, "JPEG")
    made = await client.post("/v1/assets", files={"file": ("a.jpg", file.getvalue(), "image/jpeg")})
    return str(httpx2.URL(made.json()["url"]).path.rpartition("/")[2])


async def test_a_sound_installation_passes(shop: Shop, settings: Settings, tmp_path: Path) -> None:
    with local_stripe(tmp_path / "stripe") as stripe:
        env = environment(
            VITRINE_DATABASE_URL=settings.database_url,
            VITRINE_DATA_DIR=str(settings.data_dir),
            VITRINE_SECRET_KEYS=settings.secret_keys[0],
            VITRINE_STRIPE_API_BASE=stripe,
        )
        answer = vitrine("doctor", env=env)
    assert answer.returncode == 0, answer.stdout
    assert answer.stderr == ""
    assert f"shop {shop.slug} at Stripe" in answer.stdout
    assert "failure" not in answer.stdout
    for secret in (settings.secret_keys[0], "sk_test", "whsec"):
        assert secret not in answer.stdout


async def test_what_is_wrong_is_found(asset: str, shop: Shop, db: Database, settings: Settings, tmp_path: Path) -> None:
    picture = next(settings.media_dir.rglob(asset))
    picture.unlink()
    (settings.media_dir / "aa").mkdir(exist_ok=True)
    settings.spool_dir.mkdir(exist_ok=True)
    stale = settings.spool_dir / "20200101T000000-00.hits"
    stale.write_bytes(b"0" * 64)
    os.utime(stale, (0, 0))
    now = clock.now()
    async with db.transaction() as session:
        common = {"name": "orders.tell", "payload": {}, "attempts": 8, "created_at": now}
        for died, due in ((now, now), (None, now - timedelta(hours=1))):
            await session.execute(sa.insert(Job).values(id=ids.new("job"), run_at=due, died_at=died, **common))
    found = await doctor.examine(settings)
    for subject in ("pictures of rows", "jobs given up", "jobs that wait", "clicks in the spool"):
        assert state(found, subject) == "failure", subject
    assert state(found, f"shop {shop.slug} at Stripe") == "failure", "nobody answers at its address"
    assert state(found, "database") == "ok"
    assert state(found, "texts on pictures") == "ok"


async def test_a_lost_secret_key_is_found(shop: Shop, settings: Settings) -> None:
    other = settings.model_copy(update={"secret_keys": ("b" * 43 + "=",)})
    found = await doctor.examine(other)
    assert state(found, f"shop {shop.slug}") == "failure"


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_a_database_without_tables_is_told_apart_in_words(settings: Settings, tmp_path: Path) -> None:
    empty = settings.model_copy(update={"database_url": f"sqlite:///{tmp_path / 'empty.db'}"})
    found = {each.subject: each for each in await doctor.examine(empty)}
    assert found["the database"].state == "failure"
    assert found["the database"].words == "The database has no tables yet, or old ones: run `vitrine migrate`."


async def test_a_database_that_is_away_fails_alone(settings: Settings) -> None:
    away = settings.model_copy(update={"database_url": "postgresql://nobody@127.0.0.1:9/none"})
    found = await doctor.examine(away)
    assert state(found, "the database") == "failure"
    assert state(found, f"disk of {settings.data_dir}") != "failure"
