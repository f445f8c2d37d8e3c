"""Buy: from the form of a landing page to the page to pay at, once per page shown, however often it is tapped."""

from collections.abc import Mapping

import msgspec
from litestar import Response, post
from litestar.params import FromPath

from api import clients, customers
from api.auth import PUBLIC
from api.dependencies import AppServices, HttpRequest
from api.pages import arrivals, basket_buying, forms, landing, nonce, places, prices, shelf, taps
from api.pages.frames import Browser
from api.pages.places import Basket, Place
from api.pages.shelf import Wish
from api.pages.taps import Find, Tap
from api.services import Services
from catalog.errors import OutOfStock
from checkout.errors import NotForSale, PaymentProviderUnavailable, PriceChanged, ShippingChanged
from checkout.expecting import Expected
from checkout.schemas import CheckoutItemIn
from core import clock
from core.db import AsyncSession
from core.errors import BadRequest, Refusal
from social.links import origin
from social.links.errors import LinkNotFound
from social.links.origin import Evidence
from social.links.wanted import MOST_LINES


@post("/go/{name:str}", operation_id="buyFromLanding", opt={"scope": PUBLIC}, include_in_schema=False)
async def buy(name: FromPath[str], request: HttpRequest, services: AppServices) -> Response[bytes]:
    """Hold the stock, open the payment page and send the buyer there; the page again where that cannot be done."""
    visitor, browser = clients.household(request.scope), Browser.of(request)

    async def find(session: AsyncSession, query: Mapping[str, str]) -> Place | Basket:
        return await places.find(session, services, name, query, visitor, browser)

    return await answer(request, services, find)


async def answer(request: HttpRequest, services: Services, find: Find) -> Response[bytes]:
    """The answer to a tap on the page that `find` finds."""
    fields = await forms.read(request, services.settings, lines=MOST_LINES)
    query = origin.once(request.query_params.multi_items())
    query |= {each: fields[each] for each in ("sl", "from") if fields.get(each)}
    now = clock.now()
    async with services.db.read() as session:
        place = await find(session, query)
        shop = place.way.shop
        source = f"https://{query['from']}/" if query.get("from") else None
        evidence = msgspec.structs.replace(
            Evidence.of_query(query, source, request.headers.get("user-agent")),
            kept=arrivals.kept(request, shop),
            code=place.way.code if place.way.cart is not None and place.way.link is None else None,
        )
        found = await origin.resolve(session, shop, services.vault, evidence, now, place.way.link)
        shown_by = place.way.shown_by
        tap = Tap(
            services=services,
            find=find,
            query=query,
            fields=fields,
            page=nonce.read(services.vault, place.way.name, fields.get("page", ""), now),
            found=origin.shown_by(found, shown_by) if shown_by is not None else found,
            customer=await customers.known(session, request, services.vault, shop, None, now),
            buyer=customers.household(request, services.vault, shop, now),
        )
    if isinstance(place, Basket):
        return await basket_buying.buy(tap, place)
    forms.check_fields(fields)
    return await _buy(tap, place)


async def _buy(tap: Tap, place: Place) -> Response[bytes]:
    quantity = landing.int_of(tap.fields.get("quantity", "1"))
    if quantity is None:
        raise BadRequest("A quantity is a number from 1 to 999.")
    texts = place.way.frame.messages
    wish = Wish(tap.fields.get("variant"), quantity, tap.page or "", tap.page is not None, tap.ship_to)
    if tap.page is None:
        return await _again(tap.services, place, _anew(wish), texts.page_old, 422)
    if place.closed:
        return await _again(tap.services, place, Wish(), "", 409)
    if wish.variant_id not in {offer.variant_id for offer in shelf.sellable(place.product)}:
        return await _again(tap.services, place, Wish(), texts.no_longer, 409)
    items = [CheckoutItemIn(variant_id=wish.variant_id, quantity=wish.quantity)]
    country = wish.ship_to or place.way.shop.country
    expected = _expected(tap.fields, wish.variant_id, wish.quantity, country)
    try:
        return await tap.go(place.way, items, expected, _way_back(place, wish))
    except taps.ANSWERED as refusal:
        return await _refused(tap, wish, refusal)


def _expected(fields: Mapping[str, str], variant_id: str, quantity: int, country: str) -> Expected:
    """What the page has said that this costs."""
    agreed = prices.agreed(fields.get("agreed", ""), variant_id, quantity)
    return Expected(
        goods=agreed,
        piece=prices.piece(fields.get("price", ""), variant_id) if agreed is None else None,
        shipping=prices.shipping(fields.get("shipping", ""), variant_id, quantity, country),
    )


def _way_back(place: Place, wish: Wish) -> str:
    """Where the payment page's own back link leads: the same page with the same choice, whose stock is held for it."""
    kept = {"page": wish.page, "variant": wish.variant_id or "", "quantity": str(wish.quantity)}
    if wish.ship_to:
        kept["ship_to"] = wish.ship_to
    if place.elsewhere:
        kept["product"] = place.product.product_id
    if place.way.one_tap:
        kept["pay"] = "1"
    return place.way.way_back(**kept)


def _anew(wish: Wish, quantity: int | None = None) -> Wish:
    """The same choice on a new page, which nothing is held for yet."""
    return Wish(wish.variant_id, quantity or wish.quantity, ship_to=wish.ship_to)


def _agreeing(wish: Wish, refusal: Refusal) -> Wish:
    """The same choice on a new page, which says what it costs today: who taps again has agreed to just that."""
    return msgspec.structs.replace(
        _anew(wish), agreed=taps.fact(refusal, "total"), agreed_shipping=taps.fact(refusal, "shipping")
    )


async def _refused(tap: Tap, wish: Wish, refusal: Refusal) -> Response[bytes]:
    """The page again as things are now: what was chosen stays chosen as far as it can be had."""
    services = tap.services
    async with services.db.read() as session:
        place = await tap.find(session, tap.query)
    if isinstance(place, Basket):
        raise LinkNotFound
    texts = place.way.frame.messages
    if isinstance(refusal, OutOfStock):
        left = refusal.facts.get("left")
        if isinstance(left, int) and left > 0:
            return await _again(services, place, _anew(wish, left), texts.only_left.format(n=left), 409)
        return await _again(services, place, Wish(), texts.taken, 409)
    if isinstance(refusal, PriceChanged | ShippingChanged):
        return await _again(services, place, _agreeing(wish, refusal), taps.said(refusal, place.way), 409)
    if isinstance(refusal, NotForSale):
        return await _again(services, place, Wish(), texts.no_longer, 409)
    if isinstance(refusal, PaymentProviderUnavailable):
        # The stock is held for this very page: the same nonce again, so that the next tap goes on where this one stood.
        headers = {"retry-after": str(refusal.retry_after)}
        return await _again(services, place, wish, taps.said(refusal, place.way), 503, headers)
    return await _again(services, place, _anew(wish), taps.said(refusal, place.way), refusal.status)


async def _again(
    services: Services, place: Place, wish: Wish, notice: str, status: int, headers: Mapping[str, str] | None = None
) -> Response[bytes]:
    async with services.db.read() as session:
        return await landing.show(session, services, place, wish, notice=notice, status=status, headers=headers)
