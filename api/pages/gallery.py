"""`/s/{shop}`: the shop's gallery, for the one link of a profile. Pictures of posts with what they show, tap to buy.

Whoever comes keeps where they came from: the trail goes on to the products. What they tap says besides in which post's
picture it was (`via`), so that the post gets the sale (`social.links.origin.shown_by`).
"""

from collections.abc import Mapping, Sequence
from itertools import count

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from api.auth import PUBLIC
from api.dependencies import AppServices, DbSession, HttpRequest
from api.pages import arrivals, frames, locations, places, rendering, shelf, showcase, visits
from api.pages.frames import NOBODYS, Browser
from api.pages.places import Way
from api.pages.rendering import Policy
from api.pages.views import Gallery, Picture, Posted, Scene, Spot, Ware
from api.services import Services
from catalog import offers, windows
from catalog.offers import ProductOffers
from core import clock, shops
from core.db import AsyncSession
from core.errors import BadRequest
from media.frame import Point, Size
from social import cards, gallery
from social.contents import Content, Placing
from social.links import origin, token, visitors

_POSTS = 8
_PRODUCTS = 12
# Each point and each line is a link with all of the visitor's trail, each picture is named in several types and widths
# and counts for four: more of them would make the page heavy.
_HEAVIEST, _PICTURE = 110, 4
# Bytes of a link, and of the trail that fits beside: the longer it is, the fewer links a page has.
_LINK, _TRAIL = 285, 250
# So many times posts are read before a page is shown as full as it is.
_LOOKS = 5
_MAX_AGE = 60


@get("/s/{shop_slug:str}", operation_id="showGallery", opt={"scope": PUBLIC}, include_in_schema=False)
async def show_gallery(
    shop_slug: FromPath[str], request: HttpRequest, session: DbSession, services: AppServices
) -> Response[bytes]:
    """What the shop shows: its posts, and its products after them or instead."""
    shop = await shops.by_slug(session, shop_slug.lower())
    query = origin.once(request.query_params.multi_items())
    trail = places.trail_of(query)
    kept = {name: query[name] for name in ("after", "show") if name in query}
    # What previews read is shown to people whose languages nobody knows: it speaks the shop's.
    previewing = visits.is_preview(request)
    frame = frames.of_shop(shop, query, NOBODYS if previewing else Browser.of(request), trail | kept)
    way = Way(name="", shop=shop, frame=frame, trail=trail, own_path=f"/s/{shop.slug}")
    if shop_slug != shop.slug:
        return locations.moved(way.address())
    page = _Page(session, services, way, query.get("after"))
    view, style = await page.view(query.get("show") == "products")
    if previewing:
        view = await page.for_previews(view)
    tap = token.read(services.vault, way.click, clock.now()) if way.click else None
    led = await arrivals.led(session, way, tap)
    cookies = await arrivals.land(request, services, shop, tap if led else None, way.click)
    objects = visitors.objects(dict(request.scope["headers"]))
    measured = arrivals.measured(way, told=led, objects=objects)
    policy = Policy(
        pictures=rendering.origins(page.shown),
        private=False,
        # What is sold out shows a minute later; who came by a tap gets a page of their own, and previews one in the
        # shop's language whatever they ask for.
        max_age=0 if cookies or way.trail or previewing else _MAX_AGE,
        # A page that others may be shown, too, says nothing of what this one lets be counted.
        script=rendering.scripted(measured.beacon),
    )
    answer = rendering.answer("gallery.html", way.frame, view, policy, style=style)
    return arrivals.keeping(answer, cookies)


