"""A product's own page: found by search engines, bought from, and known under every slug that it ever had."""

import json
import re

import httpx2
import pytest
from sqlmodel import select

from catalog import products
from catalog.offers import ProductOffers
from catalog.schemas import PriceIn, ProductChange, VariantCreate
from core import shops
from core.db import Database
from core.shops import Shop
from social import posts
from social.links import links
from social.links.models import ClickHour, Link
from social.links.schemas import LinkChange
from social.links.terms import LinkDestination, LinkVariant
from tests.api.pages.conftest import HTML, Elements, Window, form
from tests.api.pages.test_arrivals import PHONE
from tests.api.pages.test_cards import BOT, keep, work
from tests.api.pages.test_discounts import discount
from tests.local_stripe import LocalStripe

ONCE = pytest.mark.parametrize("engine", ["sqlite"])


async def look(window: Window, shown: ProductOffers, **query: str) -> httpx2.Response:
    """Open the product's page."""
    return await window.visitor.get(window.path(shown), params=query, headers=HTML)


async def buy(window: Window, product: ProductOffers, path: str = "", **query: str) -> httpx2.Response:
    """Open the page, and tap Buy on it at `path`, or where it was."""
    page = await look(window, product, **query)
    assert page.status_code == 200
    headers = HTML | {"origin": window.app.settings.public_url}
    return await window.visitor.post(path or window.path(product), data=form(page), params=query, headers=headers)


async def change(window: Window, product: ProductOffers, **fields: str) -> None:
    """Change the product."""
    async with window.db.transaction() as session:
        await products.change(session, window.shop, product.product_id, ProductChange(**fields), None)  # type: ignore[arg-type]  # What the test says.


async def test_search_engines_may_find_it_and_nobody_keeps_it(window: Window) -> None:
    product = await window.product(description="En lin lavé.", vendor="Maison Lune")
    page = await look(window, product, utm_source="newsletter")
    shown = Elements(page.text)
    address = window.app.settings.public_url + window.path(product)
    assert page.status_code == 200
    assert "x-robots-tag" not in page.headers
    assert page.headers["cache-control"] == "private, no-store", "each page shown is a purchase of its own"
    assert shown.meta("robots") == "max-image-preview:large"
    assert shown.named("link", rel="canonical") == [{"rel": "canonical", "href": address}]
    assert (shown.meta("og:url"), shown.meta("og:type"), shown.meta("description")) == (
        address,
        "product",
        "En lin lavé.",
    )
    (data,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page.text, re.DOTALL)
    facts = json.loads(data)
    assert (facts["name"], facts["url"], facts["offers"]["price"]) == ("Robe Brume", address, "64.00")
    assert "script-src 'self';" in page.headers["content-security-policy"]


async def test_a_preview_gets_the_card_with_its_picture(window: Window, db: Database, shop: Shop) -> None:
    asset = await keep(window, db, shop)
    product = await window.product(pictures=[{"asset_id": asset.id}])
    await window.link(product)
    await work(window)
    answer = await window.visitor.get(window.path(product), headers=BOT)
    card = Elements(answer.text)
    assert (card.meta("og:image:width"), card.meta("og:image:height")) == ("1200", "630")
    assert card.meta("og:url") == window.app.settings.public_url + window.path(product)
    assert card.named("form") == []
    page = Elements((await look(window, product)).text)
    assert page.meta("og:image") == card.meta("og:image")


async def test_it_is_bought_once_per_page_and_the_tap_gets_the_credit(window: Window, sandbox: LocalStripe) -> None:
    product = await window.product()
    link = await window.link(product, "pinterest")
    text = window.click(link)
    page = await look(window, product, sl=text)
    for _ in range(2):
        headers = HTML | {"origin": window.app.settings.public_url}
        answer = await window.visitor.post(window.path(product), data=form(page), headers=headers)
        assert answer.status_code == 303
    order, (line,) = await window.order()
    assert (order.network, order.method, order.link_id, order.click_token) == ("pinterest", "token", link.id, text)
    assert line.variant_id == product.offers[0].variant_id


