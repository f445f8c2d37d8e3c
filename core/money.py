"""Money as Stripe counts it: an integer in the currency's minor unit beside an ISO code.

Exponents, steps and minimum charges follow docs.stripe.com/currencies (copies of 2025 and 2026-07), not
ISO 4217: ISK and UGX carry two decimals whose last two digits are zero, three-decimal currencies end in zero.
"""

import copy
import re
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Annotated

import msgspec
from babel import Locale

from core.errors import Invalid

MAXIMUM = 99_999_999
_PRICE = re.compile(r"[0-9]{1,12}(?:\.[0-9]{0,12})?|\.[0-9]{1,12}")

_ZERO_DECIMAL_CODES = """
    BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF
"""
_ZERO_DECIMAL = frozenset(_ZERO_DECIMAL_CODES.split())
_THREE_DECIMAL = frozenset(["BHD", "JOD", "KWD", "OMR", "TND"])
_WHOLE_UNITS = frozenset(["ISK", "UGX"])
_MINIMUM = {
    "AED": 200, "ARS": 50, "AUD": 50, "BRL": 50, "CAD": 50, "CHF": 50, "COP": 50, "CZK": 1500, "DKK": 250,
    "EUR": 50, "GBP": 30, "HKD": 400, "HUF": 17500, "IDR": 50, "ILS": 50, "INR": 50, "JPY": 50, "KRW": 50,
    "MXN": 1000, "MYR": 200, "NOK": 300, "NZD": 50, "PHP": 50, "PLN": 200, "RON": 200, "RUB": 50, "SEK": 300,
    "SGD": 50, "THB": 1000, "USD": 50, "ZAR": 50,
}  # fmt: skip
_CURRENCIES_CODES = """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF
    CLP CNY COP CRC CVE CZK DJF DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR
    ILS INR ISK JMD JOD JPY KES KGS KHR KMF KRW KWD KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MUR
    MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR
    SEK SGD SHP SLE SOS SRD STD SZL THB TJS TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VND VUV WST XAF XCD XCG
    XOF XPF YER ZAR ZMW
"""
CURRENCIES = frozenset(_CURRENCIES_CODES.split())

Amount = Annotated[int, msgspec.Meta(ge=0, le=MAXIMUM, description="Minor unit of the currency, as Stripe counts it.")]
CurrencyCode = Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$", min_length=3, max_length=3, description="ISO 4217.")]
# Unicode's rule for symbols that are letters (UTS 35, currencySpacing), which babel leaves out.
_LETTER_MEETS_DIGIT = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")


class UnknownCurrency(Invalid):
    """Stripe does not charge in this currency."""

    slug = "unknown-currency"


class BadAmount(Invalid):
    """This amount cannot be charged in this currency."""

    slug = "bad-amount"


class Money(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An amount in the minor unit of its currency."""

    amount: Amount
    currency: CurrencyCode


def exponent(currency: str) -> int:
    """How many decimals Stripe counts in this currency; refuses UnknownCurrency."""
    if currency not in CURRENCIES:
        raise UnknownCurrency(f"{currency!r} is not a currency that Stripe charges in.", currency=currency)
    if currency in _ZERO_DECIMAL:
        return 0
    return 3 if currency in _THREE_DECIMAL else 2


def step(currency: str) -> int:
    """The smallest difference between two amounts: 1, or 10 and 100 where Stripe wants trailing zeros."""
    if currency in _WHOLE_UNITS:
        return 100
    return 10 if exponent(currency) == 3 else 1


def minimum(currency: str) -> int:
    """The smallest total that Stripe charges when the shop is paid out in this currency; 1 step where unknown."""
    return _MINIMUM.get(currency, step(currency))


def check(money: Money) -> Money:
    """Refuses UnknownCurrency, or BadAmount when the amount is not on the currency's step."""
    if money.amount % step(money.currency):
        raise BadAmount(
            f"Amounts in {money.currency} are multiples of {step(money.currency)}.",
            amount=money.amount,
            currency=money.currency,
            step=step(money.currency),
        )
    return money


def parse(text: str, currency: str) -> int:
    """`"19.99"` in EUR is 1999. A plain decimal point, no thousands sign.

    Refuses BadAmount for anything else: more decimals than the currency has, a negative or too large amount.
    """
    places = exponent(currency)
    # Decimal itself would also take 1e3, 1_000, +5 and the digits of every script.
    if not _PRICE.fullmatch(text.strip()):
        raise BadAmount(f"{text[:40]!r} is not a price.", text=text[:40])
    scaled = Decimal(text.strip()).scaleb(places)
    if scaled != scaled.to_integral_value() or not 0 <= scaled <= MAXIMUM:
        raise BadAmount(f"{text[:40]!r} is not a price in {currency}.", text=text[:40], currency=currency)
    return check(Money(int(scaled), currency)).amount


def display(money: Money, locale: str = "en") -> str:
    """As a person of this locale writes it: `19,99 €`. Currencies without minor unit show none."""
    return _written(money.amount, money.currency, locale)


@lru_cache(maxsize=4096)
def _written(amount: int, currency: str, locale: str) -> str:
    """Remembered, because a page says its few prices again and again."""
    places = 0 if currency in _WHOLE_UNITS else exponent(currency)
    value = Decimal(amount).scaleb(-exponent(currency))
    # Unicode's table rounds some currencies to whole units that Stripe charges in hundredths (RSD, AFN, YER …).
    pattern = copy.copy(Locale.parse(locale).currency_formats["standard"])
    pattern.frac_prec = (places, places)
    text = str(pattern.apply(value, locale, currency=currency, currency_digits=False))
    return _LETTER_MEETS_DIGIT.sub("\N{NO-BREAK SPACE}", text)


def split(total: int, weights: Sequence[int]) -> list[int]:
    """Share `total` out by weight so that the parts sum exactly to it (largest remainder, earlier first)."""
    whole = sum(weights)
    if whole <= 0:
        raise ValueError("There is nothing to share by.")
    parts = [total * weight // whole for weight in weights]
    order = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in order[: total - sum(parts)]:
        parts[i] += 1
    return parts
