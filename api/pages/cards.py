"""The card of a link: what link previews read instead of being redirected. The same facts as the landing page."""

from decimal import Decimal

from api.pages import failures, landing, messages, rendering, shelf, showcase
from api.pages.landing import Place
from api.pages.rendering import Policy
from api.pages.views import Card, Frame, Picture
from api.redirect import Page
from api.services import Services
from core import money
from core.db import AsyncSession
from core.errors import NotFound
from core.money import Money
from social import posts
from social.links import links
from social.links.errors import LinkNotFound

_DESCRIPTION = 200
_MAX_AGE = 300


async def card(services: Services, slug: str) -> Page | None:
    """The page of a link, or None where there is no such link. All its tags are within the first kilobytes."""
    async with services.db.read() as session:
        try:
            place = await landing.find(session, slug, {})
        except NotFound:
            return None
        picture = await _picture(session, services, place)
    view = _card(services, place, picture)
    policy = Policy(pictures=rendering.origins([picture.url] if picture else []), private=False, max_age=_MAX_AGE)
    return Page(rendering.page("card.html", place.frame, view), rendering.raw_headers(policy, place.frame, ""))


async def missing(accept_language: str) -> Page:
    """The page for a link that does not exist, in the visitor's language."""
    texts = messages.wanted(accept_language)
    view, frame = failures.sheet(LinkNotFound(), texts), Frame(messages=texts)
    style = frame.brand.style()
    content = rendering.page("sheet.html", frame, view, style)
    return Page(content, rendering.raw_headers(Policy(), frame, style))


def _card(services: Services, place: Place, picture: Picture | None) -> Card:
    product, shop = place.product, place.shop
    offers = shelf.sellable(product)
    best = shelf.cheapest(offers)
    in_stock = any(offer.in_stock for offer in offers)
    url = links.url(services.settings, place.link)
    amount = decimal(best.price) if best and best.price else ""
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
        } | ({"sku": best.sku} if best.sku else {})
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


def decimal(price: Money) -> str:
    """`19.90`: a plain decimal with all of the currency's places, as the networks' tags want it."""
    return str(Decimal(price.amount).scaleb(-money.exponent(price.currency)))


def _short(text: str) -> str:
    """The first words of a text, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= _DESCRIPTION else line[: _DESCRIPTION - 1].rsplit(" ", 1)[0].rstrip(" ,.;:") + "…"


async def _picture(session: AsyncSession, services: Services, place: Place) -> Picture | None:
    """The picture that the post shows, else the product's first."""
    storage, shop, title = services.storage, place.shop, place.product.title
    found = await showcase.of_product(session, storage, shop, place.product.pictures, title, showcase.FOR_CARDS, most=1)
    if found or place.link.post_id is None:
        return found[0] if found else None
    post = await posts.get(session, shop, place.link.post_id)
    return await showcase.of_asset(session, storage, shop, post.asset_id, title, showcase.FOR_CARDS)
