"""The merchant's identity and terms stand on every page of their shop, and beside the button that buys."""

import json
import re

import httpx2
import pytest

from api.operations import doctor
from checkout import orders
from checkout.models import Checkout
from core import clock, shops
from social.links import carts
from social.links.carts import Cart
from tests.api.pages.conftest import HTML, Elements, Window
from tests.core.test_legal import WHOLE, change
from tests.local_stripe import LocalStripe


async def say(window: Window, **facts: object) -> None:
    """Let the shop say this of itself."""
    async with window.db.transaction() as session:
        await shops.change(session, window.shop, change(**facts), None)


async def test_the_settings_are_part_of_the_shop(client: httpx2.AsyncClient) -> None:
    answer = await client.patch("/v1/shop", json={"legal": WHOLE}, headers={"if-match": "*"})
    assert answer.status_code == 200, answer.text
    assert answer.json()["legal"] == WHOLE
    assert (await client.patch("/v1/shop", json={"legal": {"terms_url": "http://a.example"}})).status_code == 422
    assert (await client.get("/v1/shop")).json()["legal"] == WHOLE


async def test_every_page_of_the_shop_says_who_sells(window: Window, sandbox: LocalStripe) -> None:
    await say(window, **WHOLE)
    product = await window.product()
    link = await window.link(product)
    lines = ((product.offers[0].variant_id, 1), (product.offers[2].variant_id, 1))
    basket = carts.write(window.app.services.vault, Cart(window.shop.id, lines))
    empty = carts.write(window.app.services.vault, Cart(window.shop.id))
    await window.buy(link)
    order, _ = await window.order()
    for path in (f"/go/{link.slug}", f"/go/{basket}", f"/go/{empty}", orders.path(order)):
        page = await window.visitor.get(path, headers=HTML)
        shown = Elements(page.text)
        assert "Atelier Lune SARL · 12 rue des Tanneurs, 69001 Lyon, France" in shown.text, path
        assert {WHOLE["terms_url"], WHOLE["privacy_url"], WHOLE["returns_url"]} <= set(shown.ways), path
        assert WHOLE["withdrawal_url"] in shown.ways, path
        assert {"mailto:bonjour@atelier-lune.example", "tel:+33472000000"} <= set(shown.ways), path
        for said in ("registration", "vat_number", "publisher", "host", "mediator"):
            assert str(WHOLE[said]) in shown.text, path
        assert len(shown.named("footer")) == 1
        assert len(shown.named("details")) == 1


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize(
    ("written", "dialled"),
    [
        ("+33 (0)4 72 00 00 00", "+33472000000"),
        ("+44(0)20-7946-0000", "+442079460000"),
        ("+39 (0)6 1234567", "+39061234567"),
        ("(0)4 72 00 00 00", "0472000000"),
        ("04 72 00 00 00", "0472000000"),
        ("+1 (004) 555 0100", "+10045550100"),
    ],
)
async def test_the_phone_is_dialled_as_it_is_from_abroad(window: Window, written: str, dialled: str) -> None:
    await say(window, phone=written)
    shown = Elements((await window.look(await window.link(await window.product()))).text)
    assert f"tel:{dialled}" in shown.ways
    assert written in shown.text


async def test_terms_stand_before_the_button(window: Window) -> None:
    await say(window, **WHOLE)
    page = await window.look(await window.link(await window.product()))
    offer = page.text[: page.text.index('type="submit"')]
    assert "Taxes comprises" in offer
    assert f'<a href="{WHOLE["returns_url"]}">Retours sous 14 jours</a>' in offer
    await say(window, return_cost="shop", returns_url=None)
    page = await window.look(await window.link(await window.product()), lang="en")
    assert "<span>Free returns within 14 days</span>" in page.text


