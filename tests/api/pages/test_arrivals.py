"""Who lands by a tap: counted once, and kept in a cookie only where the shop may and the visitor does not object."""

from datetime import timedelta

import pytest
from httpx2 import Response
from sqlmodel import select

from checkout import attribution
from core import clock, shops
from social.links import token
from social.links.models import ClickHour, Link
from tests.api.pages.conftest import HTML, Window, form
from tests.api.pages.test_permalinks import another_shop
from tests.local_stripe import LocalStripe

PHONE = {
    "user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.1 Mobile/15E148 Safari/604.1"
}

IN_APP = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Mobile/15E148 Instagram 360.0.0.30.109 (iPhone15,2; iOS 18_1; fr_FR)"
)


async def _consent(window: Window, consent: str) -> None:
    async with window.db.transaction() as session:
        row = await shops.get(session, window.shop.id)
        row.consent = consent


async def _open(window: Window, link: Link, text: str, **headers: str) -> Response:
    query = {"sl": text} if text else {}
    return await window.visitor.get(f"/go/{link.slug}", params=query, headers=HTML | PHONE | headers)


async def _landings(window: Window) -> int:
    await window.app.redirect.folder.fold_now()
    async with window.db.read() as session:
        return sum((await session.exec(select(ClickHour.landings))).all())


def _kept(window: Window) -> list[str]:
    value = window.visitor.cookies.get(f"sl-{window.shop.id}", path="/go")
    assert value == window.visitor.cookies.get(f"sl-{window.shop.id}", path=f"/s/{window.shop.slug}")
    return value.split(".") if value else []


async def test_a_tap_lands_once_however_often_its_page_is_opened(window: Window) -> None:
    link = await window.link(await window.product())
    text = window.click(link)
    for _ in range(3):
        assert (await _open(window, link, text)).status_code == 200
    await window.visitor.head(f"/go/{link.slug}", params={"sl": window.click(link)}, headers=PHONE)
    assert await _landings(window) == 1


async def test_programs_and_tokens_that_are_none_do_not_land(window: Window) -> None:
    product = await window.product()
    link, other = await window.link(product), await window.link(product)
    for agent in ("facebookexternalhit/1.1", "Googlebot/2.1", "curl/8", ""):
        await _open(window, link, window.click(link), **{"user-agent": agent})
    await _open(window, link, window.click(link), **{"sec-purpose": "prefetch;prerender"})
    old = token.issue(window.app.services.vault, link.number, clock.now() - timedelta(days=31))
    for text in ("", "A" * 51, old, window.click(link)[:-1] + "!", window.click(other), "%00", "x" * 8000):
        assert (await _open(window, link, text)).status_code < 500
    assert await _landings(window) == 0


@pytest.mark.parametrize("consent", ["none", "statistics"])
async def test_no_cookie_is_set_where_the_shop_does_not_keep_any(window: Window, consent: str) -> None:
    await _consent(window, consent)
    link = await window.link(await window.product())
    page = await _open(window, link, window.click(link))
    assert "set-cookie" not in page.headers
    assert await _landings(window) == 1, "counted all the same"


async def test_the_last_five_taps_are_kept_for_as_long_as_they_count(window: Window) -> None:
    await _consent(window, "attribution")
    link = await window.link(await window.product())
    texts = [window.click(link) for _ in range(6)]
    for text in texts[:-1]:
        await _open(window, link, text)
    cookies = (await _open(window, link, texts[-1])).headers.get_list("set-cookie")
    for path, cookie in zip(("/go", f"/s/{window.shop.slug}"), sorted(cookies), strict=True):
        assert {"HttpOnly", f"Path={path}", "SameSite=lax"} <= set(cookie.split("; "))
        (age,) = (int(each.removeprefix("Max-Age=")) for each in cookie.split("; ") if each.startswith("Max-Age="))
        assert 29 * 86400 < age <= 30 * 86400
    assert set(_kept(window)) == set(texts[1:])
    assert "set-cookie" not in (await _open(window, link, texts[-1])).headers, "nothing has changed"
    assert "set-cookie" not in (await _open(window, link, "")).headers


@pytest.mark.parametrize("header", ["sec-gpc", "dnt"])
async def test_who_objects_gets_no_cookie_and_loses_an_old_one(
    window: Window, sandbox: LocalStripe, header: str
) -> None:
    await _consent(window, "attribution")
    product = await window.product()
    link, other = await window.link(product), await window.link(product, "pinterest")
    assert "set-cookie" not in (await _open(window, link, window.click(link), **{header: "1"})).headers
    await _open(window, other, window.click(other))
    assert len(_kept(window)) == 1
    window.visitor.headers[header] = "1"
    await window.buy(link)
    order, _ = await window.order()
    assert (order.network, order.method) == ("instagram", "link")
    async with window.db.read() as session:
        assert await attribution.touches(session, order) == [], "what was kept is not read"
    assert _kept(window) == []
    assert await _landings(window) == 2


async def test_an_old_cookie_goes_where_the_shop_keeps_none_any_more(window: Window) -> None:
    await _consent(window, "attribution")
    link = await window.link(await window.product())
    await _open(window, link, window.click(link))
    assert len(_kept(window)) == 1
    await _consent(window, "statistics")
    page = await _open(window, link, "")
    assert "Max-Age=0" in page.headers["set-cookie"]
    assert _kept(window) == []


