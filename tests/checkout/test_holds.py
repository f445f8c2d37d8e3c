"""Stock is held, sold, released, put back, counted and delivered in any order, and no piece is made or lost by it.

Hypothesis drives the verbs on a real database beside a model that is nothing but arithmetic. Every verb may be called
again at any time: what has happened does not happen twice.
"""

import asyncio
import tempfile
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlmodel import col, select

from catalog import stock
from catalog.errors import OutOfStock
from catalog.models import StockMovement, Variant
from catalog.schemas import StockChange
from checkout import claims, holds
from checkout.models import Hold, Order
from core import clock, shops
from core.db import AsyncSession, Database
from core.shops import Shop
from core.wire import UNSET
from tests.checkout.conftest import make_variant

T = TypeVar("T")
VARIANTS = (0, 1)
which = st.sampled_from(VARIANTS)
pick = st.integers(0, 9)
few = st.integers(0, 3)


@dataclass
class Held:
    """What the model knows of an order's hold on one variant."""

    quantity: int
    counted: bool
    status: str = "held"
    restocked: int = 0


@dataclass
class Shelf:
    """The model: how many pieces are there, whether they are counted, and what each order has of them."""

    available: list[int]
    tracked: list[bool] = field(default_factory=lambda: [True, True])
    orders: dict[str, dict[int, Held]] = field(default_factory=dict)

    def has(self, variant: int, quantity: int) -> bool:
        return not self.tracked[variant] or self.available[variant] >= quantity

    def take(self, variant: int, quantity: int) -> bool:
        """Whether the pieces were counted."""
        if self.tracked[variant]:
            self.available[variant] -= quantity
        return self.tracked[variant]

    def place(self, order: str, demand: Mapping[int, int]) -> None:
        self.orders[order] = {each: Held(pieces, self.take(each, pieces)) for each, pieces in demand.items()}

    def release(self, order: str) -> None:
        for variant, hold in self.orders[order].items():
            if hold.status == "held":
                hold.status = "released"
                self.available[variant] += hold.quantity * hold.counted

    def sell(self, order: str) -> tuple[set[int], set[int]]:
        """The variants that were taken again, and those that are missing."""
        retaken, missing = set(), set()
        for variant, hold in self.orders[order].items():
            if hold.status == "released" and not self.has(variant, hold.quantity):
                missing.add(variant)
                continue
            if hold.status == "released":
                hold.counted = self.take(variant, hold.quantity)
                retaken.add(variant)
            hold.status = "sold"
        return retaken, missing

    def restock(self, order: str, demand: Mapping[int, int]) -> None:
        for variant, hold in self.orders[order].items():
            if hold.status == "sold":
                back = min(demand.get(variant, 0), hold.quantity - hold.restocked)
                hold.restocked += back
                self.available[variant] += back * hold.counted


