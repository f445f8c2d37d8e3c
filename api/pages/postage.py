"""Shipping and tax on a landing page: what they come to is said before anybody taps Buy.

Directive 2011/83/EU, articles 6 and 8: the total price with taxes and delivery, and the time of delivery, are known
before the order. Stripe's page cannot price by the country that is typed there, so the country is asked for here, and
only where it makes a difference.
"""

from collections.abc import Collection, Sequence

import msgspec

from api.pages import prices, shelf
from api.pages.costs import Costs
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


class _Choice(msgspec.Struct, frozen=True, kw_only=True):
    """What the page shows chosen, and what of it may still change before Buy is tapped; what a discount makes free."""

    variant_id: str
    quantity: int
    parcel: Parcel
    others: Collection[Parcel]
    free_shipping: bool


async def of_page(
    session: AsyncSession, shop: Shop, product: ProductOffers, form: Form, wish: Wish, costs: Costs, texts: Messages
) -> Postage:
    """What is said of shipping and tax beside what is chosen; no shipping for a shop or a product without any."""
    sold = {offer.variant_id: offer for offer in shelf.sellable(product)}
    offer = sold.get(form.chosen.variant_id) if form.chosen else None
    if offer is None or not offer.requires_shipping:
        return await _postage(session, shop, None, wish, texts)
    choice = _Choice(
        variant_id=offer.variant_id,
        quantity=form.quantity,
        parcel=_parcel(offer, form.quantity, costs),
        others={_parcel(each, quantity, costs) for each in sold.values() for quantity in (1, form.quantities[-1])},
        free_shipping=costs.free_shipping,
    )
    return await _postage(session, shop, choice, wish, texts)


async def of_basket(
    session: AsyncSession, shop: Shop, parcel: Parcel | None, wish: Wish, costs: Costs, texts: Messages
) -> Postage:
    """The same beside a basket, whose quantities are those of its page; `parcel` is None where nothing is sent."""
    if parcel is None:
        return await _postage(session, shop, None, wish, texts)
    choice = _Choice(variant_id="", quantity=0, parcel=parcel, others=(), free_shipping=costs.free_shipping)
    return await _postage(session, shop, choice, wish, texts)


async def _postage(session: AsyncSession, shop: Shop, choice: _Choice | None, wish: Wish, texts: Messages) -> Postage:
    taxes = _taxes(shop, texts)
    known = await rates.living(session, shop) if choice is not None else []
    if choice is None or not known:
        return Postage(taxes=taxes)
    said: dict[str, str] = {}
    amounts: dict[str, int] = {}
    fixed = True
    for shared, where in pricing.regions(known):
        if not (offered := _options(shared, where[0], choice.parcel, choice)):
            continue
        possible = [_options(shared, where[0], each, choice) for each in choice.others]
        said |= dict.fromkeys(where, _said(shop, shared, offered, possible, texts))
        amounts |= dict.fromkeys(where, offered[0].amount)
        fixed = fixed and all(found and found[0].amount == offered[0].amount for found in possible)
    if not said:
        return Postage(taxes=taxes)
    told = prices.write_shipping(amounts, *(() if fixed else (choice.variant_id, choice.quantity)))
    chosen = next((each for each in (wish.ship_to, shop.country) if each in said), next(iter(said)))
    if wish.agreed_shipping is not None:
        told = prices.write_shipping({chosen: wish.agreed_shipping}, choice.variant_id, choice.quantity)
    names = {country: countries.name(country, texts.locale) for country in said}
    if len(set(said.values())) == 1:
        named = [", ".join(sorted(names.values()))] if len(names) <= _FEW else []
        return Postage(taxes=taxes, ship_to=chosen, told=told, line=_PART.join([*named, said[chosen]]))
    destinations = (
        Destination(code=country, label=_PART.join((names[country], said[country])), chosen=country == chosen)
        for country in sorted(said, key=names.__getitem__)
    )
    return Postage(taxes=taxes, ship_to=chosen, told=told, destinations=tuple(destinations))


def _taxes(shop: Shop, texts: Messages) -> str:
    return texts.taxes_included if shop.prices_include_tax else texts.taxes_added if shop.stripe_tax else ""


def _options(known: Sequence[Rate], country: str, parcel: Parcel, choice: _Choice) -> tuple[ShippingOption, ...]:
    return pricing.options(known, country, parcel, free_shipping=choice.free_shipping)


def _said(
    shop: Shop,
    known: Sequence[Rate],
    offered: Sequence[ShippingOption],
    possible: Sequence[Sequence[ShippingOption]],
    texts: Messages,
) -> str:
    """`6,90 € · 2 à 4 jours ouvrés · offerte dès 100,00 €`, for the cheapest way there is.

    `dès` before it where another variant, more pieces or another way would cost more.
    """
    best = min(offered, key=lambda each: each.amount)
    dearer = any(each.amount > best.amount for each in offered) or any(
        not found or min(each.amount for each in found) > best.amount for found in possible
    )
    price = money.display(Money(best.amount, shop.currency), texts.locale) if best.amount else texts.shipping_free
    rate = next(each for each in known if each.id == best.rate_id)
    parts = [f"{texts.starting_at} {price}" if dearer and best.amount else price, _days(best, texts)]
    if best.amount and rate.free_above is not None:
        free = money.display(Money(rate.free_above, shop.currency), texts.locale)
        parts.append(texts.shipping_free_from.format(price=free))
    return _PART.join(each for each in parts if each)


def _days(option: ShippingOption, texts: Messages) -> str:
    least, most = option.min_days, option.max_days
    if least is None or most is None:
        return ""
    if least == most:
        return texts.shipping_day if most == 1 else texts.shipping_days_exactly.format(n=most)
    return texts.shipping_days.format(least=least, most=most)


def _parcel(offer: Offer, quantity: int, costs: Costs) -> Parcel:
    return Parcel(weight_grams=(offer.weight_grams or 0) * quantity, subtotal=costs.of(offer.variant_id, quantity))
