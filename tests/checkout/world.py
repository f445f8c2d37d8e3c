"""One shop, its buyers, its bank and a network that nobody can rely on, all of it real but the calendar.

The application, Stripe's SDK, the local Stripe and the database are the ones that everybody uses. Time is an argument:
`pass_time` moves Stripe's clock and ours together. Webhooks leave when `deliver` says so: shuffled, repeated, or lost.
"""

import asyncio
import base64
import random
from collections.abc import Awaitable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar, cast

import httpx2
from sqlmodel import col, select
from stripe.params.checkout import SessionCreateParams, SessionCreateParamsLineItemPriceData

from catalog import prices
from catalog.errors import OutOfStock
from catalog.schemas import PriceIn
from checkout import checkouts, recovery, refunds, reviews
from checkout.books import sweeping
from checkout.books.models import Reading
from checkout.discounts import discounts
from checkout.discounts.errors import DiscountNotApplicable
from checkout.discounts.redemptions import Claim
from checkout.discounts.schemas import DiscountCreate
from checkout.discounts.terms import Fixed, Percentage
from checkout.errors import (
    CheckoutClosed,
    NothingToRefund,
    PaymentProviderRefused,
    PaymentProviderUnavailable,
    RefundTooLarge,
)
from checkout.models import Checkout, Order, OrderLine, OrderReview
from checkout.placing import Intent, digest_of
from checkout.schemas import CheckoutItemIn, RefundCreate
from checkout.shipping import rates
from checkout.shipping.schemas import BracketIn, ShippingRateChange
from checkout.stripe import events
from core import clock, ids, jobs, shops
from core.db import Database
from core.secrets import Vault
from core.settings import Settings
from core.shops import Shop
from social.links.origin import Origin, Sign
from tests.checkout import watching
from tests.checkout.conftest import KEY, SECRET, make_variant
from tests.checkout.network import Network
from tests.checkout.oracle import Picture, judge_refusal
from tests.checkout.shipping.making import make_rate
from tests.checkout.stripe_books import Session, Stripe

PRICE = 3333
NETWORKS = ("instagram", "pinterest", "tiktok")
CODES = (
    DiscountCreate(title="Twice in all", code="TWICE", terms=Percentage(rate=1000), limit_total=2),
    DiscountCreate(title="Once each", code="ONCE", terms=Fixed(amount=500), limit_per_customer=1),
)
SCARCE = 5
POST, LINK = ids.new("post"), ids.new("link")
T = TypeVar("T")


