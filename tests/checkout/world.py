"""One shop, its buyers, its bank and a network that nobody can rely on, all of it real but the calendar.

The application, Stripe's SDK, the local Stripe and the database are the ones that everybody uses. Time is an argument:
`pass_time` moves Stripe's clock and ours together. Webhooks leave when `deliver` says so: shuffled, repeated, or lost.
"""

import base64
import random
from collections import Counter, defaultdict
from collections.abc import Awaitable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar, cast

import httpx2
from sqlmodel import col, select
from stripe.params.checkout import SessionCreateParams, SessionCreateParamsLineItemPriceData

from catalog.errors import OutOfStock
from catalog.models import Variant
from checkout import checkouts, recovery, refunds, reviews
from checkout.books import ledger, sweeping
from checkout.errors import (
    CheckoutClosed,
    NothingToRefund,
    PaymentProviderRefused,
    PaymentProviderUnavailable,
    RefundTooLarge,
)
from checkout.models import Checkout, Hold, Order, OrderLine, OrderReview, Refund, StripeEvent
from checkout.placing import Intent
from checkout.schemas import CheckoutItemIn, RefundCreate
from checkout.shipping.models import FulfilmentHold
from checkout.stripe import events
from core import clock, jobs, shops
from core.db import Database
from core.events import EventRecord
from core.secrets import Vault
from core.settings import Settings
from core.shops import Shop
from social.links.origin import Origin
from tests.checkout.conftest import KEY, SECRET, Till, make_variant
from tests.checkout.oracle import Picture, Stripe

PRICE = 3333
NETWORKS = ("instagram", "pinterest", "tiktok")
T = TypeVar("T")


