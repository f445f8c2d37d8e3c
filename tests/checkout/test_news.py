"""Whatever Stripe says, in whatever order and however often: the order ends where its facts are."""

import hashlib
import hmac
import random
from collections.abc import Mapping, Sequence

import msgspec
import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from checkout import contacts, disputes, orders, payments, refunds
from checkout.books import reporting
from checkout.discounts import discounts
from checkout.discounts.schemas import DiscountCreate
from checkout.discounts.terms import Percentage
from checkout.models import Checkout, Order, Payment, StripeEvent
from checkout.schemas import CheckoutItemIn
from checkout.stripe import events
from core import clock, shops
from core.events import EventRecord
from core.shops import ShopChange
from tests.checkout.conftest import SECRET, Till, make_endpoint, make_variant, offer, said
from tests.checkout.shipping.making import make_rate


def signed(body: bytes) -> str:
    at = int(clock.now().timestamp())
    return f"t={at},v1={hmac.new(SECRET.encode(), f'{at}.'.encode() + body, hashlib.sha256).hexdigest()}"


class Story:
    """Events about one checkout, as Stripe would send them."""

    def __init__(self, till: Till, checkout: Checkout, amount: int) -> None:
        self.till, self.checkout, self.amount, self.count = till, checkout, amount, 0

    def event(self, kind: str, about: Mapping[str, object], **top: object) -> bytes:
        self.count += 1
        message = {"id": f"evt_{self.count}", "type": kind, "created": self.count, "data": {"object": about}}
        return msgspec.json.encode(message | top)

    def session(self, kind: str, paid: str, status: str = "complete", *, id: str = "", **more: object) -> bytes:  # noqa: A002  # Stripe's name.
        own = self.checkout.stripe_session_id
        about = {
            "id": id or own, "status": status, "payment_status": paid, "amount_subtotal": self.amount,
            "amount_total": self.amount, "currency": "eur", "payment_intent": f"pi_{id or 'own'}",
            "client_reference_id": self.checkout.order_id, "metadata": {"order": self.checkout.order_id}, "created": 7,
        }  # fmt: skip
        return self.event(f"checkout.session.{kind}", about | more)

    def refund(
        self, kind: str, status: str, amount: int, name: str = "re_1", intent: str | None = "pi_own", **metadata: str
    ) -> bytes:
        about = {"id": name, "amount": amount, "currency": "eur", "status": status, "payment_intent": intent}
        return self.event(f"refund.{kind}", about | {"metadata": metadata})

    def dispute(self, kind: str, status: str, due_by: int | None = None) -> bytes:
        about = {
            "id": "du_1", "amount": self.amount, "currency": "eur", "status": status, "reason": "fraudulent",
            "payment_intent": "pi_own", "evidence_details": {"due_by": due_by},
        }  # fmt: skip
        return self.event(f"charge.dispute.{kind}", about)

    async def tell(self, bodies: Sequence[bytes]) -> list[str]:
        return [await events.receive(self.till.db, self.till.vault, body, signed(body), clock.now()) for body in bodies]

    async def order(self) -> Order:
        async with self.till.db.read() as session:
            return await orders.get(session, self.till.shop, self.checkout.order_id)

    async def news(self) -> list[str]:
        async with self.till.db.read() as session:
            kinds = (await session.exec(select(EventRecord.kind).order_by(col(EventRecord.id)))).all()
        return [kind for kind in kinds if kind.startswith(("order.", "payment."))]


async def begin(till: Till, stock: int = 3, amount: int = 4900) -> Story:
    variant = await make_variant(till.db, till.shop, stock=stock, amount=amount)
    return Story(till, await till.start(CheckoutItemIn(variant_id=variant)), amount)


