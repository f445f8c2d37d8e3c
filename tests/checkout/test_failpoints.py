"""At every named place of a checkout, a webhook, a refund and a sweep the process is killed; then nothing is lost,
nothing doubled, and nobody has to do anything about it.
"""

import itertools
import signal
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest
from sqlmodel import col, select

from checkout import orders, refunds
from checkout.books import ledger, sweeping
from checkout.models import Checkout, Hold, Order
from checkout.schemas import CheckoutItemIn, RefundCreate
from core import clock, jobs
from core.db import Database
from core.events import EventRecord
from core.settings import Settings
from core.shops import Shop
from tests.checkout.conftest import KEY, Till, make_variant, offer
from tests.checkout.dying import LATER
from tests.databases import ENGINES

ROOT = Path(__file__).parents[2]
STOCK = 3


def deaths(*failpoints: str) -> pytest.MarkDecorator:
    """Every failpoint on every database. Every run tries the first one on SQLite, `make chaos` all the others."""
    first, *others = itertools.product(ENGINES, failpoints)
    chosen = [pytest.param(*first), *(pytest.param(*each, marks=pytest.mark.chaos) for each in others)]
    return pytest.mark.parametrize(("engine", "failpoint"), chosen)


class Doomed:
    """A shop whose till dies, and comes back."""

    def __init__(self, till: Till, settings: Settings, state: Path, variant: str) -> None:
        self.till, self.settings, self.state, self.variant = till, settings, state, variant

    def die(self, failpoint: str, action: str, argument: str = "") -> None:
        """Do this in a process that is killed at the failpoint."""
        command = [
            sys.executable, "-m", "tests.checkout.dying", self.settings.database, str(self.state),
            self.settings.secret_keys[0], self.till.shop.id, failpoint, action, argument,
        ]  # fmt: skip
        ended = subprocess.run(command, cwd=ROOT, check=False, timeout=60, capture_output=True, text=True)
        assert ended.returncode == -signal.SIGKILL, ended.stderr[-2000:]

    async def come_back(self) -> None:
        """What a restarted installation does by itself: jobs, webhooks that come again, the sweep."""
        await self.till.control("webhooks", release=True)
        for _ in range(3):
            await jobs.run_due(self.till.resources, clock.now() + LATER)
            await self.till.hear()
        await sweeping.catch_up(self.till.gateway, self.till.db, self.till.vault, self.till.shop, clock.now() + LATER)
        await jobs.run_due(self.till.resources, clock.now() + LATER)

    async def stripe(self, path: str) -> list[dict[str, object]]:
        """A list as Stripe has it."""
        headers = {"authorization": f"Bearer {KEY}"}
        async with httpx2.AsyncClient(
            transport=self.till.transport, base_url=self.till.settings.stripe_api_base, headers=headers
        ) as http:
            found: list[dict[str, object]] = (await http.get(path)).json()["data"]
        return found

    async def expect_order(self, *, sessions: int = 1) -> Order:
        """There is one order, no stock is lost or doubled, and the ledger is balanced; the order."""
        assert len(await self.stripe("/v1/checkout/sessions")) == sessions
        async with self.till.db.read() as session:
            order = (await session.exec(select(Order))).one()
            holds = (await session.exec(select(Hold))).all()
            kinds = (await session.exec(select(EventRecord.kind).order_by(col(EventRecord.id)))).all()
            assert sum((await ledger.balances(session, self.till.shop)).values()) == 0
        out = sum(hold.quantity - hold.restocked for hold in holds if hold.status in ("held", "sold"))
        assert (await offer(self.till.db, self.till.shop, self.variant)).available + out == STOCK
        assert all(kinds.count(each) <= 1 for each in ("order.placed", "order.paid", "order.expired", "order.refunded"))
        return order

    async def sold(self, *, heard: bool) -> Checkout:
        """A checkout that was paid at Stripe; its webhooks are held back where we have not `heard`."""
        await self.till.control("webhooks", hold=not heard)
        checkout = await self.till.start(CheckoutItemIn(variant_id=self.variant), key="only-once")
        await self.till.pay(checkout)
        return checkout


@pytest.fixture
async def doomed(till: Till, settings: Settings, shop: Shop, db: Database, tmp_path: Path) -> Doomed:
    """A shop with three pieces on the shelf."""
    return Doomed(till, settings, tmp_path / "stripe.db", await make_variant(db, shop, stock=STOCK))


