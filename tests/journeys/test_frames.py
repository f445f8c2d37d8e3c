"""What surrounds a page: the way out of an app's browser and the other language."""

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.boutique import Boutique
from tests.journeys.phone import phone


@pytest.mark.parametrize("scripts", [False, True])
def test_the_hint_goes_away_at_a_tap(chromium: Browser, boutique: Boutique, scripts: bool) -> None:
    with phone(chromium, scripts=scripts) as buyer:
        buyer.page.goto(boutique.link("Vase Galet").url)
        hint = buyer.page.get_by_role("note")
        expect(hint).to_contain_text("Instagram")
        buyer.page.get_by_label("Masquer ce conseil").tap()
        expect(hint).to_be_hidden()
        buyer.buy()
        assert buyer.faults == []


def test_another_language_keeps_the_tap(chromium: Browser, boutique: Boutique) -> None:
    with phone(chromium) as buyer:
        buyer.page.goto(boutique.link("Vase Galet").url)
        expect(buyer.page.locator("html")).to_have_attribute("lang", "fr")
        token = buyer.page.locator("input[name=sl]").input_value()
        buyer.page.reload()
        buyer.page.get_by_role("link", name="English").tap()
        expect(buyer.page.locator("html")).to_have_attribute("lang", "en")
        expect(buyer.page.get_by_role("button", name="Buy")).to_be_visible()
        assert buyer.page.locator("input[name=sl]").input_value() == token
        assert "sl=" not in buyer.page.url