@pytest.mark.parametrize("seed", range(6))
async def test_any_order_and_repetition_of_events_ends_in_the_same_order(till: Till, seed: int) -> None:
    story = await begin(till)
    bodies = [
        story.session("completed", "unpaid"),
        story.session("async_payment_succeeded", "paid"),
        story.refund("created", "pending", 1000),
        story.refund("updated", "succeeded", 1000),
        story.refund("failed", "failed", 1000),
        story.refund("created", "pending", 500, "re_2"),
        story.dispute("created", "needs_response", 1000),
        story.dispute("updated", "under_review", 2000),
        story.dispute("closed", "won"),
    ]
    shuffled = bodies * 2
    random.Random(seed).shuffle(shuffled)
    assert set(await story.tell(shuffled)) <= {"applied", "orphan", "duplicate"}
    order = await story.order()
    assert (order.status, order.amount_paid, order.amount_refunded) == ("partially_refunded", 4900, 500)
    assert (order.number, order.reviews, order.oversold) == (1, [], False)
    async with till.db.read() as session:
        known = {each.stripe_refund_id: each.status for each in await refunds.of_order(session, order)}
        (dispute,) = await disputes.of_order(session, order)
        assert (await session.exec(select(StripeEvent.outcome).distinct())).all() == ["applied"]
        assert (await session.exec(select(StripeEvent.id).where(col(StripeEvent.body_sealed).is_not(None)))).all() == []
    assert known == {"re_1": "failed", "re_2": "pending"}
    assert (dispute.status, dispute.evidence_due_by and dispute.evidence_due_by.timestamp()) == ("won", 2000)
    news = await story.news()
    assert [news.count(each) for each in ("order.paid", "order.disputed", "order.dispute_closed")] == [1, 1, 1]
    assert "order.refund_failed" in news


async def test_a_refund_that_fails_makes_the_order_paid_again(till: Till) -> None:
    story = await begin(till)
    await story.tell([story.session("completed", "paid"), story.refund("created", "succeeded", 4900)])
    assert ((order := await story.order()).status, order.amount_refunded) == ("refunded", 4900)
    await story.tell([story.refund("failed", "failed", 4900)])
    assert ((order := await story.order()).status, order.amount_refunded) == ("paid", 0)
    assert await story.news() == ["order.placed", "order.paid", "order.refunded", "order.refund_failed"]


async def test_a_dispute_is_heard_of_until_the_bank_has_decided(till: Till) -> None:
    story = await begin(till)
    await story.tell([story.session("completed", "paid"), story.dispute("created", "needs_response", 5000)])
    assert (await story.order()).status == "disputed"
    await story.tell([story.dispute("closed", "lost")])
    assert (await story.order()).status == "charged_back"
    assert (await story.news())[-2:] == ["order.disputed", "order.dispute_closed"]


async def test_money_that_comes_after_a_failure_is_not_forgotten(till: Till) -> None:
    story = await begin(till, stock=1)
    await story.tell([story.session("completed", "unpaid"), story.session("async_payment_failed", "unpaid")])
    assert (await story.order()).status == "payment_failed"
    await story.tell([story.session("async_payment_succeeded", "paid")])
    order = await story.order()
    assert (order.status, order.oversold, order.reviews) == ("paid", False, ["late-payment"])


async def test_a_payment_that_takes_days_is_told_when_it_begins_and_when_it_is_certain(till: Till) -> None:
    story = await begin(till)
    endpoint = await make_endpoint(till.db, till.shop)
    begun, done = story.session("completed", "unpaid"), story.session("async_payment_succeeded", "paid")
    await story.tell([begun, begun, story.session("completed", "unpaid"), done, begun])
    assert [(kind, data["order"]["status"]) for kind, data in await said(till.db, endpoint)] == [
        ("order.processing", "processing"),
        ("order.paid", "paid"),
    ]


async def test_a_payment_whose_end_is_heard_before_its_beginning_is_paid_and_nothing_else(till: Till) -> None:
    story = await begin(till)
    await story.tell([story.session("async_payment_succeeded", "paid"), story.session("completed", "unpaid")])
    assert await story.news() == ["order.placed", "order.paid"]


