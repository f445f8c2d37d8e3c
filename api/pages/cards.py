"""The card of a link: what link previews read instead of being redirected. The same facts as the landing page."""

from collections.abc import Mapping

from litestar import Response

from api.pages import failures, messages, places, rendering, shelf, showcase, structured
from api.pages.places import Basket, Place
from api.pages.rendering import Policy
from api.pages.shelf import Wish
from api.pages.views import Card, Frame, Picture
from api.redirect import Page
from api.services import Services
from catalog import offers
from core.db import AsyncSession
from core.errors import NotFound
from social import posts
from social.links import links
from social.links.errors import LinkNotFound

_DESCRIPTION = 200
_MAX_AGE = 300


async def card(services: Services, slug: str) -> Page | None:
    """The page of a link, or None where there is no such link. All its tags are within the first kilobytes."""
    async with services.db.read() as session:
        try:
            place = await places.of_link(session, services, slug)
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
    # Kept by nobody: at this very address people find the page.
    kept = {"content-language": place.way.frame.messages.language, "cache-control": "private, no-store"}
    headers = {**policy.headers(""), **kept}
    return Response(content, media_type=rendering.MEDIA_TYPE, headers=headers)


async def _page(session: AsyncSession, services: Services, place: Place) -> tuple[bytes, Policy]:
    picture = await _picture(session, services, place)
    promised = await _promised(session, place)
    policy = Policy(pictures=rendering.origins([picture.url] if picture else []), private=False, max_age=_MAX_AGE)
    return rendering.page("card.html", place.way.frame, _card(services, place, picture, promised)), policy


async def missing(accept_language: str) -> Page:
    """The page for a link that does not exist, in the visitor's language."""
    texts = messages.wanted(accept_language)
    view, frame = failures.sheet(LinkNotFound(), texts), Frame(messages=texts)
    style = frame.brand.style()
    content = rendering.page("sheet.html", frame, view, style)
    headers = (*rendering.raw_headers(Policy(), frame, style), (b"vary", b"Accept-Language"))
    return Page(content, headers)


async def _promised(session: AsyncSession, place: Place) -> dict[str, object]:
    """What an offer says of shipping and of sending back, as far as the shop does."""
    best = shelf.cheapest(shelf.sellable(place.product))
    shipping = await structured.shipping_details(session, place.way.shop, best) if best else []
    returns = structured.return_policy(place.way.shop)
    return ({"shippingDetails": shipping} if shipping else {}) | (
        {"hasMerchantReturnPolicy": returns} if returns else {}
    )


def _card(services: Services, place: Place, picture: Picture | None, promised: Mapping[str, object]) -> Card:
    product, shop = place.product, place.way.shop
    sold = shelf.sellable(product)
    best = shelf.cheapest(sold)
    in_stock = any(offer.in_stock for offer in sold)
    url = _url(services, place)
    amount = structured.decimal(best.price) if best and best.price else ""
    price, _ = shelf.prices(best, shop.locale) if best else ("", "")
    description = _short(product.description) or " · ".join(each for each in (price, shop.name) if each)
    facts: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": product.title,
        "description": description,
        "productID": product.product_id,
        "url": url,
    }
    if picture:
        facts["image"] = [picture.url]
    if product.vendor:
        facts["brand"] = {"@type": "Brand", "name": product.vendor}
    if best and amount:
        facts["offers"] = {
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
        json_ld=rendering.json_in_html(facts),
    )


def _url(services: Services, place: Place) -> str:
    """What somebody else can open: nobody's click token, and no campaign of anybody's."""
    link = place.way.link
    return links.url(services.settings, link) if link else f"{services.settings.public_url}/go/{place.way.name}"


def _short(text: str) -> str:
    """The first words of a text, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= _DESCRIPTION else line[: _DESCRIPTION - 1].rsplit(" ", 1)[0].rstrip(" ,.;:") + "…"


async def _picture(session: AsyncSession, services: Services, place: Place) -> Picture | None:
    """The picture that the post shows, else the product's first."""
    storage, shop, link, title = services.storage, place.way.shop, place.way.link, place.product.title
    found = await showcase.of_product(session, storage, shop, place.product.pictures, title, showcase.FOR_CARDS, most=1)
    if found or link is None or link.post_id is None:
        return found[0] if found else None
    post = await posts.get(session, shop, link.post_id)
    return await showcase.of_asset(session, storage, shop, post.asset_id, title, showcase.FOR_CARDS)
