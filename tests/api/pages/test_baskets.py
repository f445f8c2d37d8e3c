"""The page of a cart: several things at once, and what cannot be had explained."""

from urllib.parse import urlsplit

import msgspec
import pytest

from api.pages import static
from catalog import products, variants
from catalog.schemas import ProductChange
from checkout.discounts import discounts
from checkout.discounts.schemas import DiscountCreate
from checkout.shipping import rates
from checkout.shipping.schemas import ShippingRateCreate
from core.settings import Settings
from social.links import carts
from tests.api.pages.conftest import HTML, Elements, Window, form
from tests.api.pages.permalinking import fields, follow, send, variant, vase
from tests.local_stripe import LocalStripe

ONCE = pytest.mark.parametrize("engine", ["sqlite"])


async def test_what_is_gone_or_sold_out_is_explained_and_the_rest_is_bought(
    window: Window, sandbox: LocalStripe
) -> None:
    dress, gone, left, other = (
        await window.product(), await vase(window, "Cruche"), await vase(window), await vase(window, "Bol")
    )  # fmt: skip
    async with window.db.transaction() as session:
        await products.archive(session, window.shop, gone.product_id)
    path, page = await follow(window, f"/buy/{variant(dress, 1)}:1,{variant(gone)}:1,{variant(left)}:2,nobody:1")
    shown = Elements(page.text)
    assert "M · épuisé" in shown.text
    assert "Cruche n’est plus proposé" in shown.text
    assert "Un article de ce lien n’existe plus." in shown.text
    assert "Bol" in shown.text
    # The dress has other sizes to look at; the jug has nothing.
    named = [each["href"] for each in shown.named("a")]
    assert [each for each in named if dress.product_id in each] != []
    assert [each for each in named if gone.product_id in each] == []
    assert [each for each in named if other.product_id in each] != []
    for each in named:
        assert (await window.visitor.get(each, headers=HTML)).status_code == 200
    assert (await send(window, path, fields(page))).status_code == 303
    _, lines = await window.order()
    assert [(line.title, line.quantity) for line in lines] == [("Vase", 2)]


async def test_more_than_there_is_becomes_what_there_is_and_says_so(window: Window, sandbox: LocalStripe) -> None:
    few, many = await vase(window, available=2), await vase(window, "Bol", available=40)
    path, page = await follow(window, f"/buy/{variant(few)}:9,{variant(many)}:30")
    assert "Plus que 2" in page.text
    assert {name: value for name, value in fields(page).items() if name.startswith("q")} == {"q1": "2", "q2": "30"}
    assert (await send(window, path, fields(page))).status_code == 303
    order, _ = await window.order()
    assert order.amount_total == 32 * 2000


async def test_on_a_landing_page_too(window: Window) -> None:
    few = await vase(window, available=2)
    _, page = await follow(window, f"/buy/{variant(few)}:9")
    assert "Il n’en reste que 2. La quantité a été ajustée." in page.text
    assert "<option selected>2</option>" in page.text


async def test_a_choice_that_is_gone_or_sold_out_is_explained_beside_another(window: Window) -> None:
    product = await window.product()
    _, page = await follow(window, f"/buy/{variant(product, 1)}:1")
    assert (page.status_code, "Le modèle demandé est épuisé." in page.text) == (200, True)
    assert form(page)["variant"] == variant(product)
    async with window.db.transaction() as session:
        await variants.archive(session, window.shop, variant(product, 1))
    _, page = await follow(window, f"/buy/{variant(product, 1)}:1")
    assert (page.status_code, "Le modèle demandé n’est plus proposé." in page.text) == (200, True)


async def test_nothing_left_offers_something_else(window: Window) -> None:
    other = await vase(window, "Bol")
    product = await vase(window, "Cruche", available=0)
    gone = await vase(window, "Carafe")
    async with window.db.transaction() as session:
        await products.change(session, window.shop, gone.product_id, ProductChange(status="draft"), None)
    for path in (
        f"/buy/{variant(product)}:1",
        f"/buy/{variant(gone)}:1",
        f"/buy/{variant(product)}:1,{variant(gone)}:1",
        "/buy/nobody:1",
        "/checkout?products=nobody:1",
    ):
        _, page = await follow(window, path)
        shown = Elements(page.text)
        assert (page.status_code, shown.named("form")) == (200, [])
        offered = [each["href"] for each in shown.named("a") if other.product_id in each["href"]]
        assert form(await window.visitor.get(offered[0], headers=HTML))["variant"] == variant(other)