async def test_an_order_for_nothing_is_paid_without_a_payment(till: Till) -> None:
    story = await begin(till, amount=0)
    await story.tell([story.session("completed", "no_payment_required", payment_intent=None)])
    assert ((order := await story.order()).status, order.amount_paid, order.number) == ("paid", 0, 1)


def took(total: int, discount: int = 0, shipping: int = 0, tax: int = 0) -> dict[str, object]:
    details = {"amount_discount": discount, "amount_shipping": shipping, "amount_tax": tax}
    return {"amount_total": total, "total_details": details}


async def furnish(till: Till, what: str) -> None:
    """A shop that asks for more than the price of the goods, or for less."""
    if what == "ways":
        for name, amount in (("Colissimo", 590), ("Chronopost", 1500)):
            await make_rate(till.db, till.shop, name, [till.shop.country], amount)
    async with till.db.transaction() as session:
        if what.startswith("tax"):
            change = ShopChange(stripe_tax=True, prices_include_tax=what == "tax inside")
            till.shop = await shops.change(session, till.shop, change, None)
        if what == "discount":
            await discounts.create(session, till.shop, DiscountCreate(title="Été", terms=Percentage(rate=1000)))


@pytest.mark.parametrize(
    ("shop_has", "changed", "reviews"),
    [
        ("nothing", {}, []),
        ("nothing", {"amount_total": 100}, ["amount-mismatch"]),
        ("nothing", {"amount_subtotal": 100, "amount_total": 4900}, ["amount-mismatch"]),
        ("nothing", took(4400, discount=500), ["amount-mismatch"]),
        ("nothing", took(4900, discount=500), ["amount-mismatch"]),
        ("nothing", took(5490, shipping=590), ["amount-mismatch"]),
        ("nothing", took(4900, tax=817), ["amount-mismatch"]),
        ("nothing", took(5880, tax=980), ["amount-mismatch"]),
        ("nothing", {"currency": "usd"}, ["currency-mismatch"]),
        ("nothing", {"id": "cs_other"}, ["unknown-session"]),
        ("ways", took(5490, shipping=590), []),
        ("ways", took(6400, shipping=1500), []),
        ("ways", took(4900), ["amount-mismatch"]),
        ("ways", took(5000, shipping=100), ["amount-mismatch"]),
        ("ways", took(6990, shipping=2090), ["amount-mismatch"]),
        ("tax inside", took(4900, tax=817), []),
        ("tax inside", took(5717, tax=817), ["amount-mismatch"]),
        ("tax on top", took(5880, tax=980), []),
        ("tax on top", took(4900, tax=980), ["amount-mismatch"]),
        ("discount", took(4410, discount=490), []),
        ("discount", took(4900), ["amount-mismatch"]),
        ("discount", took(4400, discount=500), ["amount-mismatch"]),
        ("discount", took(4410, discount=0), ["amount-mismatch"]),
    ],
)
async def test_what_stripe_took_is_what_the_order_says_or_a_person_looks(
    till: Till, shop_has: str, changed: dict[str, object], reviews: list[str]
) -> None:
    await furnish(till, shop_has)
    story = await begin(till)
    asked_for = (await story.order()).amount_total
    await story.tell([story.session("completed", "paid", **changed)])  # type: ignore[arg-type]  # Names of Stripe's.
    order = await story.order()
    assert (order.status, order.reviews) == ("paid", reviews)
    assert ("order.needs_review" in await story.news()) == bool(reviews)
    assert order.amount_paid == changed.get("amount_total", 4900)
    assert order.amount_total == (asked_for if reviews else order.amount_paid)


async def test_orders_are_numbered_without_gaps_when_they_are_paid(till: Till) -> None:
    stories = [await begin(till) for _ in range(4)]
    assert {(await story.order()).number for story in stories} == {None}
    await stories[1].tell([stories[1].session("expired", "unpaid", "expired")])
    for number, index in enumerate((3, 0, 2), start=1):
        story = stories[index]
        story.count = 10 * number
        await story.tell([story.session("completed", "paid")])
        assert (await story.order()).number == number