class Store:
    """A shop with two variants, and orders that nobody but this test has placed."""

    def __init__(self, db: Database, shop: Shop, variants: list[str]) -> None:
        self.db, self.shop, self.variants = db, shop, variants

    @classmethod
    async def open(cls, db: Database, pieces: tuple[int, int]) -> "Store":
        async with db.transaction() as session:
            shop = await shops.create(session, "Atelier Lune", "EUR")
        return cls(db, shop, sorted([await make_variant(db, shop, stock=each) for each in pieces]))

    def named(self, demand: Mapping[int, int]) -> dict[str, int]:
        """A demand by the variants' ids."""
        return {self.variants[each]: pieces for each, pieces in demand.items()}

    async def order(self, session: AsyncSession) -> Order:
        now = clock.now()
        checkout, _ = await claims.claim(session, self.shop, None, None, "", now + timedelta(minutes=31), now)
        order = Order(
            id=checkout.order_id, shop_id=self.shop.id, checkout_id=checkout.id, public_token=checkout.order_id,
            currency="EUR", utm={}, method="none", confidence="none", evidence=[], created_at=now,
        )  # fmt: skip
        session.add(order)
        await session.flush()
        return order

    async def place(self, demand: Mapping[int, int]) -> str:
        """An order and its holds, in one transaction; its id."""
        async with self.db.transaction() as session:
            order = await self.order(session)
            await holds.place(session, self.shop, order, self.named(demand))
            return order.id

    async def release(self, order_id: str) -> None:
        async with self.db.transaction() as session:
            await holds.release(session, self.shop, await session.get_one(Order, order_id))

    async def sell(self, order_id: str) -> tuple[set[int], set[int]]:
        """The variants that were taken again, and those that are missing."""
        async with self.db.transaction() as session:
            sale = await holds.sell(session, self.shop, await session.get_one(Order, order_id))
        return tuple({self.variants.index(each) for each in some} for some in (sale.retaken, sale.missing))  # type: ignore[return-value]  # Two of them.

    async def restock(self, order_id: str, demand: Mapping[int, int]) -> None:
        async with self.db.transaction() as session:
            await holds.restock(session, self.shop, await session.get_one(Order, order_id), self.named(demand))

    async def change(self, variant: int, data: StockChange) -> None:
        async with self.db.transaction() as session:
            await stock.set_available(session, self.shop, self.variants[variant], data)

    async def adjust(self, variant: int, delta: int) -> None:
        async with self.db.transaction() as session:
            await stock.adjust(session, self.shop, self.variants[variant], delta)

    async def missing(self, order_id: str) -> set[int]:
        async with self.db.read() as session:
            found = await holds.missing(session, await session.get_one(Order, order_id))
        return {self.variants.index(each) for each in found}

    async def available(self) -> list[int]:
        async with self.db.read() as session:
            rows = (await session.exec(select(Variant.id, Variant.available))).all()
        return [dict(rows)[each] for each in self.variants]

    async def kept(self) -> dict[str, dict[int, Held]]:
        """Every hold, as the model would keep it."""
        found: dict[str, dict[int, Held]] = {}
        async with self.db.read() as session:
            for row in (await session.exec(select(Hold))).all():
                assert (row.shop_id, row.id.partition("_")[0]) == (self.shop.id, "hold")
                hold = Held(row.quantity, row.counted, row.status, row.restocked)
                found.setdefault(row.order_id, {})[self.variants.index(row.variant_id)] = hold
        return found

    async def log(self) -> dict[tuple[int, str], int]:
        """What the log of movements adds up to, by variant and what it names as the cause."""
        of = (col(StockMovement.variant_id), col(StockMovement.reference))
        sums = sa.select(*of, sa.func.sum(col(StockMovement.delta))).group_by(*of)
        async with self.db.read() as session:
            rows = (await (await session.connection()).execute(sums)).all()
        return {(self.variants.index(variant), reference): int(total) for variant, reference, total in rows}


