"""One page for whoever asks in the same words: true for each of them, and nothing of one visitor's in another's."""

import re

import pytest
import sqlalchemy as sa
from httpx2 import Response
from sqlmodel import col

from catalog import prices, products, stock
from catalog.schemas import PriceIn, ProductChange, StockChange
from core import ids, shops
from core.db import table_of
from core.shops import ShopChange
from social.links.models import Link
from tests.api.pages.conftest import HTML, Elements, Window, form
from tests.api.pages.test_discounts import discount

_MARK = re.compile(r"(?:utm_|nonce|click|source)[0-9a-f]{32}")


async def _open(window: Window, path: str, headers: dict[str, str] | None = None, **query: str) -> Response:
    page = await window.visitor.get(path, params=query, headers=HTML | (headers or {}))
    assert _MARK.search(page.text) is None
    return page


async def _pages(window: Window) -> tuple[Link, list[str]]:
    """A link, its page, and the product's own."""
    product = await window.product()
    link = await window.link(product)
    return link, [f"/go/{link.slug}", window.path(product)]


async def test_each_visitor_gets_what_is_their_own(window: Window) -> None:
    link, paths = await _pages(window)
    for path in paths:
        nonces = set()
        for name in ("anna", "b&b", "anna"):
            token = window.click(link)
            headers = {"referer": "https://www.instagram.com/" if name == "anna" else f"https://{len(name)}.example/"}
            page = await _open(window, path, headers, sl=token, fbclid=name, utm_source="ig", lang="en")
            fields = form(page)
            assert fields["sl"] == token
            assert fields["from"] == ("www.instagram.com" if name == "anna" else "3.example")
            nonces.add(fields["page"])
            ways = [each["href"] for each in Elements(page.text).named("a") if "hreflang" in each]
            assert ways
            for way in ways:
                assert (token in way, f"fbclid={'b%26b' if name == 'b&b' else name}" in way) == (True, True)
        assert len(nonces) == 3


async def test_nobody_gets_what_those_before_brought_along(window: Window) -> None:
    link, paths = await _pages(window)
    for path in paths:
        token = window.click(link)
        await _open(window, path, {"referer": "https://www.instagram.com/"}, sl=token, utm_campaign="noel")
        page = await _open(window, path)
        assert [each for each in (token, "noel", "instagram.com") if each in page.text] == []
        assert {"sl", "from"}.isdisjoint(form(page))


async def test_what_changes_is_seen_at_once(window: Window) -> None:
    product = await window.product()
    link = await window.link(product)
    paths = [f"/go/{link.slug}", window.path(product)]
    small = product.offers[0].variant_id

    async def shown(text: str) -> list[bool]:
        return [text in (await _open(window, path)).text for path in paths for _ in range(2)]

    assert await shown("54,00\u00a0€") == [False] * 4
    async with window.db.transaction() as session:
        await prices.replace(session, window.shop, small, [PriceIn(amount=5400, currency="EUR")])
    assert await shown("54,00\u00a0€") == [True] * 4
    async with window.db.transaction() as session:
        await stock.set_available(session, window.shop, small, StockChange(available=2))
    assert await shown("Plus que 2") == [True] * 4
    async with window.db.transaction() as session:
        await products.change(session, window.shop, product.product_id, ProductChange(title="Robe Encre"), None)
    assert await shown("Robe Encre") == [True] * 4
    async with window.db.transaction() as session:
        shop = await shops.get(session, window.shop.id)
        await shops.change(session, shop, ShopChange(accent_colour="#12ab34", name="Atelier Soleil"), None)
    assert await shown("Atelier Soleil") == [True] * 4
    await discount(window, code=None, title="Fête")
    assert await shown("Fête") == [True] * 4
    async with window.db.transaction() as session:
        await products.change(session, window.shop, product.product_id, ProductChange(status="draft"), None)
    assert [(await window.visitor.get(path, headers=HTML)).status_code for path in paths] == [404, 404]


async def test_a_code_that_is_changed_is_another_price_at_once(window: Window) -> None:
    product = await window.product()
    link = await window.link(product, code="LUNE10")
    assert "57,60" not in (await _open(window, f"/go/{link.slug}")).text
    made = await discount(window)
    for path in (f"/go/{link.slug}", window.path(product)):
        for _ in range(2):
            assert "57,60" in (await _open(window, path, sl=window.click(link))).text
        assert ("57,60" in (await _open(window, path)).text) == path.startswith("/go/")
    async with window.db.transaction() as session:
        await session.core(sa.delete(table_of(type(made))).where(col(type(made).id) == made.id))
    assert "57,60" not in (await _open(window, f"/go/{link.slug}")).text


@pytest.mark.parametrize("consent", ["none", "statistics"])
async def test_whether_time_is_measured_is_each_visitors_own(window: Window, consent: str) -> None:
    link, paths = await _pages(window)
    async with window.db.transaction() as session:
        (await shops.get(session, window.shop.id)).consent = consent
    for path in paths:
        for _ in range(2):
            lets = await _open(window, path, sl=window.click(link))
            objects = await _open(window, path, {"sec-gpc": "1"}, sl=window.click(link))
            forged = await _open(window, path, sl="A" * 51)
            found = ["data-beacon" in each.text for each in (lets, objects, forged)]
            assert found == [consent == "statistics", False, False]


async def test_who_comes_back_from_the_payment_page_finds_their_own_choice(window: Window) -> None:
    product = await window.product()
    link = await window.link(product)
    first = form(await _open(window, f"/go/{link.slug}"))
    await stock_out(window, product.offers[2].variant_id)
    back = await _open(window, f"/go/{link.slug}", page=first["page"], variant=product.offers[2].variant_id)
    assert (form(back)["page"], form(back)["variant"]) == (first["page"], product.offers[2].variant_id)
    other = form(await _open(window, f"/go/{link.slug}", variant=product.offers[2].variant_id))
    assert (other["page"] == first["page"], other["variant"]) == (False, product.offers[0].variant_id)


async def stock_out(window: Window, variant_id: str) -> None:
    """Somebody else takes the last piece."""
    async with window.db.transaction() as session:
        await stock.set_available(session, window.shop, variant_id, StockChange(available=0))


async def test_a_preview_and_a_person_never_get_each_others_page(window: Window) -> None:
    link, _ = await _pages(window)
    bot = {"user-agent": "facebookexternalhit/1.1"}
    for _ in range(2):
        assert "<form" in (await _open(window, f"/go/{link.slug}")).text
        assert "<form" not in (await _open(window, f"/go/{link.slug}", bot)).text
    assert (await window.visitor.get(f"/go/{ids.new('link')}", headers=HTML)).status_code == 404
