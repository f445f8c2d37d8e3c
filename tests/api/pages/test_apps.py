"""In an app's own browser: how to leave it is said in a line, and the address alone holds everything."""

import re

import pytest

from api.pages import apps, messages, static
from checkout import orders
from social.links import carts
from social.links.carts import Cart
from tests.api.pages.conftest import HTML, Elements, Window
from tests.local_stripe import LocalStripe

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0"
ANDROID = f"Mozilla/5.0 (Linux; Android 15; Pixel 8) {CHROME} Mobile Safari/537.36 "
INSTAGRAM = IPHONE + "Mobile/22B83 Instagram 406.0.0.58.159 (iPhone15,4; iOS 18_1; fr_FR)"
FACEBOOK = ANDROID + "[FB_IAB/FB4A;FBAV/490.0.0.0;]"
TIKTOK = ANDROID + "musical_ly_2024 BytedanceWebview/d8a21c6"
SAFARI = IPHONE + "Version/18.1 Mobile/15E148 Safari/604.1"
DESKTOP = f"Mozilla/5.0 (X11; Linux x86_64) {CHROME} Safari/537.36 Instagram 406.0"
TELEGRAM = ANDROID + "Telegram-Android/11.0"


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (INSTAGRAM, ("Instagram", "Apple Pay", "Open in external browser")),
        (FACEBOOK, ("Facebook", "Google Pay", "Open in external browser")),
        (TIKTOK, ("TikTok", "Google Pay", "“Open in browser”")),
    ],
)
def test_each_app_is_told_by_its_own_words(agent: str, words: tuple[str, ...]) -> None:
    said = apps.hint(apps.of(agent), messages.ENGLISH)
    assert [each for each in words if each not in said] == []


@pytest.mark.parametrize("agent", ["", SAFARI, DESKTOP, TELEGRAM, "facebookexternalhit/1.1", "é\u2028" * 400])
def test_nobody_else_is_told(agent: str) -> None:
    assert apps.hint(apps.of(agent), messages.ENGLISH) == ""


async def test_pages_on_the_way_to_pay_say_it_and_can_be_told_to_stop(window: Window, sandbox: LocalStripe) -> None:
    product = await window.product()
    link = await window.link(product)
    lines = ((product.offers[0].variant_id, 1), (product.offers[2].variant_id, 1))
    basket = carts.write(window.app.services.vault, Cart(window.shop.id, lines))
    await window.buy(link)
    order, _ = await window.order()
    async with window.db.transaction() as session:
        kept = await orders.lock(session, window.shop.id, order.id)
        assert kept is not None
        kept.status = "expired"
        session.add(kept)
    for path in (f"/go/{link.slug}", f"/go/{basket}", orders.path(order)):
        page = await window.visitor.get(path, headers=HTML | {"user-agent": INSTAGRAM})
        shown = Elements(page.text)
        assert "Apple Pay manque dans Instagram" in shown.text, path
        (box,) = shown.named("input", type="checkbox")
        assert "name" not in box, "it is nobody's business whether the hint was hidden"
        assert len(shown.named("label", **{"for": box["id"]})) == 1
        elsewhere = await window.visitor.get(path, headers=HTML | {"user-agent": SAFARI})
        assert "hide-hint" not in elsewhere.text


async def test_an_order_that_waits_for_its_payment_does_not_send_anybody_elsewhere(
    window: Window, sandbox: LocalStripe
) -> None:
    await window.buy(await window.link(await window.product()))
    order, _ = await window.order()
    page = await window.visitor.get(orders.path(order), headers=HTML | {"user-agent": INSTAGRAM})
    assert "hide-hint" not in page.text


async def test_the_same_address_in_another_browser_is_the_same_page(window: Window) -> None:
    link = await window.link(await window.product())
    query = {"sl": window.click(link), "utm_source": "ig"}
    inside = await window.visitor.get(f"/go/{link.slug}", params=query, headers=HTML | {"user-agent": INSTAGRAM})
    window.visitor.cookies.clear()
    outside = await window.visitor.get(str(inside.url), headers=HTML | {"user-agent": SAFARI})
    assert Elements(outside.text).named("input", name="sl") == Elements(inside.text).named("input", name="sl") != []


def test_nothing_opens_a_window_or_another_app() -> None:
    folder = static.FOLDER.parent / "templates"
    opening = re.compile(r"\btarget\s*=|window\.open|intent:|<iframe|<dialog|\bpopover\b", re.IGNORECASE)
    found = [path.name for path in folder.iterdir() if opening.search(path.read_text())]
    assert found == []
