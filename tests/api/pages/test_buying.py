"""Tapping Buy: one checkout per page, the choice kept where it cannot be done, and nobody sent astray."""

import asyncio
import re
from datetime import timedelta

import pytest

from api.pages import nonce
from catalog import prices, products, stock
from catalog.offers import ProductOffers
from catalog.schemas import PriceIn, StockChange
from checkout import checkouts
from core import clock
from tests.api.pages.conftest import HTML, Elements, Window, form
from tests.local_stripe import LocalStripe


async def test_buy_leads_to_the_payment_page(window: Window, sandbox: LocalStripe) -> None:
    product = await window.product()
    link = await window.link(product)
    answer = await window.buy(link, quantity="2")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(f"{window.app.settings.stripe_api_base}/")
    assert answer.headers["cache-control"] == "private, no-store"
    order, lines = await window.order()
    assert [(line.title, line.quantity, line.unit_amount) for line in lines] == [("Robe Brume", 2, 6400)]
    assert order.amount_total == 12800
    assert await window.left(product) == 3


async def test_the_order_knows_the_tap_that_it_came_from(window: Window, sandbox: LocalStripe) -> None:
    link = await window.link(await window.product(), network="pinterest")
    click = window.click(link)
    await window.buy(link, {"sl": click, "utm_source": "pinterest", "utm_medium": "social"})
    order, _ = await window.order()
    assert (order.network, order.link_id, order.method, order.confidence) == ("pinterest", link.id, "token", "explicit")
    assert order.click_token == click


async def test_without_a_token_the_link_still_tells_the_network(window: Window, sandbox: LocalStripe) -> None:
    link = await window.link(await window.product())
    await window.buy(link, {"sl": "A" * 51})
    order, _ = await window.order()
    assert (order.network, order.link_id, order.method, order.confidence) == ("instagram", link.id, "link", "high")
    assert order.click_id is None


async def test_the_referrer_of_the_landing_page_is_remembered(window: Window, sandbox: LocalStripe) -> None:
    link = await window.link(await window.product(), network=None)
    page = await window.visitor.get(f"/go/{link.slug}", headers=HTML | {"referer": "https://l.instagram.com/?u=x"})
    await window.send(link, form(page))
    order, _ = await window.order()
    assert (order.network, order.link_id, order.method) == ("instagram", link.id, "referrer")


