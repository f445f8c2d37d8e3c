"""What discounts take off: examples that a shopkeeper would reckon, and rules that hold for every basket."""

import random
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from checkout.discounts.calculation import Deal, Line, Reduction, reduce
from checkout.discounts.terms import WHOLE, BuyXGetY, Fixed, FreeShipping, Percentage, ProductRate, Terms, Tier, Tiers
from core import money

PRODUCTS = ["prod_aaaaa", "prod_bbbbb", "prod_ccccc"]
A, B, C = PRODUCTS
CURRENCIES = ["EUR", "USD", "JPY", "ISK", "KWD", "HUF", "CZK", "TRY"]


def line(product: str, unit_amount: int, quantity: int = 1) -> Line:
    """One line, named after its product."""
    return Line(key=product, product_id=product, unit_amount=unit_amount, quantity=quantity)


def off(lines: Sequence[Line], *deals: Deal, currency: str = "EUR") -> dict[str, int]:
    """What is taken off, by line."""
    found = reduce(currency, lines, deals)
    return {each.key: found.of_line(each.key) for each in lines}


def of(terms: Terms, name: str = "disc_1") -> Deal:
    """A deal for everything."""
    return Deal(id=name, terms=terms)


def only(product: str, terms: Terms) -> Deal:
    """A deal for one product."""
    return Deal(id="disc_1", terms=terms, product_ids=frozenset([product]))


def test_a_percentage_is_rounded_once_and_shared_out_to_the_cent() -> None:
    lines = [line(A, 333), line(B, 333), line(C, 333)]
    assert off(lines, of(Percentage(rate=1000))) == {A: 34, B: 33, C: 33}  # 99.9 cents are 1.00 €


def test_a_product_may_have_a_rate_of_its_own() -> None:
    terms = Percentage(rate=1000, product_rates=[ProductRate(product_id=B, rate=5000)])
    assert off([line(A, 2000), line(B, 3000)], of(terms)) == {A: 200, B: 1500}
    only_a = Deal(id="disc_1", terms=terms, product_ids=frozenset([A]))
    assert off([line(A, 2000), line(B, 3000), line(C, 900)], only_a) == {A: 200, B: 1500, C: 0}


def test_a_fixed_amount_never_takes_more_than_there_is() -> None:
    assert off([line(A, 1500), line(B, 500)], of(Fixed(amount=1000))) == {A: 750, B: 250}
    assert off([line(A, 600)], of(Fixed(amount=1000))) == {A: 600}
    assert off([line(A, 600)], of(Fixed(amount=1))) == {A: 1}


def test_buy_two_get_one_gives_the_cheapest_piece_away() -> None:
    free = of(BuyXGetY(buy=2, get=1))
    assert off([line(A, 2000), line(B, 1500), line(C, 900)], free) == {A: 0, B: 0, C: 900}
    assert off([line(A, 2000, 2)], free) == {A: 0}
    assert off([line(A, 2000, 7)], free) == {A: 4000}
    assert off([line(A, 2000, 7)], of(BuyXGetY(buy=2, get=1, times=1))) == {A: 2000}
    assert off([line(A, 2000, 3)], of(BuyXGetY(buy=1, get=2, rate=5000))) == {A: 2000}