async def test_without_a_tap_its_address_says_where_from(window: Window, sandbox: LocalStripe) -> None:
    product = await window.product()
    assert (await buy(window, product, utm_source="tiktok")).status_code == 303
    order, _ = await window.order()
    assert (order.network, order.method, order.link_id) == ("tiktok", "utm", None)


async def test_the_discount_of_the_link_that_was_tapped_is_given(window: Window) -> None:
    await discount(window)
    product = await window.product()
    link = await window.link(product, code="LUNE10")
    with_tap = Elements((await look(window, product, sl=window.click(link))).text).text
    without = Elements((await look(window, product)).text).text
    assert ("57,60" in with_tap, "57,60" in without) == (True, False)


async def test_programs_are_told_the_price_that_people_pay(window: Window) -> None:
    await discount(window, code=None)
    product = await window.product()
    for headers in (HTML, BOT):
        text = (await window.visitor.get(window.path(product), headers=headers)).text
        assert Elements(text).meta("product:price:amount") == "57.60"
        assert '"price":"57.60"' in text


async def test_an_old_slug_leads_on(window: Window) -> None:
    product = await window.product()
    await change(window, product, slug="robe-de-brume")
    moved = await window.visitor.get(window.path(product), params={"utm_source": "x", "variant": "var_1"}, headers=HTML)
    assert (moved.status_code, moved.headers["location"]) == (
        301,
        f"/s/{window.shop.slug}/robe-de-brume?utm_source=x&variant=var_1",
    )


async def test_a_product_that_gets_its_old_slug_back_is_there(window: Window) -> None:
    product = await window.product()
    away, back = window.path(product), f"/s/{window.shop.slug}/robe-de-brume"
    for slug, old, new in (("robe-de-brume", away, back), (product.slug, back, away)):
        await change(window, product, slug=slug)
        moved = await window.visitor.get(old, headers=HTML)
        assert (moved.status_code, moved.headers["location"]) == (301, new)
        assert moved.headers["cache-control"] == "private, no-store", "who kept it would go in circles"
        assert (await window.visitor.get(new, headers=HTML)).status_code == 200


async def test_who_looks_while_the_slug_changes_buys_all_the_same(window: Window, sandbox: LocalStripe) -> None:
    product = await window.product()
    page = await look(window, product)
    await change(window, product, slug="robe-de-brume")
    headers = HTML | {"origin": window.app.settings.public_url}
    assert (await window.visitor.post(window.path(product), data=form(page), headers=headers)).status_code == 303
    await window.order()


async def test_the_product_that_an_address_names_outdoes_its_slug(window: Window) -> None:
    product = await window.product()
    await change(window, product, slug="brume")
    other = await window.product(title="Autre")
    answer = await look(window, other, product=product.product_id, sl=window.click(await window.link(product)))
    assert answer.status_code == 301
    assert answer.headers["location"].startswith(f"/s/{window.shop.slug}/brume?sl=")
    assert answer.headers["cache-control"] == "private, no-store"


@ONCE
@pytest.mark.parametrize("odd", ["/S/atelier-lune/robe-brume", "/s/Atelier-Lune/ROBE-brume/"])
async def test_other_spellings_lead_to_the_one_address(window: Window, odd: str) -> None:
    product = await window.product()
    answer = await window.visitor.get(odd, headers=HTML)
    assert answer.status_code == (404 if odd.startswith("/S/") else 301)
    if answer.status_code == 301:
        assert answer.headers["location"] == window.path(product)


async def test_what_is_archived_explains_itself_and_leads_to_other_pages(window: Window) -> None:
    other = await window.product(title="Chemise Tropique")
    product = await window.product()
    async with window.db.transaction() as session:
        await products.archive(session, window.shop, product.product_id)
    page = await look(window, product, utm_source="x")
    shown = Elements(page.text)
    assert page.status_code == 410
    assert "Atelier Lune ne propose plus Robe Brume." in shown.text
    assert shown.named("form") == []
    assert f"{window.path(other)}?utm_source=x" in [each["href"] for each in shown.named("a")]
    assert shown.meta("robots") == "noindex, nofollow"
    assert page.headers["x-robots-tag"] == "noindex, nofollow"


