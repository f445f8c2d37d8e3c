"""The shop's gallery: posts with what they show, for whoever comes by a profile's one link."""

import re
from collections.abc import Sequence
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from api.pages import static
from catalog import products
from catalog.offers import ProductOffers
from catalog.schemas import PriceIn, VariantCreate
from core import shops
from core.shops import ShopChange
from media import assets
from social import posts
from social.links import links
from social.links.links import Filters
from tests.api.pages.conftest import HTML, Elements, Window, form
from tests.api.pages.test_arrivals import PHONE
from tests.api.pages.test_cards import keep, work
from tests.local_stripe import LocalStripe
from tests.media.pictures import photo, saved

ONCE = pytest.mark.parametrize("engine", ["sqlite"])
NONE_LEFT = [VariantCreate(options={"Taille": "S"}, available=0, prices=[PriceIn(amount=500, currency="EUR")])]


class Gallery:
    """A shop that posts, and somebody who looks at its gallery."""

    def __init__(self, window: Window, client: httpx2.AsyncClient) -> None:
        self.window, self.client = window, client
        self.path = f"/s/{window.shop.slug}"

    async def post(
        self, *tagged: ProductOffers, seed: int = 0, network: str = "instagram", at: Sequence[float] = (0.5,) * 20
    ) -> dict[str, object]:
        """A post with these products on one picture; another `seed` is another picture."""
        services = self.window.app.services
        asset = await assets.store(
            self.window.db, services.storage, services.pool, self.window.shop, saved(photo(900 + seed, 1200))
        )
        tags = [{"product_id": each.product_id, "x": x, "y": 0.4} for each, x in zip(tagged, at, strict=False)]
        body = {"network": network, "asset_id": asset.id, "tags": tags, "alt_text": f"Photo {seed}"}
        answer = await self.client.post("/v1/posts", json=body)
        assert answer.status_code == 201, answer.text
        made: dict[str, object] = answer.json()
        return made

    async def look(self, **query: str) -> httpx2.Response:
        """Open the gallery."""
        return await self.window.visitor.get(self.path, params=query, headers=HTML | PHONE)

    async def shown(self, **query: str) -> Elements:
        """What there is to be seen."""
        page = await self.look(**query)
        assert page.status_code == 200
        return Elements(page.text)


@pytest.fixture
async def gallery(window: Window, client: httpx2.AsyncClient) -> Gallery:
    """The gallery."""
    return Gallery(window, client)


def hrefs(shown: Elements, kind: str = "") -> list[str]:
    """Where the links lead; `kind` is a class of theirs."""
    return [each["href"] for each in shown.named("a") if kind in each.get("class", "").split(" ") or not kind]


async def test_a_post_shows_its_products_as_points_and_as_a_list(gallery: Gallery) -> None:
    dress, hat = await gallery.window.product(), await gallery.window.product(title="Chapeau Nuit", variants=NONE_LEFT)
    await gallery.post(dress, hat, at=(0.25, 0.75))
    shown = await gallery.shown()
    spots = hrefs(shown, "spot")
    assert [urlsplit(each).path for each in spots] == [gallery.window.path(dress), gallery.window.path(hat)]
    assert [each for each in hrefs(shown) if each in spots] == spots * 2, "each as a point, and in the list"
    assert shown.text.count("Robe Brume") == 2
    assert "Robe Brume , dès 64,00 €" in shown.text
    assert "Chapeau Nuit , 5,00 € (épuisé)" in shown.text
    (image,) = shown.named("img")
    assert image["alt"] == "Photo 0"


async def test_the_points_lie_where_the_style_sheet_says(gallery: Gallery) -> None:
    dress, hat = await gallery.window.product(), await gallery.window.product(title="Chapeau Nuit")
    await gallery.post(dress, hat, at=(0.25, 0.75))
    page = await gallery.look()
    # Of a picture of 900 x 1200 the rows from 37.5 to 1162.5 are seen; its tags are at 480.
    assert re.findall(r"\.spot-(\d)\{--x:(.*?);--y:(.*?)\}", page.text) == [
        ("1", "25.0%", "39.3%"),
        ("2", "75.0%", "39.3%"),
    ]
    assert "style=" not in page.text