@given(
    quantity=st.integers(0, 40),
    buy=st.integers(1, 5),
    get=st.integers(1, 5),
    times=st.integers(1, 9),
)
def test_so_many_pieces_are_free_as_one_counts_at_the_counter(quantity: int, buy: int, get: int, times: int) -> None:
    """Piece after piece: so many are paid, so many are not, and so on, as often as the shop allows."""
    found = off([line(A, 100, quantity), line(B, 90_000)], only(A, BuyXGetY(buy=buy, get=get, times=times)))
    places = range(quantity)
    assert found[A] == 100 * sum(each % (buy + get) >= buy and each // (buy + get) < times for each in places)


def test_a_started_round_gives_what_it_has() -> None:
    two_and_two = BuyXGetY(buy=2, get=2)
    assert [off([line(A, 1000, each), line(B, 9000)], only(A, two_and_two))[A] for each in range(1, 9)] == [
        0, 0, 1000, 2000, 2000, 2000, 3000, 4000,
    ]  # fmt: skip


def test_buy_one_thing_get_another_cheaper() -> None:
    terms = BuyXGetY(buy=1, get=1, rate=5000, get_product_ids=[B])
    vase = Deal(id="disc_1", terms=terms, product_ids=frozenset([A]))
    assert off([line(A, 4900, 2), line(B, 1000, 3)], vase) == {A: 0, B: 1000}
    assert off([line(B, 1000, 3)], vase) == {B: 0}


def test_the_highest_tier_that_is_reached_counts() -> None:
    by_amount = of(Tiers(by="amount", tiers=[Tier(at_least=5000, rate=500), Tier(at_least=10000, rate=1000)]))
    assert [off([line(A, each)], by_amount)[A] for each in (4999, 5000, 9999, 10000)] == [0, 250, 500, 1000]
    nothing = of(Tiers(by="amount", tiers=[Tier(at_least=1000, rate=500), Tier(at_least=2000, rate=0)]))
    assert [off([line(A, each)], nothing)[A] for each in (1000, 99_000)] == [50, 0]
    by_pieces = of(Tiers(by="quantity", tiers=[Tier(at_least=3, amount=500)]))
    assert [off([line(A, 1000, each)], by_pieces)[A] for each in (2, 3, 9)] == [0, 500, 500]


def test_shares_come_before_amounts_and_both_go_together() -> None:
    fixed, share = of(Fixed(amount=500), "disc_1"), of(Percentage(rate=1000), "disc_2")
    assert off([line(A, 5000)], fixed, share) == {A: 500 + 500}


def test_what_stands_alone_goes_with_nothing_and_the_buyer_gets_the_better() -> None:
    alone = Deal(id="disc_1", terms=Percentage(rate=2000), combines=False, by_code=True)
    always = of(Fixed(amount=500), "disc_2")
    assert off([line(A, 5000)], alone, always) == {A: 1000}
    assert off([line(A, 2000)], alone, always) == {A: 500}


def test_of_two_that_are_worth_the_same_the_code_is_used_and_else_always_the_same_one() -> None:
    first, second = (Deal(id=f"disc_{each}", terms=Fixed(amount=500), combines=False) for each in "12")
    named = Deal(id="disc_0", terms=Fixed(amount=500), combines=False, by_code=True)
    for deals, taken in (([first, second], "disc_2"), ([named, first, second], "disc_0")):
        for each in (deals, deals[::-1]):
            assert [one.deal.id for one in reduce("EUR", [line(A, 5000)], each).applied] == [taken]


def test_the_minimum_counts_the_goods_that_the_discount_is_for() -> None:
    vases = Deal(id="disc_1", terms=Fixed(amount=500), product_ids=frozenset([A]), minimum_amount=3000)
    assert off([line(A, 2999), line(B, 9000)], vases) == {A: 0, B: 0}
    assert off([line(A, 3000), line(B, 9000)], vases) == {A: 500, B: 0}


def test_free_shipping_takes_nothing_off_the_goods() -> None:
    found = reduce("EUR", [line(A, 2000)], [Deal(id="disc_1", terms=FreeShipping(), by_code=True)])
    assert (found.free_shipping, found.amount) == (True, 0)


def test_what_would_be_left_below_stripes_minimum_is_left_as_the_minimum() -> None:
    assert off([line(A, 2030)], of(Fixed(amount=2000))) == {A: 1980}  # 50 cents, not 30
    assert off([line(A, 2001)], of(Fixed(amount=2000))) == {A: 1951}
    assert off([line(A, 2030)], of(Percentage(rate=WHOLE))) == {A: 2030}  # nothing at all is fine
    assert off([line(A, 2030)], of(Percentage(rate=3000)), of(Fixed(amount=1400), "disc_2")) == {A: 1980}


def test_the_example_of_the_handbook() -> None:
    everybody, lune = of(Fixed(amount=500)), Deal(id="disc_2", terms=Percentage(rate=1000), by_code=True)
    found = reduce("EUR", [line(A, 1999, 2), line(B, 990)], [everybody, lune])
    assert [dict(each.amounts) for each in found.applied] == [{A: 400, B: 99}, {A: 401, B: 99}]
    assert (3998 - found.of_line(A), 990 - found.of_line(B)) == (3197, 792)


RATES = st.integers(0, WHOLE)


def steps(currency: str, most: int) -> st.SearchStrategy[int]:
    """Amounts that can be charged in this currency."""
    step = money.step(currency)
    return st.integers(1, most).map(lambda each: each * step)


def terms(currency: str) -> st.SearchStrategy[Terms]:
    """Any terms."""
    amounts = steps(currency, 30_000)
    tier = st.one_of(
        st.builds(Tier, at_least=st.integers(1, 40_000), rate=RATES),
        st.builds(Tier, at_least=st.integers(1, 40_000), amount=amounts),
    )
    got: st.SearchStrategy[list[str]] = st.sampled_from([[], [C]])
    own = st.lists(st.builds(ProductRate, product_id=st.sampled_from(PRODUCTS), rate=RATES), max_size=2)
    pieces = st.integers(1, 4)
    return st.one_of(
        st.builds(Percentage, rate=RATES, product_rates=own),
        st.builds(Fixed, amount=amounts),
        st.just(FreeShipping()),
        st.builds(BuyXGetY, buy=pieces, get=pieces, rate=RATES, get_product_ids=got, times=st.integers(1, 3)),
        st.builds(Tiers, by=st.sampled_from(["amount", "quantity"]), tiers=st.lists(tier, min_size=1, max_size=3)),
    )


@st.composite
def baskets(draw: st.DrawFn) -> tuple[str, list[Line], list[Deal]]:
    """A currency, lines in it, and deals."""
    currency = draw(st.sampled_from(CURRENCIES))
    lines = [
        Line(
            key=f"line_{place}",
            product_id=draw(st.sampled_from(PRODUCTS)),
            unit_amount=draw(steps(currency, 9_000) | st.just(0)),
            quantity=draw(st.integers(1, 9)),
        )
        for place in range(draw(st.integers(1, 5)))
    ]
    deals = [
        Deal(
            id=f"disc_{place}",
            terms=draw(terms(currency)),
            product_ids=frozenset(draw(st.sets(st.sampled_from(PRODUCTS), max_size=2))),
            minimum_amount=draw(st.sampled_from([0, 0, 5_000])),
            combines=draw(st.booleans()),
            by_code=draw(st.booleans()),
        )
        for place in range(draw(st.integers(0, 4)))
    ]
    return currency, lines, deals


def plain(found: Reduction) -> list[tuple[str, dict[str, int]]]:
    return [(each.deal.id, dict(each.amounts)) for each in found.applied]


@settings(max_examples=60)
@given(baskets())
def test_no_line_becomes_negative_and_all_lines_together_are_the_discount(
    basket: tuple[str, list[Line], list[Deal]],
) -> None:
    currency, lines, deals = basket
    found = reduce(currency, lines, deals)
    parts = [found.of_line(each.key) for each in lines]
    assert all(0 <= part <= each.amount for part, each in zip(parts, lines, strict=True))
    assert sum(parts) == found.amount == sum(each.amount for each in found.applied)
    assert all(part % money.step(currency) == 0 for part in parts)
    assert all(
        each.deal.takes(line) or each.deal.terms == FreeShipping() or isinstance(each.deal.terms, BuyXGetY)
        for each in found.applied
        for line in lines
        if each.amounts.get(line.key)
    )


@settings(max_examples=60)
@given(baskets())
def test_a_total_is_nothing_or_what_stripe_charges(basket: tuple[str, list[Line], list[Deal]]) -> None:
    currency, lines, deals = basket
    subtotal = sum(each.amount for each in lines)
    total = subtotal - reduce(currency, lines, deals).amount
    assert total == 0 or total >= money.minimum(currency) or total == subtotal


@settings(max_examples=60)
@given(baskets(), st.randoms())
def test_no_order_of_lines_or_discounts_changes_anything(
    basket: tuple[str, list[Line], list[Deal]], chance: random.Random
) -> None:
    currency, lines, deals = basket
    found = reduce(currency, lines, deals)
    chance.shuffle(lines)
    chance.shuffle(deals)
    assert plain(reduce(currency, lines, deals)) == plain(found)


@settings(max_examples=60)
@given(baskets())
def test_discounts_that_do_not_combine_stand_alone(basket: tuple[str, list[Line], list[Deal]]) -> None:
    found = reduce(*basket)
    assert len(found.applied) <= 1 or all(each.deal.combines for each in found.applied)


@settings(max_examples=60)
@given(baskets())
def test_no_single_discount_would_have_been_better(basket: tuple[str, list[Line], list[Deal]]) -> None:
    currency, lines, deals = basket
    found = reduce(currency, lines, deals)
    if not found.free_shipping:
        alone = [reduce(currency, lines, [each]).amount for each in deals if not each.combines]
        assert found.amount >= max(alone, default=0)