async def test_what_is_sold_out_stays_findable_and_offers_others(window: Window) -> None:
    none = [VariantCreate(options={"Taille": "S"}, available=0, prices=[PriceIn(amount=500, currency="EUR")])]
    product = await window.product(variants=none)
    other = await window.product(title="Chemise Tropique")
    page = await look(window, product)
    shown = Elements(page.text)
    assert (page.status_code, shown.named("form")) == (200, [])
    assert "https://schema.org/OutOfStock" in page.text
    assert window.path(other) in [each["href"] for each in shown.named("a")]


async def test_drafts_and_what_never_was_are_a_page_of_the_shop_that_says_so(window: Window) -> None:
    draft = await window.product(status="draft")
    for path in (window.path(draft), f"/s/{window.shop.slug}/nothing"):
        page = await window.visitor.get(path, headers=HTML)
        assert page.status_code == 404
        assert "Robe Brume" not in page.text
        assert window.shop.name in page.text
        assert f"/s/{window.shop.slug}" in [each["href"] for each in Elements(page.text).named("a")]
        problem = await window.visitor.get(path, headers={"accept": "application/json"})
        assert problem.json()["type"].endswith("/product-not-found")


async def test_another_shops_product_is_not_here(window: Window) -> None:
    product = await window.product()
    async with window.db.transaction() as session:
        await shops.create(session, "Autre", "EUR", slug="autre")
    assert (await window.visitor.get(f"/s/autre/{product.slug}", headers=HTML)).status_code == 404


