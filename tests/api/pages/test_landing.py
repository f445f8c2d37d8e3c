"""The landing page of a link: what it shows, and that looking at it changes nothing."""

import base64
import hashlib
import re
from urllib.parse import parse_qsl

import pytest
from httpx2 import AsyncClient

from api.pages import messages, static
from catalog import products
from catalog.models import Variant
from catalog.schemas import PriceIn, ProductChange, VariantCreate
from core import shops
from core.shops import ShopChange
from social.links import carts
from social.links.carts import Cart
from tests.api.pages.conftest import HTML, Elements, Window, form
from tests.media import pictures

NARROW = "\u202f"


async def test_the_page_shows_title_price_sizes_and_what_is_left(window: Window) -> None:
    link = await window.link(await window.product(description="En lin lavé.\n\nCousue à Lyon."))
    page = await window.look(link)
    assert page.status_code == 200
    shown = Elements(page.text)
    assert "Robe Brume" in shown.text
    assert "64,00\xa0€" in page.text
    assert "Plus que 1" in page.text
    assert shown.named("html") == [{"lang": "fr"}]
    assert [each for each in shown.texts if each in ("En lin lavé.", "Cousue à Lyon.")] == [
        "En lin lavé.",
        "Cousue à Lyon.",
    ]
    sizes = shown.named("input", type="radio")
    assert ["disabled" in each for each in sizes] == [False, True, False]
    assert ["checked" in each for each in sizes] == [True, False, False]


async def test_the_page_speaks_the_shops_language(window: Window) -> None:
    async with window.db.transaction() as session:
        await shops.change(session, window.shop, ShopChange(locale="en"), None)
    page = await window.look(await window.link(await window.product()))
    assert Elements(page.text).named("html") == [{"lang": "en"}]
    assert "€64.00" in page.text
    assert "Only 1 left" in page.text


async def test_every_control_has_a_label(window: Window) -> None:
    shown = Elements((await window.look(await window.link(await window.product()))).text)
    labelled = {each["for"] for each in shown.named("label")}
    controls = [each for tag in ("input", "select") for each in shown.named(tag) if each.get("type") != "hidden"]
    assert controls
    assert [each for each in controls if each["id"] not in labelled] == []


async def test_a_single_variant_asks_nothing(window: Window) -> None:
    one = VariantCreate(available=1, prices=[PriceIn(amount=1990, currency="EUR")])
    shown = Elements((await window.look(await window.link(await window.product(options=[], variants=[one])))).text)
    assert shown.named("input", type="radio") == []
    assert shown.named("select") == []
    assert len(shown.named("input", name="variant")) == 1


async def test_two_options_are_grouped_by_the_one_with_fewer_values(window: Window) -> None:
    variants = [
        VariantCreate(
            options={"Taille": size, "Couleur": colour}, available=3, prices=[PriceIn(amount=1990, currency="EUR")]
        )
        for colour in ("Bleu", "Ocre")
        for size in ("S", "M", "L")
    ]
    product = await window.product(options=["Taille", "Couleur"], variants=variants)
    shown = Elements((await window.look(await window.link(product))).text)
    assert [each for each in shown.texts if each in ("Bleu", "Ocre")] == ["Bleu", "Ocre"]
    assert [each for each in shown.texts if each in ("S", "M", "L")] == ["S", "M", "L"] * 2


async def test_many_variants_become_a_list(window: Window) -> None:
    variants = [
        VariantCreate(options={"Taille": str(size)}, available=size % 2, prices=[PriceIn(amount=1990, currency="EUR")])
        for size in range(1, 31)
    ]
    shown = Elements((await window.look(await window.link(await window.product(variants=variants)))).text)
    options = [each for each in shown.named("option") if each.get("value", "").startswith("var_")]
    assert (len(options), len([each for each in options if "disabled" in each])) == (30, 15)