async def test_tapping_twice_makes_one_checkout(window: Window, sandbox: LocalStripe) -> None:
    product = await window.product()
    link = await window.link(product)
    fields = form(await window.look(link))
    answers = await asyncio.gather(*(window.send(link, fields) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert len(await window.orders()) == 1
    assert await window.left(product) == 4


async def test_two_pages_are_two_checkouts(window: Window, sandbox: LocalStripe) -> None:
    link = await window.link(await window.product())
    first, second = await window.buy(link), await window.buy(link)
    assert first.headers["location"] != second.headers["location"]
    assert len(await window.orders()) == 2


async def test_who_comes_back_from_paying_finds_what_is_held_for_them(window: Window, sandbox: LocalStripe) -> None:
    product = await window.product()
    link = await window.link(product)
    large = product.offers[2].variant_id
    answer = await window.buy(link, variant=large)
    assert await window.left(product, 2) == 0
    (order,) = await window.orders()
    async with window.db.read() as session:
        checkout = await checkouts.get(session, window.shop, order.checkout_id)
    back = str(checkout.parameters["cancel_url"]).removeprefix(window.app.settings.public_url)
    assert back.startswith(f"/go/{link.slug}?")
    page = await window.visitor.get(back, headers=HTML)
    assert form(page)["variant"] == large
    again = await window.send(link, form(page))
    assert again.headers["location"] == answer.headers["location"]
    assert len(await window.orders()) == 1


async def test_another_choice_on_the_same_page_replaces_the_first(window: Window, sandbox: LocalStripe) -> None:
    product = await window.product()
    link = await window.link(product)
    fields = form(await window.look(link))
    await window.send(link, fields | {"quantity": "3"})
    await window.send(link, fields | {"quantity": "1"})
    assert await window.left(product) == 4


async def test_after_paying_the_same_page_leads_to_the_order(window: Window, sandbox: LocalStripe) -> None:
    link = await window.link(await window.product())
    fields = form(await window.look(link))
    location = (await window.send(link, fields)).headers["location"]
    session_id = re.search(r"cs_test_[A-Za-z0-9]+", location)
    assert session_id is not None
    assert (await sandbox.pay(session_id.group())).status_code == 200
    await sandbox.carry()
    order, _ = await window.order()
    assert order.status == "paid"
    again = await window.send(link, fields)
    assert (again.status_code, again.headers["location"]) == (303, f"/orders/{order.public_token}")


async def test_what_was_sold_in_the_meantime_is_said_and_the_rest_offered(window: Window, sandbox: LocalStripe) -> None:
    product = await window.product()
    link = await window.link(product)
    fields = form(await window.look(link)) | {"variant": product.offers[0].variant_id}
    async with window.db.transaction() as session:
        await stock.set_available(session, window.shop, product.offers[0].variant_id, StockChange(available=0))
    answer = await window.send(link, fields)
    assert answer.status_code == 409
    assert "vient d’être vendu" in answer.text
    assert form(answer)["variant"] == product.offers[2].variant_id
    assert await window.orders() == []


async def test_more_than_is_left_keeps_the_choice_and_says_how_many(window: Window, sandbox: LocalStripe) -> None:
    product = await window.product()
    link = await window.link(product)
    answer = await window.buy(link, quantity="9")
    assert answer.status_code == 409
    assert "Il n’en reste que 5." in answer.text
    shown = Elements(answer.text)
    assert form(answer)["variant"] == product.offers[0].variant_id
    assert [each for each in shown.named("option") if "selected" in each] != []
    assert await window.left(product) == 5


async def test_a_product_taken_off_sale_meanwhile_is_not_sold(window: Window, sandbox: LocalStripe) -> None:
    product = await window.product()
    link = await window.link(product)
    fields = form(await window.look(link))
    async with window.db.transaction() as session:
        await products.archive(session, window.shop, product.product_id)
    answer = await window.send(link, fields)
    assert answer.status_code == 409
    assert "n’est plus en vente" in answer.text
    assert await window.orders() == []


async def test_another_products_variant_cannot_be_slipped_in(window: Window, sandbox: LocalStripe) -> None:
    other = await window.product(title="Vase")
    answer = await window.buy(await window.link(await window.product()), variant=other.offers[0].variant_id)
    assert answer.status_code == 409
    assert await window.orders() == []


async def test_stripe_away_keeps_the_choice_and_says_when_to_try_again(window: Window) -> None:
    product = await window.product()
    link = await window.link(product)
    fields = form(await window.look(link)) | {"variant": product.offers[2].variant_id}
    answer = await window.send(link, fields)
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert "Rien n’a été débité" in answer.text
    # The one piece is held for this very page, so it is still this buyer's to choose.
    assert form(answer) | {"quantity": "1"} == fields


async def test_one_address_cannot_set_aside_what_it_does_not_buy(window: Window, sandbox: LocalStripe) -> None:
    product = await window.product()
    link = await window.link(product)
    assert (await window.buy(link, quantity="2")).status_code == 303
    answer = await window.buy(link, quantity="2")
    assert (answer.status_code, "Trop de paiements commencés" in answer.text) == (429, True)
    assert (len(await window.orders()), await window.left(product)) == (1, 3)


@pytest.mark.parametrize("page", ["", "x", "A" * 48, "é" * 48])
@pytest.mark.parametrize("engine", ["sqlite"])
async def test_a_page_that_we_never_showed_buys_nothing(window: Window, sandbox: LocalStripe, page: str) -> None:
    link = await window.link(await window.product())
    answer = await window.buy(link, page=page)
    assert answer.status_code == 422
    assert "Vérifiez votre choix" in answer.text
    assert await window.orders() == []
    assert (await window.send(link, form(answer))).status_code == 303


async def test_a_page_of_another_link_buys_nothing_here(window: Window, sandbox: LocalStripe) -> None:
    product = await window.product()
    page = form(await window.look(await window.link(product)))["page"]
    assert (await window.buy(await window.link(product), page=page)).status_code == 422


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://["},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "origin": "http://127.0.0.1:8000"},
    ],
)
@pytest.mark.parametrize("engine", ["sqlite"])
async def test_other_sites_cannot_press_our_button(
    window: Window, sandbox: LocalStripe, headers: dict[str, str]
) -> None:
    link = await window.link(await window.product())
    answer = await window.send(link, form(await window.look(link)), None, **headers)
    assert answer.status_code == 403
    assert "autre site" in answer.text
    assert await window.orders() == []


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{}", "application/json", 415),
        (b"page=x", "text/plain", 415),
        (b"page=" + b"x" * 9000, "application/x-www-form-urlencoded", 413),
        (b"page=%ff", "application/x-www-form-urlencoded", 400),
        (b"page=a%00b", "application/x-www-form-urlencoded", 400),
        (b"page=\xc3\xa9", "application/x-www-form-urlencoded", 400),
        (b"page=1&page=2", "application/x-www-form-urlencoded", 400),
        (b"&".join(b"f%d=1" % n for n in range(50)), "application/x-www-form-urlencoded", 400),
        (b"quantity=-1", "application/x-www-form-urlencoded", 400),
        (b"quantity=1000", "application/x-www-form-urlencoded", 400),
        (b"quantity=1e3", "application/x-www-form-urlencoded", 400),
    ],
)
@pytest.mark.parametrize("engine", ["sqlite"])
async def test_what_is_no_form_of_ours_is_refused(window: Window, content: bytes, kind: str, status: int) -> None:
    link = await window.link(await window.product())
    answer = await window.visitor.post(f"/go/{link.slug}", content=content, headers=HTML | {"content-type": kind})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")


