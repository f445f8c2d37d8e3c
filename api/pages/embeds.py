"""`/oembed`: what other sites show of an address of ours (oembed.com, 1.0).

It knows links and products' pages of this installation, reads nothing from anywhere else, and answers like any other
address that does not exist where somebody tries slugs out.
"""

import re

from litestar import Response, get

from api.auth import PUBLIC
from api.dependencies import AppServices, DbSession, HttpRequest
from api.pages import cards, costs, places, product_pages, showcase
from api.pages.frames import NOBODYS
from api.pages.places import Place
from api.services import Services
from core import clock, shops
from core.db import AsyncSession
from core.errors import BadRequest, NotFound, Refusal
from core.wire import encode
from social.links import origin

_OURS = re.compile(
    r"/(?:l|go)/(?P<link>[a-z0-9]{9})/?|/s/(?P<shop>[a-z0-9-]{1,100})/(?P<product>[a-z0-9-]{1,100})/?", re.IGNORECASE
)
_MAX_AGE = 300
_ANY = 100_000


class EmbedFormatUnknown(Refusal):
    """Embeds are told in JSON only.

    The specification of oEmbed wants this status where `format` is `xml`.
    """

    status = 501
    slug = "embed-format-unknown"


class EmbedNotFound(NotFound):
    """This address is none of ours that can be embedded."""

    slug = "embed-not-found"


@get("/oembed", operation_id="getEmbed", opt={"scope": PUBLIC}, include_in_schema=False)
async def embed(request: HttpRequest, session: DbSession, services: AppServices) -> Response[bytes]:
    """The picture of a product with its name and price, no larger than `maxwidth` and `maxheight`; else the name."""
    query = origin.once(request.query_params.multi_items())
    if query.get("format", "json").lower() != "json":
        raise EmbedFormatUnknown
    if "url" not in query:
        raise BadRequest("Name an address of ours as url.", parameter="url")
    bounds = _pixels(query, "maxwidth"), _pixels(query, "maxheight")
    place = await _place(session, services, query["url"])
    shop, product = place.way.shop, place.product
    pieces = await costs.of_pieces(session, shop, product, place.way.code, clock.now())
    card = cards.facts(services, place, None, pieces)
    said: dict[str, object] = {
        "version": "1.0",
        "type": "link",
        "title": " · ".join(each for each in (product.title, card.price) if each),
        "provider_name": shop.name,
        "provider_url": f"{services.settings.public_url}/s/{shop.slug}",
        "cache_age": _MAX_AGE,
    }
    for each in product.pictures[:1]:
        picture = await showcase.within(session, services.storage, shop, each.asset_id, *bounds)
        if picture is not None:
            said |= {"type": "photo", "url": picture.url, "width": picture.width, "height": picture.height}
    headers = {"cache-control": f"public, max-age={_MAX_AGE}", "access-control-allow-origin": "*"}
    return Response(encode(said), media_type="application/json", headers=headers)


async def _place(session: AsyncSession, services: Services, url: str) -> Place:
    """The page of a product on sale; refuses EmbedNotFound for everything else."""
    home = services.settings.public_url
    path = url[len(home) :].partition("#")[0].partition("?")[0]
    found = _OURS.fullmatch(path) if url[: len(home)].lower() == home.lower() else None
    if found is None:
        raise EmbedNotFound
    try:
        if found["link"]:
            place = await places.of_link(session, services, found["link"])
        else:
            shop = await shops.by_slug(session, found["shop"].lower())
            place = await product_pages.find(session, services, shop, found["product"], {}, NOBODYS, None)
    except NotFound as refusal:
        raise EmbedNotFound if refusal.guessed else EmbedNotFound().of_a_true_address() from None
    if place.product.status != "active":
        raise EmbedNotFound().of_a_true_address()
    return place


def _pixels(query: dict[str, str], name: str) -> int:
    text = query.get(name, str(_ANY))
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(_ANY)) and int(text)):
        raise BadRequest(f"{name} is a number of pixels.", parameter=name)
    return int(text)
