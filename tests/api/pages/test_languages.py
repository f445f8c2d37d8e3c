"""Whose language a page speaks: the one that the buyer chose, else their browser's, else the shop's."""

import pytest
from httpx2 import Response

from api.pages import frames, messages
from checkout import orders
from checkout.models import Checkout
from core import clock, shops
from core.shops import Shop, ShopChange
from social.links import carts
from social.links.carts import Cart
from tests.api.pages.conftest import HTML, Elements, Window, form
from tests.local_stripe import LocalStripe

ENGLISH = {"accept-language": "en-GB,en;q=0.9,fr;q=0.5"}
GERMAN = {"accept-language": "de-DE,de;q=0.9"}


def language(page: Response) -> str:
    (html,) = Elements(page.text).named("html")
    return html["lang"]


def others(page: Response) -> dict[str, str]:
    return {each["hreflang"]: each["href"] for each in Elements(page.text).named("a") if "hreflang" in each}


async def opened(window: Window, path: str, headers: dict[str, str]) -> Response:
    return await window.visitor.get(path, headers=HTML | headers)


async def test_an_english_browser_reads_a_french_shop_in_english(window: Window) -> None:
    link = await window.link(await window.product())
    page = await opened(window, f"/go/{link.slug}", ENGLISH)
    assert (language(page), page.headers["content-language"]) == ("en", "en")
    assert "€64.00" in page.text
    assert "Only 1 left" in page.text
    assert "Accept-Language" in page.headers["vary"]


async def test_a_language_that_we_do_not_speak_leaves_the_shops(window: Window) -> None:
    page = await opened(window, f"/go/{(await window.link(await window.product())).slug}", GERMAN)
    assert language(page) == "fr"
    assert "64,00\xa0€" in page.text


async def test_the_merchants_words_say_whose_they_are(window: Window) -> None:
    link = await window.link(await window.product(description="En lin lavé."))
    foreign = Elements((await opened(window, f"/go/{link.slug}", ENGLISH)).text)
    own = Elements((await opened(window, f"/go/{link.slug}", {})).text)
    assert foreign.named("h1") == [{"lang": "fr"}]
    assert {"lang": "fr"} in foreign.named("p")
    assert own.named("h1") == [{}]
    assert own.named("p", lang="fr") == []


async def test_a_small_link_changes_the_language_and_keeps_where_the_buyer_came_from(window: Window) -> None:
    product = await window.product()
    link = await window.link(product)
    click = window.click(link)
    page = await window.look(link, sl=click, utm_source="instagram", product=product.product_id)
    assert set(others(page)) == {"en"}
    changed = await opened(window, f"/go/{link.slug}{others(page)['en']}", {"accept-language": "fr"})
    assert language(changed) == "en"
    assert form(changed)["sl"] == click
    assert others(changed)["fr"] == others(page)["en"].replace("lang=en", "lang=fr")
    assert "set-cookie" not in changed.headers


async def test_the_choice_goes_to_the_payment_page_to_the_order_and_back(window: Window, sandbox: LocalStripe) -> None:
    link = await window.link(await window.product())
    paying = await window.buy(link, {"lang": "en"})
    assert paying.status_code == 303
    order, _ = await window.order()
    async with window.db.read() as session:
        checkout = await session.get_one(Checkout, order.checkout_id)
    assert checkout.parameters["locale"] == "en"
    assert str(checkout.parameters["success_url"]).endswith(f"{orders.path(order)}?lang=en")
    assert "lang=en" in str(checkout.parameters["cancel_url"])
    receipt = await opened(window, orders.path(order, "en"), {"accept-language": "fr"})
    assert language(receipt) == "en"
    assert "€64.00" in receipt.text
    (refresh,) = (each["content"] for each in Elements(receipt.text).named("meta", **{"http-equiv": "refresh"}))
    assert refresh.endswith("look=1&lang=en")


async def test_the_payment_page_speaks_the_browsers_language(window: Window, sandbox: LocalStripe) -> None:
    link = await window.link(await window.product())
    page = await window.look(link)
    await window.send(link, form(page), None, **ENGLISH)
    order, _ = await window.order()
    async with window.db.read() as session:
        checkout = await session.get_one(Checkout, order.checkout_id)
    assert checkout.parameters["locale"] == "en"
    assert "lang=" not in str(checkout.parameters["success_url"])


