"""`/buy/{items}` (UCP) and `/checkout?products=…` (Meta): from an address that anybody can write to a cart's page.

Both change nothing and send nobody to any other site. Below `/s/{shop}` they name their shop; without it, ids do.
"""

import re

from litestar import Response, get
from litestar.params import FromPath

from api import clients
from api.auth import PUBLIC
from api.dependencies import AppServices, DbSession, HttpRequest
from api.pages import baskets, frames, locations, places, rendering, visits
from api.pages.baskets import Chosen
from api.pages.frames import Browser
from api.pages.places import Basket
from api.pages.rendering import Policy
from api.pages.views import Sheet
from api.services import Services
from core import shops
from core.db import AsyncSession
from core.shops import Shop
from core.wire import encode
from social.links import carts, checkout_url, destinations, origin, permalink, resolving
from social.links.carts import Cart
from social.links.errors import MalformedPermalink, UnknownShopOfLink
from social.links.wanted import Destination, Wanted

_ITEMS = re.compile(r"(?:/s/[^/]+)?/buy/?(?P<items>[^?]*?)/?(?:\?|$)")
_KEPT = "public, max-age=300"


@get(["/buy", "/buy/{items:str}"], operation_id="resolvePermalink", opt={"scope": PUBLIC}, include_in_schema=False)
async def buy_link(request: HttpRequest, session: DbSession, services: AppServices) -> Response[bytes]:
    """A UCP permalink of the shop that its items belong to, or of the only one that there is."""
    return await _permalink(request, session, services, None)


@get(
    ["/s/{shop_slug:str}/buy", "/s/{shop_slug:str}/buy/{items:str}"],
    operation_id="resolveShopPermalink",
    opt={"scope": PUBLIC},
    include_in_schema=False,
)
async def shop_buy_link(
    shop_slug: FromPath[str], request: HttpRequest, session: DbSession, services: AppServices
) -> Response[bytes]:
    """A UCP permalink of this shop."""
    return await _permalink(request, session, services, await shops.by_slug(session, shop_slug))


@get("/checkout", operation_id="resolveCheckoutUrl", opt={"scope": PUBLIC}, include_in_schema=False)
async def checkout_link(request: HttpRequest, session: DbSession, services: AppServices) -> Response[bytes]:
    """Meta's checkout URL of the shop that its products belong to, or of the only one that there is."""
    return await _checkout(request, session, services, None)


@get(
    "/s/{shop_slug:str}/checkout", operation_id="resolveShopCheckoutUrl", opt={"scope": PUBLIC}, include_in_schema=False
)
async def shop_checkout_link(
    shop_slug: FromPath[str], request: HttpRequest, session: DbSession, services: AppServices
) -> Response[bytes]:
    """Meta's checkout URL of this shop."""
    return await _checkout(request, session, services, await shops.by_slug(session, shop_slug))


@get("/.well-known/ucp", operation_id="getUcpProfile", opt={"scope": PUBLIC}, include_in_schema=False)
async def profile(services: AppServices) -> Response[bytes]:
    """What this installation speaks of the Universal Commerce Protocol."""
    return _profile(services, "/buy")


@get(
    "/s/{shop_slug:str}/.well-known/ucp",
    operation_id="getShopUcpProfile",
    opt={"scope": PUBLIC},
    include_in_schema=False,
)
async def shop_profile(shop_slug: FromPath[str], session: DbSession, services: AppServices) -> Response[bytes]:
    """The same for one shop, to be served at its own domain."""
    shop = await shops.by_slug(session, shop_slug)
    return _profile(services, f"/s/{shop.slug}/buy")


def _profile(services: Services, endpoint: str) -> Response[bytes]:
    headers = {"cache-control": _KEPT, "access-control-allow-origin": "*"}
    content = encode(permalink.profile(services.settings, endpoint))
    return Response(content, media_type="application/json", headers=headers)


async def _permalink(
    request: HttpRequest, session: AsyncSession, services: Services, shop: Shop | None
) -> Response[bytes]:
    try:
        wanted = permalink.read(_items(request), request.scope["query_string"].decode("ascii", "replace"))
    except MalformedPermalink:
        shop = shop or await shops.only(session)
        if shop is None:
            raise
        # UCP, "Error Handling": to a safe page of the shop's, which says that something is wrong with the link.
        return _onward(request, services, Wanted(), Cart(shop.id, partial=True))
    try:
        _, cart = await resolving.resolve(session, wanted, shop)
    except UnknownShopOfLink:
        if wanted.continue_to is None:
            raise
        return locations.seen(destinations.address(services.settings, wanted.continue_to, wanted.passed))
    return _onward(request, services, wanted, cart)


async def _checkout(
    request: HttpRequest, session: AsyncSession, services: Services, shop: Shop | None
) -> Response[bytes]:
    wanted = checkout_url.read(request.scope["query_string"].decode("ascii", "replace"))
    if wanted.items or wanted.unreadable:
        _, cart = await resolving.resolve(session, wanted, shop)
        return _onward(request, services, wanted, cart)
    # Meta's validator asks for the bare address, and wants it to be there.
    shop = shop or await shops.only(session)
    if shop is None:
        return _nobodys_basket(request)
    visitor = clients.household(request.scope)
    cart = Cart(shop.id, code=wanted.code, partial=wanted.partial)
    place = await places.of_cart(session, services, cart, request.query_params, visitor, Browser.of(request))
    if not isinstance(place, Basket):
        return locations.own(place.way.address())
    source = visits.source_of(services.settings, request.headers.get("referer", ""), request.query_params)
    return await baskets.show(session, services, place, Chosen(source=source))


def _items(request: HttpRequest) -> str:
    """The items as they stood in the address: whoever has percent-encoded an identifier has written another one."""
    raw = request.scope.get("raw_path") or request.scope["path"].encode()
    found = _ITEMS.match(raw.decode("ascii", "replace"))
    return found["items"] if found else ""


def _onward(request: HttpRequest, services: Services, wanted: Wanted, cart: Cart) -> Response[bytes]:
    """303 to the cart's page, or to the page of ours that the link prefers, which is told of the cart."""
    name = carts.write(services.vault, cart)
    if wanted.continue_to is not None:
        known = (("cart", name),) if cart.lines else ()
        return locations.seen(destinations.address(services.settings, wanted.continue_to, (*wanted.passed, *known)))
    host = origin.host_of(request.headers.get("referer", ""))
    # The next request comes without a referrer, so that no permalink leaks; the network that it came from is kept.
    source = (("from", host),) if host and origin.network_of_host(host) else ()
    page = Destination(f"/go/{name}", (*wanted.passed, *source))
    return locations.seen(destinations.address(services.settings, page))


def _nobodys_basket(request: HttpRequest) -> Response[bytes]:
    frame = frames.of_nobody(Browser.of(request), request.query_params)
    view = Sheet(heading=frame.messages.basket, sentences=(frame.messages.basket_empty,))
    return rendering.answer("sheet.html", frame, view, Policy())