class World:
    """What people, banks and networks can do."""

    def __init__(self, db: Database, till: Network) -> None:
        self.db, self.till = db, till
        self.elsewhere = Database(till.settings.database_url)  # As another process has it.
        self.prices: dict[str, int] = {}
        self.shown: dict[str, dict[str, int]] = {}
        self.postage: str | None = None
        self.later = timedelta(0)
        self.initial: dict[str, int] = {}
        self.intents: dict[str, Intent] = {}
        self.started: list[str] = []
        self.foreign: set[str] = set()
        self.strangers: set[str] = set()
        self.wishes: dict[str, tuple[str, RefundCreate]] = {}
        self.faults = 0
        self.changes = 0
        self.count = 0

    @classmethod
    async def begin(cls, url: str, folder: Path, stock: int, policy: str, delayed: str, extras: str) -> "World":
        """A connected shop with `stock` pieces of a variant that costs something and of one that costs nothing.

        `extras` come on top of a price: `postage`, by two ways, and with `tax inside` or `tax on top` Stripe's too.
        """
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
            shop.oversold_policy, shop.delayed_payments = policy, delayed
            shop.stripe_tax, shop.prices_include_tax = "tax" in extras, extras != "tax on top"
            for each in CODES:
                await discounts.create(session, shop, each)
        state = folder / "stripe.db"
        till = Network(db, settings, vault, shop, state, delayed_after=600.0, seed=stock, hands=1, retry_after=30.0)
        world = cls(db, till)
        for amount in (PRICE, 0):
            variant = await make_variant(db, shop, stock=stock, amount=amount)
            world.initial[variant], world.prices[variant] = stock, amount
        if extras:
            world.postage = (await make_rate(db, shop, "Letter", [shop.country], 590)).id
            await make_rate(db, shop, "Courier", [shop.country], 1500)
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
        await self.elsewhere.close()
        await self.db.close()
        self.till.judge.acquit()

    async def _ask(self, what: Awaitable[T]) -> T | None:
        """Ask for something; None where Stripe was made to be silent about it."""
        waiting = len(self.till.sandbox.desk.faults.waiting())
        try:
            return await what
        except PaymentProviderUnavailable:
            assert waiting or self.faults, "Stripe is there, and we say it is not"
            return None

    async def start(self, intent: Intent) -> Checkout | None:
        """Go to pay. Only what the shelf has not is refused, and a code that is used up."""
        seen = await self.look()
        try:
            checkout = await self._start(self.db, intent)
        except OutOfStock:
            assert any(seen.available[each.variant_id] < each.quantity for each in intent.items)
            return None
        except DiscountNotApplicable as refusal:
            judge_refusal(seen, intent, refusal)
            return None
        finally:
            await self._note(intent)
        if checkout is not None and checkout.order_id not in seen.orders:
            left = min(seen.available[each.variant_id] - each.quantity for each in intent.items)
            instant = self.shop.delayed_payments == "unless_scarce" and left < SCARCE
            assert ("excluded_payment_method_types" in checkout.parameters) == instant
        return checkout

    async def start_both(self, first: Intent, second: Intent) -> list[Checkout | None]:
        """Two go to pay at the same moment, each at a process of its own; whoever comes too late is refused."""
        both = zip((self.db, self.elsewhere), (first, second), strict=True)
        asked = (self._start(db, intent) for db, intent in both)
        found = await asyncio.gather(*asked, return_exceptions=True)
        await self._note(first, second)
        for each in found:
            if isinstance(each, BaseException) and not isinstance(each, OutOfStock):
                raise each
        return [None if isinstance(each, BaseException) else each for each in found]

    async def _start(self, db: Database, intent: Intent) -> Checkout | None:
        till = self.till
        return await self._ask(checkouts.start(till.gateway, db, till.settings, self.shop, intent, self.now))

    async def _note(self, *intents: Intent) -> None:
        """Which orders there are, in the order in which they were placed, and what things cost then."""
        by_digest = {(each.page, digest_of(each)): each for each in intents}
        async with self.db.read() as session:
            rows = select(Checkout.order_id, Checkout.page, Checkout.digest).order_by(col(Checkout.order_id))
            found = (await session.exec(rows)).all()
        for order_id, page, digest in found:
            if order_id not in self.intents:
                self.intents[order_id] = by_digest[page, digest]
                self.shown[order_id] = dict(self.prices)
                self.started.append(order_id)

    def wants(
        self, variant: int, quantity: int, network: int, code: str | None = None, person: int = 0, page: str = ""
    ) -> Intent:
        """Somebody wants something, on a page that nobody has seen before unless it is named."""
        self.count += 1
        item = CheckoutItemIn(variant_id=list(self.initial)[variant], quantity=quantity)
        name = NETWORKS[network]
        origin = Origin(
            network=name, post_id=POST, link_id=LINK, campaign=f"c{self.count}", method="utm", confidence="high",
            evidence=(Sign("utm", name, "high", name),),
        )  # fmt: skip
        return Intent(
            items=[item], origin=origin, utm={"utm_source": name}, page=page or f"page {self.count}",
            discount=Claim(code=code, customer=f"person {person}"),
        )  # fmt: skip

    async def reprice(self, variant: int, amount: int) -> None:
        """The merchant changes a price; what stands in a checkout keeps the one before."""
        self.changes += 1
        variant_id = list(self.initial)[variant]
        async with self.db.transaction() as session:
            await prices.replace(session, self.shop, variant_id, [PriceIn(amount=amount, currency="EUR")])
        self.prices[variant_id] = amount

    async def change_postage(self, amount: int) -> None:
        """The merchant changes what a letter costs."""
        assert self.postage is not None
        self.changes += 1
        async with self.db.transaction() as session:
            change = ShippingRateChange(brackets=[BracketIn(amount=amount)])
            await rates.change(session, self.shop, self.postage, change, None)

    async def pay(self, session_id: str, card: str, way: int = 0) -> None:
        """Press Pay; a card may be declined, and what takes days is not offered where little is left."""
        session = Stripe.of(self.till.sandbox.desk.state).sessions[session_id]
        answer = await self.till.control(f"sessions/{session_id}/pay", card=card, **self._way(session, way))
        refused = card.startswith("AT") and session.amount_total and await self._is_instant(session_id)
        assert answer.status_code in ((400,) if refused else (200, 402)), answer.text

    def _way(self, session: Session, way: int) -> dict[str, str]:
        """The way of shipping that a buyer chooses."""
        offered = session.shipping_options
        return {"shipping_rate": offered[way].shipping_rate} if offered else {}

    async def _is_instant(self, session_id: str) -> bool:
        """Whether methods that take days were left out."""
        async with self.db.read() as session:
            row = select(Checkout.parameters).where(Checkout.stripe_session_id == session_id)
            return "excluded_payment_method_types" in (await session.exec(row)).one()

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
        session = Stripe.of(self.till.sandbox.desk.state).sessions[made.id]
        answer = await self.till.control(f"sessions/{made.id}/pay", **self._way(session, 0))
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
            after = await self.look()
            asked = next(each for each in after.refunds[order_id] if each.key == key)
            # Of the payment that we know of: another may have come that nobody has told us yet.
            paid = after.stripe.sessions[str(asked.session_id)]
            assert after.stripe.left(paid) < asked.amount, "Stripe would have given it back"
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
        now = self.now
        await sweeping.catch_up(self.till.gateway, self.db, self.till.vault, self.shop, now)
        async with self.db.read() as session:
            reading = (await session.exec(select(Reading))).one()
        await watching.judge_the_ledger(self.till, is_up_to_date=reading.balance_until == now)

    async def work(self) -> None:
        """Do every job that is due."""
        for _ in range(20):
            if not await jobs.run_due(self.till.resources, self.now):
                break
        await watching.judge_the_ledger(self.till, is_up_to_date=False)

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
        await watching.judge_the_books(self.till)

    async def look(self) -> Picture:
        """Both books as they are now."""
        return replace(
            await watching.picture(self.till, list(self.initial)),
            started=tuple(self.started),
            foreign=frozenset(self.foreign),
            strangers=frozenset(self.strangers),
            prices=self.shown,
        )
