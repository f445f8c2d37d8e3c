"""`vitrine privacy`: old clicks go, and who wants to be forgotten is."""

import base64
import os
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from checkout.models import Order
from checkout.shipping.models import OrderContact
from core import clock
from core.db import Database
from core.shops import Shop
from social.links.models import Click
from social.links.token import milliseconds
from tests.api.cli.processes import environment, vitrine
from tests.api.surface import unknown
from tests.api.test_orders import place

SECRET = base64.urlsafe_b64encode(b"s" * 32).decode()


@pytest.fixture
def env(database_url: str, tmp_path: Path) -> dict[str, str]:
    """Settings of an installation that keeps clicks for sixty days."""
    return environment(
        VITRINE_DATABASE_URL=database_url, VITRINE_DATA_DIR=str(tmp_path / "data"), VITRINE_SECRET_KEYS=SECRET,
        VITRINE_CLICK_RETENTION_DAYS="60",
    )  # fmt: skip


async def test_old_clicks_are_purged_and_the_rest_stays(env: dict[str, str], db: Database, shop: Shop) -> None:
    ages = (1, 59, 62, 400)
    async with db.transaction() as session:
        for days in ages:
            at_ms = milliseconds(clock.now() - timedelta(days=days))
            tap = {"id": at_ms.to_bytes(6) + os.urandom(10), "at_ms": at_ms, "shop_id": shop.id, "link_number": 1}
            session.add(Click(**tap, variant=0, kind="human", duplicate=False, device="phone"))  # type: ignore[arg-type]  # Of the right kinds.
    for gone in ("2", "0"):
        done = vitrine("privacy", "purge", env=env)
        assert (done.returncode, done.stdout.strip()) == (0, gone), done.stderr
    async with db.read() as session:
        assert len((await session.exec(select(Click.id))).all()) == 2


async def test_named_orders_are_erased(env: dict[str, str], db: Database, shop: Shop) -> None:
    order_id = await place(db, shop, 1, click_id="ab" * 16, click_token="T" * 51)
    done = vitrine("privacy", "erase", "--shop", shop.slug, order_id, env=env)
    assert (done.returncode, done.stdout.split()) == (0, [order_id]), done.stderr
    async with db.read() as session:
        order = await session.get_one(Order, order_id)
        assert (order.click_id, order.click_token) == (None, None)
        (contact,) = (await session.exec(select(OrderContact))).all()
        assert (contact.order_id, contact.sealed, contact.erased_at is not None) == (order_id, None, True)


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_what_cannot_be_erased_is_said(env: dict[str, str], db: Database, shop: Shop) -> None:
    for arguments, text, word in (
        ((), "", "Name orders"),
        ((unknown("ord"),), "", "order"),
        ((unknown("ord"), "--email-file", "-"), "ada@example.com", "Name orders"),
        (("--email-file", "-"), " \n", "Name orders"),
    ):
        done = vitrine("privacy", "erase", "--shop", shop.slug, *arguments, env=env, text=text)
        assert done.returncode != 0
        assert word in done.stderr
        assert "Traceback" not in done.stderr
    assert vitrine("privacy", "erase", "--shop", "nobody", unknown("ord"), env=env).returncode != 0
    done = vitrine("privacy", "erase", "--shop", shop.slug, "--email-file", "-", env=env, text="ada@example.com")
    assert (done.returncode, done.stdout.strip()) == (0, "")
