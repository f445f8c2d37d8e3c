"""The buyer's order page: what it says at each step, and that it says nothing about anybody."""

import re

from catalog import prices, products, stock
from catalog.schemas import PriceIn, StockChange
from checkout import checkouts, orders, reviews
from core import clock, shops
from social.links import links
from tests.api.pages.conftest import HTML, Elements, Window
from tests.local_stripe import LocalStripe


async def ordered(window: Window) -> str:
    """The path of the page of an order that was just placed."""
    await window.buy(await window.link(await window.product()), quantity="2")
    order, _ = await window.order()
    return f"/orders/{order.public_token}"


async def pay(window: Window, sandbox: LocalStripe, card: str = "4242424242424242") -> None:
    order, _ = await window.order()
    async with window.db.read() as session:
        checkout = await checkouts.get(session, window.shop, order.checkout_id)
    await sandbox.pay(str(checkout.stripe_session_id), card)
    await sandbox.carry()


async def expire(window: Window, sandbox: LocalStripe) -> None:
    """The time to pay runs out."""
    order, _ = await window.order()
    async with window.db.read() as session:
        checkout = await checkouts.get(session, window.shop, order.checkout_id)
    await sandbox.http.post(f"/_local/sessions/{checkout.stripe_session_id}/expire", json={})
    await sandbox.carry()


async def test_before_the_payment_is_known_the_page_looks_again_by_itself(window: Window, sandbox: LocalStripe) -> None:
    path = await ordered(window)
    looks = 0
    while refresh := Elements((page := await window.visitor.get(path, headers=HTML)).text).named(
        "meta", **{"http-equiv": "refresh"}
    ):
        path = refresh[0]["content"].partition("url=")[2]
        looks += 1
        assert looks < 20, "it never stops"
    assert looks == 6
    assert "Actualiser" in page.text


async def test_a_paid_order_says_thank_you_and_what_was_bought(window: Window, sandbox: LocalStripe) -> None:
    path = await ordered(window)
    await pay(window, sandbox)
    page = await window.visitor.get(path, headers=HTML)
    shown = Elements(page.text)
    assert page.status_code == 200
    assert "Merci\u202f!" in page.text
    assert "Robe Brume" in shown.text
    assert "2 × 64,00\xa0€" in page.text
    assert "128,00\xa0€" in page.text
    assert shown.named("meta", **{"http-equiv": "refresh"}) == []


async def test_the_success_address_given_to_stripe_is_this_page(window: Window, sandbox: LocalStripe) -> None:
    path = await ordered(window)
    order, _ = await window.order()
    async with window.db.read() as session:
        checkout = await checkouts.get(session, window.shop, order.checkout_id)
    assert checkout.parameters["success_url"] == window.app.settings.public_url + path


async def test_an_expired_order_leads_back_to_its_product(window: Window, sandbox: LocalStripe) -> None:
    path = await ordered(window)
    order, _ = await window.order()
    await checkouts.expire(window.app.services.gateway, window.db, window.shop, order.checkout_id, clock.now())
    page = await window.visitor.get(path, headers=HTML)
    assert "Rien n’a été débité" in page.text
    (back,) = (each for each in Elements(page.text).ways)
    assert re.fullmatch(r"/go/[a-z0-9]{9}", back)
    assert (await window.visitor.get(back, headers=HTML)).status_code == 200


async def test_the_page_is_kept_and_found_by_nobody(window: Window, sandbox: LocalStripe) -> None:
    page = await window.visitor.get(await ordered(window), headers=HTML)
    assert page.headers["cache-control"] == "private, no-store"
    assert page.headers["x-robots-tag"] == "noindex, nofollow"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "form-action 'none'" in page.headers["content-security-policy"]


async def test_a_product_that_is_gone_still_stands_on_the_receipt(window: Window, sandbox: LocalStripe) -> None:
    path = await ordered(window)
    _, lines = await window.order()
    async with window.db.transaction() as session:
        await products.archive(session, window.shop, lines[0].product_id)
    assert "Robe Brume" in (await window.visitor.get(path, headers=HTML)).text


async def test_a_guessed_token_shows_nothing(window: Window, sandbox: LocalStripe) -> None:
    await ordered(window)
    order, _ = await window.order()
    for guess in (order.id, order.public_token[:-1], order.public_token.swapcase(), "x" * 5000):
        page = await window.visitor.get(f"/orders/{guess}", headers=HTML)
        assert page.status_code == 404
        assert "Robe Brume" not in page.text


async def test_an_expired_order_is_taken_up_again_with_one_tap(window: Window, sandbox: LocalStripe) -> None:
    path = await ordered(window)
    await expire(window, sandbox)
    page = await window.visitor.get(path, headers=HTML)
    assert "Reprendre ma commande" in page.text
    assert "form-action 'self'" in page.headers["content-security-policy"]
    form = {"content-type": "application/x-www-form-urlencoded"} | HTML
    answer = await window.visitor.post(path, content="", headers=form)
    assert answer.status_code == 303
    again = await window.visitor.post(path, content="", headers=form)
    assert again.headers["location"] == answer.headers["location"]
    foreign = await window.visitor.post(path, content="", headers=form | {"sec-fetch-site": "cross-site"})
    assert foreign.status_code == 403


