"""`/s/{shop}/{product}`: a product's own page. The landing page of a product that no link has led to.

It has one address: an old slug, or another spelling, leads on to it. The click token of whoever comes by a tap gets
the credit, and brings the discount of its link; `via` names the link of the post in whose picture they tapped.
"""

from collections.abc import Mapping

from litestar import Response, get, post
from litestar.params import FromPath

from api import limits
from api.auth import PUBLIC
from api.dependencies import AppServices, HttpRequest
from api.pages import buying, failures, landing, locations, places, rendering, visits
from api.pages.frames import Browser
from api.pages.places import Place, Way
from api.pages.rendering import Policy
from api.pages.shelf import Wish
from api.pages.views import Sheet
from api.pages.visits import Shown, Visit
from api.services import Services
from catalog import offers, slugs
from catalog.errors import ProductNotFound
from core import clock, shops
from core.db import AsyncSession
from core.shops import Shop
from social.links import links, token
from social.links.errors import LinkNotFound
from social.links.models import Link
from social.links.token import Click

# What has been chosen, as the way back from the payment page tells it.
_CHOSEN = ("variant", "quantity", "page", "ship_to")
_LONGEST = 65
_PATH = "/s/{shop_slug:str}/{product_slug:str}"


@get(_PATH, operation_id="showProduct", opt={"scope": PUBLIC}, include_in_schema=False)
async def show_product(
    shop_slug: FromPath[str], product_slug: FromPath[str], request: HttpRequest, services: AppServices
) -> Response[bytes]:
    """The product, ready to be bought."""

    async def make(session: AsyncSession, visit: Visit) -> Shown | Response[bytes]:
        shop = await shops.by_slug(session, shop_slug.lower())
        try:
            place = await find(session, services, shop, product_slug, visit.shared, visit.browser, visit.tap)
        except ProductNotFound as refusal:
            limits.excuse(request.scope, refusal)
            if failures.wants_html(request):
                return _lost(shop, visit.query, visit.browser)
            raise
        if (shop_slug, product_slug) == (shop.slug, place.product.slug):
            return await landing.made(session, services, place, visit)
        chosen = {name: visit.query[name] for name in _CHOSEN if len(visit.query.get(name, "")) in range(1, _LONGEST)}
        waiting = {"cart": place.way.waiting} if place.way.waiting else {}
        return locations.moved(visit.personal(place.way).address(**chosen, **waiting))

    return await visits.answer(request, services, (shop_slug, product_slug), make)


@post(_PATH, operation_id="buyProduct", opt={"scope": PUBLIC}, include_in_schema=False)
async def buy_product(
    shop_slug: FromPath[str], product_slug: FromPath[str], request: HttpRequest, services: AppServices
) -> Response[bytes]:
    """Hold the stock, open the payment page and send the buyer there; the page again where that cannot be done."""

    browser = Browser.of(request)

    async def found(session: AsyncSession, query: Mapping[str, str]) -> Place:
        shop = await shops.by_slug(session, shop_slug.lower())
        tap = token.read(services.vault, query.get("sl", ""), clock.now())
        return await find(session, services, shop, product_slug, query, browser, tap)

    return await buying.answer(request, services, found)


async def find(
    session: AsyncSession,
    services: Services,
    shop: Shop,
    slug: str,
    query: Mapping[str, str],
    browser: Browser,
    tap: Click | None,
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
        code=await _code(session, shop, tap),
        shown_by=await _picture(session, shop, trail.get("via", "")),
        waiting=places.waiting_cart(services, shop, query),
    )
    return Place(way=way, product=product, asked=Wish(query.get("variant")))


async def _code(session: AsyncSession, shop: Shop, tap: Click | None) -> str | None:
    """The discount of the link that was tapped, within its time."""
    link = await links.by_number(session, shop, tap.link_number) if tap else None
    return link.discount_code if link is not None and places.closed_now(session, link) is None else None


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