async def test_a_refusal_speaks_the_same_language_as_the_page(window: Window) -> None:
    link = await window.link(await window.product())
    answer = await window.buy(link, {"lang": "en"}, page="x" * 48)
    assert answer.status_code == 422
    assert "This page was open for a long time." in answer.text


async def test_a_basket_keeps_the_choice_when_it_is_changed(window: Window) -> None:
    product = await window.product()
    lines = ((product.offers[0].variant_id, 1), (product.offers[2].variant_id, 1))
    name = carts.write(window.app.services.vault, Cart(window.shop.id, lines))
    page = await opened(window, f"/go/{name}?lang=en", {})
    assert "Your basket" in page.text
    changed = await window.visitor.post(
        f"/go/{name}?lang=en",
        data=form(page) | {"q1": "2", "q2": "1", "update": "1"},
        headers=HTML | {"origin": window.app.settings.public_url},
    )
    assert "lang=en" in changed.headers["location"]


@pytest.mark.parametrize("choice", ["xx", "", "en-GB", "<script>", "FR"])
@pytest.mark.parametrize("engine", ["sqlite"])
async def test_what_nobody_speaks_was_not_chosen(window: Window, choice: str) -> None:
    page = await window.look(await window.link(await window.product()), lang=choice)
    assert language(page) == "fr"
    assert all("script" not in each for each in others(page).values())


async def test_a_card_speaks_the_shops_language_to_every_bot(window: Window) -> None:
    link = await window.link(await window.product())
    bot = {"user-agent": "facebookexternalhit/1.1", "accept-language": "en"}
    for path in (f"/go/{link.slug}", f"/l/{link.slug}"):
        card = await window.visitor.get(path, headers=bot)
        assert language(card) == "fr"
        assert "64,00\xa0€" in card.text


async def test_a_page_without_a_shop_can_be_read_in_both(window: Window) -> None:
    page = await opened(window, "/go/bcdfghjkm?lang=en", {"accept-language": "fr"})
    assert (page.status_code, language(page)) == (404, "en")
    assert others(page) == {"fr": "?lang=fr"}


async def test_a_german_shop_keeps_its_prices_for_germans_and_speaks_english_to_others(window: Window) -> None:
    async with window.db.transaction() as session:
        await shops.change(session, window.shop, ShopChange(locale="de"), None)
    link = await window.link(await window.product())
    german = await opened(window, f"/go/{link.slug}", {"accept-language": "de,en;q=0.8"})
    english = await opened(window, f"/go/{link.slug}", ENGLISH)
    assert "64,00\xa0€" in german.text
    assert "€64.00" in english.text
    assert Elements(german.text).named("h1") == [{"lang": "de"}]


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("en", "en"),
        ("en-US,fr;q=0.9", "en"),
        ("de, fr;q=0.4, en;q=0.8", "en"),
        ("en;q=0, fr;q=0.001", "fr"),
        ("fr;q=0.5,en;q=0.5", "fr"),
        ("EN-gb ; q=0.7", "en"),
        ("*", ""),
        ("en;q=nan", ""),
        ("en;q=2", ""),
        ("", ""),
        ("x" * 10_000 + ",en", ""),
        ("é,\x00", ""),
    ],
)
def test_what_a_browser_likes_best(header: str, found: str) -> None:
    assert messages.asked(header, {"fr", "en"}) == found


@pytest.mark.parametrize(
    ("country", "locale", "choice", "found"),
    [
        ("FR", "fr", "en", "en"),
        ("FR", "fr", "fr", "fr"),
        ("GB", "en", "fr", "fr"),
        ("GB", "fr", "en", "en_GB"),
        ("CA", "fr_CA", "en", "en_CA"),
        ("CA", "fr_CA", "fr", "fr_CA"),
        ("CH", "de", "fr", "fr_CH"),
        ("FR", "en_GB", "", "en_GB"),
    ],
)
def test_amounts_follow_the_rules_of_language_and_country(country: str, locale: str, choice: str, found: str) -> None:
    shop = Shop(id="shop_1", slug="a", name="A", currency="EUR", country=country, locale=locale, created_at=clock.now())
    assert frames.locale(shop, choice, "") == found