async def test_pictures_come_with_their_size_from_where_the_policy_allows(window: Window, client: AsyncClient) -> None:
    photo = pictures.saved(pictures.photo(800, 1000))
    files = {"file": ("photo.jpg", photo, "image/jpeg")}
    asset = (await client.post("/v1/assets", files=files, data={"alt_text": "Une robe"})).json()
    product = await window.product(pictures=[{"asset_id": asset["id"]}])
    page = await window.look(await window.link(product))
    (image,) = Elements(page.text).named("img")
    assert (image["width"], image["height"], image["alt"]) == ("800", "1000", "Une robe")
    assert image["src"].startswith(f"{window.app.settings.public_url}/media/")
    assert f"img-src 'self' {window.app.settings.public_url};" in page.headers["content-security-policy"]


async def test_the_page_is_nobody_elses(window: Window) -> None:
    page = await window.look(await window.link(await window.product()))
    assert page.headers["cache-control"] == "private, no-store"
    assert page.headers["x-robots-tag"] == "noindex, nofollow"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["x-frame-options"] == "DENY"
    assert page.headers["content-type"] == "text/html; charset=utf-8"


async def test_the_policy_lets_nothing_run_but_our_own_script(window: Window) -> None:
    page = await window.look(await window.link(await window.product()))
    rules = dict(rule.partition(" ")[::2] for rule in page.headers["content-security-policy"].split("; "))
    assert rules["default-src"] == rules["base-uri"] == rules["frame-ancestors"] == "'none'"
    assert rules["form-action"] == f"'self' {window.app.settings.stripe_api_base}"
    assert rules["script-src"] == rules["connect-src"] == "'self'"
    assert "unsafe" not in page.headers["content-security-policy"]
    shown = Elements(page.text)
    assert shown.named("script") == [
        {"type": "application/ld+json"},  # Data, which nobody runs.
        {"src": static.path("page.js"), "defer": "", "data-beacon": "/go/beacon"},
    ]
    assert page.text.count("<script") == 2
    assert "></script>" in page.text
    assert [name for name, attributes in shown.found if "style" in attributes] == []


