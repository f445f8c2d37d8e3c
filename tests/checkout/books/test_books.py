"""What webhooks did not bring is fetched, every cent is booked once, and what differs is said."""

from datetime import timedelta
from typing import cast

import httpx2
import sqlalchemy as sa
from sqlmodel import select
from stripe.params.checkout import SessionCreateParams

from checkout import contacts, orders, refunds
from checkout.books import comparing, ledger, reporting, rounds, sweeping
from checkout.books.models import LedgerEntry, Reading, ReconciledDay
from checkout.models import Checkout, Dispute, Order, OrderReview, Refund, StripeEvent
from checkout.schemas import CheckoutItemIn, RefundCreate
from core import clock, jobs
from core.jobs import Job
from tests.checkout.conftest import KEY, Till, make_variant
from tests.checkout.test_news import Story


async def sold(till: Till, amount: int = 4900, *, heard: bool = True, card: str = "4242424242424242") -> Checkout:
    """A checkout that was paid; its webhooks are held back where we have not `heard`."""
    await till.control("webhooks", hold=not heard)
    variant = await make_variant(till.db, till.shop, amount=amount)
    checkout = await till.start(CheckoutItemIn(variant_id=variant))
    await till.pay(checkout, card=card)
    return checkout


async def order_of(till: Till, checkout: Checkout) -> Order:
    async with till.db.read() as session:
        return await orders.get(session, till.shop, checkout.order_id)


async def sweep(till: Till, later: timedelta = timedelta(0)) -> int:
    return await sweeping.catch_up(till.gateway, till.db, till.vault, till.shop, clock.now() + later)


async def compare(till: Till) -> ReconciledDay:
    now = clock.now()
    return await comparing.compare(till.gateway, till.db, till.vault, till.shop, now.date(), now)


async def stripes_balance(till: Till) -> int:
    async with httpx2.AsyncClient(
        transport=till.transport, base_url=till.settings.stripe_api_base, headers={"authorization": f"Bearer {KEY}"}
    ) as stripe:
        found = (await stripe.get("/v1/balance")).json()
    return sum(each["amount"] for kind in ("available", "pending") for each in found[kind])


async def balances(till: Till) -> dict[str, int]:
    async with till.db.read() as session:
        return {account: amount for (_, account), amount in (await ledger.balances(session, till.shop)).items()}


async def test_a_payment_that_no_webhook_told_of_is_found(till: Till) -> None:
    checkout = await sold(till, heard=False)
    assert (await order_of(till, checkout)).status == "awaiting_payment"
    assert await sweep(till) == 1
    assert (await order_of(till, checkout)).status == "paid"
    assert await sweep(till) == 0
    async with till.db.read() as session:
        found = await reporting.report(session, till.shop, clock.now())
    assert (found.recovered, found.events.orphan, found.heard_at is not None) == (1, 0, True)


async def test_the_ledger_is_balanced_and_its_sum_is_stripes(till: Till) -> None:
    first, _ = await sold(till, 4900), await sold(till, 2500)
    await refunds.create(till.gateway, till.db, till.shop, first.order_id, RefundCreate(amount=1000), "r", clock.now())
    await till.hear()
    await sweep(till)
    await sweep(till, timedelta(hours=2))  # Read once more: nothing stands in the ledger twice.
    found = await balances(till)
    assert sum(found.values()) == 0
    assert found["stripe"] == await stripes_balance(till) > 0
    assert (found["sales"], found["refunds"]) == (-7400, 1000)
    async with till.db.read() as session:
        rows = (await session.exec(select(LedgerEntry).where(LedgerEntry.order_id == first.order_id))).all()
    assert sum(row.amount for row in rows if row.account == "sales") == -4900
    assert {row.order_id for row in rows if row.account == "refunds"} == {first.order_id}


async def test_a_day_agrees_with_stripe_also_where_nothing_was_heard(till: Till) -> None:
    heard, missed = await sold(till, 4900), await sold(till, 2500, heard=False)
    day = await compare(till)
    assert (day.orders, day.amount, day.amount_stripe, day.differences) == (2, 7400, 7400, [])
    assert [(await order_of(till, each)).status for each in (heard, missed)] == ["paid", "paid"]
    assert (await compare(till)).repaired == 0


async def test_a_payment_that_the_comparison_finds_is_known_as_a_webhook_would_have_told_it(till: Till) -> None:
    checkout = await sold(till, heard=False)
    client = till.gateway.client(till.shop)
    at_stripe = await client.v1.checkout.sessions.retrieve_async(checkout.stripe_session_id or "")
    story = Story(till, checkout, 4900)
    early = story.refund("created", "succeeded", 1000, intent=str(at_stripe.payment_intent))
    assert await story.tell([early]) == ["orphan"]
    async with till.db.transaction() as session:  # The sweep finds nothing.
        later = clock.now() + timedelta(hours=1)
        session.add(Reading(shop_id=till.shop.id, events_until=later, balance_until=later, recovered=0))
    assert (await compare(till)).repaired == 1
    order = await order_of(till, checkout)
    assert (order.status, order.amount_refunded) == ("partially_refunded", 1000)
    async with till.db.read() as session:
        assert (await contacts.of_orders(session, till.vault, [order]))[order.id].email
        waiting = select(StripeEvent.type).where(StripeEvent.outcome == "orphan")
        assert (await session.exec(waiting)).all() == []


async def test_money_that_is_in_one_book_only_is_named(till: Till) -> None:
    checkout = await sold(till)
    async with till.db.transaction() as session:
        order = await orders.lock(session, till.shop.id, checkout.order_id)
        assert order is not None
        order.amount_paid = 1
        session.add(order)
    (difference,) = (await compare(till)).differences
    assert difference == {"order_id": checkout.order_id, "ours": 1, "stripes": 4900, "currency": "EUR"}
    async with till.db.read() as session:
        (shown,) = (await reporting.report(session, till.shop, clock.now())).days[0].differences
    assert (shown.order_id, shown.ours.amount, shown.stripes.amount) == (checkout.order_id, 1, 4900)