class Network(Till):
    """A till whose webhooks may get lost on the way; what was lost can still be said later, byte for byte."""

    dice = random.Random(0)
    losing = 0.0

    async def _deliver(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        if self.dice.random() < self.losing:
            signature = {name.lower(): value for name, value in headers.items()}["stripe-signature"]
            self.deliveries.append((body, signature))
            return 503
        return await super()._deliver(url, body, headers)


class World:
    """What people, banks and networks can do."""

    def __init__(self, db: Database, till: Network) -> None:
        self.db, self.till = db, till
        self.later = timedelta(0)
        self.initial: dict[str, int] = {}
        self.intents: dict[str, Intent] = {}
        self.started: list[str] = []
        self.foreign: set[str] = set()
        self.strangers: set[str] = set()
        self.wishes: dict[str, tuple[str, RefundCreate]] = {}
        self.faults = 0
        self.count = 0

    @classmethod
    async def begin(cls, url: str, folder: Path, stock: int, policy: str) -> "World":
        """A connected shop with `stock` pieces of a variant that costs something and of one that costs nothing."""
        db = Database(url)
        settings = Settings(
            database_url=url,
            data_dir=folder / "data",
            stripe_api_base="http://127.0.0.1:12111",
            secret_keys=(base64.urlsafe_b64encode(b"k" * 32).decode(),),
        )
        vault = Vault(settings.secret_keys)
        async with db.transaction() as session:
            shop = await shops.create(session, "Atelier Lune", "EUR")
            shops.connect_stripe(shop, vault, KEY, [SECRET])
            shop.oversold_policy, shop.delayed_payments = policy, "always"
        state = folder / "stripe.db"
        till = Network(db, settings, vault, shop, state, delayed_after=600.0, seed=stock, hands=1, retry_after=30.0)
        world = cls(db, till)
        for amount in (PRICE, 0):
            world.initial[await make_variant(db, shop, stock=stock, amount=amount)] = stock
        await till.control("webhooks", hold=True)
        return world

    @property
    def shop(self) -> Shop:
        """The shop."""
        return self.till.shop

    @property
    def now(self) -> datetime:
        """The time, for us and for Stripe."""
        return clock.now() + self.later

    async def end(self) -> None:
        """Let go of everything."""
        await self.till.close()
        await self.db.close()

    async def _ask(self, what: Awaitable[T]) -> T | None:
        """Ask for something; None where Stripe was made to be silent about it."""
        waiting = len(self.till.sandbox.desk.faults.waiting())
        try:
            return await what
        except PaymentProviderUnavailable:
            assert waiting or self.faults, "Stripe is there, and we say it is not"
            return None

    async def start(self, intent: Intent) -> Checkout | None:
        """Go to pay. Only what the shelf has not is refused."""
        seen = await self.look()
        try:
            checkout = await self._ask(
                checkouts.start(self.till.gateway, self.db, self.till.settings, self.shop, intent, self.now)
            )
        except OutOfStock:
            assert any(seen.available[each.variant_id] < each.quantity for each in intent.items)
            return None
        finally:
            await self._note(intent)
        return checkout

    async def _note(self, intent: Intent) -> None:
        """Which orders there are, in the order in which they were placed."""
        async with self.db.read() as session:
            found = (await session.exec(select(Order.id).order_by(col(Order.id)))).all()
        for order_id in found:
            if order_id not in self.intents:
                self.intents[order_id] = intent
                self.started.append(order_id)

    async def buy(self, variant: int, quantity: int, network: int) -> Checkout | None:
        """Somebody wants something, on a page that nobody has seen before."""
        self.count += 1
        item = CheckoutItemIn(variant_id=list(self.initial)[variant], quantity=quantity)
        origin = Origin(network=NETWORKS[network], campaign=f"c{self.count}", method="utm", confidence="high")
        return await self.start(Intent(items=[item], origin=origin, page=f"page {self.count}"))

    async def pay(self, session_id: str, card: str) -> None:
        """Press Pay; a card may be declined."""
        answer = await self.till.control(f"sessions/{session_id}/pay", card=card)
        assert answer.status_code in (200, 402), answer.text

    async def cancel(self, checkout: Checkout) -> None:
        """The merchant ends a checkout, or hears that it has ended."""
        try:
            await self._ask(checkouts.expire(self.till.gateway, self.db, self.shop, checkout.id, self.now))
        except CheckoutClosed:
            own = (await self.look()).stripe.sessions.get(checkout.stripe_session_id or "")
            assert own is None or own.status != "open"
        except PaymentProviderRefused:
            assert checkout.status == "creating", "only what was never opened may be refused"

    async def pay_elsewhere(self, order: Order, checkout: Checkout) -> None:
        """Somebody opens a further session for an order, as Stripe's own recovery would, and it is paid."""
        self.count += 1
        expires_at = int((self.now + timedelta(hours=1)).timestamp())
        params = cast(SessionCreateParams, checkout.parameters | {"expires_at": expires_at})
        client = self.till.gateway.client(self.shop)
        made = await client.v1.checkout.sessions.create_async(params, {"idempotency_key": f"foreign {self.count}"})
        self.foreign.add(made.id)
        answer = await self.till.control(f"sessions/{made.id}/pay")
        assert answer.status_code == 200, answer.text

    async def pay_as_a_stranger(self, order: Order, amount: int) -> None:
        """Somebody writes the order's name on a payment of their own, as anybody can on a Payment Link."""
        self.count += 1
        price = {"currency": "eur", "unit_amount": amount, "product_data": {"name": "Tip"}}
        params: SessionCreateParams = {
            "mode": "payment",
            "client_reference_id": order.id,
            "line_items": [{"quantity": 1, "price_data": cast(SessionCreateParamsLineItemPriceData, price)}],
            "success_url": "https://shop.example/thanks",
        }
        client = self.till.gateway.client(self.shop)
        made = await client.v1.checkout.sessions.create_async(params, {"idempotency_key": f"stranger {self.count}"})
        self.strangers.add(made.id)
        answer = await self.till.control(f"sessions/{made.id}/pay")
        assert answer.status_code == 200, answer.text

    async def refund(self, order: Order, data: RefundCreate) -> None:
        """The merchant gives money back: exactly what is left may be given, and not a cent more."""
        self.count += 1
        key = f"refund {self.count}"
        self.wishes[key] = (order.id, data)
        await self.ask_refund(key)

    async def ask_refund(self, key: str) -> None:
        """Ask for a refund, for the first time or again."""
        order_id, data = self.wishes[key]
        seen = await self.look()
        order = seen.orders[order_id]
        known = next((each for each in seen.refunds[order_id] if each.key == key), None)
        left = order.amount_paid - order.amount_refunded
        try:
            made = await self._ask(refunds.create(self.till.gateway, self.db, self.shop, order_id, data, key, self.now))
        except NothingToRefund:
            assert known is None
            assert left == 0 or data.lines
        except RefundTooLarge:
            assert known is None
            assert data.lines or (isinstance(data.amount, int) and data.amount > left)
        except PaymentProviderRefused:
            paying = seen.paying(order)
            assert paying is not None
            assert seen.stripe.left(paying) < left, "Stripe would have given it back"
        else:
            assert made is None or known is None or made.id == known.id
            assert known is not None or made is None or made.amount <= left

    async def lines(self, order: Order) -> list[OrderLine]:
        """The order's lines."""
        async with self.db.read() as session:
            return list((await session.exec(select(OrderLine).where(OrderLine.order_id == order.id))).all())

    async def resolve(self, review: OrderReview) -> None:
        """Somebody has looked."""
        async with self.db.transaction() as session:
            await reviews.resolve(session, self.shop, review.order_id, review.id, None, self.now)

    async def recover(self, order: Order) -> Checkout | None:
        """A buyer takes up again what was not paid."""
        async with self.db.read() as session:
            intent = await recovery.intent(session, order, None)
        return await self.start(intent)

    async def at_stripe(self, path: str, **order: object) -> httpx2.Response:
        """Somebody does something at Stripe, which may refuse."""
        answer = await self.till.control(path, **order)
        assert answer.status_code < 500, answer.text
        return answer

    async def deliver(self, copies: int, seed: int, losing: float) -> None:
        """Let go of the webhooks that wait, each so many times, in any order, some of them in vain."""
        self.till.dice, self.till.losing = random.Random(seed), losing
        await self.till.control("webhooks", release=True, copies=copies, seed=seed)
        await self.till.hear()
        self.till.losing = 0.0
        await self.till.control("webhooks", hold=True)

    async def repeat(self, seed: int, share: float) -> None:
        """The network says again what it has said before, or was not heard to say."""
        dice = random.Random(seed)
        again = [each for each in self.till.deliveries if dice.random() < share]
        dice.shuffle(again)
        for body, signature in again:
            await events.receive(self.db, self.till.vault, body, signature, clock.now())

    async def sweep(self) -> None:
        """Ask Stripe for what was lost."""
        await sweeping.catch_up(self.till.gateway, self.db, self.till.vault, self.shop, self.now)

    async def work(self) -> None:
        """Do every job that is due."""
        for _ in range(20):
            if not await jobs.run_due(self.till.resources, self.now):
                return

    async def pass_time(self, minutes: int) -> None:
        """Time passes, for us and for Stripe."""
        self.later += timedelta(minutes=minutes)
        await self.till.control("clock", advance=minutes * 60)

    async def fail_next(self, at: str, path: str) -> None:
        """The next request of this kind fails: before, inside, or after Stripe has done what was asked."""
        self.faults += 1
        headers = {"stripe-should-retry": "false"}  # The SDK need not wait and try again: we do.
        fault = {"at": at, "path": path, "method": "POST", "status": 500, "headers": headers}
        answer = await self.till.person.post("/_local/faults", json=fault)
        assert answer.status_code == 200, answer.text

    async def conclude(self) -> None:
        """Everything is said and done: all news arrive, every page closes, every job is done."""
        await self.till.person.delete("/_local/faults")
        for minutes in (11, 45, 26 * 60, 120, 120):
            await self.pass_time(minutes)
            await self.deliver(2, minutes, 0.0)
            await self.repeat(minutes, 1.0)
            await self.work()
            await self.deliver(1, minutes, 0.0)
            await self.sweep()

    async def look(self) -> Picture:
        """Both books as they are now."""
        holds: defaultdict[str, list[Hold]] = defaultdict(list)
        backs: defaultdict[str, list[Refund]] = defaultdict(list)
        asked: defaultdict[str, list[OrderReview]] = defaultdict(list)
        held: defaultdict[str, set[str]] = defaultdict(set)
        async with self.db.read() as session:
            orders = (await session.exec(select(Order).order_by(col(Order.id)))).all()
            kept = (await session.exec(select(Checkout))).all()
            for hold in (await session.exec(select(Hold))).all():
                holds[hold.order_id].append(hold)
            for back in (await session.exec(select(Refund).order_by(col(Refund.id)))).all():
                backs[back.order_id].append(back)
            for review in (await session.exec(select(OrderReview).order_by(col(OrderReview.id)))).all():
                asked[review.order_id].append(review)
            living = select(FulfilmentHold).where(col(FulfilmentHold.released_at).is_(None))
            for each in (await session.exec(living)).all():
                held[each.order_id].add(each.reason)
            news = (await session.exec(select(EventRecord))).all()
            variants = (await session.exec(select(Variant).where(col(Variant.id).in_(list(self.initial))))).all()
        return Picture(
            orders={each.id: each for each in orders},
            checkouts={each.order_id: each for each in kept},
            holds=holds,
            refunds=backs,
            reviews=asked,
            news=Counter((each.kind, str(each.payload.get("order_id"))) for each in news),
            available={each.id: each.available for each in variants},
            stripe=Stripe.of(self.till.sandbox.desk.state),
            started=tuple(self.started),
            foreign=frozenset(self.foreign),
            strangers=frozenset(self.strangers),
            held={each: frozenset(held[each]) for each in (order.id for order in orders)},
        )

    async def judge_the_books(self) -> None:
        """No event waits, no job was given up, and the ledger is balanced and says what Stripe says."""
        async with self.db.read() as session:
            waiting = select(StripeEvent.type).where(StripeEvent.outcome == "orphan")
            assert (await session.exec(waiting)).all() == []
            assert [each.name for each in await jobs.dead(session, self.shop.id)] == []
            found = await ledger.balances(session, self.shop)
        headers = {"authorization": f"Bearer {KEY}"}
        theirs = (await self.till.person.get("/v1/balance", headers=headers)).json()
        balance = sum(each["amount"] for kind in ("available", "pending") for each in theirs[kind])
        assert sum(found.values()) == 0
        assert found.get(("EUR", "stripe"), 0) == balance