async def test_a_tap_leads_to_the_product_and_its_sale_to_the_post(gallery: Gallery, sandbox: LocalStripe) -> None:
    product = await gallery.window.product()
    made = await gallery.post(product, network="pinterest")
    (spot,) = hrefs(await gallery.shown(utm_source="ig"), "spot")
    page = await gallery.window.visitor.get(spot, headers=HTML | PHONE)
    headers = HTML | PHONE | {"origin": gallery.window.app.settings.public_url}
    assert (await gallery.window.visitor.post(spot, data=form(page), headers=headers)).status_code == 303
    order, _ = await gallery.window.order()
    assert (order.post_id, order.placement) == (made["id"], "bio")
    assert (order.network, order.method) == ("instagram", "utm"), "a pin was tapped; they came from Instagram"


async def test_who_comes_by_a_tap_keeps_it(gallery: Gallery) -> None:
    window = gallery.window
    product = await window.product()
    await gallery.post(product)
    text = window.click(await window.link(product))
    page = await gallery.look(sl=text, utm_campaign="bio", other="x", via="bcdfghjkm")
    assert page.headers["cache-control"] == "private, no-store"
    for each in hrefs(Elements(page.text), "spot"):
        query = parse_qs(urlsplit(each).query)
        assert (query["sl"], query["utm_campaign"]) == ([text], ["bio"])
        assert query["via"] != ["bcdfghjkm"]
        assert "other" not in query


async def test_one_picture_is_shown_once_however_often_it_was_posted(gallery: Gallery) -> None:
    product = await gallery.window.product()
    await gallery.post(product)
    newest = await gallery.post(product, network="pinterest")
    shown = await gallery.shown()
    (spot,) = hrefs(shown, "spot")
    assert len(shown.named("img")) == 1
    async with gallery.window.db.read() as session:
        (link,), _ = await links.list_page(session, gallery.window.shop, Filters(post_id=str(newest["id"])), 2, None)
    assert f"via={link.slug}" in spot


async def test_posts_that_are_archived_or_show_nothing_on_sale_are_left_out(gallery: Gallery) -> None:
    window = gallery.window
    first, second = await window.product(title="Un"), await window.product(title="Deux")
    gone = await gallery.post(first, seed=1)
    await gallery.post(second, seed=2)
    await gallery.post(first, second, seed=3)
    async with window.db.transaction() as session:
        await posts.archive(session, window.shop, str(gone["id"]))
        await products.archive(session, window.shop, second.product_id)
    shown = await gallery.shown()
    assert [each["alt"] for each in shown.named("img")] == ["Photo 3"]
    assert "Deux" not in shown.text


async def _archive(gallery: Gallery, product: ProductOffers) -> None:
    async with gallery.window.db.transaction() as session:
        await products.archive(session, gallery.window.shop, product.product_id)


async def test_a_post_that_sells_nothing_hides_no_older_one_of_the_same_picture(gallery: Gallery) -> None:
    kept, gone = await gallery.window.product(title="Reste"), await gallery.window.product(title="Parti")
    await gallery.post(kept)
    await gallery.post(gone, network="pinterest")
    await _archive(gallery, gone)
    (spot,) = hrefs(await gallery.shown(), "spot")
    assert urlsplit(spot).path == gallery.window.path(kept)


@ONCE
async def test_however_many_posts_sell_nothing_the_older_ones_are_shown(gallery: Gallery) -> None:
    kept, gone = await gallery.window.product(title="Reste"), await gallery.window.product(title="Parti")
    await gallery.post(kept)
    for seed in range(1, 42):
        await gallery.post(gone, seed=seed)
    await _archive(gallery, gone)
    shown = await gallery.shown()
    assert [each["alt"] for each in shown.named("img")] == ["Photo 0"]
    assert shown.named("a", rel="next") == []


@pytest.mark.parametrize(
    ("status", "prices", "shown"),
    [("active", [5], 1), ("active", [], 0), ("draft", [5], 0)],
)
async def test_on_sale_is_what_is_active_and_has_a_price_in_stock_or_not(
    gallery: Gallery, status: str, prices: Sequence[int], shown: int
) -> None:
    amounts = [PriceIn(amount=each, currency="EUR") for each in prices]
    variants = [VariantCreate(options={"Taille": "S"}, available=0, prices=amounts)]
    await gallery.post(await gallery.window.product(variants=variants, status=status))
    assert len((await gallery.shown()).named("img")) == shown