class Trade(RuleBasedStateMachine):
    """Whatever happens to a shelf, beside the model."""

    databases: Callable[[Path], AbstractContextManager[str]]
    steps: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.runner = self.stack.enter_context(asyncio.Runner())

    def do(self, what: Coroutine[object, object, T]) -> T:
        return self.runner.run(what)

    def did(self, what: str) -> None:
        self.steps[what] += 1

    @initialize(pieces=st.tuples(st.integers(1, 6), st.integers(1, 6)))
    def open(self, pieces: tuple[int, int]) -> None:
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        db = Database(self.stack.enter_context(self.databases(folder)))
        self.store = self.do(Store.open(db, pieces))
        self.model = Shelf(self.do(self.store.available()))
        self.brought = list(self.model.available)

    def orders(self, *statuses: str) -> list[str]:
        """The orders of which a hold is in one of these states."""
        return [
            each
            for each, of_order in self.model.orders.items()
            if any(one.status in statuses for one in of_order.values())
        ]

    def count(self, variant: int, available: int | None, tracked: bool | None) -> None:
        change = StockChange(
            available=UNSET if available is None else available, tracked=UNSET if tracked is None else tracked
        )
        self.do(self.store.change(variant, change))
        if available is not None:
            self.brought[variant] += available - self.model.available[variant]
            self.model.available[variant] = available
        if tracked is not None:
            self.model.tracked[variant] = tracked
        self.did("count")

    def adjust(self, variant: int, delta: int) -> None:
        if self.model.available[variant] + delta < 0:
            with pytest.raises(OutOfStock):
                self.do(self.store.adjust(variant, delta))
            return
        self.do(self.store.adjust(variant, delta))
        self.brought[variant] += delta
        self.model.available[variant] += delta
        self.did("deliver")

    @rule(wanted=st.sampled_from([(1, 0), (0, 1), (1, 1), (2, 1), (1, 3)]))
    def hold(self, wanted: tuple[int, int]) -> None:
        demand = {variant: pieces for variant, pieces in enumerate(wanted) if pieces}
        if all(self.model.has(*each) for each in demand.items()):
            self.model.place(self.do(self.store.place(demand)), demand)
            self.did("hold")
        else:
            with pytest.raises(OutOfStock):
                self.do(self.store.place(demand))
            self.did("hold: refused")

    def release(self, order: str) -> None:
        self.do(self.store.release(order))
        self.model.release(order)

    def sell(self, order: str) -> None:
        retaken, missing = self.model.sell(order)
        assert self.do(self.store.sell(order)) == (retaken, missing)
        assert self.do(self.store.missing(order)) == missing
        self.did("sell: missing" if missing else "sell: again" if retaken else "sell")

    def restock(self, order: str, pieces: tuple[int, int]) -> None:
        demand = {variant: each for variant, each in enumerate(pieces) if each}
        before = sum(self.model.available)
        self.do(self.store.restock(order, demand))
        self.model.restock(order, demand)
        self.did("restock" if sum(self.model.available) > before else "restock: nothing")

    @precondition(lambda self: self.orders("held"))
    @rule(at=pick)
    def nobody_pays(self, at: int) -> None:
        self.release(chosen(self.orders("held"), at))
        self.did("release")

    @precondition(lambda self: self.orders("held"))
    @rule(at=pick)
    def somebody_pays(self, at: int) -> None:
        self.sell(chosen(self.orders("held"), at))

    @precondition(lambda self: self.orders("released"))
    @rule(at=pick, sold_out=st.sampled_from([(), (0,), (1,), (0, 1)]))
    def somebody_pays_late(self, at: int, sold_out: tuple[int, ...]) -> None:
        for variant in sold_out:
            self.count(variant, 0, True)
        self.sell(chosen(self.orders("released"), at))

    @precondition(lambda self: self.orders("held"))
    @rule(at=pick, sold_out=st.sampled_from([(), (0,), (1,), (0, 1)]))
    def somebody_pays_once_all_was_given_back(self, at: int, sold_out: tuple[int, ...]) -> None:
        self.nobody_pays(at)
        self.somebody_pays_late(at, sold_out)

    @precondition(lambda self: self.orders("sold"))
    @rule(at=pick, pieces=st.tuples(few, few))
    def pieces_come_back(self, at: int, pieces: tuple[int, int]) -> None:
        self.restock(chosen(self.orders("sold"), at), pieces)

    @precondition(lambda self: self.model.orders)
    @rule(at=pick, verb=st.sampled_from(["release", "sell", "restock"]))
    def anything_comes_again(self, at: int, verb: str) -> None:
        order = chosen(list(self.model.orders), at)
        for _ in range(2):
            match verb:
                case "release":
                    self.release(order)
                case "sell":
                    self.sell(order)
                case _:
                    self.restock(order, (1, 3))
        self.did("twice")

    @rule(
        variant=which,
        available=st.none() | st.integers(0, 6),
        tracked=st.sampled_from([None, None, True, False]),
        delta=st.sampled_from([0, 0, 3, 2, 1, -1, -2]),
    )
    def the_merchant_looks(self, variant: int, available: int | None, tracked: bool | None, delta: int) -> None:
        if delta:
            self.adjust(variant, delta)
        else:
            self.count(variant, available, tracked)

    @invariant()
    def every_piece_is_somewhere(self) -> None:
        if not hasattr(self, "store"):
            return
        available, kept, log = self.do(self.store.available()), self.do(self.store.kept()), self.do(self.store.log())
        gone: Counter[int] = Counter()
        for order, of_order in kept.items():
            for variant, hold in of_order.items():
                out = (hold.quantity - hold.restocked) * (hold.counted and hold.status != "released")
                gone[variant] += out
                assert log.get((variant, order), 0) == -out, "the log says something else than the order's holds"
        for variant in VARIANTS:
            assert 0 <= available[variant] == self.brought[variant] - gone[variant], "a piece was made or lost"
            assert available[variant] == sum(total for (each, _), total in log.items() if each == variant)
        assert (available, kept) == (self.model.available, self.model.orders)

    def teardown(self) -> None:
        with self.stack:
            if hasattr(self, "store"):
                self.do(self.store.db.close())


def chosen(among: list[str], at: int) -> str:
    """One of those whom it can concern."""
    return among[at % len(among)]


STEPS = (
    "hold", "hold: refused", "release", "sell", "sell: again", "sell: missing", "restock", "restock: nothing", "twice",
    "count", "deliver",
)  # fmt: skip


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("engine", "examples"), [("sqlite", 20), ("postgresql", 6)])
def test_no_piece_is_made_or_lost(request: pytest.FixtureRequest, engine: str, examples: int) -> None:
    templates = request.getfixturevalue(f"{engine}_templates")
    done: Counter[str] = Counter()
    machine = type("Trade", (Trade,), {"databases": staticmethod(templates.fresh), "steps": done})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=40,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        ),
    )
    assert [each for each in STEPS if not done[each]] == []


async def test_what_was_missing_is_taken_once_it_is_there_again(db: Database) -> None:
    store = await Store.open(db, (1, 1))
    order = await store.place({0: 1, 1: 1})
    await store.release(order)
    await store.change(1, StockChange(available=0))
    assert await store.sell(order) == ({0}, {1})
    await store.adjust(1, 1)
    assert await store.sell(order) == ({1}, set())
    assert await store.available() == [0, 0]
    assert await store.missing(order) == set()
