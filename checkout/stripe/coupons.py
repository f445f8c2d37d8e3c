"""What an order's discounts take off, as Stripe's page shows it: one coupon with their name.

A coupon says nothing but its name and amount, so that orders share it: its id follows from both, and it is made once.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import cast

from stripe.params import CouponCreateParams

from checkout.errors import PaymentProviderRefused
from checkout.models import Checkout, Order
from checkout.stripe.client import Gateway, call
from core.shops import Shop

# docs.stripe.com/api/coupons/create (name).
_NAME = 40


def parameters(order: Order, names: Sequence[str]) -> dict[str, object] | None:
    """What POST /v1/coupons is sent before the order's session; None where nothing is taken off.

    `names` are those of the discounts, as their buyer knows them.
    """
    if not order.amount_discount:
        return None
    name, currency, amount = _short(" + ".join(names)), order.currency.lower(), order.amount_discount
    digest = hashlib.sha256(f"{currency} {amount} {name}".encode()).hexdigest()
    return {
        "id": f"vitrine-{digest[:32]}",
        "name": name,
        "amount_off": amount,
        "currency": currency,
        "duration": "once",
    }


def of_session(coupon: Mapping[str, object] | None) -> dict[str, object]:
    """What the parameters of the order's session say of it."""
    return {"discounts": [{"coupon": coupon["id"]}]} if coupon else {}


def _short(name: str) -> str:
    return name if len(name) <= _NAME else f"{name[: _NAME - 1].rstrip()}…"


async def ensure(gateway: Gateway, shop: Shop, checkout: Checkout) -> None:
    """See to it that the coupon of this checkout is there, if it has one: as often as needed, one coupon."""
    if checkout.coupon is None:
        return
    made = gateway.client(shop).v1.coupons.create_async(
        cast(CouponCreateParams, checkout.coupon), {"idempotency_key": f"{checkout.stripe_key}:coupon"}
    )
    try:
        await call(made)
    except PaymentProviderRefused as refusal:
        if refusal.facts.get("stripe_code") != "resource_already_exists":
            raise
