"""The card of a product: what link previews read instead of being redirected, and search engines within the pages."""

from collections.abc import Mapping
from urllib.parse import urlencode

import msgspec
from litestar import Response

from api.pages import costs, failures, messages, places, rendering, shelf, showcase, structured
from api.pages.places import Basket, Place
from api.pages.rendering import Policy
from api.pages.shelf import Wish
from api.pages.views import Card, Frame, Picture
from api.redirect import Page
from api.services import Services
from catalog import offers
from catalog.offers import Offer
from core import clock
from core.db import AsyncSession
from core.errors import NotFound
from core.money import Money
from social import posts
from social.links import links
from social.links.errors import LinkNotFound

_DESCRIPTION = 200
_NOTHING: Mapping[str, object] = {}


async def card(services: Services, slug: str) -> Page | None:
    """The page of a link, or None where there is nothing to be seen. All its tags are within the first kilobytes."""
    async with services.db.read() as session:
        try:
            place = places.ready(await places.of_link(session, services, slug))
        except NotFound:
            return None
        content, policy = await _page(session, services, place)
    return Page(content, rendering.raw_headers(policy, place.way.frame, ""))


async def of_place(session: AsyncSession, services: Services, place: Place | Basket) -> Response[bytes] | None:
    """The card of a landing page whose own address is shared, or where a permalink leads; None for an empty basket."""
    if isinstance(place, Basket):
        if not place.lines:
            return None
        # A basket is shown by the first thing in it.
        shop, first = place.way.shop, place.offers[place.lines[0][0]]
        product = await offers.of_product(session, shop, first.product_id, shop.currency)
        place = Place(way=place.way, product=product, asked=Wish())
    content, policy = await _page(session, services, place)
    headers = {**policy.headers(""), "content-language": place.way.frame.messages.language}
    return Response(content, media_type=rendering.MEDIA_TYPE, headers=headers)


async def _page(session: AsyncSession, services: Services, place: Place) -> tuple[bytes, Policy]:
    picture = await picture_of(session, services, place)
    pieces = await costs.of_pieces(session, place.way.shop, place.product, place.way.code, clock.now())
    promised = await promises(session, place)
    # Kept by nobody: at this very address people are redirected, or find the page.
    policy = Policy(pictures=rendering.origins([picture.url] if picture else []), private=False)
    return rendering.page("card.html", place.way.frame, facts(services, place, picture, pieces, promised)), policy


async def missing(accept_language: str) -> Page:
    """The page for a link that does not exist, in the visitor's language."""
    texts = messages.wanted(accept_language)
    view, frame = failures.sheet(LinkNotFound(), texts), Frame(messages=texts)
    style = frame.brand.style()
    content = rendering.page("sheet.html", frame, view, style)
    headers = (*rendering.raw_headers(Policy(), frame, style), (b"vary", b"Accept-Language"))
    return Page(content, headers)


async def promises(session: AsyncSession, place: Place) -> dict[str, object]:
    """What an offer says of shipping and of sending back, as far as the shop does."""
    best = shelf.cheapest(shelf.sellable(place.product))
    shipping = await structured.shipping_details(session, place.way.shop, best) if best else []
    returns = structured.return_policy(place.way.shop)
    return ({"shippingDetails": shipping} if shipping else {}) | (
        {"hasMerchantReturnPolicy": returns} if returns else {}
    )


def facts(
    services: Services,
    place: Place,
    picture: Picture | None,
    pieces: Mapping[str, int],
    promised: Mapping[str, object] = _NOTHING,
) -> Card:
    """What a card says of the product of a page; `pieces` is what one of each variant comes to in the minor unit,
    `promised` what is said of shipping and of sending back.

    Discounts are taken off, as they are where people look: search engines mistrust a price that differs.
    """
    product, shop = place.product, place.way.shop
    sold = [_reduced(each, pieces) for each in shelf.sellable(product)]
    if place.way.one_tap:
        sold = [each for each in sold if each.variant_id == place.asked.variant_id] or sold
    best = shelf.cheapest(sold)
    in_stock = any(offer.in_stock for offer in sold)
    url = _url(services, place)
    amount = structured.decimal(best.price) if best and best.price else ""
    price, _ = shelf.prices(best, shop.locale) if best else ("", "")
    description = _short(product.description) or " · ".join(each for each in (price, shop.name) if each)
    said: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": product.title,
        "description": description,
        "productID": product.product_id,
        "url": url,
    }
    if picture:
        said["image"] = [picture.url]
    if product.vendor:
        said["brand"] = {"@type": "Brand", "name": product.vendor}
    if best and amount:
        said["offers"] = {
            "@type": "Offer",
            "price": amount,
            "priceCurrency": shop.currency,
            "availability": f"https://schema.org/{'InStock' if in_stock else 'OutOfStock'}",
            "itemCondition": "https://schema.org/NewCondition",
            "url": url,
            **({"sku": best.sku} if best.sku else {}),
            **promised,
        }
    return Card(
        title=product.title,
        description=description,
        url=url,
        picture=picture,
        locale=shop.locale if "_" in shop.locale else f"{shop.locale}_{shop.country}",
        price=price,
        amount=amount,
        currency=shop.currency,
        in_stock=in_stock,
        vendor=product.vendor,
        item_id=(best.sku if best else None) or product.product_id,
        json_ld=rendering.json_in_html(said),
        embed=_embed(services, url) if place.elsewhere or place.way.cart is None else "",
    )


def _reduced(offer: Offer, pieces: Mapping[str, int]) -> Offer:
    if offer.price is None or offer.variant_id not in pieces:
        return offer
    return msgspec.structs.replace(offer, price=Money(pieces[offer.variant_id], offer.price.currency))


def _url(services: Services, place: Place) -> str:
    """What somebody else can open: nobody's click token, and no campaign of anybody's.

    What a link or a cart shows beside its own product has its own page.
    """
    link, settings = place.way.link, services.settings
    if place.elsewhere:
        return settings.public_url + places.product_path(place.way.shop, place.product.slug)
    return links.url(settings, link) if link else settings.public_url + place.way.path


def _embed(services: Services, url: str) -> str:
    """Where programs find what to show of this address in pages of their own (`api/pages/embeds.py`)."""
    return f"{services.settings.public_url}/oembed?{urlencode({'url': url, 'format': 'json'})}"


def _short(text: str) -> str:
    """The first words of a text, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= _DESCRIPTION else line[: _DESCRIPTION - 1].rsplit(" ", 1)[0].rstrip(" ,.;:") + "…"


async def picture_of(session: AsyncSession, services: Services, place: Place) -> Picture | None:
    """The picture that the post shows, else the product's first."""
    storage, shop, link, title = services.storage, place.way.shop, place.way.link, place.product.title
    found = await showcase.of_product(session, storage, shop, place.product.pictures, title, showcase.FOR_CARDS, most=1)
    if found or link is None or link.post_id is None:
        return found[0] if found else None
    post = await posts.get(session, shop, link.post_id)
    return await showcase.of_asset(session, storage, shop, post.asset_id, title, showcase.FOR_CARDS)