async def test_a_second_payment_that_a_review_tells_of_is_no_difference(till: Till) -> None:
    checkout = await sold(till)
    made = await till.gateway.client(till.shop).v1.checkout.sessions.create_async(
        cast(SessionCreateParams, checkout.parameters), {"idempotency_key": "once more"}
    )
    assert (await till.control(f"sessions/{made.id}/pay")).status_code == 200
    await till.hear()
    assert "duplicate-payment" in (await order_of(till, checkout)).reviews
    for returned in (0, 4900):
        day = await compare(till)
        assert (day.amount, day.amount_stripe, day.differences) == (4900, 4900, [])
        assert (await balances(till)).get("refunds", 0) == returned
        for minutes in (1, 5):  # The second payment goes back by itself.
            await till.work(timedelta(minutes=minutes))
    async with till.db.transaction() as session:
        await session.execute(sa.delete(OrderReview))
    (difference,) = (await compare(till)).differences
    assert (difference["order_id"], difference["ours"], difference["stripes"]) == (checkout.order_id, 4900, 9800)


async def test_what_went_back_is_compared_as_well(till: Till) -> None:
    refunded, disputed = await sold(till, card="4000000000000077"), await sold(till, card="4000000000000259")
    await refunds.create(
        till.gateway, till.db, till.shop, refunded.order_id, RefundCreate(amount=1000), "r", clock.now()
    )
    await till.hear()
    assert (await compare(till)).differences == []
    async with till.db.transaction() as session:
        await session.execute(sa.update(Refund).values(amount=900))
        await session.execute(sa.update(Dispute).values(amount=100))
    by_account = {each["account"]: each for each in (await compare(till)).differences}
    assert by_account == {
        "refunds": {
            "order_id": refunded.order_id, "account": "refunds", "ours": 900, "stripes": 1000, "currency": "EUR",
        },
        "disputes": {
            "order_id": disputed.order_id, "account": "disputes", "ours": 100, "stripes": 4900, "currency": "EUR",
        },
    }  # fmt: skip
    async with till.db.read() as session:
        shown = (await reporting.report(session, till.shop, clock.now())).days[0].differences
    assert {each.account for each in shown} == {"refunds", "disputes"}


async def test_the_rounds_begin_once_and_go_on_by_themselves(till: Till) -> None:
    now = clock.now()
    await rounds.begin(till.db, now)
    await rounds.begin(till.db, now)

    async def waiting() -> list[str]:
        async with till.db.read() as session:
            return sorted(each for each in (await session.exec(select(Job.name))).all() if each.startswith("books."))

    assert await waiting() == ["books.compare", "books.sweep"]
    checkout = await sold(till, heard=False)
    await jobs.run_due(till.resources, clock.now())
    assert (await order_of(till, checkout)).status == "paid"
    assert await waiting() == ["books.compare", "books.sweep"]


async def test_stripe_is_asked_often_only_while_somebody_pays_in_silence(till: Till) -> None:
    now = clock.now()
    async with till.db.read() as session:
        assert await sweeping.interval(session, till.shop, now) == sweeping.CALM
    await till.start(CheckoutItemIn(variant_id=await make_variant(till.db, till.shop)))
    async with till.db.read() as session:
        assert await sweeping.interval(session, till.shop, now) == sweeping.WORRIED
    await sold(till)
    await till.start(CheckoutItemIn(variant_id=await make_variant(till.db, till.shop)))
    async with till.db.read() as session:
        assert await sweeping.interval(session, till.shop, clock.now()) == sweeping.CALM
        assert await sweeping.interval(session, till.shop, clock.now() + timedelta(minutes=11)) == sweeping.WORRIED


async def test_stripe_away_delays_the_sweep_and_loses_no_round(till: Till) -> None:
    await till.control("faults", status=503, times=50)
    await rounds.begin(till.db, clock.now())
    await jobs.run_due(till.resources, clock.now())
    async with till.db.read() as session:
        assert "books.sweep" in (await session.exec(select(Job.name).where(Job.attempts == 0))).all()


async def test_a_server_asks_for_those_who_were_paying_before_it_is_ready(till: Till) -> None:
    checkout = await sold(till, heard=False)
    first = rounds.FirstRound(till.gateway, till.db, till.vault)
    first.open()
    at_once = first.is_done
    await first.finished()
    assert (at_once, first.is_done) == (False, True)
    assert (await order_of(till, checkout)).status == "paid"
    await first.close()


async def test_events_that_are_done_with_are_forgotten_after_ninety_days(till: Till) -> None:
    await sold(till)
    now = clock.now()
    async with till.db.transaction() as session:
        for outcome in ("orphan", "unreadable", "foreign", "given_up"):
            session.add(
                StripeEvent(
                    shop_id=till.shop.id, id=f"evt_{outcome}", type="refund.created", object_id="re_1",
                    outcome=outcome, created_at=now, received_at=now,
                )
            )  # fmt: skip

    async def outcomes_after(days: int) -> set[str]:
        resources = till.resources.at(now + timedelta(days=days))
        await comparing.compare_yesterday.run(resources, comparing.Compare(till.shop.id))
        async with till.db.read() as session:
            return set((await session.exec(select(StripeEvent.outcome))).all())

    assert await outcomes_after(89) == {"applied", "ignored", "orphan", "unreadable", "foreign", "given_up"}
    assert await outcomes_after(91) == {"orphan", "unreadable"}
