"""Automatic tax, simply: one standard rate per country, on goods and on shipping alike.

The rates are those of 2026-01 as far as the European Commission and the countries publish them; a country that is not
here takes none. What matters is that a tax of the right kind is there, not that anybody files a return with it.
"""

import hashlib
from decimal import ROUND_HALF_UP, Decimal

from checkout.sandbox.objects import TaxAmount, TaxRate

VAT_TEXT = """
    AT 20 BE 21 BG 20 CH 8.1 CY 19 CZ 21 DE 19 DK 25 EE 24 ES 21 FI 25.5 FR 20 GB 20 GR 24 HR 25 HU 27 IE 23 IT 22 LT 21
    LU 17 LV 21 MT 18 NL 21 NO 25 PL 23 PT 23 RO 21 SE 25 SI 22 SK 23
"""
GST_TEXT = "AU 10 CA 5 IN 18 NZ 15 SG 9"
_VAT, _GST = VAT_TEXT.split(), GST_TEXT.split()
VAT = dict(zip(_VAT[::2], _VAT[1::2], strict=True))
GST = dict(zip(_GST[::2], _GST[1::2], strict=True)) | {"JP": "10"}


def automatic(country: str, behavior: str, now: int) -> TaxRate:
    """The rate of a country; a price that says nothing about tax comes without it."""
    percentage = VAT.get(country) or GST.get(country) or "0"
    inclusive = behavior == "inclusive"
    digest = hashlib.sha256(f"{country}{percentage}{inclusive}".encode()).hexdigest()[:24]
    return TaxRate(
        id=f"txr_{digest}",
        country=country,
        created=now,
        display_name="VAT" if country in VAT else "GST" if country in GST else "Tax",
        effective_percentage=float(percentage),
        inclusive=inclusive,
        jurisdiction=country,
        jurisdiction_level="country",
        percentage=float(percentage),
        tax_type="vat" if country in VAT else "gst" if country in GST else None,
    )


def amounts(taxable: int, rates: list[TaxRate]) -> list[TaxAmount]:
    """What each rate takes: of the amount without tax, whether the tax is on top or inside."""
    inside = sum((Decimal(str(rate.percentage)) for rate in rates if rate.inclusive), Decimal(0))
    net = taxable / (1 + inside / 100)
    return [
        TaxAmount(
            amount=_whole(net * Decimal(str(rate.percentage)) / 100),
            rate=rate,
            taxability_reason="standard_rated" if rate.percentage else "not_collecting",
            taxable_amount=_whole(net),
        )
        for rate in rates
    ]


def on_top(taxes: list[TaxAmount]) -> int:
    """How much of it is added to the price."""
    return sum(tax.amount for tax in taxes if not tax.rate.inclusive)


def _whole(amount: Decimal) -> int:
    return int(amount.to_integral_value(ROUND_HALF_UP))
