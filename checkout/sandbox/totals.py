"""What a session costs: lines, discount, shipping and tax, reckoned anew whenever one of them changes."""

from decimal import ROUND_HALF_UP, Decimal

from checkout.sandbox import taxes
from checkout.sandbox.catalog_objects import Coupon
from checkout.sandbox.errors import StripeError
from checkout.sandbox.objects import Discount, DiscountSource, LineDiscount, LineItem, TaxAmount, TaxRate
from checkout.sandbox.session_objects import AutomaticTax, ShippingCost, TotalDetails
from checkout.sandbox.session_record import SessionRecord


def reckon(record: SessionRecord, now: int) -> None:
    """Every amount of the session from what is sold, how, and where to."""
    session = record.session
    offs = _discounts(record.lines, record.coupon)
    for line, off in zip(record.lines, offs, strict=True):
        unit = Decimal(line.price.unit_amount_decimal)
        line.amount_subtotal = int((unit * line.quantity).to_integral_value(ROUND_HALF_UP))
        line.amount_discount = off
        found = taxes.amounts(line.amount_subtotal - off, _rates_of(record, line, now))
        line.taxes, line.amount_tax = found, sum(tax.amount for tax in found)
        line.amount_total = line.amount_subtotal - off + taxes.on_top(found)
        line.discounts = _named(record, off, now)
    session.shipping_cost = _shipping(record, now)
    shipping = session.shipping_cost
    session.amount_subtotal = sum(line.amount_subtotal for line in record.lines)
    session.amount_total = sum(line.amount_total for line in record.lines) + (shipping.amount_total if shipping else 0)
    session.total_details = TotalDetails(
        amount_discount=sum(offs),
        amount_shipping=shipping.amount_subtotal if shipping else 0,
        amount_tax=sum(line.amount_tax for line in record.lines) + (shipping.amount_tax if shipping else 0),
    )
    if session.automatic_tax.enabled:
        session.automatic_tax = AutomaticTax(
            enabled=True, provider="stripe", status="complete" if record.country else "requires_location_inputs"
        )


def choose_rate(record: SessionRecord, identifier: str) -> None:
    """Ship this way from now on."""
    if identifier not in [rate.id for rate in record.rates]:
        raise StripeError(f"No such shipping rate: '{identifier}'", code="resource_missing", param="shipping_rate")
    record.rate = identifier


def breakdown(record: SessionRecord) -> tuple[list[LineDiscount], list[TaxAmount]]:
    """Discounts and taxes summed up over the lines."""
    offs: dict[str, LineDiscount] = {}
    sums: dict[str, TaxAmount] = {}
    for line in record.lines:
        for off in line.discounts or []:
            known = offs.setdefault(off.discount.id, LineDiscount(amount=0, discount=off.discount))
            known.amount += off.amount
        for tax in line.taxes or []:
            found = sums.setdefault(tax.rate.id, TaxAmount(amount=0, rate=tax.rate, taxable_amount=0))
            found.amount += tax.amount
            found.taxable_amount = (found.taxable_amount or 0) + (tax.taxable_amount or 0)
            found.taxability_reason = tax.taxability_reason
    return list(offs.values()), list(sums.values())


def _discounts(lines: list[LineItem], coupon: Coupon | None) -> list[int]:
    """What each line gets off: its share of the whole, by largest remainder, so that not a cent is lost."""
    amounts = [int((Decimal(e.price.unit_amount_decimal) * e.quantity).to_integral_value(ROUND_HALF_UP)) for e in lines]
    if coupon is None:
        return [0] * len(lines)
    if coupon.applies_to:
        products = coupon.applies_to.products
        amounts = [amount if e.price.product in products else 0 for e, amount in zip(lines, amounts, strict=True)]
    whole = sum(amounts)
    if coupon.percent_off is not None:
        off = int((whole * Decimal(str(coupon.percent_off)) / 100).to_integral_value(ROUND_HALF_UP))
    else:
        off = min(coupon.amount_off or 0, whole)
    shares = [divmod(off * amount, whole) if whole else (0, 0) for amount in amounts]
    left = off - sum(share for share, _ in shares)
    last = sorted(range(len(shares)), key=lambda place: -shares[place][1])[:left]
    return [share + (place in last) for place, (share, _) in enumerate(shares)]


def _named(record: SessionRecord, off: int, now: int) -> list[LineDiscount]:
    if record.coupon is None or not off:
        return []
    discount = Discount(
        id=f"di_{record.session.id[-24:]}",
        checkout_session=record.session.id,
        promotion_code=record.code,
        source=DiscountSource(coupon=record.coupon.id),
        start=now,
    )
    return [LineDiscount(amount=off, discount=discount)]


def _rates_of(record: SessionRecord, line: LineItem, now: int) -> list[TaxRate]:
    if record.session.automatic_tax.enabled:
        return [taxes.automatic(record.country, line.price.tax_behavior, now)] if record.country else []
    return record.tax_rates.get(line.id, [])


def _shipping(record: SessionRecord, now: int) -> ShippingCost | None:
    rate = next((rate for rate in record.rates if rate.id == record.rate), None)
    if rate is None:
        return None
    amount, found = rate.fixed_amount.amount, []
    if record.session.automatic_tax.enabled and record.country:
        found = taxes.amounts(amount, [taxes.automatic(record.country, rate.tax_behavior, now)])
    return ShippingCost(
        amount_subtotal=amount,
        amount_tax=sum(tax.amount for tax in found),
        amount_total=amount + taxes.on_top(found),
        shipping_rate=rate.id,
    )
