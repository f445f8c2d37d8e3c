"""Money in Stripe's units, for every currency that Stripe charges in."""

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import money
from core.money import BadAmount, Money, UnknownCurrency

CURRENCIES = sorted(money.CURRENCIES)
LOCALES = ("en", "fr", "de", "ja", "de_CH", "pt_BR", "sv")
currencies = st.sampled_from(CURRENCIES)


@st.composite
def amounts(draw: st.DrawFn) -> Money:
    """Any amount that can be charged in any currency."""
    currency = draw(currencies)
    step = money.step(currency)
    return Money(draw(st.integers(0, money.MAXIMUM // step)) * step, currency)


def number(text: str) -> str:
    """The figures of an amount as English writes it."""
    return re.sub(r"[^\d.]", "", text).strip(".")


def plain(amount: Money) -> str:
    """The amount as a decimal number."""
    return f"{Decimal(amount.amount).scaleb(-money.exponent(amount.currency)):f}"


@given(amounts())
def test_what_a_merchant_writes_comes_back_as_the_same_amount(amount: Money) -> None:
    assert money.parse(plain(amount), amount.currency) == amount.amount


@given(amounts(), st.sampled_from(LOCALES))
def test_no_currency_loses_a_digit_when_displayed(amount: Money, locale: str) -> None:
    shown = re.sub(r"\D", "", money.display(amount, locale))
    places = 0 if money.step(amount.currency) == 100 else money.exponent(amount.currency)
    expected = plain(amount) if places else plain(amount).partition(".")[0]
    assert int(shown) == int(expected.replace(".", ""))
    assert len(shown) > places


@pytest.mark.parametrize("currency", CURRENCIES)
def test_a_displayed_price_can_be_read_back(currency: str) -> None:
    for amount in (0, 1000, 199_900, 12_345_600):
        shown = number(money.display(Money(amount, currency), "en"))
        assert money.parse(shown, currency) == amount


@pytest.mark.parametrize(
    ("amount", "currency", "locale", "text"),
    [
        (1999, "EUR", "fr", "19,99\N{NO-BREAK SPACE}€"),
        (1999, "EUR", "en", "€19.99"),
        (123456, "USD", "en", "$1,234.56"),
        (500, "JPY", "ja", "￥500"),
        (1230, "KWD", "en", "KWD\N{NO-BREAK SPACE}1.230"),
        (199_900, "ISK", "en", "ISK\N{NO-BREAK SPACE}1,999"),
        (1999, "RSD", "en", "RSD\N{NO-BREAK SPACE}19.99"),
        (0, "EUR", "de", "0,00\N{NO-BREAK SPACE}€"),
    ],
)
def test_prices_look_as_people_write_them(amount: int, currency: str, locale: str, text: str) -> None:
    assert money.display(Money(amount, currency), locale) == text


def test_prices_are_english_unless_somebody_says_otherwise() -> None:
    assert money.display(Money(123_456, "USD")) == "$1,234.56"


@pytest.mark.parametrize(
    ("currency", "exponent", "step"),
    [("EUR", 2, 1), ("JPY", 0, 1), ("ISK", 2, 100), ("UGX", 2, 100), ("KWD", 3, 10), ("TND", 3, 10), ("MGA", 0, 1),
     ("HUF", 2, 1), ("TWD", 2, 1), ("CLP", 0, 1)],
)  # fmt: skip
def test_exponents_and_steps_are_stripes(currency: str, exponent: int, step: int) -> None:
    assert (money.exponent(currency), money.step(currency)) == (exponent, step)


@pytest.mark.parametrize("currency", CURRENCIES)
def test_the_smallest_charge_is_itself_an_amount_of_the_currency(currency: str) -> None:
    smallest = money.minimum(currency)
    assert money.check(Money(smallest, currency)).amount == smallest > 0


@pytest.mark.parametrize(("currency", "smallest"), [("EUR", 50), ("GBP", 30), ("JPY", 50), ("HUF", 17500), ("XOF", 1)])
def test_minimums_are_stripes(currency: str, smallest: int) -> None:
    assert money.minimum(currency) == smallest


@pytest.mark.parametrize("text", [
    "", " ", "abc", "1e3", "1_000", "+5", "-1", "-0", "1,000.00", "1 000", "NaN", "Infinity", "１２", "٣", "0x10", "€5",
    "19.999", "1000000", "9" * 13, "9" * 100_000, ".", "1.2.3", "1\n.5", "1\x00",
])  # fmt: skip
def test_what_is_no_price_in_euro_is_refused(text: str) -> None:
    with pytest.raises(BadAmount) as refused:
        money.parse(text, "EUR")
    assert len(str(refused.value)) < 120


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [("19.99", "EUR", 1999), (" 5 ", "EUR", 500), (".5", "EUR", 50), ("5.", "EUR", 500), ("19.990", "EUR", 1999),
     ("500", "JPY", 500), ("500.00", "JPY", 500), ("1.230", "KWD", 1230), ("19", "ISK", 1900), ("999999.99", "EUR",
     99_999_999)],
)  # fmt: skip
def test_plain_prices_are_read(text: str, currency: str, amount: int) -> None:
    assert money.parse(text, currency) == amount


@pytest.mark.parametrize(("text", "currency"), [("10.50", "ISK"), ("1.234", "KWD"), ("10.5", "JPY")])
def test_a_price_between_two_steps_is_refused(text: str, currency: str) -> None:
    with pytest.raises(BadAmount):
        money.parse(text, currency)


@pytest.mark.parametrize("currency", ["eur", "EURO", "XXX", "BTC", "", "E\x00R"])
def test_a_currency_that_stripe_does_not_charge_in_is_refused(currency: str) -> None:
    with pytest.raises(UnknownCurrency) as refused:
        money.exponent(currency)
    assert str(refused.value) == f"{currency!r} is not a currency that Stripe charges in."
    assert refused.value.facts == {"currency": currency}


LONG = "9" * 40


@pytest.mark.parametrize(
    ("text", "currency", "detail", "facts"),
    [
        ("abc", "EUR", "'abc' is not a price.", {"text": "abc"}),
        (LONG + "x", "EUR", f"'{LONG}' is not a price.", {"text": LONG}),
        ("1.999", "EUR", "'1.999' is not a price in EUR.", {"text": "1.999", "currency": "EUR"}),
        (
            " " * 39 + "1.999",
            "EUR",
            f"'{' ' * 39}1' is not a price in EUR.",
            {"text": " " * 39 + "1", "currency": "EUR"},
        ),
        ("10.50", "ISK", "Amounts in ISK are multiples of 100.", {"amount": 1050, "currency": "ISK", "step": 100}),
    ],
    ids=["no number", "long", "decimals", "long number", "step"],
)
def test_a_refusal_says_what_was_given_and_what_is_wrong_with_it(
    text: str, currency: str, detail: str, facts: dict[str, object]
) -> None:
    with pytest.raises(BadAmount) as refused:
        money.parse(text, currency)
    assert (str(refused.value), refused.value.facts) == (detail, facts)


@given(st.integers(-(10**9), 10**9), st.lists(st.integers(0, 10**6), min_size=1, max_size=50).filter(any))
def test_a_sum_that_is_shared_out_stays_whole(total: int, weights: list[int]) -> None:
    parts = money.split(total, weights)
    whole = sum(weights)
    assert sum(parts) == total
    assert all(abs(part * whole - total * weight) < whole for part, weight in zip(parts, weights, strict=True))


@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**6), min_size=2, max_size=20).filter(any))
def test_the_remainder_goes_to_the_largest_fraction_and_first_come(total: int, weights: list[int]) -> None:
    parts, whole = money.split(total, weights), sum(weights)
    fractions = [total * weight % whole for weight in weights]
    got = [part - total * weight // whole for part, weight in zip(parts, weights, strict=True)]
    order = sorted(range(len(weights)), key=lambda i: (-fractions[i], i))
    assert [got[i] for i in order] == sorted(got, reverse=True)
    assert all(not extra for extra, fraction in zip(got, fractions, strict=True) if fraction == 0)


def test_one_weight_takes_all_and_no_weight_nothing() -> None:
    assert money.split(100, [0, 1]) == [0, 100]
    with pytest.raises(ValueError, match=r"^There is nothing to share by\.$"):
        money.split(100, [0, 0])
