"""Several things bought at once: as they were shown, once, and credited to where the buyer came from."""

import asyncio

import httpx2
import msgspec
import pytest

from catalog import prices, stock
from catalog.schemas import PriceIn, StockChange, VariantCreate
from checkout import checkouts, orders
from checkout.discounts import discounts
from checkout.discounts.schemas import DiscountCreate
from core import clock
from tests.api.pages.conftest import HTML, Elements, Window, form
from tests.api.pages.permalinking import fields, follow, send, variant, vase
from tests.api.pages.test_postage import add, rate, shipping_costs
from tests.local_stripe import LocalStripe

ONCE = pytest.mark.parametrize("engine", ["sqlite"])


async def test_two_products_are_shown_and_bought_together(window: Window, sandbox: LocalStripe) -> None:
    dress, vases = await window.product(), await vase(window)
    path, page = await follow(window, f"/buy/{variant(dress)}:2,{variant(vases)}:1?utm_source=tiktok")
    for said in ("Robe Brume", "Vase", "64,00\u00a0€ l’unité", "148,00\u00a0€"):
        assert said in page.text
    assert "À découvrir aussi" not in page.text
    answer = await send(window, path, fields(page))
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(f"{window.app.settings.stripe_api_base}/")
    order, lines = await window.order()
    assert [(line.title, line.quantity) for line in lines] == [("Robe Brume", 2), ("Vase", 1)]
    assert (order.amount_total, order.network, order.method, order.utm) == (
        14800,
        "tiktok",
        "utm",
        {"utm_source": "tiktok"},
    )
    assert (await window.left(dress), await window.left(vases)) == (3, 4)


async def test_one_product_is_its_landing_page_with_the_choice_made(window: Window, sandbox: LocalStripe) -> None:
    product = await window.product()
    path, page = await follow(window, f"/buy/{variant(product)}:3")
    assert Elements(page.text).named("article") == [{"class": "product"}]
    assert "<option selected>3</option>" in page.text
    answer = await send(window, path, form(page) | {"quantity": "3"})
    assert answer.status_code == 303
    order, lines = await window.order()
    assert [(line.variant_id, line.quantity) for line in lines] == [(variant(product), 3)]
    assert (order.network, order.method, order.link_id) == ("unknown", "none", None)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("cart_origin=instagram&fbclid=PAx", ("instagram", "cart_origin", "high")),
        ("ttclid=abc", ("tiktok", "click_id", "high")),
        ("utm_source=pinterest&utm_medium=social", ("pinterest", "utm", "high")),
        ("fbclid=PAx", ("meta", "click_id", "low")),
        ("sl=" + "A" * 51, ("unknown", "none", "none")),
    ],
)
@ONCE
async def test_an_order_knows_the_signs_of_its_permalink(
    window: Window, sandbox: LocalStripe, query: str, expected: tuple[str, str, str]
) -> None:
    first, second = await vase(window), await vase(window, "Bol")
    path, page = await follow(window, f"/checkout?products={variant(first)}:1,{variant(second)}:1&{query}")
    assert (await send(window, path, fields(page))).status_code == 303
    order, _ = await window.order()
    assert (order.network, order.method, order.confidence) == expected


async def test_a_click_token_on_a_permalink_credits_its_link(window: Window, sandbox: LocalStripe) -> None:
    first, second = await vase(window), await vase(window, "Bol")
    link = await window.link(first, network="pinterest")
    click = window.click(link)
    path, page = await follow(window, f"/buy/{variant(first)}:1,{variant(second)}:1?sl={click}")
    await send(window, path, fields(page))
    order, _ = await window.order()
    assert (order.network, order.link_id, order.method, order.click_token) == ("pinterest", link.id, "token", click)


async def test_the_network_that_was_seen_at_the_redirect_counts(window: Window, sandbox: LocalStripe) -> None:
    first, second = await vase(window), await vase(window, "Bol")
    answer = await window.visitor.get(
        f"/buy/{variant(first)}:1,{variant(second)}:1", headers=HTML | {"referer": "https://l.facebook.com/"}
    )
    path = answer.headers["location"].removeprefix(window.app.settings.public_url)
    await send(window, path, fields(await window.visitor.get(path, headers=HTML)))
    order, _ = await window.order()
    assert (order.network, order.method, order.confidence) == ("facebook", "referrer", "medium")


