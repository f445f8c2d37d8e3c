"""Stripe's own view of currencies, written down a second time on purpose: this server judges the application.

Source: docs.stripe.com/currencies, checked 2026-11. Amounts are integers in Stripe's minor unit, which is not always
the one of ISO 4217 (ISK and UGX count two digits of which both must be zero).
"""

ZERO_DECIMAL_CODES = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf"
ZERO_DECIMAL = frozenset(ZERO_DECIMAL_CODES.split())
THREE_DECIMAL = frozenset(["bhd", "jod", "kwd", "omr", "tnd"])
STEPS = {"isk": 100, "ugx": 100, **dict.fromkeys(THREE_DECIMAL, 10)}
TWO_DECIMAL_CODES = """
    aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bmd bnd bob brl bsd bwp byn bzd cad cdf chf cny cop crc cve
    czk dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gtq gyd hkd hnl htg huf idr ils inr isk jmd kes kgs khr kyd kzt
    lak lbp lkr lrd lsl mad mdl mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd pab pen pgk php pkr pln
    qar ron rsd rub sar sbd scr sek sgd shp sle sos srd std szl thb tjs top try ttd twd tzs uah ugx usd uyu uzs wst xcd
    xcg yer zar zmw
"""
TWO_DECIMAL = frozenset(TWO_DECIMAL_CODES.split())
FIFTY_CODES = "usd ars aud brl cad chf cop eur idr ils inr nzd php rub sgd zar jpy krw"
MINIMUMS = dict.fromkeys(FIFTY_CODES.split(), 50) | {
    "aed": 200, "czk": 1500, "dkk": 250, "gbp": 30, "hkd": 400, "huf": 17500, "mxn": 1000, "myr": 200,
    "nok": 300, "pln": 200, "ron": 200, "sek": 300, "thb": 1000,
}  # fmt: skip
MAXIMUM = 99_999_999
SYMBOLS = {
    "eur": "€",
    "usd": "$",
    "gbp": "£",
    "jpy": "¥",
    "inr": "₹",
    "krw": "₩",
    "brl": "R$",
    "aud": "A$",
    "cad": "CA$",
}


def known(currency: str) -> bool:
    """Whether anyone may be charged in this currency (lower-case code)."""
    return currency in ZERO_DECIMAL or currency in THREE_DECIMAL or currency in TWO_DECIMAL


def every() -> list[str]:
    """All that anyone may be charged in."""
    return sorted(ZERO_DECIMAL | TWO_DECIMAL | THREE_DECIMAL)


def exponent(currency: str) -> int:
    """How many digits of an amount stand behind the point."""
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def step(currency: str) -> int:
    """What every amount must be a multiple of."""
    return STEPS.get(currency, 1)


def minimum(currency: str) -> int:
    """The smallest total that can be charged; an account that settles elsewhere may meet a higher one."""
    return MINIMUMS.get(currency, 1)


def display(amount: int, currency: str) -> str:
    """An amount as the hosted page shows it: `€1,299.00`, `CHF 12.50`."""
    digits = exponent(currency)
    whole, rest = divmod(abs(amount), 10**digits)
    figure = f"{whole:,}" + (f".{rest:0{digits}d}" if digits else "")
    sign = "-" if amount < 0 else ""
    symbol = SYMBOLS.get(currency)
    return f"{sign}{symbol}{figure}" if symbol else f"{sign}{currency.upper()} {figure}"
