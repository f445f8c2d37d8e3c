"""Shipping and tax on the landing page: said before the tap, asked only where it makes a difference."""

import httpx2
import pytest

from catalog.schemas import PriceIn, VariantCreate
from core import shops
from core.shops import ShopChange
from tests.api.pages.conftest import Elements, Window, form
from tests.local_stripe import LocalStripe


def rate(name: str, countries: list[str], amount: int, **more: object) -> dict[str, object]:
    """A flat rate."""
    days = {"min": 2, "max": 4}
    return {"name": name, "countries": countries, "brackets": [{"amount": amount}], "delivery_days": days} | more


async def add(client: httpx2.AsyncClient, *bodies: dict[str, object]) -> None:
    """Let the shop ship like this."""
    for body in bodies:
        made = await client.post("/v1/shipping-rates", json=body)
        assert made.status_code == 201, made.text


async def said(window: Window) -> Elements:
    """The landing page of the window's dress."""
    return Elements((await window.look(await window.link(await window.product()))).text)


async def test_a_shop_without_rates_says_that_taxes_are_included_and_nothing_of_shipping(window: Window) -> None:
    page = await said(window)
    assert "Taxes comprises" in page.text
    assert "Livraison" not in page.text
    assert page.named("input", name="ship_to") == page.named("select", name="ship_to") == []


async def test_one_price_everywhere_is_said_and_not_asked(window: Window, client: httpx2.AsyncClient) -> None:
    await add(client, rate("Colissimo", ["FR", "BE"], 690, free_above=10000))
    page = await said(window)
    line = "Livraison\xa0: Belgique, France · 6,90\xa0€ · 2 à 4 jours ouvrés · offerte dès 100,00\xa0€"
    assert line.replace("\xa0", " ") in page.text.replace("\xa0", " ")
    assert [each["value"] for each in page.named("input", name="ship_to")] == ["FR"]
    assert page.named("select", name="ship_to") == []


async def test_where_another_choice_costs_more_the_price_is_said_as_the_least(
    window: Window, client: httpx2.AsyncClient
) -> None:
    await add(client, rate("Colissimo", ["FR"], 690), rate("Chronopost", ["FR"], 1500))
    assert "France · dès 6,90 €" in (await said(window)).text.replace("\xa0", " ")


async def test_prices_that_differ_are_a_choice_that_reaches_the_payment_page_and_comes_back(
    window: Window, client: httpx2.AsyncClient, sandbox: LocalStripe
) -> None:
    await add(client, rate("Colissimo", ["FR"], 690), rate("DPD", ["BE", "NL"], 950))
    link = await window.link(await window.product())
    first = await window.look(link)
    page = Elements(first.text)
    assert [
        (each["value"], "selected" in each) for each in page.named("option") if len(each.get("value", "")) == 2
    ] == [
        ("BE", False),
        ("FR", True),
        ("NL", False),
    ]
    answer = await window.send(link, form(first) | {"ship_to": "NL"})
    assert answer.status_code == 303
    order, _ = await window.order()
    assert (order.amount_shipping, order.amount_total) == (950, 6400 + 950)
    session_id = next(each for each in answer.headers["location"].split("/") if each.startswith("cs_"))
    session = (await sandbox.http.get(f"/_local/sessions/{session_id}")).json()
    assert session["shipping_address_collection"]["allowed_countries"] == ["NL", "BE"]
    back = Elements((await window.visitor.get(session["cancel_url"])).text)
    assert [
        each["value"] for each in back.named("option") if "selected" in each and len(each.get("value", "")) == 2
    ] == ["NL"]


async def test_a_country_that_is_not_shipped_to_buys_nothing_and_says_so(
    window: Window, client: httpx2.AsyncClient, sandbox: LocalStripe
) -> None:
    await add(client, rate("Colissimo", ["FR"], 690))
    link = await window.link(await window.product())
    answer = await window.send(link, form(await window.look(link)) | {"ship_to": "JP"})
    assert answer.status_code == 409
    assert "ne livre pas cet article dans ce pays" in Elements(answer.text).text


async def test_what_is_not_shipped_says_nothing_of_shipping(window: Window, client: httpx2.AsyncClient) -> None:
    await add(client, rate("Colissimo", ["FR"], 690))
    voucher = VariantCreate(available=5, requires_shipping=False, prices=[PriceIn(amount=5000, currency="EUR")])
    product = await window.product(options=[], variants=[voucher])
    page = Elements((await window.look(await window.link(product))).text)
    assert "Livraison" not in page.text


