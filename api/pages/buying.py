"""Buy: from the form of a landing page to the page to pay at, once per page shown, however often it is tapped."""

import re
from collections.abc import Mapping
from urllib.parse import urlencode

import msgspec
from litestar import Response, post
from litestar.params import FromPath

from api import customers
from api.auth import PUBLIC
from api.dependencies import AppServices, HttpRequest
from api.pages import forms, landing, locations, nonce, prices, shelf
from api.pages.landing import Place
from api.pages.shelf import Wish
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
from checkout.models import Checkout
from checkout.placing import Intent
from checkout.schemas import CheckoutItemIn
from checkout.shipping.errors import NotShippedThere
from core import clock, money
from core.errors import BadRequest, Refusal
from core.money import Money
from social.links import origin
from social.links.models import Link
from social.links.origin import Evidence, Origin, Sign

_COUNTRY = re.compile("[A-Z]{2}")
_UTM = re.compile(r"[A-Za-z0-9_.-]{1,150}")
ANSWERED = (
    OutOfStock, NotForSale, PaymentProviderUnavailable, PaymentProviderRefused, PaymentsNotConnected, TotalTooSmall,
    TotalTooLarge, NotShippedThere, TooManyOpenCheckouts, PriceChanged, ShippingChanged,
)  # fmt: skip


@post("/go/{slug:str}", operation_id="buyFromLanding", opt={"scope": PUBLIC}, include_in_schema=False)
async def buy(slug: FromPath[str], request: HttpRequest, services: AppServices) -> Response[bytes]:
    """Hold the stock, open the payment page and send the buyer there; the page again where that cannot be done."""
    fields = await forms.read(request, services.settings)
    query = dict(request.query_params)
    if fields.get("sl"):
        query["sl"] = fields["sl"]
    quantity = landing.int_of(fields.get("quantity", "1"))
    if quantity is None:
        raise BadRequest("A quantity is a number from 1 to 999.")
    now = clock.now()
    async with services.db.read() as session:
        place = await landing.find(session, slug, query)
        page = nonce.read(services.vault, place.link.slug, fields.get("page", ""), now)
        wish = Wish(fields.get("variant"), quantity, page or "", page is not None, _country(fields.get("ship_to", "")))
        source = f"https://{fields['from']}/" if fields.get("from") else None
        evidence = Evidence.of_query(query, source, request.headers.get("user-agent"))
        found = await origin.resolve(session, place.shop, services.vault, evidence, now)
        customer = await customers.known(session, request, services.vault, place.shop, None, now)
    texts = place.frame.messages
    if page is None:
        return await _again(services, place, _anew(wish), texts.page_old, 422)
    if wish.variant_id not in {offer.variant_id for offer in shelf.sellable(place.product)}:
        return await _again(services, place, Wish(), texts.no_longer, 409)
    intent = Intent(
        items=[CheckoutItemIn(variant_id=wish.variant_id, quantity=wish.quantity)],
        origin=credited(found, place.link),
        click_token=place.click or None,
        utm={name: value for name, value in query.items() if name.startswith("utm_") and _UTM.fullmatch(value)},
        page=page,
        # The code is the link's: the visitor did not type it, and buys without it where it is not good any more.
        discount=Claim(code=place.link.discount_code, customer=customer, optional=True),
        cancel_url=services.settings.public_url + _way_back(place, wish),
        ship_to=wish.ship_to,
        buyer=customers.household(request, services.vault, place.shop, now),
        expected=_expected(fields, wish.variant_id, wish.quantity, wish.ship_to or place.shop.country),
    )
    try:
        checkout = await checkouts.start(services.gateway, services.db, services.settings, place.shop, intent, now)
    except ANSWERED as refusal:
        return await _refused(services, slug, query, wish, refusal)
    return await _onward(services, place, checkout)


def credited(found: Origin, link: Link) -> Origin:
    """The origin of an order from this link's page: the tap's own token, or else the link that stands in the address.

    A link says by itself which network and post it was made for, only not which tap it was.
    """
    if found.link_id is not None:
        return found
    origin = msgspec.structs.replace(
        found, post_id=link.post_id, link_id=link.id, placement=link.placement, campaign=link.campaign
    )
    if link.network is None:
        return origin
    sign = Sign("link", link.network, "high", link.slug)
    return msgspec.structs.replace(
        origin, network=sign.network, method=sign.method, confidence=sign.confidence, evidence=(sign, *found.evidence)
    )