@ONCE
@pytest.mark.parametrize(
    "end",
    [
        "%00", "..", "../../v1/products", "..%2f..%2fv1", "%2e%2e", "a%2fb", "%5c%5cevil.example", "//evil.example",
        "robe-brume%0d%0aset-cookie:x=1", "é", "%ff", "a" * 8000, "buy", "checkout", "'--", "%u0000", ";x",
        "robe-brume\\",
        "robe-brume?product=prod_x&sl=!&via=../x&page=x&quantity=-1&variant=%27&cart=x",
        "robe-brume?sl=a&sl=b", "robe-brume?" + "a=b&" * 2000, "robe-brume?via=bcdfghjkm", "robe-brume?product=%00",
    ],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT"])
async def test_odd_addresses_are_safe(window: Window, end: str, method: str) -> None:
    await window.product()
    answer = await window.visitor.request(method, f"/s/{window.shop.slug}/{end}", headers=HTML)
    assert answer.status_code < 500
    location = answer.headers.get("location", "/")
    assert location.startswith(("/", window.app.settings.public_url))
    assert not location.startswith("//")


@ONCE
async def test_head_says_what_get_says(window: Window) -> None:
    product = await window.product()
    answer = await window.visitor.head(window.path(product), headers=HTML)
    assert (answer.status_code, answer.content) == (200, b"")
    assert "x-robots-tag" not in answer.headers
    assert await window.orders() == []


@ONCE
async def test_a_forged_form_buys_nothing(window: Window, sandbox: LocalStripe) -> None:
    product, other = await window.product(), await window.product(title="Autre")
    theirs = form(await look(window, other))
    headers = HTML | {"origin": window.app.settings.public_url}
    for fields in ({}, theirs, theirs | {"variant": product.offers[0].variant_id}):
        answer = await window.visitor.post(window.path(product), data=fields, headers=headers)
        assert answer.status_code in (400, 415, 422)
    foreign = await window.visitor.post(
        window.path(product), data=theirs, headers=HTML | {"origin": "https://evil.example"}
    )
    assert foreign.status_code == 403
    assert await window.orders() == []


async def _post_of(window: Window, client: httpx2.AsyncClient, product: ProductOffers) -> Link:
    """The link of a post that shows the product."""
    asset = await keep(window, window.db, window.shop)
    body = {
        "network": "instagram",
        "asset_id": asset.id,
        "tags": [{"product_id": product.product_id, "x": 0.5, "y": 0.4}],
    }
    answer = await client.post("/v1/posts", json=body)
    assert answer.status_code == 201, answer.text
    async with window.db.read() as session:
        return await links.get(session, window.shop, answer.json()["products"][0]["link_id"])


async def test_a_tap_in_the_gallery_credits_the_post_and_leaves_the_network_to_the_signs(
    window: Window, client: httpx2.AsyncClient, sandbox: LocalStripe
) -> None:
    product = await window.product()
    link = await _post_of(window, client, product)
    assert (await buy(window, product, via=link.slug, utm_source="tiktok")).status_code == 303
    order, _ = await window.order()
    assert (order.network, order.method) == ("tiktok", "utm"), "it was an Instagram post; they came from TikTok"
    assert (order.post_id, order.link_id, order.placement) == (link.post_id, link.id, "bio")


async def test_a_tap_on_a_link_keeps_its_link_and_the_picture_gets_its_post(
    window: Window, client: httpx2.AsyncClient, sandbox: LocalStripe
) -> None:
    product = await window.product()
    link, bio = await _post_of(window, client, product), await window.link(product, "pinterest")
    await buy(window, product, via=link.slug, sl=window.click(bio))
    order, _ = await window.order()
    assert (order.network, order.method, order.link_id, order.post_id) == (
        "pinterest",
        "token",
        bio.id,
        link.post_id,
    )


async def test_a_picture_that_nobody_knows_credits_nothing(
    window: Window, client: httpx2.AsyncClient, sandbox: LocalStripe
) -> None:
    product = await window.product()
    link = await _post_of(window, client, product)
    async with window.db.transaction() as session:
        await links.change(session, window.shop, link.id, LinkChange(active=False), None)
        await posts.archive(session, window.shop, link.post_id or "")
    plain = await window.link(product)
    for via in (link.slug, plain.slug, "bcdfghjkm"):
        await buy(window, product, via=via)
    assert {(each.post_id, each.link_id) for each in await window.orders()} == {(None, None)}


async def test_a_tap_on_a_link_that_leads_here_lands_here(window: Window, sandbox: LocalStripe) -> None:
    product = await window.product()
    link = await window.link(product)
    async with window.db.transaction() as session:
        data = LinkChange(target="product", variants=[LinkVariant(weight=1, to=LinkDestination(target="product"))])
        await links.change(session, window.shop, link.id, data, None)
    await change(window, product, slug="brume")
    tap = await window.visitor.get(f"/l/{link.slug}", headers=HTML | PHONE)
    assert tap.headers["location"].startswith(f"{window.app.settings.public_url}/s/{window.shop.slug}/brume?sl=")
    page = await window.visitor.get(tap.headers["location"], headers=HTML | PHONE)
    assert page.status_code == 200
    headers = HTML | PHONE | {"origin": window.app.settings.public_url}
    assert (await window.visitor.post(tap.headers["location"], data=form(page), headers=headers)).status_code == 303
    order, _ = await window.order()
    assert (order.link_id, order.method, order.variant) == (link.id, "token", 1)
    await window.app.redirect.folder.fold_now()
    async with window.db.read() as session:
        (hour,) = (await session.exec(select(ClickHour))).all()
    assert (hour.clicks, hour.landings) == (1, 1)


async def test_a_tap_is_remembered_here_where_the_shop_may(window: Window, sandbox: LocalStripe) -> None:
    async with window.db.transaction() as session:
        (await shops.get(session, window.shop.id)).consent = "attribution"
    product = await window.product()
    link = await window.link(product)
    text = window.click(link)
    await window.visitor.get(f"/go/{link.slug}", params={"sl": text}, headers=HTML | PHONE)
    await buy(window, product)
    order, _ = await window.order()
    assert (order.method, order.link_id, order.click_token) == ("cookie", link.id, text)
