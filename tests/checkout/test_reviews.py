"""A person is asked to look once for each matter, hears of the order as it is, and is not asked again."""

from pathlib import Path

import pytest

from checkout import fulfilment_holds, orders, reviews
from checkout.errors import OrderNotFound, ReviewNotFound
from checkout.models import OrderReview
from checkout.news import FOLLOWED
from checkout.reviews import HOLDING
from checkout.schemas import CheckoutItemIn
from checkout.shipping.errors import HeldByReview
from core import clock, ids, shops
from tests.checkout.conftest import Till, make_endpoint, make_variant, said
from tests.checkout.test_news import Story, begin


async def known(story: Story) -> list[OrderReview]:
    async with story.till.db.read() as session:
        return await reviews.of_order(session, await story.order())


async def resolve(story: Story, review: OrderReview, note: str | None = None) -> OrderReview:
    async with story.till.db.transaction() as session:
        return await reviews.resolve(session, story.till.shop, review.order_id, review.id, note, clock.now())


async def paid_twice(till: Till) -> Story:
    """An order that was paid, and once more in a session that nobody knows."""
    story = await begin(till)
    await story.tell([story.session("completed", "paid"), story.session("completed", "paid", id="cs_again")])
    return story


async def test_what_was_resolved_does_not_come_back_when_the_same_is_heard_again(till: Till) -> None:
    story = await paid_twice(till)
    assert (await story.order()).reviews == ["duplicate-payment", "unknown-session"]
    for review in await known(story):
        await resolve(story, review)
    assert (await story.order()).reviews == []
    told = (await story.news()).count("order.needs_review")
    again = [story.session(kind, "paid", id=name) for kind in ("completed", "async_payment_succeeded")
             for name in ("cs_again", "")]  # fmt: skip
    assert await story.tell(again) == ["applied"] * 4
    assert (await story.order()).reviews == []
    assert (await story.news()).count("order.needs_review") == told


async def test_another_matter_of_the_same_kind_opens_anew(till: Till) -> None:
    story = await paid_twice(till)
    first = await known(story)
    for review in first:
        await resolve(story, review, "Given back.")
    await story.tell([story.session("completed", "paid", id="cs_third")])
    assert (await story.order()).reviews == ["duplicate-payment", "unknown-session"]
    resolved = {each.id for each in first}
    later = [each for each in await known(story) if each.id not in resolved]
    assert {(each.reason, each.about) for each in later} == {
        ("duplicate-payment", "cs_third"),
        ("unknown-session", "cs_third"),
    }
    assert {each.note for each in await known(story) if each.resolved_at} == {"Given back."}


async def test_an_order_names_a_reason_until_every_matter_of_it_is_resolved(till: Till) -> None:
    story = await paid_twice(till)
    await story.tell([story.session("completed", "paid", id="cs_third")])
    (first, second) = [each for each in await known(story) if each.reason == "duplicate-payment"]
    await resolve(story, first)
    assert "duplicate-payment" in (await story.order()).reviews
    await resolve(story, second)
    assert (await story.order()).reviews == ["unknown-session"]


async def test_the_first_one_who_looks_is_remembered(till: Till) -> None:
    story = await paid_twice(till)
    (review, *_) = await known(story)
    first = await resolve(story, review, "Spoke to her.")
    second = await resolve(story, review, "Who was that?")
    assert (second.note, second.resolved_at) == ("Spoke to her.", first.resolved_at)


async def test_what_is_not_under_review_cannot_be_resolved(till: Till) -> None:
    story = await paid_twice(till)
    other = await paid_twice(till)
    (review, *_) = await known(story)
    now = clock.now()
    async with till.db.transaction() as session:
        elsewhere = await shops.create(session, "Elsewhere", "EUR")
        for order_id, review_id in ((review.order_id, ids.new("rev")), (other.checkout.order_id, review.id)):
            with pytest.raises(ReviewNotFound):
                await reviews.resolve(session, till.shop, order_id, review_id, None, now)
        with pytest.raises(OrderNotFound):
            await reviews.resolve(session, elsewhere, review.order_id, review.id, None, now)


