"""What a buyer wants becomes an order: its lines at the catalog's prices, its stock held, the request that Stripe gets.

All of it is written in the caller's one transaction, before anybody outside is asked.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
import sqlalchemy as sa
from sqlmodel import col

from catalog import offers
from catalog.offers import Offer
from checkout import attribution, expecting, hoarding, holds, orders, taxes, terms
from checkout.discounts import discounts, redemptions
from checkout.discounts.models import Redemption
from checkout.discounts.redemptions import Claim
from checkout.errors import NotForSale, TotalTooLarge, TotalTooSmall
from checkout.events import OrderPlaced
from checkout.expecting import Expected
from checkout.models import Checkout, Order, OrderLine
from checkout.schemas import CheckoutItemIn
from checkout.shipping import quotes
from checkout.shipping.pricing import Parcel
from checkout.shipping.quotes import Quote
from checkout.stripe import coupons, delivery, sessions
from core import events, ids, money
from core.db import AsyncSession, Json, insert, row_of, table_of
from core.settings import Settings
from core.shops import Shop
from social import creators
from social.links.origin import Origin

# So few pieces left after this order make a variant scarce.
_SCARCE = 5


# What Stripe is to be asked, written into the row of the checkout.
_REQUEST = (
    sa.update(table_of(Checkout))
    .where(col(Checkout.id) == sa.bindparam("checkout"))
    .values(
        stripe_key=sa.bindparam("stripes_key"),
        coupon=sa.bindparam("reduction", type_=Json),
        parameters=sa.bindparam("request", type_=Json),
    )
)


class Intent(msgspec.Struct, frozen=True, kw_only=True):
    """What a buyer wants, from where, and by which request.

    `key` names the request: the same key and items answer the same checkout for a day. `page` names the page
    that was shown instead: the same page and items answer the same checkout until it has ended, and other items
    end the one before. `buyer` is a hash of who asks (`hoarding`), `recovers` an order that is taken up again.
    `ship_to` is the country to ship to, the shop's own unless named. `expected` is what the buyer was shown.
    `locale` is whose language the payment page speaks, the shop's unless named; `language` is the one that the buyer
    chose for our pages, if they did.
    """

    items: Sequence[CheckoutItemIn]
    origin: Origin
    utm: Mapping[str, str] = {}
    key: str | None = None
    page: str | None = None
    success_url: str | None = None
    cancel_url: str | None = None
    ship_to: str | None = None
    discount: Claim = Claim()
    buyer: str | None = None
    recovers: str | None = None
    expected: Expected = Expected()
    locale: str | None = None
    language: str = ""


def demand_of(intent: Intent) -> dict[str, int]:
    """Pieces by variant: the same variant twice is one demand, so that it cannot pass the shelf twice."""
    demand: dict[str, int] = {}
    for item in intent.items:
        demand[item.variant_id] = demand.get(item.variant_id, 0) + item.quantity
    return demand


def digest_of(intent: Intent) -> str:
    """What tells one intent from another behind the same key or page."""
    code = intent.discount.code and discounts.normal(intent.discount.code)
    facts: list[object] = [
        sorted(demand_of(intent).items()),
        intent.success_url,
        intent.cancel_url,
        intent.ship_to,
        code,
    ]
    if intent.expected != Expected():
        facts.append(intent.expected)
    return hashlib.sha256(msgspec.json.encode(facts)).hexdigest()


async def place(
    session: AsyncSession, settings: Settings, shop: Shop, checkout: Checkout, intent: Intent, now: datetime
) -> None:
    """Order, lines, holds and the stored request, all in the transaction that claimed the checkout.

    Refuses NotForSale, OutOfStock, TooManyOpenCheckouts, DiscountNotApplicable, NotShippedThere, PriceChanged,
    ShippingChanged, TotalTooSmall, TotalTooLarge.
    """
    demand = demand_of(intent)
    order = _order(shop, checkout, intent, now)
    await hoarding.queue(session, shop, intent.buyer)
    wanted = await offers.of_variants(session, shop, list(demand), shop.currency)
    lines = [
        _line(order, position, wanted.get(variant_id), quantity, variant_id)
        for position, (variant_id, quantity) in enumerate(demand.items())
    ]
    await hoarding.check(session, settings, shop, intent.buyer, demand, wanted)
    promise = await expecting.promise(session, shop, intent.expected, lines, intent.discount.code, now)
    given = await redemptions.reserve(session, shop, order, lines, intent.discount, now)
    if order.creator_id is None:
        order.creator_id = await creators.of_codes(session, shop, [each.code for each in given if each.code])
    _add_up(order, lines)
    free_shipping = any(each.free_shipping for each in given)
    shipped = [(wanted[each.variant_id], each) for each in lines]
    quote = await _quote(session, shop, order, shipped, intent, free_shipping)
    _add_shipping(order, quote)
    expecting.check(order, promise)
    await insert(session, Order, row_of(order))
    await insert(session, OrderLine, *[row_of(each) for each in lines])
    await insert(session, Redemption, *[row_of(each) for each in given])
    await attribution.keep(session, order, intent.origin.touches)
    if quote is not None:
        await quotes.keep(session, order, quote)
    await holds.place(session, shop, order, demand)
    checkout.stripe_key = f"{order.id}:create:1"
    checkout.coupon = coupons.parameters(order, redemptions.names(given))
    tax = taxes.behavior(shop)
    checkout.parameters = sessions.parameters(
        order,
        lines,
        success_url=intent.success_url or settings.public_url + orders.path(order, intent.language),
        cancel_url=intent.cancel_url or settings.public_url,
        expires_at=checkout.expires_at,
        locale=intent.locale or shop.locale,
        shipping=delivery.parameters(quote.countries, quote.options, order.currency, tax) if quote else None,
        tax=tax,
    ) | coupons.of_session(checkout.coupon)
    checkout.parameters |= terms.parameters(shop, intent.locale or shop.locale)
    if _instant_only(shop, demand, wanted):
        checkout.parameters |= sessions.INSTANT_ONLY
    asked = {"checkout": checkout.id, "stripes_key": checkout.stripe_key, "reduction": checkout.coupon}
    await session.rows(_REQUEST, {**asked, "request": checkout.parameters})
    await events.record(session, shop.id, OrderPlaced(order_id=order.id))


def _order(shop: Shop, checkout: Checkout, intent: Intent, now: datetime) -> Order:
    origin = intent.origin
    return Order(
        id=checkout.order_id,
        shop_id=shop.id,
        checkout_id=checkout.id,
        public_token=orders.new_public_token(),
        currency=shop.currency,
        network=origin.network,
        placement=origin.placement,
        post_id=origin.post_id,
        link_id=origin.link_id,
        click_id=origin.click_id,
        click_token=origin.click_token,
        campaign=origin.campaign,
        creator_id=origin.creator_id,
        variant=origin.variant,
        in_app=origin.in_app,
        utm=dict(intent.utm),
        method=origin.method,
        confidence=origin.confidence,
        evidence=msgspec.to_builtins(origin.evidence),
        buyer=intent.buyer,
        recovers=intent.recovers,
        created_at=now,
    )


def _line(order: Order, position: int, offer: Offer | None, quantity: int, variant_id: str) -> OrderLine:
    if offer is None or not offer.sellable or offer.price is None:
        raise NotForSale("This variant is not for sale.", variant_id=variant_id)
    return OrderLine(
        id=ids.new("oline"),
        shop_id=order.shop_id,
        order_id=order.id,
        position=position,
        variant_id=offer.variant_id,
        product_id=offer.product_id,
        title=offer.product_title,
        variant_title=offer.variant_title,
        sku=offer.sku or "",
        requires_shipping=offer.requires_shipping,
        quantity=quantity,
        unit_amount=offer.price.amount,
        amount_total=offer.price.amount * quantity,
    )


def _instant_only(shop: Shop, demand: Mapping[str, int], wanted: Mapping[str, Offer]) -> bool:
    """Whether methods that hold stock for days must not be used: by the shop's wish, or because little is left."""
    if shop.delayed_payments != "unless_scarce":
        return shop.delayed_payments == "never"
    return any(wanted[each].tracked and wanted[each].available - pieces < _SCARCE for each, pieces in demand.items())


