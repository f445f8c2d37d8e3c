"""Where a visitor stands: what an address of ours names, whichever way it was made.

A link's address ends in its slug; a permalink's in the text of a cart (`social/links/carts.py`). Both are pages of one
product, or of a basket where a cart has several lines or none.
"""

from collections.abc import Mapping
from typing import Literal
from urllib.parse import urlencode

import msgspec

from api import guesses
from api.pages import frames
from api.pages.frames import NOBODYS, Browser
from api.pages.shelf import Wish
from api.pages.views import Frame
from api.services import Services
from catalog import offers
from catalog.offers import Offer, ProductOffers
from core import clock, shops
from core.db import AsyncSession
from core.errors import NotFound
from core.settings import Settings
from core.shops import Shop
from social.links import carts, checking, links, origin, token
from social.links.carts import Cart, Line
from social.links.errors import LinkNotFound
from social.links.models import Link

Closed = Literal["early", "over"]
_LONGEST_SIGN = 512
# Links of one page repeat the trail: all of it, and where there are many of them.
_LONGEST_TRAIL, _SHORT_TRAIL = 1000, 300
# What decides first stays first: the tap, the picture, the network that was seen, the campaign.
_FIRST = ("sl", "via", "from", "utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term", "utm_id")
_NOTHING: Mapping[str, str] = {}
# What the same page in another language is asked for with, beside the trail.
_KEPT = ("product", "variant", "ship_to", "pay", "cart")
# Stripe takes an address to return to of at most five thousand signs.
_LONGEST_WAY_BACK = 4000
_LONGEST_NAME = 256


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """How somebody came here: by a link, with a cart, or straight to a page of the shop's own.

    `name` is the last part of the page's address, or the product's id where that is `own_path`, which is not below
    `/go/`; `trail` are the parameters of it that tell of the visitor's origin, the click token (`sl`) among them, and
    of the language that they chose; `code` is the discount that the link or the cart brings. `shown_by` is the link of
    the post in whose picture the visitor has tapped the product. `waiting` is a cart that a permalink with a
    destination of its own has made, while its buyer looks at this page. `closed` where the link has not begun (`early`)
    or has ended (`over`); `one_tap` where the address asks for the button that pays alone. `beacon` takes the time that
    the page was in sight, or is empty.
    """

    name: str
    shop: Shop
    frame: Frame
    trail: dict[str, str]
    link: Link | None = None
    cart: Cart | None = None
    code: str | None = None
    own_path: str = ""
    shown_by: Link | None = None
    waiting: str = ""
    closed: Closed | None = None
    one_tap: bool = False
    beacon: str = ""

    @property
    def path(self) -> str:
        """The path of this page, without anybody's origin."""
        return self.own_path or f"/go/{self.name}"

    @property
    def click(self) -> str:
        """The click token of the address, or nothing."""
        return self.trail.get("sl", "")

    def address(self, name: str = "", **query: str) -> str:
        """The path of this page, or of the one that ends in `name`; the trail goes with it."""
        return _with(f"/go/{name}" if name else self.path, self.trail | query)

    def of_product(self, product_id: str, slug: str, **query: str) -> str:
        """The path of another product's page, reached in the same way: the trail goes with it."""
        if self.own_path:
            return _with(product_path(self.shop, slug), self.trail | query)
        return self.beside(product=product_id, **query)

    @property
    def shop_address(self) -> str:
        """The path of what the shop shows; the trail goes with it, but for the picture that was tapped last."""
        return _with(f"/s/{self.shop.slug}", {name: each for name, each in self.trail.items() if name != "via"})

    def shared(self, settings: Settings, **query: str) -> str:
        """The whole address of this page as it may be shared: no trail, and nobody's token."""
        return settings.public_url + _with(self.path, query)

    def beside(self, **query: str) -> str:
        """The address of this page with these parameters; relative where the cart in it is long, and said often."""
        if len(self.name) <= _LONGEST_NAME:
            return self.address(**query)
        return "?" + urlencode({**self.trail, **query})

    @property
    def brief(self) -> "Way":
        """The same for a page that says its address many times: its trail holds what decides, and little more."""
        return msgspec.structs.replace(self, trail=_bounded(self.trail, _SHORT_TRAIL))

    def way_back(self, **query: str) -> str:
        """The same for an address that Stripe keeps: a trail that is too long for that stays here."""
        path = self.address(**query)
        if len(path) <= _LONGEST_WAY_BACK:
            return path
        return _with(self.path, ({"sl": self.click} if self.click else {}) | query)


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A page of one product; `elsewhere` where it is another one of the shop's than was asked for."""

    way: Way
    product: ProductOffers
    asked: Wish
    elsewhere: bool = False

    @property
    def closed(self) -> Closed | None:
        """Why the link does not sell now what it is for; what it leads to elsewhere is not concerned."""
        return None if self.elsewhere else self.way.closed


