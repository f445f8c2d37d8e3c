"""Limits, schedules and what becomes of a use: counted with the order, once, and never passed."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Unpack

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from checkout.discounts import discounts, redemptions
from checkout.discounts.calculation import Line
from checkout.discounts.errors import DiscountNotApplicable
from checkout.discounts.models import Discount
from checkout.errors import TotalTooLarge, TotalTooSmall
from checkout.models import Checkout
from core import shops
from core.secrets import Vault
from core.settings import Settings
from tests.checkout.conftest import make_variant, offer
from tests.checkout.discounts.conftest import NOON, Counter, Visit


async def refusal(counter: Counter, variant: str, code: str, **rest: Unpack[Visit]) -> str:
    """Why a code is refused."""
    with pytest.raises(DiscountNotApplicable) as caught:
        await counter.place(variant, code, **rest)
    return str(caught.value.facts["reason"])


async def test_an_order_keeps_what_was_taken_off_and_by_what(counter: Counter, vase: str) -> None:
    lune = await counter.discount(code="lune10", title="Lune")
    always = await counter.discount(terms={"kind": "fixed", "amount": 300}, title="Fidélité")
    order = await counter.place(vase, " Lune10 ", quantity=2)
    assert (order.amount_subtotal, order.amount_discount, order.amount_total) == (9800, 980 + 300, 8520)
    assert [(line.amount_discount, line.amount_total) for line in await counter.lines(order)] == [(1280, 8520)]
    assert [(each.code, each.title, each.amount, each.status) for each in await counter.given(order)] == [
        ("LUNE10", "Lune", 980, "reserved"),
        (None, "Fidélité", 300, "reserved"),
    ]
    assert (await counter.used(lune), await counter.used(always)) == (1, 1)


async def test_of_fifty_at_once_five_get_a_code_that_is_good_five_times(counter: Counter, vase: str) -> None:
    lune = await counter.discount(code="LUNE", limit_total=5)
    tried = await asyncio.gather(*(counter.place(vase, "LUNE") for _ in range(50)), return_exceptions=True)
    refused = [each for each in tried if isinstance(each, BaseException)]
    assert {type(each) for each in refused} == {DiscountNotApplicable}
    assert {each.facts["reason"] for each in refused if isinstance(each, DiscountNotApplicable)} == {"used-up"}
    assert (len(refused), await counter.used(lune)) == (45, 5)


async def test_an_automatic_discount_that_runs_out_lets_the_rest_pay_the_usual_price(
    counter: Counter, vase: str
) -> None:
    first = await counter.discount(limit_per_day=3)
    placed = await asyncio.gather(*(counter.place(vase) for _ in range(8)))
    assert sorted(order.amount_discount for order in placed) == [0] * 5 + [490] * 3
    assert await counter.used(first) == 3


async def test_a_use_is_given_back_once_when_its_order_comes_to_nothing(counter: Counter, vase: str) -> None:
    lune = await counter.discount(code="LUNE", limit_total=1, limit_per_day=1, limit_per_customer=1)
    order = await counter.place(vase, "LUNE", customer="a")
    assert await refusal(counter, vase, "LUNE") == "used-up"
    await counter.end(order)
    await counter.end(order)
    assert await counter.used(lune) == 0
    assert [each.status for each in await counter.given(order)] == ["released"]
    again = await counter.place(vase, "LUNE", customer="a")
    assert again.amount_discount == 490


async def test_what_is_taken_up_again_claims_its_code_for_the_same_customer(counter: Counter, vase: str) -> None:
    await counter.discount(code="UNE-FOIS", limit_per_customer=1)
    left = await counter.place(vase, "UNE-FOIS", customer="a")
    await counter.end(left)
    plain = await counter.place(vase)
    async with counter.db.read() as session:
        claim = await redemptions.claim_again(session, left)
        nothing = await redemptions.claim_again(session, plain)
    assert (claim.code, claim.customer, claim.optional) == ("UNE-FOIS", "a", True)
    assert (nothing.code, nothing.customer) == (None, None)


async def test_a_late_payment_takes_its_use_again_or_has_somebody_look(counter: Counter, vase: str) -> None:
    lune = await counter.discount(code="LUNE", limit_total=1)
    late = await counter.place(vase, "LUNE")
    await counter.end(late)
    assert (await counter.redeem(late)).reviews == []
    assert await counter.used(lune) == 1
    await counter.redeem(late)
    assert await counter.used(lune) == 1
    later = await counter.discount(code="SOLEIL", limit_total=1)
    lost = await counter.place(vase, "SOLEIL")
    await counter.end(lost)
    await counter.place(vase, "SOLEIL")
    assert (await counter.redeem(lost)).reviews == ["discount-limit"]
    assert await counter.used(later) == 1


async def test_a_day_and_a_customer_have_their_limits(counter: Counter, vase: str) -> None:
    await counter.discount(code="JOUR", limit_per_day=1)
    await counter.place(vase, "JOUR")
    assert await refusal(counter, vase, "JOUR") == "used-up-today"
    await counter.place(vase, "JOUR", now=NOON + timedelta(hours=12))
    await counter.discount(code="UNE-FOIS", limit_per_customer=1)
    await counter.place(vase, "UNE-FOIS", customer="a")
    assert await refusal(counter, vase, "UNE-FOIS", customer="a") == "used-by-this-customer"
    await counter.place(vase, "UNE-FOIS", customer="b")


async def test_the_same_buyer_under_two_visits_is_seen_when_they_pay(
    counter: Counter, vase: str, settings: Settings
) -> None:
    await counter.discount(code="UNE-FOIS", limit_per_customer=1)
    first, second = (
        await counter.place(vase, "UNE-FOIS", customer="a"),
        await counter.place(vase, "UNE-FOIS", customer="b"),
    )
    reviews = []
    async with counter.db.transaction() as session:
        for order in (first, first, second):
            await redemptions.know_buyer(session, Vault(settings.secret_keys), order, " Marie@Example.test ")
            reviews.append(list(order.reviews))
    assert reviews == [[], [], ["discount-limit"]]


async def test_a_code_has_its_time(counter: Counter, vase: str) -> None:
    monday = datetime(2026, 11, 23, tzinfo=UTC)
    await counter.discount(code="LUNDI", starts_at=monday, ends_at=monday + timedelta(days=1))
    assert await refusal(counter, vase, "LUNDI") == "not-started"
    assert (await counter.place(vase, "LUNDI", now=monday)).amount_discount == 490
    assert await refusal(counter, vase, "LUNDI", now=monday + timedelta(days=1)) == "ended"
    await counter.discount(starts_at=monday)
    assert [(await counter.place(vase, now=now)).amount_discount for now in (NOON, monday)] == [0, 490]


async def test_a_code_that_cannot_be_used_says_why_or_is_passed_over(counter: Counter, vase: str) -> None:
    assert await refusal(counter, vase, "JAMAIS") == "unknown"
    await counter.discount(code="CENT", minimum_amount=10000)
    assert await refusal(counter, vase, "CENT") == "minimum-amount"
    await counter.discount(code="TROIS", terms={"kind": "buy_x_get_y", "buy": 2, "get": 1})
    assert await refusal(counter, vase, "TROIS") == "nothing-to-reduce"
    gone = await counter.discount(code="PASSE")
    async with counter.db.transaction() as session:
        await discounts.archive(session, counter.shop, gone.id)
        await discounts.archive(session, counter.shop, gone.id)
    assert await refusal(counter, vase, "PASSE") == "archived"
    for code in ("JAMAIS", "CENT", "PASSE"):
        order = await counter.place(vase, code, optional=True)
        assert (order.amount_discount, await counter.given(order)) == (0, [])


async def test_a_code_of_another_shop_is_unknown(counter: Counter, vase: str, settings: Settings) -> None:
    async with counter.db.transaction() as session:
        other = Counter(counter.db, settings, await shops.create(session, "Autre", "EUR"))
    await other.discount(code="LUNE")
    assert await refusal(counter, vase, "LUNE") == "unknown"


async def test_a_better_discount_that_does_not_go_with_the_code_takes_its_place(counter: Counter, vase: str) -> None:
    code = await counter.discount(code="PEU", combines=False)
    await counter.discount(terms={"kind": "percentage", "rate": 2000})
    order = await counter.place(vase, "PEU")
    assert (order.amount_discount, await counter.used(code)) == (980, 0)


async def test_a_total_is_nothing_or_can_be_paid(counter: Counter) -> None:
    cheap = await make_variant(counter.db, counter.shop, amount=1020)
    await counter.discount(code="DIX", terms={"kind": "fixed", "amount": 1000})
    await counter.discount(code="OFFERT", terms={"kind": "percentage", "rate": 10000})
    assert (await counter.place(cheap, "DIX")).amount_total == 50
    assert (await counter.place(cheap, "OFFERT")).amount_total == 0
    crumb = await make_variant(counter.db, counter.shop, amount=40)
    with pytest.raises(TotalTooSmall):
        await counter.place(crumb)


async def test_no_discount_makes_a_basket_small_that_stripe_could_not_hold(counter: Counter) -> None:
    dear = await make_variant(counter.db, counter.shop, stock=500, amount=99_999_900)
    everything = await counter.discount(code="OFFERT", terms={"kind": "percentage", "rate": 10000})
    with pytest.raises(TotalTooLarge):
        await counter.place(dear, "OFFERT", quantity=500)
    assert await counter.used(everything) == 0


async def test_free_shipping_is_kept_with_the_order(counter: Counter, vase: str) -> None:
    await counter.discount(code="PORT", terms={"kind": "free_shipping"})
    order = await counter.place(vase, "PORT")
    assert [(each.free_shipping, each.amount) for each in await counter.given(order)] == [(True, 0)]


async def test_stripe_is_asked_for_one_coupon_per_name_and_amount(counter: Counter, vase: str) -> None:
    await counter.discount(code="LUNE10")
    orders = [await counter.place(vase, "LUNE10"), await counter.place(vase, "LUNE10"), await counter.place(vase)]
    async with counter.db.read() as session:
        found = {each.order_id: each for each in (await session.exec(select(Checkout))).all()}
    first, second, plain = (found[order.id] for order in orders)
    assert first.coupon == second.coupon
    assert first.coupon is not None
    assert first.coupon | {"id": ""} == {
        "id": "", "name": "LUNE10", "amount_off": 490, "currency": "eur", "duration": "once",
    }  # fmt: skip
    assert first.parameters["discounts"] == [{"coupon": first.coupon["id"]}]
    assert (plain.coupon, "discounts" in plain.parameters) == (None, False)


async def test_a_preview_counts_nothing_and_says_what_an_order_would_get(counter: Counter, vase: str) -> None:
    lune = await counter.discount(code="LUNE10", limit_per_day=1)
    piece = [Line(key=vase, product_id="prod_00000", unit_amount=4900, quantity=1)]
    async with counter.db.read() as session:
        found = await redemptions.preview(session, counter.shop, piece, "lune10", NOON)
        unknown = await redemptions.preview(session, counter.shop, piece, "JAMAIS", NOON)
    assert ([(each.id, amount) for each, amount in found], unknown) == ([(lune.id, 490)], [])
    await counter.place(vase, "LUNE10")
    async with counter.db.read() as session:
        assert await redemptions.preview(session, counter.shop, piece, "LUNE10", NOON) == []


async def test_what_was_taken_off_is_told_in_the_order_in_which_it_was(counter: Counter, vase: str) -> None:
    await counter.discount(terms={"kind": "fixed", "amount": 300}, title="Fidélité")
    await counter.discount(title="Lune")
    order = await counter.place(vase)
    assert [(each.title, each.position) for each in await counter.given(order)] == [("Lune", 0), ("Fidélité", 1)]


async def test_a_discount_for_some_products_is_for_those_alone(counter: Counter, vase: str) -> None:
    lamp = await make_variant(counter.db, counter.shop)
    product = (await offer(counter.db, counter.shop, vase)).product_id
    await counter.discount(code="VASES", product_ids=[product])
    assert (await counter.place(vase, "VASES")).amount_discount == 490
    assert await refusal(counter, lamp, "VASES") == "nothing-to-reduce"


async def test_a_minimum_that_is_missed_is_named_and_one_that_is_reached_is_no_reason(
    counter: Counter, vase: str
) -> None:
    await counter.discount(code="CENT", minimum_amount=10000)
    with pytest.raises(DiscountNotApplicable) as caught:
        await counter.place(vase, "CENT", quantity=2)
    assert caught.value.facts == {"reason": "minimum-amount", "minimum_amount": 10000}
    await counter.discount(code="TROIS", minimum_amount=4900, terms={"kind": "buy_x_get_y", "buy": 2, "get": 1})
    assert await refusal(counter, vase, "TROIS") == "nothing-to-reduce"


async def test_each_discount_counts_its_own_uses_of_a_day_and_gives_back_its_own(counter: Counter, vase: str) -> None:
    for code in ("LUNE", "SOLEIL"):
        await counter.discount(code=code, limit_per_day=2)
    lune = [await counter.place(vase, "LUNE"), await counter.place(vase, "SOLEIL"), await counter.place(vase, "LUNE")]
    assert await refusal(counter, vase, "LUNE") == "used-up-today"
    await counter.place(vase, "SOLEIL")
    await counter.end(lune[0])
    assert await refusal(counter, vase, "SOLEIL") == "used-up-today"
    await counter.place(vase, "LUNE")
    assert await refusal(counter, vase, "LUNE") == "used-up-today"


async def test_a_use_is_given_back_to_the_day_on_which_it_was_taken(counter: Counter, vase: str) -> None:
    tomorrow = NOON + timedelta(days=1)
    await counter.discount(code="JOUR", limit_per_day=1)
    today, _ = await counter.place(vase, "JOUR"), await counter.place(vase, "JOUR", now=tomorrow)
    await counter.end(today)
    assert await refusal(counter, vase, "JOUR", now=tomorrow) == "used-up-today"
    assert (await counter.place(vase, "JOUR")).amount_discount == 490


async def test_what_comes_late_counts_on_the_day_on_which_it_comes(counter: Counter, vase: str) -> None:
    tomorrow = NOON + timedelta(days=1)
    await counter.discount(code="JOUR", limit_per_day=1)
    late = await counter.place(vase, "JOUR")
    await counter.end(late)
    assert (await counter.redeem(late, tomorrow)).reviews == []
    assert [each.buckets for each in await counter.given(late)] == [["day:2026-11-23"]]
    assert await refusal(counter, vase, "JOUR", now=tomorrow) == "used-up-today"
    assert (await counter.place(vase, "JOUR")).amount_discount == 490


async def test_of_two_discounts_that_come_late_one_may_be_lost_and_the_other_counts(
    counter: Counter, vase: str
) -> None:
    once = await counter.discount(limit_total=1, title="Lune")
    always = await counter.discount(terms={"kind": "fixed", "amount": 300}, title="Fidélité", limit_total=9)
    late = await counter.place(vase)
    await counter.end(late)
    await counter.place(vase)
    assert (await counter.redeem(late)).reviews == ["discount-limit"]
    assert [(each.title, each.status) for each in await counter.given(late)] == [
        ("Lune", "released"),
        ("Fidélité", "redeemed"),
    ]
    assert [await counter.used(each) for each in (once, always)] == [1, 2]


async def test_what_a_paid_order_has_used_stays_used(counter: Counter, vase: str) -> None:
    lune = await counter.discount(code="LUNE", limit_total=1)
    order = await counter.place(vase, "LUNE")
    await counter.redeem(order)
    async with counter.db.transaction() as session:
        await redemptions.release(session, order)
    assert [each.status for each in await counter.given(order)] == ["redeemed"]
    assert await counter.used(lune) == 1


async def test_a_buyer_is_counted_by_a_hash_of_their_own_for_each_discount_that_counts_buyers(
    counter: Counter, vase: str, settings: Settings
) -> None:
    await counter.discount(terms={"kind": "fixed", "amount": 300}, title="Fidélité")
    first = await counter.discount(code="UNE-FOIS", limit_per_customer=1)
    order, vault = await counter.place(vase, "UNE-FOIS"), Vault(settings.secret_keys)
    async with counter.db.transaction() as session:
        await redemptions.know_buyer(session, vault, order, " Marie@Example.test ")
    person = vault.sign("discount buyer", f"{first.id} marie@example.test".encode(), 16)
    found = {each.title: each.buckets for each in await counter.given(order)}
    assert found == {"Été": [f"buyer:{person.hex()}"], "Fidélité": []}
    assert len(person) == 16


async def test_a_preview_looks_at_todays_uses_of_the_discounts_in_question_alone(counter: Counter, vase: str) -> None:
    always = await counter.discount(limit_per_day=2)
    code = await counter.discount(code="SEUL", limit_per_day=1, combines=False, terms={"kind": "fixed", "amount": 900})
    piece = [Line(key=vase, product_id="prod_00000", unit_amount=4900, quantity=1)]

    async def seen(code: str | None) -> list[str]:
        async with counter.db.read() as session:
            return [each.id for each, _ in await redemptions.preview(session, counter.shop, piece, code, NOON)]

    for earlier in (1, 1, 0):
        await counter.place(vase, now=NOON - timedelta(days=earlier))
    await counter.place(vase, "SEUL")
    assert await seen(None) == await seen("SEUL") == [always.id]
    await counter.place(vase)
    assert await seen(None) == []
    assert (await counter.used(always), await counter.used(code)) == (4, 1)


@pytest.mark.parametrize("since", [{"used": 1}, {"archived_at": NOON}], ids=["used", "archived"])
async def test_what_has_happened_to_a_code_since_it_was_looked_up_counts(
    counter: Counter, vase: str, since: dict[str, object]
) -> None:
    lune = await counter.discount(code="LUNE", limit_total=1)
    async with counter.db.transaction() as session:
        seen = await discounts.by_code(session, counter.shop, "LUNE")
        news = sa.update(Discount).where(col(Discount.id) == lune.id).values(**since)
        await session.execute(news.execution_options(synchronize_session=False))
        assert seen is not None
        assert (seen.used, seen.archived_at) == (0, None)
        order = await counter.place_in(session, vase, "LUNE", optional=True)
        assert order.amount_discount == 0
        with pytest.raises(DiscountNotApplicable) as caught:
            await counter.place_in(session, vase, "LUNE")
    assert caught.value.facts == {"reason": "used-up"}


async def test_a_preview_keeps_to_the_times_of_discounts(counter: Counter, vase: str) -> None:
    begun = await counter.discount(starts_at=NOON, ends_at=NOON + timedelta(hours=1))
    code = await counter.discount(code="LUNE", starts_at=NOON + timedelta(hours=1))
    piece = [Line(key=vase, product_id="prod_00000", unit_amount=4900, quantity=1)]
    seen = []
    async with counter.db.read() as session:
        for hours in (-1, 0, 1):
            now = NOON + timedelta(hours=hours)
            found = await redemptions.preview(session, counter.shop, piece, "LUNE", now)
            seen.append([each.id for each, _ in found])
    assert seen == [[], [begun.id], [code.id]]