async def test_a_long_gallery_goes_on_page_by_page_newest_first(gallery: Gallery) -> None:
    product = await gallery.window.product()
    for seed in range(11):
        await gallery.post(product, seed=seed)
    page = await gallery.look()
    shown = Elements(page.text)
    assert [each["alt"] for each in shown.named("img")] == [f"Photo {seed}" for seed in range(10, 2, -1)]
    assert len(page.content) < 30_000
    (more,) = (each["href"] for each in shown.named("a", rel="next"))
    following = Elements((await gallery.window.visitor.get(more, headers=HTML)).text)
    assert [each["alt"] for each in following.named("img")] == [f"Photo {seed}" for seed in range(2, -1, -1)]
    assert following.named("a", rel="next") == []
    assert following.meta("robots") == "noindex, follow"
    assert f"{gallery.path}?show=products" in hrefs(following)


@ONCE
async def test_a_page_stays_light_however_much_is_tagged_and_whatever_its_visitor_brings(gallery: Gallery) -> None:
    # One test: to draw these pictures in all types takes longer than all the rest of this module.
    made = [await gallery.window.product(title=f"Un article au nom assez long, n° {each}") for each in range(5)]
    for seed in range(9):
        await gallery.post(*made, seed=seed, at=[0.1, 0.3, 0.5, 0.7, 0.9])
    await work(gallery.window)
    tap = gallery.window.click(await gallery.window.link(made[0]))
    page = await gallery.look(sl=tap, utm_campaign="x" * 150)
    assert len(page.content) < 60_000
    assert len(Elements(page.text).named("img")) == 7, "fourteen links weigh each of them"
    assert Elements(page.text).named("source"), "drawn in all types"
    assert Elements(page.text).named("a", rel="next")
    for signs in (
        {f"utm_{number}": "x" * 500 for number in range(15)},
        {f"utm_{number:03}": "y" for number in range(400)},
        {"fbclid": "z" * 512, "utm_campaign": "z" * 370},
    ):
        page = await gallery.look(**signs, sl=tap, utm_source="instagram")
        assert page.status_code == 200
        assert len(page.content) < 60_000
        (first, *_) = (parse_qs(urlsplit(each).query) for each in Elements(page.text).ways if "/un-article" in each)
        assert (first["sl"], first["utm_source"]) == ([tap], ["instagram"]), "no trail outlives the tap"


async def test_without_posts_the_products_are_shown(gallery: Gallery) -> None:
    window = gallery.window
    await window.product(title="Un")
    await window.product(title="Deux", variants=NONE_LEFT)
    await window.product(title="Trois", status="draft")
    page = await gallery.look(utm_source="ig")
    shown = Elements(page.text)
    walls = [each for each in hrefs(shown) if each.startswith(f"{gallery.path}/")]
    assert walls == [f"{gallery.path}/deux?utm_source=ig", f"{gallery.path}/un?utm_source=ig"]
    assert "dès 64,00 €" in shown.text
    assert shown.text.count("épuisé") == 1
    assert shown.named("img") == []


async def test_many_products_come_in_pages(gallery: Gallery) -> None:
    for each in range(13):
        await gallery.window.product(title=f"Robe {each:02}")
    (more,) = (each["href"] for each in (await gallery.shown()).named("a", rel="next"))
    following = Elements((await gallery.window.visitor.get(more, headers=HTML)).text)
    assert [each for each in hrefs(following) if each.startswith(f"{gallery.path}/")] == [f"{gallery.path}/robe-00"]


async def test_a_shop_with_nothing_yet_says_so(gallery: Gallery) -> None:
    page = await gallery.look()
    assert page.status_code == 200
    assert "Il n’y a encore rien à voir ici." in page.text


async def test_the_gallery_speaks_the_shops_language(gallery: Gallery) -> None:
    async with gallery.window.db.transaction() as session:
        await shops.change(session, gallery.window.shop, ShopChange(locale="en"), None)
    await gallery.post(await gallery.window.product())
    shown = await gallery.shown()
    assert "Seen in our posts" in shown.text
    assert shown.named("html") == [{"lang": "en"}]


