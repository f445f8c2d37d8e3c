"""`/s/{shop}/{product}`: a product's own page. The landing page of a product that no link has led to.

It has one address: an old slug, or another spelling, leads on to it. The click token of whoever comes by a tap gets
the credit, and brings the discount of its link; `via` names the link of the post in whose picture they tapped.
"""

from collections.abc import Mapping

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from api import limits
from api.auth import PUBLIC
from api.dependencies import AppServices, HttpRequest
from api.pages import arrivals, buying, cards, failures, landing, locations, places, rendering
from api.pages.frames import NOBODYS, Browser
from api.pages.places import Place, Way
from api.pages.rendering import Policy
from api.pages.shelf import Wish
from api.pages.views import Sheet
from api.services import Services
from catalog import offers, slugs
from catalog.errors import ProductNotFound
from core import clock, shops
from core.db import AsyncSession
from core.shops import Shop
from social.links import links, origin, token
from social.links.errors import LinkNotFound
from social.links.models import Link

# What has been chosen, as the way back from the payment page tells it.
_CHOSEN = ("variant", "quantity", "page", "ship_to")
_LONGEST = 65
_PATH = "/s/{shop_slug:str}/{product_slug:str}"


@get(_PATH, operation_id="showProduct", opt={"scope": PUBLIC}, include_in_schema=False)
async def show_product(
    shop_slug: FromPath[str], product_slug: FromPath[str], request: HttpRequest, services: AppServices
) -> Response[bytes]:
    """The product, ready to be bought."""
    async with services.db.glance() as session:
        return await _answer(session, services, shop_slug, product_slug, request)


async def _answer(
    session: AsyncSession, services: Services, shop_slug: str, product_slug: str, request: HttpRequest
) -> Response[bytes]:
    shop = await shops.by_slug(session, shop_slug.lower())
    query = origin.once(request.query_params.multi_items())
    is_preview = landing.is_preview(request)
    browser = NOBODYS if is_preview else Browser.of(request)
    try:
        place = await find(session, services, shop, product_slug, query, browser)
    except ProductNotFound as refusal:
        limits.excuse(request.scope, refusal)
        if failures.wants_html(request):
            return _lost(shop, query, browser)
        raise
    if (shop_slug, product_slug) != (shop.slug, place.product.slug):
        chosen = {name: query[name] for name in _CHOSEN if len(query.get(name, "")) in range(1, _LONGEST)}
        waiting = {"cart": place.way.waiting} if place.way.waiting else {}
        return locations.moved(place.way.address(**chosen, **waiting))
    if is_preview:
        card = await cards.of_place(session, services, place)
        if card is not None:
            return card
    place = msgspec.structs.replace(place, way=await arrivals.measured(request, session, services, place.way))
    source = landing.source_of(services.settings, request.headers.get("referer", ""), query)
    shown = await landing.show(session, services, place, landing.wish_of(services, place, query), source=source)
    return arrivals.keeping(shown, await arrivals.land(request, session, services, place.way))


@post(_PATH, operation_id="buyProduct", opt={"scope": PUBLIC}, include_in_schema=False)
async def buy_product(
    shop_slug: FromPath[str], product_slug: FromPath[str], request: HttpRequest, services: AppServices
) -> Response[bytes]:
    """Hold the stock, open the payment page and send the buyer there; the page again where that cannot be done."""

    browser = Browser.of(request)

    async def found(session: AsyncSession, query: Mapping[str, str]) -> Place:
        shop = await shops.by_slug(session, shop_slug.lower())
        return await find(session, services, shop, product_slug, query, browser)

    return await buying.answer(request, services, found)


async def find(
    session: AsyncSession,
    services: Services,
    shop: Shop,
    slug: str,
    query: Mapping[str, str],
    browser: Browser = NOBODYS,
) -> Place:
    """The page of the product that has or had this slug, archived ones too; refuses ProductNotFound.

    `product` in the address outdoes the slug: a link keeps to its product, whichever one has that slug by now.
    """
    product_id = await slugs.bearer(session, shop, slug.lower())
    if product_id is None:
        raise ProductNotFound
    product = await offers.of_product(session, shop, product_id, shop.currency)
    other = await places.other_product(session, shop, query.get("product"), product.product_id)
    product = other or product
    if product.status == "draft":
        raise ProductNotFound().of_a_true_address()
    trail = places.trail_of(query)
    way = Way(
        name=product.product_id,
        shop=shop,
        frame=places.frame_of(shop, query, browser),
        trail=trail,
        own_path=places.product_path(shop, product.slug),
        code=await _code(session, services, shop, trail.get("sl", "")),
        shown_by=await _picture(session, shop, trail.get("via", "")),
        waiting=places.waiting_cart(services, shop, query),
    )
    return Place(way=way, product=product, asked=Wish(query.get("variant")))


async def _code(session: AsyncSession, services: Services, shop: Shop, text: str) -> str | None:
    """The discount of the link that was tapped, within its time."""
    tap = token.read(services.vault, text, clock.now()) if text else None
    link = await links.by_number(session, shop, tap.link_number) if tap else None
    return link.discount_code if link is not None and places.closed_now(link) is None else None


async def _picture(session: AsyncSession, shop: Shop, slug: str) -> Link | None:
    """The link of the post that was tapped in the shop's gallery."""
    if not slug:
        return None
    try:
        link = await links.by_slug(session, slug)
    except LinkNotFound:
        return None
    return link if link.shop_id == shop.id and link.post_id is not None else None


def _lost(shop: Shop, query: Mapping[str, str], browser: Browser) -> Response[bytes]:
    frame = places.frame_of(shop, query, browser)
    texts = frame.messages
    view = Sheet(
        heading=texts.not_found_title,
        sentences=(texts.product_lost,),
        number="404",
        links=((texts.to_shop, f"/s/{shop.slug}"),),
    )
    return rendering.answer("sheet.html", frame, view, Policy(), status=404)
