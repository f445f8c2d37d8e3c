"""A shop with discounts, and orders placed in it without anybody asking Stripe."""

from datetime import UTC, datetime, timedelta
from typing import TypedDict, Unpack

import msgspec
import pytest

from checkout import claims, orders, placing, settling
from checkout.discounts import discounts, redemptions
from checkout.discounts.models import Discount, Redemption
from checkout.discounts.redemptions import Claim
from checkout.discounts.schemas import DiscountCreate
from checkout.models import Order, OrderLine
from checkout.placing import Intent
from checkout.schemas import CheckoutItemIn
from core.db import AsyncSession, Database
from core.settings import Settings
from core.shops import Shop
from social.links.origin import Origin
from tests.checkout.conftest import make_variant

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Visit(TypedDict, total=False):
    """Who comes, when, and for how many pieces."""

    customer: str | None
    optional: bool
    quantity: int
    now: datetime


class Counter:
    """Where orders are placed."""

    def __init__(self, db: Database, settings: Settings, shop: Shop) -> None:
        self.db, self.settings, self.shop = db, settings, shop

    def wanted(self, **given: object) -> DiscountCreate:
        """A tenth off for everybody unless `given` says otherwise; `terms` as they go over the wire."""
        usual = {"title": "Été", "terms": {"kind": "percentage", "rate": 1000}}
        return msgspec.convert(usual | given, DiscountCreate)

    async def discount(self, **given: object) -> Discount:
        """A committed discount."""
        async with self.db.transaction() as session:
            return await discounts.create(session, self.shop, self.wanted(**given))

    async def used(self, discount: Discount) -> int:
        """How often it is counted as used."""
        async with self.db.read() as session:
            return (await discounts.get(session, self.shop, discount.id)).used

    async def place(self, variant_id: str, code: str | None = None, **rest: Unpack[Visit]) -> Order:
        """An order as a checkout places it."""
        async with self.db.transaction() as session:
            return await self.place_in(session, variant_id, code, **rest)

    async def place_in(
        self, session: AsyncSession, variant_id: str, code: str | None = None, **rest: Unpack[Visit]
    ) -> Order:
        """An order as a checkout places it, in this transaction."""
        now = rest.get("now", NOON)
        intent = Intent(
            items=[CheckoutItemIn(variant_id=variant_id, quantity=rest.get("quantity", 1))],
            origin=Origin(),
            discount=Claim(code=code, customer=rest.get("customer"), optional=rest.get("optional", False)),
        )
        digest, until = placing.digest_of(intent), now + timedelta(minutes=31)
        checkout, _ = await claims.claim(session, self.shop, None, None, digest, until, now)
        await placing.place(session, self.settings, self.shop, checkout, intent, now)
        return await orders.get(session, self.shop, checkout.order_id)

    async def end(self, order: Order, now: datetime = NOON) -> None:
        """Nobody will pay it."""
        async with self.db.transaction() as session:
            locked = await orders.lock(session, self.shop.id, order.id)
            assert locked is not None
            locked.given_up = True
            await settling.settle(session, self.shop, locked, now)

    async def redeem(self, order: Order, now: datetime = NOON) -> Order:
        """The discounts of an order that is paid."""
        async with self.db.transaction() as session:
            locked = await orders.lock(session, self.shop.id, order.id)
            assert locked is not None
            await redemptions.redeem(session, locked, now)
            return locked

    async def given(self, order: Order) -> list[Redemption]:
        """What the order was given."""
        async with self.db.read() as session:
            return (await redemptions.of_orders(session, [order]))[order.id]

    async def lines(self, order: Order) -> list[OrderLine]:
        """The order's lines."""
        async with self.db.read() as session:
            return (await orders.lines(session, [order]))[order.id]


@pytest.fixture
def counter(db: Database, settings: Settings, shop: Shop) -> Counter:
    """Where orders are placed."""
    return Counter(db, settings, shop)


@pytest.fixture
async def vase(counter: Counter) -> str:
    """A variant at 49 €."""
    return await make_variant(counter.db, counter.shop, stock=500, amount=4900)