async def test_orders_are_found_by_what_is_open(till: Till) -> None:
    story, calm, looked_at = await paid_twice(till), await begin(till), await paid_twice(till)
    for review in await known(looked_at):
        await resolve(looked_at, review)

    async def found(**wanted: object) -> list[str]:
        async with till.db.read() as session:
            filters = orders.Filters(**wanted)  # type: ignore[arg-type]  # Names and values come from the test.
            page, _ = await orders.list_page(session, till.shop, filters, 10, None)
        return [each.id for each in page]

    mine, quiet, past = (each.checkout.order_id for each in (story, calm, looked_at))
    assert await found(needs_review=True) == [mine] == await found(review="duplicate-payment")
    assert await found(needs_review=False) == [past, quiet]
    assert await found(review="late-payment") == []


async def test_the_shop_is_told_of_the_order_as_it_is_when_all_is_said(till: Till) -> None:
    endpoint = await make_endpoint(till.db, till.shop)
    story = await begin(till)
    await story.tell([story.session("completed", "paid", amount_total=100)])
    told = await said(till.db, endpoint)
    assert [name for name, _ in told] == ["order.placed", "order.paid", "order.needs_review"]
    order = told[-1][1]["order"]
    assert (order["status"], order["number"], order["reviews"]) == ("paid", 1, ["amount-mismatch"])
    assert order["amount_paid"] == 100


def suspicion(story: Story, kind: str, **about: object) -> bytes:
    return story.event(kind, {"id": "prv_1", "payment_intent": "pi_own"} | about)


async def test_an_early_fraud_warning_holds_the_order_back_and_is_told(till: Till) -> None:
    checkout = await till.start(CheckoutItemIn(variant_id=await make_variant(till.db, till.shop)))
    await till.pay(checkout, card="4000000000005423")
    story = Story(till, checkout, 4900)
    assert ((await story.order()).status, (await story.order()).reviews) == ("paid", ["fraud-warning"])
    assert (await holds(story), (await story.news())[-1]) == (["review"], "order.needs_review")
    (review,) = await known(story)
    await resolve(story, review, "Spoke to him.")
    assert await holds(story) == []


async def test_a_warning_that_comes_before_the_payment_waits_for_it(till: Till) -> None:
    story = await begin(till)
    warning = suspicion(story, "radar.early_fraud_warning.created", id="issfr_1")
    assert await story.tell([warning, story.session("completed", "paid")]) == ["orphan", "applied"]
    assert (await story.order()).reviews == ["fraud-warning"]


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize(
    ("reason", "left"), [("approved", []), ("disputed", ["radar-review"]), ("refunded", ["radar-review"])]
)
async def test_who_approves_a_payment_at_stripe_has_looked_at_the_order(
    till: Till, reason: str, left: list[str], order: int
) -> None:
    story = await begin(till)
    await story.tell([story.session("completed", "paid")])
    opened = suspicion(story, "review.opened", open=True, closed_reason=None)
    closed = suspicion(story, "review.closed", open=False, closed_reason=reason)
    bodies = [opened, closed][::order]
    await story.tell(bodies[:1])
    assert (await story.order()).reviews == (["radar-review"] if order == 1 else left)
    await story.tell(bodies[1:])
    assert ((await story.order()).reviews, await holds(story)) == (left, ["review"] if left else [])


async def test_a_merchant_is_told_to_send_every_event_that_is_followed() -> None:
    text = Path("docs/production.md").read_text()
    assert [each for each in FOLLOWED if f"`{each}`" not in text] == []


async def holds(story: Story) -> list[str]:
    async with story.till.db.read() as session:
        return (await fulfilment_holds.reasons(session, [story.checkout.order_id]))[story.checkout.order_id]


async def test_an_order_whose_money_is_in_doubt_is_held_back_until_the_last_doubt_is_gone(till: Till) -> None:
    story = await begin(till)
    copy = story.session("completed", "paid", id="cs_copy")
    await story.tell([story.session("completed", "paid", amount_total=100, currency="usd"), copy])
    assert (await story.order()).reviews == [
        "amount-mismatch", "currency-mismatch", "duplicate-payment", "unknown-session",
    ]  # fmt: skip
    async with till.db.read() as session:
        (held,) = await fulfilment_holds.of_order(session, await story.order())
    async with till.db.transaction() as session:
        with pytest.raises(HeldByReview):
            await fulfilment_holds.release(session, till.shop, held.order_id, held.id, clock.now())
    for review in await known(story):
        assert await holds(story) == (["review"] if HOLDING.intersection((await story.order()).reviews) else [])
        await resolve(story, review)
    assert await holds(story) == []