class Basket(msgspec.Struct, frozen=True, kw_only=True):
    """A page of several variants, or of none: what was asked for, and what is known of it."""

    way: Way
    lines: tuple[Line, ...]
    offers: Mapping[str, Offer]


async def find(
    session: AsyncSession,
    services: Services,
    name: str,
    query: Mapping[str, str],
    visitor: str,
    browser: Browser = NOBODYS,
) -> Place | Basket:
    """What an address names; refuses LinkNotFound. A product that the shop does not sell is passed over.

    `visitor` is who may try so many discount codes and no more; the page is written for their `browser`.
    """
    cart = None if links.is_slug(name) else carts.read(services.vault, name)
    if cart is not None:
        return await of_cart(session, services, cart, query, visitor, browser)
    place = await of_link(session, services, name, query, browser)
    link = place.way.link
    if link is None or not link.items or place.way.closed or not {"product", "variant"}.isdisjoint(query):
        return ready(place)
    lines = [(each.variant_id, each.quantity) for each in checking.items_of(link)]
    cart = Cart(link.shop_id, carts.add_up(lines), link.discount_code)
    basket = await of_cart(session, services, cart, query, visitor, browser)
    return msgspec.structs.replace(basket, way=msgspec.structs.replace(basket.way, name=link.slug, link=link))


async def of_link(
    session: AsyncSession,
    services: Services,
    slug: str,
    query: Mapping[str, str] = _NOTHING,
    browser: Browser = NOBODYS,
) -> Place:
    """The page of a link's product, whatever else the link leads to; refuses LinkNotFound."""
    link = await links.by_slug(session, slug)
    shop = await shops.get(session, link.shop_id)
    waiting = waiting_cart(services, shop, query)
    closed = closed_now(session, link)
    way = Way(
        name=link.slug, shop=shop, frame=frame_of(shop, query, browser), trail=trail_of(query), link=link,
        code=None if closed else link.discount_code,
        waiting=waiting, closed=closed, one_tap=query.get("pay") == "1",
    )  # fmt: skip
    product = await offers.of_product(session, shop, link.product_id, shop.currency)
    other = await other_product(session, shop, query.get("product"), product.product_id)
    asked = Wish(query.get("variant") or (link.variant_id if other is None else None))
    return Place(way=way, product=other or product, asked=asked, elsewhere=other is not None)


def ready(place: Place) -> Place:
    """The same; refuses LinkNotFound for what strangers do not get to see, not by name either."""
    if place.product.status == "draft":
        raise LinkNotFound().of_a_true_address()
    return place


def closed_now(session: AsyncSession, link: Link) -> Closed | None:
    """What the clock says of a link, as it does at each tap."""
    session.ends(link.starts_at, link.ends_at)
    now = clock.now()
    if link.starts_at is not None and now < link.starts_at:
        return "early"
    return "over" if link.ends_at is not None and now >= link.ends_at else None


