"""Links that carry a code: the lower price is shown, and a code that is not good never stands in the way."""

import re
from datetime import timedelta

import msgspec
import pytest

from checkout.discounts import discounts
from checkout.discounts.models import Discount
from checkout.discounts.schemas import DiscountCreate
from core import clock
from tests.api.pages.conftest import Elements, Window, form
from tests.api.pages.permalinking import follow, send, variant, vase
from tests.local_stripe import LocalStripe


@pytest.fixture
def engine() -> str:
    """The database plays no part here."""
    return "sqlite"


async def discount(window: Window, **changes: object) -> Discount:
    """A tenth off, for those who know LUNE10."""
    given = {"title": "Lune", "code": "LUNE10", "terms": {"kind": "percentage", "rate": 1000}} | changes
    async with window.db.transaction() as session:
        return await discounts.create(session, window.shop, msgspec.convert(given, DiscountCreate))


async def test_a_link_with_a_code_shows_and_charges_the_lower_price(window: Window, sandbox: LocalStripe) -> None:
    await discount(window)
    product = await window.product(
        options=[], variants=[{"available": 5, "prices": [{"amount": 6400, "currency": "EUR"}]}]
    )
    link = await window.link(product, code="lune10")
    page = await window.look(link)
    assert "LUNE10\u00a0: 57,60\u00a0€ au lieu de 64,00\u00a0€" in page.text
    answer = await window.buy(link)
    assert answer.status_code == 303
    order, _ = await window.order()
    assert (order.amount_subtotal, order.amount_discount, order.amount_total) == (6400, 640, 5760)


async def test_where_prices_differ_each_is_shown_with_the_discount_taken_off(window: Window) -> None:
    await discount(window)
    page = await window.look(await window.link(await window.product(), code="LUNE10"))
    assert "LUNE10\u00a0: réduction déjà comprise dans les prix ci-dessous" in page.text
    bar = re.findall(r"<strong>(?:<span[^>]*>[^<]*</span>)?([^<]+)</strong>", page.text)
    assert bar == ["57,60\u00a0€", "62,10\u00a0€"]
    assert re.findall(r"<s>([^<]+)</s>", page.text.partition('class="bar"')[2]) == ["64,00\u00a0€", "69,00\u00a0€"]


async def test_the_bar_beside_buy_shows_what_will_be_paid(window: Window, sandbox: LocalStripe) -> None:
    await discount(window, code=None)
    product = await window.product(
        options=[],
        variants=[{"available": 5, "prices": [{"amount": 6400, "currency": "EUR", "compare_at": 7900}]}],
    )
    page = await window.look(link := await window.link(product))
    bar = Elements(page.text.partition('class="bar"')[2].partition("</div>\n<button")[0]).text
    assert "Prix 57,60 €" in bar
    assert "Prix avant réduction 64,00 €" in bar
    assert "pour une pièce" in bar
    assert (await window.buy(link)).status_code == 303
    assert (await window.order())[0].amount_total == 5760


async def test_what_everybody_gets_is_shown_on_every_link(window: Window) -> None:
    await discount(window, code=None, terms={"kind": "free_shipping"})
    page = await window.look(await window.link(await window.product()))
    assert "Lune\u00a0: livraison offerte" in page.text


@pytest.mark.parametrize("code", ["JAMAIS", "PASSE", "EPUISE"])
async def test_a_code_that_is_not_good_costs_no_sale(window: Window, sandbox: LocalStripe, code: str) -> None:
    await discount(window, code="PASSE", ends_at=clock.now() - timedelta(days=1))
    used_up = await discount(window, code="EPUISE", limit_total=1)
    async with window.db.transaction() as session:
        used_up.used = 1
        session.add(used_up)
    link = await window.link(await window.product(), code=code)
    page = await window.look(link)
    assert code not in page.text
    assert (await window.buy(link)).status_code == 303
    order, _ = await window.order()
    assert (order.amount_discount, order.amount_total) == (0, 6400)


@pytest.mark.parametrize("quantity", ["1", "2"])
async def test_a_discount_that_ended_since_the_page_was_opened_is_told(
    window: Window, sandbox: LocalStripe, quantity: str
) -> None:
    given = await discount(window, code=None)
    product = await window.product(
        options=[], variants=[{"available": 5, "prices": [{"amount": 6400, "currency": "EUR"}]}]
    )
    link = await window.link(product)
    fields = form(await window.look(link)) | {"quantity": quantity}
    async with window.db.transaction() as session:
        await discounts.archive(session, window.shop, given.id)
    answer = await window.send(link, fields)
    assert (answer.status_code, "Le prix a changé" in answer.text, await window.orders()) == (409, True, [])
    assert (await window.send(link, form(answer) | {"quantity": quantity})).status_code == 303
    order, _ = await window.order()
    assert order.amount_total == 6400 * int(quantity)


async def test_who_has_had_a_code_already_hears_the_price_without_it(window: Window, sandbox: LocalStripe) -> None:
    await discount(window, limit_per_customer=1)
    product = await window.product(
        options=[], variants=[{"available": 5, "prices": [{"amount": 6400, "currency": "EUR"}]}]
    )
    link = await window.link(product, code="LUNE10")
    assert (await window.buy(link)).status_code == 303
    told = await window.buy(link)
    assert (told.status_code, "64,00\u00a0€ pour votre choix" in told.text) == (409, True)
    assert (await window.send(link, form(told))).status_code == 303
    assert [order.amount_total for order in await window.orders()] == [6400, 5760]


async def test_a_code_that_came_with_a_permalink_says_which_network_it_was_given_out_on(
    window: Window, sandbox: LocalStripe
) -> None:
    await discount(window)
    product = await vase(window)
    await window.link(product, "pinterest", "lune10")
    path = f"/s/{window.shop.slug}/buy/{variant(product)}:1?discounts/codes/0=LUNE10"
    location, page = await follow(window, path)
    assert (await send(window, location, form(page))).status_code == 303
    order, _ = await window.order()
    assert (order.network, order.method, order.confidence, order.link_id) == ("pinterest", "code", "medium", None)
