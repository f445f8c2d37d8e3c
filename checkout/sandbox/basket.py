"""What a buyer changes on the page before paying: quantities, and the promotion code."""

from checkout.sandbox import coupons, pricing, session_making, totals
from checkout.sandbox.buyers import Form
from checkout.sandbox.call import Call
from checkout.sandbox.errors import StripeError
from checkout.sandbox.session_record import SessionRecord, save

INVALID = "This code is invalid."


def change(call: Call, record: SessionRecord, form: Form) -> None:
    """Do what the pressed button says; refuses what would cost nothing that can be charged."""
    if "code" in form:
        enter_code(call, record, form["code"])
    elif "remove" in form:
        session_making.apply(record, None, None)
    else:
        _quantity(record, form.get("line", ""), form.get("quantity", ""))
    totals.reckon(record, call.now)
    pricing.check_total(record.session.amount_total, record.session.currency)
    save(call, record)


def enter_code(call: Call, record: SessionRecord, word: str) -> None:
    """Put the discount of a promotion code on the session; the reason why not is for the buyer to read."""
    session = record.session
    if not session.allow_promotion_codes:
        raise StripeError("Promotion codes cannot be used here.")
    found = coupons.find(call, word)
    if found is None:
        raise StripeError(INVALID)
    coupons.check_code(call, found, session.amount_subtotal, session.currency, session.customer, "code")
    coupon = coupons.usable(call, found.promotion.coupon, session.currency, "code")
    session_making.apply(record, coupon, found.id)
    totals.reckon(record, call.now)
    if not session.total_details.amount_discount:
        raise StripeError("This code does not apply to anything in your basket.")


def _quantity(record: SessionRecord, line_id: str, typed: str) -> None:
    line = next((line for line in record.lines if line.id == line_id), None)
    if line is None or line.adjustable_quantity is None or not line.adjustable_quantity.enabled:
        raise StripeError("This quantity cannot be changed.")
    low = max(line.adjustable_quantity.minimum or 0, 1 if len(record.lines) == 1 else 0)
    high = line.adjustable_quantity.maximum or 99
    if not (typed.isascii() and typed.isdigit() and len(typed) < 7 and low <= int(typed) <= high):
        raise StripeError(f"Choose between {low} and {high}.")
    line.quantity = int(typed)
