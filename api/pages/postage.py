"""Shipping and tax on a landing page: what they come to is said before anybody taps Buy.

Directive 2011/83/EU, articles 6 and 8: the total price with taxes and delivery, and the time of delivery, are known
before the order. Stripe's page cannot price by the country that is typed there, so the country is asked for here, and
only where it makes a difference.
"""

from collections.abc import Collection, Sequence

import msgspec

from api.pages import shelf
from api.pages.messages import Messages
from api.pages.shelf import Wish
from api.pages.views import Destination, Form, Postage
from catalog.offers import Offer, ProductOffers
from checkout.shipping import countries, pricing, rates
from checkout.shipping.pricing import Parcel, Rate, ShippingOption
from core import money
from core.db import AsyncSession
from core.money import Money
from core.shops import Shop

_PART = " · "
# More countries than this on one line are read by nobody.
_FEW = 3


class _Choice(msgspec.Struct, frozen=True):
    """What the page shows chosen, and what of it may still change before Buy is tapped."""

    parcel: Parcel
    others: Collection[Parcel]


async def of_page(
    session: AsyncSession, shop: Shop, product: ProductOffers, form: Form, wish: Wish, texts: Messages
) -> Postage:
    """What is said of shipping and tax beside what is chosen; no shipping for a shop or a product without any."""
    taxes = texts.taxes_included if shop.prices_include_tax else texts.taxes_added if shop.stripe_tax else ""
    sold = {offer.variant_id: offer for offer in shelf.sellable(product)}
    offer = sold.get(form.chosen.variant_id) if form.chosen else None
    known = await rates.living(session, shop) if offer is not None and offer.requires_shipping else []
    if offer is None or not known:
        return Postage(taxes=taxes)
    others = {_parcel(each, quantity) for each in sold.values() for quantity in (1, form.quantities[-1])}
    return _postage(shop, known, _Choice(_parcel(offer, form.quantity), others), wish, taxes, texts)


def _postage(shop: Shop, known: Sequence[Rate], choice: _Choice, wish: Wish, taxes: str, texts: Messages) -> Postage:
    said: dict[str, str] = {}
    for shared, where in pricing.regions(known):
        said |= dict.fromkeys(where, text) if (text := _said(shop, shared, choice, where[0], texts)) else {}
    if not said:
        return Postage(taxes=taxes)
    chosen = next((each for each in (wish.ship_to, shop.country) if each in said), next(iter(said)))
    names = {country: countries.name(country, shop.locale) for country in said}
    if len(set(said.values())) == 1:
        named = [", ".join(sorted(names.values()))] if len(names) <= _FEW else []
        return Postage(taxes=taxes, ship_to=chosen, line=_PART.join([*named, said[chosen]]))
    destinations = (
        Destination(code=country, label=_PART.join((names[country], said[country])), chosen=country == chosen)
        for country in sorted(said, key=names.__getitem__)
    )
    return Postage(taxes=taxes, ship_to=chosen, destinations=tuple(destinations))


def _said(shop: Shop, known: Sequence[Rate], choice: _Choice, country: str, texts: Messages) -> str:
    """`6,90 € · 2 à 4 jours ouvrés · offerte dès 100,00 €`, for the cheapest way there is.

    `dès` before it where another variant, more pieces or another way would cost more. Empty where nothing goes there.
    """
    options = pricing.options(known, country, choice.parcel)
    if not options:
        return ""
    best = min(options, key=lambda each: each.amount)
    possible = [pricing.options(known, country, each) for each in choice.others]
    dearer = any(each.amount > best.amount for each in options) or any(
        not found or min(each.amount for each in found) > best.amount for found in possible
    )
    price = money.display(Money(best.amount, shop.currency), shop.locale) if best.amount else texts.shipping_free
    rate = next(each for each in known if each.id == best.rate_id)
    parts = [f"{texts.starting_at} {price}" if dearer and best.amount else price, _days(best, texts)]
    if best.amount and rate.free_above is not None:
        free = money.display(Money(rate.free_above, shop.currency), shop.locale)
        parts.append(texts.shipping_free_from.format(price=free))
    return _PART.join(each for each in parts if each)


def _days(option: ShippingOption, texts: Messages) -> str:
    least, most = option.min_days, option.max_days
    if least is None or most is None:
        return ""
    if least == most:
        return texts.shipping_day if most == 1 else texts.shipping_days_exactly.format(n=most)
    return texts.shipping_days.format(least=least, most=most)


def _parcel(offer: Offer, quantity: int) -> Parcel:
    price = offer.price.amount if offer.price else 0
    return Parcel(weight_grams=(offer.weight_grams or 0) * quantity, subtotal=price * quantity)