def _expected(fields: Mapping[str, str], variant_id: str, quantity: int, country: str | None) -> Expected:
    """What the page has said that this costs."""
    agreed = prices.agreed(fields.get("agreed", ""), variant_id, quantity)
    return Expected(
        goods=agreed,
        piece=prices.piece(fields.get("price", ""), variant_id) if agreed is None else None,
        shipping=prices.shipping(fields.get("shipping", ""), variant_id, quantity, country or ""),
    )


def _way_back(place: Place, wish: Wish) -> str:
    """Where the payment page's own back link leads: the same page with the same choice, whose stock is held for it."""
    path = landing.address(place, place.product.product_id)
    kept = {"page": wish.page, "variant": wish.variant_id or "", "quantity": str(wish.quantity)}
    if wish.ship_to:
        kept["ship_to"] = wish.ship_to
    return f"{path}{'&' if '?' in path else '?'}{urlencode(kept)}"


def _country(text: str) -> str | None:
    """A country's code as the form sends it; the shop's own where it sends none."""
    return text if _COUNTRY.fullmatch(text) else None


def _anew(wish: Wish, quantity: int | None = None) -> Wish:
    """The same choice on a new page, which nothing is held for yet."""
    return Wish(wish.variant_id, quantity or wish.quantity, ship_to=wish.ship_to)


def _agreeing(wish: Wish, refusal: Refusal) -> Wish:
    """The same choice on a new page, which says what it costs today: who taps again has agreed to just that."""
    return msgspec.structs.replace(
        _anew(wish), agreed=_fact(refusal, "total"), agreed_shipping=_fact(refusal, "shipping")
    )


def _fact(refusal: Refusal, name: str) -> int:
    return int(str(refusal.facts[name]))


async def _onward(services: Services, place: Place, checkout: Checkout) -> Response[bytes]:
    """To the payment page, or to the order where this page's was paid already."""
    if checkout.status == "open" and checkout.url:
        return locations.payment(checkout.url, services.settings)
    async with services.db.read() as session:
        order = await orders.get(session, place.shop, checkout.order_id)
    return locations.own(orders.path(order))


async def _refused(
    services: Services, slug: str, query: Mapping[str, str], wish: Wish, refusal: Refusal
) -> Response[bytes]:
    """The page again as things are now: what was chosen stays chosen as far as it can be had."""
    async with services.db.read() as session:
        place = await landing.find(session, slug, query)
    texts = place.frame.messages
    if isinstance(refusal, OutOfStock):
        left = refusal.facts.get("left")
        if isinstance(left, int) and left > 0:
            return await _again(services, place, _anew(wish, left), texts.only_left.format(n=left), 409)
        return await _again(services, place, Wish(), texts.taken, 409)
    if isinstance(refusal, PriceChanged):
        price = money.display(Money(_fact(refusal, "total"), place.shop.currency), place.shop.locale)
        return await _again(services, place, _agreeing(wish, refusal), texts.price_changed.format(price=price), 409)
    if isinstance(refusal, ShippingChanged):
        amount = Money(_fact(refusal, "shipping"), place.shop.currency)
        price = money.display(amount, place.shop.locale) if amount.amount else texts.shipping_free
        return await _again(services, place, _agreeing(wish, refusal), texts.shipping_changed.format(price=price), 409)
    if isinstance(refusal, NotForSale):
        return await _again(services, place, Wish(), texts.no_longer, 409)
    if isinstance(refusal, PaymentProviderUnavailable):
        # The stock is held for this very page: the same nonce again, so that the next tap goes on where this one stood.
        return await _again(services, place, wish, texts.payment_away, 503, {"retry-after": str(refusal.retry_after)})
    said = {NotShippedThere: texts.not_shipped, TooManyOpenCheckouts: texts.too_many}.get(
        type(refusal), texts.unpayable
    )
    return await _again(services, place, _anew(wish), said, refusal.status)


async def _again(
    services: Services, place: Place, wish: Wish, notice: str, status: int, headers: Mapping[str, str] | None = None
) -> Response[bytes]:
    async with services.db.read() as session:
        return await landing.show(session, services, place, wish, notice=notice, status=status, headers=headers)