async def test_a_good_code_is_taken_off_and_a_bad_one_is_told_of(window: Window, sandbox: LocalStripe) -> None:
    given = {"title": "Lune", "code": "LUNE10", "terms": {"kind": "percentage", "rate": 1000}}
    async with window.db.transaction() as session:
        await discounts.create(session, window.shop, msgspec.convert(given, DiscountCreate))
    first, second = await vase(window), await vase(window, "Bol")
    items = f"{variant(first)}:1,{variant(second)}:1"
    _, page = await follow(window, f"/buy/{items}?discounts/codes/0=JAMAIS")
    assert "Le code JAMAIS n’est pas valable ici." in page.text
    path, page = await follow(window, f"/checkout?products={items}&coupon=lune10")
    for said in ("Sous-total", "40,00\u00a0€", "LUNE10", "-4,00\u00a0€", "36,00\u00a0€"):
        assert said in page.text
    assert "n’est pas valable" not in page.text
    assert (await send(window, path, fields(page))).status_code == 303
    order, _ = await window.order()
    assert (order.amount_discount, order.amount_total) == (400, 3600)
    _, single = await follow(window, f"/buy/{variant(first)}:1?discounts/codes/0=JAMAIS")
    assert "Le code JAMAIS n’est pas valable ici." in single.text


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Few codes may be tried."""
    return settings.model_copy(update={"bad_codes_per_address": 3})


async def test_codes_are_guessed_by_permalinks_no_faster_than_elsewhere(window: Window) -> None:
    given = {"title": "Lune", "code": "LUNE10", "terms": {"kind": "percentage", "rate": 1000}}
    async with window.db.transaction() as session:
        await discounts.create(session, window.shop, msgspec.convert(given, DiscountCreate))
    link = f"/buy/{variant(await vase(window))}:1,{variant(await vase(window, 'Bol'))}:1?discounts/codes/0="
    for _ in range(9):
        assert "36,00\u00a0€" in (await follow(window, f"{link}LUNE10"))[1].text
    for guess in range(3):
        await follow(window, f"{link}GUESS{guess}")
    path, page = await follow(window, f"{link}LUNE10")
    # Beyond the limit a good code looks like a bad one, and the basket can be bought without it.
    assert "Le code LUNE10 n’est pas valable ici." in page.text
    assert "40,00\u00a0€" in page.text
    assert fields(page)["agreed"] == "4000"
    assert path.startswith("/go/")


@ONCE
async def test_a_basket_is_a_small_page_that_nobody_keeps(window: Window) -> None:
    first, second = await vase(window), await window.product()
    _, page = await follow(window, f"/buy/{variant(first)}:1,{variant(second)}:1")
    shown = Elements(page.text)
    assert len(page.content) < 12_000
    assert shown.named("script") == [{"src": static.path("page.js"), "defer": "", "data-beacon": "/go/beacon"}]
    assert [name for name, each in shown.found if "style" in each] == []
    assert page.headers["cache-control"] == "private, no-store"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert shown.meta("robots") == "noindex, nofollow"
    assert len((await window.visitor.get(static.path("style.css"))).content) < 16_000
    labels = {each["for"] for each in shown.named("label")}
    assert {each["id"] for each in shown.named("select")} <= labels


async def test_a_preview_of_a_permalink_gets_the_card_of_its_first_product(window: Window) -> None:
    dress, vases = await window.product(), await vase(window)
    bot = {"user-agent": "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)"}
    for items, title in ((f"{variant(vases)}:1", "Vase"), (f"{variant(dress)}:1,{variant(vases)}:1", "Robe Brume")):
        path, page = await follow(window, f"/buy/{items}?utm_source=ig")
        card = await window.visitor.get(path, headers=HTML | bot)
        shown = Elements(card.text)
        assert (card.status_code, card.headers["cache-control"]) == (200, "private, no-store")
        assert (shown.meta("og:title"), shown.named("form")) == (title, [])
        # The address that is told to others carries nobody's campaign.
        assert shown.meta("og:url") == window.app.settings.public_url + urlsplit(path).path
        assert Elements(page.text).named("form") != []
    empty = await window.visitor.get((await follow(window, "/buy/nobody:1"))[0], headers=HTML | bot)
    assert empty.status_code == 200


async def test_where_a_permalink_leads_elsewhere_its_basket_waits(window: Window) -> None:
    dress, vases = await window.product(), await vase(window)
    link = await window.link(dress)
    _, page = await follow(
        window, f"/buy/{variant(vases)}:1,{variant(dress)}:1?continue_to=/go/{link.slug}&utm_source=ig"
    )
    (waiting,) = (each for each in Elements(page.text).ways)
    basket = await window.visitor.get(waiting, headers=HTML)
    assert sorted(each for each in fields(basket) if each.startswith("q")) == ["q1", "q2"]
    assert "utm_source=ig" in waiting
    stranger = carts.write(window.app.services.vault, carts.Cart("shop_01k00000000000000000000000", (("var_x", 1),)))
    for forged in (stranger, "A" * 80, "", "<script>"):
        assert Elements((await window.look(link, cart=forged)).text).ways == []


async def test_shipping_is_said_for_the_whole_basket_before_it_is_bought(window: Window, sandbox: LocalStripe) -> None:
    for name, country, amount in (("Colissimo", "FR", 690), ("Europe", "BE", 1290)):
        rate = {"name": name, "countries": [country], "brackets": [{"amount": amount}], "free_above": 10_000}
        async with window.db.transaction() as session:
            await rates.create(session, window.shop, msgspec.convert(rate, ShippingRateCreate))
    first, second = await vase(window), await vase(window, "Bol")
    items = f"{variant(first)}:1,{variant(second)}:1"
    path, page = await follow(window, f"/buy/{items}?context/address_country=BE")
    for said in ("Total, hors livraison", "6,90\u00a0€", "12,90\u00a0€", "offerte dès 100,00\u00a0€"):
        assert said in page.text
    assert fields(page)["ship_to"] == "BE"
    assert (await send(window, path, fields(page))).status_code == 303
    assert (await window.order())[0].amount_total == 4000 + 1290
    _, page = await follow(window, f"/buy/{variant(first)}:3,{variant(second)}:3")
    assert "offerte" in page.text
    answer = await send(window, path, fields(page) | {"ship_to": "FR", "update": "1"})
    changed = await window.visitor.get(answer.headers["location"], headers=HTML)
    assert fields(changed)["ship_to"] == "FR"


HOSTILE = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "' onmouseover='alert(1)", "{{ 7*7 }}"]


@ONCE
@pytest.mark.parametrize("text", HOSTILE)
async def test_no_text_of_shop_or_link_becomes_an_element(window: Window, text: str) -> None:
    async def basket(title: str) -> str:
        first, second = await vase(window, title), await window.product(title=title)
        items = ((variant(first), 1), (variant(second, 1), 1), (variant(second), 1))
        return carts.write(window.app.services.vault, carts.Cart(window.shop.id, items, title, missing=1, partial=True))

    names = await basket("Plain"), await basket(text)
    plain, hostile = [
        await window.visitor.get(f"/go/{name}", params={"utm_source": text, "from": text}, headers=HTML)
        for name in names
    ]
    assert Elements(hostile.text).skeleton == Elements(plain.text).skeleton
    assert text in "".join(Elements(hostile.text).texts)


@ONCE
async def test_a_cart_that_we_did_not_write_is_a_page_that_says_so(window: Window) -> None:
    path, _ = await follow(window, f"/buy/{variant(await vase(window))}:1")
    whole = urlsplit(path).path
    for forged in (
        whole[:-1],
        whole + "A",
        whole.swapcase().replace("/GO/", "/go/"),
        "/go/" + "A" * 80,
        whole.replace("/go/", "/go/A"),
    ):
        answer = await window.visitor.get(forged, headers=HTML)
        assert (answer.status_code, "Ce lien ne mène nulle part" in answer.text) == (404, True)
