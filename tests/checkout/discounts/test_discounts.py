"""A shop's discounts: what can be made, found and changed, and who gets one without asking."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
import sqlalchemy as sa
from sqlmodel import col

from checkout.discounts import discounts
from checkout.discounts.calculation import Deal
from checkout.discounts.discounts import Filters
from checkout.discounts.errors import BadDiscount, CodeTaken, DiscountNotApplicable, DiscountNotFound, Reason
from checkout.discounts.models import Discount
from checkout.discounts.schemas import DiscountChange
from checkout.discounts.terms import BuyXGetY, Fixed, Percentage, Terms
from core import shops
from core.db import AsyncSession
from core.errors import PreconditionFailed
from core.money import BadAmount
from social import creators
from social.creator_schemas import CreatorCreate
from tests.checkout.discounts.conftest import NOON, Counter


async def test_an_order_with_a_creators_code_is_theirs(counter: Counter, vase: str) -> None:
    await counter.discount(code="CAMILLE10")
    async with counter.db.transaction() as session:
        creator = await creators.create(session, counter.shop, CreatorCreate(name="Camille", code="Camille10"))
    assert (await counter.place(vase, "camille10")).creator_id == creator.id
    assert (await counter.place(vase)).creator_id is None


async def neighbour(counter: Counter, currency: str = "EUR") -> Counter:
    """Another shop's counter."""
    async with counter.db.transaction() as session:
        return Counter(counter.db, counter.settings, await shops.create(session, "Autre", currency))


async def change(counter: Counter, known: Discount, data: DiscountChange, version: int | None = None) -> Discount:
    async with counter.db.transaction() as session:
        return await discounts.change(session, counter.shop, known.id, data, version)


async def page(counter: Counter, limit: int = 10, cursor: str | None = None, **filters: object) -> list[str]:
    """The titles on a page."""
    async with counter.db.read() as session:
        found, _ = await discounts.list_page(session, counter.shop, Filters(**filters), limit, cursor)  # type: ignore[arg-type]  # Named by the test.
    return [each.title for each in found]


async def everybody_gets(counter: Counter, now: datetime = NOON) -> list[str]:
    async with counter.db.read() as session:
        return [each.title for each in await discounts.automatic(session, counter.shop, now)]


TIER = {"at_least": 1000, "rate": 500}
BOUGHT = ["prod_aaaaa"]
SAME = "What is bought and what is got are the same products, or have none in common."


@pytest.mark.parametrize(
    ("given", "detail", "field"),
    [
        ({"code": "LUNE", "generate_code": True}, "Either name a code or have one drawn.", "generate_code"),
        ({"starts_at": NOON, "ends_at": NOON}, "It would end before it begins.", "ends_at"),
        ({"starts_at": "0001-01-01T00:00:00+14:00"}, "There is no such moment in UTC.", None),
        ({"terms": {"kind": "percentage", "rate": 0}}, "A rate of 0 takes nothing off.", "terms"),
        (
            {"terms": {"kind": "tiers", "by": "amount", "tiers": [{"at_least": 1}]}},
            "A tier has a rate or an amount, and not both.",
            "terms",
        ),
        (
            {"terms": {"kind": "tiers", "by": "amount", "tiers": [TIER, TIER | {"at_least": 1, "amount": 1}]}},
            "A tier has a rate or an amount, and not both.",
            "terms",
        ),
        (
            {"terms": {"kind": "tiers", "by": "amount", "tiers": [TIER, TIER | {"rate": 600}]}},
            "Two tiers begin at the same place.",
            "terms",
        ),
        ({"terms": {"kind": "buy_x_get_y", "buy": 1, "get": 1, "get_product_ids": BOUGHT}}, SAME, "terms"),
        (
            {
                "terms": {"kind": "buy_x_get_y", "buy": 1, "get": 1, "get_product_ids": ["prod_bbbbb", *BOUGHT]},
                "product_ids": BOUGHT,
            },
            SAME,
            "terms",
        ),
    ],
)
@pytest.mark.parametrize("engine", ["sqlite"])
async def test_what_contradicts_itself_is_refused_and_says_where(
    counter: Counter, given: dict[str, object], detail: str, field: str | None
) -> None:
    with pytest.raises(BadDiscount) as refused:
        await counter.discount(**given)
    assert (refused.value.detail, refused.value.facts) == (detail, {"field": field} if field else {})


