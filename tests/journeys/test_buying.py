"""From the tap in an app to the order's page, on a phone, with scripts and without."""

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.boutique import Boutique
from tests.journeys.phone import phone


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_tap_becomes_a_paid_order_that_knows_its_post(chromium: Browser, boutique: Boutique, scripts: bool) -> None:
    link = boutique.link("Bol Lagon")
    with phone(chromium, scripts=scripts) as buyer:
        buyer.page.goto(link.url, referer="https://l.instagram.com/")
        expect(buyer.page.get_by_role("heading", level=1)).to_have_text("Bol Lagon")
        buyer.page.get_by_label("Ocre").tap()
        buyer.buy()
        expect(buyer.page.get_by_text("Maison Vitrine", exact=True)).to_be_visible()
        buyer.pay()
        expect(buyer.page.get_by_role("heading", level=1)).to_contain_text("Merci")
        expect(buyer.page.get_by_text("Bol Lagon")).to_be_visible()
        assert buyer.faults == []
    (order,) = boutique.orders(link)
    assert order.status == "paid"
    assert [(line.title, line.sku) for line in order.lines] == [("Bol Lagon", "BOL-OCRE")]
    known = order.attribution
    assert (known.network, known.link_id, known.method, known.confidence) == (
        "instagram",
        link.id,
        "token",
        "explicit",
    )


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_who_turns_back_from_paying_finds_their_choice_and_orders_once(
    chromium: Browser, boutique: Boutique, scripts: bool
) -> None:
    link = boutique.link("Bougie Figuier")
    with phone(chromium, scripts=scripts) as buyer:
        buyer.page.goto(link.url)
        buyer.page.get_by_label("500 g").tap()
        buyer.buy()
        buyer.page.go_back()
        expect(buyer.page.get_by_label("500 g")).to_be_checked()
        buyer.buy()
        buyer.pay()
        expect(buyer.page.get_by_role("heading", level=1)).to_contain_text("Merci")
    orders = boutique.orders(link)
    (paid,) = [each for each in orders if each.status == "paid"]
    assert paid.attribution.confidence == "explicit"
    if scripts:
        assert {each.status for each in orders} <= {"paid", "cancelled"}, "nothing is held for a page that was left"


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_basket_from_a_permalink_is_changed_and_paid(chromium: Browser, boutique: Boutique, scripts: bool) -> None:
    with phone(chromium, scripts=scripts) as buyer:
        buyer.page.goto(f"{boutique.base_url}/buy/BOL-LAGON:2,GALET:1?attribution/utm_source=newsletter")
        quantity = buyer.page.locator("select").first
        quantity.select_option("1")
        buyer.page.locator("button[name=update]").tap()
        expect(buyer.page.locator("select").first).to_have_value("1")
        buyer.buy()
        buyer.pay()
        expect(buyer.page.get_by_text("Vase Galet")).to_be_visible()
        assert buyer.faults == []


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_point_on_a_picture_of_the_gallery_becomes_an_order_of_its_post(
    chromium: Browser, boutique: Boutique, scripts: bool
) -> None:
    post = boutique.post()
    before = len(boutique.credited(post.id))
    with phone(chromium, scripts=scripts) as buyer:
        buyer.page.goto(f"{boutique.base_url}/s/{boutique.shop().slug}?utm_source=tiktok")
        buyer.page.get_by_role("link", name="Vase Galet").first.tap()
        expect(buyer.page.get_by_role("heading", level=1)).to_have_text("Vase Galet")
        buyer.buy()
        buyer.pay()
        expect(buyer.page.get_by_role("heading", level=1)).to_contain_text("Merci")
        assert buyer.faults == []
    order, *others = boutique.credited(post.id)
    assert (order.status, len(others)) == ("paid", before)
    known = order.attribution
    assert (known.network, known.method, known.post_id, known.placement) == ("tiktok", "utm", post.id, "bio")


def test_a_product_page_that_is_reloaded_keeps_the_discount_of_its_tap(chromium: Browser, boutique: Boutique) -> None:
    boutique.tenth_off("GALET10")
    link = boutique.link("Vase Galet", target="product", discount_code="GALET10")
    with phone(chromium) as buyer:
        buyer.page.goto(link.url)
        for _ in range(2):
            expect(buyer.page.locator(".sum strong").first).to_contain_text("80,10")
            assert "sl" not in parse_qs(urlsplit(buyer.page.url).query)
            buyer.page.reload()
        buyer.buy()
        buyer.pay()
        assert buyer.faults == []
    (order,) = boutique.orders(link)
    assert (order.total.amount, order.attribution.method) == (8010, "token")
