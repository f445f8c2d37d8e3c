"""What shipping costs: the tables of a French boutique, and what holds for any table."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout.shipping import pricing
from checkout.shipping.pricing import MAX_OPTIONS, Bracket, Kind, Parcel, Rate

COLISSIMO = Rate(
    id="rate_colissimo", name="Colissimo", countries=["FR", "MC"], kind="by_weight", min_days=2, max_days=3,
    brackets=[Bracket(up_to=250, amount=499), Bracket(up_to=1000, amount=799), Bracket(up_to=5000, amount=1299)],
    free_above=8000,
)  # fmt: skip
BENELUX = Rate(id="rate_benelux", name="DPD", countries=["BE", "NL"], kind="flat", brackets=[Bracket(amount=950)])
EXPRESS = Rate(
    id="rate_express", name="Chronopost", countries=["FR", "BE"], kind="by_total", min_days=1, max_days=1,
    brackets=[Bracket(up_to=5000, amount=1500), Bracket(amount=1200)],
)  # fmt: skip
SHOP = [COLISSIMO, BENELUX, EXPRESS]

amounts = st.integers(0, 10**6)
parcels = st.builds(Parcel, weight_grams=amounts, subtotal=amounts)


@st.composite
def rates(draw: st.DrawFn) -> Rate:
    """Any rate that the API would take, whose price rises with its brackets."""
    kind: Kind = draw(st.sampled_from(["flat", "by_weight", "by_total"]))
    ends = sorted(draw(st.sets(amounts, max_size=5))) if kind != "flat" else []
    is_open = kind == "flat" or not ends or draw(st.booleans())
    prices = sorted(draw(st.lists(amounts, min_size=len(ends) + is_open, max_size=len(ends) + is_open)))
    brackets = [Bracket(amount=price, up_to=end) for price, end in zip(prices, [*ends, None], strict=False)]
    free_above = draw(st.none() | amounts)
    return Rate(id="rate", name="Rate", countries=["FR"], kind=kind, brackets=brackets, free_above=free_above)


@pytest.mark.parametrize(
    ("weight", "subtotal", "price"),
    [(0, 100, 499), (250, 100, 499), (251, 100, 799), (5000, 7999, 1299), (5001, 7999, None), (5001, 8000, 0)],
)
def test_a_bracket_ends_with_its_last_gram_and_free_begins_at_its_first_cent(
    weight: int, subtotal: int, price: int | None
) -> None:
    assert pricing.price(COLISSIMO, Parcel(weight_grams=weight, subtotal=subtotal)) == price


def test_each_country_has_its_own_options_in_the_merchants_order() -> None:
    found = pricing.by_country(SHOP, Parcel(weight_grams=300, subtotal=6000))
    prices = {country: [(each.name, each.amount) for each in options] for country, options in found.items()}
    assert prices == {
        "FR": [("Colissimo", 799), ("Chronopost", 1200)],
        "MC": [("Colissimo", 799)],
        "BE": [("DPD", 950), ("Chronopost", 1200)],
        "NL": [("DPD", 950)],
    }
    assert (found["FR"][0].min_days, found["FR"][0].max_days, found["NL"][0].min_days) == (2, 3, None)
    assert "MC" not in pricing.by_country(SHOP, Parcel(weight_grams=9000, subtotal=6000))


def test_free_shipping_makes_the_cheapest_way_free_and_leaves_the_faster_one_its_price() -> None:
    parcel = Parcel(weight_grams=300, subtotal=6000)
    assert [each.amount for each in pricing.options(SHOP, "FR", parcel, free_shipping=True)] == [0, 1200]


@given(rates(), parcels, amounts)
def test_more_weight_never_costs_less_where_the_brackets_rise(rate: Rate, parcel: Parcel, more: int) -> None:
    lighter = pricing.price(rate, parcel)
    heavier = pricing.price(rate, Parcel(weight_grams=parcel.weight_grams + more, subtotal=parcel.subtotal))
    assert heavier is None or (lighter is not None and lighter <= heavier)


@given(rates(), parcels)
def test_a_price_is_one_of_the_tables_and_nothing_from_the_free_total_on(rate: Rate, parcel: Parcel) -> None:
    price = pricing.price(rate, parcel)
    is_free = rate.free_above is not None and parcel.subtotal >= rate.free_above
    assert price == 0 if is_free else price in {None, *(each.amount for each in rate.brackets)}


@given(st.lists(rates(), max_size=9), parcels, st.booleans())
def test_no_more_options_than_stripe_takes_and_none_dearer_than_its_rate(
    known: list[Rate], parcel: Parcel, free_shipping: bool
) -> None:
    found = pricing.options(known, "FR", parcel, free_shipping=free_shipping)
    priced = [price for rate in known if (price := pricing.price(rate, parcel)) is not None][:MAX_OPTIONS]
    assert len(found) == len(priced)
    saved = [price - each.amount for price, each in zip(priced, found, strict=True)]
    assert sum(saved) == (min(priced) if free_shipping and priced else 0)
    assert pricing.options(known, "DE", parcel) == ()
