"""Every page that people see, in a real browser: for everybody's eyes and fingers, light enough, from one place."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.journeys.boutique import Boutique
from tests.journeys.phone import Scheme, phone

# WCAG 2.2, levels A and AA, as axe-core names its rules.
WCAG_AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
LARGEST = 60_000
_NARROWEST = 320  # WCAG 2.2, 1.4.10: nothing is to be scrolled sideways at 320 CSS pixels.
_SMALLEST = 24  # WCAG 2.2, 2.5.8.


@pytest.fixture(scope="session")
def pages(boutique: Boutique, chromium: Browser) -> dict[str, str]:
    """Where each kind of page is, by its name."""
    link = boutique.link("Bougie Figuier")
    with phone(chromium) as buyer:
        buyer.page.goto(link.url)
        buyer.buy()
        buyer.pay()
        receipt = buyer.page.url
    base = boutique.base_url
    shop = f"{base}/s/{boutique.shop().slug}"
    return {
        "landing": boutique.link("Bol Lagon").url,
        "landing with prices that differ": boutique.link("Bougie Figuier").url,
        "sold out": boutique.sold_out().url,
        "archived": boutique.archived().url,
        "one tap pays": boutique.paying_link("Vase Galet").url,
        "link that has not begun": boutique.early_link("Cabas Cognac").url,
        "link that has ended": boutique.ended_link("Cabas Cognac").url,
        "basket": f"{base}/buy/BOL-LAGON:2,GALET:1,FIGUIER-500:1",
        "basket with something missing": f"{base}/buy/BOL-LAGON:999,BOL-CREME:1,NOTHING:1?discounts/codes/0=NOPE",
        "empty basket": f"{base}/checkout",
        "order": receipt,
        "gallery": shop,
        "gallery of products": f"{shop}?show=products",
        "product": f"{shop}/bougie-figuier",
        "no such product": f"{shop}/nothing",
        "no such link": f"{base}/l/nosuchlink",
        "no such page": f"{base}/go/nosuchlink",
        "no such order": f"{base}/orders/nosuchorder",
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["fr-FR", "en-GB"])
def test_no_page_shuts_anybody_out(chromium: Browser, pages: dict[str, str], scheme: Scheme, language: str) -> None:
    found: dict[str, list[str]] = {}
    with phone(chromium, scheme=scheme, language=language) as visitor:
        for name, url in pages.items():
            visitor.page.goto(url)
            said = Axe().run(visitor.page, options={"runOnly": {"type": "tag", "values": WCAG_AA}}).response
            found[name] = [
                f"{each['id']}: {node['html']} {node['failureSummary']}"
                for each in said["violations"]
                for node in each["nodes"]
            ]
            assert said["passes"], "axe-core has looked at nothing"
    assert {name: faults for name, faults in found.items() if faults} == {}


def test_every_page_fits_the_narrowest_screen_and_the_broadest_finger(chromium: Browser, pages: dict[str, str]) -> None:
    sideways, small = [], []
    with phone(chromium, width=_NARROWEST) as visitor:
        for name, url in pages.items():
            visitor.page.goto(url)
            if visitor.page.evaluate("document.documentElement.scrollWidth") > _NARROWEST:
                sideways.append(name)
            small += [f"{name}: {each}" for each in visitor.page.evaluate(_TARGETS, _SMALLEST)]
    assert sideways == []
    assert small == []


# Links inside of a sentence are excepted by the rule itself; a radio stands for its label.
_TARGETS = """smallest => [...document.querySelectorAll("a, button, select, summary, input:not([type=hidden])")]
    .filter(each => each.tagName !== "A" || getComputedStyle(each).display !== "inline")
    .filter(each => each.checkVisibility())
    .map(each => [each, each.getBoundingClientRect()])
    .filter(([_, box]) => box.width < smallest || box.height < smallest)
    .map(([each, box]) => `${each.outerHTML.slice(0, 80)} ${box.width}x${box.height}`)"""


def test_every_page_is_light_and_asks_nobody_else(chromium: Browser, boutique: Boutique, pages: dict[str, str]) -> None:
    heavy, foreign, faults = {}, set(), {}
    for name, url in pages.items():
        with phone(chromium) as visitor:
            visitor.page.goto(url, wait_until="networkidle")
            requests = [each for each in visitor.asked if not each.url.startswith("data:")]
            foreign |= {each.url for each in requests if not each.url.startswith(boutique.base_url)}
            answers = [each.response() for each in requests if each.resource_type not in ("image", "font")]
            weight = sum(len(each.body()) for each in answers if each and each.status not in {302, 303})
            if weight > LARGEST:
                heavy[name] = weight
            if visitor.faults:
                faults[name] = visitor.faults
    assert heavy == {}
    assert foreign == set()
    assert faults == {}


def test_everything_can_be_reached_with_the_keyboard(chromium: Browser, pages: dict[str, str]) -> None:
    with phone(chromium) as visitor:
        visitor.page.goto(pages["landing"])
        reached = set(_tabbed(visitor.page))
        assert {"variant", "quantity", "BUTTON"} <= reached
        visitor.page.locator("button.button").focus()
        outline = "getComputedStyle(document.activeElement).outlineStyle"
        visitor.page.keyboard.press("Tab")
        visitor.page.keyboard.press("Shift+Tab")
        assert visitor.page.evaluate(outline) != "none"
        visitor.page.keyboard.press("Enter")
        visitor.page.wait_for_url("**/c/pay/**")


def _tabbed(page: Page) -> Iterator[str]:
    """What has the focus after each press of Tab: its name, or what it is."""
    for _ in range(30):
        page.keyboard.press("Tab")
        yield str(page.evaluate("document.activeElement.name || document.activeElement.tagName"))


def test_what_moves_does_not_move_for_who_asked_for_stillness(chromium: Browser, pages: dict[str, str]) -> None:
    with phone(chromium) as visitor:
        visitor.page.emulate_media(reduced_motion="reduce")
        visitor.page.goto(pages["landing"])
        expect(visitor.page.locator("main")).to_be_visible()
        moving = "document.getAnimations().length"
        assert visitor.page.evaluate(moving) == 0
        smooth = "getComputedStyle(document.documentElement).scrollBehavior"
        assert visitor.page.evaluate(smooth) == "auto"
