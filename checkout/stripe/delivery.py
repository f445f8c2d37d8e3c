"""Shipping and tax on Stripe's page: what we ask it to offer, and what it tells of the buyer afterwards."""

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from checkout.shipping.pricing import ShippingOption

# docs.stripe.com/tax/tax-codes: shipping.
_SHIPPING_TAX_CODE = "txcd_92010001"

TaxBehavior = Literal["inclusive", "exclusive"]
# What people type: it is sealed and shown as it is, and only its length is anybody's concern.
Typed = Annotated[str, Meta(max_length=5000)]
Reference = Annotated[str, Meta(max_length=255)]
Word = Annotated[str, Meta(max_length=255, pattern="^[!-~]*$")]
Charged = Annotated[int, Meta(ge=0, le=2**31 - 1)]


class PostalAddress(msgspec.Struct, frozen=True):
    """An address as the buyer typed it."""

    line1: Typed | None = None
    line2: Typed | None = None
    postal_code: Typed | None = None
    city: Typed | None = None
    state: Typed | None = None
    country: Annotated[str, Meta(max_length=2)] | None = None


class CustomerDetails(msgspec.Struct, frozen=True):
    """Who pays."""

    email: Typed | None = None
    name: Typed | None = None
    phone: Typed | None = None


class ShippingDetails(msgspec.Struct, frozen=True):
    """Who gets it, and where."""

    name: Typed | None = None
    address: PostalAddress | None = None


class CollectedInformation(msgspec.Struct, frozen=True):
    """What the page asked for; `shipping_details` stands here since the API of 2025-03-31."""

    shipping_details: ShippingDetails | None = None


class ShippingCost(msgspec.Struct, frozen=True):
    """The way of shipping that was chosen, by Stripe's own name for it."""

    shipping_rate: Reference | None = None


class OfferedShipping(msgspec.Struct, frozen=True):
    """A way of shipping that the page offers, by Stripe's own name for it."""

    shipping_rate: Reference | None = None


class DeliveryFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What a Checkout Session says about its buyer and where the goods go."""

    status: Word | None = None
    customer_details: CustomerDetails | None = None
    collected_information: CollectedInformation | None = None
    shipping_cost: ShippingCost | None = None
    shipping_options: list[OfferedShipping] = []


_decoder = msgspec.json.Decoder(DeliveryFacts)


def read(body: msgspec.Raw) -> DeliveryFacts:
    """What a session that an event carries says of its buyer. Raises msgspec.ValidationError for what is none."""
    return _decoder.decode(body)


def parameters(
    countries: Sequence[str], options: Sequence[ShippingOption], currency: str, tax_behavior: TaxBehavior | None
) -> dict[str, object]:
    """What makes Stripe's page ask for an address in `countries` and offer `options`, the first one chosen."""
    return {
        "shipping_address_collection": {"allowed_countries": list(countries)},
        "shipping_options": [{"shipping_rate_data": _rate(each, currency, tax_behavior)} for each in options],
    }


def _rate(option: ShippingOption, currency: str, tax_behavior: TaxBehavior | None) -> dict[str, object]:
    rate: dict[str, object] = {
        "type": "fixed_amount",
        "display_name": option.name,
        "fixed_amount": {"amount": option.amount, "currency": currency.lower()},
    }
    if option.min_days is not None and option.max_days is not None:
        rate["delivery_estimate"] = {
            "minimum": {"unit": "business_day", "value": option.min_days},
            "maximum": {"unit": "business_day", "value": option.max_days},
        }
    if tax_behavior is not None:
        rate |= {"tax_behavior": tax_behavior, "tax_code": _SHIPPING_TAX_CODE}
    return rate