async def test_it_is_found_and_kept_a_minute_and_looking_changes_nothing(gallery: Gallery) -> None:
    product = await gallery.window.product()
    await gallery.post(product)
    page = await gallery.look()
    shown = Elements(page.text)
    assert page.headers["cache-control"] == "public, max-age=60"
    assert "x-robots-tag" not in page.headers
    assert "set-cookie" not in page.headers
    assert shown.named("link", rel="canonical")[0]["href"] == gallery.window.app.settings.public_url + gallery.path
    assert (shown.meta("og:type"), shown.meta("og:title")) == ("website", "Atelier Lune")
    assert shown.named("script") == [{"src": static.path("page.js"), "defer": ""}]
    assert (await gallery.window.visitor.head(gallery.path)).content == b""
    assert await gallery.window.orders() == []


async def test_previews_get_a_card_in_the_shops_language(gallery: Gallery) -> None:
    await gallery.post(await gallery.window.product())
    await work(gallery.window)
    headers = {"user-agent": "facebookexternalhit/1.1", "accept-language": "en"}
    answer = await gallery.window.visitor.get(gallery.path, headers=headers)
    shown = Elements(answer.text)
    assert shown.named("html") == [{"lang": "fr"}]
    assert answer.headers["cache-control"] == "private, no-store", "people find another page here"
    assert (shown.meta("og:image:width"), shown.meta("og:image:height")) == ("1200", "630")


async def test_pictures_of_posts_are_drawn_for_phones(gallery: Gallery) -> None:
    window = gallery.window
    asset = await keep(window, window.db, window.shop)
    product = await window.product(pictures=[{"asset_id": asset.id}])
    await gallery.post(product)
    await work(window)
    (image,) = (await gallery.shown()).named("img")
    assert [each.rpartition(" ")[2] for each in image["srcset"].split(", ")] == ["400w", "800w", "900w"]


async def test_every_picture_of_a_carousel_has_its_own_points(gallery: Gallery) -> None:
    window = gallery.window
    first, second = await window.product(title="Un"), await window.product(title="Deux")
    slides = []
    for product, width in ((first, 900), (second, 901)):
        services = window.app.services
        made = await assets.store(window.db, services.storage, services.pool, window.shop, saved(photo(width, 1200)))
        slides.append({"asset_id": made.id, "tags": [{"product_id": product.product_id, "x": 0.5, "y": 0.5}]})
    answer = await gallery.client.post("/v1/posts", json={"network": "instagram", "slides": slides})
    assert answer.status_code == 201, answer.text
    shown = await gallery.shown()
    assert len(shown.named("img")) == 2
    assert [urlsplit(each).path for each in hrefs(shown, "spot")] == [window.path(first), window.path(second)]


@ONCE
@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7*7 }}", "' x='"])
async def test_no_text_of_the_shop_becomes_an_element_of_its_gallery(gallery: Gallery, text: str) -> None:
    await gallery.post(await gallery.window.product(title="plain"))
    plain = await gallery.shown()
    hostile = await gallery.window.product(title=text)
    await gallery.post(hostile)
    assert (await gallery.shown()).skeleton == plain.skeleton


@ONCE
@pytest.mark.parametrize(
    "query",
    [
        "after=x", "after=post_01k00000000000000000000000_00000000", "after=%00", "after=" + "a" * 7000,
        "after=a&after=b",
        "show=x", "show=products&after=x", "sl=x&via=../..", "utm_source=%0d%0aset-cookie:x", "x=" + "y" * 7900,
    ],
)  # fmt: skip
async def test_odd_parameters_lead_to_the_first_page_or_are_refused(gallery: Gallery, query: str) -> None:
    await gallery.post(await gallery.window.product())
    answer = await gallery.window.visitor.get(f"{gallery.path}?{query}", headers=HTML)
    assert answer.status_code in (200, 400, 414), answer.status_code
    if answer.status_code == 200:
        assert "Robe Brume" in answer.text


@ONCE
@pytest.mark.parametrize(
    "path", ["/s/nobody", "/s/%00", "/s/%2e%2e", "/s/a%2fb", "/s/", "/s", "/s/" + "a" * 8000, "/s/é"]
)
async def test_a_shop_that_is_none_is_a_page_that_says_so(gallery: Gallery, path: str) -> None:
    assert (await gallery.window.visitor.get(path, headers=HTML)).status_code in (400, 404, 414)


@ONCE
async def test_another_spelling_leads_to_the_gallery(gallery: Gallery) -> None:
    answer = await gallery.window.visitor.get(gallery.path.upper().replace("/S/", "/s/"), headers=HTML)
    assert (answer.status_code, answer.headers["location"]) == (301, gallery.path)