async def test_a_nonce_lasts_a_day(window: Window) -> None:
    vault, now = window.app.services.vault, clock.now()
    text = nonce.issue(vault, "bcdfghjkm", now)
    assert len(text) == nonce.LENGTH
    assert nonce.read(vault, "bcdfghjkm", text, now + timedelta(hours=23)) == text
    assert nonce.read(vault, "bcdfghjkm", text, now + timedelta(hours=25)) is None
    assert nonce.read(vault, "bcdfghjkm", text, now - timedelta(hours=1)) is None
    assert nonce.read(vault, "bcdfghjkn", text, now) is None
    assert nonce.read(vault, "bcdfghjkm", text[:-1] + ("A" if text[-1] != "A" else "B"), now) is None


async def reprice(window: Window, product: ProductOffers, place: int, amount: int) -> None:
    async with window.db.transaction() as session:
        price = PriceIn(amount=amount, currency="EUR")
        await prices.replace(session, window.shop, product.offers[place].variant_id, [price])


@pytest.mark.parametrize("quantity", ["1", "3"])
async def test_a_price_that_changed_is_told_before_anything_is_held(
    window: Window, sandbox: LocalStripe, quantity: str
) -> None:
    product = await window.product()
    link = await window.link(product)
    fields = form(await window.look(link)) | {"quantity": quantity}
    await reprice(window, product, 0, 8900)
    answer = await window.send(link, fields)
    said = {"1": "89,00\u00a0€", "3": "267,00\u00a0€"}[quantity]
    assert answer.status_code == 409
    assert f"Le prix a changé\u00a0: {said} pour votre choix, hors livraison." in answer.text
    assert (await window.orders(), await window.left(product)) == ([], 5)
    agreed = form(answer) | {"quantity": quantity}
    assert (await window.send(link, agreed)).status_code == 303
    order, _ = await window.order()
    assert order.amount_total == 8900 * int(quantity)


async def test_a_page_of_another_price_ends_what_was_opened_before(window: Window, sandbox: LocalStripe) -> None:
    product = await window.product()
    link = await window.link(product)
    fields = form(await window.look(link))
    first = await window.send(link, fields)
    await reprice(window, product, 0, 1000)
    assert (await window.send(link, fields)).headers["location"] == first.headers["location"], "as it was shown"
    async with window.db.read() as session:
        checkout = await checkouts.get(session, window.shop, (await window.orders())[0].checkout_id)
    back = str(checkout.parameters["cancel_url"]).removeprefix(window.app.settings.public_url)
    assert (await window.send(link, form(await window.visitor.get(back, headers=HTML)))).status_code == 303
    assert [(order.amount_total, order.status) for order in await window.orders()] == [
        (1000, "awaiting_payment"),
        (6400, "cancelled"),
    ]


async def test_another_sizes_price_changes_nothing_for_this_one(window: Window, sandbox: LocalStripe) -> None:
    product = await window.product()
    link = await window.link(product)
    fields = form(await window.look(link))
    await reprice(window, product, 2, 9900)
    assert (await window.send(link, fields)).status_code == 303
    dearer = fields | {"variant": product.offers[2].variant_id}
    assert (await window.send(link, dearer)).status_code == 409


async def test_what_a_form_says_of_prices_decides_none(window: Window, sandbox: LocalStripe) -> None:
    product = await window.product()
    link = await window.link(product)
    fields = form(await window.look(link))
    variant = product.offers[0].variant_id
    for price, agreed in (("1", ""), (f"{variant}.1", ""), ("6400", f"{variant}.1.1"), ("", f"{variant}.1.0")):
        assert (await window.send(link, fields | {"price": price, "agreed": agreed})).status_code == 409
    for price, agreed in (("-", "x"), ("\u0661", "1.1"), ("9" * 12, f"{variant}.2.1"), ("", "")):
        assert (await window.send(link, fields | {"price": price, "agreed": agreed})).status_code == 303
    assert {order.amount_total for order in await window.orders()} == {6400}
