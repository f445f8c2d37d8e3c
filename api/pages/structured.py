"""What a product's JSON-LD says of shipping and returns, in schema.org's words.

developers.google.com/search/docs/appearance/structured-data/merchant-listing, 2026-11.
"""

from decimal import Decimal

from catalog.offers import Offer
from checkout.shipping import pricing, rates
from checkout.shipping.pricing import Parcel, ShippingOption
from core import legal, money
from core.db import AsyncSession
from core.money import Money
from core.shops import Shop

_SCHEMA = "https://schema.org"
# Readers of cards stop after some kilobytes: the first regions, and not every country of the world.
_REGIONS, _COUNTRIES = 5, 40


def decimal(price: Money) -> str:
    """`19.90`: a plain decimal with all of the currency's places, as networks and search engines want it."""
    return str(Decimal(price.amount).scaleb(-money.exponent(price.currency)))


def return_policy(shop: Shop) -> dict[str, object] | None:
    """For how long goods can be sent back and who pays for it; None where the shop does not say."""
    facts = legal.read(shop.legal)
    if facts.return_days is None:
        return None
    fees = {"shop": "FreeReturn", "buyer": "ReturnFeesCustomerResponsibility"}.get(facts.return_cost or "")
    return (
        {
            "@type": "MerchantReturnPolicy",
            "applicableCountry": shop.country,
            "returnPolicyCategory": f"{_SCHEMA}/MerchantReturnFiniteReturnWindow",
            "merchantReturnDays": facts.return_days,
            "returnMethod": f"{_SCHEMA}/ReturnByMail",
        }
        | ({"returnFees": f"{_SCHEMA}/{fees}"} if fees else {})
        | ({"merchantReturnLink": facts.returns_url} if facts.returns_url else {})
    )


async def shipping_details(session: AsyncSession, shop: Shop, offer: Offer) -> list[dict[str, object]]:
    """What the cheapest way of shipping one piece costs, by region; nothing for what is not shipped."""
    if not offer.requires_shipping or offer.price is None:
        return []
    parcel = Parcel(weight_grams=offer.weight_grams or 0, subtotal=offer.price.amount)
    found = []
    for shared, where in pricing.regions(await rates.living(session, shop)):
        offered = pricing.options(shared, where[0], parcel)
        if offered:
            best = min(offered, key=lambda each: each.amount)
            found.append(_details(best, where[:_COUNTRIES], shop.currency))
    return found[:_REGIONS]


def _details(option: ShippingOption, countries: list[str], currency: str) -> dict[str, object]:
    said: dict[str, object] = {
        "@type": "OfferShippingDetails",
        "shippingRate": {
            "@type": "MonetaryAmount",
            "value": decimal(Money(option.amount, currency)),
            "currency": currency,
        },
        "shippingDestination": [{"@type": "DefinedRegion", "addressCountry": each} for each in countries],
    }
    if option.min_days is not None and option.max_days is not None:
        days = {"minValue": option.min_days, "maxValue": option.max_days, "unitCode": "DAY"}
        transit = {"@type": "QuantitativeValue", **days}
        said["deliveryTime"] = {"@type": "ShippingDeliveryTime", "transitTime": transit}
    return said