async def test_other_quantities_are_another_basket_with_its_total_first(window: Window, sandbox: LocalStripe) -> None:
    first, second = await vase(window), await vase(window, "Bol")
    path, page = await follow(window, f"/buy/{variant(first)}:1,{variant(second)}:1?utm_source=ig")
    told = await send(window, path, fields(page) | {"q1": "3"})
    updated = await send(window, path, fields(page) | {"q1": "3", "update": "1"})
    for answer, notice in ((told, True), (updated, False)):
        assert (answer.status_code, answer.headers["location"].startswith("/go/")) == (303, True)
        assert "utm_source=ig" in answer.headers["location"]
        changed = await window.visitor.get(answer.headers["location"], headers=HTML)
        assert "80,00\u00a0€" in changed.text
        assert ("Votre panier a changé." in changed.text) is notice
    assert await window.orders() == []
    page = await window.visitor.get(updated.headers["location"], headers=HTML)
    assert (await send(window, updated.headers["location"], fields(page))).status_code == 303
    assert (await window.order())[0].amount_total == 8000


async def test_what_is_removed_is_not_bought_and_nothing_is_an_empty_basket(
    window: Window, sandbox: LocalStripe
) -> None:
    first, second, third = await vase(window), await vase(window, "Bol"), await vase(window, "Carafe")
    path, page = await follow(window, f"/buy/{variant(first)}:1,{variant(second)}:1,{variant(third)}:1")
    answer = await send(window, path, fields(page) | {"q2": "0", "update": "1"})
    changed = await window.visitor.get(answer.headers["location"], headers=HTML)
    assert sorted(each for each in fields(changed) if each.startswith("q")) == ["q1", "q2"]
    answer = await send(window, answer.headers["location"], fields(changed) | {"q1": "0", "q2": "0"})
    empty = await window.visitor.get(answer.headers["location"], headers=HTML)
    assert Elements(empty.text).named("form") == []