async def of_cart(
    session: AsyncSession,
    services: Services,
    cart: Cart,
    query: Mapping[str, str],
    visitor: str,
    browser: Browser = NOBODYS,
) -> Place | Basket:
    """The page of a cart; `query`, `visitor` and `browser` as in `find`."""
    shop = await shops.get(session, cart.shop_id)
    code = await guesses.known(session, services.rates, shop, cart.code, visitor) if cart.code else None
    name = carts.write(services.vault, cart)
    waiting = waiting_cart(services, shop, query)
    frame, trail = frame_of(shop, query, browser), trail_of(query)
    found = await offers.of_variants(session, shop, [each for each, _ in cart.lines], shop.currency)
    known = {each: offer for each, offer in found.items() if not offer.draft}
    cart = msgspec.structs.replace(cart, missing=cart.missing + len(found) - len(known))
    way = Way(name=name, shop=shop, frame=frame, trail=trail, cart=cart, code=code, waiting=waiting)
    lines = tuple((variant_id, quantity) for variant_id, quantity in cart.lines if variant_id in known)
    asked = known[lines[0][0]] if len(lines) == 1 else None
    other = await other_product(session, shop, query.get("product"), asked.product_id if asked else "")
    if other is not None:
        return Place(way=way, product=other, asked=Wish(ship_to=cart.ship_to), elsewhere=True)
    if asked is None:
        return Basket(way=way, lines=lines, offers=known)
    product = await offers.of_product(session, shop, asked.product_id, shop.currency)
    return Place(way=way, product=product, asked=Wish(*lines[0], ship_to=cart.ship_to))


def product_path(shop: Shop, slug: str) -> str:
    """The path of a product's own page."""
    return f"/s/{shop.slug}/{slug}"


def _with(path: str, query: Mapping[str, str]) -> str:
    return f"{path}?{urlencode(query)}" if query else path


def waiting_cart(services: Services, shop: Shop, query: Mapping[str, str]) -> str:
    """The cart that a permalink has made, while its buyer looks at another page; empty where there is none."""
    text = query.get("cart", "")
    cart = carts.read(services.vault, text)
    return text if cart is not None and cart.shop_id == shop.id else ""


def frame_of(shop: Shop, query: Mapping[str, str], browser: Browser) -> Frame:
    """What the page of a shop says around what it shows, for this visitor."""
    kept = {name: query[name] for name in _KEPT if name in query and len(query[name]) <= _LONGEST_SIGN}
    return frames.of_shop(shop, query, browser, trail_of(query) | kept)


def trail_of(query: Mapping[str, str]) -> dict[str, str]:
    """The parameters that tell where somebody comes from and which language they chose: they go from page to page."""
    signs = {name: value for name, value in query.items() if _is_sign(name, value)}
    language = frames.chosen(query)
    return _bounded(signs, _LONGEST_TRAIL) | ({frames.CHOICE: language} if language else {})


def weight_of(trail: Mapping[str, str]) -> int:
    """Bytes that a trail adds to each link of a page; the sign before each parameter is five in HTML."""
    return len(urlencode(trail)) + (len("&amp;") - len("&")) * len(trail) + len("&") if trail else 0


def _bounded(signs: Mapping[str, str], most: int) -> dict[str, str]:
    """As many of them as weigh `most`, in their order; what decides is chosen first, and what does not fit left out."""
    if weight_of(signs) <= most:
        return dict(signs)
    rank = {name: place for place, name in enumerate((frames.CHOICE, *_FIRST))}
    chosen, room = set[str](), most
    for name in sorted(signs, key=lambda each: rank.get(each, len(rank))):
        weight = weight_of({name: signs[name]})
        if weight <= room:
            chosen.add(name)
            room -= weight
    return {name: value for name, value in signs.items() if name in chosen}


def _is_sign(name: str, value: str) -> bool:
    """Whether a parameter tells where somebody comes from."""
    if name == "sl":
        return len(value) == token.LENGTH and value.isascii()
    if name == "via":
        return links.is_slug(value)
    told = name in ("cart_origin", "from") or name.startswith("utm_") or origin.is_click_id(name)
    return told and 0 < len(value) <= _LONGEST_SIGN


async def other_product(
    session: AsyncSession, shop: Shop, product_id: str | None, instead_of: str
) -> ProductOffers | None:
    """Another product that is on sale, where an address names one."""
    if product_id is None or product_id == instead_of:
        return None
    try:
        found = await offers.of_product(session, shop, product_id, shop.currency)
    except NotFound:
        return None
    return found if found.status == "active" else None