@pytest.mark.parametrize(
    "terms",
    [
        {"kind": "percentage", "rate": 0, "product_rates": [{"product_id": "prod_aaaaa", "rate": 500}]},
        {"kind": "tiers", "by": "amount", "tiers": [TIER, {"at_least": 2000, "amount": 1}]},
        {"kind": "buy_x_get_y", "buy": 1, "get": 1, "get_product_ids": ["prod_bbbbb"]},
    ],
)
@pytest.mark.parametrize("engine", ["sqlite"])
async def test_what_only_looks_like_a_contradiction_is_kept_as_it_is(
    counter: Counter, terms: dict[str, object]
) -> None:
    kept = await counter.discount(terms=terms, product_ids=BOUGHT * 2)
    assert discounts.terms_of(kept) == msgspec.convert(terms, Terms)
    assert kept.product_ids == BOUGHT


@pytest.mark.parametrize(
    ("given", "fits"),
    [
        ({"terms": {"kind": "fixed", "amount": 150}}, False),
        ({"terms": {"kind": "fixed", "amount": 200}}, True),
        ({"minimum_amount": 150}, False),
        ({"minimum_amount": 200}, True),
        ({"terms": {"kind": "tiers", "by": "amount", "tiers": [{"at_least": 150, "rate": 1}]}}, False),
        ({"terms": {"kind": "tiers", "by": "amount", "tiers": [{"at_least": 200, "amount": 150}]}}, False),
        ({"terms": {"kind": "tiers", "by": "quantity", "tiers": [{"at_least": 3, "amount": 150}]}}, False),
        ({"terms": {"kind": "tiers", "by": "quantity", "tiers": [{"at_least": 3, "amount": 200}]}}, True),
        (
            {
                "terms": {"kind": "tiers", "by": "quantity", "tiers": [{"at_least": 3, "rate": 1}]},
                "minimum_amount": 150,
            },
            False,
        ),
        ({"terms": {"kind": "tiers", "by": "amount", "tiers": [{"at_least": 200, "rate": 1}]}}, True),
    ],
)
@pytest.mark.parametrize("engine", ["sqlite"])
async def test_amounts_keep_to_the_currencys_step_and_numbers_of_pieces_need_not(
    counter: Counter, given: dict[str, object], fits: bool
) -> None:
    iceland = await neighbour(counter, "ISK")
    if fits:
        assert (await iceland.discount(**given)).used == 0
    else:
        with pytest.raises(BadAmount):
            await iceland.discount(**given)


async def test_a_code_is_taken_once_and_a_generated_one_cannot_be_guessed(counter: Counter) -> None:
    await counter.discount(code="Lune")
    with pytest.raises(CodeTaken) as taken:
        await counter.discount(code="LUNE")
    assert taken.value.detail == "Codes are used once, also those of archived discounts."
    assert taken.value.facts == {"code": "LUNE"}
    codes = {(await counter.discount(generate_code=True)).code for _ in range(3)}
    assert len(codes) == 3
    assert all(code is not None and len(code) == discounts.GENERATED >= 10 for code in codes)


async def test_what_is_made_is_what_was_given(counter: Counter) -> None:
    begin, end = NOON + timedelta(days=1), NOON + timedelta(days=2)
    given = {"limit_total": 9, "limit_per_day": 8, "limit_per_customer": 7, "minimum_amount": 600, "combines": False}
    made = await counter.discount(title="Lune", code="lune", starts_at=begin, ends_at=end, **given)
    async with counter.db.read() as session:
        kept = await discounts.get(session, counter.shop, made.id)
    assert {name: getattr(kept, name) for name in given} == given
    assert (kept.title, kept.code, kept.shop_id, kept.used, kept.version) == ("Lune", "LUNE", counter.shop.id, 0, 1)
    assert (kept.starts_at, kept.ends_at, kept.archived_at) == (begin, end, None)
    assert kept.created_at == kept.updated_at
    assert kept.id.startswith("disc_")


