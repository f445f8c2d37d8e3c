"""Pages of links that have not begun or have ended, that pay by one tap, or whose product is not what it was."""

from datetime import timedelta

import pytest

from catalog import prices, products
from catalog.offers import ProductOffers
from catalog.schemas import PriceIn, ProductChange
from core import clock
from social.links import links
from social.links.models import Link
from social.links.schemas import LinkChange
from social.links.terms import Ended, LinkItem
from tests.api.pages.conftest import Elements, Window, form
from tests.local_stripe import LocalStripe

HOUR = timedelta(hours=1)


async def change(window: Window, link: Link, data: LinkChange) -> None:
    async with window.db.transaction() as session:
        await links.change(session, window.shop, link.id, data, None)


async def test_a_link_that_has_not_begun_says_so_and_sells_nothing(window: Window) -> None:
    link = await window.link(await window.product())
    await window.product(title="Robe Nuit")
    await change(window, link, LinkChange(starts_at=clock.now() + HOUR))
    page = await window.look(link)
    elements = Elements(page.text)
    assert (page.status_code, elements.named("form")) == (200, [])
    assert "pas encore commencé" in elements.text
    assert "Robe Nuit" not in elements.text


@pytest.mark.parametrize(("ended", "others"), [("page", False), ("similar", True)])
async def test_a_link_that_has_ended_says_so_and_shows_something_else_where_it_should(
    window: Window, ended: Ended, *, others: bool
) -> None:
    link = await window.link(await window.product())
    other = await window.product(title="Robe Nuit")
    await change(window, link, LinkChange(ends_at=clock.now() - HOUR, ended=ended))
    page = await window.look(link, sl=window.click(link))
    elements = Elements(page.text)
    assert (page.status_code, elements.named("form")) == (410, [])
    assert "Cette offre est terminée." in elements.text
    assert ("Robe Nuit" in elements.text) == others
    assert (f"product={other.product_id}" in page.text) == others


async def test_what_resembles_most_is_shown_first(window: Window) -> None:
    link = await window.link(await window.product(tags=["lin", "été", "robe"]))
    for title, tags in (("Un", ["robe"]), ("Deux", ["lin", "robe"]), ("Trois", ["été", "lin", "robe"]), ("Rien", [])):
        await window.product(title=title, tags=tags)
    await window.product(title="Caché", tags=["été", "lin", "robe"], status="draft")
    await change(window, link, LinkChange(ends_at=clock.now() - HOUR, ended="similar"))
    names = [each for each in Elements((await window.look(link)).text).texts if each in ("Un", "Deux", "Trois", "Rien")]
    assert names == ["Trois", "Deux", "Un", "Rien"]


async def test_a_tap_on_buy_after_the_end_sells_nothing(window: Window, sandbox: LocalStripe) -> None:
    link = await window.link(await window.product())
    fields = form(await window.look(link))
    await change(window, link, LinkChange(ends_at=clock.now()))
    answer = await window.send(link, fields)
    assert answer.status_code == 410
    assert "Cette offre est terminée." in Elements(answer.text).text
    assert await window.orders() == []


async def test_what_an_ended_link_shows_instead_can_be_bought_and_the_link_is_credited(
    window: Window, sandbox: LocalStripe
) -> None:
    link = await window.link(await window.product())
    other = await window.product(title="Robe Nuit")
    await change(window, link, LinkChange(ends_at=clock.now() - HOUR, ended="similar"))
    answer = await window.buy(link, {"product": other.product_id, "sl": window.click(link)})
    assert answer.status_code == 303
    order, (line,) = await window.order()
    assert (order.link_id, line.product_id) == (link.id, other.product_id)


async def test_one_tap_pays_the_variant_that_the_link_names(window: Window, sandbox: LocalStripe) -> None:
    product = await window.product()
    large = product.offers[2]
    link = await window.link(product)
    page = await window.look(link, pay="1", variant=large.variant_id)
    elements = Elements(page.text)
    assert [each["name"] for each in elements.named("input") if each.get("type") == "radio"] == []
    assert form(page)["variant"] == large.variant_id
    assert "69,00" in elements.text
    assert "64,00" not in elements.text
    answer = await window.send(link, form(page), {"pay": "1", "variant": large.variant_id})
    assert answer.status_code == 303
    (_, (line,)) = await window.order()
    assert (line.variant_id, line.quantity) == (large.variant_id, 1)


