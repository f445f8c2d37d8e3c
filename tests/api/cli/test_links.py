"""`vitrine links`: sums are held against raw hits, and robots that were found out are sorted out."""

import base64
import os
from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from catalog import products
from catalog.schemas import ProductCreate
from core import clock
from core.db import Database
from core.shops import Shop
from social.links import clicks, links
from social.links.models import ClickDay, Link
from social.links.schemas import LinkCreate
from social.links.spool import Hit
from social.links.token import milliseconds
from tests.api.cli.processes import environment, vitrine

SECRET = base64.urlsafe_b64encode(b"s" * 32).decode()


@pytest.fixture
def env(database_url: str, tmp_path: Path) -> dict[str, str]:
    """Settings of an installation that keeps clicks for forty days."""
    return environment(
        VITRINE_DATABASE_URL=database_url, VITRINE_DATA_DIR=str(tmp_path / "data"), VITRINE_SECRET_KEYS=SECRET,
        VITRINE_CLICK_RETENTION_DAYS="40",
    )  # fmt: skip


@pytest.fixture
async def tapped(db: Database, shop: Shop) -> tuple[Link, date]:
    """A link with a tap of a person's and one of a program that was taken for one, yesterday."""
    yesterday = clock.now() - timedelta(days=1)
    async with db.transaction() as session:
        product = await products.create(session, shop, ProductCreate(title="Vase"))
        link = await links.create(session, shop, LinkCreate(product_id=product.id, network="instagram"))
    at = milliseconds(yesterday).to_bytes(6)
    hits = [
        Hit(at + os.urandom(10), link.number, 0, "human", "phone", family=family) for family in (None, "acmespider")
    ]
    async with db.transaction() as session:
        await clicks.store(session, hits)
    return link, yesterday.date()


async def test_sums_that_differ_are_named_and_fail(
    env: dict[str, str], db: Database, shop: Shop, tapped: tuple[Link, date]
) -> None:
    link, day = tapped
    done = vitrine("links", "verify", env=env)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    async with db.transaction() as session:
        await session.execute(sa.update(ClickDay).values(clicks=7))
    for options in ((), ("--day", str(day)), ("--shop", shop.slug)):
        done = vitrine("links", "verify", *options, env=env)
        assert done.returncode == 1
        assert done.stdout.splitlines() == [f"{shop.id} {day} {link.id}: clicks 7 in click_day, 2 by the raw hits"], (
            done.stderr
        )
    done = vitrine("links", "verify", "--day", str(day - timedelta(days=1)), env=env)
    assert (done.returncode, done.stdout) == (0, "")


async def test_robots_are_looked_for_first_and_sorted_out_then(
    env: dict[str, str], shop: Shop, tapped: tuple[Link, date]
) -> None:
    for options, hits in ((("--look",), "acmespider: 1"), (("--shop", shop.slug), "acmespider: 1"), ((), "")):
        done = vitrine("links", "sort-again", *options, env=env)
        assert (done.returncode, done.stdout.strip()) == (0, hits), done.stderr
    done = vitrine("links", "verify", env=env)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_a_day_that_cannot_be_proved_is_used_wrongly(env: dict[str, str], db: Database) -> None:
    for day in (clock.now().date(), clock.now().date() - timedelta(days=41)):
        done = vitrine("links", "verify", "--day", str(day), env=env)
        assert (done.returncode, done.stdout) == (2, "")
        assert str(day) in done.stderr