def _add_up(order: Order, lines: Sequence[OrderLine]) -> None:
    """The order's amounts from its lines; what Stripe could not charge is refused even where little of it is left."""
    order.amount_subtotal = sum(line.unit_amount * line.quantity for line in lines)
    if order.amount_subtotal > money.MAXIMUM:
        raise TotalTooLarge("Stripe does not charge so much.", total=order.amount_subtotal, maximum=money.MAXIMUM)
    order.amount_discount = sum(line.amount_discount for line in lines)
    order.amount_total = order.amount_subtotal - order.amount_discount


async def _quote(
    session: AsyncSession,
    shop: Shop,
    order: Order,
    lines: Sequence[tuple[Offer, OrderLine]],
    intent: Intent,
    free_shipping: bool,
) -> Quote | None:
    """What shipping can be offered for these lines; None where nothing needs any."""
    shipped = [(offer, line) for offer, line in lines if line.requires_shipping]
    if not shipped:
        return None
    weight = sum((offer.weight_grams or 0) * line.quantity for offer, line in shipped)
    parcel = Parcel(weight_grams=weight, subtotal=order.amount_total)
    return await quotes.of_parcel(session, shop, parcel, intent.ship_to, free_shipping=free_shipping)


def _add_shipping(order: Order, quote: Quote | None) -> None:
    """The way of shipping that stands first, until the buyer has chosen.

    Whichever they choose, a total is nothing at all or something that Stripe can charge.
    """
    amounts = [each.amount for each in quote.options] if quote else [0]
    smallest = money.minimum(order.currency)
    for total in (order.amount_total + amount for amount in amounts):
        if 0 < total < smallest:
            raise TotalTooSmall("Stripe does not charge so little.", total=total, minimum=smallest)
        if total > money.MAXIMUM:
            raise TotalTooLarge("Stripe does not charge so much.", total=total, maximum=money.MAXIMUM)
    order.amount_shipping = amounts[0]
    order.amount_total += amounts[0]