async def test_an_earlier_tap_stands_with_the_order_of_a_later_day(window: Window, sandbox: LocalStripe) -> None:
    await _consent(window, "attribution")
    product = await window.product()
    pin, story = await window.link(product, "pinterest"), await window.link(product)
    await _open(window, pin, window.click(pin))
    text = window.click(story)
    await window.buy(story, {"sl": text})
    order, _ = await window.order()
    assert (order.network, order.method, order.link_id, order.click_token) == ("instagram", "token", story.id, text)
    async with window.db.read() as session:
        found = await attribution.touches(session, order)
    assert [(each.link_id, each.via) for each in found] == [(pin.id, "cookie"), (story.id, "token")]


async def test_without_a_token_in_the_address_the_kept_tap_of_that_link_is_the_click(
    window: Window, sandbox: LocalStripe
) -> None:
    await _consent(window, "attribution")
    link = await window.link(await window.product(), None)
    text = window.click(link)
    await _open(window, link, text)
    await window.buy(link)
    order, _ = await window.order()
    assert (order.network, order.link_id, order.click_token) == ("unknown", link.id, text)


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_junk_in_a_cookie_harms_nobody_and_is_thrown_away(window: Window, sandbox: LocalStripe) -> None:
    await _consent(window, "attribution")
    link = await window.link(await window.product())
    name = f"sl-{window.shop.id}"
    for junk in ("x", "." * 4000, "A" * 51, ".".join(["A" * 51] * 9), '"\\000"', "%ff", "=;"):
        page = await _open(window, link, "", cookie=f"{name}={junk}; {name}={junk}")
        assert page.status_code == 200, junk
        good = window.click(link)
        page = await _open(window, link, good, cookie=f"{name}={junk}")
        assert page.headers["set-cookie"].startswith(f"{name}={good};"), junk
    window.visitor.cookies.clear()
    window.visitor.cookies.set(name, "A" * 51)
    await window.buy(link)
    order, _ = await window.order()
    assert (order.method, order.click_id) == ("link", None)


async def test_a_parameter_that_comes_twice_with_different_values_is_none(window: Window, sandbox: LocalStripe) -> None:
    product = await window.product()
    link, other = await window.link(product), await window.link(product, "pinterest")
    mine, foreign = window.click(link), window.click(other)
    page = await window.visitor.get(f"/go/{link.slug}?sl={mine}&sl={foreign}&epik=1&epik=2", headers=HTML | PHONE)
    assert page.status_code == 200
    assert await _landings(window) == 0
    fields = form(page)
    assert (await window.send(link, fields | {"sl": ""})).status_code == 303
    order, _ = await window.order()
    assert (order.network, order.method, order.click_id) == ("instagram", "link", None)


@pytest.mark.parametrize("page", ["gallery", "product"])
async def test_another_shops_tap_neither_lands_nor_pushes_out_the_shops_own(window: Window, page: str) -> None:
    await _consent(window, "attribution")
    product = await window.product()
    path = window.path(product) if page == "product" else f"/s/{window.shop.slug}"
    away = await another_shop(window)
    mine, foreign = await window.link(product), await away.link(await away.product())
    own = window.click(mine)
    assert "/go/beacon" in (await window.visitor.get(path, params={"sl": own}, headers=HTML | PHONE)).text
    for _ in range(5):
        shown = await window.visitor.get(path, params={"sl": away.click(foreign)}, headers=HTML | PHONE)
        assert shown.status_code == 200
        assert "/go/beacon" not in shown.text
    assert _kept(window) == [own]
    assert await _landings(window) == 1


async def test_a_tap_on_a_link_that_is_archived_lands_all_the_same(window: Window) -> None:
    product = await window.product()
    link = await window.link(product)
    async with window.db.transaction() as session:
        (await session.get_one(Link, link.id)).active = False
    await window.visitor.get(window.path(product), params={"sl": window.click(link)}, headers=HTML | PHONE)
    assert await _landings(window) == 1


@pytest.mark.parametrize(("consent", "clicks"), [("none", 2), ("statistics", 1)])
async def test_what_an_app_fetched_and_the_tap_of_whom_it_shows_it_count_once(
    window: Window, consent: str, clicks: int
) -> None:
    await _consent(window, consent)
    link = await window.link(await window.product())
    for agent in ("Instagram/385.0.0 CFNetwork/1568.200.51 Darwin/24.1.0", IN_APP):
        hit = await window.visitor.get(f"/l/{link.slug}", headers=HTML | {"user-agent": agent})
        assert hit.status_code == 302
        shown = await window.visitor.get(hit.headers["location"], headers=HTML | {"user-agent": IN_APP})
        assert shown.status_code == 200
    assert await _landings(window) == clicks
    async with window.db.read() as session:
        assert sum((await session.exec(select(ClickHour.clicks))).all()) == clicks


async def test_an_order_knows_the_app_whose_browser_its_buyer_was_in(window: Window, sandbox: LocalStripe) -> None:
    link = await window.link(await window.product())
    window.visitor.headers["user-agent"] = (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        "Mobile/15E148 Instagram 360.0.0.30.109 (iPhone15,2; iOS 18_1; fr_FR)"
    )
    await window.buy(link, {"sl": window.click(link)})
    window.visitor.headers["user-agent"] = PHONE["user-agent"]
    await window.buy(link, {"sl": window.click(link)})
    assert [each.in_app for each in await window.orders()] == [None, "instagram"]
