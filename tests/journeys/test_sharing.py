"""The token of a tap leaves the address bar and stays with its buyer; the page tells for how long it was in sight."""

import re
import time
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, expect

from api.demo.buyer import IN_APP
from tests.journeys.boutique import Boutique
from tests.journeys.phone import Phone, calling_itself, phone

_PATIENCE_SECONDS = 10


def _token(page: Page) -> str:
    """The token that the page's form carries."""
    return page.locator("main form input[name=sl]").input_value()


def _is_clean(page: Page) -> bool:
    return re.search(r"[?&](?:sl|page)=", page.url) is None


def _told_when_hidden(visitor: Phone) -> list[str]:
    """The addresses that hear for how long the page was in sight, once it has been hidden after a second.

    What is sent while a page is left shows in no list of requests: this one stays, and only says that it is hidden.
    """
    visitor.page.evaluate("new Promise(seen => setTimeout(seen, 1200))")
    visitor.page.evaluate(
        "Object.defineProperty(document, 'visibilityState', { value: 'hidden' });"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )
    visitor.page.evaluate("fetch('/livez')")
    return [each.url for each in visitor.asked if urlsplit(each.url).path == "/go/beacon"]


def _back_from_paying(buyer: Phone) -> None:
    """By the payment page's own way back."""
    buyer.page.locator("a[href*='/go/']").first.tap()
    buyer.page.wait_for_url("**/go/**")


def test_a_shared_address_carries_nobodys_tap_and_its_first_buyer_keeps_theirs(
    chromium: Browser, boutique: Boutique
) -> None:
    link = boutique.link("Vase Galet")
    with phone(chromium) as buyer, phone(chromium) as friend:
        buyer.page.goto(link.url)
        token = _token(buyer.page)
        assert len(token) == 51
        assert _is_clean(buyer.page)
        buyer.page.reload()
        assert (_token(buyer.page), _is_clean(buyer.page)) == (token, True)
        buyer.page.get_by_role("link", name="English").tap()
        buyer.page.wait_for_url("**lang=en**")
        assert (_token(buyer.page), _is_clean(buyer.page)) == (token, True)
        buyer.buy()
        _back_from_paying(buyer)
        expect(buyer.page.locator("main form input[name=sl]")).to_have_value(token)
        assert _is_clean(buyer.page)
        friend.page.goto(buyer.page.url)
        assert friend.page.locator("input[name=sl]").count() == 0
        buyer.page.reload()
        expect(buyer.page.locator("main form input[name=sl]")).to_have_value(token)
        buyer.buy()
        buyer.pay()
        friend.buy()
        friend.pay("Grace Hopper")
        assert buyer.faults == friend.faults == []
    paid = [each.attribution for each in boutique.orders(link) if each.status == "paid"]
    assert [(each.method, each.network, each.click_id is None) for each in paid] == [
        ("link", "instagram", True), ("token", "instagram", False),
    ]  # fmt: skip


def test_without_scripts_the_token_stays_and_the_page_names_its_clean_address(
    chromium: Browser, boutique: Boutique
) -> None:
    link = boutique.link("Vase Galet")
    with phone(chromium, scripts=False) as buyer:
        buyer.page.goto(link.url)
        assert "sl=" in buyer.page.url
        canonical = buyer.page.locator("link[rel=canonical]").get_attribute("href")
        assert canonical == f"{boutique.base_url}/go/{link.slug}"


def test_a_page_tells_for_how_long_it_was_in_sight(chromium: Browser, boutique: Boutique) -> None:
    link = boutique.link("Bougie Figuier")
    # What is sent while a page is left has the browser's own name, whatever a context calls itself.
    with calling_itself(chromium, IN_APP["instagram"]["User-Agent"]) as instagram, phone(instagram) as visitor:
        visitor.page.goto(link.url)
        visitor.page.evaluate("new Promise(seen => setTimeout(seen, 1200))")
        visitor.page.reload()
        visitor.page.goto("about:blank")
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not (told := boutique.engaged(link)).pages and time.monotonic() < deadline:
            visitor.page.evaluate("new Promise(later => setTimeout(later, 200))")
        assert visitor.faults == []
    assert (told.pages, told.median) == (1, None), "told of one, which is too few for more"


def test_who_objects_is_not_measured(chromium: Browser, boutique: Boutique) -> None:
    link = boutique.link("Bougie Figuier")
    with calling_itself(chromium, IN_APP["instagram"]["User-Agent"]) as instagram, phone(instagram) as visitor:
        visitor.page.context.set_extra_http_headers({"Sec-GPC": "1"})
        visitor.page.goto(link.url)
        assert visitor.page.locator("script[data-beacon]").count() == 0
        assert _is_clean(visitor.page)
        assert _told_when_hidden(visitor) == []
        visitor.page.context.set_extra_http_headers({})
        visitor.page.goto(link.url)
        assert _told_when_hidden(visitor) == [f"{boutique.base_url}/go/beacon"], "who does not object is"