async def test_prices_without_tax_say_that_it_is_added(window: Window) -> None:
    async with window.db.transaction() as session:
        await shops.change(session, window.shop, ShopChange(prices_include_tax=False, stripe_tax=True), None)
    assert "Hors taxes, calculées au paiement" in (await said(window)).text


async def shipping_costs(client: httpx2.AsyncClient, amount: int) -> None:
    """Let the one rate of the shop cost this from now on."""
    (known,) = (await client.get("/v1/shipping-rates")).json()["items"]
    path = f"/v1/shipping-rates/{known['id']}"
    version = {"if-match": (await client.get(path)).headers["etag"]}
    changed = await client.patch(path, json={"brackets": [{"amount": amount}]}, headers=version)
    assert changed.status_code == 200, changed.text


@pytest.mark.parametrize("quantity", ["1", "2"])
async def test_shipping_that_changed_since_the_page_was_opened_is_told_before_anything_is_held(
    window: Window, client: httpx2.AsyncClient, sandbox: LocalStripe, quantity: str
) -> None:
    await add(client, rate("Colissimo", ["FR", "BE"], 690))
    link = await window.link(await window.product())
    fields = form(await window.look(link)) | {"quantity": quantity}
    await shipping_costs(client, 890)
    told = await window.send(link, fields)
    assert (told.status_code, await window.orders()) == (409, [])
    assert "La livraison a changé : 8,90 € pour votre choix." in Elements(told.text).text.replace("\xa0", " ")
    assert (await window.send(link, form(told) | {"quantity": quantity})).status_code == 303
    order, _ = await window.order()
    assert (order.amount_shipping, order.amount_total) == (890, 6400 * int(quantity) + 890)


async def test_where_more_pieces_ship_for_less_only_the_choice_that_was_shown_is_promised(
    window: Window, client: httpx2.AsyncClient, sandbox: LocalStripe
) -> None:
    await add(client, rate("Colissimo", ["FR"], 690, free_above=10000))
    link = await window.link(await window.product())
    fields = form(await window.look(link))
    await shipping_costs(client, 890)
    assert (await window.send(link, fields)).status_code == 409
    assert (await window.send(link, fields | {"quantity": "2"})).status_code == 303
    assert (await window.order())[0].amount_shipping == 0


async def test_a_discount_that_leaves_too_little_for_free_shipping_shows_it_at_its_price(
    window: Window, client: httpx2.AsyncClient, sandbox: LocalStripe
) -> None:
    await add(client, rate("Colissimo", ["FR"], 690, free_above=6000))
    terms = {"kind": "percentage", "rate": 1000}
    made = await client.post("/v1/discounts", json={"title": "Lune", "code": "LUNE10", "terms": terms})
    assert made.status_code == 201, made.text
    variant = VariantCreate(available=1, prices=[PriceIn(amount=6400, currency="EUR")])
    link = await window.link(await window.product(options=[], variants=[variant]), code="LUNE10")
    page = await window.look(link)
    assert "Livraison : France · 6,90 €" in Elements(page.text).text.replace("\xa0", " ")
    assert (await window.send(link, form(page))).status_code == 303
    assert (await window.order())[0].amount_total == 5760 + 690


async def test_free_shipping_by_a_code_is_said_and_who_had_it_already_hears_the_price_and_can_buy(
    window: Window, client: httpx2.AsyncClient, sandbox: LocalStripe
) -> None:
    await add(client, rate("Colissimo", ["FR"], 690))
    body = {"title": "Envoi", "code": "ENVOI", "terms": {"kind": "free_shipping"}, "limit_per_customer": 1}
    made = await client.post("/v1/discounts", json=body)
    assert made.status_code == 201, made.text
    link = await window.link(await window.product(), code="ENVOI")
    page = await window.look(link)
    assert "Livraison : France · offerte" in Elements(page.text).text.replace("\xa0", " ")
    assert (await window.send(link, form(page))).status_code == 303
    told = await window.buy(link)
    assert (told.status_code, "La livraison a changé" in told.text) == (409, True)
    assert (await window.send(link, form(told))).status_code == 303
    assert [order.amount_shipping for order in await window.orders()] == [690, 0]