class _Page:
    """One page in the making. `shown` are the addresses of its pictures."""

    def __init__(self, session: AsyncSession, services: Services, way: Way, after: str | None) -> None:
        self._session, self._services, self._way, self._after = session, services, way, after
        self._texts = way.frame.messages
        self._scenes, self._spots = count(1), count(1)
        self._rules: list[str] = []
        self.shown: list[str] = []
        self._assets: list[str] = []

    async def view(self, products_only: bool) -> tuple[Gallery, str]:
        """The page, and its own CSS: numbers of ours alone."""
        posts, following = ([], "") if products_only else await self._posts()
        if posts:
            all_url = "" if following else self._way.address(show="products")
            found = self._gallery(self._texts.seen_in_posts, posts=tuple(posts), all_url=all_url)
            more = self._way.address(after=following) if following else ""
        else:
            wares, following = await self._wares()
            found = self._gallery(self._texts.all_products, wares=tuple(wares))
            more = self._way.address(show="products", after=following) if following else ""
        return msgspec.structs.replace(found, more_url=more), "".join(self._rules)

    async def for_previews(self, found: Gallery) -> Gallery:
        """The page with its first picture as wide as a card wants it."""
        if not self._assets or found.picture is None:
            return found
        storage, shop = self._services.storage, self._way.shop
        card = await showcase.of_asset(
            self._session, storage, shop, self._assets[0], found.picture.alt, showcase.FOR_CARDS
        )
        return msgspec.structs.replace(found, picture=card or found.picture)

    def _gallery(
        self, heading: str, posts: tuple[Posted, ...] = (), wares: tuple[Ware, ...] = (), all_url: str = ""
    ) -> Gallery:
        shop, texts = self._way.shop, self._texts
        pictures = [each.scenes[0].picture for each in posts if each.scenes]
        pictures += [each.picture for each in wares if each.picture]
        return Gallery(
            heading=heading,
            lead=texts.tap_a_point if any(each.spots for post in posts for each in post.scenes) else "",
            description=texts.about_shop.format(shop=shop.name),
            canonical=self._services.settings.public_url + self._way.path,
            first=self._after is None,
            locale=shop.locale if "_" in shop.locale else f"{shop.locale}_{shop.country}",
            picture=pictures[0] if pictures else None,
            posts=posts,
            wares=wares,
            all_url=all_url,
        )

    async def _posts(self) -> tuple[list[Posted], str]:
        """As many posts as a page holds, and the cursor of the next page. What shows nothing on sale is left out."""
        shop, found, weight = self._way.shop, list[Posted](), 0
        heaviest = _HEAVIEST * (_LINK + _TRAIL) // (_LINK + max(_TRAIL, places.weight_of(self._way.trail)))
        cursor = self._after
        for _ in range(_LOOKS):
            try:
                rows, following = await gallery.page(self._session, shop, _POSTS, cursor)
            except BadRequest:  # Somebody's invention, or a cursor of the products: from the beginning.
                cursor, self._after = None, None
                continue
            named = {item.product.product_id for _, content in rows for item in content.items}
            known = await offers.of_products(self._session, shop, named, shop.currency)
            for post, content in rows:
                wares = self._of_post(content, known)
                weight += _weight(content, wares)
                if wares and found and (len(found) == _POSTS or weight > heaviest):
                    return found, cursor or ""
                if wares:
                    found.append(await self._posted(content, wares))
                cursor = gallery.after(post)
            if following is None:
                return found, ""
        return found, cursor or ""

    async def _posted(self, content: Content, wares: Mapping[int, Ware]) -> Posted:
        """What a post shows of what is on sale."""
        scenes, slides = [], content.slides[: cards.MOST]
        wanted = [(slide.asset_id, slide.alt_text) for slide in slides]
        pictures = await showcase.whole(self._session, self._services.storage, self._way.shop, wanted)
        for slide, picture in zip(slides, pictures, strict=True):
            if picture is not None:
                self._assets.append(slide.asset_id)
                scenes.append(self._scene(picture, slide.placings, wares))
        return Posted(scenes=tuple(scenes), wares=tuple(wares.values()))

    def _of_post(self, content: Content, known: Mapping[str, ProductOffers]) -> dict[int, Ware]:
        """The products of a post by their places in it, numbered where there are several points to be told apart."""
        found = {}
        for place, item in enumerate(content.items):
            product = known.get(item.product.product_id)
            chosen = {"variant": item.product.variant_id} if item.product.variant_id else {}
            shown_by = {"via": item.link.slug} if item.link.active else {}
            ware = self._ware(product, **chosen, **shown_by) if product is not None else None
            if ware is not None:
                found[place] = ware
        if len(found) == 1:
            return found
        return {
            place: msgspec.structs.replace(ware, number=number) for number, (place, ware) in enumerate(found.items(), 1)
        }

    def _scene(self, picture: Picture, placings: Sequence[Placing], wares: Mapping[int, Ware]) -> Scene:
        self.shown.append(picture.url)
        place = next(self._scenes)
        master, focal = Size(picture.width, picture.height), Point(picture.focal_x, picture.focal_y)
        tagged = [(wares[each.item], each.tag) for each in placings if each.item in wares and each.tag is not None]
        framed = gallery.framed(master, focal, [tag for _, tag in tagged])
        across, down = framed.position.x, framed.position.y
        if (across, down) != (0.5, 0.5):
            self._rules.append(f".scene-{place} img{{object-position:{across:.1%} {down:.1%}}}")
        spots = []
        for (ware, _), each in zip(tagged, framed.placed, strict=True):
            if each.point is not None:
                spots.append(Spot(place=next(self._spots), ware=ware))
                self._rules.append(f".spot-{spots[-1].place}{{--x:{each.point.x:.1%};--y:{each.point.y:.1%}}}")
        return Scene(place=place, picture=picture, spots=tuple(spots))

    async def _wares(self) -> tuple[list[Ware], str]:
        """One page of the products on sale, and the cursor of the next."""
        shop = self._way.shop
        try:
            found, following = await windows.newest(self._session, shop, _PRODUCTS, self._after)
        except BadRequest:
            self._after = None
            found, following = await windows.newest(self._session, shop, _PRODUCTS)
        known = await offers.of_products(self._session, shop, found, shop.currency)
        sold = [(known[each], ware) for each in found if (ware := self._ware(known[each])) is not None]
        pictures = await showcase.of_products(
            self._session, self._services.storage, shop, [product for product, _ in sold]
        )
        self.shown += [each.url for each in pictures if each]
        shown = (product for (product, _), picture in zip(sold, pictures, strict=True) if picture)
        self._assets += [product.pictures[0].asset_id for product in shown]
        wares = [
            msgspec.structs.replace(ware, picture=picture) for (_, ware), picture in zip(sold, pictures, strict=True)
        ]
        return wares, following or ""

    def _ware(self, product: ProductOffers, **query: str) -> Ware | None:
        """A product as it is sold today; None where it is not. A variant that is named stands for all."""
        sold = shelf.sellable(product)
        sold = [each for each in sold if each.variant_id == query.get("variant")] or sold
        offer = shelf.cheapest(sold)
        if offer is None:
            return None
        price, compare_at = shelf.prices(offer, self._texts.locale)
        several = len({each.price for each in sold}) > 1
        return Ware(
            title=product.title,
            url=self._way.of_product(product.product_id, product.slug, **query),
            price=price,
            compare_at="" if several else compare_at,
            several_prices=several,
            sold_out=not any(each.in_stock for each in sold),
        )


def _weight(content: Content, wares: Mapping[int, Ware]) -> int:
    """What a post adds to its page, in links; nothing where it shows nothing."""
    slides = content.slides[: cards.MOST]
    points = sum(each.item in wares and each.point is not None for slide in slides for each in slide.placings)
    return len(wares) + points + _PICTURE * len(slides) if wares else 0