async def test_a_shop_that_says_nothing_shows_nothing_of_it(window: Window) -> None:
    page = await window.look(await window.link(await window.product()))
    shown = Elements(page.text)
    assert (shown.named("details"), shown.ways) == ([], [])
    assert "Retours" not in shown.text


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_no_text_of_the_imprint_becomes_an_element(window: Window) -> None:
    link = await window.link(await window.product())
    texts = ("name", "registration", "publisher", "host", "mediator")
    await say(window, **dict.fromkeys(texts, "plain"))
    plain = await window.look(link)
    hostile = '"><script>alert(1)</script>'
    await say(window, **dict.fromkeys(texts, hostile))
    page = await window.look(link)
    assert Elements(page.text).skeleton == Elements(plain.text).skeleton
    assert hostile in "".join(Elements(page.text).texts)


async def test_a_paid_order_can_be_withdrawn_from(window: Window, sandbox: LocalStripe) -> None:
    await say(window, withdrawal_url=WHOLE["withdrawal_url"])
    await window.buy(await window.link(await window.product()))
    order, _ = await window.order()
    before = await window.visitor.get(orders.path(order), headers=HTML)
    async with window.db.transaction() as session:
        kept = await orders.lock(session, window.shop.id, order.id)
        assert kept is not None
        kept.status, kept.paid_at = "paid", clock.now()
        session.add(kept)
    after = await window.visitor.get(orders.path(order), headers=HTML)
    assert before.text.count("Renoncer au contrat ici") == 1
    assert after.text.count("Renoncer au contrat ici") == 2
    assert '<p class="withdraw">' in after.text


async def test_the_payment_page_says_the_terms_beside_its_button(window: Window, sandbox: LocalStripe) -> None:
    await say(window, **WHOLE)
    answer = await window.buy(await window.link(await window.product()), {"lang": "en"})
    assert answer.status_code == 303
    order, _ = await window.order()
    async with window.db.read() as session:
        checkout = await session.get_one(Checkout, order.checkout_id)
    message = "Right of withdrawal: 14 days. Terms of sale: https://atelier-lune.example/cgv"
    assert checkout.parameters["custom_text"] == {"submit": {"message": message}}


async def test_the_card_tells_search_engines_of_shipping_and_returns(
    window: Window, client: httpx2.AsyncClient
) -> None:
    await say(window, **WHOLE)
    rate = {"name": "Colissimo", "countries": ["FR", "BE"], "brackets": [{"amount": 690}]}
    made = await client.post("/v1/shipping-rates", json=rate | {"delivery_days": {"min": 2, "max": 4}})
    assert made.status_code == 201
    link = await window.link(await window.product())
    card = await window.visitor.get(f"/l/{link.slug}", headers={"user-agent": "facebookexternalhit/1.1"})
    (text,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', card.text, re.DOTALL)
    offer = json.loads(text)["offers"]
    assert offer["hasMerchantReturnPolicy"] == {
        "@type": "MerchantReturnPolicy",
        "applicableCountry": "FR",
        "returnPolicyCategory": "https://schema.org/MerchantReturnFiniteReturnWindow",
        "merchantReturnDays": 14,
        "returnMethod": "https://schema.org/ReturnByMail",
        "returnFees": "https://schema.org/ReturnFeesCustomerResponsibility",
        "merchantReturnLink": WHOLE["returns_url"],
    }
    (shipping,) = offer["shippingDetails"]
    assert shipping["shippingRate"] == {"@type": "MonetaryAmount", "value": "6.90", "currency": "EUR"}
    assert {each["addressCountry"] for each in shipping["shippingDestination"]} == {"FR", "BE"}
    assert shipping["deliveryTime"]["transitTime"]["maxValue"] == 4


async def test_the_doctor_names_what_a_shop_that_sells_does_not_say(window: Window) -> None:
    settings, subject = window.app.settings, f"legal notice of {window.shop.slug}"
    before = {each.subject: each for each in await doctor.examine(settings)}
    await say(window, **WHOLE)
    after = {each.subject: each for each in await doctor.examine(settings)}
    assert (before[subject].state, after[subject].state) == ("warning", "ok")
    assert "mediator" in before[subject].words