@deaths("checkout.placed", "db.committing", "checkout.answered", "checkout.learned")
async def test_a_checkout_that_dies_is_the_same_checkout_afterwards(doomed: Doomed, failpoint: str) -> None:
    doomed.die(failpoint, "start", doomed.variant)
    again = await doomed.till.start(CheckoutItemIn(variant_id=doomed.variant), key="only-once")
    assert again.status == "open"
    await doomed.till.pay(again)
    await doomed.come_back()
    assert (await doomed.expect_order()).status == "paid"


@pytest.mark.chaos
@pytest.mark.parametrize("failpoint", ["checkout.placed", "checkout.answered", "checkout.learned"])
async def test_a_checkout_that_dies_and_is_never_asked_for_again_gives_its_stock_back(
    doomed: Doomed, failpoint: str
) -> None:
    doomed.die(failpoint, "start", doomed.variant)
    await doomed.come_back()
    await doomed.till.control("clock", advance=3600)
    await doomed.come_back()
    order = await doomed.expect_order()
    assert order.status == "expired"
    assert (await offer(doomed.till.db, doomed.till.shop, doomed.variant)).available == STOCK


@deaths("event.applied", "event.stored", "db.committing", "db.committed", "event.committed")
async def test_a_webhook_that_kills_us_comes_again_and_counts_once(doomed: Doomed, failpoint: str) -> None:
    await doomed.sold(heard=False)
    doomed.die(failpoint, "hear")
    await doomed.come_back()
    order = await doomed.expect_order()
    assert (order.status, order.number, order.amount_paid) == ("paid", 1, 4900)


@deaths("refund.answered", "refund.reserved", "refund.learned")
@pytest.mark.parametrize("asked_again", [pytest.param(True, marks=pytest.mark.chaos), False])
async def test_a_refund_that_dies_is_made_once(doomed: Doomed, failpoint: str, asked_again: bool) -> None:
    checkout = await doomed.sold(heard=True)
    doomed.die(failpoint, "refund", checkout.order_id)
    if asked_again:
        till, wish = doomed.till, RefundCreate(restock=True)
        await refunds.create(till.gateway, till.db, till.shop, checkout.order_id, wish, "only-once", clock.now())
    await doomed.come_back()
    order = await doomed.expect_order()
    assert (order.status, order.amount_refunded) == ("refunded", 4900)
    assert [each["amount"] for each in await doomed.stripe("/v1/refunds")] == [4900]
    assert (await offer(doomed.till.db, doomed.till.shop, doomed.variant)).available == STOCK


@deaths("checkout.cancelled", "checkout.cancelling")
async def test_a_cancellation_that_dies_ends_where_stripe_is(doomed: Doomed, failpoint: str) -> None:
    checkout = await doomed.till.start(CheckoutItemIn(variant_id=doomed.variant))
    doomed.die(failpoint, "cancel", checkout.id)
    await doomed.till.control("clock", advance=3600)
    await doomed.come_back()
    assert (await doomed.expect_order()).status == "cancelled"
    assert (await offer(doomed.till.db, doomed.till.shop, doomed.variant)).available == STOCK


@deaths("ledger.posted", "sweep.fetched", "sweep.recovered", "sweep.booked")
async def test_a_sweep_that_dies_is_swept_again(doomed: Doomed, failpoint: str) -> None:
    checkout = await doomed.sold(heard=False)
    doomed.die(failpoint, "sweep")
    await doomed.come_back()
    assert (await doomed.expect_order()).status == "paid"
    async with doomed.till.db.read() as session:
        order = await orders.get(session, doomed.till.shop, checkout.order_id)
        posted = await ledger.of_order(session, order)
    assert sorted(entry.account for entry in posted) == ["fees", "sales", "stripe"]


@deaths("checkout.looked_up")
async def test_a_watch_that_dies_looks_again(doomed: Doomed, failpoint: str) -> None:
    await doomed.till.control("webhooks", hold=True)
    await doomed.till.start(CheckoutItemIn(variant_id=doomed.variant))
    await doomed.till.control("clock", advance=3600)
    doomed.die(failpoint, "watch")
    await doomed.come_back()
    assert (await doomed.expect_order()).status == "expired"