async def test_the_pages_own_style_is_allowed_by_its_hash(window: Window) -> None:
    page = await window.look(await window.link(await window.product()))
    (style,) = re.findall("<style>(.*?)</style>", page.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in page.headers["content-security-policy"]


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</title><svg onload=alert(1)>",
    "</style></script><!--",
    "{{ 7*7 }}{% raw %}",
    "javascript:alert(1)",
    "&lt;b&gt; & co",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("engine", ["sqlite"])
async def test_no_text_of_the_shop_becomes_an_element(window: Window, text: str) -> None:
    def one(size: str) -> list[VariantCreate]:
        prices = [PriceIn(amount=6400, currency="EUR")]
        return [VariantCreate(options={"Taille": each}, available=2, prices=prices) for each in (size, "other")]

    plain = await window.look(await window.link(await window.product(description="Text", variants=one("size"))))
    product = await window.product(title=text, description=text, variants=one(text))
    hostile = await window.look(await window.link(product))
    assert Elements(hostile.text).skeleton == Elements(plain.text).skeleton
    assert text in "".join(Elements(hostile.text).texts)


async def test_looking_changes_nothing(window: Window) -> None:
    product = await window.product()
    link = await window.link(product)
    for method in ("GET", "HEAD"):
        answer = await window.visitor.request(method, f"/go/{link.slug}", headers=HTML)
        assert answer.status_code == 200
    assert await window.orders() == []
    assert await window.left(product) == 5


async def test_head_answers_without_a_body(window: Window) -> None:
    answer = await window.visitor.head(f"/go/{(await window.link(await window.product())).slug}", headers=HTML)
    assert (answer.status_code, answer.content) == (200, b"")


async def test_an_unknown_link_is_a_page_that_says_so(window: Window) -> None:
    answer = await window.visitor.get("/go/bcdfghjkm", headers=HTML | {"accept-language": "en-GB,en;q=0.9"})
    assert answer.status_code == 404
    assert "This link leads nowhere" in answer.text
    assert "text/html" in answer.headers["content-type"]


async def test_what_is_archived_says_so_and_offers_something_else(window: Window) -> None:
    other = await window.product(title="Chemise Tropique")
    product = await window.product()
    link = await window.link(product)
    async with window.db.transaction() as session:
        await products.archive(session, window.shop, product.product_id)
    page = await window.look(link)
    shown = Elements(page.text)
    assert page.status_code == 410
    assert "Atelier Lune ne propose plus Robe Brume." in shown.text
    assert shown.named("form") == []
    (offered,) = (each for each in shown.ways)
    assert offered == f"/go/{link.slug}?product={other.product_id}"
    elsewhere = await window.visitor.get(offered, headers=HTML)
    assert elsewhere.status_code == 200
    assert "Chemise Tropique" in elsewhere.text
    assert form(elsewhere)["variant"] == other.offers[0].variant_id


async def test_what_a_page_shows_elsewhere_is_told_of_by_its_own_address(window: Window) -> None:
    product, other = await window.product(), await window.product(title="Chemise Tropique")
    link = await window.link(product)
    address = window.app.settings.public_url + window.path(other)
    cart = carts.write(window.app.services.vault, Cart(window.shop.id, ((product.offers[0].variant_id, 1),)))
    for path in (link.slug, cart):
        for headers in (HTML, {"user-agent": "facebookexternalhit/1.1"}):
            answer = await window.visitor.get(f"/go/{path}", params={"product": other.product_id}, headers=headers)
            shown = Elements(answer.text)
            assert (shown.meta("og:title"), shown.meta("og:url")) == ("Chemise Tropique", address)
            assert f'"url":"{address}"' in answer.text
            (embed,) = shown.named("link", type="application/json+oembed")
            told = await window.visitor.get(embed["href"])
            assert told.json()["title"].startswith("Chemise Tropique")


@pytest.mark.parametrize(
    ("query", "referrer", "source"),
    [
        ({}, "{own}/go/x", None),
        ({"from": "l.instagram.com"}, "{own}/go/x", "l.instagram.com"),
        ({}, "https://blog.example/a", "blog.example"),
        ({"from": "blog.example"}, "https://pinterest.com/", "pinterest.com"),
    ],
)
async def test_our_own_host_is_no_source(
    window: Window, query: dict[str, str], referrer: str, source: str | None
) -> None:
    product = await window.product()
    referrer = referrer.format(own=window.app.settings.public_url)
    for path in (f"/go/{(await window.link(product)).slug}", window.path(product)):
        page = await window.visitor.get(path, params=query, headers=HTML | {"referer": referrer})
        assert form(page).get("from") == source


async def test_a_draft_is_not_shown_as_on_sale(window: Window) -> None:
    product = await window.product()
    link = await window.link(product)
    async with window.db.transaction() as session:
        await products.change(session, window.shop, product.product_id, ProductChange(status="draft"), None)
    page = await window.look(link)
    assert page.status_code == 404
    assert Elements(page.text).named("form") == []


async def test_nothing_of_a_draft_is_shown_by_any_address(window: Window) -> None:
    other = await window.product(title="Chemise Tropique")
    product = await window.product(description="Bientôt, en lin lavé.")
    link, name = await window.link(product), carts.write
    old = await window.look(link)
    lines = tuple((each.offers[0].variant_id, 1) for each in (product, other))
    alone, both = (name(window.app.services.vault, Cart(window.shop.id, each)) for each in (lines[:1], lines))
    async with window.db.transaction() as session:
        await products.change(session, window.shop, product.product_id, ProductChange(status="draft"), None)
    bot = {"user-agent": "facebookexternalhit/1.1"}
    for path in (link.slug, alone, both):
        for headers in (HTML, bot, {"accept": "*/*"}):
            answer = await window.visitor.get(f"/go/{path}", headers=headers)
            assert answer.status_code == (404 if path == link.slug else 200)
            assert "Brume" not in answer.text
            assert "lin lavé" not in answer.text
    tapped = await window.visitor.get(f"/l/{link.slug}", headers=bot)
    assert (tapped.status_code, tapped.content) == (302, b""), "no card"
    late = await window.send(link, form(old))
    assert (late.status_code, "Brume" in late.text) == (404, False)
    assert (await window.look(link, product=other.product_id)).status_code == 200
    left = await window.visitor.get(f"/go/{both}", headers=HTML)
    assert (form(left)["variant"], "Un article de ce lien" in left.text) == (other.offers[0].variant_id, True)


async def test_what_is_sold_out_says_so(window: Window) -> None:
    none = [VariantCreate(options={"Taille": "S"}, available=0, prices=[PriceIn(amount=6400, currency="EUR")])]
    page = await window.look(await window.link(await window.product(variants=none)))
    assert page.status_code == 200
    assert "Robe Brume n’est plus en stock pour le moment." in page.text
    assert Elements(page.text).named("form") == []


async def test_another_shops_product_is_not_shown(window: Window) -> None:
    async with window.db.transaction() as session:
        stranger = await shops.create(session, "Ailleurs", "EUR")
    elsewhere = await Window(window.app, window.db, stranger, window.visitor).product(title="Vase Rouge")
    page = await window.look(await window.link(await window.product()), product=elsewhere.product_id)
    assert "Vase Rouge" not in page.text
    assert "Robe Brume" in page.text


@pytest.mark.parametrize("forged", ["", "x", "A" * 51, "é" * 51, "<script>" * 7])
@pytest.mark.parametrize("engine", ["sqlite"])
async def test_a_page_without_a_good_token_works_all_the_same(window: Window, forged: str) -> None:
    page = await window.look(await window.link(await window.product()), sl=forged)
    assert page.status_code == 200
    assert form(page)["variant"].startswith("var_")


async def test_visitors_share_a_page_and_nothing_that_is_their_own(window: Window) -> None:
    link = await window.link(await window.product())
    taps = [window.click(link), window.click(link)]
    seen = [await window.look(link, sl=tap, utm_term=f"<{tap[:4]}") for tap in taps]
    for tap, other, page in zip(taps, reversed(taps), seen, strict=True):
        assert form(page)["sl"] == tap
        assert other not in page.text
        others = [each["href"] for each in Elements(page.text).named("a") if "hreflang" in each]
        assert others
        told = [dict(parse_qsl(each.removeprefix("?"))) for each in others]
        assert [(each["sl"], each["utm_term"]) for each in told] == [(tap, f"<{tap[:4]}")] * len(others)
    assert form(seen[0])["page"] != form(seen[1])["page"]
    plain = form(await window.look(link))
    assert "sl" not in plain
    assert plain["page"] not in (form(seen[0])["page"], form(seen[1])["page"])


async def test_a_page_that_was_shown_before_shows_what_is_true_now(window: Window) -> None:
    product = await window.product()
    link = await window.link(product)
    before = [await window.look(link) for _ in range(2)]
    async with window.db.transaction() as session:
        variant = await session.get_one(Variant, product.offers[2].variant_id)
        variant.available = 4
        await products.change(session, window.shop, product.product_id, ProductChange(title="Robe Nuit"), None)
    after = await window.look(link)
    assert ["Plus que 1" in each.text for each in (*before, after)] == [True, True, False]
    assert "Plus que 4" in after.text
    assert ["<h1>Robe Nuit</h1>" in each.text for each in (*before, after)] == [False, False, True]


async def test_french_has_its_narrow_spaces(window: Window) -> None:
    texts = [each for each in messages.FRENCH.__struct_fields__ if each not in ("language", "locale")]
    said = [str(getattr(messages.FRENCH, each)) for each in texts]
    assert [each for each in said if re.search(r"(?<![\u202f])[!?;]", each)] == []
    assert messages.FRENCH.thanks == f"Merci{NARROW}!"