async def test_times_are_kept_in_utc(counter: Counter) -> None:
    made = await counter.discount(starts_at="2026-12-01T01:00:00+01:00", ends_at="2026-12-01T02:00:00+01:00")
    assert (made.starts_at, made.ends_at) == tuple(datetime(2026, 12, 1, hour, tzinfo=UTC) for hour in (0, 1))
    assert [made.starts_at.utcoffset(), made.ends_at.utcoffset()] == [timedelta(0)] * 2  # type: ignore[union-attr]  # Both are there.


async def test_each_shop_has_its_own(counter: Counter) -> None:
    ours, second = await counter.discount(code="LUNE"), await counter.discount(code="SOLEIL")
    other = await neighbour(counter)
    theirs = await other.discount(code="LUNE")
    async with counter.db.read() as session:
        for each in (ours, second):
            assert (await discounts.get(session, counter.shop, each.id)).code == each.code
        named = await discounts.by_code(session, counter.shop, " lune ")
        with pytest.raises(DiscountNotFound):
            await discounts.get(session, counter.shop, theirs.id)
    assert named is not None
    assert named.id == ours.id
    with pytest.raises(DiscountNotFound):
        await change(counter, theirs, DiscountChange(title="Volé"))
    async with counter.db.transaction() as session:
        with pytest.raises(DiscountNotFound):
            await discounts.archive(session, counter.shop, theirs.id)


async def test_a_list_shows_the_shops_own_newest_first_page_by_page(counter: Counter) -> None:
    await counter.discount(title="code", code="LUNE")
    await counter.discount(title="all")
    gone = await counter.discount(title="gone", code="PASSE")
    await counter.discount(title="new", code="NEUF")
    await (await neighbour(counter)).discount(title="theirs", code="LUNE")
    await change(counter, gone, DiscountChange(archived=True))
    assert await page(counter) == ["new", "all", "code"]
    assert await page(counter, automatic=True) == ["all"]
    assert await page(counter, automatic=False) == ["new", "code"]
    assert await page(counter, code=" passe ") == ["gone"]
    assert await page(counter, code="lune") == ["code"]
    assert await page(counter, code="lune", automatic=True) == []
    async with counter.db.read() as session:
        first, cursor = await discounts.list_page(session, counter.shop, Filters(), 2, None)
        rest, end = await discounts.list_page(session, counter.shop, Filters(), 2, cursor)
    assert [[each.title for each in some] for some in (first, rest)] == [["new", "all"], ["code"]]
    assert end is None


async def test_a_change_wants_the_version_that_was_read(counter: Counter, vase: str) -> None:
    lune = await counter.discount(code="LUNE", limit_total=1)
    await counter.place(vase, "LUNE")
    changed = await change(counter, lune, DiscountChange(limit_total=None), 1)
    assert (changed.version, changed.limit_total, changed.used, changed.title) == (2, None, 1, "Été")
    assert changed.updated_at > changed.created_at
    with pytest.raises(PreconditionFailed):
        await change(counter, lune, DiscountChange(title="Trop tard"), 1)
    assert (await counter.place(vase, "LUNE")).amount_discount == 490


async def test_a_change_names_what_changes_and_leaves_the_rest(counter: Counter) -> None:
    lune = await counter.discount(code="LUNE", limit_total=3, product_ids=BOUGHT)
    changed = await change(counter, lune, DiscountChange(title="Soleil", combines=False))
    assert (changed.title, changed.combines, changed.code) == ("Soleil", False, "LUNE")
    assert (changed.terms, changed.product_ids, changed.limit_total, changed.archived_at) == (
        lune.terms, BOUGHT, 3, None,
    )  # fmt: skip
    again = await change(counter, lune, DiscountChange(terms=Fixed(amount=500), product_ids=[]))
    assert (discounts.terms_of(again), again.product_ids, again.title) == (Fixed(amount=500), [], "Soleil")


