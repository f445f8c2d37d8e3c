"""Limits, schedules and what becomes of a use: counted with the order, once, and never passed."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from checkout.discounts import discounts, redemptions
from checkout.discounts.calculation import Line
from checkout.discounts.errors import BadDiscount, CodeTaken, DiscountNotApplicable
from checkout.discounts.schemas import DiscountChange
from checkout.errors import TotalTooLarge, TotalTooSmall
from checkout.models import Checkout
from core import shops
from core.db import Database
from core.errors import PreconditionFailed
from core.money import BadAmount
from core.secrets import Vault
from core.settings import Settings
from core.shops import Shop
from tests.checkout.conftest import make_variant
from tests.checkout.discounts.conftest import NOON, Counter


@pytest.fixture
def counter(db: Database, settings: Settings, shop: Shop) -> Counter:
    """Where orders are placed."""
    return Counter(db, settings, shop)


@pytest.fixture
async def vase(counter: Counter) -> str:
    """A variant at 49 €."""
    return await make_variant(counter.db, counter.shop, stock=500, amount=4900)


async def refusal(counter: Counter, variant: str, code: str, **rest: object) -> str:
    """Why a code is refused."""
    with pytest.raises(DiscountNotApplicable) as caught:
        await counter.place(variant, code, **rest)  # type: ignore[arg-type]  # Named by the test.
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


@pytest.mark.parametrize(
    ("given", "refused"),
    [
        ({"code": "LUNE", "generate_code": True}, BadDiscount),
        ({"starts_at": NOON, "ends_at": NOON}, BadDiscount),
        ({"starts_at": "0001-01-01T00:00:00+14:00"}, BadDiscount),
        ({"terms": {"kind": "percentage", "rate": 0}}, BadDiscount),
        ({"terms": {"kind": "tiers", "by": "amount", "tiers": [{"at_least": 1}]}}, BadDiscount),
        ({"terms": {"kind": "tiers", "by": "amount", "tiers": [{"at_least": 1, "rate": 1, "amount": 1}]}}, BadDiscount),
        ({"terms": {"kind": "tiers", "by": "amount", "tiers": [{"at_least": 1, "rate": 1}] * 2}}, BadDiscount),
        ({"terms": {"kind": "buy_x_get_y", "buy": 1, "get": 1, "get_product_ids": ["prod_00000"]}}, BadDiscount),
    ],
)
@pytest.mark.parametrize("engine", ["sqlite"])
async def test_what_contradicts_itself_is_refused(
    counter: Counter, given: dict[str, object], refused: type[Exception]
) -> None:
    with pytest.raises(refused):
        await counter.discount(**given)


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_amounts_keep_to_the_currencys_step(counter: Counter) -> None:
    async with counter.db.transaction() as session:
        iceland = Counter(counter.db, counter.settings, await shops.create(session, "Ís", "ISK"))
    with pytest.raises(BadAmount):
        await iceland.discount(terms={"kind": "fixed", "amount": 150})


async def test_a_code_is_taken_once_and_a_generated_one_cannot_be_guessed(counter: Counter) -> None:
    await counter.discount(code="Lune")
    with pytest.raises(CodeTaken):
        await counter.discount(code="LUNE")
    codes = {(await counter.discount(generate_code=True)).code for _ in range(3)}
    assert len(codes) == 3
    assert all(code is not None and len(code) == discounts.GENERATED >= 10 for code in codes)


async def test_a_change_wants_the_version_that_was_read(counter: Counter, vase: str) -> None:
    lune = await counter.discount(code="LUNE", limit_total=1)
    await counter.place(vase, "LUNE")
    async with counter.db.transaction() as session:
        changed = await discounts.change(session, counter.shop, lune.id, DiscountChange(limit_total=None), 1)
        assert (changed.version, changed.limit_total, changed.used, changed.title) == (2, None, 1, "Été")
    with pytest.raises(PreconditionFailed):
        async with counter.db.transaction() as session:
            await discounts.change(session, counter.shop, lune.id, DiscountChange(title="Trop tard"), 1)
    assert (await counter.place(vase, "LUNE")).amount_discount == 490