async def test_an_order_whose_things_are_gone_says_so(window: Window, sandbox: LocalStripe) -> None:
    path = await ordered(window)
    first, _ = await window.order()
    await expire(window, sandbox)
    async with window.db.transaction() as session:
        _, lines = await orders.by_public_token(session, first.public_token)
        await stock.set_available(session, window.shop, lines[0].variant_id, StockChange(available=1))
    form = {"content-type": "application/x-www-form-urlencoded"} | HTML
    answer = await window.visitor.post(path, content="", headers=form)
    assert answer.status_code == 409
    assert "plus disponible" in answer.text


async def test_one_address_cannot_set_aside_by_taking_up_again_what_it_does_not_buy(
    window: Window, sandbox: LocalStripe
) -> None:
    path = await ordered(window)
    first, _ = await window.order()
    await expire(window, sandbox)
    assert first.link_id is not None
    async with window.db.read() as session:
        link = await links.get(session, window.shop, first.link_id)
    assert (await window.buy(link, quantity="2")).status_code == 303
    form = {"content-type": "application/x-www-form-urlencoded"} | HTML
    answer = await window.visitor.post(path, content="", headers=form)
    assert (answer.status_code, "Trop de paiements commencés" in answer.text) == (429, True)
    assert [each.status for each in await window.orders()] == ["awaiting_payment", "expired"]


async def test_a_paid_order_is_not_paid_again(window: Window, sandbox: LocalStripe) -> None:
    path = await ordered(window)
    await pay(window, sandbox)
    form = {"content-type": "application/x-www-form-urlencoded"} | HTML
    answer = await window.visitor.post(path, content="", headers=form)
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    page = await window.visitor.get(path, headers=HTML)
    assert "Commande 1" in page.text
    assert Elements(page.text).named("form") == []


async def test_a_total_that_changed_is_told_before_an_order_is_taken_up_again(
    window: Window, sandbox: LocalStripe
) -> None:
    path = await ordered(window)
    order, lines = await window.order()
    await expire(window, sandbox)
    async with window.db.transaction() as session:
        await prices.replace(session, window.shop, lines[0].variant_id, [PriceIn(amount=7000, currency="EUR")])
    form = {"origin": window.app.settings.public_url, "content-type": "application/x-www-form-urlencoded"}
    bodies = ("", f"total={order.amount_total}")
    told, same = [await window.visitor.post(path, content=body, headers=HTML | form) for body in bodies]
    assert (told.status_code, "Aujourd’hui, elle coûte 140,00\u00a0€" in told.text) == (409, True)
    assert (same.status_code, len(await window.orders())) == (409, 1)
    (total,) = Elements(told.text).named("input", name="total")
    again = await window.visitor.post(path, content=f"total={total['value']}", headers=HTML | form)
    assert again.status_code == 303
    assert [each.amount_total for each in await window.orders()] == [14000, 12800]


async def test_what_the_shop_has_cancelled_stays_cancelled(window: Window, sandbox: LocalStripe) -> None:
    path = await ordered(window)
    first, _ = await window.order()
    await checkouts.expire(window.app.services.gateway, window.db, window.shop, first.checkout_id, clock.now())
    page = await window.visitor.get(path, headers=HTML)
    assert ("Commande annulée" in page.text, "Reprendre ma commande" in page.text) == (True, False)
    form = {"content-type": "application/x-www-form-urlencoded"} | HTML
    answer = await window.visitor.post(path, content="", headers=form)
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    assert len(await window.orders()) == 1


async def test_a_buyer_from_whom_stripe_took_another_amount_sees_both_and_that_somebody_looks(
    window: Window, sandbox: LocalStripe
) -> None:
    path = await ordered(window)
    order, _ = await window.order()
    async with window.db.read() as session:
        checkout = await checkouts.get(session, window.shop, order.checkout_id)
    rate = "shipping_options[0][shipping_rate_data]"
    never_offered = {
        f"{rate}[display_name]": "Express",
        f"{rate}[fixed_amount][amount]": "590",
        f"{rate}[fixed_amount][currency]": "eur",
    }
    changed = await sandbox.http.post(
        f"/v1/checkout/sessions/{checkout.stripe_session_id}",
        data=never_offered,
        headers={"authorization": f"Bearer {shops.stripe_key(window.shop, window.app.services.vault)}"},
    )
    assert changed.status_code == 200
    await pay(window, sandbox)
    page = Elements((await window.visitor.get(path, headers=HTML)).text).text
    assert "Vous avez payé 133,90 € pour une commande de 128,00 €." in page
    assert "Payé 133,90 €" in page
    async with window.db.transaction() as session:
        (open_one,) = await reviews.of_order(session, await orders.get(session, window.shop, order.id))
        await reviews.resolve(session, window.shop, order.id, open_one.id, None, clock.now())
    page = Elements((await window.visitor.get(path, headers=HTML)).text).text
    assert ("Votre commande est payée." in page, "Payé 133,90 €" in page) == (True, True)
