"""What a buyer is offered: priced when the order is placed, kept as it was then, and chosen on Stripe's page."""

from collections.abc import Sequence

import msgspec

from checkout.models import Order
from checkout.shipping import pricing, rates
from checkout.shipping.errors import NotShippedThere
from checkout.shipping.models import OrderShipping
from checkout.shipping.pricing import Parcel, ShippingOption
from checkout.stripe.delivery import DeliveryFacts
from core.db import AsyncSession, insert
from core.shops import Shop


class Quote(msgspec.Struct, frozen=True, kw_only=True):
    """Ways of shipping a parcel to `country`, and to all of `countries`, where the very same is offered."""

    country: str
    countries: Sequence[str]
    parcel: Parcel
    options: Sequence[ShippingOption]

    @property
    def least(self) -> int:
        """The lowest price that the buyer can choose."""
        return min(each.amount for each in self.options)


async def of_parcel(
    session: AsyncSession, shop: Shop, parcel: Parcel, ship_to: str | None, *, free_shipping: bool = False
) -> Quote | None:
    """What can be offered for a parcel to `ship_to`, or else to the shop's own country.

    None for a shop without shipping rates: it asks for no address and charges nothing. Refuses NotShippedThere, with
    the countries where this parcel can go.
    """
    known = await rates.living(session, shop)
    if not known:
        return None
    country = ship_to or shop.country
    found = pricing.by_country(known, parcel, free_shipping=free_shipping)
    if country not in found:
        raise NotShippedThere(
            f"This basket is not shipped to {country}.",
            country=country,
            countries=sorted(found),
            weight_grams=parcel.weight_grams,
        )
    same = sorted(each for each, options in found.items() if options == found[country] and each != country)
    return Quote(country=country, countries=[country, *same], parcel=parcel, options=found[country])


async def keep(session: AsyncSession, order: Order, quote: Quote) -> None:
    """Write down what was offered with the order."""
    row = {
        "order_id": order.id,
        "shop_id": order.shop_id,
        "country": quote.country,
        "weight_grams": quote.parcel.weight_grams,
        "options": msgspec.to_builtins(quote.options),
    }
    await insert(session, OrderShipping, row)


async def choose(session: AsyncSession, order: Order, news: DeliveryFacts) -> None:
    """Take in which of the options the buyer has chosen, and the country that they typed.

    Stripe names its own rates, made from ours in the order in which we sent them.
    """
    if news.status != "complete" or news.shipping_cost is None:
        return
    row = await session.get(OrderShipping, order.id)
    if row is None:
        return
    offered = [each.shipping_rate for each in news.shipping_options]
    if news.shipping_cost.shipping_rate in offered[: len(row.options)]:
        row.chosen = offered.index(news.shipping_cost.shipping_rate)
    details = news.collected_information.shipping_details if news.collected_information else None
    if details and details.address and details.address.country:
        row.country = details.address.country
    session.add(row)
    await session.flush()