@pytest.mark.parametrize("own_first", [True, False])
async def test_an_order_that_was_paid_twice_costs_what_its_own_payment_took(till: Till, own_first: bool) -> None:
    await furnish(till, "ways")
    story = await begin(till)
    own = story.session("completed", "paid", **took(6400, shipping=1500))  # type: ignore[arg-type]  # Stripe's names.
    again = story.session("completed", "paid", id="cs_again", **took(5490, shipping=590))  # type: ignore[arg-type]  # As above.
    await story.tell([own, again] if own_first else [again, own])
    order = await story.order()
    assert (order.amount_paid, order.amount_total, order.amount_shipping) == (6400, 6400, 1500)


async def test_an_order_that_was_paid_twice_gives_one_payment_back(till: Till) -> None:
    story = await begin(till)
    await story.tell([story.session("completed", "paid", id="cs_again"), story.session("completed", "paid")])
    order = await story.order()
    assert (order.status, order.amount_paid) == ("paid", 4900)
    assert order.reviews == ["duplicate-payment", "unknown-session"]
    async with till.db.read() as session:
        found = {each.session_id for each in (await payments.sessions_of(session, order)).payments}
    assert found == {"cs_again", story.checkout.stripe_session_id}


async def test_events_of_another_account_or_mode_change_nothing(till: Till) -> None:
    story = await begin(till)
    for top in ({"account": "acct_other"}, {"livemode": True}):
        body = msgspec.json.decode(story.session("completed", "paid")) | top
        assert await story.tell([msgspec.json.encode(body)]) == ["foreign"]
    assert (await story.order()).status == "awaiting_payment"


async def test_every_event_is_counted_once_by_what_became_of_it(till: Till) -> None:
    story = await begin(till)
    foreign = msgspec.json.decode(story.session("completed", "paid")) | {"account": "acct_other"}
    bodies = [
        msgspec.json.encode(foreign),
        *(story.event(kind, {"id": "cus_1"}) for kind in ("customer.created", "customer.updated", "charge.captured")),
        story.refund("created", "succeeded", 100, intent="pi_nobodys"),
        story.session("completed", "paid"),
        story.refund("created", "succeeded", 100),
    ]
    assert await story.tell(bodies) == ["foreign", *["ignored"] * 3, "orphan", "applied", "applied"]
    assert await story.tell(bodies) == ["duplicate"] * 7
    async with till.db.transaction() as session:
        elsewhere = await shops.create(session, "Elsewhere", "EUR")
        found = await reporting.report(session, till.shop, clock.now())
        nothing = await reporting.report(session, elsewhere, clock.now())
    counts = found.events
    assert (counts.applied, counts.ignored, counts.foreign, counts.orphan) == (2, 3, 1, 1)
    assert set(msgspec.structs.astuple(nothing.events)) == {0}
    assert (found.heard_at is not None, nothing.heard_at) == (True, None)


async def test_the_stock_of_a_sold_order_is_never_given_back_by_a_late_word(till: Till) -> None:
    story = await begin(till, stock=1)
    async with till.db.read() as session:
        variant = (await orders.lines(session, [await story.order()]))[story.checkout.order_id][0].variant_id
    await story.tell([story.session("completed", "paid"), story.session("expired", "unpaid", "expired")])
    await story.tell([story.session("async_payment_failed", "unpaid")])
    assert (await story.order()).status == "paid"
    assert (await offer(till.db, till.shop, variant)).available == 0


def strangers(story: Story, **changed: object) -> bytes:
    """Somebody has written the order's name on a payment of their own."""
    return story.session("completed", "paid", **({"id": "cs_link", "metadata": {}} | changed))  # type: ignore[arg-type]  # Names of Stripe's.


