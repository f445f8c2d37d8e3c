"""What shipping a basket costs: a pure function of the shop's rates, the weight, the total and the country."""

from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

# docs.stripe.com/api/checkout/sessions/create (shipping_options).
MAX_OPTIONS = 5

Kind = Literal["flat", "by_weight", "by_total"]


class Bracket(msgspec.Struct, frozen=True, kw_only=True):
    """`amount` for baskets up to and including `up_to` grams, or so much money; null for all others."""

    amount: int
    up_to: int | None = None


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """A way of shipping. Amounts in the minor unit of the shop's currency, delivery in business days."""

    id: str
    name: str
    countries: Sequence[str]
    kind: Kind
    brackets: Sequence[Bracket]
    free_above: int | None = None
    min_days: int | None = None
    max_days: int | None = None


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be shipped: `subtotal` is what the whole basket costs, discounts taken off."""

    weight_grams: int
    subtotal: int


class ShippingOption(msgspec.Struct, frozen=True, kw_only=True):
    """A way of shipping with its price for one parcel, as the buyer is offered it."""

    rate_id: str
    name: str
    amount: int
    min_days: int | None = None
    max_days: int | None = None


def price(rate: Rate, parcel: Parcel) -> int | None:
    """What the rate costs for this parcel; None where it is too heavy or too dear for its last bracket."""
    if rate.free_above is not None and parcel.subtotal >= rate.free_above:
        return 0
    measure = parcel.weight_grams if rate.kind == "by_weight" else parcel.subtotal
    for bracket in rate.brackets:
        if bracket.up_to is None or measure <= bracket.up_to:
            return bracket.amount
    return None


def options(
    rates: Iterable[Rate], country: str, parcel: Parcel, *, free_shipping: bool = False
) -> tuple[ShippingOption, ...]:
    """What the buyer can choose from, in the order of `rates`, five at most as Stripe takes no more.

    With `free_shipping` the cheapest costs nothing, and the first of equals.
    """
    priced = [
        ShippingOption(rate_id=rate.id, name=rate.name, amount=amount, min_days=rate.min_days, max_days=rate.max_days)
        for rate in rates
        if country in rate.countries and (amount := price(rate, parcel)) is not None
    ][:MAX_OPTIONS]
    if free_shipping and priced:
        cheapest = min(range(len(priced)), key=lambda place: priced[place].amount)
        priced[cheapest] = msgspec.structs.replace(priced[cheapest], amount=0)
    return tuple(priced)


def regions(rates: Sequence[Rate]) -> list[tuple[tuple[Rate, ...], list[str]]]:
    """Countries that the very same rates name, with those rates: what costs the same is reckoned once."""
    naming: dict[str, list[int]] = {}
    for place, rate in enumerate(rates):
        for country in rate.countries:
            naming.setdefault(country, []).append(place)
    found: dict[tuple[int, ...], list[str]] = {}
    for country, places in naming.items():
        found.setdefault(tuple(places), []).append(country)
    return [(tuple(rates[place] for place in places), countries) for places, countries in found.items()]


def by_country(
    rates: Sequence[Rate], parcel: Parcel, *, free_shipping: bool = False
) -> dict[str, tuple[ShippingOption, ...]]:
    """What can be chosen in each country that this parcel can go to."""
    return {
        country: offered
        for known, countries in regions(rates)
        if (offered := options(known, countries[0], parcel, free_shipping=free_shipping))
        for country in countries
    }