async def test_tapping_twice_makes_one_checkout(window: Window, sandbox: LocalStripe) -> None:
    first, second = await vase(window), await vase(window, "Bol")
    path, page = await follow(window, f"/buy/{variant(first)}:2,{variant(second)}:1")
    answers = await asyncio.gather(*(send(window, path, fields(page)) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert await window.left(first) == 3


async def test_who_comes_back_from_paying_finds_what_is_held_for_them(window: Window, sandbox: LocalStripe) -> None:
    first, second = await vase(window, available=2), await vase(window, "Bol", available=1)
    path, page = await follow(window, f"/buy/{variant(first)}:2,{variant(second)}:1?utm_source=ig")
    answer = await send(window, path, fields(page))
    (order,) = await window.orders()
    async with window.db.read() as session:
        checkout = await checkouts.get(session, window.shop, order.checkout_id)
    back = str(checkout.parameters["cancel_url"]).removeprefix(window.app.settings.public_url)
    page = await window.visitor.get(back, headers=HTML)
    assert {name: value for name, value in fields(page).items() if name.startswith("q")} == {"q1": "2", "q2": "1"}
    again = await send(window, back, fields(page))
    assert again.headers["location"] == answer.headers["location"]
    assert len(await window.orders()) == 1


async def test_an_expired_order_of_a_permalink_leads_back_to_the_same_basket(
    window: Window, sandbox: LocalStripe
) -> None:
    first, second = await vase(window), await vase(window, "Bol")
    path, page = await follow(window, f"/buy/{variant(first)}:2,{variant(second)}:1")
    await send(window, path, fields(page))
    order, _ = await window.order()
    await checkouts.expire(window.app.services.gateway, window.db, window.shop, order.checkout_id, clock.now())
    page = await window.visitor.get(orders.path(order), headers=HTML)
    (back,) = (each for each in Elements(page.text).ways)
    again = await window.visitor.get(back, headers=HTML)
    assert {name: value for name, value in fields(again).items() if name.startswith("q")} == {"q1": "2", "q2": "1"}


async def test_what_was_sold_in_the_meantime_is_said(window: Window, sandbox: LocalStripe) -> None:
    first, second = await vase(window), await vase(window, "Bol")
    path, page = await follow(window, f"/buy/{variant(first)}:3,{variant(second)}:1")
    async with window.db.transaction() as session:
        await stock.set_available(session, window.shop, variant(first), StockChange(available=1))
    answer = await send(window, path, fields(page))
    assert (answer.status_code, "vient d’être vendu" in answer.text) == (409, True)
    assert await window.orders() == []
    assert (await send(window, path, fields(answer))).status_code == 303
    assert (await window.order())[0].amount_total == 4000


async def test_shipping_that_changed_is_told_before_anything_is_held(
    window: Window, client: httpx2.AsyncClient, sandbox: LocalStripe
) -> None:
    await add(client, rate("Colissimo", ["FR"], 690))
    first, second = await vase(window), await vase(window, "Bol")
    path, page = await follow(window, f"/buy/{variant(first)}:1,{variant(second)}:1")
    await shipping_costs(client, 890)
    told = await send(window, path, fields(page))
    assert (told.status_code, "La livraison a changé" in told.text, await window.left(first)) == (409, True, 5)
    assert (await send(window, path, fields(told))).status_code == 303
    order, _ = await window.order()
    assert (order.amount_shipping, order.amount_total) == (890, 4890)


async def test_a_price_that_changed_is_told_before_anything_is_held(window: Window, sandbox: LocalStripe) -> None:
    first, second = await vase(window), await vase(window, "Bol")
    path, page = await follow(window, f"/buy/{variant(first)}:1,{variant(second)}:1")
    async with window.db.transaction() as session:
        await prices.replace(session, window.shop, variant(first), [PriceIn(amount=2500, currency="EUR")])
    answer = await send(window, path, fields(page))
    assert (answer.status_code, "Le prix a changé" in answer.text, await window.left(first)) == (409, True, 5)
    assert (await send(window, path, fields(answer))).status_code == 303
    assert (await window.order())[0].amount_total == 4500


async def test_who_has_had_a_code_already_can_buy_without_it(window: Window, sandbox: LocalStripe) -> None:
    given = {"title": "L", "code": "LUNE10", "limit_per_customer": 1, "terms": {"kind": "percentage", "rate": 1000}}
    async with window.db.transaction() as session:
        await discounts.create(session, window.shop, msgspec.convert(given, DiscountCreate))
    first, second = await vase(window), await vase(window, "Bol")
    link = f"/checkout?products={variant(first)}:1,{variant(second)}:1&coupon=LUNE10"
    path, page = await follow(window, link)
    assert (await send(window, path, fields(page))).status_code == 303
    path, page = await follow(window, link)
    told = await send(window, path, fields(page))
    assert (told.status_code, "40,00\u00a0€ pour votre choix" in told.text) == (409, True)
    assert (await send(window, path, fields(told))).status_code == 303
    assert [order.amount_total for order in await window.orders()] == [4000, 3600]


async def test_stripe_away_keeps_the_basket_and_says_when_to_try_again(window: Window) -> None:
    first, second = await vase(window), await vase(window, "Bol")
    path, page = await follow(window, f"/buy/{variant(first)}:2,{variant(second)}:1")
    answer = await send(window, path, fields(page))
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert fields(answer)["page"] == fields(page)["page"]
    assert fields(answer)["q1"] == "2"


@ONCE
@pytest.mark.parametrize("page", ["", "x", "A" * 48])
async def test_a_page_that_we_never_showed_buys_nothing(window: Window, sandbox: LocalStripe, page: str) -> None:
    first, second = await vase(window), await vase(window, "Bol")
    path, shown = await follow(window, f"/buy/{variant(first)}:1,{variant(second)}:1")
    answer = await send(window, path, fields(shown) | {"page": page})
    assert (answer.status_code, await window.orders()) == (422, [])
    assert (await send(window, path, fields(answer))).status_code == 303


@ONCE
@pytest.mark.parametrize("quantity", ["-1", "1e3", "1000", "x", "1.5", "9" * 500, "١"])
async def test_what_is_no_quantity_is_refused(window: Window, sandbox: LocalStripe, quantity: str) -> None:
    first, second = await vase(window), await vase(window, "Bol")
    path, page = await follow(window, f"/buy/{variant(first)}:1,{variant(second)}:1")
    answer = await send(window, path, fields(page) | {"q1": quantity})
    assert (answer.status_code, await window.orders()) == (400, [])


@ONCE
async def test_fifty_lines_are_one_form(window: Window, sandbox: LocalStripe) -> None:
    sizes = [
        VariantCreate(options={"Taille": f"T{n}"}, available=2, prices=[PriceIn(amount=500, currency="EUR")])
        for n in range(50)
    ]
    product = await window.product(variants=sizes)
    path, page = await follow(window, f"/buy/{','.join(f'{each.variant_id}:1' for each in product.offers)}")
    assert (await send(window, path, fields(page))).status_code == 303
    _, lines = await window.order()
    assert len(lines) == 50


@ONCE
async def test_other_sites_cannot_press_our_button(window: Window, sandbox: LocalStripe) -> None:
    first, second = await vase(window), await vase(window, "Bol")
    path, page = await follow(window, f"/buy/{variant(first)}:1,{variant(second)}:1")
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        answer = await window.visitor.post(path, data=fields(page), headers=HTML | headers)
        assert answer.status_code == 403