@pytest.mark.parametrize("changed", [{"amount_subtotal": 100, "amount_total": 100}, {"currency": "usd"}, {}])
async def test_nobody_pays_an_order_by_writing_its_name_on_another_payment(
    till: Till, changed: dict[str, object]
) -> None:
    story = await begin(till)
    await story.tell([strangers(story, customer_details={"email": "mallory@example.com"}, **changed)])
    order = await story.order()
    assert (order.status, order.number, order.amount_paid) == ("awaiting_payment", None, 0)
    assert "unknown-session" in order.reviews
    await story.tell([story.session("completed", "paid", customer_details={"email": "ada@example.com"})])
    order = await story.order()
    assert (order.status, order.amount_paid, "duplicate-payment" in order.reviews) == ("paid", 4900, False)
    async with till.db.read() as session:
        contact = (await contacts.of_orders(session, till.vault, [order]))[order.id]
        sessions = (await payments.sessions_of(session, order)).payments
        assert await refunds.of_order(session, order) == []
    assert contact.email == "ada@example.com"
    assert {each.session_id for each in sessions} == {"cs_link", story.checkout.stripe_session_id}


async def test_a_payment_link_that_is_free_pays_nothing(till: Till) -> None:
    story = await begin(till)
    free = {"payment_status": "no_payment_required", "amount_subtotal": 0, "amount_total": 0, "payment_intent": None}
    await story.tell([strangers(story, **free)])
    order = await story.order()
    assert (order.status, order.reviews) == ("awaiting_payment", ["amount-mismatch", "unknown-session"])


async def test_a_strangers_page_that_runs_out_ends_no_order(till: Till) -> None:
    story = await begin(till)
    out = story.session("expired", "unpaid", "expired", id="cs_link", metadata={})
    unpaid = story.session("completed", "unpaid", id="cs_link", metadata={})
    failed = story.session("async_payment_failed", "unpaid", id="cs_link", metadata={})
    copy = story.session("expired", "unpaid", "expired", id="cs_copy")
    assert await story.tell([out, unpaid, failed, copy]) == ["applied"] * 4
    assert (await story.order()).status == "awaiting_payment"


@pytest.mark.parametrize("changed", [{"amount_subtotal": 100, "amount_total": 100}, {"currency": "usd"}])
async def test_a_session_of_the_shops_own_that_took_something_else_settles_nothing(
    till: Till, changed: dict[str, object]
) -> None:
    story = await begin(till)
    await story.tell([story.session("completed", "paid", id="cs_copy", **changed)])  # type: ignore[arg-type]  # Names of Stripe's.
    order = await story.order()
    assert (order.status, order.amount_paid) == ("awaiting_payment", 0)
    assert len(order.reviews) == 2


async def test_money_given_back_of_a_strangers_payment_is_not_the_orders(till: Till) -> None:
    story = await begin(till)
    told = [story.session("completed", "paid"), strangers(story, amount_subtotal=100, amount_total=100)]
    await story.tell([*told, story.refund("created", "succeeded", 100, "re_link", "pi_cs_link")])
    order = await story.order()
    assert (order.status, order.amount_refunded) == ("paid", 0)


async def test_our_own_session_settles_before_stripes_answer_has_reached_us(till: Till) -> None:
    story = await begin(till)
    own = story.checkout.stripe_session_id
    async with till.db.transaction() as session:
        await session.execute(sa.delete(Payment))
        await session.execute(sa.update(Checkout).values(stripe_session_id=None, status="creating"))
    body = story.session("completed", "paid", id=own or "")
    await story.tell([strangers(story, amount_subtotal=100, amount_total=100), body])
    order = await story.order()
    assert (order.status, order.amount_paid, order.reviews) == ("paid", 4900, ["amount-mismatch", "unknown-session"])
    async with till.db.read() as session:
        assert await orders.own_session(session, order) == own
