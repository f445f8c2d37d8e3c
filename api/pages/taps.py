"""What a tap on Buy brings along, and where it leads: the same for one product and for a basket."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeAlias

import msgspec
from litestar import Response

from api.pages import frames, locations
from api.pages.places import Basket, Place, Way
from api.services import Services
from catalog.errors import OutOfStock
from checkout import checkouts, orders
from checkout.discounts.redemptions import Claim
from checkout.errors import (
    NotForSale,
    PaymentProviderRefused,
    PaymentProviderUnavailable,
    PaymentsNotConnected,
    PriceChanged,
    ShippingChanged,
    TooManyOpenCheckouts,
    TotalTooLarge,
    TotalTooSmall,
)
from checkout.expecting import Expected
from checkout.placing import Intent
from checkout.schemas import CheckoutItemIn
from checkout.shipping.errors import NotShippedThere
from core import clock, money
from core.db import AsyncSession
from core.errors import Refusal
from core.money import Money
from social.links.origin import Origin

# The page that was tapped on, found by the parameters of its address.
Find: TypeAlias = Callable[[AsyncSession, Mapping[str, str]], Awaitable[Place | Basket]]
_COUNTRY = re.compile("[A-Z]{2}")
_UTM = re.compile(r"[A-Za-z0-9_.-]{1,150}")
ANSWERED = (
    OutOfStock, NotForSale, PaymentProviderUnavailable, PaymentProviderRefused, PaymentsNotConnected, TotalTooSmall,
    TotalTooLarge, NotShippedThere, TooManyOpenCheckouts, PriceChanged, ShippingChanged,
)  # fmt: skip


class Tap(msgspec.Struct, frozen=True, kw_only=True):
    """One tap on Buy: the form and the address it came with, and what is known of who tapped.

    `find` finds the page again. `page` is the nonce of the page that was shown, None where we never showed it or too
    long ago. `buyer` limits hoarding, `customer` knows the same one again.
    """

    services: Services
    find: Find
    query: Mapping[str, str]
    fields: Mapping[str, str]
    page: str | None
    found: Origin
    customer: str | None
    buyer: str | None

    @property
    def ship_to(self) -> str | None:
        """The country that the form names; the shop's own where it names none."""
        text = self.fields.get("ship_to", "")
        return text if _COUNTRY.fullmatch(text) else None

    async def go(
        self, way: Way, items: Sequence[CheckoutItemIn], expected: Expected, cancel_path: str
    ) -> Response[bytes]:
        """To the payment page, or to the order where this page's was paid already; refuses what `ANSWERED` lists."""
        services, settings = self.services, self.services.settings
        intent = Intent(
            items=items,
            origin=self.found,
            utm={
                each: value for each, value in self.query.items() if each.startswith("utm_") and _UTM.fullmatch(value)
            },
            page=self.page,
            # The visitor did not type this code, and buys without it where it is not good any more.
            discount=Claim(code=way.code, customer=self.customer, optional=True),
            cancel_url=settings.public_url + cancel_path,
            ship_to=self.ship_to,
            buyer=self.buyer,
            expected=expected,
            locale=way.frame.messages.locale,
            language=frames.chosen(self.query),
        )
        checkout = await checkouts.start(services.gateway, services.db, settings, way.shop, intent, clock.now())
        if checkout.status == "open" and checkout.url:
            return locations.payment(checkout.url, settings)
        async with services.db.read() as session:
            order = await orders.get(session, way.shop, checkout.order_id)
        return locations.own(orders.path(order, frames.chosen(self.query)))


def said(refusal: Refusal, way: Way) -> str:
    """Why a tap led nowhere."""
    texts = way.frame.messages
    if isinstance(refusal, PriceChanged):
        return texts.price_changed.format(price=_display(fact(refusal, "total"), way))
    if isinstance(refusal, ShippingChanged):
        amount = fact(refusal, "shipping")
        return texts.shipping_changed.format(price=_display(amount, way) if amount else texts.shipping_free)
    return {
        PaymentProviderUnavailable: texts.payment_away,
        NotShippedThere: texts.not_shipped,
        TooManyOpenCheckouts: texts.too_many,
    }.get(type(refusal), texts.unpayable)


def fact(refusal: Refusal, name: str) -> int:
    """An amount that a refusal tells, in the minor unit."""
    return int(str(refusal.facts[name]))


def _display(amount: int, way: Way) -> str:
    return money.display(Money(amount, way.shop.currency), way.frame.messages.locale)