async def test_a_change_into_a_contradiction_is_refused_and_changes_nothing(counter: Counter) -> None:
    lune = await counter.discount(code="LUNE", starts_at=NOON)
    for data in (DiscountChange(terms=Percentage(rate=0)), DiscountChange(ends_at=NOON)):
        with pytest.raises(BadDiscount):
            await change(counter, lune, data)
    async with counter.db.read() as session:
        kept = await discounts.get(session, counter.shop, lune.id)
    assert (kept.terms, kept.ends_at, kept.version) == (lune.terms, None, 1)


async def test_what_is_put_away_keeps_its_day_and_can_be_brought_back(counter: Counter) -> None:
    lune = await counter.discount(code="LUNE")
    gone = (await change(counter, lune, DiscountChange(archived=True))).archived_at
    assert gone is not None
    assert (await change(counter, lune, DiscountChange(archived=True))).archived_at == gone
    assert (await change(counter, lune, DiscountChange(title="Lune"))).archived_at == gone
    assert (await change(counter, lune, DiscountChange(archived=False))).archived_at is None
    async with counter.db.transaction() as session:
        await discounts.archive(session, counter.shop, lune.id)
    async with counter.db.transaction() as session:
        put_away = await discounts.get(session, counter.shop, lune.id)
        assert (put_away.version, put_away.archived_at is not None) == (6, True)
        await discounts.archive(session, counter.shop, lune.id)
        assert put_away.version == 6


async def test_a_change_sees_the_row_as_it_is_now(session: AsyncSession, counter: Counter) -> None:
    data = DiscountChange(title="Lune")
    made = await discounts.create(session, counter.shop, counter.wanted(code="LUNE"))
    newer = sa.update(Discount).where(col(Discount.id) == made.id).values(version=7)
    await session.execute(newer.execution_options(synchronize_session=False))
    assert (await discounts.change(session, counter.shop, made.id, data, 7)).version == 8


async def test_everybody_gets_what_is_for_everybody_now(counter: Counter, vase: str) -> None:
    await counter.discount(title="always")
    await counter.discount(title="by code", code="LUNE")
    gone = await counter.discount(title="gone")
    await change(counter, gone, DiscountChange(archived=True))
    await counter.discount(title="tonight", starts_at=NOON, ends_at=NOON + timedelta(hours=1))
    await counter.discount(title="twice", limit_total=2)
    await (await neighbour(counter)).discount(title="theirs")
    assert await everybody_gets(counter) == ["always", "tonight", "twice"]
    assert await everybody_gets(counter, NOON - timedelta(microseconds=1)) == ["always", "twice"]
    assert await everybody_gets(counter, NOON + timedelta(hours=1)) == ["always", "twice"]
    for _ in range(2):
        await counter.place(vase, now=NOON + timedelta(days=1))
    assert await everybody_gets(counter) == ["always", "tonight"]


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_the_calculation_gets_all_that_decides(counter: Counter) -> None:
    terms = {"kind": "buy_x_get_y", "buy": 2, "get": 1}
    named = await counter.discount(code="LUNE", terms=terms, product_ids=BOUGHT, minimum_amount=600, combines=False)
    deal = Deal(
        id=named.id, terms=BuyXGetY(buy=2, get=1), product_ids=frozenset(BOUGHT), minimum_amount=600, combines=False,
        by_code=True,
    )  # fmt: skip
    assert discounts.deal_of(named) == deal
    always = await counter.discount()
    assert discounts.deal_of(always) == Deal(id=always.id, terms=Percentage(rate=1000))


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("unknown", "not-valid"),
        ("ended", "not-valid"),
        ("used-up", "not-valid"),
        ("minimum-amount", "minimum-amount"),
        ("nothing-to-reduce", "nothing-to-reduce"),
    ],
)
def test_who_guesses_codes_hears_one_answer_and_who_lacks_something_hears_what(reason: Reason, told: str) -> None:
    veiled = DiscountNotApplicable(reason, minimum_amount=600).veiled()
    assert (veiled.reason, veiled.facts["reason"], veiled.guessed) == (told, told, told == "not-valid")
    assert veiled.facts.get("minimum_amount") == (None if told == "not-valid" else 600)
    assert veiled.detail == "Check the code and what it is for."