async def test_where_the_variant_of_one_tap_is_sold_out_there_is_a_choice(window: Window) -> None:
    product = await window.product()
    link = await window.link(product)
    page = await window.look(link, pay="1", variant=product.offers[1].variant_id)
    assert "Le modèle demandé est épuisé." in Elements(page.text).text
    assert len(Elements(page.text).named("input", type="radio")) == 3


@pytest.mark.parametrize("variant", ["var_01k00000000000000000000000", "x", "'", "é" * 300])
async def test_a_variant_that_nobody_knows_leaves_a_page_to_buy_from(window: Window, variant: str) -> None:
    link = await window.link(await window.product())
    page = await window.look(link, pay="1", variant=variant)
    assert (page.status_code, len(Elements(page.text).named("form"))) == (200, 1)


async def _basket(window: Window, *products: ProductOffers, code: str | None = None) -> Link:
    """A link to two pieces of each product's first variant."""
    link = await window.link(products[0], code=code)
    items = [LinkItem(variant_id=each.offers[0].variant_id, quantity=2) for each in products]
    await change(window, link, LinkChange(items=items))
    return link


async def test_a_link_with_items_leads_to_their_basket_and_its_order_is_the_links(
    window: Window, sandbox: LocalStripe
) -> None:
    first, second = await window.product(), await window.product(title="Robe Nuit")
    link = await _basket(window, first, second)
    page = await window.look(link)
    elements = Elements(page.text)
    assert page.status_code == 200
    assert [each["name"] for each in elements.named("select")][:2] == ["q1", "q2"]
    assert "256,00" in elements.text
    fields = {each["name"]: each["value"] for each in elements.named("input", type="hidden")} | {"q1": "2", "q2": "2"}
    answer = await window.send(link, fields)
    assert answer.status_code == 303
    order, lines = await window.order()
    assert [(each.product_id, each.quantity) for each in lines] == [(first.product_id, 2), (second.product_id, 2)]
    assert (order.link_id, order.network, order.method) == (link.id, "instagram", "link")


async def test_a_link_with_one_item_leads_to_its_page_with_the_quantity_chosen(window: Window) -> None:
    link = await _basket(window, await window.product())
    elements = Elements((await window.look(link)).text)
    (chosen,) = [each for each in elements.named("option") if "selected" in each]
    assert elements.named("select", name="quantity")
    assert chosen == {"selected": ""}


async def test_a_basket_whose_link_has_ended_is_not_shown(window: Window) -> None:
    link = await _basket(window, await window.product(), await window.product(title="Robe Nuit"))
    await change(window, link, LinkChange(ends_at=clock.now() - HOUR))
    page = await window.look(link)
    assert (page.status_code, Elements(page.text).named("form")) == (410, [])


async def test_a_rule_may_lead_past_the_basket(window: Window) -> None:
    first, second = await window.product(), await window.product(title="Robe Nuit")
    link = await _basket(window, first, second)
    page = await window.look(link, product=second.product_id)
    assert "Robe Nuit" in page.text
    assert form(page)["variant"] == second.offers[0].variant_id


async def _renamed(window: Window, product: ProductOffers) -> None:
    async with window.db.transaction() as session:
        await products.change(session, window.shop, product.product_id, ProductChange(title="Robe Aube"), None)


async def test_a_renamed_product_says_what_it_was_called(window: Window) -> None:
    product = await window.product()
    link = await window.link(product)
    assert "s’appelait" not in (await window.look(link)).text
    await _renamed(window, product)
    text = Elements((await window.look(link)).text).text
    assert "Robe Aube" in text
    assert "s’appelait « Robe Brume »" in text
    assert "s’appelait" not in Elements((await window.look(await window.link(product))).text).text


async def test_another_price_than_on_the_day_of_the_post_is_told_without_the_old_one(window: Window) -> None:
    product = await window.product()
    link = await window.link(product)
    assert "Le prix a changé" not in (await window.look(link)).text
    async with window.db.transaction() as session:
        for offer in product.offers:
            await prices.replace(session, window.shop, offer.variant_id, [PriceIn(amount=7100, currency="EUR")])
    text = Elements((await window.look(link)).text).text
    assert "Le prix a changé depuis que ce lien a été publié." in text
    assert "64,00" not in text
